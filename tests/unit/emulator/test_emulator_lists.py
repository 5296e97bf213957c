# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""What the lists of projects and of jobs show, and for which tokens."""

from __future__ import annotations

import re

import pytest

JOBS = "/projects/default-project/jobs"
READ = "Project > Jobs > General > Read"
READ_PROJECTS = "Project > Projects > Manage > Read"


@pytest.fixture(name="projects")
def listed_projects(call):
    """projects() is what list-projects shows."""
    return lambda **options: call("GET", "/projects", **options).json()["data"]["projects"]


@pytest.fixture(name="jobs")
def listed_jobs(call):
    """jobs() is what list-jobs shows of default-project."""
    return lambda path=JOBS, **options: call("GET", path, **options).json()["data"]["jobs"]


@pytest.fixture(name="job")
def listed_job(emulator, jobs):
    """job("lean", fields) is what list-jobs shows of a job with these fields in this state."""

    def read(state, fields):
        emulator.state = state
        emulator.add_job("default-project", "example-job", fields)
        return jobs()[0]

    return read


def test_projects_are_listed_in_the_order_of_their_first_appearance(emulator, projects):
    emulator.add_project("without-jobs", name="No jobs", description="There are none")
    emulator.add_job("another", "job")
    emulator.add_project("default-project", name="The default")
    emulator.state = "lean"
    assert projects() == [
        {"id": "default-project", "name": "The default"},
        {"id": "without-jobs", "name": "No jobs", "description": "There are none"},
        {"id": "another", "name": "Another"},
    ]


@pytest.mark.parametrize("state", ["current", "rich", "removed"])
def test_all_states_except_lean_show_the_second_id_and_the_status_of_a_project(emulator, projects, state):
    emulator.add_project("another", uid="6592008000000000000000bb", lifecycleStatus="deleting")
    emulator.state = state
    first, second = projects()
    assert (set(first), first["lifecycleStatus"]) == ({"id", "name", "uid", "lifecycleStatus"}, "created")
    assert re.fullmatch("[0-9a-f]{24}", first["uid"])
    assert second == {"id": "another", "name": "Another", "uid": "6592008000000000000000bb", "lifecycleStatus": "deleting"}


def test_the_lean_state_does_not_show_the_second_id_of_a_project_even_if_it_is_set(emulator, projects):
    emulator.add_project("another", uid="6592008000000000000000bb", lifecycleStatus="deleting")
    emulator.state = "lean"
    assert projects()[1] == {"id": "another", "name": "Another"}


def test_a_job_keeps_the_known_values_of_its_project(emulator, projects):
    emulator.add_project("another", name="Told before")
    emulator.add_job("another", "job")
    assert projects()[1]["name"] == "Told before"


def test_a_job_is_listed_with_what_is_set(job):
    fields = {"name": "The job", "description": "A job", "tags": ["one", "two"], "stageId": "staging", "disabledCI": True, "uid": "a-uid"}
    assert job("current", fields) == {
        **fields,
        "id": "example-job",
        "projectId": "default-project",
        "appId": "/example-user/default-project/example-job",
        "jobType": "manual",
        "disabledCD": False,
    }


@pytest.mark.parametrize("state, always", [("lean", set()), *((state, {"uid", "tags"}) for state in ("current", "rich", "removed"))])
def test_what_is_not_set_is_not_listed(job, state, always):
    assert set(job(state, {})) == {"id", "projectId", "appId", "name", "jobType", "disabledCI", "disabledCD", *always}


@pytest.mark.parametrize("state", ["current", "rich", "removed"])
def test_the_second_id_of_a_job_is_unique_and_the_same_in_each_response(emulator, send, job, jobs, state):
    first = job(state, {})["uid"]
    emulator.add_job("default-project", "second-job")
    second = jobs()[1]["uid"]
    assert re.fullmatch("[0-9a-f]{24}", first)
    assert first != second
    assert [send("GET", name).json()["data"]["uid"] for name in ("example-job", "second-job")] == [first, second]


@pytest.mark.parametrize("state, there", [("lean", False), ("current", True), ("rich", True), ("removed", True)])
def test_the_stage_is_listed_in_all_states_except_lean(job, state, there):
    assert ("stageId" in job(state, {"stageId": "staging"})) is there


def test_the_stage_of_a_list_can_be_mixed_as_that_of_get_job_is(emulator, job, jobs):
    job("lean", {"stageId": "staging"})
    emulator.mix({"stageId": "current"})
    assert jobs()[0]["stageId"] == "staging"


@pytest.mark.parametrize(
    "fields, expected",
    [({"jobType": "cron"}, False), ({"jobType": "cron", "suspended": True}, True), ({"jobType": "manual", "suspended": True}, None)],
)
def test_only_a_cron_job_shows_whether_it_is_suspended(job, fields, expected):
    assert job("current", fields).get("suspended") is expected


def test_tags_can_be_hidden_only_in_lists(emulator, send, job):
    emulator.hides_tags_in_lists = True
    assert "tags" not in job("current", {"tags": ["one"]})
    assert send("GET", "example-job").json()["data"]["tags"] == ["one"]


def test_the_list_contains_only_the_jobs_of_its_project(emulator, jobs):
    emulator.add_job("default-project", "second-job")
    emulator.add_job("another", "job")
    assert [job["id"] for job in jobs()] == ["example-job", "second-job"]


def test_a_project_without_jobs_has_an_empty_list(emulator, call):
    emulator.add_project("empty")
    assert call("GET", "/projects/empty/jobs").json() == {"data": {"jobs": []}, "pagination": {"hasNextPage": False, "count": 0}}


def test_the_jobs_of_an_unknown_project_are_not_found(call):
    assert call("GET", "/projects/no-project/jobs").status_code == 404


@pytest.mark.parametrize("path", ["/projects", JOBS])
@pytest.mark.parametrize("team, status", [("my-team", 200), ("other-team", 404)])
def test_the_paths_of_the_set_team_work(emulator, call, path, team, status):
    emulator.team = "my-team"
    assert call("GET", f"/teams/{team}{path}").status_code == status


@pytest.mark.parametrize("path, permission", [("/projects", READ_PROJECTS), (JOBS, READ)])
def test_each_list_needs_its_permission_and_no_other(emulator, call, path, permission):
    emulator.add_token("able", permissions={permission})
    emulator.add_token("unable", permissions={READ, READ_PROJECTS} - {permission})
    assert [call("GET", path, token=token).status_code for token in ("able", "unable")] == [200, 403]


@pytest.mark.parametrize("path", ["", "/example-job"])
@pytest.mark.parametrize("project, status", [("default-project", 200), ("other", 403), ("no-project", 403)])
def test_a_token_may_be_limited_to_projects(emulator, call, project, path, status):
    emulator.add_job("other", "example-job")
    emulator.add_token("limited", projects={"default-project"})
    assert call("GET", f"/projects/{project}/jobs{path}", token="limited").status_code == status


def test_a_limited_token_lists_all_projects(emulator, projects):
    emulator.add_project("other")
    emulator.add_token("limited", projects={"default-project"})
    assert [project["id"] for project in projects(token="limited")] == ["default-project", "other"]


def test_lists_keep_the_contract(emulator, projects, job, jobs):
    emulator.add_project("other", description="Another")
    projects()
    job("current", {"jobType": "cron", "tags": ["one"]})
    jobs(f"/teams/my-team{JOBS}")
    assert emulator.violations == []
