# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of a job is set, changed and cleared, each time in the four phases, on the API in both of its states."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness.cases import CASES
from harness.phases import Case, Observation, Observations, Step, run_cases, with_stored
from harness.playbooks import Ansible

Observe = t.Callable[[str], Observation]
STATES = ("lean", "current")
STEPS = [
    pytest.param(state, case, step, id=f"{state}-{case.option}-{step.name}", marks=pytest.mark.xdist_group(state))
    for state in STATES
    for case in CASES
    if state in case.states
    for step in case.steps
]


@pytest.fixture(scope="session")
def batches(collections: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> t.Callable[[str], Observations]:
    """What all selected cases of a state left, run once for all tests."""
    done: dict[str, Observations] = {}

    def batch(state: str) -> Observations:
        if state not in done:
            calls = [item.callspec.params for item in request.session.items if "step" in getattr(item, "fixturenames", ())]
            selected = {params["case"].option: params["case"] for params in calls if params["state"] == state}
            with Emulator(state=state) as emulator:
                done[state] = run_cases(Ansible(collections, tmp_path_factory.mktemp(state)), emulator, list(selected.values()))
                assert emulator.violations == []
        return done[state]

    return batch


@pytest.fixture
def observe(batches: t.Callable[[str], Observations], state: str, case: Case, step: Step) -> Observe:
    """What one phase of the step left."""

    def phase(name: str) -> Observation:
        observation = batches(state)[case.option, step.name, name]
        assert observation.result.get("failed") is not True, observation.result.get("msg")
        return observation

    return phase


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_a_check_writes_nothing(observe: Observe, state: str, case: Case, step: Step) -> None:
    observation = observe("check")
    assert (observation.writes, observation.after) == ([], observation.before)


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_a_check_predicts_the_change(observe: Observe, state: str, case: Case, step: Step) -> None:
    result = observe("check").result
    assert (result["changed"], result["changed_fields"]) == (True, [case.option])


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_a_check_predicts_what_the_run_then_says(observe: Observe, state: str, case: Case, step: Step) -> None:
    predicted, applied = observe("check").result, observe("apply").result
    assert predicted["diff"]["after"] == applied["diff"]["after"]
    assert _is_part(predicted["job"], applied["job"])


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_the_task_changes_the_option_and_nothing_else(observe: Observe, state: str, case: Case, step: Step) -> None:
    observation = observe("apply")
    assert observation.result["changed"] is True
    assert observation.after == with_stored(observation.before, case.path, step.stored)


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_the_task_names_the_option_that_it_changed(observe: Observe, state: str, case: Case, step: Step) -> None:
    result = observe("apply").result
    assert (result["changed_fields"], result["unknown_fields"]) == ([case.option], [])


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_the_same_task_again_changes_nothing(observe: Observe, state: str, case: Case, step: Step) -> None:
    observation = observe("again")
    assert (observation.result["changed"], observation.after) == (False, observation.before)


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_the_same_task_again_costs_what_it_must(observe: Observe, state: str, case: Case, step: Step) -> None:
    observation = observe("again")
    # An unset stage is not shown, so that it takes a probe to tell it from an unknown one.
    expected = 2 if (case.option, step.name) == ("stage_id", "clear") else case.requests[state]
    assert (observation.result["api"]["requests"], len(observation.requests)) == (expected, expected)


@pytest.mark.parametrize(("state", "case", "step"), STEPS)
def test_a_check_again_predicts_a_change_only_of_what_no_read_shows(observe: Observe, state: str, case: Case, step: Step) -> None:
    observation = observe("check again")
    unread = state in case.unreadable or (case.option, step.name) == ("stage_id", "clear")
    assert observation.writes == []
    assert observation.result["changed"] is unread
    assert observation.result["unknown_fields"] == ([case.option] if unread else [])
    assert bool(observation.result.get("warnings")) is unread


def _is_part(part: t.Any, whole: t.Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _is_part(value, whole[name]) for name, value in part.items())
    return part == whole
