# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the whole flow over HTTP: from any job, by any task, on the emulator in each state and reading of PATCH."""

from __future__ import annotations

import contextlib
import copy
import typing as t
from dataclasses import dataclass

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from emulator import Emulator
from hypothesis import given
from hypothesis import strategies as st
from unit.plugins.module_utils.options_strategy import PROPERTY
from unit.plugins.module_utils.options_strategy import options as job_options
from unit.plugins.module_utils.wire import body_of, leaves

from ansible_collections.northflank.cloud.plugins.module_utils import _connection as connection
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import manual_job_spec
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._reconcile import reconcile
from ansible_collections.northflank.cloud.plugins.module_utils._secrets import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._result import Outcome
from ansible_collections.northflank.cloud.plugins.module_utils._validate import problems

PROJECT, JOB = "default-project", "example-job"
SETS = ("tags", "buildConfiguration.ciIgnoreFlags", "buildConfiguration.dockerCredentials")
SECRET_MAPS = ("runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts")
# Documented to have no effect, so that it never decides.
UNDECIDED = "buildSettings.dockerfile.useCache"
# What "not set" equals.
EMPTY = {"description": "", "buildConfiguration.dockerfileTarget": "", "buildConfiguration.isAllowList": False,
         "buildConfiguration.ciIgnoreFlagsEnabled": False, "buildConfiguration.ignoreEmptyCommits": False}
# In lean they show under older names, as what holds where a job states nothing.
SHOWN_UNSET = {"buildSettings.dockerfile.dockerFilePath": "/Dockerfile", "buildSettings.dockerfile.dockerWorkDir": "/"}
# The contract requires them in an answer, so that the emulator fills them in with the object around them.
FILLED = ("buildSettings.dockerfile.dockerFilePath", "buildSettings.dockerfile.dockerWorkDir", "billing.gpu.configuration.gpuType")


@dataclass(frozen=True)
class Api:
    """How the API behaves, and what the task says about it."""

    state: str
    objects: str
    maps: str
    strategy: str
    unreadable: str
    manual_patch: str


@pytest.fixture(scope="module")
def emulator() -> t.Iterator[Emulator]:
    """One server for all examples."""
    with Emulator() as running:
        running.quota = 10**9
        yield running
        assert running.violations == []


def apis(**fixed: str) -> st.SearchStrategy[Api]:
    """Every way in which the API may behave, less what is fixed."""
    choices = {
        "state": ["lean", "current", "rich", "removed"],
        "objects": ["replace", "merge"],
        "maps": ["replace", "merge"],
        "strategy": ["replace", "merge"],
        "unreadable": ["probe", "skip"],
        "manual_patch": ["there", "gone"],
    }
    return st.builds(Api, **{name: st.just(fixed[name]) if name in fixed else st.sampled_from(words) for name, words in choices.items()})


def task(emulator: Emulator, api: Api, options: t.Mapping[str, t.Any], check_mode: bool = False) -> Outcome:
    """Run a task's options through the flow, as the module does."""
    stated = {"project_id": PROJECT, "job_id": JOB, "api_url": emulator.url, "api_token": emulator.TOKEN, **options}
    stated = {"map_strategy": api.strategy, "unreadable": api.unreadable, **stated}
    spec = manual_job_spec()
    assert problems(stated, spec) == []
    validated = ArgumentSpecValidator(spec).validate(stated)
    assert validated.error_messages == []
    client = Client(connection.from_options(validated.validated_parameters), Secrets(emulator.TOKEN))
    with contextlib.closing(client):
        return reconcile(client, validated.validated_parameters, check_mode)


def start(emulator: Emulator, api: Api, job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Put a job that holds what these options state, and read it back."""
    emulator.state, emulator.objects, emulator.maps = api.state, api.objects, api.maps
    emulator.gone = {"patch-manual-job"} if api.manual_patch == "gone" else set()
    # Without one field that can be written as it is, no probe is possible: the published answers of get-job always have this one.
    emulator.add_job(PROJECT, JOB, {"disabledCI": False, **body_of(without_new_fields(job, api))})
    return emulator.job(PROJECT, JOB)


def without_new_fields(options: t.Mapping[str, t.Any], api: Api) -> dict[str, t.Any]:
    """Options less the two that do not exist yet in the state lean."""
    result = copy.deepcopy(dict(options))
    if api.state == "lean":
        result.get("build_configuration", {}).pop("ignore_empty_commits", None)
        result.get("build_settings", {}).get("dockerfile", {}).pop("dockerfile_contents", None)
    return result


def stated_leaves(options: t.Mapping[str, t.Any]) -> set[str]:
    """The paths of the fields that options state, cleared ones included."""
    marked = {"stage_id": "x", "active_deadline_seconds": 1}
    filled = {name: marked.get(name, value) for name, value in options.items()}
    dockerfile = filled.get("build_settings", {}).get("dockerfile", {})
    extra = {"buildSettings.dockerfile.dockerfileContents"} if "dockerfile_contents" in dockerfile else set()
    return set(leaves(body_of(filled))) | extra


def comparable(path: str, value: t.Any) -> t.Any:
    """A stored value in a form in which equal means the same."""
    if path in SETS:
        return set(value or [])
    if path == "healthChecks":
        return {check["type"]: check for check in value or []}
    if value is None:
        return EMPTY.get(path, [] if path.endswith(("Rules", "Locators")) else {} if path in SECRET_MAPS else None)
    return value


def is_as_stated(path: str, stated: t.Any, stored: t.Any, strategy: str) -> bool:
    """Whether a stored value is what the task states."""
    stated, stored = comparable(path, stated), comparable(path, stored)
    if path == "healthChecks":
        return set(stated) == set(stored) and all(check.items() <= stored[kind].items() for kind, check in stated.items())
    if path in SECRET_MAPS:
        names = set(stated) if strategy == "merge" else set(stated) | set(stored)
        return all(name in stated and name in stored and same_entry(stated[name], stored[name]) for name in names)
    return stated == stored


def same_entry(stated: t.Any, stored: t.Any) -> bool:
    """Whether a variable or the data of a file is what the task states."""
    return stated["data"] == stored["data"] if isinstance(stated, dict) else stated == stored


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="replace", unreadable="probe"))
def test_what_the_task_states_is_so_afterwards(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    start(emulator, api, job)
    options = without_new_fields(options, api)
    task(emulator, api, options)
    stated, stored = leaves(body_of(options)), leaves(emulator.job(PROJECT, JOB))
    wrong = [
        path
        for path in stated_leaves(options) - {UNDECIDED}
        if not is_as_stated(path, stated.get(path), stored.get(path, SHOWN_UNSET.get(path)), api.strategy)
    ]
    assert wrong == []


@PROPERTY
@given(job=job_options(), options=job_options(), api=st.one_of(apis(), apis(unreadable="apply")))
def test_what_the_task_does_not_state_is_left_alone(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    before = leaves(start(emulator, api, job))
    options = without_new_fields(options, api)
    with contextlib.suppress(StateError):  # "apply" does not merge what it does not know
        task(emulator, api, options)
    after = leaves(emulator.job(PROJECT, JOB))
    stated = stated_leaves(options)
    ways = {way for way in ("dockerfile", "buildpack") if any(path.startswith(f"buildSettings.{way}.") for path in stated)}
    abandoned = tuple(f"buildSettings.{way}." for way in {"dockerfile", "buildpack"} - ways) if ways else ()
    touched = [
        path
        for path in set(before) | set(after)
        if path not in stated and before.get(path) != after.get(path)
        and not (abandoned and path.startswith(abandoned)) and not (path in FILLED and path not in before)
    ]
    assert touched == []


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="replace"))
def test_changed_means_that_the_job_differs(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    before = start(emulator, api, job)
    outcome = task(emulator, api, without_new_fields(options, api))
    assert outcome.changed is (emulator.job(PROJECT, JOB) != before)


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="replace"))
def test_a_second_run_changes_nothing(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    start(emulator, api, job)
    options = without_new_fields(options, api)
    task(emulator, api, options)
    between = emulator.job(PROJECT, JOB)
    assert task(emulator, api, options).changed is False
    assert emulator.job(PROJECT, JOB) == between


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis())
def test_a_check_never_writes(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    before = start(emulator, api, job)
    sent = len(emulator.requests)
    task(emulator, api, without_new_fields(options, api), check_mode=True)
    assert emulator.job(PROJECT, JOB) == before
    assert {request.method for request in emulator.requests[sent:]} == {"GET"}


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="replace"))
def test_a_check_predicts_the_run_unless_it_names_unknown_fields(
    emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api
) -> None:
    start(emulator, api, job)
    options = without_new_fields(options, api)
    predicted = task(emulator, api, options, check_mode=True)
    applied = task(emulator, api, options)
    if predicted.unknown_fields:
        assert bool(predicted.warnings) or predicted.changed
        assert set(applied.changed_fields) <= set(predicted.changed_fields)
    else:
        # What goes with the other way to build may be seen by the run alone, in the answer of its probe.
        assert (predicted.changed, predicted.changed_fields, predicted.diff["after"]) == (applied.changed, applied.changed_fields, applied.diff["after"])


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="replace", unreadable="probe"))
def test_the_job_fed_back_as_options_changes_nothing(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    start(emulator, api, job)
    shown = task(emulator, api, without_new_fields(options, api)).job
    fed_back = {name: value for name, value in shown.items() if name in manual_job_spec()}
    between = emulator.job(PROJECT, JOB)
    assert task(emulator, api, fed_back).changed is False
    assert emulator.job(PROJECT, JOB) == between


@PROPERTY
@given(job=job_options(), options=job_options(), api=apis(maps="merge", strategy="replace", unreadable="probe"))
def test_a_key_that_cannot_be_removed_is_named(emulator: Emulator, job: dict[str, t.Any], options: dict[str, t.Any], api: Api) -> None:
    start(emulator, api, job)
    outcome = task(emulator, api, without_new_fields(options, api))
    stored, stated = emulator.job(PROJECT, JOB), body_of(options)
    stayed = {name for path in SECRET_MAPS if path in stated for name in set(stored.get(path, {})) - set(stated[path])}
    assert bool(outcome.warnings) is bool(stayed)
    assert all(name in outcome.warnings[0] for name in stayed)
