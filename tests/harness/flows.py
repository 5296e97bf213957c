# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks without ansible-playbook: from the options to the result, over real HTTP, in the process of the test.

Whatever is about the collection and the API, and not about ansible-core, is tested so: a task takes milliseconds instead of a
second. tests/integration/test_as_in_flow.py holds both to the same results.
"""

from __future__ import annotations

import contextlib
import json
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils import _task as task_way
from ansible_collections.northflank.cloud.plugins.module_utils._api.settings import ConnectionSettings
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._flows.info import read_jobs
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import reconcile
from ansible_collections.northflank.cloud.plugins.module_utils._flows.run import run_job
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec

from .playbooks import INFO_MODULE, MODULE, RUN_MODULE, Run, Task

_MODULES: dict[str, tuple[t.Callable[[], argument_spec.Spec], task_way.Flow]] = {
    MODULE: (argument_spec.manual_job_spec, reconcile),
    INFO_MODULE: (argument_spec.info_spec, read_jobs),
    RUN_MODULE: (argument_spec.run_spec, run_job),
}
# The keywords of a task that are supported here.
_KEYWORDS = {"name", "check_mode", "diff"}
# Many of the tasks wait for a slow API most of the time.
_SIDE_BY_SIDE = 16


@dataclass(frozen=True)
class Flows:
    """Runs tasks as harness.playbooks.Ansible does, if a task sets only options, check_mode and diff."""

    def run(self, *tasks: Task, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        """Run tasks one after the other, whether they fail or not. Of the arguments, --check and --diff are known.

        The environment is that of the whole process meanwhile.
        """
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            return _run([_run_task(task, arguments) for task in tasks])

    def run_side_by_side(self, *tasks: Task, arguments: t.Sequence[str] = ()) -> Run:
        """Run tasks at the same time. Each must have an emulator of its own, or a part of one that no other task uses."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            return _run(list(threads.map(lambda task: _run_task(task, arguments), tasks)))


def one_session(*options: Task) -> list[dict[str, t.Any]]:
    """The results of tasks of northflank_manual_job that share a session, as items of a loop do, each given by its options."""
    with contextlib.ExitStack() as open_sessions:
        sessions: dict[ConnectionSettings, Session] = {}

        def session_for(connection: ConnectionSettings) -> Session:
            if connection not in sessions:
                sessions[connection] = open_sessions.enter_context(contextlib.closing(Session(connection)))
            return sessions[connection]

        return [_run_module(MODULE, stated, False, False, session_for) for stated in options]


def _run(results: list[dict[str, t.Any]]) -> Run:
    return Run(2 if any(result["failed"] for result in results) else 0, json.dumps(results, indent=4), results)


def _run_task(task: Task, arguments: t.Sequence[str]) -> dict[str, t.Any]:
    """The result of a task as a playbook registers it, without its invocation."""
    unknown = set(arguments) - {"--check", "--diff"}
    (module,) = task.keys() - _KEYWORDS
    if unknown:
        raise ValueError(f"only ansible-playbook knows {unknown}")
    check_mode, diff_mode = (task.get(keyword, f"--{name}" in arguments) for keyword, name in (("check_mode", "check"), ("diff", "diff")))
    with contextlib.ExitStack() as open_sessions:

        def session_for(connection: ConnectionSettings) -> Session:
            return open_sessions.enter_context(contextlib.closing(Session(connection)))

        return _run_module(module, task[module], check_mode, diff_mode, session_for)


def _run_module(module: str, options: t.Any, check_mode: bool, diff_mode: bool, session_for: task_way.SessionFor) -> dict[str, t.Any]:
    """The result of a module with these options, by sessions of this function."""
    make_spec, flow = _MODULES[module]
    spec = make_spec()
    stated, wrong = task_way.check_options(json.loads(json.dumps(options)), spec)
    validated = ArgumentSpecValidator(spec).validate(stated)
    wrong = wrong or "; ".join(validated.error_messages)
    if wrong:
        return _registered(task_way.failure(wrong), [])
    return _registered(*task_way.run_flow(flow, validated.validated_parameters, check_mode, diff_mode, session_for))


def _registered(result: dict[str, t.Any], warnings: list[str]) -> dict[str, t.Any]:
    """A result with what ansible-core adds, in plain types, so that no task has an object of another one."""
    added = {"warnings": warnings} if warnings else {}
    return json.loads(json.dumps({"changed": False, "failed": False, **result, **added}))
