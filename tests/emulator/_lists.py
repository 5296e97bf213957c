# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The operations that list projects, jobs and runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ._call import Call
from ._jobs import Job
from ._pages import Page, page_of
from ._views import without
from ._world import World

Stored = TypeVar("Stored")


def list_projects(world: World, call: Call) -> Page:
    """list-projects: all of them, also for a token that is limited to some."""
    return _page(world, call, "projects", world.projects(), world.view.project_entry)


def list_jobs(world: World, call: Call) -> Page:
    """list-jobs, as the present state or mixture shows them."""
    hidden = ("tags",) if world.hides_tags_in_lists else ()
    return _page(
        world, call, "jobs", world.jobs_of(call.project_id), lambda job: without(world.view.list_entry(job, call.project_id), hidden)
    )


def list_runs(world: World, call: Call) -> Page:
    """get-job-runs, the newest first. This is not a read of their details."""
    runs = world.runs.of(call.project_id, call.job_id)
    return _page(world, call, "runs", {run.id: run for run in reversed(runs)}, lambda run: run.shown())


def _page(world: World, call: Call, name: str, stored: Mapping[str, Stored], show: Callable[[Stored], Job]) -> Page:
    """The page that a call requests. Only its entries are made, because lists may be long."""
    ids, pagination = page_of((name, call.project_id, call.job_id), list(stored), call.query, world.pages_by == "cursor")
    return Page(name, [show(stored[key]) for key in ids], pagination)
