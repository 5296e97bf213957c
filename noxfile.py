# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that tests the collection, as sessions of nox. The Makefile runs them; docs/development.md tells about them.

The sessions of antsibull-nox (lint, docs-check, extra-checks, build-import-check) are set up in antsibull-nox.toml.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import antsibull_nox
import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests"))

from tools import collection_tree, docs_site, matrix, pythons, sanity_environment

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# ansible-core: the oldest that the collection supports, and the newest that this Python runs.
OLDEST, NEWEST = matrix.CORES[0].name, matrix.newest_core(PYTHON).name
# For the benchmark: an ansible-core, and the release of the package ansible that goes with it, from which the peer is taken.
ANSIBLE_OF_BENCH = {"2.16": "9.13.0", "2.19": "12.3.0", "2.21": "14.5.0"}
# The release of the package ansible that awx.awx, ansible.posix and community.general are taken from.
ANSIBLE_OF_AWX = "12.3.0"
WITHOUT_EMULATOR = "--ignore=tests/unit/emulator"

nox.options.envdir = str(collection_tree.workspace(ROOT) / f"nox-{PYTHON}")
# uv installs in seconds what takes pip a minute. Where it must not be used: NOX_DEFAULT_VENV_BACKEND=virtualenv make test
nox.options.default_venv_backend = os.environ.get("NOX_DEFAULT_VENV_BACKEND", "uv|virtualenv")
nox.options.reuse_venv = "yes"

# Python keeps what it has compiled, for the next start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# uv has names of its own for what many machines say for pip.
for of_pip, of_uv in {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_CERT": "SSL_CERT_FILE"}.items():
    if of_pip in os.environ:
        os.environ.setdefault(of_uv, os.environ[of_pip])

antsibull_nox.load_antsibull_nox_toml()


@nox.session
def units(session: nox.Session) -> None:
    """Unit tests, with the newest ansible-core, less those of the emulator."""
    run_units(session, f"ansible-core~={NEWEST}.0", WITHOUT_EMULATOR)


@nox.session
def units_emulator(session: nox.Session) -> None:
    """The unit tests of the emulator, which schemathesis asks whatever the contract allows."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    run_pytest(session, "--dist=load", "tests/unit/emulator", env=for_units())


@nox.session
def flow(session: nox.Session) -> None:
    """Tests of tasks from their options to their results, over real HTTP to the API emulator, without ansible-playbook."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    run_pytest(session, "tests/flow", env=for_units())


@nox.session
def playbooks(session: nox.Session) -> None:
    """The built and installed collection by ansible-playbook and its like, with the newest ansible-core, less what compares both ways."""
    run_integration(session, f"ansible-core~={NEWEST}.0", *ignored("in_process", *matrix.AWX_AND_SCALE))


@nox.session
def compare_ways(session: nox.Session) -> None:
    """The same tasks in ansible-core's own process and by the module, with the newest ansible-core."""
    run_integration(session, f"ansible-core~={NEWEST}.0", folders=["in_process"])


@nox.session
def oldest(session: nox.Session) -> None:
    """What depends on the version of ansible-core, with the oldest one: values, what is shown, secrets, and a task of each kind."""
    install_tests(session, f"ansible-core~={OLDEST}.0")
    environment = {**for_integration(session), "NORTHFLANK_IN_PROCESS": ""}
    run_pytest(session, *(f"tests/integration/{path}" for path in matrix.OLDEST_TESTS), env=environment)


@nox.session
def awx_and_scale(session: nox.Session) -> None:
    """Many jobs by loop, inventory and slices, and what concerns AWX and other collections, with ansible-runner and ansible-builder."""
    run_awx_and_scale(session, f"ansible-core~={NEWEST}.0")


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity, with the newest ansible-core. Its pylint takes a minute for the tests, which only the matrix has."""
    run_sanity(session, f"ansible-core~={NEWEST}.0", PYTHON, Path(sys.base_prefix, "bin"), "sanity", "--exclude=tests/")


@nox.session
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint's production profile over the repository."""
    session.install("-r", "requirements-lint.txt", f"ansible-core~={NEWEST}.0")
    install_awx(session)
    # ansible-lint installs the collection itself, below ANSIBLE_HOME.
    environment = {"ANSIBLE_HOME": str(collection_tree.workspace(ROOT) / "ansible-lint")}
    session.run("ansible-lint", "--strict", *session.posargs, env=environment)


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """The branch coverage of plugins/ by units and integration tests together, with all the processes that they start."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    session.install("-r", "requirements-strength.txt")
    folder = collection_tree.workspace(ROOT) / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    session.env["COVERAGE_FILE"] = str(folder / "data")
    # tests/unit holds tests of the emulator, too, and tests of tools.
    measured = ["coverage", "run", "-m", "pytest", "--numprocesses=2"]
    session.run(*measured, "--dist=load", "tests/unit/plugins", *session.posargs, env=for_units())
    session.run(*measured, "--dist=loadscope", "tests/flow", *session.posargs, env=for_units())
    left_out = ignored("documentation", *matrix.AWX_AND_SCALE)
    session.run(*measured, "--dist=loadscope", "tests/integration", *left_out, *session.posargs, env=for_integration(session))
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "json", "--quiet", "--fail-under=0", "-o", str(folder / "report.json"))
    session.run("coverage", "report")
    loaded = json.loads((folder / "report.json").read_text(encoding="utf-8"))["files"]
    unseen = sorted({str(file.relative_to(ROOT)) for file in (ROOT / "plugins").rglob("*.py") if file.stat().st_size} - set(loaded))
    if unseen:
        session.error(f"No test loads {', '.join(unseen)}")


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Which changes to the pure files the unit tests notice. Those that they do not are on a list, each with the reason."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    session.install("-r", "requirements-strength.txt")
    session.run("python", "-m", "tools.mutation", env={"PYTHONPATH": str(ROOT / "tests")})


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Which deliberate faults in plugins/ no test notices: a fixed sample over all files, tried by units, flows and integration tests."""
    install_tests(session, f"ansible-core~={NEWEST}.0")
    session.install("-r", "requirements-strength.txt")
    session.run("python", "-m", "tools.mutants", *session.posargs, env={"PYTHONPATH": str(ROOT / "tests")})


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site: reference and guides. A warning, or a link within it that leads nowhere, is an error."""
    session.install("-r", "requirements-docs.txt", f"ansible-core~={NEWEST}.0")
    folder = collection_tree.workspace(ROOT) / "docs"
    sources, site = docs_site.emptied(folder / "rst"), docs_site.emptied(folder / "html")
    arguments = ["--use-current", "--squash-hierarchy", "--no-indexes", "--no-add-antsibull-docs-version", "--fail-on-error"]
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(collection_tree.linked(ROOT))}
    session.run("antsibull-docs", "collection", *arguments, f"--dest-dir={sources}", "northflank.cloud", env=environment)
    docs_site.add_own_pages(ROOT, sources)
    # -E: what an earlier call has read is not taken again.
    build = ["sphinx-build", "-q", "-E", "-n", "-W", "--keep-going", "-d", str(folder / "read"), "-c", str(docs_site.settings(ROOT))]
    session.run(*build, str(sources), str(site), *session.posargs)
    wrong = docs_site.problems(site)
    if wrong:
        session.error("\n".join(wrong))
    session.log(f"The site begins with {site / 'index.html'}")


@nox.session
def formatting(session: nox.Session) -> None:
    """Whether the Python files are formatted, and their imports in order. It changes nothing."""
    session.install("-r", "requirements-format.txt")
    session.run("ruff", "format", "--check", "--diff", ".")
    session.run("ruff", "check", ".")


@nox.session(name="format", default=False)
def format_files(session: nox.Session) -> None:
    """Formats the Python files, and puts their imports in order."""
    session.install("-r", "requirements-format.txt")
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """The types of all plugins, strictly. ansible-core itself has none."""
    session.install("-r", "requirements-typing.txt")
    arguments = [f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={collection_tree.workspace(ROOT) / 'mypy'}"]
    with session.chdir(collection_tree.linked(ROOT)):
        session.run("mypy", *arguments, "--package=ansible_collections.northflank.cloud.plugins", *session.posargs)


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
def emulator(session: nox.Session) -> None:
    """Serves the API emulator, with the jobs that the examples of the documentation name, until Ctrl-C."""
    session.install("-r", "requirements-test.txt")
    serve = ["python", "-m", "emulator", "--port=8484", "--jobs=tests/harness/examples.json", *session.posargs]
    session.run(*serve, env={"PYTHONPATH": str(ROOT / "tests")}, success_codes=[0, 130])


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Builds the collection's archive in this folder, the same from the same commit."""
    session.install(f"ansible-core~={NEWEST}.0")
    galaxy = str(Path(session.bin, "ansible-galaxy"))
    session.run("python", "-m", "tools.build", galaxy, *session.posargs, env={"PYTHONPATH": str(ROOT / "tests")})


@nox.session(default=False)
def release_changelog(session: nox.Session) -> None:
    """Moves the fragments of the changelog into an entry for the version of galaxy.yml."""
    session.install("-r", "requirements-dev.txt", f"ansible-core~={NEWEST}.0")
    session.run("antsibull-changelog", "release", *session.posargs)


@nox.session(default=False)
def release_check(session: nox.Session) -> None:
    """Says what is missing for a release. It runs with the Python that runs nox, since it runs other sessions."""
    session.install(f"ansible-core~={NEWEST}.0")
    galaxy = str(Path(session.bin, "ansible-galaxy"))
    program = [sys.executable, "-m", "tools.release_check", galaxy]
    session.run(*program, *session.posargs, external=True, env={"PYTHONPATH": str(ROOT / "tests")})


@nox.session(default=False)
@nox.parametrize("ansible_core", list(ANSIBLE_OF_BENCH), ids=list(ANSIBLE_OF_BENCH))
def bench(session: nox.Session, ansible_core: str) -> None:
    """What an item of a loop costs, beside ansible-core's own debug and uri, a peer, and a bare GET."""
    if ansible_core == "2.21" and sys.version_info < (3, 12):
        session.skip(f"ansible-core {ansible_core} needs Python 3.12 or later")
    install_tests(session, f"ansible-core~={ansible_core}.0")
    session.install("-r", "requirements-bench.txt")
    session.install("--no-deps", f"ansible=={ANSIBLE_OF_BENCH[ansible_core]}")
    environment = {"NORTHFLANK_COLLECTIONS": str(installed_collection(session)), "PYTHONPATH": str(ROOT / "tests")}
    session.run("python", "-m", "bench", *session.posargs, env=environment)


def add_to_matrix(cell: matrix.Cell, kind: str, tags: Iterable[str]) -> None:
    """Adds a session that runs the tests of a kind on an ansible-core and a Python, if this machine has that Python."""
    python = pythons.interpreter(cell.python)

    def session_of_matrix(session: nox.Session) -> None:
        if python is None:
            # Where CI is set, what has not run has not passed.
            (session.error if "CI" in os.environ else session.skip)(f"Python {cell.python} is not on this machine")
        session.env["NORTHFLANK_WHOLE" if cell.is_whole else "NORTHFLANK_QUICK"] = "1"
        if cell.stands_in_for:
            session.warn(f"Python {cell.stands_in_for}, the newest for ansible-core {cell.core.name}, is not here: {cell.python} stands in")
        run_kind(session, cell, kind, python)

    session_of_matrix.__doc__ = f"Of the matrix: {kind}, with ansible-core {cell.core.name} on Python {cell.python}."
    nox.session(name=f"{kind}-{cell.name}", python=str(python) if python else False, tags=list(tags), default=False)(session_of_matrix)


def run_kind(session: nox.Session, cell: matrix.Cell, kind: str, python: Path) -> None:
    """Runs the tests of a kind in a cell of the matrix."""
    requirement = cell.core.requirement
    if kind == "sanity":
        run_sanity(session, requirement, cell.python, python.parent, session.name)
    elif kind == "units":
        # The emulator's own tests do not depend on ansible-core, nor do those of the flow: test_as_in_flow.py shows that in each cell.
        run_units(session, requirement, *(() if cell.is_whole else (WITHOUT_EMULATOR,)))
        if cell.is_whole:
            run_pytest(session, "tests/flow", env=for_units())
    elif kind == "integration":
        run_integration(session, requirement, *ignored(*matrix.AWX_AND_SCALE))
    elif kind == "awx_and_scale":
        run_awx_and_scale(session, requirement)
    else:
        run_target(session, requirement)


def run_awx_and_scale(session: nox.Session, requirement: str) -> None:
    """Runs what needs more than ansible-core: the collections of the package ansible, ansible-runner and ansible-builder."""
    session.install("-r", "requirements-awx.txt")
    install_tests(session, requirement)
    install_awx(session)
    run_integration(session, requirement, folders=matrix.AWX_AND_SCALE)


def install_awx(session: nox.Session) -> None:
    """Installs awx.awx and the callback plugins of other collections."""
    session.install("--no-deps", f"ansible=={ANSIBLE_OF_AWX}")


def run_target(session: nox.Session, requirement: str) -> None:
    """Runs tasks by modules on the oldest Python that they support."""
    interpreter = pythons.interpreter(matrix.TARGET_PYTHON)
    if interpreter is None:
        session.error(f"Python {matrix.TARGET_PYTHON} is not on this machine")
    target = Path(session.virtualenv.location, "target")
    session.run(str(interpreter), "-m", "venv", str(target), external=True)
    session.run(str(target / "bin" / "pip"), "install", "--quiet", "-r", "requirements-target.txt", external=True)
    session.env["NORTHFLANK_TARGET_PYTHON"] = str(target / "bin" / "python")
    run_integration(
        session,
        requirement,
        *ignored("in_process", "inventory", "documentation", "test_complaints.py", *matrix.AWX_AND_SCALE),
        in_process="false",
    )


def run_units(session: nox.Session, requirement: str, *left_out: str) -> None:
    """Runs tests/unit with one version of ansible-core."""
    install_tests(session, requirement)
    run_pytest(session, "--dist=load", "tests/unit", *left_out, env=for_units())


def for_units() -> dict[str, str]:
    """The environment of the unit tests: they import the clone."""
    return {"PYTHONPATH": os.pathsep.join([str(collection_tree.linked(ROOT)), str(ROOT / "tests")])}


def run_sanity(session: nox.Session, requirement: str, python: str, folder: Path, tree_name: str, *selection: str) -> None:
    """Runs ansible-test sanity with one version of ansible-core and of Python, whose folder is given, in a copy of its own."""
    session.install(requirement)
    tree = collection_tree.inside(collection_tree.copied(ROOT, tree_name))
    environment = {"PATH": sanity_environment.search_path([folder])}
    packages = site_packages(session)
    skipped = sanity_environment.out_of_reach(packages)
    for test, url in skipped.items():
        session.warn(f"NOT RUN: the sanity test {test} needs {url}, which cannot be had from here")
    options = [*selection, *(f"--skip-test={test}" for test in skipped)]
    with session.chdir(tree), sanity_environment.pip_bootstrap(packages):
        session.run("ansible-test", "sanity", "--venv", "--python", python, "--color", "no", *options, *session.posargs, env=environment)


def run_integration(session: nox.Session, ansible_core: str, *selection: str, folders: Iterable[str] = ("",), in_process: str = "") -> None:
    """Runs tests/integration, folders of it or a selection, with one version of ansible-core."""
    install_tests(session, ansible_core)
    environment = {**for_integration(session), "NORTHFLANK_IN_PROCESS": in_process}
    paths = [f"tests/integration/{folder}" for folder in folders]
    run_pytest(session, *paths, *selection, env=environment)


def run_pytest(session: nox.Session, *arguments: str, env: dict[str, str]) -> None:
    """Runs pytest, in as many processes as tests/tools/lanes.py says, or by itself on two cores."""
    processes = os.environ.get("NORTHFLANK_PROCESSES", "2")
    session.run("pytest", f"--numprocesses={processes}", "--dist=loadscope", *arguments, *session.posargs, env=env)


def for_integration(session: nox.Session) -> dict[str, str]:
    """The environment of the integration tests: they use the built and installed collection."""
    collections = str(installed_collection(session))
    return {"NORTHFLANK_COLLECTIONS": collections, "PYTHONPATH": os.pathsep.join([collections, str(ROOT / "tests")])}


def ignored(*folders: str) -> list[str]:
    """The arguments that leave folders of tests/integration out."""
    return [f"--ignore=tests/integration/{folder}" for folder in folders]


def install_tests(session: nox.Session, ansible_core: str) -> None:
    """Installs the packages of the tests, and a version of ansible-core."""
    session.install("-r", "requirements-test.txt", ansible_core)


def installed_collection(session: nox.Session) -> Path:
    """The collection as the session's own ansible-galaxy builds and installs it."""
    return collection_tree.installed(ROOT, Path(session.bin, "ansible-galaxy"), session.name)


def site_packages(session: nox.Session) -> Path:
    """Where the session's packages are."""
    (found,) = Path(session.virtualenv.location).glob("lib/python3*/site-packages")
    return found


for each_cell in matrix.cells(pythons.present(matrix.PYTHONS)):
    for each_kind, its_tags in zip(each_cell.kinds, each_cell.sessions().values(), strict=True):
        add_to_matrix(each_cell, each_kind, its_tags)
