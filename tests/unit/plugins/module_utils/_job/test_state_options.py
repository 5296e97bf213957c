# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that a task sets, those that an entry of list-jobs shows, and the objects that a response shows completely."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, state


def test_the_options_of_the_task_are_canonical_under_their_paths() -> None:
    options = {"disabled_ci": False, "billing": {"gpu": {"enabled": True}}, "tags": ["a", "a"], "stage_id": "", "job_id": "b"}
    assert state.from_options(options) == {"disabledCI": False, "billing.gpu.enabled": True, "tags": ["a"], "stageId": None}


def test_an_option_that_is_none_is_not_compared() -> None:
    assert state.from_options({"tags": None, "billing": None, "build_configuration": {"is_allow_list": None}}) == {}


def test_only_the_options_of_the_rows_count() -> None:
    row = fields.BY_OPTION["deployment.internal.branch"]
    options = {"disabled_ci": True, "deployment": {"internal": {"branch": "main"}}}
    assert state.from_options(options, [row]) == {"deployment.internal.branch": "main"}


def test_the_fields_of_an_entry_of_a_list_are_known() -> None:
    entry = {"description": "a", "disabledCI": False, "tags": ["b"], "backoffLimit": 1, "name": "c"}
    assert state.from_list(entry) == {"description": "a", "disabledCI": False, "tags": ["b"]}


def test_what_an_entry_of_a_list_does_not_contain_is_unknown() -> None:
    assert state.from_list({"stageId": None, "disabledCI": "of another type"}) == {"stageId": None}


@pytest.mark.parametrize(
    ("path", "objects"),
    [
        ("description", ()),
        ("billing.deploymentPlan", ()),
        ("billing.gpu.enabled", ("billing.gpu",)),
        ("billing.gpu.configuration.gpuType", ("billing.gpu", "billing.gpu.configuration")),
        ("buildConfiguration.isAllowList", ()),
        (
            "buildConfiguration.storage.ephemeralStorage.storageSize",
            ("buildConfiguration.storage", "buildConfiguration.storage.ephemeralStorage"),
        ),
        ("buildSettings.buildpack.builder", ("buildSettings", "buildSettings.buildpack")),
    ],
)
def test_an_object_is_complete_if_all_of_its_fields_are_new_in_the_same_state(path: str, objects: t.Sequence[str]) -> None:
    # Called again, because the kept result was made when the file was loaded.
    assert state._complete_objects()[path] == objects
