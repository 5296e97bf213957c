# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator, and tasks without ansible-playbook, for all tests of the flow."""

from __future__ import annotations

import typing as t

import pytest

# Some tests are there.
pytest.register_assert_rewrite("harness.fault_grid")

from emulator import Emulator
from harness.environment import without_settings
from harness.fault_grid import Grid, run_cells
from harness.faults import Cell
from harness.fixtures import emulator, emulator_of, endless_emulator
from harness.flows import Flows
from harness.phases import Observation
from harness.playbooks import Run, Task, on_the_job
from harness.selection import selected

__all__ = ["emulator", "emulator_of", "endless_emulator"]


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> t.Iterator[None]:
    """No setting of the machine that runs the tests reaches the tasks."""
    with pytest.MonkeyPatch.context() as patch:
        without_settings(patch)
        yield


@pytest.fixture
def flows() -> Flows:
    """Runs tasks."""
    return Flows()


@pytest.fixture
def run(flows: Flows, emulator: Emulator) -> t.Callable[..., Run]:
    """Run tasks of northflank_manual_job on the example job, each given by its options."""

    def run_tasks(*tasks: Task, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        return flows.run(*on_the_job(emulator, tasks), arguments=arguments, environment=environment)

    return run_tasks


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the parameter cell runs for each cell of its class."""
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", metafunc.cls.cells, ids=str)


@pytest.fixture(scope="class")
def grid(request: pytest.FixtureRequest) -> Grid:
    """The selected cells of a class, which run once for all of its tests."""
    return run_cells(selected(request, "cell") or request.cls.cells)


@pytest.fixture
def seen(grid: Grid, cell: Cell) -> Observation:
    """What the task of the cell left."""
    return grid.seen[str(cell)]
