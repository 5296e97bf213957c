# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private CA, servers, and runs of many tasks at once, each with an environment of its own."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.certificates import Certificates
from harness.environment import without_network_settings
from harness.network_cases import TOKEN, Attempt, Case
from harness.playbooks import MODULE, Ansible


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> t.Iterator[None]:
    """No setting of the machine that runs the tests reaches the tasks."""
    with pytest.MonkeyPatch.context() as patch:
        without_network_settings(patch)
        yield


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private CA."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def other_certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Another private CA, which signed no certificate of the servers."""
    return Certificates(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def emulators(certificates: Certificates) -> t.Iterator[t.Callable[..., Emulator]]:
    """emulators(*names, expired) is an emulator with a certificate, or without names with plain HTTP. All have the same job and token."""
    started: list[Emulator] = []

    def start(*names: str, expired: bool = False, **arguments: t.Any) -> Emulator:
        context = certificates.context(*names, expired=expired) if names else None
        emulator = Emulator(ssl_context=context, **arguments)
        emulator.add_token(TOKEN)
        emulator.add_job(PROJECT, JOB)
        emulator.start()
        started.append(emulator)
        return emulator

    yield start
    for emulator in started:
        emulator.stop()
    assert [emulator.violations for emulator in started] == [[] for emulator in started]


@pytest.fixture(scope="module")
def attempt(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Callable[..., Attempt]:
    """attempt(cases, environment) runs a task for each case in one playbook; the environment is that of the process.

    The keyword environment of a task has the environment of its case, by a variable, because ansible-core shows the lines of a failed task.
    """
    ansible = Ansible(collections, tmp_path_factory.mktemp("network"))

    def run(cases: t.Mapping[str, Case], environment: t.Mapping[str, str] | None = None) -> Attempt:
        common = {"project_id": PROJECT, "job_id": JOB, "api_token": TOKEN, "retries": 0}
        tasks = [
            {"name": name, MODULE: {**common, **case.options}, "environment": f"{{{{ environments['{name}'] }}}}"}
            for name, case in cases.items()
        ]
        variables = {"environments": {name: case.environment for name, case in cases.items()}}
        done = ansible.run(*tasks, arguments=["--extra-vars", json.dumps(variables)], environment=environment)
        return Attempt(dict(zip(cases, done.results)), done.output)

    return run
