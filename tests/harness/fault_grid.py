# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each cell of a grid of faults once, and has the tests that each cell must pass. flow/conftest.py has the fixtures."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from emulator import Emulator

from . import JOB, PROJECT
from .faults import SECRET, Cell
from .flows import Flows
from .phases import Observation


@dataclass(frozen=True)
class Grid:
    """The output of the tasks of all cells, and for each cell what its task left."""

    output: str
    seen: dict[str, Observation]


def run_cells(cells: t.Sequence[Cell]) -> Grid:
    """Run the tasks of the cells at the same time, each with an emulator of its own, because many of them wait."""
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


class EachCell:
    """Tests of each cell. Faults that stay and others have classes of their own, so that pytest-xdist runs them at the same time."""

    cells: t.ClassVar[list[Cell]]

    def test_the_requests_are_those_that_the_task_needs(self, seen: Observation, cell: Cell) -> None:
        assert [(request.operation, request.fault) for request in seen.requests] == cell.requests

    def test_the_result_counts_the_requests(self, seen: Observation, cell: Cell) -> None:
        assert seen.result["api"]["requests"] == len(cell.requests)

    def test_the_job_has_what_took_effect_and_lost_nothing(self, seen: Observation, cell: Cell) -> None:
        assert seen.after == {**seen.before, **cell.stored}

    def test_the_output_contains_no_secret_and_no_traceback(self, grid: Grid) -> None:
        assert (SECRET in grid.output, "Traceback" in grid.output, "traceback" in grid.output) == (False, False, False)
