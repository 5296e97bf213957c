# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""northflank_manual_job_info shows a job as northflank_manual_job does, as a single job and in a list, and its lists may be long."""

from __future__ import annotations

import time
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flows import Flows
from harness.info_tasks import ALL, CRON, SECRET_VALUES, WHOLE, all_jobs, one_job
from harness.phases import job_of
from harness.playbooks import MODULE, connection

# What a task must set, so that northflank_manual_job reads it.
STATED = {
    "runtime_environment": {"VARIABLE": SECRET_VALUES["variable"]},
    "build_arguments": {"ARGUMENT": SECRET_VALUES["argument"]},
    "health_checks": [
        {
            "protocol": "TCP",
            "type": "startupProbe",
            "port": 80,
            "initial_delay_seconds": 5,
            "period_seconds": 20,
            "timeout_seconds": 2,
            "failure_threshold": 3,
        },
    ],
    "deployment": {"external": {"image_path": "nginx:1"}},
}
JOB_WITH_IMAGE = {
    **WHOLE,
    "deployment": {"external": {"imagePath": "nginx:1"}, "docker": {"configType": "customCommand", "customCommand": "report"}},
    "infrastructure": {"architecture": "x86"},
}


@pytest.mark.parametrize("state", ["current", "lean", "rich", "removed"])
def test_each_module_returns_the_same_job_for_one_job_and_in_a_list(
    flows: Flows, emulator_of: t.Callable[[str], Emulator], state: str
) -> None:
    emulator = emulator_of(state)
    emulator.add_job(PROJECT, JOB, job_of(state, JOB_WITH_IMAGE))
    tasks = [{MODULE: connection(emulator, **STATED)}, one_job(emulator, gather=ALL), all_jobs(emulator, gather=ALL)]
    stating, *reading = flows.run(*({"name": "Read", **task} for task in tasks)).results
    assert stating["changed"] is False
    shown = [{name: value for name, value in result["jobs"][0].items() if name != "unknown_fields"} for result in reading]
    assert shown == [stating["job"]] * 2


# Every second one is a cron job.
MANY, PAGES = 1200, 12
# The time limit, in seconds, also on a busy machine.
SECONDS = 60


@pytest.mark.parametrize("pages_by", ["page", "cursor"])
def test_a_list_of_1200_jobs_costs_12_requests(flows: Flows, emulator_of: t.Callable[[str], Emulator], pages_by: str) -> None:
    emulator = emulator_of("current")
    emulator.pages_by = pages_by
    for number in range(MANY):
        emulator.add_job(PROJECT, f"job-{number}", {"tags": [f"tag-{number % 3}"], **(CRON if number % 2 else {})})
    began = time.monotonic()
    listed, filtered = flows.run(
        {"name": "List", **all_jobs(emulator)},
        {"name": "Filter", **all_jobs(emulator, filters={"name": "job-1*", "tags": ["tag-0"]})},
    ).results
    assert time.monotonic() - began < SECONDS
    assert [job["id"] for job in listed["jobs"]] == [f"job-{number}" for number in range(0, MANY, 2)]
    assert {job["id"] for job in filtered["jobs"]} == {f"job-{number}" for number in range(0, MANY, 6) if str(number).startswith("1")}
    assert [result["api"]["requests"] for result in (listed, filtered)] == [PAGES, PAGES]
