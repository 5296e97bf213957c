# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job and its diff as users see them."""

from __future__ import annotations

from ansible_collections.northflank.cloud.plugins.module_utils._job import facts, fields
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import File

ROW = {row.path: row for row in fields.FIELDS}
RESPONSE = {"id": "a", "appId": "/u/p/a", "name": "A", "jobType": "manual", "newKey": {"secret": "x"}}


def test_a_job_shows_only_its_identity_and_what_the_table_names() -> None:
    assert facts.job({}, RESPONSE, "p") == {"id": "a", "app_id": "/u/p/a", "name": "A", "job_type": "manual", "project_id": "p"}


def test_fields_have_their_options_names_and_nesting() -> None:
    shown = facts.job({"billing.gpu.configuration.gpuCount": 2, "disabledCI": True}, {}, "p")
    assert (shown["billing"], shown["disabled_ci"]) == ({"gpu": {"configuration": {"gpu_count": 2}}}, True)


def test_a_field_that_is_not_set_reads_as_the_value_that_clears_it() -> None:
    shown = facts.job({"tags": None, "stageId": None, "activeDeadlineSeconds": None, "description": None, "disabledCI": None}, {}, "p")
    assert shown == {"project_id": "p", "tags": [], "stage_id": "", "active_deadline_seconds": 0}


def test_parts_of_an_object_that_is_not_set_are_left_out() -> None:
    assert "build_settings" not in facts.job({row.path: None for row in fields.FIELDS}, {}, "p")


def test_only_the_sorted_names_of_secret_maps_are_shown() -> None:
    shown = facts.job({"runtimeEnvironment": {"B": "x", "A": "y"}, "runtimeFiles": None}, {}, "p")
    assert shown == {"project_id": "p", "runtime_environment_keys": ["A", "B"], "runtime_files_keys": []}


def test_only_one_of_two_build_types_is_shown_because_options_allow_one() -> None:
    known = {"buildSettings.dockerfile.buildEngine": "kaniko", "buildSettings.buildpack.builder": "HEROKU_24"}
    assert facts.job(known, {}, "p")["build_settings"] == {"dockerfile": {"build_engine": "kaniko"}}


def test_a_check_shows_its_options() -> None:
    check = {"protocol": "TCP", "type": "livenessProbe", "port": 80, "initialDelaySeconds": 1}
    assert facts.job({"healthChecks": [check]}, {}, "p")["health_checks"] == [
        {"protocol": "TCP", "type": "livenessProbe", "port": 80, "initial_delay_seconds": 1}
    ]


def test_a_diff_shows_unknown_for_a_value_that_cannot_be_read() -> None:
    row = ROW["billing.buildPlan"]
    assert facts.diff([row], {}, {row.path: "a"}) == {
        "before": {"billing": {"build_plan": "unknown"}},
        "after": {"billing": {"build_plan": "a"}},
    }


def test_a_diff_of_an_unknown_secret_map_shows_unknown() -> None:
    row = ROW["dockerSecretMounts"]
    shown = facts.diff([row], {}, {row.path: {"a": File("YQ==")}})
    assert shown == {"before": {"docker_secret_mounts": "unknown"}, "after": {"docker_secret_mounts": {"a": "hidden, changed"}}}


def test_a_diff_shows_which_secrets_are_added_changed_kept_and_removed() -> None:
    row = ROW["runtimeEnvironment"]
    shown = facts.diff(
        [row], {row.path: {"STAYS": "1", "CHANGES": "1", "GOES": "1"}}, {row.path: {"STAYS": "1", "CHANGES": "2", "COMES": "1"}}
    )
    assert shown["before"]["runtime_environment"] == {"STAYS": "hidden", "CHANGES": "hidden", "GOES": "hidden"}
    assert shown["after"]["runtime_environment"] == {"STAYS": "hidden", "CHANGES": "hidden, changed", "COMES": "hidden, changed"}
