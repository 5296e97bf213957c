# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Mixtures of the API states: each unit that a rollout could switch by itself is shown as in one of the states."""

from __future__ import annotations

from collections.abc import Mapping

from ._jobs import MAPS, Job, put_at, value_at
from ._views import NOT_IN_LEAN, SETTINGS, View, view

# Where get-job has a unit, in any state. If the presence of an object makes its fields known, it is one unit. Otherwise,
# a missing field could be both not set and unknown (fields.md, rule 3 of the four states).
FIELDS = {
    "stageId": ("stageId",),
    "billing.buildPlan": ("billing.buildPlan",),
    "billing.gpu": ("billing.gpu",),
    "buildConfiguration.ignoreEmptyCommits": ("buildConfiguration.ignoreEmptyCommits",),
    "buildSettings": ("buildSettings", "vcsData", "buildEngineConfiguration"),
    "deployment": ("deployment",),
    **{name: (name,) for name in (*MAPS, "healthChecks")},
    **{name: (name, f"settings.{name}") for name in SETTINGS},
}
# These exist, or are removed.
OPERATIONS = (
    "get-job-health-checks",
    "get-job-runtime-environment",
    "get-job-build-arguments",
    "get-job-deployment",
    "patch-manual-job",
    "create-manual-job",
    "update-job-deployment",
    "update-job-build-source",
    "scale-job",
)
UNITS = (*FIELDS, *OPERATIONS)


def mixture(state: str, units: Mapping[str, str]) -> View:
    """The view of a state, with these units as other states have them: {unit: state}."""
    for unit in units:
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit!r}, known are: {', '.join(UNITS)}")
    base = view(state)
    chosen = {unit: view(other) for unit, other in units.items()}

    def get_job(job: Job, project_id: str) -> Job:
        shown = base.get_job(job, project_id)
        for unit, other in chosen.items():
            source = other.get_job(job, project_id)
            for place in FIELDS.get(unit, ()):
                put_at(shown, place, value_at(source, place))
        return _with_whole_settings(shown, job)

    return View(
        get_job,
        unknown_fields=tuple(path for path in NOT_IN_LEAN if path in chosen.get(_unit_of(path), base).unknown_fields),
        deprecated_are_gone=base.deprecated_are_gone,
        lists_stages=chosen.get("stageId", base).lists_stages,
        lists_are_lean=base.lists_are_lean,
        switched={unit: chosen[unit].deprecated_are_gone for unit in OPERATIONS if unit in chosen},
    )


def _with_whole_settings(shown: Job, job: Job) -> Job:
    """A response with `settings` as the contract requires: always with backoffLimit, even if it also has another name."""
    if shown.get("settings"):
        shown["settings"]["backoffLimit"] = job["backoffLimit"]
    else:
        shown.pop("settings", None)
    return shown


def _unit_of(path: str) -> str:
    """The unit that a field belongs to."""
    return next(unit for unit in FIELDS if f"{path}.".startswith(f"{unit}."))
