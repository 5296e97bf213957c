# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Jobs are created, replaced, deployed and removed: in each state, with both readings of objects, and with their errors."""

from __future__ import annotations

import json

import pytest

READ, CREATE, UPDATE, DELETE = (f"Project > Jobs > General > {name}" for name in ("Read", "Create", "Update", "Delete"))
PLAN = {"billing": {"deploymentPlan": "nf-compute-50"}}
EXTERNAL = {"imagePath": "registry.example.com/report:1.4", "credentials": "a-registry"}
INTERNAL = {"id": "a-service", "branch": "main", "buildSHA": "latest"}
VCS = {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "main", "vcsLinkId": "a" * 24}
DOCKER = {"configType": "customCommand", "customCommand": "report --all"}
BODY = {"name": "New Job", **PLAN, "deployment": {"external": EXTERNAL, "docker": DOCKER}}
MANUAL, ANY = {**BODY, "backoffLimit": 2}, {**BODY, "settings": {"backoffLimit": 2}}
CREATIONS = pytest.mark.parametrize("path, body", [("manual", MANUAL), ("", ANY)], ids=["create-manual-job", "create-job"])
STATES = pytest.mark.parametrize("state", ["lean", "current", "rich", "removed"])
READINGS = pytest.mark.parametrize("objects", ["merge", "replace"])
CRON = {"schedule": "0 8 * * *", "concurrencyPolicy": "forbid"}


@pytest.fixture(name="jobs")
def requests_about_jobs(call):
    """jobs("POST", "manual", json=body) sends a request below the jobs of default-project, also to the list itself."""
    return lambda method, path="", **options: call(method, f"/projects/default-project/jobs{path and '/' + path}", **options)


@pytest.fixture(name="stored")
def stored_job(emulator):
    """stored() is the deployment of the example job, or another member."""
    return lambda name="deployment", job_id="example-job": emulator.job("default-project", job_id).get(name)


@pytest.fixture(name="deployed")
def job_with_a_deployment(emulator):
    """deployed(objects, external=...) gives the example job a deployment, and the emulator a reading of objects."""

    def store(objects, **deployment):
        emulator.objects = objects
        emulator.add_job("default-project", "example-job", {"deployment": json.loads(json.dumps(deployment))})

    return store


class TestCreating:
    """create-manual-job and create-job."""

    @CREATIONS
    @STATES
    def test_a_job_is_created_with_the_slug_of_its_name_as_its_id(self, emulator, jobs, stored, state, path, body):
        emulator.state = state
        response = jobs("POST", path, json=body)
        if state == "removed" and path == "manual":
            assert response.status_code == 404
            assert not emulator.has_job("default-project", "new-job")
            return
        data = response.json()["data"]
        assert (response.status_code, data["id"], data["name"], data["jobType"]) == (200, "new-job", "New Job", "manual")
        assert data.get("settings", data)["backoffLimit"] == 2
        assert ("settings" in data) == (path == "")
        assert stored("deployment", "new-job") == BODY["deployment"]
        assert stored("backoffLimit", "new-job") == 2
        assert jobs("GET", "new-job").json()["data"]["name"] == "New Job"
        assert emulator.violations == []

    @CREATIONS
    def test_a_second_job_of_the_same_id_is_a_conflict(self, emulator, jobs, stored, path, body):
        emulator.add_job("default-project", "new-job", {"backoffLimit": 7})
        response = jobs("POST", path, json={**body, "name": "new JOB"})
        assert (response.status_code, response.json()["error"]["id"]) == (409, "conflict")
        assert (stored("backoffLimit", "new-job"), emulator.violations) == (7, [])

    @CREATIONS
    def test_a_job_can_get_another_id_than_the_slug_of_its_name(self, emulator, jobs, path, body):
        emulator.created_id = "new-job-2"
        assert jobs("POST", path, json=body).json()["data"]["id"] == "new-job-2"
        assert [emulator.has_job("default-project", name) for name in ("new-job", "new-job-2")] == [False, True]

    @CREATIONS
    def test_a_job_without_a_deployment_is_created_without_one(self, jobs, stored, path, body):
        assert jobs("POST", path, json={name: value for name, value in body.items() if name != "deployment"}).status_code == 200
        assert stored("deployment", "new-job") == {}

    @CREATIONS
    @pytest.mark.parametrize(
        "change", [{"name": "a"}, {"name": "1 Job"}, {"billing": {}}, {"deployment": {"external": {}}}, {"deployment": {"docker": {}}}]
    )
    def test_a_body_that_breaks_the_contract_creates_nothing(self, emulator, jobs, path, body, change):
        assert jobs("POST", path, json={**body, **change}).status_code == 400
        assert list(emulator.jobs_of("default-project")) == ["example-job"]

    @CREATIONS
    def test_the_lean_state_refuses_fields_that_it_does_not_have(self, emulator, jobs, path, body):
        emulator.state = "lean"
        response = jobs("POST", path, json={**body, "buildConfiguration": {"ignoreEmptyCommits": True}})
        assert (response.status_code, emulator.has_job("default-project", "new-job")) == (400, False)

    def test_a_cron_job_is_not_created(self, emulator, jobs):
        response = jobs("POST", json={**ANY, "settings": {"backoffLimit": 2, "cron": CRON}})
        assert (response.status_code, emulator.has_job("default-project", "new-job")) == (409, False)

    @CREATIONS
    def test_a_project_that_does_not_exist_gets_no_job(self, emulator, call, path, body):
        assert call("POST", f"/projects/no-project/jobs/{path}".rstrip("/"), json=body).status_code == 404
        assert not emulator.has_project("no-project")

    @pytest.mark.parametrize("revision", ["", "-2026-10"])
    def test_a_published_body_is_accepted(self, emulator, jobs, stored, example, revision):
        emulator.remove_job("default-project", "example-job")
        body = example(f"create-manual-job.request{revision}")
        assert jobs("POST", "manual", json=body).status_code == 200
        assert (stored(), emulator.violations) == (body["deployment"], [])


class TestReplacing:
    """put-job."""

    @STATES
    def test_a_job_that_does_not_exist_is_created(self, emulator, jobs, stored, state):
        emulator.state = state
        assert jobs("PUT", json=ANY).json()["data"]["settings"] == {"backoffLimit": 2}
        assert (stored("deployment", "new-job"), emulator.violations) == (BODY["deployment"], [])

    @READINGS
    def test_what_the_body_leaves_out_is_kept_or_lost(self, emulator, jobs, stored, objects):
        emulator.objects = emulator.maps = objects
        before = {
            "description": "As it was",
            "backoffLimit": 7,
            "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-200-8"},
            "runtimeEnvironment": {"A": "1"},
            "infrastructure": {"architecture": "arm"},
            "deployment": {"vcs": VCS, "gracePeriodSeconds": 60, "docker": {"configType": "default"}},
        }
        emulator.add_job("default-project", "new-job", before)
        body = {"name": "New Job", **PLAN, "deployment": {"external": EXTERNAL}, "runtimeEnvironment": {"B": "2"}}
        assert jobs("PUT", json=body).status_code == 200
        kept = objects == "merge"
        assert stored("description", "new-job") == ("As it was" if kept else None)
        assert stored("backoffLimit", "new-job") == (7 if kept else 999)
        assert stored("billing", "new-job") == {**PLAN["billing"], **({"buildPlan": "nf-compute-200-8"} if kept else {})}
        assert stored("runtimeEnvironment", "new-job") == {"B": "2", **({"A": "1"} if kept else {})}
        assert stored("deployment", "new-job") == {
            "external": EXTERNAL,
            **({"gracePeriodSeconds": 60, "docker": {"configType": "default"}} if kept else {}),
        }
        # Nothing replaces these.
        assert (stored("infrastructure", "new-job"), stored("id", "new-job")) == ({"architecture": "arm"}, "new-job")
        assert emulator.violations == []

    @READINGS
    def test_a_whole_body_leads_to_the_same_job_by_both_readings(self, emulator, jobs, stored, objects):
        emulator.objects = objects
        emulator.add_job("default-project", "new-job", {"deployment": {"internal": INTERNAL}})
        assert jobs("PUT", json=ANY).status_code == 200
        assert (stored("deployment", "new-job"), stored("backoffLimit", "new-job")) == (BODY["deployment"], 2)

    @READINGS
    def test_a_cron_job_is_not_replaced(self, emulator, jobs, stored, objects):
        emulator.objects = objects
        emulator.add_job("default-project", "new-job", {"jobType": "cron", "cron": CRON})
        assert jobs("PUT", json=ANY).status_code == 409
        assert (stored("jobType", "new-job"), stored("cron", "new-job")) == ("cron", CRON)

    def test_a_schedule_is_refused(self, emulator, jobs, stored):
        emulator.add_job("default-project", "new-job", {"backoffLimit": 7})
        assert jobs("PUT", json={**ANY, "settings": {"backoffLimit": 2, "cron": CRON}}).status_code == 409
        assert stored("backoffLimit", "new-job") == 7

    def test_the_lean_state_refuses_fields_that_it_does_not_have(self, emulator, jobs, stored):
        emulator.state = "lean"
        emulator.add_job("default-project", "new-job", {"backoffLimit": 7})
        assert jobs("PUT", json={**ANY, "buildConfiguration": {"ignoreEmptyCommits": True}}).status_code == 400
        assert stored("backoffLimit", "new-job") == 7


class TestRemoving:
    """delete-job."""

    @STATES
    def test_a_job_is_removed_with_its_runs_and_is_not_found_then(self, emulator, send, start, example, state):
        emulator.state = state
        start()
        assert send("DELETE", "example-job").json() == example("delete-job.response")
        assert not emulator.has_job("default-project", "example-job")
        assert emulator.runs_of("default-project", "example-job") == []
        assert [send(method, "example-job").status_code for method in ("DELETE", "GET")] == [404, 404]
        assert (emulator.has_project("default-project"), emulator.violations) == (True, [])

    def test_a_job_of_a_removed_name_has_no_runs(self, emulator, send, jobs, start):
        start()
        send("DELETE", "example-job")
        jobs("POST", "manual", json={**MANUAL, "name": "Example Job"})
        assert send("GET", "example-job/runs").json()["data"]["runs"] == []


class TestReadingTheDeployment:
    """get-job-deployment."""

    def test_an_external_image_shows_whether_it_is_private(self, send, deployed):
        for external, private in ((EXTERNAL, True), ({"imagePath": "nginx:1"}, False)):
            deployed("replace", external=external)
            shown = send("GET", "example-job/deployment").json()["data"]["external"]
            assert (shown["imagePath"], shown["privateImage"], "credentials" in shown) == (external["imagePath"], private, False)

    @pytest.mark.parametrize("revision", ["", "-2026-10"])
    def test_a_build_is_shown_as_published(self, send, deployed, example, revision):
        published = example(f"get-job-deployment.response{revision}")["data"]
        deployed(
            "replace",
            docker=published["docker"],
            buildpack=published["buildpack"],
            storage=published["storage"],
            internal={"id": "example-service", "branch": "master", "buildSHA": "latest"},
        )
        # It is not documented when it contains these.
        for name in ("buildSource", "repository"):
            published["internal"].pop(name, None)
        assert send("GET", "example-job/deployment").json()["data"] == published

    def test_a_public_image_is_shown_as_published(self, send, deployed, example):
        published = example("get-job-deployment.response2")["data"]
        parts = {name: published[name] for name in ("docker", "buildpack", "storage")}
        deployed("replace", external={"imagePath": "nginx:latest"}, **parts)
        shown = send("GET", "example-job/deployment").json()["data"]
        assert {**shown, "external": {**shown["external"], "registryProvider": "dockerhub"}} == published

    def test_latest_is_shown_with_the_build_that_came_of_it_and_a_chosen_build_with_its_commit(self, send, deployed):
        deployed("replace", internal=INTERNAL)
        latest = send("GET", "example-job/deployment").json()["data"]["internal"]
        assert (latest["nfObjectId"], latest["buildSHA"], len(latest["deployedSHA"])) == ("a-service", "latest", 40)
        deployed("replace", internal={"id": "a-service", "buildId": "build-7"})
        chosen = send("GET", "example-job/deployment").json()["data"]["internal"]
        assert (chosen["buildId"], chosen["buildSHA"]) == ("build-7", chosen["deployedSHA"])

    def test_of_a_repository_it_shows_the_build_and_not_the_repository(self, send, deployed):
        deployed("replace", vcs=VCS, storage={"ephemeralStorage": {}, "useHdbStorage": True, "shmSize": 64})
        shown = send("GET", "example-job/deployment").json()["data"]
        assert ("vcs" in shown, shown["internal"]["nfObjectId"], shown["internal"]["branch"]) == (False, "example-job", "main")
        assert shown["storage"] == {"shmSize": 64}


class TestDeploying:
    """update-job-deployment, update-job-build-source and scale-job."""

    @READINGS
    @pytest.mark.parametrize("before", [{"external": EXTERNAL}, {"internal": INTERNAL}, {"vcs": VCS}], ids="".join)
    def test_a_new_source_replaces_the_present_one(self, emulator, send, deployed, stored, objects, before):
        deployed(objects, **before, docker=DOCKER)
        body = {"external": {"imagePath": "nginx:2"}, "docker": DOCKER}
        assert send("POST", "example-job/deployment", json=body).status_code == 200
        kept = {"credentials": "a-registry"} if objects == "merge" and "external" in before else {}
        assert stored() == {"external": {"imagePath": "nginx:2", **kept}, "docker": DOCKER}
        assert emulator.violations == []

    @READINGS
    def test_what_the_body_could_have_contained_is_kept_or_lost(self, send, deployed, stored, objects):
        deployed(objects, internal=INTERNAL, docker=DOCKER, buildpack={"configType": "customProcess"}, gracePeriodSeconds=60)
        send("POST", "example-job/deployment", json={"internal": {"id": "other"}})
        lost = {"configType": "default"}
        assert stored() == {
            "internal": {**(INTERNAL if objects == "merge" else {}), "id": "other"},
            "docker": DOCKER if objects == "merge" else lost,
            "buildpack": {"configType": "customProcess"} if objects == "merge" else lost,
            # The body has no place for it.
            "gracePeriodSeconds": 60,
        }

    @READINGS
    def test_a_command_leaves_the_image(self, send, deployed, stored, objects):
        deployed(objects, external=EXTERNAL, docker=DOCKER)
        send("POST", "example-job/deployment", json={"docker": {"configType": "customEntrypoint", "customEntrypoint": "/run"}})
        kept = {"customCommand": "report --all"} if objects == "merge" else {}
        assert stored() == {"external": EXTERNAL, "docker": {**kept, "configType": "customEntrypoint", "customEntrypoint": "/run"}}

    @READINGS
    def test_a_build_takes_the_place_of_a_commit(self, send, deployed, stored, objects):
        deployed(objects, internal=INTERNAL)
        send("POST", "example-job/deployment", json={"internal": {"id": "a-service", "branch": "main", "buildId": "build-7"}})
        assert stored()["internal"] == {"id": "a-service", "branch": "main", "buildId": "build-7"}

    @pytest.mark.parametrize(
        "body", [{"external": {}}, {"external": EXTERNAL, "internal": INTERNAL}, {"vcs": VCS}, {"storage": {"shmSize": 64}}]
    )
    def test_a_body_that_breaks_the_contract_changes_nothing(self, send, deployed, stored, body):
        deployed("replace", external=EXTERNAL)
        assert send("POST", "example-job/deployment", json=body).status_code == 400
        assert stored() == {"external": EXTERNAL}

    @READINGS
    def test_a_branch_is_changed(self, send, deployed, stored, objects):
        deployed(objects, vcs=VCS, docker=DOCKER)
        assert send("POST", "example-job/build-source", json={"projectBranch": "other"}).status_code == 200
        lost = {} if objects == "merge" else {"projectUrl", "projectType"}
        expected = {**VCS, "projectBranch": "other"}
        assert stored() == {"vcs": {name: value for name, value in expected.items() if name not in lost}, "docker": DOCKER}

    def test_an_image_gets_no_repository_by_build_source(self, send, deployed, stored):
        deployed("replace", external=EXTERNAL)
        assert send("POST", "example-job/build-source", json={"projectBranch": "other"}).status_code == 409
        assert stored() == {"external": EXTERNAL}

    @READINGS
    def test_the_storage_is_changed(self, send, deployed, stored, objects):
        deployed(objects, external=EXTERNAL, storage={"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64})
        assert send("POST", "example-job/scale", json={"storage": {"shmSize": 128}}).status_code == 200
        kept = {"ephemeralStorage": {"storageSize": 2048}} if objects == "merge" else {}
        assert stored() == {"external": EXTERNAL, "storage": {**kept, "shmSize": 128}}

    def test_a_plan_is_changed_without_the_rest_of_billing_or_the_deployment(self, emulator, send, stored):
        emulator.add_job("default-project", "example-job", {"billing": {"deploymentPlan": "a", "buildPlan": "b"}, "deployment": {}})
        assert send("POST", "example-job/scale", json={"deploymentPlan": "nf-compute-50"}).status_code == 200
        assert (stored("billing"), stored()) == ({"deploymentPlan": "nf-compute-50", "buildPlan": "b"}, {})

    @pytest.mark.parametrize("name, body", [("deployment", {"docker": DOCKER}), ("build-source", {}), ("scale", {})])
    def test_after_the_removals_these_are_gone(self, emulator, send, name, body):
        emulator.state = "removed"
        response = send("POST", f"example-job/{name}", json=body)
        assert (response.status_code, response.json()["error"]["id"]) == (404, "gone")


PERMISSIONS = {
    CREATE: [("POST", "/manual", MANUAL), ("POST", "", ANY), ("PUT", "", ANY)],
    UPDATE: [
        ("POST", "/example-job/deployment", {"docker": DOCKER}),
        ("POST", "/example-job/build-source", {"projectBranch": "other"}),
        ("POST", "/example-job/scale", {"storage": {"shmSize": 64}}),
    ],
    DELETE: [("DELETE", "/example-job", None)],
    READ: [("GET", "/example-job/deployment", None)],
}


@pytest.mark.parametrize("permission, request_of", [(name, each) for name, each_of in PERMISSIONS.items() for each in each_of])
def test_each_operation_needs_its_permission_and_no_other(emulator, call, permission, request_of):
    method, path, body = request_of
    emulator.add_token("narrow", set(PERMISSIONS) - {permission})
    emulator.add_token("enough", [permission])
    before = dict(emulator.jobs_of("default-project"))
    refused = call(method, f"/projects/default-project/jobs{path}", token="narrow", json=body)
    assert (refused.status_code, permission in refused.json()["error"]["message"]) == (403, True)
    assert emulator.jobs_of("default-project") == before
    assert call(method, f"/projects/default-project/jobs{path}", token="enough", json=body).status_code == 200
    assert emulator.violations == []


@pytest.mark.parametrize("path, body", [("/manual", MANUAL), ("", ANY), ("/example-job/scale", {"storage": {"shmSize": 64}})])
def test_an_operation_of_a_team_is_the_same(emulator, call, path, body):
    assert call("POST", f"/teams/my-team/projects/default-project/jobs{path}", json=body).status_code == 200
    assert (emulator.requests[-1].team_id, emulator.violations) == ("my-team", [])


@pytest.mark.parametrize(
    "name, path", [("update-job-deployment", "deployment"), ("update-job-build-source", "build-source"), ("scale-job", "scale")]
)
def test_a_published_body_that_changes_the_deployment_is_accepted(emulator, send, example, name, path):
    assert send("POST", f"example-job/{path}", json=example(f"{name}.request")).status_code == 200
    assert emulator.violations == []


@pytest.mark.parametrize("method, name", [("POST", "create-job"), ("PUT", "put-job")])
@pytest.mark.parametrize("revision", ["", "-2026-10"])
def test_a_published_body_is_accepted_without_its_schedule(emulator, jobs, stored, example, method, name, revision):
    emulator.remove_job("default-project", "example-job")
    body = example(f"{name}.request{revision}")
    del body["settings"]["cron"]
    assert jobs(method, json=body).status_code == 200
    assert (stored(), emulator.violations) == (body["deployment"], [])
