# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees of a task, in process and as a module: failures, warnings, diffs, the invocation, and no secret at -vvvv."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from emulator import Emulator
from harness import READ
from harness.both_ways import ADDED_BY_CORE, Trial, TwoWays, agreement, by_both_ways, shown
from harness.playbooks import MODULE, Ansible, Task, connection
from harness.secret_values import FAILING, FILE, LONG, OPTIONS, PRESENT, SEARCHED_PRESENT, find_secrets

TOKEN, NARROW = "the-token-of-this-test-0123456789", "the-narrow-token-of-this-test-0123456789"
# The beginning of the line about a failure with ansible-core 2.19 and later, in each way.
BEGINNINGS = ("Task failed: Action failed: ", "Task failed: Module failed: ")
INJECT = "ANSIBLE_INJECT_INVOCATION"


def states(options: t.Mapping[str, t.Any], **keywords: t.Any) -> t.Callable[[Emulator], Task]:
    """A task with options. It retries and waits only if its options set that."""
    base = {"retries": 0, "rate_limit_wait": 0, "api_token": TOKEN}
    return lambda emulator: {MODULE: connection(emulator, **{**base, **options}), **keywords}


def trial(options: t.Mapping[str, t.Any], order: str = "", /, operation: str = "get-job", **details: t.Any) -> Trial:
    """A task on an emulator, with a fault that stays if one is named."""

    def prepare(emulator: Emulator) -> None:
        if order:
            emulator.order(order, operation, times=None, **details)

    return Trial(states(options), {"failed": True}, prepare=prepare)


def warns(options: t.Mapping[str, t.Any], **keywords: t.Any) -> Trial:
    """A task that works with a warning."""
    return Trial(states(options, **keywords), {"failed": False})


def refuses_all(emulator: Emulator) -> None:
    """An API that refuses what it is sent, and quotes it."""
    emulator.refuses_and_quotes = True


SECRETS = {**OPTIONS, "runtime_environment": {**LONG, "ONE": 1}}
FAILURES = {
    "a wrong type": trial({"backoff_limit": "many"}),
    "no dictionary": trial({"billing": 5, "build_settings": {"dockerfile": [1]}, "health_checks": "a=1, b"}),
    "two problems": trial({"backoff_limit": True, "description": ""}),
    "no such option": trial({"descriptoin": "New"}),
    "a wrong choice": trial({"run_on_source_change": "alway"}),
    "a missing option": trial({"job_id": None}),
    "a wrong limit": trial({"retries": 1000}),
    "a wrong URL": trial({"api_url": "api.northflank.com"}),
    "no token": trial({"api_token": None}),
    "a token with a line break": trial({"api_token": f"{TOKEN}\n"}),
    "an unknown token": trial({"api_token": "no-such-token-0123456789"}),
    "an unknown job": trial({"job_id": "no-such-job"}),
    "a narrow token": trial({"api_token": NARROW, "description": "New"}),
    "a refused connection": trial({"api_url": "http://127.0.0.1:9"}),
    "an unknown host": trial({"api_url": "http://no-such-host.invalid"}),
    "an error of the API": trial({}, "error", status=500),
    "an error that is repeated": trial({"retries": 1}, "error", status=503),
    "a quota that is used up": trial({}, "error", status=429, bare=True),
    "a page of a gateway": trial({}, "page"),
    "a page with status 200": trial({}, "page", status=200),
    "a response cut off": trial({}, "cut body"),
    "a connection that is reset": trial({}, "reset before"),
    "a response too late": trial({"timeout": 0.5}, "late", seconds=10),
    "a redirect": trial({}, "redirect"),
    "data of something else": trial({}, "answer", body={"data": []}),
    "a response of a write that is lost": trial({"description": "New"}, "reset after", operation="patch-manual-job"),
    "a refused write that quotes secrets": dataclasses.replace(trial(SECRETS), prepare=refuses_all),
    "a cron job": dataclasses.replace(trial({"description": "New"}), job={"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}),
    **{f"secrets and {name}": trial(options) for name, options in FAILING.items()},
}
WARNINGS = {
    "an unknown field in check mode": warns({"run_on_source_change": "always"}, check_mode=True),
    "an unknown field that is skipped": warns({"run_on_source_change": "always", "unreadable": "skip"}),
    "an unknown field that is applied": warns({"run_on_source_change": "always", "unreadable": "apply"}),
    "several in check mode": warns(
        {"run_on_source_change": "always", "billing": {"build_plan": "nf-compute-20"}}, check_mode=True, loop=[1, 2]
    ),
    "secrets": dataclasses.replace(warns(SECRETS, diff=True), job=PRESENT),
    "secrets in check mode": dataclasses.replace(warns(SECRETS, diff=True, check_mode=True), job=PRESENT),
    "no_log": warns(SECRETS, no_log=True),
    "a token in the job": warns({"description": f"The token is {TOKEN}", "runtime_environment": {"A": TOKEN}}, diff=True),
    "a short token": warns({"api_token": "1", "description": "1 of 1", "runtime_environment": {"A": 1}}, diff=True),
}


def with_tokens(made: Trial) -> Trial:
    """A trial whose emulator accepts the tokens."""

    def prepare(emulator: Emulator) -> None:
        for token, permissions in ((TOKEN, None), ("1", None), (NARROW, (READ,))):
            emulator.add_token(token, permissions)
        made.prepare(emulator)

    return dataclasses.replace(made, prepare=prepare)


TRIALS = {name: with_tokens(made) for name, made in {**FAILURES, **WARNINGS}.items()}
QUIET = (
    "a wrong type",
    "a missing option",
    "an unknown job",
    "an error of the API",
    *(name for name in WARNINGS if name != "a short token"),
)


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """All outcomes in both ways, with the most verbose output of ansible-core."""
    return by_both_ways(ansible_of, TRIALS, arguments=["-vvvv"], environment={INJECT: "true", "ANSIBLE_DISPLAY_TRACEBACK": "always"})


@pytest.fixture(scope="module")
def quiet(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """The outcomes of some of them without -v."""
    return by_both_ways(ansible_of, {name: TRIALS[name] for name in QUIET}, quiet=True)


@pytest.mark.parametrize("name", TRIALS)
def test_it_fails_or_works_as_it_should(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert {key: result.get(key, False) for key in TRIALS[name].expected} == dict(TRIALS[name].expected), result.get("msg")


def without_traceback(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A result without the lines of code that led to a failure, because they differ."""
    return {name: value for name, value in result.items() if name not in ("exception", ADDED_BY_CORE)}


@pytest.mark.parametrize("name", QUIET)
def test_the_results_are_equal_by_default(quiet: TwoWays, name: str) -> None:
    assert quiet.in_process[name].result == quiet.module[name].result


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS, without_traceback)


def test_the_shown_parts_of_the_results_are_equal(two_ways: TwoWays) -> None:
    in_process, module = ([without_traceback(result) for result in shown(outcomes.output)] for outcomes in two_ways)
    assert in_process == module


def test_each_result_shows_its_invocation_on_request(two_ways: TwoWays) -> None:
    results = [result for result in shown(two_ways.in_process.output) if "censored" not in result and "results" not in result]
    assert len(results) >= len(TRIALS) - 2
    assert [result for result in results if "invocation" not in result] == []


def test_the_output_is_equal_except_for_the_name_of_the_plugin(quiet: TwoWays) -> None:
    in_process, module = (
        output.replace(beginning, "") for output, beginning in zip((quiet.in_process.output, quiet.module.output), BEGINNINGS)
    )
    assert in_process == module


def test_warnings_are_written(quiet: TwoWays) -> None:
    assert "[WARNING]" in quiet.in_process.output


def test_ansible_core_adds_the_same_to_all_results_of_a_module_and_nothing_to_those_of_an_action_plugin(quiet: TwoWays) -> None:
    added = {way: {outcome.added_by_core for outcome in outcomes.outcomes.values()} - {None} for way, outcomes in quiet._asdict().items()}
    assert (added["in_process"], added["module"] - {True}) == (set(), set()), ADDED_BY_CORE


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_no_secret_is_written(two_ways: TwoWays, way: str) -> None:
    assert find_secrets(getattr(two_ways, way).output, [*SEARCHED_PRESENT, FILE, TOKEN, NARROW]) == []


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_no_secret_is_registered(two_ways: TwoWays, way: str) -> None:
    results = [outcome.result for outcome in getattr(two_ways, way).outcomes.values()]
    assert find_secrets(json.dumps(results), [*SEARCHED_PRESENT, FILE, TOKEN, NARROW]) == []
