# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of a job is set, changed and cleared, each time in the four phases, on the API as it was, is, and is announced."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness.flows import Flows
from harness.option_cases import CASES
from harness.phases import Case, Observation, Observations, Step, run_cases, with_stored
from harness.selection import selected

Observe = t.Callable[[str], Observation]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of a state runs for each step of each case that exists in it."""
    if "step" in metafunc.fixturenames:
        state = metafunc.cls.state
        steps = [pytest.param(case, step, id=f"{case.option}-{step.name}") for case in CASES if state in case.states for step in case.steps]
        metafunc.parametrize(("case", "step"), steps)


@pytest.fixture(scope="class")
def observations(request: pytest.FixtureRequest) -> Observations:
    """What all selected cases of a state left: they are run once, for all of its tests."""
    with Emulator(state=request.cls.state) as emulator:
        found = run_cases(Flows(), emulator, selected(request, "case"))
        assert emulator.violations == []
    return found


@pytest.fixture
def observe(observations: Observations, case: Case, step: Step) -> Observe:
    """What one phase of the step left."""

    def phase(name: str) -> Observation:
        observation = observations[case.option, step.name, name]
        assert observation.result.get("failed") is not True, observation.result.get("msg")
        return observation

    return phase


class EachOption:
    """The tests of a state. A class for each state, so that they run side by side (pytest-xdist, loadscope)."""

    state: t.ClassVar[str]
    # The requests of an unchanged task that needs a probe.
    probed = 2

    def test_a_check_writes_nothing(self, observe: Observe) -> None:
        observation = observe("check")
        assert (observation.writes, observation.after) == ([], observation.before)

    def test_a_check_predicts_the_change(self, observe: Observe, case: Case) -> None:
        result = observe("check").result
        assert (result["changed"], result["changed_fields"]) == (True, [case.option])

    def test_a_check_predicts_what_the_run_then_returns(self, observe: Observe) -> None:
        predicted, applied = observe("check").result, observe("apply").result
        assert predicted["diff"]["after"] == applied["diff"]["after"]
        assert is_part(predicted["job"], applied["job"])

    def test_the_task_changes_the_option_and_nothing_else(self, observe: Observe, case: Case, step: Step) -> None:
        observation = observe("apply")
        assert observation.result["changed"] is True
        assert observation.after == with_stored(observation.before, case.path, step.stored)

    def test_the_task_names_the_option_that_it_changed(self, observe: Observe, case: Case) -> None:
        result = observe("apply").result
        assert (result["changed_fields"], result["unknown_fields"]) == ([case.option], [])

    def test_the_same_task_again_changes_nothing(self, observe: Observe) -> None:
        observation = observe("again")
        assert (observation.result["changed"], observation.after) == (False, observation.before)

    def test_the_same_task_again_costs_the_documented_requests(self, observe: Observe, case: Case, step: Step) -> None:
        observation = observe("again")
        # A cleared stage is not shown, so only a probe distinguishes it from an unknown one.
        expected = self.probed if is_cleared_stage(case, step) else case.requests[self.state]
        assert (observation.result["api"]["requests"], len(observation.requests)) == (expected, expected)

    def test_a_second_check_predicts_only_changes_of_fields_that_cannot_be_read(self, observe: Observe, case: Case, step: Step) -> None:
        observation = observe("check again")
        unread = self.state in case.unreadable or is_cleared_stage(case, step)
        assert observation.writes == []
        assert observation.result["changed"] is unread
        assert observation.result["unknown_fields"] == ([case.option] if unread else [])
        assert bool(observation.result.get("warnings")) is unread


class TestLean(EachOption):
    """The API as documented in June 2026."""

    state = "lean"


class TestCurrent(EachOption):
    """The API as documented in October 2026."""

    state = "current"


class TestRemoved(EachOption):
    """The API after the removals, where each new session first finds that patch-manual-job is removed."""

    state = "removed"
    probed = 3


def is_cleared_stage(case: Case, step: Step) -> bool:
    """Whether the step has cleared stage_id."""
    return (case.option, step.name) == ("stage_id", "clear")


def is_part(part: t.Any, whole: t.Any) -> bool:
    """Whether another nested dictionary contains everything of this one."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(value, whole[name]) for name, value in part.items())
    return part == whole
