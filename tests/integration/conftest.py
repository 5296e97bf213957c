# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator and ansible-playbook, for all integration tests."""

from __future__ import annotations

import contextlib
import os
import typing as t
from pathlib import Path

import pytest
from ansible.release import __version__

# Some tests are there.
pytest.register_assert_rewrite("harness.both_ways")

from emulator import Emulator
from harness import WHOLE, warm
from harness.fixtures import emulator, emulator_of
from harness.playbooks import Ansible, Run, Task, on_the_job

if t.TYPE_CHECKING:
    from harness.proxies import Proxy

__all__ = ["emulator", "emulator_of"]


@pytest.fixture(scope="session")
def collections() -> Path:
    """The folder with the built and installed collection. The session of nox makes it."""
    return Path(os.environ["NORTHFLANK_COLLECTIONS"])


@pytest.fixture(scope="session", autouse=True)
def warm_programs(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[None]:
    """The programs of ansible-core run by an interpreter that has started already, except in the matrix."""
    if WHOLE:
        yield
        return
    environment = Ansible(collections, tmp_path_factory.mktemp("settings")).environment()
    with contextlib.ExitStack() as running:
        warm_one = running.enter_context(warm.interpreter(tmp_path_factory.mktemp("warm"), environment=environment))
        other = running.enter_context(warm.interpreter(tmp_path_factory.mktemp("other-warm")))
        patch = running.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("NORTHFLANK_WARM_PYTHON", str(warm_one))
        patch.setenv("NORTHFLANK_OTHER_WARM_PYTHON", str(other))
        yield


@pytest.fixture(scope="session")
def module_python(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Path | None]:
    """The interpreter of modules that are compared with tasks in process, or None for a new Python each time."""
    if WHOLE:
        yield None
        return
    with warm.interpreter(tmp_path_factory.mktemp("warm-modules"), __version__) as path:
        yield path


@pytest.fixture
def ansible(collections: Path, tmp_path: Path) -> Ansible:
    """ansible-playbook, with a folder of its own."""
    return Ansible(collections, tmp_path)


@pytest.fixture
def run(ansible: Ansible, emulator: Emulator) -> t.Callable[..., Run]:
    """Run tasks of northflank_manual_job on the example job, each given by its options; arguments go to ansible-playbook."""

    def run_tasks(*tasks: Task, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        return ansible.run(*on_the_job(emulator, tasks), arguments=arguments, environment=environment)

    return run_tasks


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Proxy]:
    """A proxy, which notes its requests."""
    # Only these tests import the package.
    from harness.proxies import Proxy

    running = Proxy(tmp_path_factory.mktemp("proxy"))
    yield running
    running.stop()
