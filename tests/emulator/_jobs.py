# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The stored job: a dictionary in the shape of the response of PATCH, completed and changed by pure functions."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

Job = dict[str, Any]

OBJECTS = ("billing", "buildConfiguration", "buildSettings")
MAPS = ("runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts")
# The only fields of a body for which null is documented (fields.md, "Null"): it removes their values.
NULLABLE = ("stageId", "activeDeadlineSeconds", "buildSettings.dockerfile.dockerfileContents")

USUAL_PLAN = "nf-compute-20"
# Another plan than the usual one, so that a plan lost by a replaced `billing` can be seen.
PLAN_AFTER_A_LOSS = "nf-compute-10"
# A value that no test sets, so that a limit lost by replaced `settings` can be seen.
BACKOFF_LIMIT_AFTER_A_LOSS = 999

DEPLOYMENT = {
    "docker": {"configType": "default"},
    "storage": {"ephemeralStorage": {"storageSize": 1024}},
    "vcs": {
        "projectUrl": "https://github.com/northflank/gatsby-with-northflank",
        "projectType": "github",
        "accountLogin": "github-user",
        "projectBranch": "master",
    },
}


def new_job(project_id: str, job_id: str, owner: str, fields: Job) -> Job:
    """A complete job from some of its fields. It builds from a repository unless `deployment` contains something else."""
    defaults = {
        "id": job_id,
        "appId": f"/{owner}/{project_id}/{job_id}",
        "name": usual_name(job_id),
        "jobType": "manual",
        "backoffLimit": 0,
        "deployment": DEPLOYMENT,
        "status": {"build": {"status": "SUCCESS"}},
        "cluster": {"id": "nf-europe-west", "name": "nf-europe-west"},
    }
    return complete(copy.deepcopy({**defaults, **fields}), USUAL_PLAN)


def usual_name(slug: str) -> str:
    """The name of which this could be the ID."""
    return re.sub("[^A-Za-z0-9]+", " ", slug).strip().title()


def patched(job: Job, body: Job, objects: str, maps: str, ignored: Iterable[str]) -> Job:
    """The job after a PATCH, with "merge" or "replace" for nested objects and for maps."""
    result, body = copy.deepcopy(job), copy.deepcopy(body)
    readings = {**dict.fromkeys(OBJECTS, objects), **dict.fromkeys(MAPS, maps)}
    for key, value in body.items():
        result[key] = merged(result.get(key, {}), value) if readings.get(key) == "merge" else value
    settle_alternatives(result, body)
    for path in NULLABLE:
        if value_at(result, path) is None:
            put_at(result, path, None)
    for path in ignored:
        put_at(result, path, copy.deepcopy(value_at(job, path)))
    return complete(result, PLAN_AFTER_A_LOSS)


def merged(old: Any, new: Any) -> Any:
    """`new` over `old`, member by member where both are objects; lists and values are replaced."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


def settle_alternatives(job: Job, body: Job) -> None:
    """Keep one of dockerfile and buildpack: the one in the body replaces the other, and dockerfile is preferred."""
    sent = body.get("buildSettings", {})
    if "dockerfile" in sent:
        job["buildSettings"].pop("buildpack", None)
    elif "buildpack" in sent:
        job["buildSettings"].pop("dockerfile", None)


def complete(job: Job, plan: str) -> Job:
    """Add in place what the contract requires in the response of PATCH."""
    job.setdefault("billing", {}).setdefault("deploymentPlan", plan)
    configuration = value_at(job, "billing.gpu.configuration")
    if configuration is not None:
        configuration.setdefault("gpuType", "nvidia-t4")
    settings = job.get("buildSettings")
    if settings is not None and "buildpack" not in settings:
        # The contract does not allow settings with neither. Such a job builds with the Dockerfile at the default path.
        dockerfile = settings.setdefault("dockerfile", {})
        dockerfile.setdefault("dockerFilePath", "/Dockerfile")
        dockerfile.setdefault("dockerWorkDir", "/")
    return job


# A default of value_at() that no value equals.
ABSENT = object()


def value_at(job: Job, path: str, default: Any = None) -> Any:
    """The value at a dotted path, the default if there is none."""
    value: Any = job
    for key in path.split("."):
        value = value.get(key, default) if isinstance(value, dict) else default
    return value


def put_at(job: Job, path: str, value: Any) -> None:
    """Put a value at a dotted path; None removes what is there."""
    *parents, last = path.split(".")
    for key in parents:
        if value is None and key not in job:
            return
        job = job.setdefault(key, {})
    if value is None:
        job.pop(last, None)
    else:
        job[last] = value
