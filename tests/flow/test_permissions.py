# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens with few permissions: what they allow, how tasks handle secrets that they cannot read, and how a failure names the permission.

What is expected of a task is derived from what its token may do. The names of permissions are those of the contract: the emulator
refuses to know any other.
"""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator
from harness import GROUPS, PROJECT, READ, SECRETS, UPDATE
from harness.flows import Flows
from harness.phases import Observation
from harness.playbooks import MODULE, Task, connection
from harness.selection import selected

TOKENS = {
    "everything": {READ, UPDATE, SECRETS, GROUPS},
    "no secret groups": {READ, UPDATE, SECRETS},
    "no secrets of jobs": {READ, UPDATE, GROUPS},
    "no secrets": {READ, UPDATE},
    "no update": {READ, SECRETS, GROUPS},
    "only read": {READ},
    "no read": {UPDATE, SECRETS, GROUPS},
    "nothing": set(),
}
PHASES = ("unchanged", "other field", "secret", "check")
STORED = {"description": "As it is", "disabledCI": False, "runtimeEnvironment": {"A": "1"}}
DESCRIPTION, ENVIRONMENT = "description", "runtime_environment"
# What a secret group adds. It must not be treated as the job's own value, or be written back.
INHERITED = {"runtimeEnvironment": {"INHERITED": "from a group"}}


@dataclass(frozen=True)
class Case:
    """A task with a token, and a job of its own."""

    token: str
    unreadable: str
    phase: str

    def __str__(self) -> str:
        return f"{self.token}, {self.unreadable}, {self.phase}"

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self).replace(", ", "-").replace(" ", "-")

    @property
    def options(self) -> dict[str, t.Any]:
        """What the task states."""
        description = "New" if self.phase in ("other field", "check") else "As it is"
        environment = {"A": "2"} if self.phase in ("secret", "check") else {"A": "1"}
        return {DESCRIPTION: description, ENVIRONMENT: environment, "unreadable": self.unreadable}

    def task(self, emulator: Emulator) -> Task:
        """The task."""
        options = connection(emulator, api_token=self.token.replace(" ", "-"), job_id=self.job_id, **self.options)
        return {"name": str(self), MODULE: options, "check_mode": self.phase == "check"}

    @property
    def permissions(self) -> set[str]:
        """What the token may do."""
        return TOKENS[self.token]


POLICIES = ("probe", "apply", "skip")
CASES = list(itertools.starmap(Case, itertools.product(TOKENS, POLICIES, PHASES)))


def makes_a_difference(case: Case) -> bool:
    """Without the permission to read jobs, no other permission matters. In check mode, "apply" is the same as "probe"."""
    if READ not in case.permissions:
        return (case.unreadable, case.phase) in (("probe", "unchanged"), ("probe", "check"))
    return (case.unreadable, case.phase) != ("apply", "check")


@dataclass(frozen=True)
class Expected:
    """The expected end of a task: missing is the permission that a failure names, stored are the other fields of the job.

    Of a failure, unknown_fields are those that a probe was for.
    """

    missing: str = ""
    changed_fields: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    stored: t.Mapping[str, t.Any] | None = None


def expected(case: Case, shows_secrets: bool) -> Expected:
    """By what the token may do, and by whether get-job shows secrets to it."""
    if READ not in case.permissions:
        return Expected(missing=READ)
    is_unknown = not shows_secrets and SECRETS not in case.permissions
    differing = {"unchanged": (), "other field": (DESCRIPTION,), "secret": (ENVIRONMENT,), "check": (DESCRIPTION, ENVIRONMENT)}[case.phase]
    known = tuple(name for name in differing if name != ENVIRONMENT or not is_unknown)
    if is_unknown and case.unreadable == "skip" and not known:
        return Expected(unknown_fields=(ENVIRONMENT,))
    # If the description differs, or with "apply", an unknown environment is sent along. Otherwise, a probe shows it first.
    goes_along = is_unknown and (bool(known) or case.unreadable == "apply" or case.phase == "check")
    sent = tuple(sorted({*known, *((ENVIRONMENT,) if goes_along else differing)}))
    unknown = (ENVIRONMENT,) if goes_along else ()
    if case.phase == "check":
        return Expected(changed_fields=sent, unknown_fields=unknown)
    if UPDATE not in case.permissions and (sent or is_unknown):
        return Expected(missing=UPDATE, unknown_fields=(ENVIRONMENT,) if is_unknown and not goes_along else ())
    written = {"description": case.options[DESCRIPTION], "runtimeEnvironment": case.options[ENVIRONMENT]}
    return Expected(changed_fields=sent, unknown_fields=unknown, stored=written)


Test = t.TypeVar("Test", bound=t.Callable[..., None])


def about(condition: t.Callable[[Case, Expected], t.Any]) -> t.Callable[[Test], Test]:
    """Run a test for some cases only."""

    def mark(test: Test) -> Test:
        setattr(test, "condition", condition)
        return test

    return mark


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of an API runs for the cases that it is about."""
    if "case" in metafunc.fixturenames:
        api = metafunc.cls
        cases = [case for case in CASES if makes_a_difference(case) and case.token in api.tokens and case.unreadable in api.policies]
        condition = getattr(metafunc.function, "condition", lambda case, due: True)
        metafunc.parametrize("case", [case for case in cases if condition(case, expected(case, api.shows_secrets))], ids=str)


@pytest.fixture(scope="class")
def observed(request: pytest.FixtureRequest) -> dict[Case, Observation]:
    """What the selected cases left: they are run once, for all tests of an API."""
    cases = selected(request, "case")
    with Emulator(state=request.cls.state) as emulator:
        emulator.mix(request.cls.units)
        emulator.inherited = INHERITED
        for name, permissions in TOKENS.items():
            emulator.add_token(name.replace(" ", "-"), permissions)
        for case in cases:
            emulator.add_job(PROJECT, case.job_id, STORED)
        before = {case: emulator.job(PROJECT, case.job_id) for case in cases}
        run = Flows().run(*(case.task(emulator) for case in cases))
        assert emulator.violations == []
        return {
            case: Observation(result, emulator.requests_of(PROJECT, case.job_id), before[case], emulator.job(PROJECT, case.job_id))
            for case, result in zip(cases, run.results, strict=True)
        }


@pytest.fixture
def seen(observed: dict[Case, Observation], case: Case) -> Observation:
    """What the task left."""
    return observed[case]


class EachToken:
    """The tests of an API. A class for each, so that they run side by side (pytest-xdist, loadscope)."""

    state: t.ClassVar[str]
    units: t.ClassVar[dict[str, str]] = {}
    # Whether get-job shows secrets to a token that may read jobs. If so, nothing is unknown.
    shows_secrets = True
    tokens: t.ClassVar[t.Collection[str]] = TOKENS
    policies: t.ClassVar[t.Collection[str]] = ("probe", "skip")

    @pytest.fixture
    def due(self, case: Case) -> Expected:
        """The expected end of the task."""
        return expected(case, self.shows_secrets)

    def test_a_task_fails_only_because_of_a_missing_permission(self, seen: Observation, due: Expected) -> None:
        assert bool(seen.result.get("failed")) is bool(due.missing), seen.result.get("msg")

    def test_the_job_has_the_requested_values_and_loses_nothing(self, seen: Observation, due: Expected) -> None:
        assert seen.after == {**seen.before, **(due.stored or {})}

    def test_no_operation_is_refused_twice(self, seen: Observation) -> None:
        refused = [request.operation for request in seen.requests if request.status == 403]
        assert len(refused) == len(set(refused)) <= 2

    @about(lambda case, due: due.missing)
    def test_a_failure_names_the_permission_and_claims_no_change(self, seen: Observation, due: Expected) -> None:
        assert (
            f'403 Forbidden: The token lacks the permission {due.missing}. The token needs the permission "{due.missing}".'
            in seen.result["msg"]
        )
        assert (seen.result["error"]["status"], seen.result.get("changed", False)) == (403, False)

    @about(lambda case, due: not due.missing)
    def test_a_task_reports_what_it_changes_and_what_it_cannot_read(self, seen: Observation, due: Expected) -> None:
        reported = tuple(seen.result[name] for name in ("changed", "changed_fields", "unknown_fields"))
        assert reported == (bool(due.changed_fields), list(due.changed_fields), list(due.unknown_fields))

    @about(lambda case, due: not due.missing)
    def test_a_warning_names_the_permission_that_would_show_unknown_fields(self, seen: Observation, case: Case, due: Expected) -> None:
        # A value that was sent along with another change is known after the task.
        is_in_doubt = due.unknown_fields and (case.phase != "other field" or case.unreadable == "apply")
        named = [f'{ENVIRONMENT} (the token lacks the permission "{SECRETS}")' in warning for warning in seen.result.get("warnings", [])]
        assert named == [True] * bool(is_in_doubt)

    @about(lambda case, due: case.phase == "check")
    def test_check_mode_writes_nothing(self, seen: Observation) -> None:
        assert {request.method for request in seen.requests} == {"GET"}


class EachTokenWithoutSecrets(EachToken):
    """An API whose get-job does not show secrets."""

    shows_secrets = False
    policies = POLICIES

    @about(lambda case, due: due.missing == UPDATE and due.unknown_fields)
    def test_a_failure_of_a_probe_names_its_purpose_and_what_to_do(self, seen: Observation) -> None:
        assert f'Only the response to PATCH contains {ENVIRONMENT} (the token lacks the permission "{SECRETS}").' in seen.result["msg"]
        assert "If the token can only read, use unreadable: skip." in seen.result["msg"]


class TestCurrent(EachTokenWithoutSecrets):
    """The API as documented in October 2026."""

    state = "current"


class TestRich(EachToken):
    """The API whose get-job shows everything, if it shows secrets to each token that may read jobs."""

    state = "rich"


class TestRichWithoutSecrets(EachTokenWithoutSecrets):
    """The same, if it leaves secrets out, which is not documented either way."""

    state = "rich"
    units = {"runtimeEnvironment": "current"}
    tokens = ("no secrets of jobs", "no secrets", "only read")


class TestRemoved(EachToken):
    """The API after the removals."""

    state = "removed"
