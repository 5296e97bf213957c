# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Mixtures of the states, made at random unit by unit. The expectations are written by hand from the table of fields."""

from __future__ import annotations

import contextlib

import pytest
import requests
from emulator import Emulator
from harness import STATES
from harness.full_job import BUILDPACK, FULL
from harness.strategies import PROPERTY
from harness.strategies import options as job_options
from harness.wire_format import body_of
from hypothesis import given
from hypothesis import strategies as st

# The paths of each unit of FULL in get-job, and their states.
SHOWN = {
    "stageId": {"stageId": "current rich removed"},
    "billing.buildPlan": {"billing.buildPlan": "rich removed"},
    "billing.gpu": {"billing.gpu": "rich removed"},
    "buildConfiguration.ignoreEmptyCommits": {"buildConfiguration.ignoreEmptyCommits": "current rich removed"},
    "buildSettings": {
        "buildSettings": "current rich removed",
        "buildEngineConfiguration": "lean current",
        "vcsData.dockerFilePath": "lean current",
        "vcsData.dockerWorkDir": "lean current",
    },
    "deployment": {
        "deployment": "lean current rich removed",
        "deployment.docker": "lean current rich removed",
        "deployment.storage": "lean current rich removed",
        "deployment.vcs": "rich removed",
    },
    "runtimeEnvironment": {"runtimeEnvironment": "rich removed"},
    "runtimeFiles": {"runtimeFiles": "rich removed"},
    "buildArguments": {"buildArguments": "rich removed"},
    "buildFiles": {"buildFiles": "rich removed"},
    "dockerSecretMounts": {"dockerSecretMounts": "rich removed"},
    "healthChecks": {"healthChecks": "rich removed"},
    "backoffLimit": {"backoffLimit": "rich", "settings.backoffLimit": "lean current removed"},
    "runOnSourceChange": {"runOnSourceChange": "rich", "settings.runOnSourceChange": "removed"},
    "activeDeadlineSeconds": {"activeDeadlineSeconds": "rich", "settings.activeDeadlineSeconds": "lean current removed"},
}
# The method of each operation, its path below the jobs of a project, and a body that it accepts.
NEW_JOB = {"name": "New Job", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0}
OPERATIONS = {
    "get-job-health-checks": ("GET", "example-job/health-checks", None),
    "get-job-runtime-environment": ("GET", "example-job/runtime-environment", None),
    "get-job-build-arguments": ("GET", "example-job/build-arguments", None),
    "get-job-deployment": ("GET", "example-job/deployment", None),
    "patch-manual-job": ("PATCH", "manual/example-job", {}),
    "create-manual-job": ("POST", "manual", NEW_JOB),
    "update-job-build-source": ("POST", "example-job/build-source", {"projectBranch": "release"}),
    "scale-job": ("POST", "example-job/scale", {"storage": {"shmSize": 64}}),
    "update-job-deployment": ("POST", "example-job/deployment", {"docker": {"configType": "default"}}),
}
# The two fields that the state lean neither accepts nor returns, and the unit of each.
NEW = {
    "buildConfiguration.ignoreEmptyCommits": "buildConfiguration.ignoreEmptyCommits",
    "buildSettings.dockerfile.dockerfileContents": "buildSettings",
}

states = st.sampled_from(STATES)
mixtures = st.fixed_dictionaries({}, optional={unit: states for unit in Emulator.UNITS})


class Api:
    """A running emulator, and requests to it on one session."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {Emulator.TOKEN}"

    def send(self, method, path, **options):
        """The response to a request below the jobs of default-project."""
        return self.session.request(method, f"{self.emulator.url}/v1/projects/default-project/jobs/{path}", timeout=10, **options)

    def job(self):
        """What get-job shows."""
        return self.send("GET", "example-job").json()["data"]


@pytest.fixture(scope="module", name="api")
def asked_emulator():
    """One emulator for all examples; no response of it breaks the contract."""
    with Emulator() as running:
        running.quota = 10**9
        api = Api(running)
        with contextlib.closing(api.session):
            yield api
        assert running.violations == []


def start(api, state, units, fields):
    """Store a job with these fields, and mix."""
    api.emulator.state, api.emulator.gone_status = state, 404
    api.emulator.add_job("default-project", "example-job", fields)
    api.emulator.mix(units)


def at(data, path):
    """The value at a dotted path, or None."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def put(data, path, value):
    """Put a value at a dotted path."""
    *parents, last = path.split(".")
    for name in parents:
        data = data.setdefault(name, {})
    data[last] = value


def test_every_unit_is_named_here():
    assert set(Emulator.UNITS) == {*SHOWN, *OPERATIONS}


@PROPERTY
@given(state=states, units=mixtures)
def test_get_job_shows_each_unit_as_its_state_does(api, state, units):
    start(api, state, units, FULL)
    shown = api.job()
    places = {place: units.get(unit, state) in words.split() for unit, where in SHOWN.items() for place, words in where.items()}
    # The contract has no settings without it.
    places["settings.backoffLimit"] = any(there for place, there in places.items() if place.startswith("settings."))
    assert {place: at(shown, place) is not None for place in places} == places


@PROPERTY
@given(state=states, units=mixtures, fields=job_options().map(body_of))
def test_each_unit_is_the_same_as_in_a_pure_state(api, state, units, fields):
    start(api, state, units, fields)
    mixed = api.job()
    pure = {}
    for name in STATES:
        api.emulator.state = name
        pure[name] = api.job()
    expected = {place: at(pure[units.get(unit, state)], place) for unit, places in SHOWN.items() for place in places}
    if "settings" in mixed:
        expected["settings.backoffLimit"] = fields.get("backoffLimit", 0)
    assert {place: at(mixed, place) for place in expected} == expected


@PROPERTY
@given(state=states, units=mixtures, fields=job_options().map(body_of))
def test_what_is_not_a_unit_is_as_in_the_state(api, state, units, fields):
    def rest(shown):
        own = {place for places in SHOWN.values() for place in places} | {"vcsData", "settings", "deployment"}
        return {
            name: {key: part for key, part in value.items() if f"{name}.{key}" not in own} if isinstance(value, dict) else value
            for name, value in shown.items()
            if name not in own
        }

    start(api, state, units, fields)
    mixed = rest(api.job())
    api.emulator.state = state
    assert mixed == rest(api.job())


@PROPERTY
@given(state=states, units=mixtures, status=st.sampled_from([404, 405, 410]))
def test_each_operation_exists_or_is_removed_as_in_its_state(api, state, units, status):
    start(api, state, units, FULL)
    api.emulator.gone_status = status
    if api.emulator.has_job("default-project", "new-job"):
        api.emulator.remove_job("default-project", "new-job")
    for operation, (method, path, body) in OPERATIONS.items():
        response = api.send(method, path, json=body)
        assert response.status_code == (status if units.get(operation, state) == "removed" else 200)


@PROPERTY
@given(state=states, units=mixtures)
def test_patch_returns_the_whole_job_without_newer_fields(api, state, units):
    start(api, state, {**units, "patch-manual-job": "current"}, FULL)
    response = api.send("PATCH", "manual/example-job", json={}).json()["data"]
    missing = {path for path, unit in NEW.items() if units.get(unit, state) == "lean"}
    assert {path for path in NEW if at(response, path) is None} == missing
    restored = {**response}
    for path in missing:
        put(restored, path, at(FULL, path))
    assert {name: restored[name] for name in FULL} == FULL


@pytest.mark.parametrize("path", NEW)
@pytest.mark.parametrize("of_unit", STATES)
@pytest.mark.parametrize("state", STATES)
def test_a_field_that_does_not_exist_yet_is_refused(api, state, of_unit, path):
    start(api, state, {NEW[path]: of_unit}, {})
    body = {}
    put(body, path, {"buildConfiguration.ignoreEmptyCommits": True}.get(path, "FROM scratch"))
    response = api.send("PATCH", "example-job", json=body)
    assert response.status_code == (400 if of_unit == "lean" else 200)
    assert (at(api.emulator.job("default-project", "example-job"), path) is None) is (of_unit == "lean")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("of_unit, revision", [("lean", ""), ("current", "-2026-10")])
def test_the_older_names_stay_as_published(api, example, state, of_unit, revision):
    published = example(f"get-job.response{revision}")["data"]
    vcs = {name: published["vcsData"][name] for name in ("projectUrl", "projectType", "selfHostedVcsId", "projectBranch")}
    settings = {"buildpack": {name: BUILDPACK[name] for name in ("builder", "buildpackLocators")}}
    start(api, state, {"buildSettings": of_unit}, {"deployment": {"vcs": vcs}, "buildSettings": settings})
    shown = api.job()
    assert (shown["vcsData"], set(shown["buildEngineConfiguration"])) == (published["vcsData"], set(published["buildEngineConfiguration"]))


def test_a_revision_between_june_and_october_can_be_emulated(api):
    start(api, "lean", {"stageId": "current", "buildConfiguration.ignoreEmptyCommits": "current"}, FULL)
    shown = api.job()
    assert (shown["stageId"], shown["buildConfiguration"], "buildSettings" in shown) == ("staging", FULL["buildConfiguration"], False)


def test_mixing_nothing_is_the_state_itself(api):
    for state in STATES:
        start(api, state, {}, FULL)
        mixed = api.job()
        api.emulator.state = state
        assert api.job() == mixed


def test_setting_the_state_again_ends_the_mixture(api):
    start(api, "lean", {"stageId": "rich", "patch-manual-job": "removed"}, FULL)
    api.emulator.state = "lean"
    assert ("stageId" in api.job(), api.send("PATCH", "manual/example-job", json={}).status_code) == (False, 200)


def test_only_the_last_mixture_applies(api):
    start(api, "lean", {"stageId": "rich"}, FULL)
    api.emulator.mix({"healthChecks": "rich"})
    assert ("stageId" in api.job(), "healthChecks" in api.job()) == (False, True)


def test_unknown_units_and_unknown_states_are_refused(api):
    start(api, "lean", {"stageId": "rich"}, FULL)
    with pytest.raises(ValueError, match="unknown unit 'billing', known are: stageId, "):
        api.emulator.mix({"billing": "rich"})
    with pytest.raises(ValueError, match="unknown state 'fat'"):
        api.emulator.mix({"stageId": "fat"})
    assert api.job()["stageId"] == "staging"
