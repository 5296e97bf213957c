# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Northflank's own Python SDK sends the requests of the collection, and its types validate the responses in each state."""

from __future__ import annotations

import sys

import pytest
from emulator import Emulator
from emulator._contract import contract
from harness.full_job import BUILDPACK, CHECK, FULL
from harness.sdk_deviations import DEVIATIONS, NOT_IN_THE_SDK, REMOVED, STATES, listed

if sys.version_info >= (3, 15):
    pytest.skip("northflank 2.1.0 refuses to be installed on Python 3.15", allow_module_level=True)

from harness.sdk import KNOWN, OPERATIONS, Sdk, differences
from northflank.errors import ApiCallError

PROJECT = {"project_id": "default-project"}
# One job for each kind of response.
MANUAL_JOBS = {
    "plain": {},
    "full": FULL,
    "by-buildpack": {"buildSettings": {"buildpack": BUILDPACK}},
    "of-an-image": {
        "deployment": {"external": {"imagePath": "nginx:latest"}},
        "healthChecks": [{**CHECK, "type": "startupProbe", "protocol": "CMD", "cmd": "true"}],
    },
}
JOBS = {
    **MANUAL_JOBS,
    "clock": {"jobType": "cron", "cron": {"schedule": "0 0 * * *", "suspended": False, "concurrencyPolicy": "Forbid"}},
}
EACH_JOB = [{**PROJECT, "job_id": job} for job in JOBS]
EACH_MANUAL_JOB = [{**PROJECT, "job_id": job} for job in MANUAL_JOBS]
CREATION = {"name": "New Job", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"external": {"imagePath": "nginx:latest"}}}
# A run that does not end, and runs that end in each way: plans of the emulator.
RUNS = {"goes-on": {"reads": None}, "succeeds": {}, "fails": {"status": "FAILED"}, "is-aborted": {"reads": None}}
EACH_RUN = [{**PROJECT, "job_id": "plain", "run_id": run} for run in RUNS]
# The calls of each operation. A run has its name in RUNS here, because its ID is new each time.
CALLS = {
    "list-projects": [{}],
    "get-current-authentication-info": [{}],
    "list-jobs": [PROJECT],
    "get-job": EACH_JOB,
    "get-job-health-checks": EACH_JOB,
    "get-job-runtime-environment": EACH_JOB,
    "get-job-build-arguments": EACH_JOB,
    "patch-manual-job": [{**job, "data": {"description": "Another"}} for job in EACH_MANUAL_JOB],
    "patch-job": [{**job, "data": {"settings": {"backoffLimit": 1}}} for job in EACH_MANUAL_JOB],
    "run-job": [{**PROJECT, "job_id": "plain", "data": data} for data in ({}, {"runtimeEnvironment": {"KEY": "value"}})],
    "get-run-details": EACH_RUN,
    "abort-job-run": EACH_RUN[:1],
    "create-manual-job": [{**PROJECT, "data": {**CREATION, "backoffLimit": 1}}],
    "create-job": [{**PROJECT, "data": {**CREATION, "settings": {"backoffLimit": 1}}}],
    # The first one creates the job, the second one replaces it.
    "put-job": [{**PROJECT, "data": CREATION}] * 2,
    "delete-job": EACH_JOB,
    "get-job-deployment": EACH_JOB,
    "update-job-deployment": [
        {**PROJECT, "job_id": "of-an-image", "data": {"external": {"imagePath": "nginx:1"}}},
        {**PROJECT, "job_id": "plain", "data": {"internal": {"id": "a-service"}}},
    ],
    "update-job-build-source": [{**PROJECT, "job_id": "plain", "data": {"projectBranch": "main"}}],
    "scale-job": [{**PROJECT, "job_id": "plain", "data": {"storage": {"shmSize": 64}}}],
}
# An API of June does not have it, and it has no path of a team.
OF_THE_TOKEN = "get-current-authentication-info"
GONE = {operation.name for operation in contract().operations if operation.deprecated}


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch):
    """Otherwise, the SDK would use the proxy of the machine for 127.0.0.1."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "*")


@pytest.fixture(name="emulator")
def emulator_with_jobs():
    """An emulator with all these jobs."""
    with Emulator() as emulator:
        for job, fields in JOBS.items():
            emulator.add_job(PROJECT["project_id"], job, fields)
        emulator.add_project("without-jobs", description="An empty one")
        yield emulator


@pytest.fixture(name="sdk")
def sdk_on_emulator(emulator):
    """The SDK with the token that may do everything."""
    return Sdk(emulator)


@pytest.fixture(name="start")
def run_starter(emulator, sdk):
    """start("fails") starts the run of this name in RUNS and returns its ID."""

    def start(run):
        emulator.plan_run(**RUNS[run])
        run_id = sdk.call("run-job", **PROJECT, job_id="plain", data={}).data["id"]
        if run == "is-aborted":
            sdk.call("abort-job-run", **PROJECT, job_id="plain", run_id=run_id)
        return run_id

    return start


@pytest.fixture(name="found")
def found_differences(emulator, sdk, start):
    """found("lean", "get-job") are the differences of the responses of an operation from the types of the SDK."""

    def send(state, operation, **more):
        emulator.state = state
        calls = [{**call, "run_id": start(call["run_id"])} if "run_id" in call else call for call in CALLS[operation]]
        responses = [sdk.call(operation, **call, **more) for call in calls]
        assert emulator.violations == []
        return {difference for response in responses for difference in differences(operation, response.data)}

    return send


def test_the_sdk_makes_each_call_of_the_collection_that_it_has():
    assert (set(CALLS), set(NOT_IN_THE_SDK)) == (set(KNOWN), set(OPERATIONS) - set(KNOWN))


@pytest.mark.parametrize(
    "state, operation",
    [
        (state, name)
        for state in STATES
        for name in CALLS
        if not (state == REMOVED and name in GONE or (state, name) == ("lean", OF_THE_TOKEN))
    ],
)
def test_responses_match_the_types_of_the_sdk_except_for_listed_deviations(found, state, operation):
    assert found(state, operation) == set(listed(operation, state))


@pytest.mark.parametrize("operation", [name for name in CALLS if name != OF_THE_TOKEN])
def test_the_responses_to_a_team_are_the_same(emulator, found, operation):
    assert found("current", operation, team_id="my-team") == set(listed(operation, "current"))
    assert emulator.requests[-1].team_id == "my-team"


def test_each_deviation_belongs_to_a_call_and_is_listed_once():
    rows = [(row.operation, state, difference) for row in DEVIATIONS for state in row.states for difference in row.differences()]
    made = {(name, state) for name in CALLS for state in STATES if not (state == REMOVED and name in GONE)}
    assert len(rows) == len(set(rows))
    assert {(operation, state) for operation, state, _difference in rows} <= made


def test_the_rich_state_has_settings_if_a_mixture_switches_it(emulator, sdk):
    emulator.state = "rich"
    emulator.mix({"backoffLimit": "current", "activeDeadlineSeconds": "current"})
    response = sdk.call("get-job", **PROJECT, job_id="full").data
    assert response["settings"] == {"backoffLimit": 3, "activeDeadlineSeconds": 600}
    assert {difference for difference in differences("get-job", response) if difference.kind == "missing"} == set()


@pytest.mark.parametrize("operation", sorted(GONE & set(CALLS)))
def test_what_is_removed_is_an_error_to_the_sdk(found, operation):
    with pytest.raises(ApiCallError) as raised:
        found(REMOVED, operation)
    assert raised.value.status == 404


@pytest.mark.parametrize("pages_by", ["page", "cursor"])
def test_the_sdk_reads_lists_to_their_end(emulator, sdk, pages_by):
    emulator.pages_by = pages_by
    response = sdk.all_pages("list-jobs", **PROJECT, per_page=2)
    assert [job["id"] for job in response.data["jobs"]] == list(JOBS)
    assert len(emulator.requests) == 3


def test_an_api_of_june_does_not_know_what_a_token_may_do(found):
    with pytest.raises(ApiCallError) as raised:
        found("lean", OF_THE_TOKEN)
    assert raised.value.status == 404


def test_the_sdk_reads_an_error(sdk):
    with pytest.raises(ApiCallError) as raised:
        sdk.call("patch-job", **PROJECT, job_id="plain", data={"tags": [3]})
    error = raised.value
    assert (error.status, error.id, list(error.details)) == (400, "bad-request", ["body.tags.0"])
    assert error.message.startswith("The request is not valid: ")


@pytest.mark.parametrize(
    "data, place, kind",
    [
        ({"id": "a"}, "runName", "missing"),
        ({"id": 1, "runName": "a"}, "id", "string_type"),
        ({"id": "a", "runName": "a", "more": 1}, "more", "extra_forbidden"),
    ],
)
def test_the_comparison_finds_missing_members_other_types_and_unknown_members(data, place, kind):
    assert differences("run-job", data) == {(place, kind)}
