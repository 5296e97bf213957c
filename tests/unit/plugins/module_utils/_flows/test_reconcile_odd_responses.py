# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow with responses that the emulator does not send: unknown shapes, hidden values, and missing fields."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult, reconcile
from harness.flow_properties import validated
from harness.odd_server import Odd, OddServer

JOB = {"id": "a", "name": "A", "appId": "/u/p/a", "jobType": "manual", "disabledCI": False, "settings": {"backoffLimit": 0}}
FILE = {"data": "YQ==", "encoding": "utf-8"}


@pytest.fixture
def attempt(odd_server: OddServer, client_of: t.Callable[..., Client]) -> t.Callable[..., JobResult]:
    """attempt(responses, **options) runs the flow of a task with a server that sends these responses in turn."""

    def run(responses: list[dict[str, t.Any] | int], check_mode: bool = False, **options: t.Any) -> JobResult:
        odd_server.responses = [
            Odd(status=response, body={"error": {"status": response, "message": "refused"}})
            if isinstance(response, int)
            else Odd(body={"data": response})
            for response in responses
        ]
        return reconcile(client_of(odd_server.url), validated(**options), check_mode)

    return run


def test_a_map_of_an_unknown_shape_is_not_treated_as_empty(attempt: t.Callable[..., JobResult], odd_server: OddServer) -> None:
    written = {**JOB, "dockerSecretMounts": {"old": FILE, "odd": {"url": "x"}}}
    with pytest.raises(StateError, match="docker_secret_mounts"):
        attempt([JOB, written], map_strategy="merge", docker_secret_mounts={"new": {"content": "a"}})
    assert len(odd_server.paths) == 2


def test_a_list_of_an_unknown_shape_is_not_treated_as_empty(attempt: t.Callable[..., JobResult]) -> None:
    with pytest.raises(StateError, match="tags"):
        attempt([{**JOB, "tags": [1]}, {**JOB, "tags": [1]}], tags=[])


def test_what_patch_may_hide_from_a_token_is_not_merged_as_empty(attempt: t.Callable[..., JobResult], odd_server: OddServer) -> None:
    with pytest.raises(StateError, match="Project > Secrets > Jobs > Read"):
        attempt([JOB, 403, JOB], map_strategy="merge", runtime_environment={"NEW": "1"})
    assert len(odd_server.paths) == 3


def test_what_patch_may_hide_from_a_token_is_named_if_the_task_clears_it(attempt: t.Callable[..., JobResult]) -> None:
    outcome = attempt([JOB, 403, JOB], runtime_environment={})
    assert (outcome.changed, outcome.unknown_fields) == (False, ["runtime_environment"])
    assert outcome.warnings == [
        "Treated as empty, although the API may have hidden its value: "
        'runtime_environment (the token lacks the permission "Project > Secrets > Jobs > Read").'
    ]


def test_a_null_instead_of_a_secret_map_is_not_treated_as_empty(attempt: t.Callable[..., JobResult], odd_server: OddServer) -> None:
    outcome = attempt(
        [{**JOB, "runtimeEnvironment": None}, {"runtimeEnvironment": {"A": "1"}, "runtimeFiles": {}}], runtime_environment={"A": "1"}
    )
    assert (outcome.changed, len(odd_server.paths)) == (False, 2)


def test_a_job_keeps_its_identity_if_the_response_of_patch_does_not_contain_it(attempt: t.Callable[..., JobResult]) -> None:
    outcome = attempt([JOB, {"id": "a", "description": "New"}], description="New")
    assert (outcome.job["id"], outcome.job["name"], outcome.job["disabled_ci"]) == ("a", "A", False)


def test_a_build_type_that_only_the_response_of_patch_shows_replaces_an_older_name(attempt: t.Callable[..., JobResult]) -> None:
    vcs = {"projectUrl": "u", "projectType": "github", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}
    written = {**JOB, "buildSettings": {"buildpack": {"builder": "HEROKU_24"}}}
    outcome = attempt([{**JOB, "vcsData": vcs}, written], build_settings={"buildpack": {"builder": "HEROKU_24"}})
    assert (outcome.changed, outcome.job["build_settings"]["buildpack"]["builder"]) == (False, "HEROKU_24")
    assert "dockerfile" not in outcome.job["build_settings"]


@pytest.mark.parametrize(
    ("response", "option"),
    [
        ({"buildSettings": {"dockerfile": {"dockerfileContents": ""}}}, {"build_settings": {"dockerfile": {"dockerfile_contents": ""}}}),
        ({"stageId": ""}, {"stage_id": ""}),
        ({"activeDeadlineSeconds": 0}, {"active_deadline_seconds": 0}),
    ],
    ids=str,
)
def test_the_value_with_which_a_task_clears_a_field_reads_as_not_set(
    attempt: t.Callable[..., JobResult], odd_server: OddServer, response: dict[str, t.Any], option: dict[str, t.Any]
) -> None:
    assert attempt([{**JOB, **response}], **option).changed is False
    assert len(odd_server.paths) == 1


def test_an_empty_description_is_left_out_of_the_job_because_no_task_can_set_it(attempt: t.Callable[..., JobResult]) -> None:
    assert "description" not in attempt([{**JOB, "description": ""}]).job


def test_a_member_that_is_cleared_does_not_choose_the_build_type(attempt: t.Callable[..., JobResult], odd_server: OddServer) -> None:
    size = {"ephemeral_storage": {"storage_size": 32768}}
    job = {**JOB, "buildSettings": {"buildpack": {"builder": "HEROKU_24"}}}
    attempt([job, job], build_settings={"storage": size, "dockerfile": {"dockerfile_contents": ""}})
    assert odd_server.bodies[-1]["buildSettings"]["buildpack"] == {"builder": "HEROKU_24"}


def test_a_file_whose_content_stays_keeps_its_encoding(attempt: t.Callable[..., JobResult], odd_server: OddServer) -> None:
    present = {"runtimeEnvironment": {}, "runtimeFiles": {"/a": {"data": "YQ==", "encoding": "latin1"}, "/b": FILE}}
    attempt([JOB, present, JOB], runtime_files={"/a": {"content": "a"}, "/b": {"content": "new"}})
    assert odd_server.bodies[-1]["runtimeFiles"]["/a"] == {"data": "YQ==", "encoding": "latin1"}


@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_removed_patch_is_not_reported_as_a_wrong_id(attempt: t.Callable[..., JobResult], status: int) -> None:
    with pytest.raises(ApiError, match="The job was read just before this request. .* the API no longer has the operation patch-job"):
        attempt([JOB, status], description="New")
