# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyword timeout ends a task, and what the task has started sends nothing from then on, wherever it runs."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

from emulator import Emulator
from harness import PROJECT
from harness.both_ways import IN_PROCESS_VARIABLE, Started
from harness.playbooks import MODULE, Run, connection

CONNECTIONS = Path(__file__).resolve().parent / "plugins" / "connection"
# The job of each task, and the variables for its way: in process, as a module, and as a module as if on another host.
WAYS: dict[str, dict[str, t.Any]] = {
    "in_process": {},
    "module": {IN_PROCESS_VARIABLE: False},
    "elsewhere": {"ansible_connection": "elsewhere"},
}
ENDS_AFTER, RESPONDS_AFTER = 3, 5


def run(ansible_of: t.Callable[[str], Started], emulator: Emulator, seconds: int) -> Run:
    """A change of a job in each way, by a task with a time limit of some seconds."""
    for job in WAYS:
        emulator.add_job(PROJECT, job, {"description": "Before"})
    tasks = [
        {MODULE: connection(emulator, job_id=job, description="After"), "timeout": seconds, "vars": variables}
        for job, variables in WAYS.items()
    ]
    return ansible_of("time-limit").run(*tasks, environment={"ANSIBLE_CONNECTION_PLUGINS": str(CONNECTIONS)})


def test_nothing_is_sent_after_the_end_of_a_task(ansible_of: t.Callable[[str], Started], emulator_of: t.Callable[[str], Emulator]) -> None:
    emulator = emulator_of("current")
    emulator.order("late", "get-job", times=None, seconds=RESPONDS_AFTER)
    done = run(ansible_of, emulator, ENDS_AFTER)
    assert [result["failed"] for result in done.results] == [True] * len(WAYS), done.output
    # A module that is not ended has its response by then, and a second for the change.
    time.sleep(RESPONDS_AFTER + 1)
    assert {request.operation for request in emulator.requests} == {"get-job"}
    assert [emulator.job(PROJECT, job)["description"] for job in WAYS] == ["Before"] * len(WAYS)


def test_a_task_that_ends_in_time_is_not_interrupted(
    ansible_of: t.Callable[[str], Started], emulator_of: t.Callable[[str], Emulator]
) -> None:
    emulator = emulator_of("current")
    done = run(ansible_of, emulator, 60)
    assert [result["changed"] for result in done.results] == [True] * len(WAYS), done.output
