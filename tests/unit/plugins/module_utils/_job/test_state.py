# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a job from the published responses, from mixtures of the API's states, and from responses of unknown shape."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, state
from harness.strategies import PROPERTY, junk
from hypothesis import given

EXAMPLES = pathlib.Path(__file__).resolve().parents[4] / "contract" / "examples"
DOCKERFILE, BUILDPACK = "buildSettings.dockerfile", "buildSettings.buildpack"
# fields.md, "Fields that no GET shows": without what a job that builds with a buildpack does not have.
HIDDEN_IN_CURRENT = {
    "billing.buildPlan",
    "billing.gpu.enabled",
    "billing.gpu.configuration.gpuType",
    "billing.gpu.configuration.gpuCount",
    "billing.gpu.configuration.timesliced",
    "dockerSecretMounts",
    "runOnSourceChange",
}
IN_RESOURCES = {"runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "healthChecks"}


def example(name: str) -> dict[str, t.Any]:
    """The "data" of a published response."""
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["data"]


def unknown(known: state.JobState) -> set[str]:
    """The fields that a response leaves open."""
    return {row.path for row in fields.FIELDS} - set(known)


def test_what_june_leaves_open() -> None:
    known = state.from_get_job(example("get-job.response.json"))
    assert unknown(known) == HIDDEN_IN_CURRENT | IN_RESOURCES | {
        "stageId",
        "buildConfiguration.ignoreEmptyCommits",
        "buildSettings.storage.ephemeralStorage.storageSize",
        "buildSettings.buildpack.buildContext",
        "buildSettings.buildpack.useCache",
    }


def test_what_october_leaves_open() -> None:
    assert unknown(state.from_get_job(example("get-job.response-2026-10.json"))) == HIDDEN_IN_CURRENT | IN_RESOURCES


def test_a_response_of_patch_leaves_no_field_unknown() -> None:
    assert unknown(state.from_patch(example("patch-manual-job.response-2026-10.json"))) == set()


def test_the_published_values_of_june_are_read_under_their_older_names() -> None:
    known = state.from_get_job(example("get-job.response.json"))
    assert known["buildSettings.buildpack.builder"] == "HEROKU_24"
    assert (known["backoffLimit"], known["activeDeadlineSeconds"]) == (0, 600)
    assert known["buildConfiguration.storage.ephemeralStorage.storageSize"] == 16384


def test_a_buildpack_job_of_june_has_no_dockerfile() -> None:
    known = state.from_get_job(example("get-job.response.json"))
    assert {known[row.path] for row in fields.FIELDS if fields.build_type(row) == DOCKERFILE} == {None}


def test_the_names_of_patch_override_a_different_build_engine() -> None:
    known = state.from_get_job(example("get-job.response-2026-10.json"))
    assert known[f"{DOCKERFILE}.buildEngine"] == "buildkit"
    assert {known[row.path] for row in fields.FIELDS if fields.build_type(row) == BUILDPACK} == {None}


def test_a_mixture_without_build_settings_is_read_field_by_field() -> None:
    response = example("get-job.response-2026-10.json")
    del response["buildSettings"]
    response["buildEngineConfiguration"] = {"buildEngine": "kaniko"}
    known = state.from_get_job(response)
    assert (known["stageId"], known["buildConfiguration.ignoreEmptyCommits"]) == ("staging", False)
    assert (known[f"{DOCKERFILE}.buildEngine"], known[f"{DOCKERFILE}.dockerFilePath"]) == ("kaniko", "/Dockerfile")
    assert f"{DOCKERFILE}.dockerfileContents" not in known


def test_a_member_that_only_its_older_name_shows_is_read_there() -> None:
    response = {"buildSettings": {"dockerfile": {"dockerFilePath": "/a"}}, "buildEngineConfiguration": {"buildEngine": "kaniko"}}
    assert state.from_get_job(response)[f"{DOCKERFILE}.buildEngine"] == "kaniko"


def test_an_unknown_choice_is_shown_only_under_the_name_of_patch() -> None:
    path = f"{DOCKERFILE}.buildEngine"
    assert state.from_get_job({"buildSettings": {"dockerfile": {"buildEngine": "new"}}})[path] == "new"
    older = {"buildSettings": {"dockerfile": {"dockerFilePath": "/a"}}, "buildEngineConfiguration": {"buildEngine": "new"}}
    assert state.from_get_job(older).get(path) is None


def test_the_boolean_of_june_does_not_show_the_size_of_the_internal_cache() -> None:
    response = {"buildEngineConfiguration": {"buildEngine": "buildkit", "buildkit": {"internalCacheStorage": True}}}
    assert f"{DOCKERFILE}.buildkit.internalCacheStorage" not in state.from_get_job(response)


def test_each_field_of_a_rich_response_is_known() -> None:
    response = example("patch-manual-job.response-2026-10.json")
    response["billing"]["gpu"] = {"enabled": True}
    known = state.from_get_job({**response, "stageId": None, "disabledCI": True})
    assert (known["runtimeEnvironment"], known["runOnSourceChange"]) == ({"variable1": "abcdef", "variable2": "12345"}, "never")
    assert known["billing.gpu.configuration.gpuType"] is None  # gpu is there, and shows all of its members or is not there


@pytest.mark.parametrize(
    ("response", "path", "value"),
    [
        ({"stageId": None}, "stageId", None),
        ({}, "tags", None),
        ({}, "activeDeadlineSeconds", None),
        ({"settings": {"activeDeadlineSeconds": None}}, "activeDeadlineSeconds", None),
        ({"activeDeadlineSeconds": 5}, "activeDeadlineSeconds", 5),
        ({"settings": {"runOnSourceChange": "always"}}, "runOnSourceChange", "always"),
        ({"buildConfiguration": None}, "buildConfiguration.isAllowList", None),
    ],
    ids=str,
)
def test_absence_and_null_of_what_every_state_shows_mean_not_set(response: dict[str, t.Any], path: str, value: t.Any) -> None:
    assert state.from_get_job(response)[path] == value


@pytest.mark.parametrize("path", ["stageId", "backoffLimit", "billing.buildPlan", "buildConfiguration.ignoreEmptyCommits"])
def test_absence_of_what_not_every_state_shows_means_unknown(path: str) -> None:
    assert path not in state.from_get_job({"billing": {}, "buildConfiguration": {}, "settings": {}})


@pytest.mark.parametrize(
    ("resource", "response", "shown"),
    [
        (operations.GET_RUNTIME_ENVIRONMENT, "get-job-runtime-environment", {"runtimeEnvironment", "runtimeFiles"}),
        (operations.GET_BUILD_ARGUMENTS, "get-job-build-arguments", {"buildArguments", "buildFiles"}),
        (operations.GET_HEALTH_CHECKS, "get-job-health-checks", {"healthChecks"}),
    ],
)
def test_a_sub_resource_shows_its_fields_only(resource: operations.Operation, response: str, shown: set[str]) -> None:
    assert set(state.from_resource(resource, example(f"{response}.response.json"), {})) == shown


def test_a_startup_probe_that_is_set_and_not_listed_leaves_the_checks_unknown() -> None:
    response = example("get-job-health-checks.response.json")
    listed = state.from_resource(operations.GET_HEALTH_CHECKS, response, {})["healthChecks"]
    startup_probe = {"type": "startupProbe"}
    assert state.from_resource(operations.GET_HEALTH_CHECKS, response, {"healthChecks": [*listed, startup_probe]}) == {}
    for known in ([], listed, [startup_probe], [{**listed[0], "periodSeconds": 599}, startup_probe]):
        assert state.from_resource(operations.GET_HEALTH_CHECKS, response, {"healthChecks": known}) == {"healthChecks": listed}


def test_what_was_read_stays_known_if_the_response_of_patch_does_not_contain_it() -> None:
    written = state.from_patch({"tags": ["new"]})
    known = state.after_patch({"disabledCI": False, "tags": ["old"]}, written)
    assert (known["disabledCI"], known["tags"], known["stageId"]) == (False, ["new"], None)


def test_the_build_type_that_was_read_is_removed_if_the_response_of_patch_shows_the_other() -> None:
    written = {f"{DOCKERFILE}.buildEngine": "kaniko"}
    assert state.after_patch({f"{BUILDPACK}.builder": "HEROKU_24", "disabledCI": True}, written) == {**written, "disabledCI": True}


def test_the_build_type_that_was_read_stays_if_the_response_of_patch_shows_none() -> None:
    assert state.after_patch({f"{BUILDPACK}.builder": "HEROKU_24"}, {"tags": ["a"]}) == {f"{BUILDPACK}.builder": "HEROKU_24", "tags": ["a"]}


@pytest.mark.parametrize("response", [{"backoffLimit": 3}, {"settings": {"backoffLimit": 3}}, {"backoffLimit": 3, "settings": {}}], ids=str)
def test_the_response_of_either_patch_is_read(response: dict[str, t.Any]) -> None:
    assert state.from_patch(response)["backoffLimit"] == 3


def test_what_was_sent_is_as_in_the_response() -> None:
    assert state.after_patch({"tags": ["old"]}, state.from_patch({}), sent=["tags"])["tags"] is None


@PROPERTY
@given(junk())
def test_no_response_of_unknown_shape_is_an_error(response: t.Any) -> None:
    names = [row.path.split(".")[0] for row in fields.ROWS] + ["settings", "vcsData", "buildEngineConfiguration"]
    for data in ({name: response for name in names}, {"buildSettings": {"dockerfile": response, "buildpack": response}}):
        state.from_get_job(data)
        state.from_patch(data)
