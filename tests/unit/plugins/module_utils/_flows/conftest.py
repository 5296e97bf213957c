# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that runs a job, for the tests of the run itself and those of its log."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils import _task as task
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._flows.run import run_job
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import run_spec
from emulator import Emulator
from harness.client_data import IDS, TOKEN

QUICK = {"poll_interval": 0.001, "wait_timeout": 10, "retries": 0}


class Seen(t.NamedTuple):
    """The result of a task, its warnings, its progress, and its requests."""

    result: dict[str, t.Any]
    warnings: list[str]
    progress: list[str]
    requested: list[str]


@pytest.fixture(name="run")
def task_that_runs(emulator: Emulator) -> t.Iterator[t.Callable[..., Seen]]:
    """run(**options) is what a task left that ran the emulator's job."""
    sessions: list[Session] = []

    def run(check_mode: bool = False, **options: t.Any) -> Seen:
        progress: list[str] = []
        spec = run_spec()
        stated = {"api_url": emulator.url, "api_token": TOKEN, **IDS, **QUICK, **options}
        known, wrong = task.check_options(stated, spec)
        assert wrong is None
        validated = ArgumentSpecValidator(spec).validate(known).validated_parameters

        def session_for(connection: t.Any) -> Session:
            sessions.append(Session(connection))
            return sessions[-1]

        def flow(client: t.Any, given: t.Any, checking: bool) -> t.Any:
            return run_job(client, given, checking, progress.append)

        before = len(emulator.requests)
        result, warnings = task.run_flow(flow, validated, check_mode, False, session_for)
        assert emulator.violations == []
        return Seen(result, warnings, progress, [str(request.operation) for request in emulator.requests[before:]])

    yield run
    for session in sessions:
        session.close()
