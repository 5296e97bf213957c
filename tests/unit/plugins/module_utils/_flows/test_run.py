# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that runs a job: its requests, its progress, and the result of the task for each end of the run."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from emulator import Emulator
from harness.client_data import IDS, TOKEN

SECRET = "S3cret-and-long-enough"
OVERRIDES = {
    "runtime_environment": {"PASSWORD": SECRET, "COUNT": 2, "FLAG": False},
    "runtime_files": {"/etc/file": {"content": "one line\nS3cret-second-line"}},
    "docker_secret_mounts": {"mount": {"data": "YWJj"}},
    "billing": {"deployment_plan": "nf-compute-50"},
    "deployment": {
        "docker": {"config_type": "customCommand", "custom_command": "./run"},
        "storage": {"ephemeral_storage": {"storage_size": 1024}, "shm_size": 64},
        "gpu": {"enabled": True, "configuration": {"gpu_type": "nvidia-t4", "gpu_count": 1}},
        "internal": {"id": "web", "branch": "main", "build_sha": "latest"},
    },
}
SENT = {
    "runtimeEnvironment": {"PASSWORD": SECRET, "COUNT": "2", "FLAG": "false"},
    "runtimeFiles": {"/etc/file": {"data": "b25lIGxpbmUKUzNjcmV0LXNlY29uZC1saW5l", "encoding": "utf-8"}},
    "dockerSecretMounts": {"mount": {"data": "YWJj"}},
    "billing": {"deploymentPlan": "nf-compute-50"},
    "deployment": {
        "docker": {"configType": "customCommand", "customCommand": "./run"},
        "storage": {"ephemeralStorage": {"storageSize": 1024}, "shmSize": 64},
        "gpu": {"enabled": True, "configuration": {"gpuType": "nvidia-t4", "gpuCount": 1}},
        "internal": {"id": "web", "branch": "main", "buildSHA": "latest"},
    },
}


def only_run(emulator: Emulator) -> t.Any:
    """The run that was started, as the emulator has it."""
    (run,) = emulator.runs_of(*IDS.values())
    return run


def test_a_run_that_succeeds_is_a_change_with_the_run_as_data(run, emulator):
    emulator.plan_run(reads=3)
    seen = run()
    assert seen.requested == ["run-job", *["get-run-details"] * 3]
    assert (seen.result["changed"], seen.result.get("failed"), seen.warnings) == (True, None, [])
    assert set(seen.result["run"]) == {
        "project_id",
        "job_id",
        "id",
        "run_name",
        "status",
        "concluded",
        "active",
        "succeeded",
        "failed",
        "completions",
        "backoff_limit",
        "started_at",
        "concluded_at",
    }
    assert (seen.result["run"]["id"], seen.result["run"]["status"], seen.result["run"]["active"]) == (only_run(emulator).id, "SUCCESS", 0)


def test_the_counts_of_a_run_do_not_decide_whether_it_succeeded(run, emulator):
    emulator.plan_run(fields={"succeeded": 0, "failed": 0})
    assert run().result["run"]["succeeded"] == 0


def test_a_run_without_overrides_is_requested_without_a_body(run, emulator):
    run()
    assert only_run(emulator).overrides is None


def test_overrides_are_sent_as_the_api_nests_them(run, emulator):
    run(**OVERRIDES)
    assert only_run(emulator).overrides == SENT


def test_check_mode_reads_the_job_and_starts_nothing(run, emulator):
    seen = run(check_mode=True, **OVERRIDES)
    assert (seen.requested, emulator.runs_of(*IDS.values())) == (["get-job"], [])
    assert (seen.result["changed"], seen.result["run"]) == (True, IDS)
    assert seen.result["msg"] == "Would start a run of the job example-job of the project default-project."


def test_check_mode_fails_if_the_job_does_not_exist(run):
    assert run(check_mode=True, job_id="no-such-job").result["failed"]


def test_without_waiting_a_run_costs_one_request(run, emulator):
    seen = run(wait=False)
    assert (seen.requested, seen.result["run"]) == (["run-job"], {**IDS, "id": only_run(emulator).id, "run_name": only_run(emulator).name})


def test_a_run_that_fails_makes_the_task_fail_with_the_last_lines_of_its_log(run, emulator):
    emulator.plan_run(reads=2, status="FAILED", log=[["one", "two"], ["three"]])
    seen = run(log_lines=2)
    assert (seen.result["failed"], seen.result["changed"], seen.result["run"]["status"]) == (True, True, "FAILED")
    assert seen.result["msg"] == (
        f"The run {only_run(emulator).id} of the job example-job of the project default-project ended with the status FAILED. "
        "The last lines of its log:\ntwo\nthree"
    )
    assert seen.result["log"] == ["two", "three"]
    assert seen.requested == ["run-job", "get-run-details", "get-run-details", "get-job-logs"]


def test_the_log_is_not_read_if_no_lines_of_it_are_wanted(run, emulator):
    emulator.plan_run(status="FAILED", log=[["one"]])
    seen = run(log_lines=0)
    assert (seen.requested, "log" in seen.result) == (["run-job", "get-run-details"], False)
    assert seen.result["msg"].endswith("ended with the status FAILED.")


def test_a_log_without_lines_is_reported_as_empty(run, emulator):
    emulator.plan_run(status="FAILED")
    assert run().result["msg"].endswith("ended with the status FAILED. Its log contains no lines.")


def test_a_token_without_permission_for_logs_still_returns_how_the_run_ended(run, emulator):
    emulator.plan_run(status="FAILED", log=[["one"]])
    emulator.add_token("narrow-token-0123", ["Project > Jobs > General > Run Job", "Project > Jobs > General > Read"])
    text = run(api_token="narrow-token-0123").result["msg"]
    assert "ended with the status FAILED. Its log cannot be read: GET " in text
    assert text.endswith('The token needs the permission "Project > Jobs > Deployment > View Observability".')


def test_a_run_that_hangs_is_not_aborted_when_the_time_is_over(run, emulator):
    emulator.plan_run(reads=None, log=[["still at it"]])
    seen = run(wait_timeout=0.3, poll_interval=0.1)
    assert (seen.result["failed"], seen.result["changed"], seen.result["run"]["status"]) == (True, True, "RUNNING")
    assert (
        "has not ended within 0.3 seconds (wait_timeout). It was not aborted. Its last known status is RUNNING. The last lines of its log:\nstill at it"
        in seen.result["msg"]
    )
    assert not only_run(emulator).aborted


def test_a_run_that_hangs_is_aborted_on_request(run, emulator):
    emulator.plan_run(reads=None)
    seen = run(wait_timeout=0.2, poll_interval=0.1, abort_on_timeout=True, log_lines=0)
    assert only_run(emulator).aborted
    assert (seen.result["failed"], seen.result["run"]["status"], seen.result["run"]["concluded"]) == (True, "FAILED", True)
    assert seen.result["msg"].endswith(
        "has not ended within 0.2 seconds (wait_timeout). The API accepted the request to abort it (abort_on_timeout)."
    )
    assert seen.requested[-2:] == ["abort-job-run", "get-run-details"]


def test_an_abort_that_fails_is_reported_beside_the_time(run, emulator):
    emulator.plan_run(reads=None)
    emulator.order("error", "abort-job-run", status=500)
    text = run(wait_timeout=0.2, poll_interval=0.1, abort_on_timeout=True, log_lines=0).result["msg"]
    assert "(wait_timeout). The request to abort it failed (abort_on_timeout), so it may continue: DELETE " in text
    assert text.endswith("The run may have been aborted. Check it in Northflank's dashboard.")


def test_a_run_that_succeeds_just_before_it_would_be_aborted_has_succeeded(run, emulator):
    emulator.plan_run(reads=2)
    emulator.order("error", "abort-job-run", status=409)
    seen = run(wait_timeout=0.1, poll_interval=10, abort_on_timeout=True)
    assert (seen.requested, seen.result.get("failed")) == (["run-job", "get-run-details", "abort-job-run", "get-run-details"], None)


def test_an_abort_whose_response_is_empty_is_done(run, emulator):
    emulator.plan_run(reads=None)
    emulator.order("answer", "abort-job-run", status=204, body=b"")
    assert "accepted the request to abort it" in run(wait_timeout=0.2, poll_interval=0.1, abort_on_timeout=True, log_lines=0).result["msg"]


@pytest.mark.parametrize("body", [{}, {"data": None}, b"OK"], ids=str)
def test_an_abort_whose_response_has_no_data_is_done(run, emulator, body):
    emulator.plan_run(reads=None)
    emulator.order("answer", "abort-job-run", status=200, body=body, carried_out=True)
    seen = run(wait_timeout=0.2, poll_interval=0.1, abort_on_timeout=True, log_lines=0)
    assert ("accepted the request to abort it" in seen.result["msg"], seen.result["run"]["status"]) == (True, "FAILED")


def test_a_status_from_before_a_failed_poll_is_reported_with_its_age(run, emulator):
    emulator.plan_run(reads=None)
    emulator.order("error", "get-run-details", status=500, skip=1, times=None)
    text = run(wait_timeout=0.3, poll_interval=0.1, log_lines=0).result["msg"]
    age = r"Its status was RUNNING \d+ seconds? ago\. Each poll since then failed\."
    assert re.search(rf"It was not aborted\. The last poll failed: GET \S+: 500 .* {age}$", text)


@pytest.mark.parametrize("options, status", [({"abort_on_timeout": True}, 500), ({}, 403)], ids=["aborted", "refused"])
def test_a_status_from_before_a_failed_poll_is_reported_with_its_age_in_other_messages_too(run, emulator, options, status):
    emulator.plan_run(reads=None)
    emulator.order("error", "get-run-details", status=status, skip=1, times=None)
    text = run(wait_timeout=0.3, poll_interval=0.1, log_lines=0, **options).result["msg"]
    assert re.search(r"\. Its status was RUNNING \d+ seconds? ago\. Each poll since then failed\.$", text)


@pytest.mark.parametrize("status", [None, "", {}, 5], ids=repr)
def test_a_run_that_ended_without_a_status_is_reported_without_one(run, emulator, status):
    emulator.order("answer", "get-run-details", body={"data": {"id": "a-run", "status": status, "concluded": True}})
    seen = run(log_lines=0)
    assert seen.result["failed"]
    assert seen.result["msg"] == (
        f"The run {only_run(emulator).id} of the job example-job of the project default-project ended, but the API did not return its status. "
        "Check the run in Northflank's dashboard."
    )


def test_a_poll_interval_above_its_maximum_is_refused_before_anything_is_started(run, emulator):
    with pytest.raises(
        AssertionError, match=r"poll_interval: 10 is more than poll_interval_max \(5\). Lower poll_interval or raise poll_interval_max"
    ):
        run(poll_interval=10, poll_interval_max=5)
    assert emulator.requests == []


@pytest.mark.parametrize("value", [10**400, "1" * 5000, "abc", [], True], ids=lambda value: repr(value)[:9])
def test_an_interval_that_is_not_a_number_is_reported(run, value):
    with pytest.raises(AssertionError, match="poll_interval: .* is not a number"):
        run(poll_interval=value, poll_interval_max=5)


@pytest.mark.parametrize("options", [{"poll_interval": 61}, {"poll_interval_max": 0.001, "poll_interval": None}], ids=str)
def test_a_poll_interval_above_a_default_is_not_refused(run, options):
    assert not run(wait=False, **options).result.get("failed")


def test_a_run_whose_status_is_in_no_response_has_none_in_the_message(run, emulator):
    emulator.plan_run(reads=None)
    emulator.order("error", "get-run-details", status=500, times=None)
    emulator.order("answer", "run-job", body={"data": {"id": "a-run"}})
    text = run(wait_timeout=0.2, poll_interval=0.1, log_lines=0, retries=0).result["msg"]
    assert "It was not aborted. The last poll failed: GET " in text and "tatus was" not in text and "known status" not in text


def test_the_log_of_a_message_does_not_wait_for_the_quota(run, emulator):
    emulator.plan_run(status="FAILED")
    emulator.order("error", "get-job-logs", status=429, headers={"Retry-After": "30"})
    seen = run(rate_limit_wait=60)
    assert (seen.requested.count("get-job-logs"), "Its log cannot be read: " in seen.result["msg"]) == (1, True)


@pytest.mark.parametrize("fault", ["reset after", "cut body"])
def test_a_run_whose_response_is_lost_is_not_started_twice(run, emulator, fault):
    emulator.order(fault, "run-job")
    seen = run(retries=3)
    assert len(emulator.runs_of(*IDS.values())) == 1
    assert (seen.result["failed"], "The run may have been started." in seen.result["msg"]) == (True, True)


def test_a_run_that_cannot_be_watched_is_reported_as_started(run, emulator):
    emulator.order("error", "get-run-details", status=403, times=None)
    seen = run()
    assert (seen.result["failed"], seen.result["changed"], seen.result["run"]["id"]) == (True, True, only_run(emulator).id)
    assert seen.result["msg"].startswith(
        f"Started the run {only_run(emulator).id} of the job example-job of the project default-project, "
        "but its status cannot be read, and it was not aborted: "
    )
    assert seen.result["error"]["status"] == 403


def test_a_missing_job_is_not_reported_as_changed(run):
    seen = run(job_id="no-such-job")
    assert (seen.result["failed"], "changed" in seen.result, seen.requested) == (True, False, ["run-job"])


def test_a_run_is_named_before_its_first_poll(run, emulator):
    emulator.order("error", "get-run-details", status=403, times=None)
    assert run().progress == [f"Run {only_run(emulator).id} of the job example-job: started"]


@pytest.mark.parametrize("options", [{}, {"follow_logs": True}], ids=["last lines", "followed"])
def test_no_secret_of_the_overrides_is_shown(run, emulator, options):
    emulator.plan_run(status="FAILED", log=[[f"the password is {SECRET}", "the file says S3cret-second-line", f"the token is {TOKEN}"]])
    seen = run(**OVERRIDES, **options)
    output = json.dumps([seen.result, seen.progress, seen.warnings])
    assert [secret for secret in (SECRET, "S3cret-second-line", TOKEN) if secret in output] == []
    assert seen.result["log"] == ["the password is ********", "the file says ********", "the token is ********"]


def test_a_value_that_is_an_ordinary_word_is_masked_only_in_the_log(run, emulator):
    emulator.plan_run(status="FAILED", log=[["FAILED 1 of example-job"]])
    seen = run(runtime_environment={"A": "FAILED", "B": 1, "C": "example-job", "D": True})
    assert (seen.result["changed"], seen.result["run"]["status"], seen.result["run"]["failed"]) == (True, "FAILED", 1)
    assert seen.result["log"] == ["******** ******** of ********"]
