# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Runs of jobs: how they are started, read, listed and aborted, and how they end."""

from __future__ import annotations

import contextlib
import re
import uuid
from datetime import datetime, timedelta, timezone

import pytest
import requests

RUNS = "example-job/runs"
READ, UPDATE, RUN = (f"Project > Jobs > General > {name}" for name in ("Read", "Update", "Run Job"))
OTHER_ID = "d34582a4-35bd-4c71-8e7c-e36999b88723"
OVERRIDES = {"runtimeEnvironment": {"KEY": "value"}}


@pytest.fixture(name="stored")
def stored_runs(emulator):
    """stored() is the stored runs of the example job."""
    return lambda: emulator.runs_of("default-project", "example-job")


@pytest.fixture(name="abort")
def aborter(send):
    """abort(run_id) is the response to abort-job-run."""
    return lambda run_id: send("DELETE", f"{RUNS}/{run_id}")


def test_a_run_is_started_and_named(send):
    data = send("POST", RUNS, json={}).json()["data"]
    assert set(data) == {"id", "runName"}
    assert uuid.UUID(data["id"]).version == 4
    assert re.fullmatch("example-job-[0-9a-f]{24}", data["runName"])


def test_a_run_is_stored_with_its_overrides(start, stored):
    run_id = start(**OVERRIDES)
    assert [(run.id, run.overrides, run.status, run.reads) for run in stored()] == [(run_id, OVERRIDES, "RUNNING", 0)]


def test_a_run_needs_no_body(emulator, send, stored):
    assert (send("POST", RUNS).status_code, stored()[0].overrides, emulator.violations) == (200, None, [])


def test_a_body_that_breaks_the_contract_starts_nothing(send, stored):
    assert (send("POST", RUNS, json={"backoffLimit": 1}).status_code, stored()) == (400, [])


def test_a_run_succeeds_at_its_first_read_unless_planned_otherwise(start, read, stored):
    shown = read(start())
    assert (shown["status"], shown["concluded"], shown["active"], shown["succeeded"], shown["failed"]) == ("SUCCESS", True, 0, 1, 0)
    assert (stored()[0].status, stored()[0].concluded, stored()[0].reads) == ("SUCCESS", True, 1)


@pytest.mark.parametrize("status", ["SUCCESS", "FAILED"])
def test_a_run_is_over_from_the_planned_read_on(emulator, start, read, status):
    emulator.plan_run(reads=3, status=status)
    run_id = start()
    shown = [read(run_id) for attempt in range(4)]
    assert [(run["status"], run["concluded"], run["active"]) for run in shown] == [("RUNNING", False, 1)] * 2 + [(status, True, 0)] * 2
    assert {run["concludedAt"] == "" for run in shown[:2]} == {True}
    assert shown[2] == shown[3]


def test_a_run_may_never_end(emulator, start, read):
    emulator.plan_run(reads=None)
    run_id = start()
    assert {read(run_id)["status"] for attempt in range(20)} == {"RUNNING"}


def test_a_run_is_dated(start, read):
    shown = read(start())
    times = [datetime.fromisoformat(shown[name].replace("Z", "+00:00")) for name in ("startedAt", "concludedAt")]
    assert timedelta(0) <= datetime.now(timezone.utc) - times[0] < timedelta(seconds=60)
    assert times[0] <= times[1]


def test_a_run_contains_the_time_limit_of_its_job(emulator, start, read):
    emulator.add_job("default-project", "example-job", {"backoffLimit": 4})
    assert read(start())["backoffLimit"] == 4


def test_plans_are_used_in_their_order_each_for_one_run(emulator, start, read):
    emulator.plan_run(status="FAILED")
    emulator.plan_run(reads=None)
    assert [read(start())["status"] for attempt in range(3)] == ["FAILED", "RUNNING", "SUCCESS"]


def test_a_refused_request_uses_no_plan(emulator, send, start, read):
    emulator.plan_run(status="FAILED")
    statuses = [send("POST", RUNS, token="other").status_code, send("POST", RUNS, json={"unknown": 1}).status_code]
    assert (statuses, read(start())["status"]) == ([401, 400], "FAILED")


def test_a_plan_may_show_other_fields_than_usual(emulator, start, read):
    emulator.plan_run(fields={"succeeded": 0, "completions": 3})
    shown = read(start())
    assert (shown["status"], shown["succeeded"], shown["completions"]) == ("SUCCESS", 0, 3)


@pytest.mark.parametrize(
    "plan, words",
    [
        ({"status": "RUNNING"}, "unknown status 'RUNNING', a run ends with: SUCCESS, FAILED"),
        ({"reads": 0}, "reads is 1 or more, or None"),
        ({"log": ["a line"]}, "log is a sequence of sequences"),
    ],
)
def test_what_cannot_be_planned_is_refused_at_once(emulator, plan, words):
    with pytest.raises(ValueError, match=words):
        emulator.plan_run(**plan)


def test_runs_are_listed_the_newest_first_and_without_a_read(send, start, stored):
    ids = [start() for attempt in range(3)]
    assert [run["id"] for run in send("GET", RUNS).json()["data"]["runs"]] == ids[::-1]
    assert {run.reads for run in stored()} == {0}


def test_a_listed_run_is_as_in_its_details(send, start, read):
    shown = read(start())
    assert send("GET", RUNS).json()["data"]["runs"] == [shown]


def test_an_aborted_run_has_failed(emulator, start, abort, read, stored):
    emulator.plan_run(reads=None)
    run_id = start()
    assert abort(run_id).json() == {"data": {}}
    assert (read(run_id)["status"], read(run_id)["concluded"], stored()[0].aborted) == ("FAILED", True, True)


def test_a_run_that_has_ended_cannot_be_aborted(start, read, abort, stored):
    run_id = start()
    read(run_id)
    assert (abort(run_id).status_code, stored()[0].status, stored()[0].aborted) == (409, "SUCCESS", False)


def test_an_abort_may_be_ignored(emulator, start, abort, read, stored):
    emulator.ignores_aborts = True
    emulator.plan_run(reads=2)
    run_id = start()
    assert (abort(run_id).status_code, stored()[0].aborted) == (200, False)
    assert [read(run_id)["status"] for attempt in range(2)] == ["RUNNING", "SUCCESS"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_run_is_not_found(send, method):
    assert send(method, f"{RUNS}/{OTHER_ID}").status_code == 404


def test_a_run_belongs_to_its_job(emulator, send, start):
    emulator.add_job("default-project", "other-job")
    assert send("GET", f"other-job/runs/{start()}").status_code == 404


@pytest.mark.parametrize("method, path", [("POST", ""), ("GET", ""), ("GET", f"/{OTHER_ID}"), ("DELETE", f"/{OTHER_ID}")])
def test_an_unknown_job_has_no_runs(send, method, path):
    assert send(method, f"no-job/runs{path}").status_code == 404


@pytest.mark.parametrize(
    "method, path, permission", [("POST", "", RUN), ("GET", "", READ), ("GET", "/{id}", READ), ("DELETE", "/{id}", UPDATE)]
)
def test_each_operation_needs_its_permission_and_no_other(emulator, send, start, method, path, permission):
    url = f"{RUNS}{path.format(id=start())}"
    emulator.add_token("able", permissions={permission})
    emulator.add_token("unable", permissions={READ, UPDATE, RUN} - {permission})
    assert [send(method, url, token=token).status_code for token in ("unable", "able")] == [403, 200]


@pytest.mark.parametrize("kind", ["reset after", "cut body"])
def test_a_run_exists_although_the_response_is_lost(emulator, send, stored, kind):
    emulator.order(kind, "run-job")
    emulator.plan_run(reads=None)
    with pytest.raises(requests.RequestException):
        send("POST", RUNS, json=OVERRIDES)
    assert [(run.overrides, run.plan.reads) for run in stored()] == [(OVERRIDES, None)]


@pytest.mark.parametrize("kind", ["reset before", "error"])
def test_a_request_without_effect_starts_no_run_and_uses_no_plan(emulator, send, start, stored, kind):
    emulator.plan_run(reads=None)
    emulator.order(kind, "run-job")
    with contextlib.suppress(requests.ConnectionError):
        send("POST", RUNS)
    start()
    assert [run.plan.reads for run in stored()] == [None]


def test_a_test_reads_a_copy_of_the_stored_job(start, stored):
    start(**OVERRIDES)
    stored()[0].overrides["runtimeEnvironment"]["KEY"] = "changed"
    assert stored()[0].overrides == OVERRIDES


def test_runs_keep_the_contract(emulator, send, start, read, abort):
    emulator.plan_run(reads=None)
    run_id = start(**OVERRIDES)
    for act in (read, abort, read):
        act(run_id)
    send("GET", RUNS, scope="/teams/my-team")
    assert emulator.violations == []
