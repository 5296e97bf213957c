# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The operations on one run, and the logs of a job."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from ._call import Call
from ._errors import ApiError
from ._runs import Run
from ._world import World

_FRACTION = re.compile(r"\.(\d+)")
DEFAULT_LIMIT, MOST_LINES = 100, 10**6
# Documented, but not emulated: a refusal is better than no effect.
NOT_EMULATED = frozenset({"containerName", "duration", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"})


def run_job(world: World, call: Call) -> dict[str, Any]:
    """run-job: start a run."""
    run = world.runs.start(call.project_id, call.job_id, call.body, call.job.get("backoffLimit", 0))
    return {"id": run.id, "runName": run.name}


def get_run(world: World, call: Call) -> dict[str, Any]:
    """get-run-details: the run, which this read continues."""
    run = _run(world, call)
    world.runs.read(run)
    return run.shown()


def abort_run(world: World, call: Call) -> dict[str, Any]:
    """abort-job-run."""
    run = _run(world, call)
    if run.concluded:
        raise ApiError(409, "conflict", f"The run {run.id} is over.")
    if not world.ignores_aborts:
        world.runs.abort(run)
    return {}


def get_logs(world: World, call: Call) -> list[dict[str, Any]]:
    """get-job-logs: lines of one run or of all; other types of lines than those of runs do not exist."""
    for name in sorted(NOT_EMULATED & set(call.query)):
        raise ApiError(501, "not-implemented", f"The emulator does not know the parameter {name} of get-job-logs.")
    runs = [run for run in world.runs.of(call.project_id, call.job_id) if call.query.get("runId") in (None, run.id)]
    if "runtime" not in (call.query.getlist("type") or ["runtime"]):
        runs = []
    start, end = _time(call, "startTime", datetime.min), _time(call, "endTime", datetime.max)
    lines = sorted(
        (line for run in runs for line in run.lines if start <= line.time <= end),
        key=lambda line: line.time,
        reverse=call.query.get("direction") != "forward",
    )
    limit = int(max(0, min(float(call.query.get("lineLimit", DEFAULT_LIMIT)), MOST_LINES)))
    return [line.shown(not world.shows_no_containers) for line in lines[:limit]]


def _run(world: World, call: Call) -> Run:
    """The run in the path."""
    run = world.runs.find(call.project_id, call.job_id, call.run_id)
    if run is None:
        raise ApiError(404, "not-found", f"No run {call.run_id} of the job {call.job_id}.")
    return run


def _time(call: Call, name: str, default: datetime) -> datetime:
    """A time in the query."""
    # Python 3.10 reads three or six digits of a second only.
    text = _FRACTION.sub(lambda found: f".{found[1].ljust(6, '0')[:6]}", call.query.get(name, "")).replace("Z", "+00:00")
    try:
        time = datetime.fromisoformat(text) if name in call.query else default
    except ValueError:
        raise ApiError(400, "bad-request", f"{name} is no time.") from None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
