# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The state of the emulator: projects, jobs, runs, tokens, how it behaves, and the requests so far."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ._contract import contract
from ._errors import ApiError
from ._faults import Fault, Order, Orders, fault
from ._jobs import ABSENT, Job, new_job, usual_name, value_at
from ._mixtures import UNITS, mixture
from ._quota import Quota
from ._runs import Plan, Run, Runs
from ._views import VIEWS, View, view


class Choice:
    """An attribute that has one of a few values. Any other raises ValueError."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance: Any, value: str) -> None:
        if value not in self.words:
            raise ValueError(f"unknown {self.name} {value!r}, known are: {', '.join(self.words)}")
        instance.__dict__[self.name] = value


class State(Choice):
    """The API state. Setting it ends a mixture."""

    def __set__(self, instance: World, value: str) -> None:
        super().__set__(instance, value)
        instance.view = view(value)


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it was sent, the status of its response (0: it was not read completely), and the kind of its fault.

    `operation` is the operationId without ".team".
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    team_id: str | None
    project_id: str | None
    job_id: str | None
    operation: str | None
    connection: int
    fault: str


class Token(NamedTuple):
    """The permissions of a token, and its projects (None: all)."""

    permissions: frozenset[str]
    projects: frozenset[str] | None


class World:
    """The emulated account. Each public attribute can be set at any time."""

    # The token with all permissions that works until another one is added.
    TOKEN = "emulator"

    # What mix() can switch.
    UNITS = UNITS

    state = State(*VIEWS)
    objects = Choice("replace", "merge")
    maps = Choice("replace", "merge")
    # With "cursor", a list with more entries contains one. Both can be requested in any case.
    pages_by = Choice("page", "cursor")

    def __init__(self, state: str, objects: str, maps: str, team: str | None) -> None:
        self.view: View
        self.state = state
        self.objects = objects
        self.maps = maps
        self.team = team
        self.pages_by = "page"
        self.hides_startup_probes = False
        # list-jobs shows no tags, although get-job does.
        self.hides_tags_in_lists = False
        # get-job-logs shows no containerId.
        self.shows_no_containers = False
        # abort-job-run returns the usual response, and the run continues.
        self.ignores_aborts = False
        # Responses with a job contain no secrets if the token cannot read them.
        self.hides_secrets = False
        # The ID of a job that is created, if it is not the slug of its name.
        self.created_id = ""
        # Dotted PATCH paths that PATCH does not change, without an error.
        self.ignored_fields: set[str] = set()
        # Operations that are removed besides those of the state, and the status that all of them return.
        self.gone: set[str] = set()
        self.gone_status = 404
        # PATCH refuses each body, and quotes it in its error.
        self.refuses_and_quotes = False
        # What secret groups add: {"runtimeEnvironment": {…}, "runtimeFiles": {…}, "buildArguments": {…}, "buildFiles": {…}}.
        self.inherited: Job = {}
        self.requests: list[RecordedRequest] = []
        self.violations: list[str] = []
        # For the handlers. A test reads runs_of().
        self.runs = Runs()
        # Held while one request is handled.
        self.lock = threading.RLock()
        self._quota = Quota()
        self._orders = Orders()
        self._projects: dict[str, dict[str, Any]] = {}
        self._jobs: dict[str, dict[str, Job]] = {}
        self._tokens: dict[str, Token] = {}

    def mix(self, units: Mapping[str, str]) -> None:
        """Show some units as in other states, {unit: state}, and all others as in `state`, until that is set again."""
        self.view = mixture(self.state, units)

    def order(self, kind: str, operation: str | None = None, *, skip: int = 0, times: int | None = 1, **details: Any) -> None:
        """Order a fault of a kind and with the details that KINDS in _faults.py lists.

        It happens to the requests of this operation (None: of any), after the first `skip` of them, `times` times
        (None: each time). If there are several orders, the first that is due applies.
        """
        if operation is not None and all(known.name != operation for known in contract().operations):
            raise ValueError(f"the contract has no operation {operation!r}")
        ordered = Order(fault(kind, details), operation, skip, times)
        with self.lock:
            self._orders.add(ordered)

    def take_fault(self, method: str, path: str) -> Fault:
        """What happens to the next request."""
        match, path_is_known = contract().find(method, path)
        with self.lock:
            return self._orders.take(match.operation.name if match else None)

    def add_project(self, project_id: str, **fields: str) -> None:
        """Store a project, with or without jobs, or add fields to one. `fields` has the shape of an entry of list-projects."""
        with self.lock:
            self._projects[project_id] = {"id": project_id, "name": usual_name(project_id), **fields}

    def projects(self) -> dict[str, dict[str, Any]]:
        """All projects by their IDs, in the order in which they were added."""
        with self.lock:
            return dict(self._projects)

    def add_job(self, project_id: str, job_id: str, fields: Job | None = None) -> None:
        """Store a job, or replace it. `fields` has the shape of the response of PATCH, with fields that only get-job shows."""
        self.store(project_id, job_id, new_job(project_id, job_id, self.team or "example-user", fields or {}))

    def job(self, project_id: str, job_id: str) -> Job:
        """A copy of the stored job."""
        with self.lock:
            return copy.deepcopy(self._jobs[project_id][job_id])

    def jobs_of(self, project_id: str) -> Mapping[str, Job]:
        """The stored jobs of a project by their IDs. They are not copied, because copies of many would take long."""
        return self._jobs.get(project_id, {})

    def store(self, project_id: str, job_id: str, job: Job) -> None:
        """Store this as the job."""
        with self.lock:
            if project_id not in self._projects:
                self.add_project(project_id)
            self._jobs.setdefault(project_id, {})[job_id] = job

    def remove_job(self, project_id: str, job_id: str) -> None:
        """Remove a job and its runs."""
        with self.lock:
            del self._jobs[project_id][job_id]
            self.runs.forget(project_id, job_id)

    def require_known_fields(self, body: Job) -> None:
        """Refuse a body with fields that the present state does not have yet."""
        unknown = [path for path in self.view.unknown_fields if value_at(body, path, ABSENT) is not ABSENT]
        if unknown:
            details = {f"body.{path}": ["is not allowed"] for path in unknown}
            raise ApiError(400, "bad-request", f"Unknown fields in the request: {', '.join(unknown)}.", details)

    def has_project(self, project_id: str) -> bool:
        """Whether this project, or a job of it, is stored."""
        return project_id in self._projects

    def has_job(self, project_id: str, job_id: str) -> bool:
        """Whether a job with these IDs is stored."""
        return job_id in self._jobs.get(project_id, {})

    def plan_run(
        self, *, reads: int | None = 1, status: str = "SUCCESS", log: Sequence[Sequence[Any]] = (), fields: Mapping[str, Any] | None = None
    ) -> None:
        """Plan the course of the next run without a plan.

        It ends with this status at this number of reads of its details (None: only by an abort). Each read adds the next
        group of lines of `log`, any JSON values. The read at its end adds all others, and so does an abort.
        `fields` has the shape of the response of get-run-details, with values that differ from the usual ones.
        """
        with self.lock:
            self.runs.plan(Plan(reads, status, log, fields or {}))

    def runs_of(self, project_id: str, job_id: str) -> list[Run]:
        """Copies of the runs of a job, the oldest first: id, name, overrides, status, concluded, reads, aborted, lines."""
        with self.lock:
            return copy.deepcopy(self.runs.of(project_id, job_id))

    def add_token(self, token: str, permissions: Iterable[str] | None = None, projects: Iterable[str] | None = None) -> None:
        """Accept a token. Permissions have the names of x-permission in the contract. The defaults are all permissions and all projects."""
        granted = contract().permissions if permissions is None else frozenset(permissions)
        unknown = granted - contract().permissions
        if unknown:
            raise ValueError(f"the contract has no permissions {sorted(unknown)}")
        self._tokens[token] = Token(granted, None if projects is None else frozenset(projects))

    def permissions_of(self, token: str) -> frozenset[str] | None:
        """The permissions of a token, or None for an unknown token."""
        known = (self._tokens or {self.TOKEN: Token(contract().permissions, None)}).get(token)
        return known and known.permissions

    def reaches(self, token: str, project_id: str) -> bool:
        """Whether an accepted token is valid for this project."""
        known = self._tokens.get(token)
        return known is None or known.projects is None or project_id in known.projects

    def is_gone(self, operation: str, deprecated: bool) -> bool:
        """Whether an operation no longer exists."""
        return operation in self.gone or (deprecated and self.view.is_gone(operation))

    def requests_of(self, project_id: str, job_id: str) -> list[RecordedRequest]:
        """The recorded requests about one job."""
        return [request for request in self.requests if (request.project_id, request.job_id) == (project_id, job_id)]

    @property
    def quota(self) -> int:
        """The number of requests that each window allows."""
        return self._quota.limit

    @quota.setter
    def quota(self, limit: int) -> None:
        self._quota.limit = limit

    @property
    def quota_used(self) -> int:
        """The number of requests so far in the present window."""
        return self._quota.used

    @quota_used.setter
    def quota_used(self, count: int) -> None:
        self._quota.used = count

    @property
    def rate_limit_reset(self) -> float:
        """The length of the window in seconds. It starts with the first request, and after it the quota is full again."""
        return self._quota.window

    @rate_limit_reset.setter
    def rate_limit_reset(self, seconds: float) -> None:
        self._quota.window = seconds

    def take_quota(self) -> bool:
        """Count a request. Returns False if the quota is used up."""
        return self._quota.take()

    def quota_headers(self) -> dict[str, str]:
        """The present headers about the quota."""
        return self._quota.headers()
