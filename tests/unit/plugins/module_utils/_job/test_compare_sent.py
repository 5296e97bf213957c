# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent with a change, by either PATCH, and what is known after it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import PATCH_JOB
from ansible_collections.northflank.cloud.plugins.module_utils._job import compare, fields
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import File

ROW = {row.path: row for row in fields.FIELDS}
CHECK = {"protocol": "TCP", "type": "livenessProbe", "port": 80}
DOCKERFILE, BUILDPACK = "buildSettings.dockerfile", "buildSettings.buildpack"
STORAGE = "buildSettings.storage.ephemeralStorage.storageSize"
BUILD = {row.path: None for row in fields.FIELDS if row.path.startswith("buildSettings.")}
# A change of one field: its path, what the task states, what is known, and what is then sent and known.
CHANGES = pytest.mark.parametrize(
    ("path", "desired", "known", "strategy", "expected"),
    [
        ("description", "b", "a", "replace", "b"),
        ("tags", ["b"], None, "replace", ["b"]),
        ("runtimeEnvironment", {"B": "2"}, {"A": "1"}, "replace", {"B": "2"}),
        ("runtimeEnvironment", {"B": "2"}, {"A": "1"}, "merge", {"A": "1", "B": "2"}),
        ("runtimeEnvironment", {"A": "2"}, {"A": "1"}, "merge", {"A": "2"}),
        ("runtimeEnvironment", {"B": "2"}, None, "merge", {"B": "2"}),
        ("healthChecks", [CHECK], None, "replace", [CHECK]),
        ("healthChecks", [{**CHECK, "port": 81}], [CHECK], "replace", [{**CHECK, "port": 81}]),
        ("healthChecks", [CHECK], [{**CHECK, "type": "readinessProbe", "successThreshold": 2}], "replace", [CHECK]),
        (
            "healthChecks",
            [{**CHECK, "successThreshold": 1}],
            [{**CHECK, "successThreshold": 2}],
            "replace",
            [{**CHECK, "successThreshold": 1}],
        ),
    ],
    ids=str,
)


@CHANGES
def test_a_change_is_sent_as_the_whole_value(path: str, desired: t.Any, known: t.Any, strategy: str, expected: t.Any) -> None:
    assert compare.build_body([ROW[path]], {path: desired}, {path: known}, strategy) == {path: expected}


@CHANGES
def test_a_change_is_predicted_as_it_is_sent(path: str, desired: t.Any, known: t.Any, strategy: str, expected: t.Any) -> None:
    others = {"disabledCI": True, "stageId": "a"}
    assert compare.state_after([ROW[path]], {path: desired}, {path: known, **others}, strategy) == {path: expected, **others}


@pytest.mark.parametrize(
    ("desired", "known", "encoding"),
    [
        (File("Yg==", "utf-8"), File("YQ==", "latin-1"), "utf-8"),
        (File("YQ==", "utf-8"), File("YQ==", "latin-1"), "latin-1"),
        (File("YQ==", "utf-8", True), File("YQ==", "latin-1"), "utf-8"),
        (File("YQ==", None), File("Yg==", "latin-1"), "latin-1"),
        (File("YQ==", None), None, None),
    ],
    ids=str,
)
def test_a_file_keeps_its_encoding_if_the_task_does_not_set_one_and_the_bytes_allow_it(
    desired: File, known: File | None, encoding: str | None
) -> None:
    files = {} if known is None else {"/a": known}
    assert compare.value_to_send(ROW["runtimeFiles"], {"/a": desired}, files, "replace") == {"/a": desired._replace(encoding=encoding)}


def test_the_other_patch_sends_its_own_object_as_a_whole() -> None:
    known = {"runOnSourceChange": "never", "activeDeadlineSeconds": None, "billing.deploymentPlan": "a"}
    assert compare.build_body([ROW["backoffLimit"]], {"backoffLimit": 1}, known, "replace", PATCH_JOB) == {
        "settings": {"backoffLimit": 1, "runOnSourceChange": "never"}
    }
    assert compare.build_body([ROW["backoffLimit"]], {"backoffLimit": 1}, known, "replace") == {"backoffLimit": 1}


def test_an_empty_list_does_not_set_a_build_type() -> None:
    desired = {f"{DOCKERFILE}.buildEngine": "kaniko", f"{BUILDPACK}.buildpackLocators": []}
    known = {**BUILD, f"{BUILDPACK}.builder": "HEROKU_24"}
    assert compare.build_body([ROW[f"{DOCKERFILE}.buildEngine"]], desired, known, "replace") == {
        "buildSettings": {"dockerfile": {"buildEngine": "kaniko"}}
    }


def test_the_other_fields_of_an_object_are_predicted_to_stay() -> None:
    known = {"billing.deploymentPlan": "a", "billing.buildPlan": "b", "billing.gpu.enabled": True}
    rows, desired = [ROW["billing.deploymentPlan"]], {"billing.deploymentPlan": "c"}
    assert compare.state_after(rows, desired, known, "replace") == {**known, "billing.deploymentPlan": "c"}


def test_the_other_build_type_is_predicted_to_be_removed() -> None:
    known = {**BUILD, f"{DOCKERFILE}.buildEngine": "kaniko", STORAGE: 16384}
    path = f"{BUILDPACK}.builder"
    after = compare.state_after([ROW[path]], {path: "HEROKU_24"}, known, "replace")
    assert after == {**BUILD, path: "HEROKU_24", STORAGE: 16384}


@pytest.mark.parametrize(("known", "expected"), [(f"{DOCKERFILE}.buildEngine", True), (f"{BUILDPACK}.builder", None)])
def test_the_option_without_effect_is_predicted_if_it_is_sent(known: str, expected: bool | None) -> None:
    desired = {STORAGE: 16384, f"{DOCKERFILE}.useCache": True}
    after = compare.state_after([ROW[STORAGE]], desired, {**BUILD, known: "x"}, "replace")
    assert after == {**BUILD, known: "x", STORAGE: 16384, f"{DOCKERFILE}.useCache": expected}
