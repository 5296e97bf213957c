# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The operations on one job, and a table of the handlers of all operations. An operation without a row returns 501."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import _life_operations as life
from . import _lists as lists
from . import _run_operations as runs
from . import _views as views
from ._call import Call
from ._errors import ApiError
from ._jobs import BACKOFF_LIMIT_AFTER_A_LOSS, Job, patched
from ._world import World

TOKEN = {
    "tokenKind": "api",
    "id": "example-token",
    "name": "Example Token",
    "entityId": "example-team",
    "entityUid": "507f1f77bcf86cd799439011",
    "entityType": "team",
    "orgId": "example-org",
    "orgUid": "507f191e810c19729de860ea",
    "role": {"name": "Developer", "roleId": "developer", "roleType": "team", "entityType": "team"},
    "createdAt": "2026-01-15T10:30:00.000Z",
}
SECRETS_OF_GROUPS = "Project > Secrets > General > Read"


def get_job(world: World, call: Call) -> Job:
    """get-job, as the present state or mixture shows it."""
    return world.view.get_job(call.job, call.project_id)


def patch_job(world: World, call: Call) -> Job:
    """patch-job: as patch-manual-job, with three fields under `settings`, an object like the others."""
    if "cron" in call.body.get("settings", {}):
        raise ApiError(409, "conflict", f"The job {call.job_id} is a manual job.")
    settings = call.body.get("settings")
    body = views.without(call.body, ("settings",))
    job = call.job
    if settings is not None and world.objects == "replace":
        job = {**views.without(job, views.SETTINGS), "backoffLimit": BACKOFF_LIMIT_AFTER_A_LOSS}
    response = patch_manual_job(world, call._replace(job=job, body={**body, **(settings or {})}))
    return views.with_settings(response, {})


def patch_manual_job(world: World, call: Call) -> Job:
    """patch-manual-job: store the change and return the whole job."""
    if call.job["jobType"] != "manual":
        raise ApiError(400, "bad-request", f"The job {call.job_id} is not a manual job.")
    if world.refuses_and_quotes:
        raise ApiError(400, "bad-request", f"This is refused: {json.dumps(call.body)}", {"body": call.body, "values": [str(call.body)]})
    world.require_known_fields(call.body)
    job = patched(call.job, call.body, world.objects, world.maps, world.ignored_fields)
    world.store(call.project_id, call.job_id, job)
    return world.view.patch_response(job)


def get_health_checks(world: World, call: Call) -> Job:
    """get-job-health-checks."""
    return views.health_checks(call.job, world.hides_startup_probes)


def get_runtime_environment(world: World, call: Call) -> Job:
    """get-job-runtime-environment."""
    return _maps(world, call, ("runtimeEnvironment", "runtimeFiles"))


def get_build_arguments(world: World, call: Call) -> Job:
    """get-job-build-arguments."""
    return _maps(world, call, ("buildArguments", "buildFiles"))


def _maps(world: World, call: Call, names: tuple[str, ...]) -> Job:
    """Two maps of a job; without the permission on secret groups, the inherited values are silently missing."""
    inherited = world.inherited if SECRETS_OF_GROUPS in call.permissions else {}
    return views.maps(call.job, inherited, names, call.query.get("show", "all"))


def get_token(world: World, call: Call) -> Job:
    """get-current-authentication-info: what the token may do, which an API of June 2026 does not tell."""
    if world.state == "lean":
        raise ApiError(404, "not-found", "No such path.")
    return {**TOKEN, "permissions": {"projectScope": sorted(call.permissions)}}


HANDLERS: dict[str, Callable[[World, Call], Any]] = {
    "get-current-authentication-info": get_token,
    "list-projects": lists.list_projects,
    "list-jobs": lists.list_jobs,
    "create-manual-job": life.create_manual_job,
    "create-job": life.create_job,
    "put-job": life.put_job,
    "delete-job": life.delete_job,
    "get-job-deployment": life.get_deployment,
    "update-job-deployment": life.update_deployment,
    "update-job-build-source": life.update_build_source,
    "scale-job": life.scale_job,
    "get-job": get_job,
    "patch-manual-job": patch_manual_job,
    "patch-job": patch_job,
    "get-job-health-checks": get_health_checks,
    "get-job-runtime-environment": get_runtime_environment,
    "get-job-build-arguments": get_build_arguments,
    "run-job": runs.run_job,
    "get-job-runs": lists.list_runs,
    "get-run-details": runs.get_run,
    "abort-job-run": runs.abort_run,
    "get-job-logs": runs.get_logs,
}
