# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that no read shows: what each choice of unreadable does about them, and what it costs."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ, UPDATE
from harness.playbooks import Run

Runner = t.Callable[..., Run]


@pytest.fixture(autouse=True)
def job(emulator: Emulator) -> None:
    """A job with unreadable fields."""
    fields = {
        "description": "As it is",
        "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-200-8"},
        "runOnSourceChange": "always",
        "dockerSecretMounts": {"mount": {"data": "YQ==", "encoding": "utf-8"}},
        "runtimeEnvironment": {"KEPT": "value"},
    }
    emulator.add_job(PROJECT, JOB, fields)


def methods(emulator: Emulator) -> list[str]:
    """What was sent, in order."""
    return [request.method for request in emulator.requests]


def test_a_probe_finds_an_equal_value_and_changes_nothing(run: Runner, emulator: Emulator) -> None:
    before = emulator.job(PROJECT, JOB)
    result = run({"description": "As it is", "run_on_source_change": "always"}).result
    assert (result["changed"], result["unknown_fields"], methods(emulator)) == (False, [], ["GET", "PATCH"])
    assert (emulator.requests[-1].body, emulator.job(PROJECT, JOB)) == ({"description": "As it is"}, before)


def test_a_probe_sends_disabled_ci_as_read_if_no_option_of_the_task_was_read(run: Runner, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, JOB, {**emulator.job(PROJECT, JOB), "disabledCI": True})
    run({"run_on_source_change": "always"})
    assert emulator.requests[-1].body == {"disabledCI": True}


def test_a_probe_finds_a_difference_and_a_patch_ends_it(run: Runner, emulator: Emulator) -> None:
    result = run({"billing": {"build_plan": "nf-compute-400-16"}}).result
    assert (result["changed"], methods(emulator)) == (True, ["GET", "PATCH", "PATCH"])
    assert emulator.job(PROJECT, JOB)["billing"] == {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-400-16"}


def test_no_probe_if_a_known_difference_is_sent_anyway(run: Runner, emulator: Emulator) -> None:
    result = run({"description": "New", "run_on_source_change": "never"}).result
    assert (result["changed"], result["unknown_fields"], methods(emulator)) == (True, ["run_on_source_change"], ["GET", "PATCH"])
    assert emulator.requests[-1].body == {"description": "New", "runOnSourceChange": "never"}


def test_a_probe_comes_before_an_object_whose_siblings_cannot_be_read(run: Runner, emulator: Emulator) -> None:
    result = run({"description": "As it is", "billing": {"deployment_plan": "nf-compute-50"}}).result
    assert (result["changed_fields"], methods(emulator)) == (["billing.deployment_plan"], ["GET", "PATCH", "PATCH"])
    assert emulator.job(PROJECT, JOB)["billing"] == {"deploymentPlan": "nf-compute-50", "buildPlan": "nf-compute-200-8"}


def test_a_token_without_write_permission_fails_with_the_permission_and_what_to_do(run: Runner, emulator: Emulator) -> None:
    emulator.add_token("reader-token", {READ})
    result = run({"api_token": "reader-token", "run_on_source_change": "never"}).result
    assert result["failed"] is True
    assert all(words in result["msg"] for words in (UPDATE, "run_on_source_change", "use unreadable: skip"))
    assert (result["error"]["status"], result["api"]["requests"]) == (403, 2)


def test_apply_sends_and_reports_a_change_each_time(run: Runner, emulator: Emulator) -> None:
    task = {"unreadable": "apply", "run_on_source_change": "always"}
    results = run(task, task).results
    assert [result["changed"] for result in results] == [True, True]
    assert [result["unknown_fields"] for result in results] == [["run_on_source_change"]] * 2
    assert all("run_on_source_change" in result["warnings"][0] for result in results)
    assert methods(emulator) == ["GET", "PATCH"] * 2


def test_skip_leaves_out_and_names(run: Runner, emulator: Emulator) -> None:
    result = run({"unreadable": "skip", "description": "As it is", "run_on_source_change": "never"}).result
    assert (result["changed"], result["unknown_fields"], methods(emulator)) == (False, ["run_on_source_change"], ["GET"])
    assert "run_on_source_change" in result["warnings"][0]


def test_skip_sends_along_with_something_else(run: Runner, emulator: Emulator) -> None:
    result = run({"unreadable": "skip", "description": "New", "run_on_source_change": "never"}).result
    assert (result["changed"], methods(emulator)) == (True, ["GET", "PATCH"])
    assert emulator.job(PROJECT, JOB)["runOnSourceChange"] == "never"


def test_merge_needs_the_present_map(run: Runner, emulator: Emulator) -> None:
    mounts = {"docker_secret_mounts": {"other": {"content": "b"}}}
    result = run({"unreadable": "apply", "map_strategy": "merge", **mounts}).result
    assert (result["failed"], methods(emulator)) == (True, ["GET"])
    assert "docker_secret_mounts" in result["msg"] and "cannot merge into it" in result["msg"]


def test_merge_finds_the_present_map_by_the_probe(run: Runner, emulator: Emulator) -> None:
    run({"map_strategy": "merge", "docker_secret_mounts": {"other": {"content": "b"}}})
    assert set(emulator.job(PROJECT, JOB)["dockerSecretMounts"]) == {"mount", "other"}


def test_merge_predicts_a_change_of_an_unknown_map(run: Runner, emulator: Emulator) -> None:
    result = run({"map_strategy": "merge", "docker_secret_mounts": {"other": {"content": "b"}}}, arguments=["--check"]).result
    assert (result["changed"], result["unknown_fields"], methods(emulator)) == (True, ["docker_secret_mounts"], ["GET"])
    assert "docker_secret_mounts" in result["warnings"][0]


def test_merge_keeps_the_keys_that_the_task_does_not_name(run: Runner, emulator: Emulator) -> None:
    result = run({"map_strategy": "merge", "runtime_environment": {"NEW": "1"}}).result
    assert emulator.job(PROJECT, JOB)["runtimeEnvironment"] == {"KEPT": "value", "NEW": "1"}
    assert result["job"]["runtime_environment_keys"] == ["KEPT", "NEW"]


def test_a_token_without_permission_for_secrets_probes_for_them(run: Runner, emulator: Emulator) -> None:
    emulator.add_token("narrow-token", {READ, UPDATE})
    result = run({"api_token": "narrow-token", "runtime_environment": {"KEPT": "value"}}).result
    assert (result["changed"], methods(emulator)) == (False, ["GET", "GET", "PATCH"])


def test_skip_names_the_reason_why_secrets_stay_unknown(run: Runner, emulator: Emulator) -> None:
    emulator.add_token("narrow-token", {READ})
    result = run({"api_token": "narrow-token", "unreadable": "skip", "runtime_environment": {"KEPT": "other"}}).result
    assert (result["changed"], result["unknown_fields"]) == (False, ["runtime_environment"])
    assert "Project > Secrets > Jobs > Read" in result["warnings"][0]


def test_a_startup_probe_that_is_not_listed_is_unknown(run: Runner, emulator: Emulator) -> None:
    check = {
        "protocol": "TCP",
        "type": "startupProbe",
        "port": 80,
        "initialDelaySeconds": 1,
        "periodSeconds": 10,
        "timeoutSeconds": 1,
        "failureThreshold": 1,
    }
    emulator.add_job(PROJECT, JOB, {"disabledCI": False, "healthChecks": [check]})
    emulator.hides_startup_probes = True
    stated = {
        "protocol": "TCP",
        "type": "startupProbe",
        "port": 80,
        "initial_delay_seconds": 1,
        "period_seconds": 10,
        "timeout_seconds": 1,
        "failure_threshold": 1,
    }
    result = run({"health_checks": [stated]}).result
    assert (result["changed"], methods(emulator)) == (False, ["GET", "GET", "PATCH"])


def test_fields_that_the_api_did_not_change_are_named(run: Runner, emulator: Emulator) -> None:
    emulator.ignored_fields = {"tags"}
    result = run({"description": "New", "tags": ["new-tag"]}).result
    assert result["changed"] is True
    assert "does not contain the requested value of: tags" in result["warnings"][0]


def test_a_key_that_a_merging_api_keeps_is_named(run: Runner, emulator: Emulator) -> None:
    emulator.maps = "merge"
    result = run({"runtime_environment": {"NEW": "1"}}).result
    assert "runtime_environment (not removed: KEPT)" in result["warnings"][0]


def test_a_random_value_is_sent_each_time_if_unknown_fields_are_applied(run: Runner, emulator: Emulator) -> None:
    task = {"unreadable": "apply", "runtime_environment": {"SALT": "${fn.randomSecret(32)}"}}
    assert [(result["changed"], result.get("warnings")) for result in run(task, task).results] == [(True, None)] * 2
