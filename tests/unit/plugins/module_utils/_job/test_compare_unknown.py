# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cannot be sent without loss, because a value that must be sent along is unknown."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import PATCH_JOB, PATCH_MANUAL_JOB, Operation
from ansible_collections.northflank.cloud.plugins.module_utils._job import compare, fields

ROW = {row.path: row for row in fields.FIELDS}
CHECK = {"protocol": "TCP", "type": "livenessProbe", "port": 80}


def lacks(path: str, desired: t.Any, known: compare.JobState, strategy: str = "replace", operation: Operation = PATCH_MANUAL_JOB) -> bool:
    """Whether a field of the task needs unknown siblings."""
    return compare.needs_unknown_siblings([ROW[path]], {path: desired}, known, strategy, operation)


@pytest.mark.parametrize(("path", "desired"), [("runtimeEnvironment", {"A": "1"}), ("runtimeFiles", {})])
def test_a_map_to_be_merged_needs_the_present_map(path: str, desired: dict[str, t.Any]) -> None:
    assert lacks(path, desired, {}, "merge")
    assert compare.is_unknown_merge(ROW[path], {}, "merge")


@pytest.mark.parametrize(
    ("path", "desired", "known", "strategy"),
    [
        ("runtimeEnvironment", {"A": "1"}, {}, "replace"),
        ("runtimeEnvironment", {"A": "1"}, {"runtimeEnvironment": {}}, "merge"),
        ("runtimeEnvironment", {"A": "1"}, {"runtimeEnvironment": None}, "merge"),
        ("runtimeEnvironment", {"A": "1"}, {"runtimeEnvironment": {}}, "replace"),
        ("tags", ["a"], {}, "merge"),
    ],
    ids=str,
)
def test_what_is_replaced_or_known_or_not_a_map_needs_nothing_else(
    path: str, desired: t.Any, known: compare.JobState, strategy: str
) -> None:
    assert not lacks(path, desired, known, strategy)
    assert not compare.is_unknown_merge(ROW[path], known, strategy)


def test_a_check_without_its_threshold_needs_the_present_one() -> None:
    assert lacks("healthChecks", [{**CHECK, "successThreshold": 1}, CHECK], {})


@pytest.mark.parametrize(
    ("checks", "known"),
    [
        ([{**CHECK, "successThreshold": 1}], {}),
        ([CHECK], {"healthChecks": [CHECK]}),
        ([CHECK], {"healthChecks": None}),
        ([], {}),
    ],
    ids=str,
)
def test_health_checks_that_are_known_or_set_their_threshold_need_nothing_else(
    checks: list[dict[str, t.Any]], known: compare.JobState
) -> None:
    assert not lacks("healthChecks", checks, known)


def test_an_option_that_is_set_is_not_missing() -> None:
    desired, known = {"backoffLimit": 1, "runOnSourceChange": "never"}, {"activeDeadlineSeconds": None}
    assert not compare.needs_unknown_siblings([ROW["backoffLimit"]], desired, known, "replace", PATCH_JOB)


def test_the_other_patch_has_another_object_to_send_as_a_whole() -> None:
    known = {"runOnSourceChange": None, "activeDeadlineSeconds": None}
    assert not lacks("backoffLimit", 1, {})
    assert lacks("backoffLimit", 1, {}, operation=PATCH_JOB)
    assert not lacks("backoffLimit", 1, known, operation=PATCH_JOB)
