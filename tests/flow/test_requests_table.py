# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of requests in the documentation have the real numbers: each row of them is run."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, replace

import pytest
from docutils import nodes
from emulator import Emulator, RecordedRequest
from harness.flows import Flows, one_session
from harness.guides import guide
from harness.request_table import CASES, STATES, Case
from harness.selection import selected

HEAD = ("Case", *STATES)

Name = t.Tuple[str, str]  # the heading above the table, and the first cell of the row
NAMED = {(heading, row): case for heading, rows in CASES.items() for row, case in rows.items()}


def tables() -> dict[str, list[tuple[str, ...]]]:
    """The rows of each table of the page, by the heading above it."""
    return {
        section.next_node(nodes.title).astext(): [tuple(cell.astext() for cell in row.children) for row in table.findall(nodes.row)]
        for section in guide("requests").findall(nodes.section)
        for table in section.children
        if isinstance(table, nodes.table)
    }


def costs() -> dict[Name, dict[str, int]]:
    """The number of requests of a task in each row, by state."""
    return {(heading, row): dict(zip(STATES, map(int, numbers))) for heading, rows in tables().items() for row, *numbers in rows[1:]}


@dataclass(frozen=True)
class Seen:
    """What a case left: the registered result, and what the emulator recorded."""

    result: dict[str, t.Any]
    requests: list[RecordedRequest]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of a state runs for each case."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMED, ids=": ".join)


@pytest.fixture(scope="class")
def documented() -> dict[Name, dict[str, int]]:
    """The tables."""
    return costs()


@pytest.fixture(scope="class")
def observed(request: pytest.FixtureRequest) -> dict[Name, Seen]:
    """What the selected cases left: they are run once, for all tests of a state."""
    return run_cases({name: NAMED[name] for name in selected(request, "name")}, request.cls.state)


def run_cases(cases: t.Mapping[Name, Case], state: str) -> dict[Name, Seen]:
    """Run the tasks of all cases one after the other, each against an emulator of its own."""
    with contextlib.ExitStack() as running:
        emulators = {name: running.enter_context(Emulator(state=state)) for name in cases}
        for name, case in cases.items():
            case.prepare(emulators[name])
        run = Flows().run(*(case.task(": ".join(name), emulators[name]) for name, case in cases.items()))
    assert [emulator.violations for emulator in emulators.values()] == [[]] * len(cases)
    return {name: Seen(result, emulators[name].requests) for name, result in zip(cases, run.results, strict=True)}


@pytest.fixture
def seen(observed: dict[Name, Seen], name: Name) -> Seen:
    """What the case left."""
    return observed[name]


class EachCase:
    """The tests of a state. A class for each state, so that they run side by side (pytest-xdist, loadscope)."""

    state: t.ClassVar[str]

    def test_the_task_sends_as_many_requests_as_in_the_table(self, seen: Seen, name: Name, documented: dict[Name, dict[str, int]]) -> None:
        assert len(seen.requests) == documented[name][self.state]

    def test_the_result_counts_the_requests(self, seen: Seen) -> None:
        assert seen.result.get("api", {"requests": 0})["requests"] == len(seen.requests)

    def test_the_case_is_as_in_its_row(self, seen: Seen, name: Name) -> None:
        case = NAMED[name]
        assert case.failure in seen.result.get("msg", "")
        assert (seen.result["changed"], seen.result.get("failed", False)) == (self.state in case.changed, bool(case.failure))


class TestCurrent(EachCase):
    """The API as documented in October 2026."""

    state = "current"


class TestLean(EachCase):
    """The API as documented in June 2026."""

    state = "lean"


class TestRich(EachCase):
    """The API whose get-job shows everything."""

    state = "rich"


class TestRemoved(EachCase):
    """The API after the removals."""

    state = "removed"


@pytest.mark.parametrize(
    ("heading", "row", "numbers"),
    [
        ("The deployment changes", "A new image, and the job has no credentials", [5, 3]),
        ("A job is created", "The job does not exist", [3, 2]),
    ],
)
def test_after_the_removals_only_the_first_item_of_a_loop_finds_out(heading: str, row: str, numbers: list[int]) -> None:
    case = CASES[heading][row]
    with Emulator(state="removed") as emulator:
        replace(case, others=1 if case.exists else 0).prepare(emulator)
        first = case.task("a task", emulator)[case.module]
        results = one_session(first, {**first, "job_id": "job-0"})
    assert [result["api"]["requests"] for result in results] == numbers
    assert not any(result["failed"] for result in results)


def test_each_table_has_a_column_for_each_state() -> None:
    assert {rows[0] for rows in tables().values()} == {HEAD}


def test_each_row_has_a_case_and_each_case_a_row() -> None:
    assert list(costs()) == list(NAMED)


def test_no_row_is_listed_twice() -> None:
    assert sum(len(rows) - 1 for rows in tables().values()) == len(costs())
