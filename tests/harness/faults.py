# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid of faults: each fault, the request that has it, and what a user is promised in each cell.

The expectations of each cell follow from these rules:

* If the fault goes away and a retry is allowed for its kind (Row.repeated), the task succeeds: it sends one request more,
  nothing else differs, and `changed` is as without the fault, even if the request had taken effect.
* If the fault stays, the task fails after the retry, and sends nothing more.
* The message names the request and the cause. If a PATCH may have been applied, the message contains that.
* A refused connection is not a request.
* If a PATCH took effect, the job has the requested values. Otherwise, it has the values from before.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from emulator import Emulator

from . import JOB, PROJECT
from .playbooks import MODULE, Task, connection

SECRET = "a value that no output may contain"
# ansible-core shows the lines of the playbook around a failure, so secrets are in variables there.
SECRET_VARIABLES = "secret_variables"
BEFORE, AFTER = "As it is", "As it shall be"
STORED = {"description": BEFORE, "runtimeEnvironment": {"VARIABLE": SECRET}, "runOnSourceChange": "always"}
RETRIES, RATE_LIMIT_WAIT = 1, 1

_JOB, _ENVIRONMENT, _PATCH = "get-job", "get-job-runtime-environment", "patch-manual-job"
_PATHS = {
    _JOB: f"GET /v1/projects/{PROJECT}/jobs/{JOB}",
    _ENVIRONMENT: f"GET /v1/projects/{PROJECT}/jobs/{JOB}/runtime-environment",
    _PATCH: f"PATCH /v1/projects/{PROJECT}/jobs/manual/{JOB}",
}
_UNSURE = " The change may have been applied. Run the task again to check."
_CONNECTION = "the connection failed: ... Check api_url and the network."
_LATE = "no response within 1 second (timeout). Check api_url and the network, or increase timeout."
_NOT_THE_API = "did not come from the API: {lack}. Check api_url and proxies."
_QUOTA = "429 Too Many Requests: This was ordered. The quota is used up. {reset}. Requests sent by this task: {{requests}}. Waited ..."


@dataclass(frozen=True)
class Row:
    """A fault: its kind and details for the emulator, and its message, with "..." for any text."""

    name: str
    kind: str
    words: str
    details: t.Mapping[str, t.Any] = field(default_factory=dict)
    repeated: bool = True
    carried_out: bool = False
    # Whether the client must assume that a PATCH may have been applied.
    unsure: bool = True
    timeout: int = 10
    # An operation for which this is not a fault.
    not_for: str = ""


@dataclass(frozen=True)
class Column:
    """The request that has a fault, and the requests around it that the task sends anyway."""

    name: str
    options: t.Mapping[str, t.Any]
    operation: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    changed: bool = False


REFUSED = "deaf"
ROWS = (
    Row("refused", REFUSED, _CONNECTION, unsure=False),
    Row("reset before it was read", "reset before", _CONNECTION),
    Row("reset after it was carried out", "reset after", _CONNECTION, carried_out=True),
    Row("cut body", "cut body", "the response was cut off. If this happens again, check proxies and the network.", carried_out=True),
    Row("HTML 200", "page", f"the response with status 200 {_NOT_THE_API.format(lack='it is not JSON')}", {"status": 200}, repeated=False),
    Row(
        "HTML 502",
        "page",
        "502 Bad Gateway: 502 A page of the gateway. The response is an HTML page. Check api_url and proxies.",
        {"status": 502},
    ),
    Row("HTML 502 after it was carried out", "page", "502 Bad Gateway: ...", {"status": 502, "carried_out": True}, carried_out=True),
    Row(
        "429 with Retry-After",
        "error",
        _QUOTA.format(reset="It resets in 1 second"),
        {"status": 429, "headers": {"Retry-After": "1"}},
        unsure=False,
    ),
    Row(
        "429 with x-ratelimit-reset",
        "error",
        _QUOTA.format(reset="It resets in 1 second"),
        {"status": 429, "bare": True, "headers": {"x-ratelimit-reset": "1"}},
        unsure=False,
    ),
    Row(
        "429 with a long Retry-After",
        "error",
        _QUOTA.format(reset="It resets in 3600 seconds"),
        {"status": 429, "headers": {"Retry-After": "3600"}},
        repeated=False,
        unsure=False,
    ),
    Row(
        "429 without headers",
        "error",
        _QUOTA.format(reset="The response does not contain the time until it resets"),
        {"status": 429, "bare": True},
        repeated=False,
        unsure=False,
    ),
    Row(
        "503 with Retry-After",
        "error",
        "503 Service Unavailable: Not now: ... Retry after 3600 seconds (Retry-After).",
        {"status": 503, "headers": {"Retry-After": "3600"}, "message": f"Not now: {SECRET}"},
    ),
    Row("slow headers", "slow headers", _LATE, {"interval": 0.1}, carried_out=True, timeout=1),
    Row("slow body", "slow body", _LATE, {"interval": 0.1}, carried_out=True, timeout=1),
    Row(
        "wrong shape",
        "answer",
        f"the response with status 200 {_NOT_THE_API.format(lack='it does not contain data')}",
        {"body": {"data": [SECRET]}},
        repeated=False,
    ),
    # In a sub-resource, this leaves its fields unknown, and a probe shows them.
    Row(
        "data of something else",
        "answer",
        f"the response with status 200 {_NOT_THE_API.format(lack='its data does not contain id')}",
        {"body": {"data": {"name": SECRET}}},
        repeated=False,
        not_for=_ENVIRONMENT,
    ),
)
COLUMNS = (
    Column("GET job", {}, _JOB, after=(_ENVIRONMENT,)),
    Column("GET sub-resource", {}, _ENVIRONMENT, before=(_JOB,)),
    Column("probe", {"run_on_source_change": "always"}, _PATCH, before=(_JOB,)),
    Column("PATCH", {"description": AFTER}, _PATCH, before=(_JOB, _ENVIRONMENT), changed=True),
)


@dataclass(frozen=True)
class Cell:
    """A fault that happens to a request, once or as often as it is sent."""

    row: Row
    column: Column
    stays: bool

    def __str__(self) -> str:
        return f"{self.row.name}, {self.column.name}"

    @property
    def requests(self) -> list[tuple[str, str]]:
        """The requests that are sent, each with the kind of its fault."""
        before = [(operation, "") for operation in self.column.before]
        if self.row.kind == REFUSED:
            # The response before is the last one of the server.
            return [*before[:-1], *((operation, REFUSED) for operation, usual in before[-1:])]
        faulty = (self.column.operation, self.row.kind)
        if not self.stays:
            return [*before, faulty, (self.column.operation, ""), *((operation, "") for operation in self.column.after)]
        return [*before, *[faulty] * (1 + RETRIES if self.row.repeated else 1)]

    @property
    def message(self) -> re.Pattern[str]:
        """The message of the task if the fault stays."""
        unsure = _UNSURE if self.row.unsure and self.column.changed else ""
        text = f"{_PATHS[self.column.operation]}: {self.row.words.format(requests=len(self.requests))}{unsure}"
        return re.compile(re.escape(text).replace(r"\.\.\.", ".*"))

    @property
    def stored(self) -> dict[str, t.Any]:
        """The fields of the job at the end that the task could change."""
        is_changed = self.column.changed and (self.row.carried_out or not self.stays)
        return {**STORED, "description": AFTER if is_changed else BEFORE}

    def prepare(self, emulator: Emulator) -> None:
        """Store the job and order the fault; the emulator runs."""
        emulator.add_job(PROJECT, JOB, STORED)
        if self.row.kind != REFUSED:
            emulator.order(self.row.kind, self.column.operation, times=None if self.stays else 1, **self.row.details)
        elif self.column.before:
            emulator.order(REFUSED, self.column.before[-1])
        else:
            emulator.stop()

    def task(self, emulator: Emulator, environment: t.Any = None) -> Task:
        """A task that sends the request, with a secret in the environment of the job, or with this one."""
        limits = {"retries": RETRIES, "timeout": self.row.timeout, "rate_limit_wait": RATE_LIMIT_WAIT}
        stated = {"description": BEFORE, "runtime_environment": environment or STORED["runtimeEnvironment"], **self.column.options}
        return {"name": str(self), MODULE: connection(emulator, **limits, **stated)}


_FAULTS = [(row, column) for row in ROWS for column in COLUMNS if column.operation != row.not_for]
GOES_AWAY = [Cell(row, column, stays=False) for row, column in _FAULTS if row.repeated and row.kind != REFUSED]
STAYS = [Cell(row, column, stays=True) for row, column in _FAULTS]
