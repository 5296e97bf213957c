# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that tests the collection, as sessions of nox. The Makefile runs them; docs/development.md tells about them.

The sessions of antsibull-nox (lint, docs-check, extra-checks, build-import-check) are set up in antsibull-nox.toml.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import antsibull_nox
import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests"))

from tools import collection_tree, sanity_environment

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# ansible-core: the oldest that the collection supports, the newest that this Python runs, and the one to come.
OLDEST = "2.16"
NEWEST = "2.19" if sys.version_info < (3, 12) else "2.21"
NEXT = "2.22.0rc1"
# Those of the others in which a task may differ by the way it goes, as far as this Python runs them.
COMPARED = [core for core, python in {"2.19.0": (3, 12), NEXT: (3, 13)}.items() if sys.version_info >= python]
# For the benchmark: an ansible-core, and the release of the package ansible that goes with it, from which the peer is taken.
BENCHED = {"2.16": "9.13.0", "2.19": "12.3.0", "2.21": "14.5.0"}
# The release of the package ansible that the collection awx.awx is taken from.
WITH_AWX = "12.3.0"
# What hardly depends on the version of ansible-core, and takes long, or needs more than ansible-core.
ONCE = ("awx", "many_jobs")

nox.options.envdir = str(collection_tree.workspace(ROOT) / f"nox-{PYTHON}")
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"

antsibull_nox.load_antsibull_nox_toml()


@nox.session
def units(session: nox.Session) -> None:
    """Unit tests, with the newest ansible-core."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    paths = [str(collection_tree.linked(ROOT)), str(ROOT / "tests")]
    environment = {"PYTHONPATH": os.pathsep.join(paths)}
    session.run("pytest", "--numprocesses=2", "tests/unit", *session.posargs, env=environment)


@nox.session
@nox.parametrize("ansible_core", [OLDEST, NEWEST], ids=[OLDEST, NEWEST])
def integration(session: nox.Session, ansible_core: str) -> None:
    """Integration tests: the built and installed collection against the API emulator. Tasks run in ansible-core's own process.

    What is about the API, and hardly about ansible-core, runs with the newest one only.
    """
    selection = ["-m", "not api"] if ansible_core == OLDEST else []
    run_integration(session, f"ansible-core~={ansible_core}.0", *selection, *ignored(*ONCE))


@nox.session
def integration_module(session: nox.Session) -> None:
    """The same by the module, less what is about the API, and what tries both ways anyway, with each ansible-core."""
    run_integration(session, f"ansible-core~={OLDEST}.0", "-m", "not api", *ignored("in_process", "inventory", *ONCE), in_process="false")


@nox.session
@nox.parametrize("ansible_core", COMPARED, ids=COMPARED)
def both_ways(session: nox.Session, ansible_core: str) -> None:
    """The comparison of both ways with more versions of ansible-core."""
    run_integration(session, f"ansible-core~={ansible_core}", folders=["in_process"])


@nox.session
def many(session: nox.Session) -> None:
    """A thousand jobs by loop, inventory and slices, and what concerns AWX, with its modules, ansible-runner and ansible-builder."""
    session.install("-r", "requirements-awx.txt")
    session.install("--no-deps", f"ansible=={WITH_AWX}")
    run_integration(session, f"ansible-core~={NEWEST}.0", folders=ONCE)


@nox.session(default=False)
def integration_next(session: nox.Session) -> None:
    """Integration tests with the next ansible-core, a release candidate that needs Python 3.13."""
    if sys.version_info < (3, 13):
        session.skip(f"ansible-core {NEXT} needs Python 3.13 or later")
    run_integration(session, f"ansible-core=={NEXT}", *ignored(*ONCE))


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity, with the newest ansible-core."""
    session.install(f"ansible-core~={NEWEST}.0")
    tree = collection_tree.inside(collection_tree.copied(ROOT))
    environment = {"PATH": sanity_environment.search_path([Path(sys.base_prefix, "bin")])}
    with session.chdir(tree), sanity_environment.pip_bootstrap(site_packages(session)):
        session.run("ansible-test", "sanity", "--venv", "--python", PYTHON, "--color", "no", *session.posargs, env=environment)


@nox.session
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint's production profile over the repository."""
    session.install("-r", "requirements-lint.txt", f"ansible-core~={NEWEST}.0")
    session.install("--no-deps", f"ansible=={WITH_AWX}")
    # ansible-lint installs the collection itself, below ANSIBLE_HOME.
    environment = {"ANSIBLE_HOME": str(collection_tree.workspace(ROOT) / "ansible-lint")}
    session.run("ansible-lint", "--strict", *session.posargs, env=environment)


@nox.session
def changelog(session: nox.Session) -> None:
    """The changelog and its fragments."""
    session.install("-r", "requirements-dev.txt")
    session.run("antsibull-changelog", "lint")


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Shows the collection at work on the API emulator."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    environment = {"NORTHFLANK_COLLECTIONS": str(installed_collection(session))}
    session.run("python", "tests/tools/demo.py", env=environment)


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Builds the collection's archive in this folder."""
    session.install(f"ansible-core~={NEWEST}.0")
    session.run("ansible-galaxy", "collection", "build", "--force")


@nox.session(default=False)
@nox.parametrize("ansible_core", list(BENCHED), ids=list(BENCHED))
def bench(session: nox.Session, ansible_core: str) -> None:
    """What an item of a loop costs, beside ansible-core's own debug and uri, a peer, and a bare GET."""
    if ansible_core == "2.21" and sys.version_info < (3, 12):
        session.skip(f"ansible-core {ansible_core} needs Python 3.12 or later")
    install_tests(session, f"ansible-core~={ansible_core}.0")
    session.install("-r", "requirements-bench.txt")
    session.install("--no-deps", f"ansible=={BENCHED[ansible_core]}")
    environment = {"NORTHFLANK_COLLECTIONS": str(installed_collection(session)), "PYTHONPATH": str(ROOT / "tests")}
    session.run("python", "-m", "bench", *session.posargs, env=environment)


def run_integration(session: nox.Session, ansible_core: str, *selection: str, folders: Iterable[str] = ("",), in_process: str = "") -> None:
    """Runs tests/integration, folders of it or a selection, with one version of ansible-core."""
    install_tests(session, ansible_core)
    environment = {
        "NORTHFLANK_COLLECTIONS": str(installed_collection(session)),
        "NORTHFLANK_IN_PROCESS": in_process,
        "PYTHONPATH": str(ROOT / "tests"),
    }
    paths = [f"tests/integration/{folder}" for folder in folders]
    session.run("pytest", "--numprocesses=2", "--dist=loadscope", *paths, *selection, *session.posargs, env=environment)


def ignored(*folders: str) -> list[str]:
    """The arguments that leave folders of tests/integration out."""
    return [f"--ignore=tests/integration/{folder}" for folder in folders]


def install_tests(session: nox.Session, ansible_core: str) -> None:
    """Installs what the tests need, and a version of ansible-core."""
    session.install("-r", "requirements-test.txt", ansible_core)


def installed_collection(session: nox.Session) -> Path:
    """The collection as the session's own ansible-galaxy builds and installs it."""
    return collection_tree.installed(ROOT, Path(session.bin, "ansible-galaxy"))


def site_packages(session: nox.Session) -> Path:
    """Where the session's packages are."""
    return Path(sysconfig.get_path("purelib", vars={"base": session.virtualenv.location}))
