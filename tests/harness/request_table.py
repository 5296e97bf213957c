# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks behind the rows of the tables in docs/docsite/rst/requests.rst, by the text of the first cell.

The tables have the number of requests. If a state of the API does not have a field, the job does not have it either.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from emulator import Emulator

from . import JOB, PROJECT, READ, UPDATE
from .health_check import CHECK, STATED_CHECK
from .phases import job_of
from .playbooks import INFO_MODULE, MODULE, RUN_MODULE, Task, connection

STATES = ("current", "lean", "rich", "removed")
# In these, only the response of PATCH shows some fields.
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
_RUNTIME_OF_IMAGE = {"docker": {"configType": "default"}}
_PUBLIC = {"external": {"imagePath": "example/report:1"}, **_RUNTIME_OF_IMAGE}
_EXTERNAL = {"external": {"imagePath": "example/report:1", "credentials": "example-registry"}, **_RUNTIME_OF_IMAGE}
_STATED_REPOSITORY = {"project_url": "https://github.com/example/report", "project_type": "github", "project_branch": "main"}
_REPOSITORY = {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "main"}
_BUILT = {"vcs": _REPOSITORY, **_RUNTIME_OF_IMAGE}
_WITH_IMAGE = {"deployment": _EXTERNAL}
_WITHOUT_BUILD_SECRETS = {**_WITH_IMAGE, "buildArguments": None, "buildFiles": None}
_NEW_COMMAND = {"docker": {"config_type": "customCommand", "custom_command": "report --all"}}
_NEW_STORAGE = {"storage": {"shm_size": 128}}
_NEW_GRACE_PERIOD = {"deployment": {"grace_period_seconds": 90}}
_CREATION = {
    "deployment": {"external": {"image_path": "example/report:1"}},
    "billing": {"deployment_plan": "nf-compute-20"},
    "backoff_limit": 1,
}
_NO_PROJECT = {"project_id": "no-such-project"}
_REMOVAL = {"state": "absent"}
# For a whole project instead of one job.
_PROJECT = {"job_id": None}
_POLLS = {"poll_interval": 0.01, "wait_timeout": 60}
_ONE_POLL = {"poll_interval": 60, "wait_timeout": 0.01}


@dataclass(frozen=True)
class Case:
    """The options of a task, and the states in which it reports a change. failure is a part of its message if it fails.

    fields are set in the job besides the usual ones, None for one that is not set. Without exists, its project has no job. others is the
    number of equal jobs in its project.
    permissions are those of the token, by default all. gone and behaviour are attributes of the emulator, and plan is the course of
    a run.
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
    exists: bool = True
    plan: t.Mapping[str, t.Any] = field(default_factory=dict)

    def prepare(self, emulator: Emulator) -> None:
        """Store the job, and set the attributes of the emulator."""
        job = {name: value for name, value in {**_JOB, **self.fields}.items() if value is not None}
        emulator.add_project(PROJECT)
        for job_id in (*([JOB] if self.exists else []), *(f"job-{number}" for number in range(self.others))):
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


def _image(tag: int, credentials: str | None = None) -> dict[str, t.Any]:
    """The option deployment with an image of a registry."""
    return {"deployment": {"external": {"image_path": f"example/report:{tag}", **({"credentials": credentials} if credentials else {})}}}


def _deploy(options: t.Mapping[str, t.Any], deployment: t.Mapping[str, t.Any] | None = None, **rest: t.Any) -> Case:
    """A task that changes the deployment of a job, or would in check mode."""
    return Case(options, changed=STATES, fields={"deployment": _EXTERNAL if deployment is None else deployment}, **rest)


def _read(options: t.Mapping[str, t.Any], **rest: t.Any) -> Case:
    """A task that reads."""
    return Case(options, module=INFO_MODULE, **rest)


def _run(options: t.Mapping[str, t.Any], **rest: t.Any) -> Case:
    """A task that starts a run, or would in check mode, and so always is a change."""
    return Case({**_POLLS, **options}, changed=STATES, module=RUN_MODULE, **rest)


# By the heading above a table, and by the first cell of a row.
CASES = {
    "Nothing differs": {
        "The response of get-job contains all fields that the task sets": Case(_SHOWN),
        "The task sets only the IDs": Case({}),
        "The task sets the environment or its files": Case(_RUNTIME),
        "The task sets build arguments or build files": Case(_BUILD),
        "The task sets health checks": Case(_CHECKS),
        "The task sets all three of these": Case(_ALL_THREE),
        "The task sets a field that cannot be read": Case({**_SHOWN, **_UNSHOWN}),
        "The task sets the environment and a field that cannot be read": Case({**_RUNTIME, **_UNSHOWN}),
        "The task sets all three and a field that cannot be read": Case({**_ALL_THREE, **_UNSHOWN}),
        "The task sets the stage": Case({"stage_id": "staging"}),
        "The task clears the stage, which is not set": Case({"stage_id": ""}, fields={"stageId": None}),
        "The task sets an empty environment, and the job has none": Case({"runtime_environment": {}}, fields={"runtimeEnvironment": None}),
        "The task sets a startup probe that get-job-health-checks does not return": Case(
            {"health_checks": [{**STATED_CHECK, "type": "startupProbe"}]},
            fields={"healthChecks": [{**CHECK, "type": "startupProbe"}]},
            behaviour={"hides_startup_probes": True},
        ),
        "The task sets the image": Case(_image(1), fields=_WITH_IMAGE),
        "The task sets the image and its credentials": Case(_image(1, "example-registry"), fields=_WITH_IMAGE),
        "The task sets the command, the storage or the repository": Case(
            {"deployment": {"docker": {"config_type": "default"}, "vcs": {"project_branch": "main"}}}, fields={"deployment": _BUILT}
        ),
        "The task sets a field that only put-job can change": Case(
            {"deployment": {"grace_period_seconds": 60}}, fields={"deployment": {**_PUBLIC, "gracePeriodSeconds": 60}}
        ),
    },
    "Something changes": {
        "One independent option, such as the description": Case({"description": "New"}, changed=STATES),
        "Several independent options": Case({"description": "New", "tags": ["two"], "disabled_ci": True}, changed=STATES),
        "The environment": Case({"runtime_environment": {"A": "2"}}, changed=STATES),
        "The environment, with build arguments and health checks that do not differ": Case(
            {**_ALL_THREE, "runtime_environment": {"A": "2"}}, changed=STATES
        ),
        "A health check, with a startup probe that get-job-health-checks does not return": Case(
            {"health_checks": [{**STATED_CHECK, "period_seconds": 30}, {**STATED_CHECK, "type": "startupProbe"}]},
            fields={"healthChecks": [CHECK, {**CHECK, "type": "startupProbe"}]},
            behaviour={"hides_startup_probes": True},
            changed=STATES,
        ),
        "A part of the build configuration": Case({"build_configuration": {"dockerfile_target": "test"}}, changed=STATES),
        "A part of the build settings": Case({"build_settings": {"dockerfile": {"build_engine": "kaniko"}}}, changed=STATES),
        "The deployment plan of a job with a build plan and a GPU": Case(_OTHER_PLAN, changed=STATES, fields=_WITH_GPU),
        "The deployment plan of a job without a GPU": Case(_OTHER_PLAN, changed=STATES),
        "A field that cannot be read": Case(_OTHER_UNSHOWN, changed=STATES),
        "A field that cannot be read, and an independent option": Case({"description": "New", **_OTHER_UNSHOWN}, changed=STATES),
    },
    "The deployment changes": {
        "A new image, with the credentials that the job has": _deploy(_image(2, "example-registry")),
        "A new image, and the job has no credentials": _deploy(_image(2), _PUBLIC),
        "A new image, and the job has credentials that the task does not set": _deploy(_image(2)),
        "A new image and a new command": _deploy({"deployment": {**_image(2)["deployment"], **_NEW_COMMAND}}, _PUBLIC),
        "A new image and a new storage": _deploy({"deployment": {**_image(2)["deployment"], **_NEW_STORAGE}}, _PUBLIC),
        "A new image and an independent option": _deploy({**_image(2), "description": "New"}, _PUBLIC),
        "A new image and a new environment": _deploy({**_image(2), "runtime_environment": {"A": "2"}}, _PUBLIC),
        "A new command, or a new storage": _deploy({"deployment": _NEW_COMMAND}),
        "A new branch of the repository": _deploy({"deployment": {"vcs": {"project_branch": "next"}}}, _BUILT),
        "A field that only put-job can change": _deploy(_NEW_GRACE_PERIOD),
        "The same, and an independent option": _deploy({**_NEW_GRACE_PERIOD, "description": "New"}),
        "The same, if the job has neither build arguments nor build files": Case(
            _NEW_GRACE_PERIOD, changed=STATES, fields=_WITHOUT_BUILD_SECRETS
        ),
        "A repository, for a job that runs an image": _deploy({"deployment": {"vcs": _STATED_REPOSITORY}}),
        "A new image, if only the operation update-job-deployment is removed": _deploy(_image(2), _PUBLIC, gone=("update-job-deployment",)),
    },
    "A job is created": {
        "The job does not exist": Case(_CREATION, changed=STATES, exists=False),
        "The job does not exist, in check mode": Case(_CREATION, changed=STATES, exists=False, check_mode=True),
    },
    "A job is removed": {
        "The job exists": Case(_REMOVAL, changed=STATES),
        "The job exists, in check mode": Case(_REMOVAL, changed=STATES, check_mode=True),
        "The job does not exist": Case(_REMOVAL, exists=False),
        "The job does not exist, in check mode": Case(_REMOVAL, exists=False, check_mode=True),
    },
    "Check mode": {
        "The response of get-job contains all fields that the task sets": Case({"description": "New"}, changed=STATES, check_mode=True),
        "The task sets the environment, build arguments and health checks": Case(
            {**_ALL_THREE, "description": "New"}, changed=STATES, check_mode=True
        ),
        "A field that cannot be read": Case(_OTHER_UNSHOWN, changed=STATES, check_mode=True),
        "The task sets the environment and a field that cannot be read": Case(
            {**_RUNTIME, **_OTHER_UNSHOWN}, changed=STATES, check_mode=True
        ),
        "A new image": _deploy(_image(2), check_mode=True),
        "A field that only put-job can change": _deploy(_NEW_GRACE_PERIOD, check_mode=True),
    },
    "Fields that cannot be read, with skip or apply": {
        "skip, nothing else differs": Case({"unreadable": "skip", **_SHOWN, **_UNSHOWN}),
        "skip, an independent option changes": Case({"unreadable": "skip", "description": "New", **_OTHER_UNSHOWN}, changed=STATES),
        "skip, the deployment plan of a job without a GPU changes": Case({"unreadable": "skip", **_OTHER_PLAN}, changed=STATES),
        "apply, nothing differs": Case({"unreadable": "apply", **_UNSHOWN}, changed=_UNREADABLE),
        "apply, the field differs": Case({"unreadable": "apply", **_OTHER_UNSHOWN}, changed=STATES),
    },
    "Tokens with fewer permissions": {
        "Cannot read secrets: an option that is not secret changes": Case(
            {"description": "New"}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "Cannot read secrets: the environment does not differ": Case(_RUNTIME, permissions=(READ, UPDATE)),
        "Cannot read secrets: the environment changes": Case(
            {"runtime_environment": {"A": "2"}}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "Cannot read secrets: all three are set, nothing differs": Case(_ALL_THREE, permissions=(READ, UPDATE)),
        "Cannot read secrets: all three are set, nothing differs, with skip": Case(
            {"unreadable": "skip", **_ALL_THREE}, permissions=(READ, UPDATE)
        ),
        "Cannot read secrets: the environment is set, and another option changes": Case(
            {**_RUNTIME, "description": "New"}, changed=STATES, permissions=(READ, UPDATE)
        ),
        "Cannot update jobs: a change, which fails": Case(
            {"description": "New"}, permissions=(READ,), failure="The token needs the permission"
        ),
        "Cannot create jobs: a field that only put-job can change, which fails": Case(
            _NEW_GRACE_PERIOD, fields=_WITH_IMAGE, permissions=(READ, UPDATE), failure="The token needs the permission"
        ),
    },
    "If the operation patch-manual-job is removed": {
        "Nothing differs, and get-job returns all fields that the task sets": Case(_SHOWN, gone=_GONE),
        "An independent option changes": Case({"description": "New"}, changed=STATES, gone=_GONE),
        "One of the moved options changes": Case({"backoff_limit": 2}, changed=STATES, gone=_GONE),
        "The task sets a field that cannot be read, and it does not differ": Case(_UNSHOWN, gone=_GONE),
    },
    "Tasks that fail": {
        "The job is a cron job": Case(
            {"description": "New"}, fields={"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}, failure="is a cron job"
        ),
        "An option is not valid": Case({"backoff_limit": "often"}, failure="A problem with the options"),
        "The job does not exist, and the task does not set what creating it requires": Case(
            _image(1), exists=False, failure="To create the job, the task must also set"
        ),
        "The project does not exist, and the task sets what creating a job requires": Case(
            {**_CREATION, **_NO_PROJECT}, failure="404 Not Found"
        ),
        "The project does not exist, and the task would remove a job": Case(
            {**_REMOVAL, **_NO_PROJECT}, failure="The project no-such-project was not found"
        ),
    },
    "Reading one job": {
        "The job": _read({}),
        "The job and its health checks": _read({"gather": ["health_checks"]}),
        "The job, its environment and its build arguments": _read({"gather": ["runtime_environment", "build_arguments"]}),
        "The job and its deployment": _read({"gather": ["deployment"]}, fields=_WITH_IMAGE),
        "The job and all three": _read({"gather": _EVERYTHING}),
        "The job, its deployment and all three": _read({"gather": ["deployment", *_EVERYTHING]}, fields=_WITH_IMAGE),
        "The job and all three, with a token that cannot read secrets": _read({"gather": _EVERYTHING}, permissions=(READ,)),
    },
    "Reading the jobs of a project": {
        "100 jobs": _read(_PROJECT, others=99),
        "101 jobs": _read(_PROJECT, others=100),
        "3 jobs, filtered by name": _read({**_PROJECT, "filters": {"name": "*"}}, others=2),
        "3 jobs, filtered by tag": _read({**_PROJECT, "filters": {"tags": ["one"]}}, others=2),
        "3 jobs, filtered by tag, if the list contains no tags": _read(
            {**_PROJECT, "filters": {"tags": ["one"]}}, others=2, behaviour={"hides_tags_in_lists": True}
        ),
        "3 jobs, each with get-job": _read({**_PROJECT, "gather": ["job"]}, others=2),
        "3 jobs, each with its deployment": _read({**_PROJECT, "gather": ["deployment"]}, others=2, fields=_WITH_IMAGE),
        "3 jobs, each with all three": _read({**_PROJECT, "gather": _EVERYTHING}, others=2),
        "3 jobs, each with all three, with a token that cannot read secrets": _read(
            {**_PROJECT, "gather": _EVERYTHING}, others=2, permissions=(READ,)
        ),
    },
    "Runs": {
        "A run, without waiting for its end": _run({"wait": False}),
        "A run that has succeeded at the first poll": _run({}),
        "A run that has succeeded at the third poll": _run({}, plan={"reads": 3}),
        "The same, with follow_logs": _run({"follow_logs": True}, plan={"reads": 3}),
        "The same, with follow_logs and 40 lines at the last poll": _run(
            {"follow_logs": True}, plan={"reads": 3, "log": [[], [], ["a line"] * 40]}
        ),
        "A run that has failed at the first poll": _run({}, plan={"status": "FAILED"}, failure="ended with the status FAILED"),
        "A run that has not ended at the only poll": _run(_ONE_POLL, plan={"reads": None}, failure="has not ended within"),
        "The same, and the task aborts it": _run(
            {**_ONE_POLL, "abort_on_timeout": True}, plan={"reads": None}, failure="The API accepted the request to abort it"
        ),
        "Check mode": _run({}, check_mode=True),
    },
}
