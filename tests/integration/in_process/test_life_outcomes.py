# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating a job, changing its deployment and removing it, in process and as a module: results, requests, diffs, and no secret at -vvvv."""

from __future__ import annotations

import json
import typing as t

import pytest
from harness.both_ways import ADDED_BY_CORE, Started, TwoWays, agreement, by_both_ways, shown
from harness.life_trials import TRIALS
from harness.secret_values import SEARCHED, find_secrets


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Started]) -> TwoWays:
    """All outcomes in both ways, with the most verbose output of ansible-core."""
    return by_both_ways(ansible_of, TRIALS, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true"})


def without_traceback(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A result without the lines of code that led to a failure, because they differ."""
    return {name: value for name, value in result.items() if name not in ("exception", ADDED_BY_CORE)}


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS, without_traceback)


@pytest.mark.parametrize("name", TRIALS)
def test_it_fails_or_works_as_it_should(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert {key: result.get(key, False) for key in TRIALS[name].expected} == dict(TRIALS[name].expected), result.get("msg")


def test_the_shown_parts_of_the_results_are_equal(two_ways: TwoWays) -> None:
    in_process, module = ([without_traceback(result) for result in shown(outcomes.output)] for outcomes in two_ways)
    assert in_process == module
    assert len(in_process) >= len(TRIALS)


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_no_secret_is_written_or_registered(two_ways: TwoWays, way: str) -> None:
    outcomes = getattr(two_ways, way)
    results = [outcome.result for outcome in outcomes.outcomes.values()]
    assert find_secrets(outcomes.output + json.dumps(results), SEARCHED) == []


def test_the_jobs_are_made_changed_and_removed(two_ways: TwoWays) -> None:
    made, deployed, removed = (two_ways.module[name].job for name in ("create", "deploy", "remove"))
    assert made["deployment"]["metadata"]["labels"] == {"team": "reports", "level": "1"}
    assert (deployed["deployment"]["external"]["imagePath"], removed) == ("registry.example.com/report:1.5", {})
