# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run whose log is followed: what is shown of the log, and the notes about missing lines."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._flows import logs
from emulator import _run_operations
from harness.client_data import IDS

LACKS_LINES = f"The followed log lacks lines. A line of the log marks each place (job {IDS['job_id']} of the project {IDS['project_id']})."


def test_a_followed_log_is_shown_once_and_returned(run, emulator):
    emulator.plan_run(reads=3, log=[["one"], ["two", "three"], ["four"]])
    seen = run(follow_logs=True)
    assert [line for line in seen.progress if " | " in line] == [f"example-job | {line}" for line in ("one", "two", "three", "four")]
    assert seen.result["log"] == ["one", "two", "three", "four"]
    assert seen.requested == ["run-job", *["get-run-details", "get-job-logs"] * 3]


def test_a_followed_log_that_cannot_be_read_at_the_end_is_reported(run, emulator):
    emulator.plan_run(log=[["one"]])
    emulator.order("error", "get-job-logs", status=500, times=None)
    (warning,) = run(follow_logs=True, retries=0).warnings
    assert warning.startswith("The followed log may lack its last lines: GET ")


def test_a_followed_log_is_complete_if_the_api_returns_few_lines_at_once(run, emulator, monkeypatch):
    monkeypatch.setattr(_run_operations, "MOST_LINES", 20)
    texts = [f"line {number}" for number in range(110)]
    emulator.plan_run(log=[texts])
    seen = run(follow_logs=True)
    assert (seen.result["log"], seen.warnings) == (texts, [])


def test_a_failed_run_shows_the_last_lines_of_a_log_that_was_read_in_part(run, emulator, monkeypatch):
    monkeypatch.setattr(logs, "_MAX_BATCHES", 1)
    monkeypatch.setattr(logs, "_BATCH", 50)
    texts = [f"line {number}" for number in range(200)]
    emulator.plan_run(reads=None, log=[texts])
    seen = run(follow_logs=True, log_lines=2, wait_timeout=0.2, poll_interval=10)
    note = "[northflank_manual_job_run: Lines may be missing here.]"
    assert seen.result["log"] == [*texts[:50], note, *texts[-2:]]
    assert seen.result["msg"].endswith("The last lines of its log:\nline 198\nline 199")
    assert seen.warnings == [LACKS_LINES]


@pytest.mark.parametrize("status", ["SUCCESS", "FAILED"])
def test_a_moment_with_more_lines_than_the_api_returns_is_reported_however_the_run_ends(run, emulator, status):
    moment = [{"ts": "2026-11-25T10:00:01.000Z", "log": f"line {number}"} for number in range(150)]
    emulator.plan_run(status=status)
    emulator.order("answer", "get-job-logs", body={"data": moment[:100]}, times=1)
    emulator.order("answer", "get-job-logs", body={"data": moment[:100]}, times=1)
    emulator.order("answer", "get-job-logs", body={"data": moment[:49:-1]}, times=1)
    seen = run(follow_logs=True)
    note = "[northflank_manual_job_run: Lines are missing here: the API returns at most 100 lines with the time 2026-11-25T10:00:01.000Z.]"
    assert seen.result["log"] == [*(line["log"] for line in moment[:100]), note]
    assert seen.warnings == [LACKS_LINES]


def test_the_unread_log_of_a_failed_run_is_reported(run, emulator):
    emulator.plan_run(status="FAILED", log=[["one"]])
    emulator.order("error", "get-job-logs", status=500, times=None)
    (warning,) = run(follow_logs=True).warnings
    assert warning.startswith("The followed log may lack its last lines: GET ")


def test_a_log_that_could_not_be_followed_is_reported_if_the_run_cannot_be_watched(run, emulator):
    emulator.plan_run(reads=None)
    emulator.order("error", "get-job-logs", status=403)
    emulator.order("error", "get-run-details", status=403, skip=1, times=None)
    (warning,) = run(follow_logs=True).warnings
    assert warning.startswith("The log cannot be followed: GET ")


def test_the_log_of_a_failed_run_is_read_again_if_it_could_not_be_followed(run, emulator):
    emulator.plan_run(reads=2, status="FAILED", log=[["one"], ["two"]])
    emulator.order("error", "get-job-logs", status=500)
    emulator.order("error", "get-job-logs", status=500)
    text = run(follow_logs=True, retries=0).result["msg"]
    assert text.endswith("The last lines of its log:\none\ntwo")


def test_the_log_of_a_followed_run_that_fails_is_not_read_again(run, emulator):
    emulator.plan_run(status="FAILED", log=[["one", "two"]])
    seen = run(follow_logs=True, log_lines=1)
    assert (seen.requested, seen.result["log"]) == (["run-job", "get-run-details", "get-job-logs"], ["one", "two"])
    assert seen.result["msg"].endswith("The last lines of its log:\ntwo")
