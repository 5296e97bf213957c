# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook returns the results that tests/flow checks: a task of each kind that is tested there, also run by ansible-playbook.

Whoever tests the flow without ansible-playbook relies on this.
"""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import READ, UPDATE
from harness.both_ways import IN_PROCESS, Outcome, Outcomes, Started, Trial, agreement, outcomes, prepared, run_trials
from harness.faults import REFUSED, SECRET, SECRET_VARIABLES, STAYS, STORED, Cell
from harness.flows import Flows
from harness.life_trials import SAMPLE
from harness.life_trials import TRIALS as LIFE
from harness.option_cases import CASES
from harness.phases import Case, job_of, nested
from harness.playbooks import MODULE, Task, connection
from harness.request_table import CASES as COSTS
from harness.request_table import Case as Cost

NARROW = "the-narrow-token-of-this-test-0123456789"


def option(case: Case) -> Trial:
    """The first step of an option."""
    stated = nested(case.option, case.steps[0].value)
    return Trial(lambda emulator: {MODULE: connection(emulator, **stated), "diff": True}, job=job_of("current", case.job))


def cost(case: Cost) -> Trial:
    """A row of the table of requests."""

    def task(emulator: Emulator) -> Task:
        return {name: value for name, value in case.task("", emulator).items() if name != "name"}

    return Trial(task, prepare=case.prepare)


def fault(cell: Cell, environment: t.Any) -> Trial:
    """A fault that stays, with this environment of the job."""

    def task(emulator: Emulator) -> Task:
        return {name: value for name, value in cell.task(emulator, environment).items() if name != "name"}

    return Trial(task, prepare=cell.prepare)


def permissions(unreadable: str, *allowed: str) -> Trial:
    """A token with few permissions."""
    stated = {"api_token": NARROW, "description": "New", "runtime_environment": {"A": "2"}, "unreadable": unreadable}
    return Trial(
        lambda emulator: {MODULE: connection(emulator, **stated)},
        job={"description": "As it is", "runtimeEnvironment": {"A": "1"}},
        prepare=lambda emulator: emulator.add_token(NARROW, allowed),
    )


def is_compared(cell: Cell) -> bool:
    """Whether a fault takes no time, and always has the same message. The message of a reset differs by system."""
    takes_time = cell.row.timeout == 1 or "headers" in cell.row.details
    return cell.column.changed and not takes_time and cell.row.kind not in (REFUSED, "reset before", "reset after")


def trials(environment: t.Any) -> dict[str, Trial]:
    """A task of each kind. Those with a fault have this environment, a secret."""
    return {
        **{f"option {case.option}": option(case) for case in CASES if "current" in case.states},
        **{f"requests, {heading}: {row}": cost(case) for heading, rows in COSTS.items() if heading != "Runs" for row, case in rows.items()},
        **{f"fault {cell}": fault(cell, environment) for cell in STAYS if is_compared(cell)},
        **{
            f"permissions {policy}, {', '.join(allowed) or 'none'}": permissions(policy, *allowed)
            for policy in ("probe", "skip")
            for allowed in ((), (READ,), (READ, UPDATE))
        },
        **{f"life, {name}": LIFE[name] for name in SAMPLE},
    }


# Runs aside, which are called otherwise each time: test_run_outcomes.py has them.
TRIALS = trials(STORED["runtimeEnvironment"])


class Both(t.NamedTuple):
    """The same trials with and without a playbook, under the names of agreement()."""

    in_process: Outcomes
    module: dict[str, Outcome]


@pytest.fixture(scope="module")
def two_ways(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """All outcomes."""
    ansible = Started(collections, tmp_path_factory.mktemp("playbook"))
    with prepared(TRIALS) as emulators:
        run = Flows().run(*({"name": name, **trial.task(emulators[name])} for name, trial in TRIALS.items()))
        by_flow = outcomes(emulators, run)
    variables = ansible.folder / "variables.json"
    variables.write_text(json.dumps({SECRET_VARIABLES: STORED["runtimeEnvironment"]}), encoding="utf-8")
    by_playbook = trials(f"{{{{ {SECRET_VARIABLES} }}}}")
    return Both(run_trials(ansible, by_playbook, IN_PROCESS, arguments=["--extra-vars", f"@{variables}"]), by_flow)


def without_what_is_added(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A result without what ansible-core adds: the options of a task, and the note of a failure that there is no traceback."""
    return {name: value for name, value in result.items() if name not in ("invocation", "exception")}


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS, without_what_is_added)


def test_all_run_in_the_expected_process(two_ways: Both) -> None:
    """In ansible-core's own process, but by modules in the session of nox that tries these on another Python."""
    (reason,) = set(two_ways.in_process.reasons)
    assert reason.partition(" is ")[0] == ("ansible_python_interpreter" if "NORTHFLANK_TARGET_PYTHON" in os.environ else "")


def test_the_output_contains_no_secret_and_no_traceback(two_ways: Both) -> None:
    assert (SECRET in two_ways.in_process.output, "raceback" in two_ways.in_process.output) == (False, False)
