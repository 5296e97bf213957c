# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keywords of tasks, in process and as a module: each has its effect, with equal results, requests and jobs."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import Trial, TwoWays, agreement, by_both_ways
from harness.playbooks import MODULE, Ansible, Task, connection

Options = t.Dict[str, t.Any]

STORED = {"description": "As it is", "tags": ["one"], "runtimeEnvironment": {"A": "1"}}
# An asynchronous task has its own IDs and files.
OF_ASYNC = ("ansible_job_id", "results_file", "attempts")


def state(options: t.Mapping[str, t.Any] | None = None, **keywords: t.Any) -> t.Callable[[Emulator], Task]:
    """A task that states options, with keywords."""
    return lambda emulator: {MODULE: connection(emulator, **(options or {})), **keywords}


def by_defaults(emulator: Emulator) -> Task:
    """A task whose connection is that of the action group, and whose description is a default of its own."""
    common = {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT}
    return {
        MODULE: {"job_id": JOB},
        "module_defaults": {"group/northflank.cloud.northflank": common, MODULE: {"description": "A default"}},
    }


def by_the_old_syntax(emulator: Emulator) -> Task:
    """A task by the keywords action and args, its job by a variable."""
    return {"action": MODULE, "args": connection(emulator, description="New", job_id="{{ job }}"), "vars": {"job": JOB}}


def busy(emulator: Emulator) -> None:
    """An API that fails twice."""
    emulator.order("error", "get-job", times=2)


def slow(emulator: Emulator) -> None:
    """An emulator whose responses take longer than the time limit of the task."""
    emulator.order("late", "get-job", times=None, seconds=100)


def ask_later(emulator: Emulator) -> Task:
    """A task that waits for the asynchronous one before it."""
    started = f"result_{list(TRIALS).index('async without poll')}"
    return {
        "ansible.builtin.async_status": {"jid": f"{{{{ {started}.ansible_job_id }}}}"},
        "until": "own_result is finished",
        "retries": 100,
        "delay": 1,
    }


NEW = {"description": "New"}
BOTH = {"description": "New", "runtime_environment": {"A": 2, "B": True}}
ITEMS = [{"description": text, "tags": [f"tag-{number}"]} for number, text in enumerate(["As it is", "New", "New", "Newer"])]

TRIALS = {
    "plain": Trial(state(BOTH), {"changed": True}),
    "check mode": Trial(state(NEW, check_mode=True), {"changed": True}),
    "diff mode": Trial(
        state(BOTH, diff=True),
        {
            "diff": {
                "before": {"description": "As it is", "runtime_environment": {"A": "hidden"}},
                "after": {"description": "New", "runtime_environment": {"A": "hidden, changed", "B": "hidden, changed"}},
            },
        },
    ),
    "check and diff mode": Trial(
        state(BOTH, check_mode=True, diff=True), {"changed": True, "changed_fields": ["description", "runtime_environment"]}
    ),
    "no_log": Trial(state(BOTH, no_log=True), {"changed": True}),
    "no_log of a failure": Trial(state({"backoff_limit": "many"}, no_log=True), {"failed": True}),
    "defaults": Trial(by_defaults, {"changed": True}),
    "action and args": Trial(by_the_old_syntax, {"changed": True}),
    "args of a variable": Trial(
        lambda emulator: {MODULE: "{{ whole }}", "vars": {"whole": connection(emulator, **NEW)}},
        {"changed": True},
    ),
    "loop": Trial(state({"description": "{{ item.description }}", "tags": "{{ item.tags }}"}, loop=ITEMS), {"changed": True}),
    "loop with an item that fails": Trial(
        state({"description": "{{ item }}"}, loop=["New", "", "Newer"], loop_control={"label": "an item", "index_var": "n"}),
        {"changed": True, "failed": True},
    ),
    "loop of nothing": Trial(state(NEW, loop=[]), {"skipped": True}),
    "until": Trial(state(NEW, until="own_result is succeeded", retries=3, delay=0), {"attempts": 3, "changed": True}, prepare=busy),
    "until there are no retries left": Trial(
        state(NEW, until="own_result is succeeded", retries=1, delay=0), {"failed": True}, prepare=busy
    ),
    "when": Trial(state(NEW, when="false"), {"skipped": True}),
    "changed_when": Trial(state(NEW, changed_when="own_result.changed_fields == ['tags']"), {"changed": False}),
    "failed_when": Trial(state(NEW, failed_when="own_result.job.description == 'New'"), {"failed": True, "failed_when_result": True}),
    "timeout that is enough": Trial(state(NEW, timeout=60), {"changed": True}),
    "timeout": Trial(state(NEW, timeout=2), {"failed": True}, prepare=slow),
    "delegate_to localhost": Trial(state(NEW, delegate_to="localhost"), {"changed": True}),
    "delegate_to this machine by its address": Trial(
        state(NEW, delegate_to="127.0.0.1", vars={"ansible_connection": "local"}),
        {"changed": True},
    ),
    "run_once, delegate_facts": Trial(state(NEW, run_once=True, delegate_to="localhost", delegate_facts=True), {"changed": True}),
    "connection by its whole name": Trial(state(NEW, connection="ansible.builtin.local"), {"changed": True}),
    "throttle and tags": Trial(state(NEW, throttle=1, tags=["one"]), {"changed": True}),
    "debugger and port": Trial(state(NEW, debugger="never", port=7), {"changed": True}),
    "async with poll": Trial(state(NEW, **{"async": 60, "poll": 1}), {"changed": True, "finished": 1}),
    "async without poll": Trial(state(NEW, **{"async": 60, "poll": 0}), {"finished": 0}),
    "async without poll, later": Trial(ask_later, {"changed": True, "finished": 1}),
    "facts of the task before": Trial(
        lambda emulator: {"ansible.builtin.set_fact": {"seen": "{{ ansible_facts.northflank_manual_job }}"}},
        {"changed": False},
    ),
}


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """All outcomes in both ways."""
    return by_both_ways(ansible_of, {name: dataclasses.replace(trial, job=STORED) for name, trial in TRIALS.items()})


def comparable(result: t.Mapping[str, t.Any]) -> Options:
    """A result without what differs from run to run: keys of asynchronous tasks, and the place where a timeout interrupted ansible-core."""
    dropped = ("timedout", *(OF_ASYNC if "ansible_job_id" in result else ()))
    return {name: value for name, value in result.items() if name not in dropped}


@pytest.mark.parametrize("name", TRIALS)
def test_the_keyword_does_what_it_is_for(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert {key: result.get(key) for key in TRIALS[name].expected} == dict(TRIALS[name].expected)


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS, comparable)


def test_only_asynchronous_tasks_run_as_a_module(two_ways: TwoWays) -> None:
    assert [reason for reason in two_ways.in_process.reasons if reason] == ["the task is asynchronous"] * 2


def test_with_the_module_no_task_runs_in_process(two_ways: TwoWays) -> None:
    assert set(two_ways.module.reasons) == {"northflank_in_process is false", "the task is asynchronous"}
