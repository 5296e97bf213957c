# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values are equal, and what is sent if they are not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._job import compare, fields, probe
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import File

ROW = {row.path: row for row in fields.FIELDS}
CHECK = {"protocol": "TCP", "type": "livenessProbe", "port": 80}
BILLING = {
    "billing.deploymentPlan": "a",
    "billing.buildPlan": None,
    "billing.gpu.enabled": None,
    "billing.gpu.configuration.gpuType": None,
    "billing.gpu.configuration.gpuCount": None,
    "billing.gpu.configuration.timesliced": None,
}
BUILD = {row.path: None for row in fields.FIELDS if row.path.startswith("buildSettings.")}


def equal(path: str, desired: t.Any, known: t.Any, strategy: str = "replace") -> bool:
    """Whether a known value is what a task states."""
    return compare.is_equal(ROW[path], desired, known, strategy)


@pytest.mark.parametrize(
    ("path", "desired", "known"),
    [
        ("description", "", None),
        ("tags", [], None),
        ("healthChecks", [], None),
        ("runtimeEnvironment", {}, None),
        ("buildConfiguration.isAllowList", False, None),
        ("buildConfiguration.dockerfileTarget", "", None),
        ("stageId", None, None),
        ("activeDeadlineSeconds", None, None),
        ("tags", ["a", "b"], ["b", "a"]),
        ("buildConfiguration.ciIgnoreFlags", ["a"], ["a", "a"]),
        ("healthChecks", [CHECK], [{**CHECK, "successThreshold": 1}]),
        ("runtimeFiles", {"/a": File("YQ==")}, {"/a": File("YQ", "latin-1")}),
    ],
    ids=str,
)
def test_the_same_in_other_words_is_equal(path: str, desired: t.Any, known: t.Any) -> None:
    assert equal(path, desired, known)


@pytest.mark.parametrize(
    ("path", "value"),
    [("description", "a"), ("disabledCI", False), ("buildConfiguration.pathIgnoreRules", ["a", "b"]), ("healthChecks", [CHECK])],
    ids=str,
)
def test_the_same_in_the_same_words_is_equal(path: str, value: t.Any) -> None:
    assert equal(path, value, value)


@pytest.mark.parametrize(
    ("path", "desired", "known"),
    [
        ("description", "a", None),
        ("disabledCI", False, None),
        ("backoffLimit", 0, None),
        ("buildConfiguration.includeGitFolder", False, None),
        ("stageId", None, "staging"),
        ("stageId", "staging", None),
        ("buildConfiguration.pathIgnoreRules", ["a", "b"], ["b", "a"]),
        ("tags", ["a"], ["a", "b"]),
        ("runtimeEnvironment", {"A": "1"}, {"A": "1", "B": "2"}),
        ("runtimeEnvironment", {}, {"A": "1"}),
        ("healthChecks", [CHECK], [CHECK, {**CHECK, "type": "readinessProbe"}]),
        ("healthChecks", [{**CHECK, "successThreshold": 2}], [CHECK]),
        ("healthChecks", [CHECK], [{**CHECK, "type": "readinessProbe"}]),
        ("runtimeFiles", {"/a": File("YQ==", "utf-8", True)}, {"/a": File("YQ==", "latin-1")}),
        ("runtimeEnvironment", {"A": "${fn.randomSecret(32)}"}, {"A": "${fn.randomSecret(32)}"}),
    ],
    ids=str,
)
def test_what_differs_is_not_equal(path: str, desired: t.Any, known: t.Any) -> None:
    assert not equal(path, desired, known)


def test_merging_compares_only_the_keys_that_the_task_sets() -> None:
    assert equal("runtimeEnvironment", {"A": "1"}, {"A": "1", "B": "2"}, "merge")
    assert not equal("runtimeEnvironment", {"C": "1"}, {"A": "1"}, "merge")


def test_a_field_that_the_task_sets_differs_by_its_value() -> None:
    desired, known = {"description": "a", "tags": ["b"]}, {"description": "a", "tags": ["c"]}
    assert compare.compare(desired, known, "replace") == ([ROW["tags"]], [])


@pytest.mark.parametrize(("strategy", "differing"), [("merge", []), ("replace", [ROW["runtimeEnvironment"]])])
def test_a_map_differs_by_the_strategy(strategy: str, differing: compare.Rows) -> None:
    desired, known = {"runtimeEnvironment": {"A": "1"}}, {"runtimeEnvironment": {"A": "1", "B": "2"}}
    assert compare.compare(desired, known, strategy) == (differing, [])


def test_an_unknown_field_is_neither_equal_nor_different() -> None:
    assert compare.compare({"stageId": "a", "tags": ["b"]}, {"tags": []}, "replace") == ([ROW["tags"]], [ROW["stageId"]])


def test_an_object_is_sent_as_a_whole() -> None:
    desired, known = {"billing.deploymentPlan": "b"}, {**BILLING, "billing.buildPlan": "kept", "billing.gpu.enabled": False}
    body = compare.build_body([ROW["billing.deploymentPlan"]], desired, known, "replace")
    assert body == {"billing": {"deploymentPlan": "b", "buildPlan": "kept", "gpu": {"enabled": False}}}


def test_an_option_that_equals_not_set_is_not_sent() -> None:
    desired = {"buildConfiguration.isAllowList": False, "buildConfiguration.dockerfileTarget": "a"}
    assert compare.build_body(
        [ROW["buildConfiguration.dockerfileTarget"]], desired, {"buildConfiguration.isAllowList": None}, "replace"
    ) == {"buildConfiguration": {"dockerfileTarget": "a"}}


def test_an_object_with_unknown_parts_needs_them() -> None:
    rows, desired = [ROW["billing.deploymentPlan"]], {"billing.deploymentPlan": "b"}
    assert compare.needs_unknown_siblings(rows, desired, {"billing.deploymentPlan": "a"}, "replace")
    assert not compare.needs_unknown_siblings(rows, desired, BILLING, "replace")


def test_a_field_at_the_top_needs_no_siblings() -> None:
    assert not compare.needs_unknown_siblings([ROW["tags"]], {"tags": ["a"]}, {}, "replace")


def test_one_build_type_is_sent_without_the_other() -> None:
    desired, known = {"buildSettings.buildpack.builder": "HEROKU_24"}, {**BUILD, "buildSettings.dockerfile.buildEngine": "kaniko"}
    assert compare.build_body([ROW["buildSettings.buildpack.builder"]], desired, known, "replace") == {
        "buildSettings": {"buildpack": {"builder": "HEROKU_24"}}
    }


def test_storage_is_sent_with_the_present_way_to_build() -> None:
    path = "buildSettings.storage.ephemeralStorage.storageSize"
    body = compare.build_body([ROW[path]], {path: 16384}, {**BUILD, "buildSettings.buildpack.builder": "HEROKU_24"}, "replace")
    assert body == {"buildSettings": {"storage": {"ephemeralStorage": {"storageSize": 16384}}, "buildpack": {"builder": "HEROKU_24"}}}


@pytest.mark.parametrize(("known", "sent"), [("dockerfile.buildEngine", True), ("buildpack.builder", False)])
def test_the_option_without_effect_is_sent_along_if_a_dockerfile_is_used(known: str, sent: bool) -> None:
    path = "buildSettings.storage.ephemeralStorage.storageSize"
    desired = {path: 16384, "buildSettings.dockerfile.useCache": True}
    body = compare.build_body([ROW[path]], desired, {**BUILD, f"buildSettings.{known}": "x"}, "replace")
    assert ("useCache" in body["buildSettings"].get("dockerfile", {})) is sent


def test_a_merged_map_keeps_the_present_keys() -> None:
    body = compare.build_body([ROW["runtimeEnvironment"]], {"runtimeEnvironment": {"B": "2"}}, {"runtimeEnvironment": {"A": "1"}}, "merge")
    assert body == {"runtimeEnvironment": {"A": "1", "B": "2"}}


def test_a_file_keeps_the_encoding_that_the_task_does_not_set() -> None:
    body = compare.build_body(
        [ROW["runtimeFiles"]], {"runtimeFiles": {"/a": File("Yg==")}}, {"runtimeFiles": {"/a": File("YQ==", "latin-1")}}, "replace"
    )
    assert body == {"runtimeFiles": {"/a": {"data": "Yg==", "encoding": "latin-1"}}}


def test_a_check_keeps_the_threshold_that_the_task_leaves_out() -> None:
    body = compare.build_body(
        [ROW["healthChecks"]], {"healthChecks": [{**CHECK, "port": 81}]}, {"healthChecks": [{**CHECK, "successThreshold": 2}]}, "replace"
    )
    assert body == {"healthChecks": [{**CHECK, "port": 81, "successThreshold": 2}]}


@pytest.mark.parametrize("path", ["stageId", "activeDeadlineSeconds", "buildSettings.dockerfile.dockerfileContents"])
def test_clearing_sends_null(path: str) -> None:
    body = compare.build_body([ROW[path]], {path: None}, {**BUILD, path: "present"}, "replace")
    for name in path.split("."):
        body = body[name]
    assert body is None


def test_a_probe_writes_the_present_value_and_not_the_requested_one() -> None:
    assert probe.build_body({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, "replace") == {"tags": ["b", "a"]}


@pytest.mark.parametrize(
    "known",
    [
        {"description": "other"},
        {"tags": []},
        {"healthChecks": [CHECK]},
        {"billing.deploymentPlan": "a"},
        {"runtimeEnvironment": {"A": "1"}},
    ],
    ids=str,
)
def test_a_probe_never_writes_a_value_that_could_lose_data(known: dict[str, t.Any]) -> None:
    stated = {"description": "mine", "tags": [], "healthChecks": [CHECK], "billing.deploymentPlan": "a", "runtimeEnvironment": {"A": "1"}}
    assert probe.build_body(stated, {**known, "disabledCI": False}, "replace") == {"disabledCI": False}


def test_a_probe_without_anything_to_write_is_refused() -> None:
    with pytest.raises(StateError, match="backoff_limit"):
        probe.build_body({}, {"disabledCI": None}, "replace")
