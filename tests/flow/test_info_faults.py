# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault with the requests of northflank_manual_job_info: the grid of tests/harness/faults.py with other columns."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from emulator import Emulator
from harness import JOB, PROJECT
from harness.fault_grid import EachCell
from harness.faults import BEFORE, RATE_LIMIT_WAIT, REFUSED, RETRIES, ROWS, Cell, Column, Row
from harness.info_tasks import all_jobs
from harness.phases import Observation
from harness.playbooks import Task

_LIST, _JOB, _ENVIRONMENT = "list-jobs", "get-job", "get-job-runtime-environment"
_PATHS = {
    _LIST: f"GET /v1/projects/{PROJECT}/jobs",
    _JOB: f"GET /v1/projects/{PROJECT}/jobs/{JOB}",
    _ENVIRONMENT: f"GET /v1/projects/{PROJECT}/jobs/{JOB}/runtime-environment",
}
COLUMNS = (
    Column("GET list", {}, _LIST, after=(_JOB, _ENVIRONMENT)),
    Column("GET job", {}, _JOB, before=(_LIST,), after=(_ENVIRONMENT,)),
    Column("GET sub-resource", {"job_id": JOB}, _ENVIRONMENT, before=(_JOB,)),
)


@dataclasses.dataclass(frozen=True)
class ReadCell(Cell):
    """A fault that happens to a request of a task that only reads."""

    __str__ = Cell.__str__

    @property
    def message(self) -> re.Pattern[str]:
        """The message of the task if the fault stays."""
        words = self.row.words.format(requests=len(self.requests))
        shown = words.replace("does not contain id", "does not contain jobs") if self.column.operation == _LIST else words
        return re.compile(re.escape(f"{_PATHS[self.column.operation]}: {shown}").replace(r"\.\.\.", ".*"))

    def task(self, emulator: Emulator, environment: t.Any = None) -> Task:
        """A task that sends the request. It sets no environment."""
        limits = {"retries": RETRIES, "timeout": self.row.timeout, "rate_limit_wait": RATE_LIMIT_WAIT}
        return {"name": str(self), **all_jobs(emulator, **limits, gather=["runtime_environment"], **self.column.options)}


def _without_secret(row: Row) -> Row:
    """A row whose error quotes no secret. This task sets none, so it could not be masked."""
    details = {name: value for name, value in row.details.items() if name != "message"}
    return dataclasses.replace(row, details={**details, "message": "Not now: later"} if "message" in row.details else details)


def _takes_time(row: Row) -> bool:
    headers = row.details.get("headers", {})
    return row.timeout == 1 or headers.get("Retry-After") == "1" or "x-ratelimit-reset" in headers


# Faults that take seconds are the same for each request, because the client handles them. They are tried with the list.
_FAULTS = [
    (_without_secret(row), column)
    for row in ROWS
    for column in COLUMNS
    if column.operation != row.not_for and (column.operation == _LIST or not _takes_time(row))
]


class TestReadWithFaultThatGoesAway(EachCell):
    """A fault that goes away before the retry."""

    cells: t.ClassVar[list[Cell]] = [ReadCell(row, column, stays=False) for row, column in _FAULTS if row.repeated and row.kind != REFUSED]

    def test_the_task_returns_the_same_as_without_the_fault(self, seen: Observation) -> None:
        assert seen.result.get("failed") is not True, seen.result["msg"]
        assert (seen.result["changed"], seen.result.get("warnings", [])) == (False, [])
        (job,) = seen.result["jobs"]
        assert (job["description"], job["runtime_environment_keys"]) == (BEFORE, ["VARIABLE"])


class TestReadWithFaultThatStays(EachCell):
    """A fault that stays."""

    cells: t.ClassVar[list[Cell]] = [ReadCell(row, column, stays=True) for row, column in _FAULTS]

    def test_the_task_fails_with_the_cause(self, seen: Observation, cell: Cell) -> None:
        assert seen.result.get("failed") is True
        assert cell.message.fullmatch(seen.result["msg"]), (seen.result["msg"], cell.message.pattern)

    def test_a_failure_shows_no_jobs(self, seen: Observation) -> None:
        assert (seen.result.get("jobs"), bool(seen.result.get("changed"))) == (None, False)
