# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can go wrong with every kind of request: tests/harness/faults.py says what a user is promised in each cell."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.faults import GOES_AWAY, SECRET, STAYS, STORED, Cell
from harness.flows import Flows
from harness.phases import Observation
from harness.playbooks import MODULE, connection
from harness.selection import selected


@dataclass(frozen=True)
class Grid:
    """What the tasks of the cells said, and what each of them left."""

    output: str
    seen: dict[str, Observation]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test sees each cell of its class."""
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", metafunc.cls.cells, ids=str)


@pytest.fixture(scope="class")
def grid(request: pytest.FixtureRequest) -> Grid:
    """The selected cells of a class: they are run once, for all of its tests."""
    return play(selected(request, "cell") or request.cls.cells)


def play(cells: t.Sequence[Cell]) -> Grid:
    """Run the tasks of the cells side by side, each against an emulator of its own: many of them wait."""
    with contextlib.ExitStack() as running:
        emulators = [running.enter_context(Emulator()) for cell in cells]
        for cell, emulator in zip(cells, emulators):
            cell.prepare(emulator)
        before = [emulator.job(PROJECT, JOB) for emulator in emulators]
        run = Flows().run_side_by_side(*(cell.task(emulator) for cell, emulator in zip(cells, emulators)))
    assert [violation for emulator in emulators for violation in emulator.violations] == []
    parts = zip(cells, run.results, emulators, before, strict=True)
    return Grid(
        run.output,
        {str(cell): Observation(result, emulator.requests, job, emulator.job(PROJECT, JOB)) for cell, result, emulator, job in parts},
    )


@pytest.fixture
def seen(grid: Grid, cell: Cell) -> Observation:
    """What the cell left."""
    return grid.seen[str(cell)]


class EachCell:
    """What holds whether a fault stays or not. A class for each, so that they run side by side (pytest-xdist, loadscope)."""

    cells: t.ClassVar[list[Cell]]

    def test_the_requests_are_those_that_the_task_needs(self, seen: Observation, cell: Cell) -> None:
        assert [(request.operation, request.fault) for request in seen.requests] == cell.requests

    def test_the_result_counts_the_requests(self, seen: Observation, cell: Cell) -> None:
        assert seen.result["api"]["requests"] == len(cell.requests)

    def test_the_job_holds_what_was_carried_out_and_lost_nothing(self, seen: Observation, cell: Cell) -> None:
        assert seen.after == {**seen.before, **cell.stored}

    def test_nothing_that_is_written_holds_a_secret_or_a_traceback(self, grid: Grid) -> None:
        assert (SECRET in grid.output, "Traceback" in grid.output, "traceback" in grid.output) == (False, False, False)


class TestFaultThatGoesAway(EachCell):
    """A fault that a repetition mends."""

    cells = GOES_AWAY

    def test_the_task_ends_as_if_there_had_been_no_fault(self, seen: Observation, cell: Cell) -> None:
        assert seen.result.get("failed") is not True, seen.result["msg"]
        assert (seen.result["changed"], seen.result.get("warnings", [])) == (cell.column.changed, [])
        assert seen.result["job"]["description"] == cell.stored["description"]


class TestFaultThatStays(EachCell):
    """A fault that no repetition mends."""

    cells = STAYS

    def test_the_task_fails_and_says_what_went_wrong(self, seen: Observation, cell: Cell) -> None:
        assert seen.result.get("failed") is True
        assert cell.message.fullmatch(seen.result["msg"]), (seen.result["msg"], cell.message.pattern)

    def test_a_failure_does_not_claim_a_change(self, seen: Observation) -> None:
        assert not seen.result.get("changed")


def test_a_sub_resource_that_shows_something_else_leaves_unknown_what_a_probe_then_tells(flows: Flows) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB, STORED)
        emulator.order("answer", "get-job-runtime-environment", body={"data": {"name": "other"}})
        options = connection(emulator, runtime_environment=STORED["runtimeEnvironment"])
        result = flows.run({"name": "Probe", MODULE: options}).result
    assert (result["changed"], result["unknown_fields"]) == (False, [])
    assert [request.operation for request in emulator.requests] == ["get-job", "get-job-runtime-environment", "patch-manual-job"]
