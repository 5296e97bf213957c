# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated tasks in process and as a module: each combination of the API's state, unreadable, map_strategy and check mode, some options wrong.

They are the same at each run. With EXPLORE set in the environment they are new ones, and more.
"""

from __future__ import annotations

import itertools
import typing as t

import pytest
from emulator import Emulator
from harness import WHOLE
from harness.both_ways import Trial, TwoWays, agreement, by_both_ways, shown
from harness.playbooks import MODULE, Ansible, Task, connection
from harness.strategies import EXPLORE, Options, jobs_and_tasks, junk
from harness.wire_format import body_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

ROUNDS = 5 if EXPLORE else 1
STATES, POLICIES, STRATEGIES, CHECKS = (
    ("lean", "current", "rich", "removed"),
    ("probe", "apply", "skip"),
    ("replace", "merge"),
    (False, True),
)


def is_tried(state: str, unreadable: str, strategy: str, check: bool, turn: int) -> bool:
    """Every second one, so that each pair of two values is among them; the matrix tries all."""
    places = STATES.index(state), POLICIES.index(unreadable), STRATEGIES.index(strategy), check
    return WHOLE or EXPLORE or sum(places) % 2 == 0


COMBINATIONS = [each for each in itertools.product(STATES, POLICIES, STRATEGIES, CHECKS, range(ROUNDS)) if is_tried(*each)]
NAMES = [
    "-".join([state, unreadable, strategy, "check" if check else "run", str(turn)])
    for state, unreadable, strategy, check, turn in COMBINATIONS
]
# Mistakes of a task. The first is not an option.
WRONG = (
    "descriptoin",
    "tags",
    "billing",
    "backoff_limit",
    "runtime_environment",
    "health_checks",
    "build_settings",
    "retries",
    "unreadable",
)


class Example(t.NamedTuple):
    """A job, a task's options on it, both in options' names, and what is wrong with them."""

    job: Options
    options: Options
    wrong: Options
    objects: str
    maps: str


def examples(number: int) -> list[Example]:
    """This number of examples that are not trivial."""
    found: list[Example] = []
    readings = st.sampled_from(["replace", "merge"])
    wrong = st.one_of(*[st.just({})] * 4, st.dictionaries(st.sampled_from(WRONG), junk(), min_size=1, max_size=2))
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

    @settings(
        max_examples=3 * number,
        derandomize=not EXPLORE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=checks,
    )
    @given(pair=jobs_and_tasks(), wrong=wrong, objects=readings, maps=readings)
    def collect(pair: tuple[Options, Options], wrong: Options, objects: str, maps: str) -> None:
        found.append(Example(*pair, wrong, objects, maps))

    collect()
    return [example for example in found if example.options][:number]


def trial(combination: tuple[str, str, str, bool, int], example: Example) -> Trial:
    """A task with a combination of what governs it."""
    state, unreadable, strategy, check, turn = combination

    def task(emulator: Emulator) -> Task:
        stated = {"unreadable": unreadable, "map_strategy": strategy, **example.options, **example.wrong}
        return {MODULE: connection(emulator, **without_new(stated)), "check_mode": check, "diff": not check}

    def without_new(options: Options) -> Options:
        return without_new_fields(options) if state == "lean" else options

    return Trial(task, job=body_of(without_new(example.job)), api={"state": state, "objects": example.objects, "maps": example.maps})


def without_new_fields(options: Options) -> Options:
    """Options without the two that do not exist yet in the state lean."""
    new = ("ignore_empty_commits", "dockerfile_contents")
    return {
        name: without_new_fields(value)
        if isinstance(value, dict) and name in ("build_configuration", "build_settings", "dockerfile")
        else value
        for name, value in options.items()
        if name not in new
    }


@pytest.fixture(scope="module")
def trials() -> dict[str, Trial]:
    """All of them, by the name of the combination."""
    return {name: trial(*pair) for name, *pair in zip(NAMES, COMBINATIONS, examples(len(NAMES)), strict=True)}


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible], trials: dict[str, Trial]) -> TwoWays:
    """Their outcomes in both ways."""
    return by_both_ways(ansible_of, trials, environment={"ANSIBLE_INJECT_INVOCATION": "true"})


def test_each_task_runs_in_the_intended_way(two_ways: TwoWays) -> None:
    assert (two_ways.in_process.reasons, two_ways.module.reasons) == ([""] * len(NAMES), ["northflank_in_process is false"] * len(NAMES))


def test_there_are_changes_failures_and_tasks_that_change_nothing(two_ways: TwoWays) -> None:
    results = [outcome.result for outcome in two_ways.in_process.outcomes.values()]
    assert {(result["changed"], result["failed"]) for result in results} == {(True, False), (False, False), (False, True)}


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(NAMES)


def test_the_shown_parts_of_the_results_are_equal(two_ways: TwoWays) -> None:
    in_process, module = (shown(outcomes.output) for outcomes in two_ways)
    assert len(in_process) >= len(NAMES)
    assert in_process == module
