# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The API as it is announced: get-job in the shape of PATCH, then without the deprecated operations."""

from __future__ import annotations

import pytest

FIELDS = {"runtimeEnvironment": {"A": "1"}, "backoffLimit": 2, "runOnSourceChange": "always", "activeDeadlineSeconds": 60}
SETTINGS = {name: FIELDS[name] for name in ("backoffLimit", "runOnSourceChange", "activeDeadlineSeconds")}
DEPRECATED = [("GET", "example-job/health-checks"), ("GET", "example-job/runtime-environment"), ("PATCH", "manual/example-job")]


@pytest.fixture(autouse=True)
def job(emulator):
    """The example job with a few fields."""
    emulator.add_job("default-project", "example-job", FIELDS)


def test_get_job_in_rich_has_the_shape_of_patch(emulator, send):
    emulator.state = "rich"
    shown = send("GET", "example-job").json()["data"]
    assert {name: shown[name] for name in FIELDS} == FIELDS
    assert not {"settings", "vcsData", "buildEngineConfiguration"} & set(shown)


def test_removed_has_three_fields_under_settings(emulator, send):
    emulator.state = "removed"
    shown = send("GET", "example-job").json()["data"]
    assert (shown["settings"], "backoffLimit" in shown, shown["runtimeEnvironment"]) == (SETTINGS, False, {"A": "1"})


@pytest.mark.parametrize("method, path", DEPRECATED)
@pytest.mark.parametrize("status", [404, 405, 410])
def test_deprecated_operations_do_not_exist_after_the_removals(emulator, send, method, path, status):
    emulator.state, emulator.gone_status = "removed", status
    assert send(method, path, json={} if method == "PATCH" else None).status_code == status


def test_one_operation_can_be_removed_in_any_state(emulator, send):
    emulator.gone = {"patch-manual-job"}
    assert [send("PATCH", "manual/example-job", json={}).status_code, send("GET", "example-job/health-checks").status_code] == [404, 200]


@pytest.mark.parametrize("reading, left", [("merge", {**SETTINGS, "backoffLimit": 5}), ("replace", {"backoffLimit": 5})])
def test_patch_job_accepts_settings_as_an_object(emulator, send, reading, left):
    emulator.objects = reading
    response = send("PATCH", "example-job", json={"settings": {"backoffLimit": 5}}).json()["data"]
    assert response["settings"] == left
    assert {name: value for name, value in emulator.job("default-project", "example-job").items() if name in SETTINGS} == left


def test_a_limit_that_is_lost_when_settings_are_replaced_is_seen(emulator, send):
    send("PATCH", "example-job", json={"settings": {"runOnSourceChange": "never"}})
    assert emulator.job("default-project", "example-job")["backoffLimit"] == 999


def test_patch_job_does_not_turn_a_manual_job_into_a_cron_job(send):
    assert send("PATCH", "example-job", json={"settings": {"cron": {"schedule": "0 8 * * *"}}}).status_code == 409
