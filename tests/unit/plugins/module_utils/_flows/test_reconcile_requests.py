# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""If a probe is needed anyway, sub-resources are not read, because the response of the probe shows everything."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult, reconcile
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flow_properties import operations, validated

GET, ENVIRONMENT, PATCH = "get-job", "get-job-runtime-environment", "patch-manual-job"
FIELDS = {
    "disabledCI": False,
    "description": "As it is",
    "runOnSourceChange": "always",
    "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-200-8"},
    "runtimeEnvironment": {"KEPT": "value"},
}
Runner = t.Callable[..., JobResult]


@pytest.fixture(params=["lean", "current"])
def emulator(request: pytest.FixtureRequest) -> t.Iterator[Emulator]:
    """An API with fields that no read shows."""
    with Emulator(state=request.param) as running:
        running.add_job(PROJECT, JOB, FIELDS)
        yield running
        assert running.violations == []


@pytest.fixture
def task(emulator: Emulator, client_of: t.Callable[..., Client]) -> Runner:
    """task(**options) runs the flow of a task."""

    def run(check_mode: bool = False, **options: t.Any) -> JobResult:
        return reconcile(client_of(emulator.url, api_token=emulator.TOKEN), validated(**options), check_mode)

    return run


def test_a_field_that_only_the_probe_shows(task: Runner, emulator: Emulator) -> None:
    outcome = task(run_on_source_change="always", runtime_environment={"KEPT": "value"})
    assert (outcome.changed, outcome.unknown_fields, operations(emulator)) == (False, [], [GET, PATCH])


def test_the_probe_shows_the_siblings_of_an_object(task: Runner, emulator: Emulator) -> None:
    outcome = task(billing={"deployment_plan": "nf-compute-50"}, runtime_environment={"KEPT": "other"})
    assert (outcome.changed_fields, operations(emulator)) == (["billing.deployment_plan", "runtime_environment"], [GET, PATCH, PATCH])
    assert outcome.diff["before"]["runtime_environment"] == {"KEPT": "hidden"}


def test_a_known_difference_that_needs_no_probe(task: Runner, emulator: Emulator) -> None:
    outcome = task(description="New", run_on_source_change="never", runtime_environment={"KEPT": "value"})
    assert (outcome.unknown_fields, operations(emulator)) == (["run_on_source_change"], [GET, ENVIRONMENT, PATCH])


def test_a_check_reads_because_it_must_not_probe(task: Runner, emulator: Emulator) -> None:
    outcome = task(check_mode=True, run_on_source_change="always", runtime_environment={"KEPT": "value"})
    assert (outcome.changed_fields, operations(emulator)) == (["run_on_source_change"], [GET, ENVIRONMENT])


def test_skip_reads_because_it_never_probes_for_a_field(task: Runner, emulator: Emulator) -> None:
    outcome = task(unreadable="skip", run_on_source_change="never", runtime_environment={"KEPT": "value"})
    assert (outcome.changed, operations(emulator)) == (False, [GET, ENVIRONMENT])


def test_apply_reports_only_fields_that_cannot_be_read(task: Runner, emulator: Emulator) -> None:
    outcome = task(
        unreadable="apply", run_on_source_change="always", billing={"deployment_plan": "a"}, runtime_environment={"KEPT": "value"}
    )
    assert (outcome.unknown_fields, operations(emulator)) == (["run_on_source_change"], [GET, PATCH, PATCH])
    assert outcome.changed_fields == ["billing.deployment_plan", "run_on_source_change"]


def test_a_sub_resource_without_permission_is_not_requested_twice(task: Runner, emulator: Emulator) -> None:
    emulator.add_token(emulator.TOKEN, {"Project > Jobs > General > Read"})
    outcome = task(unreadable="skip", runtime_environment={}, build_arguments={})
    assert (outcome.unknown_fields, operations(emulator)) == (["build_arguments", "runtime_environment"], [GET, ENVIRONMENT])
    assert outcome.warnings[0].count("Project > Secrets > Jobs > Read") == 2


def test_a_probe_for_fields_without_permission_shows_the_other_fields_too(task: Runner, emulator: Emulator) -> None:
    emulator.add_token(emulator.TOKEN, {"Project > Jobs > General > Read", "Project > Jobs > General > Update"})
    outcome = task(runtime_environment={"KEPT": "value"}, build_arguments={}, health_checks=[])
    assert (outcome.changed, operations(emulator)) == (False, [GET, ENVIRONMENT, PATCH])


@pytest.mark.parametrize("may_read", [True, False])
def test_a_map_that_the_probe_does_not_show_is_read_before_a_merge(task: Runner, emulator: Emulator, may_read: bool) -> None:
    emulator.add_job(PROJECT, JOB, {name: value for name, value in FIELDS.items() if name != "runtimeEnvironment"})
    job = emulator.job(PROJECT, JOB)
    options = {"map_strategy": "merge", "run_on_source_change": "always", "runtime_environment": {"NEW": "1"}}
    if may_read:
        assert task(**options).changed_fields == ["runtime_environment"]
    else:
        emulator.add_token(emulator.TOKEN, {"Project > Jobs > General > Read", "Project > Jobs > General > Update"})
        with pytest.raises(StateError, match="runtime_environment .*Project > Secrets > Jobs > Read.* cannot merge into it"):
            task(**options)
        assert emulator.job(PROJECT, JOB) == job
    assert operations(emulator) == [GET, PATCH, ENVIRONMENT, PATCH][: 4 if may_read else 3]
