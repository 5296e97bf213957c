# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""What a response contains of a stored job: pure functions, a set of them for each API state (fields.md, "The four states")."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._jobs import Job, put_at

# Stored besides the documented fields of the response of PATCH. Only get-job shows them.
GET_ONLY = ("cron", "disabledCD", "projectId", "suspended", "uid")
# The members of `deployment` in the published responses of get-job.
SHOWN_DEPLOYMENT = ("region", "buildpack", "docker", "storage")
NOT_IN_LEAN = ("buildConfiguration.ignoreEmptyCommits", "buildSettings.dockerfile.dockerfileContents")
# What list-jobs shows of a job if it is set.
LISTED = ("id", "appId", "name", "description", "tags", "jobType")
# Absent members that the GET of health checks may show as null.
NULL_IN_HEALTH_CHECKS = ("path", "cmd", "httpPort", "tcpSocketPort", "successThreshold")
# Where patch-job differs from patch-manual-job: it has these under `settings`.
SETTINGS = ("backoffLimit", "runOnSourceChange", "activeDeadlineSeconds")
PORT_NAMES = {"HTTP": "httpPort", "TCP": "tcpSocketPort"}
# The default values of what is shown in all states except lean.
USUAL = {"createdAt": "2026-01-20T11:19:53.175Z", "tags": [], "disabledCI": False, "disabledCD": False}


class View(NamedTuple):
    """How an API state shows a job, which fields it refuses (dotted PATCH paths), and which operations are removed."""

    get_job: Callable[[Job, str], Job]
    unknown_fields: tuple[str, ...] = ()
    deprecated_are_gone: bool = False
    lists_stages: bool = True
    # Whether the lists leave out what is not set, and what the API did not have in June.
    lists_are_lean: bool = False
    # Deprecated operations that are removed, or not, independently of the others.
    switched: Mapping[str, bool] = {}

    def patch_response(self, job: Job) -> Job:
        """`data` of patch-manual-job: the whole job, without the fields that do not exist yet."""
        shown = without(job, GET_ONLY)
        for path in self.unknown_fields:
            put_at(shown, path, None)
        return shown

    def list_entry(self, job: Job, project_id: str) -> Job:
        """A job in `data` of list-jobs."""
        switches = ("disabledCI", "disabledCD", *(["suspended"] if job["jobType"] == "cron" else []))
        return {
            **({} if self.lists_are_lean else {"uid": uid(job, job["appId"]), "tags": []}),
            **picked(job, (*LISTED, *(["stageId"] if self.lists_stages else []))),
            "projectId": project_id,
            **{name: job.get(name, False) for name in switches},
        }

    def project_entry(self, project: Job) -> Job:
        """A project in `data` of list-projects."""
        if self.lists_are_lean:
            return without(project, ("uid", "lifecycleStatus"))
        return {"uid": uid(project, project["id"]), "lifecycleStatus": "created", **copy.deepcopy(project)}

    def is_gone(self, operation: str) -> bool:
        """Whether a deprecated operation no longer exists."""
        return self.switched.get(operation, self.deprecated_are_gone)


def view(state: str) -> View:
    """The view of a state by its name."""
    if state not in VIEWS:
        raise ValueError(f"unknown state {state!r}, known are: {', '.join(VIEWS)}")
    return VIEWS[state]


def lean_job(job: Job, project_id: str) -> Job:
    """`data` of get-job as documented in June 2026: some fields only under older names, many not at all."""
    shown = picked(
        job,
        (
            "id",
            "appId",
            "name",
            "description",
            "tags",
            "jobType",
            "createdAt",
            "updatedAt",
            "infrastructure",
            "buildConfiguration",
            "disabledCI",
            "status",
            "cluster",
        ),
    )
    put_at(shown, "buildConfiguration.ignoreEmptyCommits", None)
    shown.update(
        {
            "projectId": project_id,
            "billing": picked(job["billing"], ("deploymentPlan",)),
            "deployment": picked(job.get("deployment", {}), SHOWN_DEPLOYMENT),
            "disabledCD": job.get("disabledCD", False),
            "suspended": job.get("suspended", False),
            "settings": picked(job, ("cron", "backoffLimit", "activeDeadlineSeconds")),
        }
    )
    if "vcs" in job.get("deployment", {}):
        shown["vcsData"] = vcs_data(job)
    if "buildSettings" in job:
        shown["buildEngineConfiguration"] = build_engine_configuration(job["buildSettings"])
    return shown


def current_job(job: Job, project_id: str) -> Job:
    """`data` of get-job as documented in October 2026: as lean, and more of the PATCH names beside the older ones."""
    shown = {**always_there(job), **lean_job(job, project_id), **picked(job, ("stageId", "buildConfiguration"))}
    # A response has one of the two, or no buildSettings at all (BuildSettings in the contract).
    if {"dockerfile", "buildpack"} & set(job.get("buildSettings", ())):
        shown.update(picked(job, ("buildSettings",)))
    return shown


def rich_job(job: Job, project_id: str) -> Job:
    """`data` of get-job as the deprecation notices announce it: the same shape that patch-manual-job returns."""
    return {**always_there(job), **without(job, GET_ONLY), "projectId": project_id, **picked(job, ("disabledCD", "suspended"))}


def removed_job(job: Job, project_id: str) -> Job:
    """`data` of get-job after the removals: as rich, with three fields under `settings`."""
    return with_settings(rich_job(job, project_id), picked(job, ("cron",)))


def always_there(job: Job) -> Job:
    """What get-job shows of each job in all states except lean."""
    return {"uid": uid(job, job["appId"]), **copy.deepcopy(USUAL)}


def uid(stored: Job, name: str) -> str:
    """The second, opaque ID of what has this unique name, the same each time."""
    return stored.get("uid") or hashlib.sha256(name.encode()).hexdigest()[:24]


def with_settings(shown: Job, cron: Job) -> Job:
    """A job in the shape of patch-job: three fields under `settings`."""
    return {**without(shown, SETTINGS), "settings": {**picked(shown, SETTINGS), **cron}}


def vcs_data(job: Job) -> Job:
    """Where a job builds from, under the older names; both Docker paths are required, also of a buildpack job."""
    dockerfile = job.get("buildSettings", {}).get("dockerfile", {})
    vcs = job["deployment"]["vcs"]
    return {
        **picked(vcs, ("projectUrl", "projectType", "selfHostedVcsId", "projectBranch")),
        "publicRepo": False,
        "dockerFilePath": dockerfile.get("dockerFilePath", "/Dockerfile"),
        "dockerWorkDir": dockerfile.get("dockerWorkDir", "/"),
    }


def build_engine_configuration(settings: Job) -> Job:
    """buildSettings under the older names, which have no place for some members."""
    if "buildpack" in settings:
        return {"buildEngine": "buildpack", "buildpack": picked(settings["buildpack"], ("builder", "buildpackLocators", "useCache"))}
    dockerfile = settings.get("dockerfile", {})
    shown = picked(dockerfile, ("buildEngine",))
    if "buildkit" in dockerfile:
        shown["buildkit"] = picked(dockerfile["buildkit"], ("useCache", "useInternalCache"))
        if "internalCacheStorage" in dockerfile["buildkit"]:
            # A boolean here, and a number in the body of PATCH: see the documentation.
            shown["buildkit"]["internalCacheStorage"] = bool(dockerfile["buildkit"]["internalCacheStorage"])
    if "useCache" in dockerfile:
        shown["kaniko"] = picked(dockerfile, ("useCache",))
    return shown


def health_checks(job: Job, hides_startup_probes: bool) -> Job:
    """`data` of get-job-health-checks: `port` under two older names, absent members as null."""
    checks = [check for check in job.get("healthChecks", []) if not (hides_startup_probes and check["type"] == "startupProbe")]
    return {"healthChecks": [health_check(check) for check in checks]}


def health_check(check: Job) -> Job:
    """One health check of get-job-health-checks."""
    shown = {**dict.fromkeys(NULL_IN_HEALTH_CHECKS), **without(check, ("port",))}
    if check["protocol"] in PORT_NAMES:
        shown[PORT_NAMES[check["protocol"]]] = check.get("port")
    return shown


def maps(job: Job, inherited: Job, names: tuple[str, ...], show: str) -> Job:
    """`data` of the environment sub-resources: the job's own values, the inherited ones, or both, the job's own first."""
    sources = {"this": [job], "inherited": [inherited], "all": [inherited, job]}[show]
    return copy.deepcopy({name: {key: value for source in sources for key, value in source.get(name, {}).items()} for name in names})


def picked(source: Job, names: tuple[str, ...]) -> dict[str, Any]:
    """A deep copy of these members, as far as they exist."""
    return copy.deepcopy({name: source[name] for name in names if name in source})


def without(source: Job, names: tuple[str, ...]) -> dict[str, Any]:
    """A deep copy without some members."""
    return copy.deepcopy({name: value for name, value in source.items() if name not in names})


VIEWS = {
    "lean": View(lean_job, NOT_IN_LEAN, lists_stages=False, lists_are_lean=True),
    "current": View(current_job),
    "rich": View(rich_job),
    "removed": View(removed_job, deprecated_are_gone=True),
}
