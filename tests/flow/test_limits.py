# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases in the documentation in which less is promised: each is run, and the result is as documented."""

from __future__ import annotations

import contextlib
import re
import typing as t
from dataclasses import dataclass, field

import pytest
from docutils import nodes
from emulator import Emulator
from harness import JOB, READ, UPDATE
from harness.flows import Flows
from harness.guides import guide
from harness.health_check import CHECK, STATED_CHECK
from harness.playbooks import MODULE, RUN_MODULE, Task, connection
from harness.selection import selected

# As the documentation has it.
PROJECT = "example-project"
# The end of each message, which identifies the item of a loop.
OF_JOB = f" (job {JOB} of the project {PROJECT})"
CHANGED, UNCHANGED, FAILED = "changed", "unchanged", "failed"

_NARROW = "narrow-token"
_JOB = {
    "description": "As it is",
    "tags": ["one"],
    "runOnSourceChange": "never",
    "runtimeEnvironment": {"OLD": "1"},
    "dockerSecretMounts": {"mount": {"data": "YQ==", "encoding": "utf-8"}},
    "buildSettings": {"dockerfile": {"useCache": True}},
    "healthChecks": [CHECK, {**CHECK, "type": "startupProbe"}],
}
_UNSHOWN = {"run_on_source_change": "never"}
_SALT = {"runtime_environment": {"SALT": "${fn.randomSecret(32)}"}}
_NEW_SHAPE = {"data": {"id": JOB, "name": "Example Job", "jobType": "manual", "disabledCI": False, "tags": [1]}}
_CREATE = "Project > Jobs > General > Create"
_IMAGE = {"deployment": {"external": {"image_path": "nginx:2"}}}
_NEW_JOB = {**_IMAGE, "billing": {"deployment_plan": "nf-compute-20"}, "backoff_limit": 0, "name": "Example Job"}
_X86 = {"infrastructure": {"architecture": "x86"}}
_DEPLOYED = {**_X86, "deployment": {"external": {"imagePath": "nginx:1"}, "docker": {"configType": "default"}}}
_GRACE = {"deployment": {"grace_period_seconds": 60}}
# A response to PATCH in which the API hides the secrets.
_WITHOUT_SECRETS = {
    **_X86,
    "id": JOB,
    "name": "Example Job",
    "jobType": "manual",
    "disabledCI": False,
    "buildFiles": {"/a": {"data": "YQ=="}},
}


@dataclass(frozen=True)
class Limit:
    """A task, and its end each time that it is run. behaviour are attributes of the emulator.

    permissions are those of the token, all if none are named. orders are faults: their kinds and operations, with details.
    """

    options: t.Mapping[str, t.Any]
    outcomes: tuple[str, ...]
    state: str = "current"
    check_mode: bool = False
    permissions: tuple[str, ...] = ()
    behaviour: t.Mapping[str, t.Any] = field(default_factory=dict)
    orders: tuple[tuple[str, str, dict[str, t.Any]], ...] = ()
    module: str = MODULE
    # The course of a run.
    run: t.Mapping[str, t.Any] = field(default_factory=dict)
    # Of the job, besides the usual ones.
    fields: t.Mapping[str, t.Any] = field(default_factory=dict)
    exists: bool = True

    def start(self, running: contextlib.ExitStack) -> Emulator:
        """An emulator with the job, which behaves so."""
        emulator = running.enter_context(Emulator(state=self.state))
        emulator.add_project(PROJECT)
        if self.exists:
            emulator.add_job(PROJECT, JOB, {**_JOB, **self.fields})
        for name, value in self.behaviour.items():
            setattr(emulator, name, value)
        for kind, operation, details in self.orders:
            emulator.order(kind, operation, **details)
        emulator.plan_run(**self.run)
        if self.permissions:
            emulator.add_token(_NARROW, self.permissions)
        return emulator

    def task(self, name: str, emulator: Emulator) -> Task:
        """The task."""
        token = _NARROW if self.permissions else emulator.TOKEN
        return {
            "name": name,
            self.module: connection(emulator, project_id=PROJECT, api_token=token, retries=0, **self.options),
            "check_mode": self.check_mode,
        }


LIMITS = {
    "unreadable: apply": Limit({"unreadable": "apply", **_UNSHOWN}, (CHANGED, CHANGED)),
    "unreadable: skip": Limit({"unreadable": "skip", "run_on_source_change": "always"}, (UNCHANGED,)),
    "A field that is sent with another change": Limit({"description": "New", **_UNSHOWN}, (CHANGED, UNCHANGED)),
    "Check mode": Limit(_UNSHOWN, (CHANGED,), check_mode=True),
    "A stage that is not set, in check mode": Limit({"stage_id": ""}, (CHANGED,), check_mode=True),
    "A token that cannot update jobs": Limit(_UNSHOWN, (FAILED,), permissions=(READ,)),
    "A job without a field for the probe": Limit(
        _UNSHOWN, (FAILED,), state="lean", behaviour={"gone": {"patch-manual-job"}}, fields={"tags": []}
    ),
    "Removing a variable, if the API merges maps": Limit(
        {"runtime_environment": {"NEW": "1"}}, (CHANGED, CHANGED), behaviour={"maps": "merge"}
    ),
    "map_strategy: merge and a map that cannot be read": Limit(
        {"unreadable": "apply", "map_strategy": "merge", "docker_secret_mounts": {"other": {"content": "a"}}}, (FAILED,)
    ),
    "map_strategy: merge and an empty map": Limit({"map_strategy": "merge", "runtime_environment": {}}, (UNCHANGED,)),
    "A function that returns a random value": Limit(_SALT, (FAILED,)),
    "A random value, with unreadable: apply": Limit({"unreadable": "apply", **_SALT}, (CHANGED, CHANGED)),
    "A token that cannot read secrets, with unreadable: skip": Limit(
        {"unreadable": "skip", "runtime_environment": {"NEW": "1"}}, (UNCHANGED,), permissions=(READ, UPDATE)
    ),
    "Clearing the description": Limit({"description": ""}, (FAILED,)),
    "A value that the API does not accept": Limit({"tags": ["two"]}, (CHANGED, CHANGED), behaviour={"ignored_fields": {"tags"}}),
    "A startup probe that get-job-health-checks does not return": Limit(
        {"health_checks": [STATED_CHECK]}, (UNCHANGED,), behaviour={"hides_startup_probes": True}
    ),
    "A value in an unknown format": Limit(
        {"tags": ["one"]},
        (FAILED,),
        orders=tuple(("answer", operation, {"body": _NEW_SHAPE, "times": None}) for operation in ("get-job", "patch-manual-job")),
    ),
    "A field that the API does not know yet": Limit({"build_configuration": {"ignore_empty_commits": True}}, (FAILED,), state="lean"),
    "The option use_cache of Dockerfiles": Limit({"build_settings": {"dockerfile": {"use_cache": False}}}, (UNCHANGED,)),
    "A lost response to a change": Limit({"description": "New"}, (FAILED, UNCHANGED), orders=(("reset after", "patch-manual-job", {}),)),
    "A lost response to the creation of a job": Limit(
        _NEW_JOB, (CHANGED, UNCHANGED), exists=False, orders=(("reset after", "create-manual-job", {}),)
    ),
    "A creation that cannot be confirmed": Limit(
        _NEW_JOB, (FAILED, CHANGED), exists=False, orders=(("reset before", "create-manual-job", {}),)
    ),
    "A job that gets another ID than the slug of its name": Limit(
        _NEW_JOB, (FAILED,), exists=False, behaviour={"created_id": "example-job-2"}
    ),
    "The project of a new job, in check mode": Limit(
        _NEW_JOB, (CHANGED,), exists=False, check_mode=True, orders=(("error", "list-jobs", {"status": 403}),)
    ),
    "The name and the architecture of a job": Limit({"infrastructure": {"architecture": "arm"}}, (FAILED,), fields=_X86),
    "An architecture that no response contains": Limit({"infrastructure": {"architecture": "arm"}}, (UNCHANGED,)),
    "Removing the credentials of an image": Limit(
        {"deployment": {"external": {"image_path": "nginx:1", "credentials": ""}}}, (FAILED,), fields=_DEPLOYED
    ),
    "An image that moves": Limit({"deployment": {"external": {"image_path": "nginx:1"}}}, (UNCHANGED,), fields=_DEPLOYED),
    "A change that only put-job can make": Limit(_GRACE, (FAILED,), fields={**_DEPLOYED, "name": "Another Name"}),
    "A change that only put-job can make, of a job that cannot be read": Limit(
        _GRACE,
        (FAILED,),
        fields=_DEPLOYED,
        permissions=(READ, UPDATE, _CREATE),
        orders=(("answer", "patch-manual-job", {"body": {"data": _WITHOUT_SECRETS}}),),
    ),
    "The second of two changes fails": Limit(
        {"backoff_limit": 3, **_IMAGE}, (FAILED, CHANGED), fields=_DEPLOYED, orders=(("error", "update-job-deployment", {"status": 400}),)
    ),
    "A lost response to a change of the deployment": Limit(
        _IMAGE, (CHANGED, UNCHANGED), fields=_DEPLOYED, orders=(("reset after", "update-job-deployment", {}),)
    ),
    "A lost response to the removal of a job": Limit(
        {"state": "absent"}, (CHANGED, UNCHANGED), orders=(("reset after", "delete-job", {}),)
    ),
    "A lost response to the start of a run": Limit({}, (FAILED,), module=RUN_MODULE, orders=(("reset after", "run-job", {}),)),
    "A run that does not end in time": Limit({"wait_timeout": 0.1, "poll_interval": 9}, (FAILED,), module=RUN_MODULE, run={"reads": None}),
    "A run whose status cannot be read": Limit(
        {"poll_interval": 0.01}, (FAILED,), module=RUN_MODULE, orders=(("error", "get-run-details", {"status": 403}),)
    ),
}
# Cases that the emulator does not have, or that need more than one task: see test_two_writers.py, test_listing.py, test_create.py,
# test_deploy.py (each change by both readings), test_copy.py,
# test_reconcile_odd_responses.py, test_run_outcomes.py and test_logs_followed.py.
NOT_RUN = {
    "The response to a change of the deployment",
    "Labels and annotations that the task leaves out",
    "Late log lines",
    "More log lines with the same time than one response contains",
    "A task that is stopped while it waits",
    "The environment of a run",
    "A job that is created or deleted while a list is read",
    "Whether the probe has side effects",
    "A token that cannot read secrets, if the response to a change does not contain them",
    "Two tasks that change the same job at the same time",
    "Another change between the read and the probe",
    "A read right after a change",
    "Two tasks that create the same job at the same time",
    "Whether a change of the deployment merges or replaces",
    "Which build a job is set to",
    "The repository of a job, in get-job-deployment",
    "Whether a change of the deployment starts a run",
    "A job that is removed while a task changes it",
    "Whether put-job keeps what it cannot set",
}


def promises() -> dict[str, str]:
    """The text that each case quotes from the result, with "..." for any text. Empty if the case quotes nothing."""
    return {
        item.next_node(nodes.term).astext(): " ".join(" ".join(block.astext() for block in item.findall(nodes.literal_block)).split())
        for item in guide("limits").findall(nodes.definition_list_item)
    }


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> dict[str, list[dict[str, t.Any]]]:
    """What each selected case registered, each time that it was run."""
    limits = {name: LIMITS[name] for name in selected(request, "name")}
    with contextlib.ExitStack() as running:
        emulators = {name: limit.start(running) for name, limit in limits.items()}
        names = [name for name, limit in limits.items() for outcome in limit.outcomes]
        tasks = [limits[name].task(name, emulators[name]) for name in names]
        run = Flows().run(*tasks, arguments=["--diff"])
    found: dict[str, list[dict[str, t.Any]]] = {name: [] for name in limits}
    for name, result in zip(names, run.results, strict=True):
        found[name].append(result)
    return found


def outcome_of(result: t.Mapping[str, t.Any]) -> str:
    """What became of a task."""
    return FAILED if result.get("failed") else CHANGED if result["changed"] else UNCHANGED


@pytest.mark.parametrize("name", LIMITS)
def test_a_case_ends_as_documented(results: dict[str, list[dict[str, t.Any]]], name: str) -> None:
    assert tuple(map(outcome_of, results[name])) == LIMITS[name].outcomes


@pytest.mark.parametrize("name", LIMITS)
def test_a_result_is_as_documented(results: dict[str, list[dict[str, t.Any]]], name: str) -> None:
    first = results[name][0]
    messages = [*([first["msg"]] if first.get("failed") else []), *first.get("warnings", [])]
    assert [text for text in messages if OF_JOB.strip(" ()") not in text and f"/{PROJECT}/" not in text] == []
    text_of_messages = " ".join(messages).replace(OF_JOB, "")
    pattern = re.escape(promises()[name]).replace(r"\.\.\.", ".+")
    assert re.fullmatch(pattern, text_of_messages), (text_of_messages, promises()[name])


def test_each_case_of_the_documentation_is_run() -> None:
    assert set(promises()) == set(LIMITS) | NOT_RUN


@pytest.mark.parametrize("name", ["A field that is sent with another change"])
def test_the_earlier_value_of_a_field_that_was_sent_along_unread_is_unknown(results: dict[str, list[dict[str, t.Any]]], name: str) -> None:
    first = results[name][0]
    assert (first["changed_fields"], first["unknown_fields"]) == (["description", "run_on_source_change"], ["run_on_source_change"])
    assert first["diff"]["before"]["run_on_source_change"] == "unknown"
