# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Runs of jobs. The course of each is planned before, and continues with each read of its details."""

from __future__ import annotations

import copy
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

STATUSES = ("SUCCESS", "FAILED")
TICK = timedelta(milliseconds=1)


class Plan(NamedTuple):
    """The course of a run, as World.plan_run() describes it."""

    reads: int | None = 1
    status: str = "SUCCESS"
    log: Sequence[Sequence[Any]] = ()
    fields: Mapping[str, Any] = {}


class Line(NamedTuple):
    """A line of the log of a run."""

    time: datetime
    log: Any
    container_id: str

    def shown(self, with_container: bool) -> dict[str, Any]:
        """The line as get-job-logs shows it."""
        shown = {"ts": moment(self.time, "milliseconds"), "log": self.log}
        return {**shown, "containerId": self.container_id} if with_container else shown


@dataclass
class Run:
    """A run; `overrides` is the body of the request that started it, None if it had none."""

    id: str
    name: str
    overrides: Any
    plan: Plan
    backoff_limit: int
    started: datetime
    reads: int = 0
    aborted: bool = False
    concluded_at: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    # How many groups of the plan's log are among the lines.
    groups: int = 0

    @property
    def concluded(self) -> bool:
        """Whether it has ended."""
        return self.concluded_at is not None

    @property
    def status(self) -> str:
        """RUNNING, SUCCESS or FAILED."""
        if not self.concluded:
            return "RUNNING"
        return "FAILED" if self.aborted else self.plan.status

    def shown(self) -> dict[str, Any]:
        """The run as get-run-details shows it."""
        return {
            "id": self.id,
            "runName": self.name,
            "status": self.status,
            "concluded": self.concluded,
            "active": int(not self.concluded),
            "succeeded": int(self.status == "SUCCESS"),
            "failed": int(self.status == "FAILED"),
            "completions": 1,
            "backoffLimit": self.backoff_limit,
            "startedAt": moment(self.started, "seconds"),
            # The contract requires it of a run in progress too.
            "concludedAt": moment(self.concluded_at, "seconds") if self.concluded_at else "",
            **copy.deepcopy(self.plan.fields),
        }


class Runs:
    """All runs of all jobs, and the plans for later runs."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], list[Run]] = {}
        self._plans: list[Plan] = []
        self._last = datetime.min.replace(tzinfo=timezone.utc)

    def plan(self, plan: Plan) -> None:
        """Add a plan for a later run."""
        if plan.status not in STATUSES:
            raise ValueError(f"unknown status {plan.status!r}, a run ends with: {', '.join(STATUSES)}")
        if plan.reads is not None and plan.reads < 1:
            raise ValueError("a run is over at its first read at the earliest: reads is 1 or more, or None")
        if any(isinstance(lines, str) for lines in plan.log):
            raise ValueError("log is a sequence of sequences of lines")
        self._plans.append(copy.deepcopy(plan))

    def of(self, project_id: str, job_id: str) -> list[Run]:
        """The runs of a job, the oldest first."""
        return self._runs.get((project_id, job_id), [])

    def forget(self, project_id: str, job_id: str) -> None:
        """Forget the runs of a job."""
        self._runs.pop((project_id, job_id), None)

    def find(self, project_id: str, job_id: str, run_id: str) -> Run | None:
        """A run of a job by its id."""
        return next((run for run in self.of(project_id, job_id) if run.id == run_id), None)

    def start(self, project_id: str, job_id: str, overrides: Any, backoff_limit: int) -> Run:
        """Start a run with the next plan."""
        plan = self._plans.pop(0) if self._plans else Plan()
        run = Run(str(uuid.uuid4()), f"{job_id}-{secrets.token_hex(12)}", overrides, plan, backoff_limit, self._tick())
        self._runs.setdefault((project_id, job_id), []).append(run)
        return run

    def read(self, run: Run) -> None:
        """Count a read of the details of a run, and continue the run."""
        run.reads += 1
        is_over = run.plan.reads is not None and run.reads >= run.plan.reads
        self._write(run, len(run.plan.log) if is_over else run.reads)
        if is_over and not run.concluded:
            run.concluded_at = self._tick()

    def abort(self, run: Run) -> None:
        """Abort a run."""
        self._write(run, len(run.plan.log))
        run.aborted, run.concluded_at = True, self._tick()

    def _write(self, run: Run, groups: int) -> None:
        """Write the log of a run up to this number of groups."""
        for lines in run.plan.log[run.groups : groups]:
            run.lines += [Line(self._tick(), log, f"{run.name}-{run.id[:5]}") for log in lines]
        run.groups = max(run.groups, groups)

    def _tick(self) -> datetime:
        """The present time, later than any before."""
        now = datetime.now(timezone.utc)
        self._last = max(now.replace(microsecond=now.microsecond // 1000 * 1000), self._last + TICK)
        return self._last


def moment(time: datetime, precision: str) -> str:
    """A time as the API writes it."""
    return time.isoformat(timespec=precision).replace("+00:00", "Z")
