# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that create a job, change its deployment, or remove it, for the tests that compare the ways to run a task."""

from __future__ import annotations

import typing as t

from emulator import Emulator

from . import JOB, PROJECT
from .both_ways import Trial
from .playbooks import MODULE, Task, connection
from .secret_values import OPTIONS

IMAGE, NEW_IMAGE = "registry.example.com/report:1.4", "registry.example.com/report:1.5"
STORED = {
    "description": "As it is",
    "disabledCI": False,
    "backoffLimit": 2,
    "runtimeEnvironment": {"A": "1"},
    "buildArguments": {"A": "1"},
    "deployment": {"external": {"imagePath": IMAGE}, "docker": {"configType": "default"}},
}
CREATION: dict[str, t.Any] = {
    **OPTIONS,
    "name": "Example Job",
    "billing": {"deployment_plan": "nf-compute-20"},
    "backoff_limit": 2,
    "deployment": {"external": {"image_path": IMAGE}, "metadata": {"labels": {"team": "reports", "level": 1}}},
}
DEPLOYMENT = {"deployment": {"external": {"image_path": NEW_IMAGE}}}
ABSENT = {"state": "absent"}


def _trial(
    options: t.Mapping[str, t.Any],
    *orders: tuple[str, str, dict[str, t.Any]],
    exists: bool = True,
    failed: bool = False,
    changed: bool = True,
    job: t.Mapping[str, t.Any] | None = None,
    state: str = "current",
    **keywords: t.Any,
) -> Trial:
    """A task with a job, or without one, and with faults: (kind, operation, details)."""

    def task(emulator: Emulator) -> Task:
        return {MODULE: connection(emulator, **{"retries": 0, **options}), "diff": True, **keywords}

    def prepare(emulator: Emulator) -> None:
        if not exists:
            emulator.remove_job(PROJECT, JOB)
        for kind, operation, details in orders:
            emulator.order(kind, operation, **details)

    return Trial(task, {"failed": failed, "changed": changed}, job=STORED if job is None else job, prepare=prepare, api={"state": state})


_INCOMPLETE = {name: value for name, value in CREATION.items() if name != "deployment"}
TRIALS = {
    "create": _trial(CREATION, exists=False),
    "create after the removals": _trial(CREATION, exists=False, state="removed"),
    "create in check mode": _trial(CREATION, exists=False, check_mode=True),
    "create without a deployment": _trial(_INCOMPLETE, exists=False, failed=True, changed=False),
    "create with a name of another ID": _trial({**CREATION, "name": "Other Job"}, exists=False, failed=True, changed=False),
    "create with a response that is lost": _trial(CREATION, ("cut body", "create-manual-job", {}), exists=False),
    "create with a request that is lost": _trial(CREATION, ("page", "create-manual-job", {}), exists=False, failed=True, changed=False),
    "create in a project that does not exist": _trial({**CREATION, "project_id": "no-such-project"}, failed=True, changed=False),
    "deploy": _trial(DEPLOYMENT),
    "deploy after the removals": _trial(DEPLOYMENT, state="removed"),
    "deploy in check mode": _trial(DEPLOYMENT, check_mode=True),
    "deploy what is deployed": _trial({"deployment": {"external": {"image_path": IMAGE}}}, changed=False),
    "deploy by put-job": _trial({"deployment": {"grace_period_seconds": 90}}),
    "deploy, and fail after a change": _trial(
        {**DEPLOYMENT, "description": "New"}, ("error", "update-job-deployment", {"status": 400}), failed=True
    ),
    "deploy with two sources": _trial(
        {"deployment": {"external": {"image_path": IMAGE}, "vcs": {"project_branch": "a"}}}, failed=True, changed=False
    ),
    "deploy with another name": _trial({"name": "example-job"}, failed=True, changed=False),
    "remove": _trial(ABSENT),
    "remove in check mode": _trial(ABSENT, check_mode=True),
    "remove what is absent": _trial(ABSENT, exists=False, changed=False),
    "remove a cron job": _trial(ABSENT, failed=True, changed=False, job={"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}),
    "remove with a response that is lost": _trial({**ABSENT, "retries": 1}, ("cut body", "delete-job", {})),
    "remove from a project that does not exist": _trial({**ABSENT, "project_id": "no-such-project"}, failed=True, changed=False),
}
# A few of them, for tests that only have to show that nothing differs elsewhere.
SAMPLE = ("create", "create without a deployment", "deploy", "deploy, and fail after a change", "remove", "remove what is absent")
