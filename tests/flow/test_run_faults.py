# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of tests/harness/faults.py with the requests about a run, where other promises apply.

The request that starts the run is sent once, and again only if the quota refused it. A poll that fails is followed by the next one.
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.faults import RATE_LIMIT_WAIT, REFUSED, RETRIES, ROWS, SECRET, Row
from harness.flows import Flows
from harness.playbooks import RUN_MODULE, connection
from harness.selection import selected

RUNS = f"/v1/projects/{PROJECT}/jobs/{JOB}/runs"
HOW_TO_CHECK = (
    " The run may have been started. Before you run the task again, check the runs of the job in Northflank's dashboard or by "
    f"GET {RUNS}. A run that started at ... or soon after is the run of this task."
)
START, POLL = "run-job", "get-run-details"
# The quota refuses with the time until it resets, so no run was started.
WAITED_FOR = [row for row in ROWS if row.repeated and "429" in row.name]
FAILING = [row for row in ROWS if row not in WAITED_FOR]
# A task would wait an hour for a quota that resets in an hour. test_watch.py does that with a clock of its own.
POLLS = [row for row in ROWS if row.kind != REFUSED and row.name != "429 with a long Retry-After"]


@dataclass(frozen=True)
class Left:
    """The result of a task, its requests, and the number of runs afterwards."""

    result: dict[str, t.Any]
    requested: list[str | None]
    runs: int
    output: str


def play(rows: t.Sequence[Row], operation: str) -> dict[str, Left]:
    """Run the job once for each fault of its first such request, each with an emulator of its own."""
    with contextlib.ExitStack() as running:
        emulators = [running.enter_context(Emulator()) for row in rows]
        for row, emulator in zip(rows, emulators):
            emulator.add_job(PROJECT, JOB)
            if row.kind == REFUSED:
                emulator.stop()
            else:
                emulator.order(row.kind, operation, **row.details)
        limits = {
            "retries": RETRIES,
            "rate_limit_wait": RATE_LIMIT_WAIT,
            "poll_interval": 0.05,
            "runtime_environment": {"VARIABLE": SECRET},
        }
        tasks = [
            {"name": row.name, RUN_MODULE: connection(emulator, timeout=row.timeout, **limits)} for row, emulator in zip(rows, emulators)
        ]
        run = Flows().run_side_by_side(*tasks)
    assert [violation for emulator in emulators for violation in emulator.violations] == []
    return {
        row.name: Left(result, [request.operation for request in emulator.requests], len(emulator.runs_of(PROJECT, JOB)), run.output)
        for row, result, emulator in zip(rows, run.results, emulators, strict=True)
    }


@pytest.fixture(scope="class")
def left(request: pytest.FixtureRequest) -> dict[str, Left]:
    """The outcome of the tasks of the selected faults, which run once for all tests of a class."""
    return play(selected(request, "row"), request.cls.operation)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs for the faults that it is about."""
    if "row" in metafunc.fixturenames:
        rows = getattr(metafunc.function, "rows", metafunc.cls.rows)
        metafunc.parametrize("row", rows, ids=lambda row: row.name)


class TestTheStart:
    """The request that starts the run."""

    operation, rows = START, ROWS

    def test_it_is_sent_once_and_again_after_a_used_up_quota(self, left: dict[str, Left], row: Row) -> None:
        expected = 2 if row in WAITED_FOR else 0 if row.kind == REFUSED else 1
        assert left[row.name].requested.count(START) == expected

    def test_there_is_one_run_at_the_most(self, left: dict[str, Left], row: Row) -> None:
        assert left[row.name].runs == int(row in WAITED_FOR or row.carried_out)

    def test_the_task_fails_unless_the_quota_reset_in_time(self, left: dict[str, Left], row: Row) -> None:
        assert left[row.name].result.get("failed", False) == (row in FAILING)

    def test_a_failure_names_its_cause_and_how_to_check_the_run(self, left: dict[str, Left], row: Row) -> None:
        words = row.words.format(requests=1) + (HOW_TO_CHECK if row.unsure else "")
        pattern = re.escape(f"POST {RUNS}: {words}").replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, left[row.name].result["msg"])

    test_a_failure_names_its_cause_and_how_to_check_the_run.rows = FAILING

    def test_the_output_contains_no_secret_and_no_traceback(self, left: dict[str, Left], row: Row) -> None:
        assert (SECRET in left[row.name].output, "raceback" in left[row.name].output) == (False, False)


class TestAPoll:
    """A poll of the run. One failure does not end the watch."""

    operation, rows = POLL, POLLS

    def test_the_task_returns_the_same_as_without_the_fault(self, left: dict[str, Left], row: Row) -> None:
        result = left[row.name].result
        assert (result.get("failed", False), result["run"].get("status"), left[row.name].runs) == (False, "SUCCESS", 1), result["msg"]

    def test_the_output_contains_no_secret_and_no_traceback(self, left: dict[str, Left], row: Row) -> None:
        assert (SECRET in left[row.name].output, "raceback" in left[row.name].output) == (False, False)
