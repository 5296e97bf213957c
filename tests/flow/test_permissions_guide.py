# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to permissions names what each operation requires, and describes how a task ends without it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from docutils import nodes
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flows import Flows
from harness.guides import guide
from harness.playbooks import INFO_MODULE, MODULE, RUN_MODULE, connection

REQUIRED = {each.operation_id: each.permission for each in vars(operations).values() if isinstance(each, operations.Operation)}
PERMISSIONS = {permission for permission in REQUIRED.values() if permission != operations.NO_PERMISSION}
OLDER = {
    "Project > Jobs > Deployment > Deploy Build",
    "Project > Jobs > Deployment > View Instance Logs",
    "Project > Jobs > Deployment > Scale Job",
    "Project > Services > Deployment > Update Deployment",
}
STORED = {
    "description": "As it is",
    "runtimeEnvironment": {"A": "1"},
    "deployment": {"external": {"imagePath": "example/report:1"}, "docker": {"configType": "default"}},
}
# How the last cell of a row begins, and what it means: whether the task fails, and whether a message or warning names the permission.
FAILS, WARNS, GOES_ON = "The task fails", "The task warns", "The task goes on"


@dataclass(frozen=True)
class Case:
    """A task of a row, and the course of its run."""

    module: str
    options: t.Mapping[str, t.Any]
    plan: t.Mapping[str, t.Any] = field(default_factory=dict)
    check_mode: bool = False
    exists: bool = True  # the job, before the task


ENVIRONMENT = {"runtime_environment": {"A": "1"}}
QUICK = {"poll_interval": 0.01}
NEW_IMAGE = {"deployment": {"external": {"image_path": "example/report:2"}}}
GRACE_PERIOD = {"deployment": {"grace_period_seconds": 60}}
CREATION = {**NEW_IMAGE, "billing": {"deployment_plan": "nf-compute-10"}, "backoff_limit": 1}
REMOVAL = {"state": "absent"}
CASES = {
    "Reads the job, and its health checks": Case(MODULE, {"description": "As it is"}),
    "Changes the job, or sends the probe": Case(MODULE, {"description": "New"}),
    "Reads the environment, build arguments and files, to compare them": Case(MODULE, ENVIRONMENT),
    "The same, with unreadable: skip": Case(MODULE, {**ENVIRONMENT, "unreadable": "skip"}),
    "Changes deployment with update-job-deployment, update-job-build-source or scale-job": Case(MODULE, NEW_IMAGE),
    "Changes deployment with put-job, which replaces the whole job": Case(MODULE, GRACE_PERIOD),
    "Reads the environment, build arguments and files before put-job, if the response to an update does not contain them": Case(
        MODULE, GRACE_PERIOD
    ),
    "Creates the job": Case(MODULE, CREATION, exists=False),
    "Removes the job (state: absent)": Case(MODULE, REMOVAL),
    "Lists the jobs of the project, to check that it exists (state: absent, or a creation in check mode)": Case(
        MODULE, REMOVAL, exists=False
    ),
    "Reads one job, its health checks and its deployment": Case(INFO_MODULE, {"gather": ["health_checks", "deployment"]}),
    "Lists the jobs of a project": Case(INFO_MODULE, {"job_id": None}),
    "Reads the environment and build arguments (gather)": Case(INFO_MODULE, {"gather": ["runtime_environment", "build_arguments"]}),
    "Starts a run": Case(RUN_MODULE, QUICK),
    "Waits for the end of the run": Case(RUN_MODULE, QUICK),
    "Reads the job, in check mode": Case(RUN_MODULE, QUICK, check_mode=True),
    "Shows the last lines of the log when a run has failed (log_lines)": Case(RUN_MODULE, QUICK, {"status": "FAILED"}),
    "Follows the log (follow_logs)": Case(RUN_MODULE, {**QUICK, "follow_logs": True}),
    "Aborts a run that takes too long (abort_on_timeout)": Case(
        RUN_MODULE, {**QUICK, "wait_timeout": 0.05, "abort_on_timeout": True}, {"reads": None}
    ),
}
# The tasks that a role is recommended for, by the purpose; the integration tests of the inventory have that of the last one.
ROLES = {
    "Keep the configuration of jobs": [Case(MODULE, {"description": "New", **ENVIRONMENT}), Case(MODULE, {"runtime_environment": {}})],
    "Create, change and remove jobs": [
        Case(MODULE, {**CREATION, **ENVIRONMENT}, exists=False),
        Case(MODULE, {"description": "New", **ENVIRONMENT, **GRACE_PERIOD}),
        Case(MODULE, {**NEW_IMAGE, "deployment": {**NEW_IMAGE["deployment"], "storage": {"shm_size": 64}}}),
        Case(MODULE, REMOVAL),
        Case(MODULE, REMOVAL, exists=False),
    ],
    "Release an image to a job, run it, and show its log": [
        Case(MODULE, NEW_IMAGE),
        Case(MODULE, NEW_IMAGE, check_mode=True),
        Case(RUN_MODULE, {**QUICK, "follow_logs": True}),
    ],
    "Show in check mode what differs, with unreadable: skip": [
        Case(MODULE, {"description": "New", "run_on_source_change": "never", **ENVIRONMENT, "unreadable": "skip"}, check_mode=True)
    ],
    "Run jobs, wait for them, and show their logs": [
        Case(RUN_MODULE, {**QUICK, "follow_logs": True}),
        Case(RUN_MODULE, {**QUICK, "follow_logs": True}, check_mode=True),
    ],
    "Turn the jobs of all projects into inventory hosts": [],
}


def rows_of(section: str) -> list[list[str]]:
    """The rows of the table in a section of the guide, without its head, as texts."""
    titles = [title for title in guide("permissions").findall(nodes.title) if title.astext() == section]
    return [
        [" ".join(cell.astext().split()) for cell in row.children]
        for body in titles[0].parent.findall(nodes.tbody)
        for row in body.findall(nodes.row)
    ]


MODULES = ("northflank_manual_job", "northflank_manual_job_info", "northflank_manual_job_run")
ROWS = {what: (permission, without) for section in MODULES for what, permission, without in rows_of(section)}


def test_each_operation_is_named_with_its_permission() -> None:
    assert dict(rows_of("The permission of each operation")) == REQUIRED


def test_the_guide_names_no_other_permission_than_those_that_are_required() -> None:
    named = {text.astext() for text in guide("permissions").findall(nodes.literal) if text.astext().startswith("Project > ")}
    assert named == {*PERMISSIONS, *OLDER}


def test_each_row_is_tried() -> None:
    assert list(ROWS) == list(CASES)


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest) -> str:
    """What the task of a row does."""
    return str(request.param)


def result_of(case: Case, permissions: t.Collection[str]) -> dict[str, t.Any]:
    """The result of a task with a token that has these permissions."""
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB if case.exists else "another-job", STORED)
        emulator.plan_run(**case.plan)
        emulator.add_token("narrow", permissions)
        options = connection(emulator, project_id=PROJECT, api_token="narrow", **case.options)
        options = {name: value for name, value in options.items() if value is not None}
        return Flows().run({"name": "a task", case.module: options, "check_mode": case.check_mode}).result


def test_without_the_permission_the_task_ends_as_in_the_row(row: str) -> None:
    permission, without = ROWS[row]
    result = result_of(CASES[row], PERMISSIONS - {permission})
    named = f'the permission "{permission}"'
    in_message, in_warning = named in str(result.get("msg")), any(named in warning for warning in result.get("warnings", []))
    expected = {FAILS: (True, True, False), WARNS: (False, False, True), GOES_ON: (False, False, False)}
    begins = next(text for text in expected if without.startswith(text))
    assert (bool(result["failed"]), in_message, in_warning) == expected[begins], result


def test_with_all_permissions_the_task_names_none(row: str) -> None:
    result = result_of(CASES[row], PERMISSIONS)
    assert "the permission" not in f"{result.get('msg')} {result.get('warnings')}"
    assert bool(result["failed"]) == ("as it does with the permission" in ROWS[row][1])


def test_the_result_of_a_run_that_cannot_be_watched_has_its_id() -> None:
    result = result_of(CASES["Waits for the end of the run"], PERMISSIONS - {operations.JOBS_READ})
    assert (result["changed"], bool(result["run"]["id"])) == (True, True)


def test_the_roles_are_those_that_are_tried() -> None:
    assert [purpose for purpose, permissions in rows_of("Roles for common purposes")] == list(ROLES)


@pytest.mark.parametrize(("purpose", "permissions"), rows_of("Roles for common purposes"))
def test_a_role_is_enough_for_its_purpose(purpose: str, permissions: str) -> None:
    for case in ROLES[purpose]:
        result = result_of(case, permissions.split(", "))
        assert not result["failed"] and "permission" not in str(result.get("warnings")), result


def test_the_role_of_the_inventory_may_list_projects_and_jobs() -> None:
    roles = dict(rows_of("Roles for common purposes"))
    inventory = roles["Turn the jobs of all projects into inventory hosts"]
    assert inventory.split(", ") == [REQUIRED["list-projects"], REQUIRED["list-jobs"]]
