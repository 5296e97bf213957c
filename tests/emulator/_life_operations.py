# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The operations that create, replace and remove a job, and those that read and change its deployment."""

from __future__ import annotations

import copy
import re
from typing import Any

from . import _views as views
from ._call import Call
from ._errors import ApiError
from ._jobs import ABSENT, BACKOFF_LIMIT_AFTER_A_LOSS, PLAN_AFTER_A_LOSS, Job, complete, merged, patched, settle_alternatives, value_at
from ._world import World

SOURCES = ("vcs", "external", "internal")
RUNTIMES = ("docker", "buildpack")
DEFAULT_RUNTIME = {"configType": "default"}
# The build that the API would have made of "latest".
BUILD_ID, COMMIT = "incredible-land-3266", "262ed9817b3cad5142fbceabe0c9e371e390d616"
# What a PUT does not replace.
KEPT = ("id", "uid", "appId", "jobType", "status", "cluster", "createdAt", "infrastructure", "disabledCD")
# What a job has that a creation does not set.
MADE = {"deployment": {}, "createdAt": "2026-11-01T12:00:00.000Z", "disabledCI": False}


def create_manual_job(world: World, call: Call) -> Job:
    """create-manual-job: a job whose ID is the slug of its name."""
    job_id = slug(call.body["name"])
    if world.has_job(call.project_id, job_id):
        raise ApiError(409, "conflict", f"The job {job_id} exists in the project {call.project_id}.")
    world.require_known_fields(call.body)
    world.add_job(call.project_id, world.created_id or job_id, {**MADE, **call.body})
    return world.view.patch_response(world.job(call.project_id, world.created_id or job_id))


def create_job(world: World, call: Call) -> Job:
    """create-job: as create-manual-job, with three fields under `settings`."""
    return views.with_settings(create_manual_job(world, call._replace(body=_without_settings(call.body))), {})


def put_job(world: World, call: Call) -> Job:
    """put-job: create the job of this name, or replace it. `world.objects` says what becomes of what the body leaves out."""
    job_id = slug(call.body["name"])
    body = _without_settings(call.body)
    if not world.has_job(call.project_id, job_id):
        return create_job(world, call)
    world.require_known_fields(body)
    job = world.job(call.project_id, job_id)
    if job["jobType"] != "manual":
        raise ApiError(409, "conflict", f"The job {job_id} is not a manual job.")
    if world.objects == "replace":
        job = {**views.picked(job, KEPT), "backoffLimit": BACKOFF_LIMIT_AFTER_A_LOSS, **copy.deepcopy(body)}
        settle_alternatives(job, body)
    else:
        before = job.get("deployment", {})
        job = patched(job, views.without(body, ("deployment",)), "merge", world.maps, ())
        job["deployment"] = with_source(before, body.get("deployment", {}), "merge")
    world.store(call.project_id, job_id, complete(job, PLAN_AFTER_A_LOSS))
    return views.with_settings(world.view.patch_response(world.job(call.project_id, job_id)), {})


def delete_job(world: World, call: Call) -> Job:
    """delete-job."""
    world.remove_job(call.project_id, call.job_id)
    return {}


def get_deployment(world: World, call: Call) -> Job:
    """get-job-deployment: what has been deployed, which is not always what the job is set to."""
    deployment = call.job.get("deployment", {})
    shown = {"region": "europe-west", "instances": 1, **views.picked(deployment, RUNTIMES)}
    storage = views.picked(deployment.get("storage", {}), ("ephemeralStorage", "shmSize"))
    if value_at(storage, "ephemeralStorage.storageSize", ABSENT) is ABSENT:
        storage.pop("ephemeralStorage", None)
    shown["storage"] = storage
    if "external" in deployment:
        external = deployment["external"]
        shown["external"] = {
            "imagePath": external["imagePath"],
            "registryProvider": "custom",
            "privateImage": "credentials" in external,
        }
        return shown
    internal = deployment.get("internal", {})
    source = internal.get("id", call.job_id)
    shown["internal"] = {
        "appId": f"/example-user/{call.project_id}/{source}",
        "nfObjectId": source,
        "nfObjectType": "service" if internal else "job",
        "branch": internal.get("branch", value_at(deployment, "vcs.projectBranch", "main")),
        "buildId": internal.get("buildId", BUILD_ID),
        "buildSHA": internal.get("buildSHA", COMMIT if "buildId" in internal else "latest"),
        "deployedSHA": COMMIT,
    }
    return shown


def update_deployment(world: World, call: Call) -> Job:
    """update-job-deployment: another image, another command, or both."""
    body, before = copy.deepcopy(call.body), call.job.get("deployment", {})
    if world.objects == "replace":
        # What the body could have contained, and does not.
        takes = {"external": ("docker",), "internal": RUNTIMES}
        left_out = {name for source in takes if source in body for name in takes[source] if name in before and name not in body}
        body.update({name: dict(DEFAULT_RUNTIME) for name in left_out})
    _store_deployment(world, call, with_source(before, body, world.objects))
    return {}


def update_build_source(world: World, call: Call) -> Job:
    """update-job-build-source: another repository or branch, for a job that builds from one."""
    before = call.job.get("deployment", {})
    if "vcs" not in before:
        raise ApiError(409, "conflict", f"The job {call.job_id} does not build from a repository.")
    kept = before["vcs"] if world.objects == "merge" else views.picked(before["vcs"], ("vcsLinkId",))
    _store_deployment(world, call, {**before, "vcs": {**kept, **call.body}})
    return {}


def scale_job(world: World, call: Call) -> Job:
    """scale-job: another plan, or another storage of the runs."""
    before, body = call.job.get("deployment", {}), call.body
    if "deploymentPlan" in body:
        call.job["billing"]["deploymentPlan"] = body["deploymentPlan"]
    if "storage" in body:
        storage = merged(before.get("storage", {}), body["storage"]) if world.objects == "merge" else body["storage"]
        before = {**before, "storage": storage}
    _store_deployment(world, call, before)
    return {}


def with_source(before: Job, body: Job, objects: str) -> Job:
    """A deployment with the members of a body, and no source of the image besides the one of the body."""
    sources = [name for name in SOURCES if name in body]
    kept = {name: value for name, value in before.items() if not sources or name not in SOURCES or name in sources}
    result = copy.deepcopy(merged(kept, body) if objects == "merge" else {**kept, **body})
    # A build is named by one of the two.
    if "buildId" in body.get("internal", {}) and "buildSHA" not in body["internal"]:
        result["internal"].pop("buildSHA", None)
    return result


def slug(name: str) -> str:
    """The ID of a job with this name."""
    return re.sub(r"[\s-]+", "-", name).lower()


def _without_settings(body: Any) -> Job:
    """A body of the type-agnostic operations in the shape of those for manual jobs."""
    if "cron" in body.get("settings", {}):
        raise ApiError(409, "conflict", "The emulator creates no cron jobs.")
    return {**views.without(body, ("settings",)), **body.get("settings", {})}


def _store_deployment(world: World, call: Call, deployment: Job) -> None:
    world.store(call.project_id, call.job_id, {**call.job, "deployment": copy.deepcopy(deployment)})
