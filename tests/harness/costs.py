# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of the table in docs/docsite/rst/requests.rst mean: each is a task on a job, by the words of its first cell.

The table itself says what each costs. Where a state of the API lacks a field, so does the job.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from emulator import Emulator

from . import JOB, PROJECT, READ, UPDATE
from .checks import CHECK, STATED_CHECK
from .phases import job_of
from .playbooks import INFO_MODULE, MODULE, RUN_MODULE, Task, connection

STATES = ("current", "lean", "rich", "removed")
# In these some fields are shown by nothing but the answer of PATCH.
_UNREADABLE = ("current", "lean")

_NARROW = "narrow-token"

_JOB: dict[str, t.Any] = {
    "description": "As it is",
    "stageId": "staging",
    "tags": ["one"],
    "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-400-16"},
    "disabledCI": False,
    "buildConfiguration": {"dockerfileTarget": "production", "ignoreEmptyCommits": True},
    "buildSettings": {
        "dockerfile": {
            "buildEngine": "buildkit",
            "dockerFilePath": "/Dockerfile",
            "dockerWorkDir": "/",
            "buildkit": {"useCache": True, "cacheStorageSize": 16384},
        }
    },
    "runtimeEnvironment": {"A": "1"},
    "runtimeFiles": {"/a": {"data": "YQ==", "encoding": "utf-8"}},
    "buildArguments": {"A": "1"},
    "buildFiles": {"/a": {"data": "YQ==", "encoding": "utf-8"}},
    "healthChecks": [CHECK],
    "backoffLimit": 1,
    "runOnSourceChange": "never",
}

_SHOWN = {"description": "As it is", "tags": ["one"], "backoff_limit": 1, "billing": {"deployment_plan": "nf-compute-20"}}
_RUNTIME = {"runtime_environment": {"A": "1"}, "runtime_files": {"/a": {"content": "a"}}}
_BUILD = {"build_arguments": {"A": "1"}, "build_files": {"/a": {"content": "a"}}}
_CHECKS = {"health_checks": [STATED_CHECK]}
_ALL_THREE = {**_RUNTIME, **_BUILD, **_CHECKS}
_UNSHOWN = {"run_on_source_change": "never"}
_OTHER_UNSHOWN = {"run_on_source_change": "always"}
_OTHER_PLAN = {"billing": {"deployment_plan": "nf-compute-50"}}
_GPU = {"enabled": True, "configuration": {"gpuType": "nvidia-a100", "gpuCount": 1, "timesliced": False}}
_WITH_GPU = {"billing": {**_JOB["billing"], "gpu": _GPU}}
_GONE = ("patch-manual-job",)
_EVERYTHING = ["health_checks", "runtime_environment", "build_arguments"]
# Of the whole project, not of one job.
_PROJECT = {"job_id": None}
_LOOKS = {"poll_interval": 0.01, "wait_timeout": 60}
_NO_LOOKS_LEFT = {"poll_interval": 60, "wait_timeout": 0.01}


@dataclass(frozen=True)
class Case:
    """The options of a task, and the states in which it reports a change; failure is what its message holds if it fails.

    fields stand in the job besides the usual ones, None for one that is not set; its project has so many other jobs like it.
    permissions are those of the token, all if none are named. gone and behaviour are how the API behaves besides its state, and plan is
    what becomes of a run.
    """

    options: t.Mapping[str, t.Any]
    changed: tuple[str, ...] = ()
    check_mode: bool = False
    permissions: tuple[str, ...] = ()
    fields: t.Mapping[str, t.Any] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    behaviour: t.Mapping[str, t.Any] = field(default_factory=dict)
    failure: str = ""
    module: str = MODULE
    others: int = 0
    plan: t.Mapping[str, t.Any] = field(default_factory=dict)

    def prepare(self, emulator: Emulator) -> None:
        """Store the job, and have the API behave so."""
        job = {name: value for name, value in {**_JOB, **self.fields}.items() if value is not None}
        for job_id in (JOB, *(f"job-{number}" for number in range(self.others))):
            emulator.add_job(PROJECT, job_id, job_of(emulator.state, job))
        emulator.gone = set(self.gone)
        for name, value in self.behaviour.items():
            setattr(emulator, name, value)
        emulator.plan_run(**self.plan)
        if self.permissions:
            emulator.add_token(_NARROW, self.permissions)

    def task(self, name: str, emulator: Emulator) -> Task:
        """The task."""
        token = _NARROW if self.permissions else emulator.TOKEN
        return {
            "name": name,
            self.module: connection(emulator, api_token=token, rate_limit_wait=0, **self.options),
            "check_mode": self.check_mode,
        }


def _read(options: t.Mapping[str, t.Any], **rest: t.Any) -> Case:
    """A task that reads."""
    return Case(options, module=INFO_MODULE, **rest)


def _run(options: t.Mapping[str, t.Any], **rest: t.Any) -> Case:
    """A task that starts a run, or would in check mode, and so always is a change."""
    return Case({**_LOOKS, **options}, changed=STATES, module=RUN_MODULE, **rest)


# By the heading above a table, and by the first cell of a row.
CASES = {
    "Nothing differs": {
        "All that is stated is in the answer to the read of the job": Case(_SHOWN),
        "Nothing is stated but the IDs": Case({}),
        "The environment or its files are stated": Case(_RUNTIME),
        "Build arguments or build files are stated": Case(_BUILD),
        "Health checks are stated": Case(_CHECKS),
        "All three of these are stated": Case(_ALL_THREE),
        "A field is stated that no read shows": Case({**_SHOWN, **_UNSHOWN}),
        "The environment and a field that no read shows": Case({**_RUNTIME, **_UNSHOWN}),
        "All three and a field that no read shows": Case({**_ALL_THREE, **_UNSHOWN}),
        "The stage is stated": Case({"stage_id": "staging"}),
        "The stage is stated as cleared": Case({"stage_id": ""}, fields={"stageId": None}),
        "The environment is stated as empty": Case({"runtime_environment": {}}, fields={"runtimeEnvironment": None}),
        "A startup probe is stated that the read of health checks does not list": Case(
            {"health_checks": [{**STATED_CHECK, "type": "startupProbe"}]},
            fields={"healthChecks": [{**CHECK, "type": "startupProbe"}]},
            behaviour={"hides_startup_probes": True},
        ),
    },
    "Something changes": {
        "An option that stands by itself, such as the description": Case({"description": "New"}, changed=STATES),
        "Several of them": Case({"description": "New", "tags": ["two"], "disabled_ci": True}, changed=STATES),
        "The environment": Case({"runtime_environment": {"A": "2"}}, changed=STATES),
        "The environment, with build arguments and health checks that do not differ": Case(
            {**_ALL_THREE, "runtime_environment": {"A": "2"}}, changed=STATES
        ),
        "A health check, with a startup probe that the read of health checks does not list": Case(
            {"health_checks": [{**STATED_CHECK, "period_seconds": 30}, {**STATED_CHECK, "type": "startupProbe"}]},
            fields={"healthChecks": [CHECK, {**CHECK, "type": "startupProbe"}]},
            behaviour={"hides_startup_probes": True},
            changed=STATES,
        ),
        "A part of the build configuration": Case({"build_configuration": {"dockerfile_target": "test"}}, changed=STATES),
        "A part of the build settings": Case({"build_settings": {"dockerfile": {"build_engine": "kaniko"}}}, changed=STATES),
        "The deployment plan of a job with a build plan and a GPU": Case(_OTHER_PLAN, changed=STATES, fields=_WITH_GPU),
        "The deployment plan of a job without a GPU": Case(_OTHER_PLAN, changed=STATES),
        "A field that no read shows": Case(_OTHER_UNSHOWN, changed=STATES),
        "A field that no read shows, along with an option that stands by itself": Case(
            {"description": "New", **_OTHER_UNSHOWN}, changed=STATES
        ),
    },
    "Check mode": {
        "All that is stated is in the answer to the read of the job": Case({"description": "New"}, changed=STATES, check_mode=True),
        "The environment, build arguments and health checks are stated": Case(
            {**_ALL_THREE, "description": "New"}, changed=STATES, check_mode=True
        ),
        "A field that no read shows": Case(_OTHER_UNSHOWN, changed=STATES, check_mode=True),
        "The environment and a field that no read shows": Case({**_RUNTIME, **_OTHER_UNSHOWN}, changed=STATES, check_mode=True),
    },
    "Other ways with what no read shows": {
        "skip, where nothing else differs": Case({"unreadable": "skip", **_SHOWN, **_UNSHOWN}),
        "skip, along with an option that stands by itself": Case(
            {"unreadable": "skip", "description": "New", **_OTHER_UNSHOWN}, changed=STATES
        ),
        "skip, with a deployment plan that changes, of a job without a GPU": Case({"unreadable": "skip", **_OTHER_PLAN}, changed=STATES),
        "apply, where nothing differs": Case({"unreadable": "apply", **_UNSHOWN}, changed=_UNREADABLE),
        "apply, where the field differs": Case({"unreadable": "apply", **_OTHER_UNSHOWN}, changed=STATES),
    },
    "Tokens with fewer permissions": {
        "May not read secrets: an option changes that is no secret": Case(
            {"description": "New"}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "May not read secrets: the environment, which does not differ": Case(_RUNTIME, permissions=(READ, UPDATE)),
        "May not read secrets: the environment, which changes": Case(
            {"runtime_environment": {"A": "2"}}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "May not read secrets: all three, nothing differs": Case(_ALL_THREE, permissions=(READ, UPDATE)),
        "May not read secrets: all three, nothing differs, with skip": Case(
            {"unreadable": "skip", **_ALL_THREE}, permissions=(READ, UPDATE)
        ),
        "May not read secrets: the environment, along with an option that changes": Case(
            {**_RUNTIME, "description": "New"}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "May not update jobs: a change, which fails": Case(
            {"description": "New"}, permissions=(READ,), failure="The token needs the permission"
        ),
    },
    "Where the request to patch a manual job is gone": {
        "Nothing differs, and the read of the job shows it": Case(_SHOWN, gone=_GONE),
        "An option that stands by itself changes": Case({"description": "New"}, changed=STATES, gone=_GONE),
        "One of the options that have moved changes": Case({"backoff_limit": 2}, changed=STATES, gone=_GONE),
        "A field is stated that no read shows, and does not differ": Case(_UNSHOWN, gone=_GONE),
    },
    "Tasks that fail": {
        "The job is a cron job": Case(
            {"description": "New"}, fields={"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}, failure="is a cron job"
        ),
        "An option is wrong": Case({"backoff_limit": "often"}, failure="A problem with the options"),
    },
    "Reading one job": {
        "The job": _read({}),
        "The job and its health checks": _read({"gather": ["health_checks"]}),
        "The job, its environment and its build arguments": _read({"gather": ["runtime_environment", "build_arguments"]}),
        "The job and all three": _read({"gather": _EVERYTHING}),
        "The job and all three, with a token that may not read secrets": _read({"gather": _EVERYTHING}, permissions=(READ,)),
    },
    "Reading the jobs of a project": {
        "100 jobs": _read(_PROJECT, others=99),
        "101 jobs": _read(_PROJECT, others=100),
        "3 jobs, chosen by a name": _read({**_PROJECT, "filters": {"name": "*"}}, others=2),
        "3 jobs, chosen by a tag": _read({**_PROJECT, "filters": {"tags": ["one"]}}, others=2),
        "3 jobs, chosen by a tag where the list shows no tags": _read(
            {**_PROJECT, "filters": {"tags": ["one"]}}, others=2, behaviour={"hides_tags_in_lists": True}
        ),
        "3 jobs, each read by itself": _read({**_PROJECT, "gather": ["job"]}, others=2),
        "3 jobs, each with all three": _read({**_PROJECT, "gather": _EVERYTHING}, others=2),
        "3 jobs, each with all three, with a token that may not read secrets": _read(
            {**_PROJECT, "gather": _EVERYTHING}, others=2, permissions=(READ,)
        ),
    },
    "Runs": {
        "A run that nobody waits for": _run({"wait": False}),
        "A run that has succeeded at the first look": _run({}),
        "A run that has succeeded at the third look": _run({}, plan={"reads": 3}),
        "The same with its log followed": _run({"follow_logs": True}, plan={"reads": 3}),
        "The same with its log followed, which has 40 lines at the last look": _run(
            {"follow_logs": True}, plan={"reads": 3, "log": [[], [], ["a line"] * 40]}
        ),
        "A run that has failed at the first look": _run({}, plan={"status": "FAILED"}, failure="ended with the status FAILED"),
        "A run that has not ended at the only look": _run(_NO_LOOKS_LEFT, plan={"reads": None}, failure="has not ended within"),
        "The same, and it is aborted": _run(
            {**_NO_LOOKS_LEFT, "abort_on_timeout": True}, plan={"reads": None}, failure="The API has taken the request to abort it"
        ),
        "Check mode": _run({}, check_mode=True),
    },
}
