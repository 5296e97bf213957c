# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""What each state shows of a job in which every field is set. The expectations are written by hand from the table of fields."""

from __future__ import annotations

import copy

import pytest
from emulator import Emulator
from emulator._views import view
from harness.full_job import BUILDPACK, CHECK, CONFIGURATION, FULL

# What both states show of FULL, the parts that are not in the table left out.
LEAN = {
    "description": "A job",
    "tags": ["first", "second"],
    "billing": {"deploymentPlan": "nf-compute-50"},
    "disabledCI": True,
    "buildConfiguration": CONFIGURATION,
    "settings": {"backoffLimit": 3, "activeDeadlineSeconds": 600},
    "vcsData": {
        "projectUrl": "https://github.com/northflank/gatsby-with-northflank",
        "projectType": "github",
        "projectBranch": "master",
        "publicRepo": False,
        "dockerFilePath": "/docker/Dockerfile",
        "dockerWorkDir": "/docker",
    },
    "buildEngineConfiguration": {
        "buildEngine": "kaniko",
        "kaniko": {"useCache": True},
        "buildkit": {"useCache": True, "useInternalCache": True, "internalCacheStorage": True},
    },
}
# What all states but lean show, set or not.
ALWAYS = {"uid": "6592008000000000000000aa", "createdAt": "2021-01-20T11:19:53.175Z"}
CURRENT = {
    **LEAN,
    **ALWAYS,
    "stageId": "staging",
    "buildConfiguration": FULL["buildConfiguration"],
    "buildSettings": FULL["buildSettings"],
}
ALWAYS_THERE = {*ALWAYS, "tags", "disabledCI"}
NOT_IN_THE_TABLE = {"id", "appId", "name", "projectId", "jobType", "deployment", "disabledCD", "suspended", "status", "cluster"}


@pytest.fixture
def shown(emulator, send):
    """shown("lean", fields) is what get-job shows of a job, without what the table does not name."""

    def read(state, fields):
        emulator.state = state
        emulator.add_job("default-project", "example-job", fields)
        response = send("GET", "example-job").json()["data"]
        return {key: value for key, value in response.items() if key not in NOT_IN_THE_TABLE}

    return read


@pytest.mark.parametrize("state, expected", [("lean", LEAN), ("current", CURRENT), ("rich", {**FULL, **ALWAYS})])
def test_get_job_shows_exactly_the_fields_of_its_state(shown, state, expected):
    assert shown(state, {**FULL, **(ALWAYS if state != "lean" else {})}) == expected


def test_the_lean_state_does_not_show_the_second_id_even_if_it_is_set(shown):
    assert shown("lean", {**FULL, "uid": ALWAYS["uid"]}) == LEAN


@pytest.mark.parametrize("state", ["lean", "current"])
def test_a_buildpack_has_older_names_for_all_members_except_its_context(shown, state):
    engine = shown(state, {"buildSettings": {"buildpack": BUILDPACK}})["buildEngineConfiguration"]
    assert engine == {
        "buildEngine": "buildpack",
        "buildpack": {"builder": "HEROKU_24", "buildpackLocators": ["heroku/nodejs"], "useCache": True},
    }


@pytest.mark.parametrize(
    "state, there",
    [
        ("lean", {"billing", "settings", "vcsData"}),
        ("current", {"billing", "settings", "vcsData", *ALWAYS_THERE}),
        ("rich", {"billing", "backoffLimit", *ALWAYS_THERE}),
        ("removed", {"billing", "settings", *ALWAYS_THERE}),
    ],
)
def test_fields_that_are_not_set_are_absent(shown, state, there):
    assert set(shown(state, {})) == there


@pytest.mark.parametrize("state", ["current", "rich", "removed"])
def test_a_job_without_tags_and_switches_shows_that_it_has_none(emulator, send, state):
    emulator.state = state
    response = send("GET", "example-job").json()["data"]
    assert [response[name] for name in ("tags", "disabledCI", "disabledCD")] == [[], False, False]


@pytest.mark.parametrize("state", ["current", "rich", "removed"])
def test_the_fields_that_are_always_shown_have_the_values_that_are_set(emulator, send, state):
    emulator.state = state
    fields = {**ALWAYS, "tags": ["one"], "disabledCI": True, "disabledCD": True}
    emulator.add_job("default-project", "example-job", fields)
    response = send("GET", "example-job").json()["data"]
    assert {name: response[name] for name in fields} == fields


@pytest.mark.parametrize("state", ["lean", "current", "rich", "removed"])
def test_the_response_of_patch_does_not_show_fields_that_are_not_set(emulator, send, state):
    emulator.state = state
    response = send("PATCH", "example-job", json={"description": "A job"}).json()["data"]
    assert set(response) & {"uid", "createdAt", "tags", "disabledCI", "disabledCD"} == set()


@pytest.mark.parametrize("state", ["lean", "current"])
def test_a_job_that_runs_an_image_has_no_vcs_data(shown, state):
    assert "vcsData" not in shown(state, {"deployment": {"external": {"imagePath": "nginx:latest"}}})


@pytest.mark.parametrize("state, missing", [("lean", True), ("current", False)])
def test_only_the_response_of_patch_in_the_lean_state_has_no_newer_fields(emulator, patch, state, missing):
    emulator.state = state
    emulator.add_job("default-project", "example-job", FULL)
    expected = copy.deepcopy(FULL)
    if missing:
        del expected["buildConfiguration"]["ignoreEmptyCommits"]
        del expected["buildSettings"]["dockerfile"]["dockerfileContents"]
    response = patch(description="A job")
    assert {key: response[key] for key in FULL} == expected


@pytest.mark.parametrize(
    "body",
    [
        {"buildConfiguration": {"ignoreEmptyCommits": False}},
        {"buildSettings": {"dockerfile": {"dockerfileContents": None}}},
    ],
)
def test_the_lean_state_refuses_newer_fields(emulator, send, body):
    emulator.state = "lean"
    before = emulator.job("default-project", "example-job")
    assert send("PATCH", "manual/example-job", json=body).status_code == 400
    assert emulator.job("default-project", "example-job") == before


@pytest.mark.parametrize(
    "protocol, port, expected",
    [
        ("HTTP", {"path": "/", "port": 80}, {"path": "/", "cmd": None, "httpPort": 80, "tcpSocketPort": None}),
        ("TCP", {"port": 81}, {"path": None, "cmd": None, "httpPort": None, "tcpSocketPort": 81}),
        ("CMD", {"cmd": "true"}, {"path": None, "cmd": "true", "httpPort": None, "tcpSocketPort": None}),
    ],
)
def test_health_checks_have_older_names_for_the_port_and_null_for_what_is_absent(emulator, send, protocol, port, expected):
    emulator.add_job("default-project", "example-job", {"healthChecks": [{**CHECK, "protocol": protocol, **port}]})
    response = send("GET", "example-job/health-checks").json()["data"]
    assert response == {"healthChecks": [{**CHECK, "protocol": protocol, "successThreshold": None, **expected}]}


@pytest.mark.parametrize("hides, types", [(True, ["livenessProbe"]), (False, ["livenessProbe", "startupProbe"])])
def test_startup_probes_can_be_hidden(emulator, send, hides, types):
    checks = [{**CHECK, "type": name, "protocol": "CMD", "cmd": "true"} for name in ("livenessProbe", "startupProbe")]
    emulator.hides_startup_probes = hides
    emulator.add_job("default-project", "example-job", {"healthChecks": checks})
    assert [check["type"] for check in send("GET", "example-job/health-checks").json()["data"]["healthChecks"]] == types


@pytest.mark.parametrize(
    "query, expected",
    [
        ("?show=this", {"KEY": "value"}),
        ("?show=inherited", {"KEY": "hidden by the job's", "OTHER": "inherited"}),
        ("?show=all", {"KEY": "value", "OTHER": "inherited"}),
        ("", {"KEY": "value", "OTHER": "inherited"}),
    ],
)
def test_an_environment_is_the_jobs_own_or_inherited_or_both(emulator, send, query, expected):
    emulator.inherited = {"runtimeEnvironment": {"KEY": "hidden by the job's", "OTHER": "inherited"}}
    emulator.add_job("default-project", "example-job", {"runtimeEnvironment": {"KEY": "value"}})
    response = send("GET", f"example-job/runtime-environment{query}").json()["data"]
    assert response == {"runtimeEnvironment": expected, "runtimeFiles": {}}


@pytest.mark.parametrize(
    "name, keys",
    [
        ("runtime-environment", ["runtimeEnvironment", "runtimeFiles"]),
        ("build-arguments", ["buildArguments", "buildFiles"]),
    ],
)
def test_an_environment_that_is_not_set_is_two_empty_maps(send, name, keys):
    assert send("GET", f"example-job/{name}").json()["data"] == dict.fromkeys(keys, {})


def test_an_unknown_state_is_refused(emulator):
    with pytest.raises(ValueError, match="unknown state 'fat'"):
        emulator.state = "fat"
    with pytest.raises(ValueError, match="unknown state 'fat'"):
        view("fat")


def test_an_unknown_reading_is_refused():
    with pytest.raises(ValueError, match="unknown maps 'mix'"):
        Emulator(maps="mix")
