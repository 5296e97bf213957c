# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Each published payload can be stored, returned and accepted."""

from __future__ import annotations

import re

import pytest

# What the published responses of get-job contain, under the names of PATCH.
PUBLISHED = {
    "uid": "6592008000000000000000aa",
    "name": "Example Job",
    "description": "This is the job description",
    "jobType": "cron",
    "cron": {"schedule": "30 8 * * *", "concurrencyPolicy": "Allow"},
    "createdAt": "2021-01-20T11:19:53.175Z",
    "deployment": {
        "region": "europe-west",
        "buildpack": {"configType": "default"},
        "docker": {"configType": "default", "customCommand": "nginx -g"},
        "storage": {"ephemeralStorage": {"storageSize": 1024}},
        "vcs": {
            "projectUrl": "https://github.com/northflank/gatsby-with-northflank",
            "projectType": "github",
            "selfHostedVcsId": "example-team/self-hosted-vcs",
            "projectBranch": "master",
        },
    },
    "billing": {"deploymentPlan": "nf-compute-20"},
    "buildConfiguration": {
        "pathIgnoreRules": ["README.md"],
        "isAllowList": False,
        "ciIgnoreFlags": ["[skip ci]"],
        "ignoreEmptyCommits": False,
        "dockerCredentials": ["example-docker-credential"],
        "storage": {"ephemeralStorage": {"storageSize": 16384}},
    },
    "disabledCI": False,
    "stageId": "staging",
    "backoffLimit": 0,
    "activeDeadlineSeconds": 600,
    "cluster": {
        "id": "nf-europe-west",
        "name": "nf-europe-west",
        "namespace": "ns-8zy2mcjh9zn2",
        "loadBalancers": ["lb.659200800000000000000000.northflank.com"],
    },
}
# What the official SDK requires, and what the published responses leave out (facts.md, "What changed over time").
NOT_PUBLISHED = {"uid": PUBLISHED["uid"], "tags": []}
BUILDPACK = {"builder": "HEROKU_24", "buildpackLocators": ["https://buildpack-registry.heroku.com/cnb/mars/create-react-app"]}
DOCKERFILE = {
    "buildEngine": "buildkit",
    "dockerFilePath": "/Dockerfile",
    "dockerWorkDir": "/",
    "buildkit": {"useCache": True, "cacheStorageSize": 32768},
}
STORAGE = {"ephemeralStorage": {"storageSize": 16384}}


def without_status(response):
    """The published responses of get-job leave out `status`."""
    return {key: value for key, value in response.items() if key != "status"}


def shape(value):
    """A payload with its texts replaced by their patterns, for values that are new each time."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else re.sub("[0-9a-f]", "0", str(value))


def test_the_lean_state_returns_the_published_get_job_of_june(emulator, send, example):
    emulator.state = "lean"
    emulator.add_job("default-project", "example-job", {**PUBLISHED, "buildSettings": {"buildpack": BUILDPACK}})
    assert without_status(send("GET", "example-job").json()["data"]) == example("get-job.response")["data"]


def test_the_current_state_returns_the_published_get_job_of_october(emulator, send, example):
    emulator.add_job("default-project", "example-job", {**PUBLISHED, "buildSettings": {"storage": STORAGE, "dockerfile": DOCKERFILE}})
    # The published response names a buildpack here, beside the Dockerfile of its buildSettings: no job has both.
    engine = {"buildEngine": "buildkit", "buildkit": {"useCache": True}}
    expected = {**example("get-job.response-2026-10")["data"], "buildEngineConfiguration": engine, **NOT_PUBLISHED}
    assert without_status(send("GET", "example-job").json()["data"]) == expected


@pytest.mark.parametrize("revision", ["", "-2024", "-2026-10"])
@pytest.mark.parametrize("state", ["lean", "current"])
def test_a_published_response_of_patch_can_be_stored_and_read_back(emulator, send, example, state, revision):
    emulator.state = "current" if revision == "-2026-10" else state
    published = example(f"patch-manual-job.response{revision}")["data"]
    emulator.add_job("default-project", "example-job", published)
    response = send("PATCH", "manual/example-job", json={"description": published["description"]})
    assert (response.json()["data"], emulator.violations) == (published, [])


@pytest.mark.parametrize("revision", ["", "-2024", "-2026-10"])
def test_a_published_body_of_patch_is_accepted(emulator, patch, example, revision):
    body = example(f"patch-manual-job.request{revision}")
    # It contains both alternatives. The emulator keeps the Dockerfile.
    body.get("buildSettings", {}).pop("buildpack", None)
    response = patch(**example(f"patch-manual-job.request{revision}"))
    assert ({key: response[key] for key in body}, emulator.violations) == (body, [])


def test_the_lean_state_refuses_the_published_body_of_october(emulator, send, example):
    emulator.state = "lean"
    response = send("PATCH", "manual/example-job", json=example("patch-manual-job.request-2026-10"))
    assert (response.status_code, list(response.json()["error"]["details"])) == (400, ["body.buildConfiguration.ignoreEmptyCommits"])


@pytest.mark.parametrize("name", ["runtime-environment", "build-arguments"])
def test_a_published_environment_can_be_stored_and_read_back(emulator, send, example, name):
    published = example(f"get-job-{name}.response")
    emulator.add_job("default-project", "example-job", published["data"])
    assert send("GET", f"example-job/{name}?show=this").json() == published


def test_published_health_checks_can_be_stored_and_read_back(emulator, send, example):
    published = example("get-job-health-checks.response")["data"]["healthChecks"]
    stored = [{**check, "port": check["httpPort"]} for check in published]
    for check in stored:
        del check["httpPort"]
    emulator.add_job("default-project", "example-job", {"healthChecks": stored})
    response = send("GET", "example-job/health-checks").json()["data"]["healthChecks"]
    assert [{key: value for key, value in check.items() if value is not None} for check in response] == published


@pytest.mark.parametrize(
    "state, not_published", [("lean", {}), ("current", {"uid": "6592008000000000000000bb", "lifecycleStatus": "deleting"})]
)
def test_published_projects_can_be_stored_and_read_back(emulator, call, example, state, not_published):
    emulator.state = state
    published = example("list-projects.response")
    for project in published["data"]["projects"]:
        project.update(not_published)
        emulator.add_project(project["id"], **{name: value for name, value in project.items() if name != "id"})
    assert call("GET", "/projects").json() == published


@pytest.mark.parametrize("state, revision, not_published", [("lean", "", {}), ("current", "-2026-10", NOT_PUBLISHED)])
def test_a_published_list_of_jobs_can_be_stored_and_read_back(emulator, call, example, state, revision, not_published):
    emulator.state = state
    emulator.add_job("default-project", "example-job", PUBLISHED)
    expected = example(f"list-jobs.response{revision}")
    expected["data"]["jobs"][0].update(not_published)
    assert call("GET", "/projects/default-project/jobs").json() == expected


@pytest.mark.parametrize("revision", ["", "-2026-10"])
def test_a_published_body_of_run_job_is_accepted(emulator, start, example, revision):
    body = example(f"run-job.request{revision}")
    start(**body)
    assert (emulator.runs_of("default-project", "example-job")[0].overrides, emulator.violations) == (body, [])


def test_a_run_is_started_and_aborted_as_published(emulator, send, example):
    emulator.plan_run(reads=None)
    started = send("POST", "example-job/runs").json()
    published = example("run-job.response")
    assert shape(started) == shape(published)
    assert send("DELETE", f"example-job/runs/{started['data']['id']}").json() == example("abort-job-run.response")


@pytest.mark.parametrize("name", ["get-run-details", "get-job-runs"])
def test_a_published_run_can_be_planned_and_read_back(emulator, send, start, example, name):
    published = example(f"{name}.response")
    (run,) = published["data"].get("runs", [published["data"]])
    emulator.plan_run(fields=run)
    run_id = start()
    assert send("GET", "example-job/runs" if name == "get-job-runs" else f"example-job/runs/{run_id}").json() == published


def test_a_published_log_can_be_planned_and_read_back(emulator, send, start, read, example):
    published = example("get-job-logs.response")
    emulator.shows_no_containers = True
    emulator.plan_run(log=[[line["log"] for line in published["data"]]])
    read(start())
    response = send("GET", "example-job/logs").json()
    assert shape(response) == shape(published)
    assert [line["log"] for line in response["data"]] == [line["log"] for line in published["data"]]
