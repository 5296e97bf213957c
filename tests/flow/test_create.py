# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating a job: what it requires, what it sends, and that there is never a second job."""

from __future__ import annotations

import json
import threading
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ, STATES, UPDATE
from harness.fixtures import EmulatorOf
from harness.flows import Flows, one_session
from harness.playbooks import MODULE, Run, connection

Runner = t.Callable[..., Run]

SECRET = "a secret value of this job"
CREATE = "Project > Jobs > General > Create"
IMAGE = {"external": {"image_path": "registry.example.com/report:1.4", "credentials": "example-registry"}}
OPTIONS: dict[str, t.Any] = {
    "name": "Example Job",
    "deployment": {**IMAGE, "docker": {"config_type": "customCommand", "custom_command": "report --all"}},
    "billing": {"deployment_plan": "nf-compute-20", "build_plan": "nf-compute-200-8"},
    "backoff_limit": 2,
    "active_deadline_seconds": 600,
    "run_on_source_change": "never",
    "runtime_environment": {"LOG_LEVEL": "info", "PASSWORD": SECRET},
    "runtime_files": {"/etc/report.ini": {"content": SECRET}},
}
LEAST = {name: OPTIONS[name] for name in ("name", "deployment", "billing", "backoff_limit")}
OPERATIONS = ("create-manual-job", "create-job")


@pytest.fixture(name="emulator")
def current_emulator(emulator_of: EmulatorOf) -> Emulator:
    """One emulator. Tests that depend on the state set it."""
    return emulator_of("current")


@pytest.fixture(autouse=True)
def project(emulator: Emulator) -> None:
    """A project without jobs."""
    emulator.add_project(PROJECT)


def operations_of(emulator: Emulator) -> list[str | None]:
    return [request.operation for request in emulator.requests]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("check", [False, True])
def test_a_job_is_created_as_the_task_sets_it(run: Runner, emulator: Emulator, state: str, check: bool) -> None:
    emulator.state = state
    result = run(OPTIONS, arguments=["--diff", *(["--check"] if check else [])]).result
    assert (result["changed"], result["failed"], result.get("warnings")) == (True, False, None)
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["deployment"] == OPTIONS["deployment"]
    assert result["diff"]["after"]["runtime_environment"] == {"LOG_LEVEL": "hidden, changed", "PASSWORD": "hidden, changed"}
    job = result["job"]
    assert (job["id"], job["name"], job["job_type"], job["project_id"]) == (JOB, "Example Job", "manual", PROJECT)
    assert {name: job[name] for name in ("deployment", "billing", "backoff_limit", "active_deadline_seconds")} == {
        name: OPTIONS[name] for name in ("deployment", "billing", "backoff_limit", "active_deadline_seconds")
    }
    assert job["runtime_environment_keys"] == ["LOG_LEVEL", "PASSWORD"]
    assert result["ansible_facts"]["northflank_manual_job"] == job
    assert "deployment.external.image_path" in result["changed_fields"]
    assert SECRET not in json.dumps(result)
    if check:
        assert operations_of(emulator) == ["get-job", "list-jobs"]
        assert not emulator.has_job(PROJECT, JOB)
        return
    assert operations_of(emulator) == ["get-job", "create-manual-job", *(["create-job"] if state == "removed" else [])]
    stored = emulator.job(PROJECT, JOB)
    assert stored["deployment"] == {
        "external": {"imagePath": "registry.example.com/report:1.4", "credentials": "example-registry"},
        "docker": {"configType": "customCommand", "customCommand": "report --all"},
    }
    assert stored["runtimeEnvironment"] == OPTIONS["runtime_environment"]
    assert (stored["name"], stored["backoffLimit"], stored["activeDeadlineSeconds"]) == ("Example Job", 2, 600)


@pytest.mark.parametrize("state", STATES)
def test_the_same_task_again_changes_nothing(run: Runner, emulator: Emulator, state: str) -> None:
    emulator.state = state
    first, second = run(OPTIONS, OPTIONS).results
    assert (first["changed"], second["changed"], second.get("warnings")) == (True, False, None)


def test_without_a_name_the_id_is_the_name(run: Runner, emulator: Emulator) -> None:
    run({name: value for name, value in LEAST.items() if name != "name"})
    assert emulator.job(PROJECT, JOB)["name"] == JOB


@pytest.mark.parametrize("name", ["Example  Job", "Another Job", "example_job", "1 Job", "ab"])
def test_a_name_that_does_not_lead_to_the_id_is_refused_before_anything_is_sent(run: Runner, emulator: Emulator, name: str) -> None:
    result = run({**LEAST, "name": name}).result
    assert result["failed"]
    assert "name" in result["msg"]
    assert emulator.requests == []


@pytest.mark.parametrize("job_id", ["1st-job", "ab", "Example-Job", "example--job"])
def test_an_id_that_no_name_leads_to_is_refused_before_the_job_is_created(flows: Flows, emulator: Emulator, job_id: str) -> None:
    options = {name: value for name, value in LEAST.items() if name != "name"}
    result = flows.run({MODULE: connection(emulator, job_id=job_id, **options)}).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert f"The job {job_id} cannot be created" in result["msg"] and "Use a job_id of 3 to 52 characters" in result["msg"]
    assert operations_of(emulator) == ["get-job"]


@pytest.mark.parametrize(
    "left_out, named",
    [
        (["deployment"], "deployment with external, internal or vcs"),
        (["billing"], "billing.deployment_plan"),
        (["backoff_limit"], "backoff_limit"),
        (["billing", "backoff_limit"], "billing.deployment_plan, backoff_limit"),
    ],
)
def test_a_task_that_does_not_set_what_creating_requires_fails_and_names_it(
    run: Runner, emulator: Emulator, left_out: list[str], named: str
) -> None:
    result = run({name: value for name, value in LEAST.items() if name not in left_out}).result
    assert result["msg"].endswith(f" To create the job, the task must also set: {named}.")
    assert result["error"]["status"] == 404
    assert operations_of(emulator) == ["get-job"]


@pytest.mark.parametrize(
    "options, named",
    [
        ({"deployment": {"docker": {"config_type": "default"}}}, "deployment with external, internal or vcs"),
        ({"deployment": {"vcs": {"project_branch": "main"}}}, "deployment.vcs.project_url, deployment.vcs.project_type"),
        (
            {"build_settings": {"dockerfile": {"build_engine": "kaniko"}}},
            "build_settings.dockerfile.docker_file_path, build_settings.dockerfile.docker_work_dir",
        ),
        (
            {"build_settings": {"storage": {"ephemeral_storage": {"storage_size": 16384}}}},
            "build_settings.dockerfile or build_settings.buildpack",
        ),
        (
            {"billing": {"deployment_plan": "a", "gpu": {"configuration": {"gpu_count": 1}}}},
            "billing.gpu.configuration.gpu_type",
        ),
    ],
)
def test_what_an_object_requires_is_named(run: Runner, emulator: Emulator, options: dict[str, t.Any], named: str) -> None:
    result = run({**LEAST, **options}).result
    assert result["msg"].endswith(f" the task must also set: {named}.")
    assert operations_of(emulator) == ["get-job"]


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_project_that_does_not_exist_is_not_a_job_to_create(flows: Flows, emulator: Emulator, arguments: list[str]) -> None:
    result = flows.run({MODULE: {**connection(emulator, **LEAST), "project_id": "no-such-project"}}, arguments=arguments).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, 404)


def test_a_check_says_that_it_does_not_know_the_project(run: Runner, emulator: Emulator) -> None:
    emulator.order("error", "list-jobs", status=403)
    result = run(LEAST, arguments=["--check"]).result
    assert result["changed"]
    assert "which may not exist" in result["warnings"][0]


def test_another_id_than_that_of_the_task_is_a_failure_that_says_so(run: Runner, emulator: Emulator) -> None:
    emulator.created_id = "example-job-2"
    result = run(LEAST).result
    assert (result["failed"], result["changed"]) == (True, True)
    assert "created the job with the ID example-job-2, and not with the ID example-job" in result["msg"]


def test_a_token_without_the_permission_gets_its_name(flows: Flows, emulator: Emulator) -> None:
    emulator.add_token("narrow", [READ, UPDATE])
    result = flows.run({MODULE: {**connection(emulator, **LEAST), "api_token": "narrow"}}).result
    assert CREATE in result["msg"]
    assert (result["changed"], result["error"]["status"]) == (False, 403)


@pytest.mark.parametrize("status", [409, 400])
def test_a_job_that_somebody_else_has_just_created_is_changed(run: Runner, emulator: Emulator, status: int) -> None:
    emulator.order("error", "get-job", status=404)
    emulator.order("error", "create-manual-job", status=status)
    emulator.add_job(PROJECT, JOB, {"deployment": {"external": {"imagePath": "other:1"}}, "backoffLimit": 2})
    result = run(LEAST).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert "deployment.external.image_path" in result["changed_fields"]
    assert "backoff_limit" not in result["changed_fields"]
    assert emulator.job(PROJECT, JOB)["deployment"]["external"]["imagePath"] == "registry.example.com/report:1.4"


def test_a_conflict_without_a_job_is_a_failure(run: Runner, emulator: Emulator) -> None:
    emulator.order("error", "create-manual-job", status=409)
    result = run(LEAST).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, 409)


@pytest.mark.parametrize("status", [403, 500])
def test_a_conflict_after_which_the_job_cannot_be_read_is_a_failure(run: Runner, emulator: Emulator, status: int) -> None:
    emulator.order("error", "create-manual-job", status=409)
    emulator.order("error", "get-job", skip=1, status=status)
    result = run(LEAST).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, status)
    assert operations_of(emulator) == ["get-job", "create-manual-job", "get-job"]


@pytest.mark.parametrize("kind, details", [("reset after", {}), ("cut body", {}), ("page", {"status": 502, "carried_out": True})])
@pytest.mark.parametrize("state", STATES)
def test_after_a_lost_response_the_job_is_looked_up_and_not_created_again(
    run: Runner, emulator: Emulator, state: str, kind: str, details: dict[str, t.Any]
) -> None:
    emulator.state = state
    operation = OPERATIONS[state == "removed"]
    emulator.order(kind, operation, **details)
    result = run(OPTIONS).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert result["warnings"][0].startswith("No response confirmed the creation, but the job exists now as the task sets it.")
    assert operations_of(emulator).count(operation) == 1
    assert SECRET not in json.dumps(result)


def test_a_lost_request_is_reported_as_a_job_that_may_have_been_created(run: Runner, emulator: Emulator) -> None:
    emulator.order("reset before", "create-manual-job")
    result = run(LEAST).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "The job may have been created. Run the task again to check." in result["msg"]
    assert operations_of(emulator).count("create-manual-job") == 1


def test_after_a_lost_response_a_job_that_differs_is_not_called_created(run: Runner, emulator: Emulator) -> None:
    emulator.order("error", "get-job", status=404)
    emulator.order("reset before", "create-manual-job")
    emulator.add_job(PROJECT, JOB, {"backoffLimit": 7, "deployment": {"external": {"imagePath": "other:1"}}})
    result = run(LEAST).result
    assert result["failed"]
    assert "may have been created" in result["msg"]
    assert "differs in: backoff_limit" in result["msg"]


def test_the_task_says_what_the_api_did_not_store(run: Runner, emulator: Emulator) -> None:
    answer = {"id": JOB, "name": "Example Job", "jobType": "manual", "backoffLimit": 7, "billing": {"deploymentPlan": "nf-compute-20"}}
    emulator.order("answer", "create-manual-job", body={"data": answer})
    result = run(LEAST).result
    assert result["changed"]
    assert "does not contain the requested value of: billing.build_plan, backoff_limit, deployment.docker" in result["warnings"][0]


def test_two_tasks_that_create_the_same_job_at_the_same_moment_end_with_one_job(flows: Flows, emulator: Emulator) -> None:
    both_have_looked = threading.Barrier(2, timeout=10)
    original = emulator.take_fault

    def take_fault(method: str, path: str) -> t.Any:
        if method == "POST":
            both_have_looked.wait()
        return original(method, path)

    emulator.take_fault = take_fault  # type: ignore[method-assign]
    task = {MODULE: connection(emulator, **OPTIONS)}
    results = flows.run_side_by_side(task, task).results
    assert [result["failed"] for result in results] == [False, False]
    assert sorted(result["changed"] for result in results) == [False, True]
    assert list(emulator.jobs_of(PROJECT)) == [JOB]


def test_the_next_task_of_a_session_does_not_try_an_operation_that_is_gone(emulator: Emulator) -> None:
    emulator.state = "removed"
    tasks = [connection(emulator, job_id=name, **{**LEAST, "name": name}) for name in ("first-job", "second-job")]
    one_session(*tasks)
    assert operations_of(emulator) == ["get-job", "create-manual-job", "create-job", "get-job", "create-job"]
