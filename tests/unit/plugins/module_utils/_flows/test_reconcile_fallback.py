# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The removal of patch-manual-job is announced. After it, the same change is sent to patch-job."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult, reconcile
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flow_properties import operations, validated

FIELDS = {"disabledCI": False, "description": "As it is", "backoffLimit": 1, "runOnSourceChange": "always", "activeDeadlineSeconds": 60}


@pytest.fixture(params=[404, 405, 410])
def emulator(request: pytest.FixtureRequest) -> t.Iterator[Emulator]:
    """The API after the removals, with each status that a removed operation may return."""
    with Emulator(state="removed") as running:
        running.gone_status = request.param
        running.add_job(PROJECT, JOB, FIELDS)
        yield running
        assert running.violations == []


@pytest.fixture
def task(emulator: Emulator, client_of: t.Callable[..., Client]) -> t.Callable[..., JobResult]:
    """task(**options) runs the flow of a task, all tasks of a test in one session."""
    client = client_of(emulator.url, api_token=emulator.TOKEN)

    def run(**options: t.Any) -> JobResult:
        return reconcile(client, validated(**options), False)

    return run


def test_an_unchanged_task_does_not_send_that_request(task: t.Callable[..., JobResult], emulator: Emulator) -> None:
    assert (task(backoff_limit=1, run_on_source_change="always").changed, operations(emulator)) == (False, ["get-job"])


def test_a_change_is_sent_to_the_operation_that_replaces_the_removed_one(task: t.Callable[..., JobResult], emulator: Emulator) -> None:
    assert task(description="New").changed is True
    assert operations(emulator) == ["get-job", "patch-manual-job", "patch-job"]
    assert (emulator.requests[-1].body, emulator.job(PROJECT, JOB)["description"]) == ({"description": "New"}, "New")


def test_it_is_remembered_for_the_rest_of_the_session(task: t.Callable[..., JobResult], emulator: Emulator) -> None:
    task(description="New")
    task(description="Newer")
    assert operations(emulator)[3:] == ["get-job", "patch-job"]


def test_a_job_that_was_deleted_between_two_requests_does_not_show_that_the_operation_was_removed(
    client_of: t.Callable[..., Client],
) -> None:
    with Emulator(state="rich") as emulator:
        emulator.add_job(PROJECT, JOB, FIELDS)
        client = client_of(emulator.url, api_token=emulator.TOKEN)
        for operation in ("patch-manual-job", "patch-job"):
            emulator.order("error", operation, status=404)
        with pytest.raises(ApiError):
            reconcile(client, validated(description="New"), False)
        reconcile(client, validated(description="New"), False)
        assert operations(emulator)[3:] == ["get-job", "patch-manual-job"]


def test_settings_are_sent_as_a_whole_and_without_cron(task: t.Callable[..., JobResult], emulator: Emulator) -> None:
    outcome = task(backoff_limit=5, active_deadline_seconds=0)
    assert emulator.requests[-1].body == {"settings": {"backoffLimit": 5, "runOnSourceChange": "always", "activeDeadlineSeconds": None}}
    assert (outcome.job["backoff_limit"], outcome.job["run_on_source_change"], outcome.warnings) == (5, "always", [])


def test_siblings_that_are_only_in_settings_are_read_first(task: t.Callable[..., JobResult], emulator: Emulator) -> None:
    emulator.state, emulator.gone = "current", {"patch-manual-job"}
    task(backoff_limit=5)
    assert operations(emulator) == ["get-job", "patch-manual-job", "patch-job", "patch-job"]
    assert [request.body for request in emulator.requests[2:]] == [
        {"disabledCI": False},
        {"settings": {"backoffLimit": 5, "runOnSourceChange": "always", "activeDeadlineSeconds": 60}},
    ]
