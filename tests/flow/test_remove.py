# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing a job: what the result contains, what an absent job is, and what becomes of lost responses."""

from __future__ import annotations

import json
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ, STATES, UPDATE
from harness.fixtures import EmulatorOf
from harness.flows import Flows
from harness.playbooks import MODULE, Run, connection

Runner = t.Callable[..., Run]

SECRET = "a secret value of this job"
ABSENT = {"state": "absent"}


@pytest.fixture(name="emulator")
def current_emulator(emulator_of: EmulatorOf) -> Emulator:
    """One emulator. Tests that depend on the state set it."""
    return emulator_of("current")


@pytest.fixture(autouse=True)
def job(emulator: Emulator) -> None:
    """A job, and another one that stays."""
    emulator.add_job(PROJECT, JOB, {"backoffLimit": 3, "runtimeEnvironment": {"PASSWORD": SECRET}})
    emulator.add_job(PROJECT, "other-job")


def operations_of(emulator: Emulator) -> list[str | None]:
    return [request.operation for request in emulator.requests]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("check", [False, True])
def test_a_job_is_removed_and_the_result_contains_it_as_it_was(run: Runner, emulator: Emulator, state: str, check: bool) -> None:
    emulator.state = state
    result = run(ABSENT, arguments=["--diff", *(["--check"] if check else [])]).result
    assert (result["changed"], result["failed"], result.get("warnings")) == (True, False, None)
    assert (result["job"]["id"], result["job"]["backoff_limit"]) == (JOB, 3)
    assert result["ansible_facts"] == {"northflank_manual_job": {}}
    assert result["diff"]["after"] == {}
    assert (result["diff"]["before"]["name"], result["diff"]["before"]["backoff_limit"]) == ("Example Job", 3)
    assert SECRET not in json.dumps(result)
    assert operations_of(emulator) == ["get-job", *([] if check else ["delete-job"])]
    assert sorted(emulator.jobs_of(PROJECT)) == [*([JOB] if check else []), "other-job"]


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_job_that_is_absent_already_is_as_desired(run: Runner, emulator: Emulator, arguments: list[str]) -> None:
    emulator.remove_job(PROJECT, JOB)
    result = run(ABSENT, arguments=[*arguments, "--diff"]).result
    assert (result["changed"], result["failed"], result["job"], result["diff"]) == (False, False, {}, {"before": {}, "after": {}})
    assert operations_of(emulator) == ["get-job", "list-jobs"]


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_an_absent_project_is_a_failure(flows: Flows, emulator: Emulator, arguments: list[str]) -> None:
    result = flows.run({MODULE: {**connection(emulator, **ABSENT), "project_id": "no-such-project"}}, arguments=arguments).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, 404)
    assert "The project no-such-project was not found." in result["msg"]


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_cron_job_is_not_removed(run: Runner, emulator: Emulator, arguments: list[str]) -> None:
    emulator.add_job(PROJECT, JOB, {"jobType": "cron", "cron": {"schedule": "0 8 * * *"}})
    result = run(ABSENT, arguments=arguments).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "is a cron job" in result["msg"]
    assert emulator.has_job(PROJECT, JOB)


@pytest.mark.parametrize(
    "kind, details",
    [
        ("reset after", {}),
        ("cut body", {}),
        ("page", {"status": 503, "carried_out": True}),
        ("late", {"seconds": 3.0}),
        ("reset before", {}),
    ],
)
def test_a_lost_response_is_repeated_and_the_job_counts_as_removed(
    run: Runner, emulator: Emulator, kind: str, details: dict[str, t.Any]
) -> None:
    emulator.order(kind, "delete-job", **details)
    result = run({**ABSENT, "timeout": 1}).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert operations_of(emulator) == ["get-job", "delete-job", "delete-job"]
    assert not emulator.has_job(PROJECT, JOB)


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_without_retries_the_job_is_read_after_a_lost_response(run: Runner, emulator: Emulator, is_carried_out: bool) -> None:
    emulator.order("page", "delete-job", status=200, carried_out=is_carried_out)
    result = run({**ABSENT, "retries": 0}).result
    assert (result["failed"], result["changed"]) == (not is_carried_out, is_carried_out)
    if not is_carried_out:
        assert "The job may have been removed. Run the task again to check." in result["msg"]
    assert operations_of(emulator) == ["get-job", "delete-job", "get-job"]


def test_a_job_that_somebody_else_has_just_removed_is_no_change(run: Runner, emulator: Emulator) -> None:
    emulator.order("error", "delete-job", status=404)
    result = run(ABSENT, arguments=["--diff"]).result
    assert (result["changed"], result["failed"], result["diff"]["before"]) == (False, False, {})


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_job_that_cannot_be_read_is_not_removed(run: Runner, emulator: Emulator, status: int) -> None:
    emulator.order("error", "get-job", status=status)
    result = run(ABSENT).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, status)
    assert operations_of(emulator) == ["get-job"]


@pytest.mark.parametrize("status", [403, 500])
def test_whether_an_absent_job_was_in_a_project_must_be_known(run: Runner, emulator: Emulator, status: int) -> None:
    emulator.remove_job(PROJECT, JOB)
    emulator.order("error", "list-jobs", status=status)
    result = run(ABSENT).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, status)


def test_a_missing_permission_is_named(flows: Flows, emulator: Emulator) -> None:
    emulator.add_token("narrow", [READ, UPDATE])
    result = flows.run({MODULE: {**connection(emulator, **ABSENT), "api_token": "narrow"}}).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "Project > Jobs > General > Delete" in result["msg"]
    assert emulator.has_job(PROJECT, JOB)


def test_the_options_of_the_job_are_not_used(run: Runner, emulator: Emulator) -> None:
    result = run({**ABSENT, "backoff_limit": 9, "deployment": {"external": {"image_path": "nginx:1"}}}).result
    assert result["changed"]
    assert operations_of(emulator) == ["get-job", "delete-job"]
