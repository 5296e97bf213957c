# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing what a job runs: by the narrowest operation that the API still has, after the parameters, and nothing is lost."""

from __future__ import annotations

import json
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ, SECRETS, STATES, UPDATE
from harness.fixtures import EmulatorOf
from harness.flows import Flows
from harness.playbooks import MODULE, Run, connection

Runner = t.Callable[..., Run]

SECRET = "a secret value of this job"
CREATE = "Project > Jobs > General > Create"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DOCKER = {"configType": "customCommand", "customCommand": "report --all"}
STORAGE = {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64}
VCS = {
    "projectUrl": "https://github.com/example/report",
    "projectType": "github",
    "projectBranch": "main",
    "accountLogin": "example",
    "vcsLinkId": "a" * 24,
}
EXTERNAL = {
    "external": {"imagePath": "registry.example.com/report:1.4", "credentials": "example-registry"},
    "docker": DOCKER,
    "storage": STORAGE,
}
INTERNAL = {"internal": {"id": "report-build", "branch": "main", "buildSHA": "latest"}, "docker": DOCKER, "storage": STORAGE}
BUILT = {"vcs": VCS, "docker": DOCKER, "storage": STORAGE}
JOBS = {"external": EXTERNAL, "internal": INTERNAL, "vcs": BUILT}
PARAMETERS = {
    "description": "As it is",
    "tags": ["one"],
    "disabledCI": False,
    "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-200-8"},
    "backoffLimit": 2,
    "runOnSourceChange": "always",
    "activeDeadlineSeconds": 600,
    "runtimeEnvironment": {"PASSWORD": SECRET},
    "runtimeFiles": {"/etc/report.ini": {"data": "YQ==", "encoding": "utf-8"}},
    "buildArguments": {"VERSION": "1"},
    "buildFiles": {},
    "dockerSecretMounts": {"mount-1": {"data": "YQ==", "encoding": "utf-8"}},
    "healthChecks": [
        {
            "protocol": "TCP",
            "type": "livenessProbe",
            "port": 80,
            "initialDelaySeconds": 1,
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "failureThreshold": 1,
            "successThreshold": 1,
        }
    ],
    "buildConfiguration": {"pathIgnoreRules": ["docs/"], "isAllowList": False},
    "infrastructure": {"architecture": "x86"},
}

OPTIONS: dict[str, dict[str, t.Any]] = {
    "external": {
        "external": {"image_path": "registry.example.com/report:1.4", "credentials": "example-registry"},
        "docker": {"config_type": "customCommand", "custom_command": "report --all"},
        "storage": {"ephemeral_storage": {"storage_size": 2048}, "shm_size": 64},
    },
    "internal": {"internal": {"id": "report-build", "branch": "main", "build_sha": "latest"}},
    "vcs": {
        "vcs": {
            "project_url": "https://github.com/example/report",
            "project_type": "github",
            "project_branch": "main",
            "account_login": "example",
            "vcs_link_id": "a" * 24,
        }
    },
}


class Change(t.NamedTuple):
    """A stated deployment for a job of a kind, the deployment that comes of it, and the operations that write in all states but removed."""

    job: str
    stated: dict[str, t.Any]
    stored: dict[str, t.Any]
    writes: list[str]


CHANGES = {
    "another tag of the image": Change(
        "external",
        {"external": {"image_path": "registry.example.com/report:1.5", "credentials": "example-registry"}},
        {**EXTERNAL, "external": {"imagePath": "registry.example.com/report:1.5", "credentials": "example-registry"}},
        ["update-job-deployment"],
    ),
    "another tag, and the credentials as they are": Change(
        "external",
        {"external": {"image_path": "registry.example.com/report:1.5"}},
        {**EXTERNAL, "external": {"imagePath": "registry.example.com/report:1.5", "credentials": "example-registry"}},
        ["update-job-deployment"],
    ),
    "another command": Change(
        "external",
        {"docker": {"config_type": "customCommand", "custom_command": "report --some"}},
        {**EXTERNAL, "docker": {**DOCKER, "customCommand": "report --some"}},
        ["update-job-deployment"],
    ),
    "another commit": Change(
        "internal",
        {"internal": {"build_sha": COMMIT}},
        {**INTERNAL, "internal": {"id": "report-build", "branch": "main", "buildSHA": COMMIT}},
        ["update-job-deployment"],
    ),
    "a build": Change(
        "internal",
        {"internal": {"build_id": "build-7"}},
        {**INTERNAL, "internal": {"id": "report-build", "branch": "main", "buildId": "build-7"}},
        ["update-job-deployment"],
    ),
    "an image instead of a build": Change(
        "internal",
        {"external": {"image_path": "registry.example.com/report:1.4"}},
        {**INTERNAL, "external": {"imagePath": "registry.example.com/report:1.4"}},
        ["update-job-deployment"],
    ),
    "a build instead of an image": Change(
        "external",
        {"internal": {"id": "report-build", "branch": "main", "build_sha": "latest"}},
        INTERNAL,
        ["update-job-deployment"],
    ),
    "an image instead of a repository": Change(
        "vcs",
        {"external": {"image_path": "registry.example.com/report:1.4"}},
        {**BUILT, "external": {"imagePath": "registry.example.com/report:1.4"}},
        ["update-job-deployment"],
    ),
    "another branch": Change(
        "vcs",
        {"vcs": {"project_branch": "release"}},
        {**BUILT, "vcs": {**VCS, "projectBranch": "release"}},
        ["update-job-build-source"],
    ),
    "a repository instead of an image": Change("external", OPTIONS["vcs"], BUILT, ["put-job"]),
    "more storage": Change(
        "external",
        {"storage": {"ephemeral_storage": {"storage_size": 4096}}},
        {**EXTERNAL, "storage": {**STORAGE, "ephemeralStorage": {"storageSize": 4096}}},
        ["scale-job"],
    ),
    "more storage and another image": Change(
        "external",
        {"storage": {"shm_size": 128}, "external": {"image_path": "registry.example.com/report:1.5"}},
        {
            **EXTERNAL,
            "storage": {**STORAGE, "shmSize": 128},
            "external": {"imagePath": "registry.example.com/report:1.5", "credentials": "example-registry"},
        },
        ["scale-job", "update-job-deployment"],
    ),
    "a grace period": Change("external", {"grace_period_seconds": 90}, {**EXTERNAL, "gracePeriodSeconds": 90}, ["put-job"]),
    "labels and another image": Change(
        "external",
        {"metadata": {"labels": {"team": "reports", "level": 1}}, "external": {"image_path": "registry.example.com/report:1.5"}},
        {
            **EXTERNAL,
            "metadata": {"labels": {"team": "reports", "level": "1"}},
            "external": {"imagePath": "registry.example.com/report:1.5", "credentials": "example-registry"},
        },
        ["put-job"],
    ),
    "a buildpack process and another image": Change(
        "internal",
        {
            "buildpack": {"config_type": "customProcess", "custom_process": "web"},
            "external": {"image_path": "registry.example.com/report:1.5"},
        },
        {
            **INTERNAL,
            "buildpack": {"configType": "customProcess", "customProcess": "web"},
            "external": {"imagePath": "registry.example.com/report:1.5"},
        },
        ["update-job-deployment", "update-job-deployment"],
    ),
}
MAPS = ("runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts")


def add_job(emulator: Emulator, kind: str) -> None:
    emulator.add_job(PROJECT, JOB, {**PARAMETERS, "deployment": JOBS[kind]})


def writes_of(emulator: Emulator) -> list[str | None]:
    return [request.operation for request in emulator.requests if request.method != "GET"]


def without_sources(deployment: dict[str, t.Any], change: Change) -> dict[str, t.Any]:
    """A deployment with the source that the change sets, if it sets one."""
    (source,) = [name for name in ("external", "internal", "vcs") if name in change.stated] or [change.job]
    return {name: value for name, value in deployment.items() if name not in ("external", "internal", "vcs") or name == source}


def contains(shown: t.Any, stated: t.Any) -> bool:
    """Whether a value has all members of another one."""
    if not isinstance(stated, dict):
        return bool(shown == stated)
    return all(name in shown and contains(shown[name], value) for name, value in stated.items())


@pytest.fixture(name="emulator")
def current_emulator(emulator_of: EmulatorOf) -> Emulator:
    """One emulator. Tests that depend on the state set it."""
    return emulator_of("current")


@pytest.fixture(params=["replace", "merge"])
def reading(request: pytest.FixtureRequest, emulator: Emulator) -> str:
    """Both readings of what a write leaves out."""
    emulator.objects = emulator.maps = request.param
    return request.param


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", CHANGES)
def test_a_difference_is_changed_by_the_narrowest_operation_and_nothing_else_is_lost(
    run: Runner, emulator: Emulator, reading: str, state: str, name: str
) -> None:
    change = CHANGES[name]
    emulator.state = state
    add_job(emulator, change.job)
    before = emulator.job(PROJECT, JOB)
    check = run({"deployment": change.stated}, arguments=["--check", "--diff"]).result
    assert (check["changed"], check["failed"]) == (True, False)
    assert writes_of(emulator) == []
    result = run({"deployment": change.stated}, arguments=["--diff"]).result
    assert (result["changed"], result["failed"], result.get("warnings")) == (True, False, None), result
    after = emulator.job(PROJECT, JOB)
    assert after.pop("deployment") == without_sources(change.stored, change)
    before.pop("deployment")
    assert after == before
    succeeded = [request.operation for request in emulator.requests if request.method in ("POST", "PUT") and request.status == 200]
    assert succeeded == (["put-job"] if state == "removed" else change.writes)
    assert SECRET not in json.dumps(result)
    again = run({"deployment": change.stated}).result
    assert (again["changed"], again.get("warnings")) == (False, None)
    for shown in (result, again):
        assert contains(
            shown["job"]["deployment"],
            {**change.stated, **({"metadata": {"labels": {"level": "1"}}} if "metadata" in change.stated else {})},
        )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", JOBS)
def test_a_deployment_that_is_as_stated_changes_nothing(run: Runner, emulator: Emulator, state: str, kind: str) -> None:
    emulator.state = state
    add_job(emulator, kind)
    result = run({"deployment": OPTIONS[kind]}).result
    assert (result["changed"], result.get("warnings")) == (False, None)
    assert len(emulator.requests) <= 3


@pytest.mark.parametrize("state, requests", [("lean", 2), ("current", 2), ("rich", 1), ("removed", 1)])
def test_an_unchanged_image_costs_two_requests_and_a_new_one_three(run: Runner, emulator: Emulator, state: str, requests: int) -> None:
    emulator.state = state
    deployment = {"external": {"imagePath": "nginx:1"}, "docker": {"configType": "default"}}
    emulator.add_job(PROJECT, JOB, {"deployment": deployment})
    same, new = ({"deployment": {"external": {"image_path": image}}} for image in ("nginx:1", "nginx:2"))
    assert run(same).result["api"]["requests"] == requests
    if state != "removed":
        assert run(new).result["api"]["requests"] == requests + 1


def test_a_task_that_states_no_deployment_reads_none_and_shows_none(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "external")
    result = run({"description": "As it is"}).result
    assert (result["changed"], result["api"]["requests"]) == (False, 1)
    assert "deployment" not in result["job"]
    assert "infrastructure" not in result["job"]


@pytest.mark.parametrize("state", STATES)
def test_parameters_come_before_the_image(run: Runner, emulator: Emulator, state: str) -> None:
    emulator.state = state
    add_job(emulator, "external")
    options = {
        "runtime_environment": {"PASSWORD": "another secret value"},
        "deployment": {"external": {"image_path": "registry.example.com/report:1.5"}},
    }
    result = run(options, arguments=["--diff"]).result
    assert (result["changed"], result["failed"]) == (True, False)
    succeeded = [request.operation for request in emulator.requests if request.method != "GET" and request.status == 200]
    assert succeeded == (["patch-job", "put-job"] if state == "removed" else ["patch-manual-job", "update-job-deployment"])
    assert result["changed_fields"] == ["deployment.external.image_path", "runtime_environment"]
    assert result["diff"]["before"] == {
        "deployment": {"external": {"image_path": "registry.example.com/report:1.4"}},
        "runtime_environment": {"PASSWORD": "hidden"},
    }
    assert result["diff"]["after"] == {
        "deployment": {"external": {"image_path": "registry.example.com/report:1.5"}},
        "runtime_environment": {"PASSWORD": "hidden, changed"},
    }
    assert emulator.job(PROJECT, JOB)["deployment"]["external"] == {
        "imagePath": "registry.example.com/report:1.5",
        "credentials": "example-registry",
    }


def test_if_the_second_write_fails_the_result_says_what_the_first_one_changed(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "external")
    emulator.order("error", "update-job-deployment", status=400)
    options = {"backoff_limit": 5, "deployment": {"external": {"image_path": "registry.example.com/report:1.5"}}}
    failed = run(options).result
    assert (failed["failed"], failed["changed"], failed["changed_fields"]) == (True, True, ["backoff_limit"])
    assert "Before that, the task changed: backoff_limit." in failed["msg"]
    result = run(options).result
    assert (result["changed"], result["changed_fields"]) == (True, ["deployment.external.image_path"])


@pytest.mark.parametrize("arguments", [[], ["--check"]])
@pytest.mark.parametrize(
    "options, named",
    [
        ({"name": "example-job"}, "name is Example Job"),
        ({"infrastructure": {"architecture": "arm"}}, "infrastructure.architecture is x86"),
    ],
)
def test_what_nothing_can_change_is_refused_before_anything_is_written(
    run: Runner, emulator: Emulator, options: dict[str, t.Any], named: str, arguments: list[str]
) -> None:
    add_job(emulator, "external")
    result = run({**options, "backoff_limit": 9}, arguments=arguments).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert named in result["msg"]
    assert writes_of(emulator) == []


@pytest.mark.parametrize("options", [{"name": "Example Job"}, {"infrastructure": {"architecture": "x86"}}])
def test_what_nothing_can_change_and_is_as_stated_changes_nothing(run: Runner, emulator: Emulator, options: dict[str, t.Any]) -> None:
    add_job(emulator, "external")
    result = run(options).result
    assert (result["changed"], result["failed"]) == (False, False)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("other", [{}, {"backoff_limit": 9}])
def test_an_architecture_that_no_response_contains_is_ignored_with_a_warning(
    run: Runner, emulator: Emulator, state: str, other: dict[str, t.Any]
) -> None:
    emulator.state = state
    emulator.add_job(PROJECT, JOB, {"backoffLimit": 2})
    for arguments in (["--check"], []):
        result = run({"infrastructure": {"architecture": "x86"}, **other}, arguments=arguments).result
        assert (result["changed"], result["failed"]) == (bool(other), False)
        assert result["unknown_fields"] == ["infrastructure.architecture"]
        assert "Ignored, because it cannot be read: infrastructure.architecture" in result["warnings"][0]


def test_a_new_latest_image_is_a_wish_and_no_difference(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "internal")
    assert run({"deployment": {"internal": {"build_sha": "latest"}}}).result["changed"] is False
    deployed = "262ed9817b3cad5142fbceabe0c9e371e390d616"
    assert run({"deployment": {"internal": {"build_sha": deployed}}}).result["changed"] is True


def narrow(emulator: Emulator, **options: t.Any) -> dict[str, t.Any]:
    """A task with a token that cannot read secrets, on an API that hides them from it."""
    emulator.hides_secrets = True
    emulator.add_token("narrow", [READ, UPDATE, CREATE])
    return {MODULE: {**connection(emulator, **options), "api_token": "narrow"}}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("other", [{}, {"backoff_limit": 9}])
def test_a_put_that_could_lose_hidden_secrets_is_refused_before_anything_is_written(
    flows: Flows, emulator: Emulator, state: str, other: dict[str, t.Any]
) -> None:
    emulator.state = state
    add_job(emulator, "external")
    stored = emulator.job(PROJECT, JOB)
    result = flows.run(narrow(emulator, deployment={"grace_period_seconds": 90}, **other)).result
    before_the_first_write = state in ("rich", "removed") or not other
    assert (result["failed"], result["changed"]) == (True, not before_the_first_write)
    assert "put-job" in result["msg"]
    assert "runtime_environment (the " in result["msg"]
    assert "put-job" not in writes_of(emulator)
    if before_the_first_write:
        assert emulator.job(PROJECT, JOB) == stored


@pytest.mark.parametrize("state", STATES)
def test_a_task_that_sets_all_hidden_secrets_can_replace_the_job(flows: Flows, emulator: Emulator, state: str) -> None:
    emulator.state = state
    add_job(emulator, "external")
    stored = emulator.job(PROJECT, JOB)
    file = {"data": "YQ==", "encoding": "utf-8"}
    maps = {
        "runtime_environment": {"PASSWORD": SECRET},
        "runtime_files": {"/etc/report.ini": file},
        "build_arguments": {"VERSION": "1"},
        "build_files": {},
        "docker_secret_mounts": {"mount-1": file},
    }
    result = flows.run(narrow(emulator, deployment={"grace_period_seconds": 90}, **maps)).result
    assert (result["failed"], result["changed"]) == (False, True)
    after = emulator.job(PROJECT, JOB)
    assert after["deployment"] == {**EXTERNAL, "gracePeriodSeconds": 90}
    assert {"buildFiles": {}, **after, "deployment": stored["deployment"]} == stored


@pytest.mark.parametrize("state", STATES)
def test_without_secrets_a_put_needs_no_permission_to_read_them(flows: Flows, emulator: Emulator, state: str) -> None:
    emulator.state = state
    kept = {name: value for name, value in PARAMETERS.items() if name not in MAPS}
    emulator.add_job(PROJECT, JOB, {**kept, "deployment": EXTERNAL})
    result = flows.run({MODULE: connection(emulator, deployment={"grace_period_seconds": 90})}).result
    assert (result["failed"], result["changed"], result.get("warnings")) == (False, True, None)


def test_a_job_that_was_removed_meanwhile_is_not_created_again(run: Runner, emulator: Emulator) -> None:
    emulator.state = "removed"
    kept = {name: value for name, value in PARAMETERS.items() if name not in MAPS}
    emulator.add_job(PROJECT, JOB, {**kept, "deployment": EXTERNAL})
    emulator.order("error", "get-job", skip=1, status=404)
    result = run({"deployment": {"grace_period_seconds": 90}}).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, 404)
    assert "put-job" not in writes_of(emulator)


def test_a_job_of_several_sources_is_not_replaced_by_a_guess(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "external")
    several = {**EXTERNAL, "internal": {"id": "report-build"}, "vcs": VCS}
    response = {**emulator.view.patch_response(emulator.job(PROJECT, JOB)), "deployment": several}
    emulator.order("answer", "patch-manual-job", times=None, body={"data": response})
    first, second = run(
        {"deployment": {"grace_period_seconds": 90}},
        {"deployment": {"grace_period_seconds": 90, "external": {"image_path": "registry.example.com/report:1.4"}}},
    ).results
    assert (first["failed"], first["changed"]) == (True, False)
    assert "deployment.external.image_path" in first["msg"]
    assert (second["failed"], second["changed"]) == (False, True)
    assert emulator.job(PROJECT, JOB)["deployment"] == {**EXTERNAL, "gracePeriodSeconds": 90}


def test_a_put_does_not_need_an_architecture_that_no_response_contains(run: Runner, emulator: Emulator) -> None:
    stored = {name: value for name, value in PARAMETERS.items() if name != "infrastructure"}
    emulator.add_job(PROJECT, JOB, {**stored, "deployment": EXTERNAL})
    result = run({"deployment": {"grace_period_seconds": 90}}).result
    assert (result["changed"], result["failed"], result.get("warnings")) == (True, False, None)
    assert emulator.job(PROJECT, JOB)["deployment"] == {**EXTERNAL, "gracePeriodSeconds": 90}


@pytest.mark.parametrize("reading_of_objects", ["replace", "merge"])
def test_a_put_contains_a_hidden_map_that_its_sub_resource_shows(run: Runner, emulator: Emulator, reading_of_objects: str) -> None:
    add_job(emulator, "external")
    emulator.objects = emulator.maps = reading_of_objects
    stored = emulator.job(PROJECT, JOB)
    answer = {name: value for name, value in emulator.view.patch_response(stored).items() if name != "runtimeEnvironment"}
    emulator.order("answer", "patch-manual-job", times=None, body={"data": answer})
    assert run({"deployment": {"grace_period_seconds": 90}}).result["changed"]
    assert emulator.job(PROJECT, JOB)["runtimeEnvironment"] == {"PASSWORD": SECRET}


@pytest.mark.parametrize("policy, expected", [("skip", False), ("apply", True), ("probe", False)])
def test_unreadable_governs_the_deployment_too(run: Runner, emulator: Emulator, policy: str, expected: bool) -> None:
    add_job(emulator, "external")
    options = {
        "unreadable": policy,
        "deployment": {"external": {"image_path": "registry.example.com/report:1.4", "credentials": "example-registry"}},
    }
    result = run(options).result
    assert (result["changed"], result["failed"]) == (expected, False)
    assert result["unknown_fields"] == ([] if policy == "probe" else ["deployment.external.credentials"])


def test_a_check_says_which_parts_of_the_deployment_it_cannot_read(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "external")
    result = run({"deployment": {"grace_period_seconds": 60}}, arguments=["--check"]).result
    assert (result["changed"], result["unknown_fields"]) == (True, ["deployment.grace_period_seconds"])
    assert "cannot be read in check mode: deployment.grace_period_seconds" in result["warnings"][0]


@pytest.mark.parametrize("kind", ["reset after", "reset before", "cut body"])
@pytest.mark.parametrize(
    "operation, options",
    [
        ("update-job-deployment", {"external": {"image_path": "registry.example.com/report:1.5"}}),
        ("scale-job", {"storage": {"shm_size": 128}}),
        ("put-job", {"grace_period_seconds": 90}),
    ],
)
def test_after_a_lost_response_the_job_is_read_and_the_request_is_not_repeated(
    run: Runner, emulator: Emulator, kind: str, operation: str, options: dict[str, t.Any]
) -> None:
    add_job(emulator, "external")
    emulator.order(kind, operation)
    first = run({"deployment": options}).result
    arrived = kind != "reset before"
    assert (first["failed"], first["changed"]) == (not arrived, arrived)
    if arrived:
        assert first["warnings"][0].startswith("No response confirmed a request, but the job is as the task sets it.")
    else:
        assert "The change may have been applied. Run the task again to check." in first["msg"]
    assert writes_of(emulator).count(operation) == 1
    again = run({"deployment": options}).result
    assert (again["failed"], again["changed"]) == (False, not arrived)


def test_the_diff_shows_the_source_that_is_replaced(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "internal")
    result = run({"deployment": {"external": {"image_path": "nginx:1"}}}, arguments=["--diff"]).result
    assert result["diff"] == {
        "before": {"deployment": {"internal": {"id": "report-build", "branch": "main", "build_sha": "latest"}}},
        "after": {"deployment": {"external": {"image_path": "nginx:1"}}},
    }


@pytest.mark.parametrize(
    "missing, operation, options",
    [
        (
            UPDATE,
            "update-job-deployment",
            {"external": {"image_path": "registry.example.com/report:1.5", "credentials": "example-registry"}},
        ),
        (CREATE, "put-job", {"grace_period_seconds": 90}),
    ],
)
def test_a_missing_permission_is_named(flows: Flows, emulator: Emulator, missing: str, operation: str, options: dict[str, t.Any]) -> None:
    add_job(emulator, "external")
    emulator.add_token("narrow", {READ, UPDATE, CREATE, SECRETS} - {missing})
    result = flows.run({MODULE: {**connection(emulator, deployment=options), "api_token": "narrow"}}).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert missing in result["msg"]


def test_a_change_by_put_creates_no_second_job(run: Runner, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, JOB, {**PARAMETERS, "name": "Another Name", "deployment": EXTERNAL})
    result = run({"deployment": {"grace_period_seconds": 90}}).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "its name is Another Name" in result["msg"]
    assert list(emulator.jobs_of(PROJECT)) == [JOB]


@pytest.mark.parametrize("arguments", [[], ["--check"]])
@pytest.mark.parametrize("state", ["rich", "removed"])
@pytest.mark.parametrize("kind", ["external", "internal"])
def test_a_part_of_a_repository_is_refused_for_a_job_that_does_not_build_from_one(
    run: Runner, emulator: Emulator, kind: str, state: str, arguments: list[str]
) -> None:
    emulator.state = state
    add_job(emulator, kind)
    result = run({"backoff_limit": 9, "deployment": {"vcs": {"project_branch": "main"}}}, arguments=arguments).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "the task must also set: deployment.vcs.project_type, deployment.vcs.project_url" in result["msg"]
    assert writes_of(emulator) == []


def test_a_part_of_a_repository_is_refused_before_the_job_changes_even_if_get_job_does_not_show_its_source(
    run: Runner, emulator: Emulator
) -> None:
    add_job(emulator, "external")
    before = emulator.job(PROJECT, JOB)
    result = run({"backoff_limit": 9, "deployment": {"vcs": {"project_branch": "main"}}}).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "The job does not build from a repository." in result["msg"]
    assert emulator.job(PROJECT, JOB) == before


@pytest.mark.parametrize("arguments", [[], ["--check"]])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("options", [{}, {"backoff_limit": 9}, {"deployment": {"storage": {"shm_size": 128}}}])
def test_an_architecture_that_no_response_contains_is_not_compared(
    run: Runner, emulator: Emulator, options: dict[str, t.Any], state: str, arguments: list[str]
) -> None:
    emulator.state = state
    add_job(emulator, "external")
    job = emulator.job(PROJECT, JOB)
    del job["infrastructure"]
    emulator.store(PROJECT, JOB, job)
    result = run({**options, "infrastructure": {"architecture": "x86"}}, arguments=arguments).result
    assert (result["failed"], result["changed"]) == (False, bool(options))
    assert result["unknown_fields"] == ["infrastructure.architecture"]
    assert "infrastructure.architecture" not in result["changed_fields"]
    assert result["warnings"] == [
        "Ignored, because it cannot be read: infrastructure.architecture (job example-job of the project default-project)."
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("options", [{"internal": {"branch": "release"}}, {"grace_period_seconds": 90}])
def test_a_build_that_was_chosen_by_its_id_stays_chosen(
    run: Runner, emulator: Emulator, reading: str, options: dict[str, t.Any], state: str
) -> None:
    emulator.state = state
    chosen = {"id": "report-build", "branch": "main", "buildId": "build-7"}
    emulator.add_job(PROJECT, JOB, {**PARAMETERS, "deployment": {**INTERNAL, "internal": chosen}})
    assert run({"deployment": options}).result["changed"]
    assert emulator.job(PROJECT, JOB)["deployment"]["internal"] == {**chosen, **options.get("internal", {})}


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_put_to_another_name_is_refused_before_the_parameters_change(run: Runner, emulator: Emulator, arguments: list[str]) -> None:
    emulator.add_job(PROJECT, JOB, {**PARAMETERS, "name": "Another Name", "deployment": EXTERNAL})
    emulator.state = "rich"
    result = run({"backoff_limit": 9, "deployment": {"grace_period_seconds": 90}}, arguments=arguments).result
    assert (result["failed"], result["changed"]) == (True, False)
    assert "its name is Another Name" in result["msg"]
    # The probe changes nothing.
    assert emulator.job(PROJECT, JOB)["backoffLimit"] == 2


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "options",
    [
        {"docker": {"config_type": "customCommand", "custom_entrypoint": ""}},
        {"internal": {"branch": ""}},
        {"gpu": {"configuration": {"gpu_type": ""}}},
    ],
)
def test_an_empty_text_of_the_task_is_sent(run: Runner, emulator: Emulator, state: str, options: dict[str, t.Any]) -> None:
    emulator.state = state
    add_job(emulator, "internal")
    first, second = run({"deployment": options}, {"deployment": options}).results
    assert (first["failed"], first["changed"], second["changed"]) == (False, True, False)


@pytest.mark.parametrize("policy", ["skip", "apply", "probe"])
@pytest.mark.parametrize("state", STATES)
def test_credentials_that_cannot_be_read_are_sent_with_another_image(
    run: Runner, emulator: Emulator, reading: str, state: str, policy: str
) -> None:
    emulator.state = state
    add_job(emulator, "external")
    external = {"image_path": "registry.example.com/report:1.5", "credentials": "example-registry"}
    result = run({"unreadable": policy, "deployment": {"external": external}}).result
    assert (result["failed"], result["changed"]) == (False, True)
    assert emulator.job(PROJECT, JOB)["deployment"]["external"] == {
        "imagePath": "registry.example.com/report:1.5",
        "credentials": "example-registry",
    }


@pytest.mark.parametrize("state", STATES)
def test_a_put_needs_no_architecture_if_no_response_contains_one(run: Runner, emulator: Emulator, state: str) -> None:
    emulator.state = state
    job = {name: value for name, value in PARAMETERS.items() if name != "infrastructure"}
    emulator.add_job(PROJECT, JOB, {**job, "deployment": EXTERNAL})
    result = run({"deployment": {"grace_period_seconds": 90}}).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert "infrastructure" not in emulator.job(PROJECT, JOB)


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_skip_names_the_operation_that_is_gone_and_leaves_the_deployment(run: Runner, emulator: Emulator, arguments: list[str]) -> None:
    add_job(emulator, "external")
    emulator.gone = {"get-job-deployment"}
    options = {"unreadable": "skip", "deployment": {"external": {"image_path": "registry.example.com/report:1.5"}}}
    result = run(options, arguments=arguments).result
    assert (result["changed"], result["failed"], result["unknown_fields"]) == (False, False, ["deployment.external.image_path"])
    assert result["warnings"] == [
        "Ignored, because it cannot be read (unreadable: skip): deployment.external.image_path "
        "(the API no longer has the operation get-job-deployment) (job example-job of the project default-project)."
    ]
    assert writes_of(emulator) == []


def test_without_the_sub_resource_the_probe_shows_the_image(run: Runner, emulator: Emulator) -> None:
    add_job(emulator, "external")
    emulator.gone = {"get-job-deployment"}
    result = run({"deployment": {"external": {"image_path": "registry.example.com/report:1.5"}}}).result
    assert (result["changed"], result["changed_fields"]) == (True, ["deployment.external.image_path"])
    assert writes_of(emulator) == ["patch-manual-job", "update-job-deployment"]
    assert emulator.job(PROJECT, JOB)["deployment"]["external"]["credentials"] == "example-registry"


@pytest.mark.parametrize("status", [400, 500])
def test_a_probe_that_fails_before_a_change_of_the_deployment_is_a_failure(run: Runner, emulator: Emulator, status: int) -> None:
    add_job(emulator, "external")
    emulator.order("error", "patch-manual-job", status=status)
    result = run({"deployment": {"grace_period_seconds": 90}}).result
    assert (result["failed"], result["changed"], result["error"]["status"]) == (True, False, status)
    assert writes_of(emulator) == ["patch-manual-job"]


@pytest.mark.parametrize("reading_of_objects", ["replace", "merge"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("policy", ["skip", "probe", "apply"])
def test_desired_credentials_that_cannot_be_read_are_sent_with_the_image(
    run: Runner, emulator: Emulator, state: str, reading_of_objects: str, policy: str
) -> None:
    emulator.state = state
    add_job(emulator, "external")
    emulator.objects = reading_of_objects
    options = {
        "unreadable": policy,
        "deployment": {"external": {"image_path": "registry.example.com/report:1.5", "credentials": "another-registry"}},
    }
    result = run(options).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert result["changed_fields"] == ["deployment.external.credentials", "deployment.external.image_path"]
    assert emulator.job(PROJECT, JOB)["deployment"] == {
        **EXTERNAL,
        "external": {"imagePath": "registry.example.com/report:1.5", "credentials": "another-registry"},
    }


@pytest.mark.parametrize("state", ["lean", "current"])
def test_skip_names_what_is_ignored_although_another_part_of_the_deployment_is_changed(run: Runner, emulator: Emulator, state: str) -> None:
    emulator.state = state
    add_job(emulator, "external")
    options = {
        "unreadable": "skip",
        "run_on_source_change": "never",
        "deployment": {"external": {"image_path": "nginx:2", "credentials": "another-registry"}, "grace_period_seconds": 90},
    }
    result = run(options).result
    assert (result["changed"], result["failed"]) == (True, False)
    assert result["changed_fields"] == ["deployment.external.credentials", "deployment.external.image_path"]
    assert result["unknown_fields"] == ["deployment.external.credentials", "deployment.grace_period_seconds", "run_on_source_change"]
    assert result["warnings"] == [
        "Ignored, because it cannot be read (unreadable: skip): run_on_source_change, deployment.grace_period_seconds "
        "(job example-job of the project default-project)."
    ]
    stored = emulator.job(PROJECT, JOB)
    assert (stored["runOnSourceChange"], stored["deployment"].get("gracePeriodSeconds")) == ("always", None)
