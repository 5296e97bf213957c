# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user of northflank_manual_job_info sees, in process and as a module: jobs, filters, failures, and no secret at -vvvv."""

from __future__ import annotations

import json
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ
from harness.both_ways import ADDED_BY_CORE, IN_PROCESS, Outcome, Outcomes, Trial, TwoWays, agreement, by_both_ways, run_trials, shown
from harness.info_tasks import ALL, CRON, SECRET_VALUES, WHOLE, all_jobs, one_job
from harness.playbooks import INFO_MODULE, Ansible, Task
from harness.secret_values import find_secrets

TOKEN, NARROW, BLIND = (f"the-{kind}-token-of-this-test-0123456789" for kind in ("wide", "narrow", "blind"))
SECRETS_READ = "Project > Secrets > Jobs > Read"


def project(emulator: Emulator) -> None:
    """A project with some jobs besides the example, and tokens."""
    emulator.add_job(PROJECT, "nightly-report", {"tags": ["reports", "nightly"]})
    emulator.add_job(PROJECT, "weekly-report", {"tags": ["reports"]})
    emulator.add_job(PROJECT, "clean-up", {**CRON, "tags": ["reports"]})
    for token, permissions in ((TOKEN, None), (NARROW, (READ,)), (BLIND, (SECRETS_READ,))):
        emulator.add_token(token, permissions)


def trial(
    kind: t.Callable[..., Task],
    expected: t.Mapping[str, t.Any],
    *,
    job: t.Mapping[str, t.Any] = WHOLE,
    keywords: t.Mapping[str, t.Any] | None = None,
    prepare: t.Callable[[Emulator], t.Any] = lambda emulator: None,
    api: t.Mapping[str, t.Any] | None = None,
    **options: t.Any,
) -> Trial:
    """A task of a kind, with options and keywords, on a project with some jobs."""

    def prepared(emulator: Emulator) -> None:
        project(emulator)
        prepare(emulator)

    base = {"retries": 0, "rate_limit_wait": 0, "api_token": TOKEN}
    return Trial(lambda emulator: {**kind(emulator, **{**base, **options}), **(keywords or {})}, expected, job, prepared, api or {})


def lists(*ids: str, requests: int, **rest: t.Any) -> dict[str, t.Any]:
    """A result with these jobs."""
    return {"changed": False, "ids": list(ids), "requests": requests, **rest}


def fails(*words: str, requests: int | None) -> dict[str, t.Any]:
    """A failure whose message contains these words."""
    return {"failed": True, "words": list(words), "requests": requests}


def hides_tags(emulator: Emulator) -> None:
    """An API whose lists show no tags."""
    emulator.hides_tags_in_lists = True


def refuses(operation: str, **details: t.Any) -> t.Callable[[Emulator], None]:
    """An emulator that always returns an error for an operation."""
    return lambda emulator: emulator.order("error", operation, times=None, **details)


def by_defaults(emulator: Emulator, **options: t.Any) -> Task:
    """A task whose connection and project are those of the action group."""
    common = {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT, **options}
    return {INFO_MODULE: {"gather": ["job"]}, "module_defaults": {"group/northflank.cloud.northflank": common}}


MANUAL = (JOB, "nightly-report", "weekly-report")
WORKS = {
    "one job": trial(one_job, lists(JOB, requests=1)),
    "one job, all gathered": trial(one_job, lists(JOB, requests=4), gather=ALL),
    "one job, all gathered, where the read shows everything": trial(one_job, lists(JOB, requests=1), api={"state": "rich"}, gather=ALL),
    "one job that states nothing, after the removals": trial(
        one_job, lists(JOB, requests=4, warnings=3), job={}, api={"state": "removed"}, gather=ALL
    ),
    "one job in check mode with a diff": trial(one_job, lists(JOB, requests=4), keywords={"check_mode": True, "diff": True}, gather=ALL),
    "a list": trial(all_jobs, lists(*MANUAL, requests=1)),
    "a list in check mode with a diff": trial(all_jobs, lists(*MANUAL, requests=1), keywords={"check_mode": True, "diff": True}),
    "a list of a team": trial(all_jobs, lists(*MANUAL, requests=1), team_id="my-team"),
    "a list of which jobs are gathered": trial(all_jobs, lists(*MANUAL, requests=4), gather=["job"]),
    "a list of which all is gathered": trial(all_jobs, lists(*MANUAL, requests=13), gather=ALL),
    "a filter by name": trial(all_jobs, lists("nightly-report", "weekly-report", requests=1), filters={"name": "*-report"}),
    "a filter by tags": trial(all_jobs, lists("nightly-report", requests=1), filters={"tags": ["nightly", "reports"]}),
    "a filter by one tag as a text": trial(all_jobs, lists("nightly-report", "weekly-report", requests=1), filters={"tags": "reports"}),
    "a filter by both": trial(all_jobs, lists("weekly-report", requests=1), filters={"name": "week*", "tags": ["reports"]}),
    "a filter by both, where lists show no tags": trial(
        all_jobs, lists("weekly-report", requests=2), prepare=hides_tags, filters={"name": "week*", "tags": ["reports"]}
    ),
    "a filter that keeps none": trial(all_jobs, lists(requests=1), filters={"name": "Report"}),
    "filters that are null": trial(all_jobs, lists(*MANUAL, requests=1), filters={"name": None, "tags": None}, job_id=None),
    "a token that may not read secrets": trial(all_jobs, lists(*MANUAL, requests=8, warnings=2), api_token=NARROW, gather=ALL),
    "a read of health checks that is gone": trial(
        all_jobs, lists(*MANUAL, requests=5, warnings=1), prepare=refuses("get-job-health-checks", status=410), gather=["health_checks"]
    ),
    "a job that is deleted meanwhile": trial(
        all_jobs,
        lists(JOB, "weekly-report", requests=4),
        prepare=lambda api: api.order("error", "get-job", skip=1, status=404),
        gather=["job"],
    ),
    "a fault that goes away": trial(
        all_jobs, lists(*MANUAL, requests=2), prepare=lambda api: api.order("error", "list-jobs", status=503), retries=1
    ),
    "defaults of the action group": trial(by_defaults, lists(*MANUAL, requests=4)),
    "no_log": trial(one_job, lists(JOB, requests=4), keywords={"no_log": True}, gather=ALL),
    "asynchronous": trial(one_job, lists(JOB, requests=1), keywords={"async": 60, "poll": 1}),
    "a token in the job": trial(
        one_job,
        lists(JOB, requests=2),
        job={"description": f"The token is {TOKEN}", "runtimeEnvironment": {"A": TOKEN}},
        gather=["runtime_environment"],
    ),
}
FAILS = {
    "a job that does not exist": trial(one_job, fails("404 Not Found", 'job_id "no-such-job"', requests=1), job_id="no-such-job"),
    "a project that does not exist": trial(
        all_jobs, fails("404 Not Found", 'project_id "no-such-project"', requests=1), project_id="no-such-project"
    ),
    "a cron job": trial(one_job, fails("The job clean-up of the project default-project is a cron job", requests=1), job_id="clean-up"),
    "a token that may not read jobs": trial(one_job, fails("403 Forbidden", f'"{READ}"', requests=1), api_token=BLIND),
    "a list by a token that may not read jobs": trial(all_jobs, fails("403 Forbidden", f'"{READ}"', requests=1), api_token=BLIND),
    "an unknown token": trial(all_jobs, fails("401 Unauthorized", "Check api_token", requests=1), api_token="no-such-token-0123456789"),
    "an error of a sub-resource": trial(
        one_job,
        fails("500 Internal Server Error", "It holds ********", requests=4),
        prepare=refuses("get-job-build-arguments", message=f"It holds {SECRET_VALUES['variable']}"),
        gather=ALL,
    ),
    "an error of the list": trial(all_jobs, fails("GET /v1/projects/default-project/jobs: 500", requests=1), prepare=refuses("list-jobs")),
    "a list of something else": trial(
        all_jobs,
        fails("an entry of the list has no ID", requests=1),
        prepare=lambda api: api.order("answer", "list-jobs", body={"data": {"jobs": [SECRET_VALUES["variable"]]}}),
    ),
    "filters with a job": trial(
        one_job,
        fails("filters: cannot be used together with job_id, which names one job. Remove one of the two", requests=0),
        filters={"name": "a"},
    ),
    "no project": trial(all_jobs, fails("project_id: is required", requests=None), project_id=None),
    "no such option": trial(all_jobs, fails("filter: unknown option. Did you mean filters?", requests=None), filter={"name": "a"}),
    "no such filter": trial(
        all_jobs, fails("filters.nam: unknown option. Did you mean filters.name?", requests=None), filters={"nam": "a"}
    ),
    "no dictionary": trial(all_jobs, fails("filters: ", "is not a dictionary", requests=None), filters="a"),
    "no text": trial(all_jobs, fails("filters.tags[1]: true is not text. Quote it", requests=None), filters={"tags": ["a", True]}),
    "nothing to gather": trial(
        all_jobs, fails("gather", "jobs", "job, health_checks, runtime_environment, build_arguments", requests=None), gather=["jobs"]
    ),
    "an id that is none": trial(one_job, fails('job_id: ".." is not a valid ID', requests=0), job_id=".."),
    "no token": trial(all_jobs, fails("api_token", "NORTHFLANK_API_TOKEN", requests=None), api_token=None),
}
TRIALS = {**WORKS, **FAILS}
# The others are about the flow, which is one: they are tried in ansible-core's process only.
BOTH = (
    "one job, all gathered",
    "one job in check mode with a diff",
    "a list",
    "a filter by both",
    "filters that are null",
    "a token that may not read secrets",
    "defaults of the action group",
    "no_log",
    "asynchronous",
    "a token in the job",
    "a job that does not exist",
    "an error of a sub-resource",
    "no project",
    "no such option",
    "no text",
    "nothing to gather",
    "no token",
)
LOUDLY: dict[str, t.Any] = {
    "arguments": ["-vvvv"],
    "environment": {"ANSIBLE_INJECT_INVOCATION": "true", "ANSIBLE_DISPLAY_TRACEBACK": "always"},
}


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """The outcomes of some in both ways, with the most verbose output of ansible-core."""
    return by_both_ways(ansible_of, {name: TRIALS[name] for name in BOTH}, **LOUDLY)


@pytest.fixture(scope="module")
def others(ansible_of: t.Callable[[str], Ansible]) -> Outcomes:
    """The outcomes of the others."""
    return run_trials(ansible_of("others"), {name: made for name, made in TRIALS.items() if name not in BOTH}, IN_PROCESS, **LOUDLY)


@pytest.fixture(scope="module")
def outcomes(two_ways: TwoWays, others: Outcomes) -> dict[str, Outcome]:
    """All outcomes in process."""
    return {**two_ways.in_process.outcomes, **others.outcomes}


def summary(result: t.Mapping[str, t.Any], expected: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The parts of a result that are expected."""
    seen = {
        "ids": [job["id"] for job in result.get("jobs", [])],
        "requests": result.get("api", {}).get("requests"),
        "warnings": len(result.get("warnings", [])),
        "words": [word for word in expected.get("words", []) if word in result.get("msg", "")],
    }
    return {name: seen.get(name, result.get(name)) for name in expected}


@pytest.mark.parametrize("name", TRIALS)
def test_it_finds_or_fails_as_it_should(outcomes: dict[str, Outcome], name: str) -> None:
    result, expected = outcomes[name].result, {"warnings": 0, **TRIALS[name].expected}
    assert summary(result, expected) == expected, result.get("msg")


def without_what_differs(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A result without the lines of code that led to a failure, and without the keys of an asynchronous task."""
    return {name: value for name, value in result.items() if name not in ("exception", "ansible_job_id", "results_file", ADDED_BY_CORE)}


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(BOTH, without_what_differs)


@pytest.mark.parametrize("name", TRIALS)
def test_nothing_is_written(outcomes: dict[str, Outcome], name: str) -> None:
    assert {method for method, *rest in outcomes[name].requests} <= {"GET"}


@pytest.mark.parametrize("name", WORKS)
def test_the_unknown_fields_are_those_of_the_jobs(outcomes: dict[str, Outcome], name: str) -> None:
    result = outcomes[name].result
    assert result["unknown_fields"] == sorted({option for job in result["jobs"] for option in job["unknown_fields"]})


@pytest.mark.parametrize(
    "first, second",
    [
        ("one job, all gathered", "one job in check mode with a diff"),
        ("a list", "a list in check mode with a diff"),
    ],
)
def test_check_mode_and_a_diff_make_no_difference(outcomes: dict[str, Outcome], first: str, second: str) -> None:
    one, other = ({name: value for name, value in outcomes[name].result.items() if name != "invocation"} for name in (first, second))
    assert one == other


def test_no_facts_are_returned(outcomes: dict[str, Outcome]) -> None:
    assert [name for name, outcome in outcomes.items() if "ansible_facts" in outcome.result] == []


def test_an_error_of_the_api_is_data(outcomes: dict[str, Outcome]) -> None:
    error = outcomes["a job that does not exist"].result["error"]
    assert (error["status"], error["request"]) == (404, f"GET /v1/projects/{PROJECT}/jobs/no-such-job")


def test_the_invocation_shows_the_options(two_ways: TwoWays) -> None:
    invocation = next(result["invocation"]["module_args"] for result in shown(two_ways.in_process.output) if result.get("unknown_fields"))
    assert (invocation["project_id"], invocation["gather"], invocation["api_token"]) == (PROJECT, ALL, "hidden")


def test_only_the_asynchronous_task_runs_as_a_module(two_ways: TwoWays) -> None:
    assert [reason for reason in two_ways.in_process.reasons if reason] == ["the task is asynchronous"]


@pytest.fixture(params=["in_process", "module", "others"])
def all_of(request: pytest.FixtureRequest, two_ways: TwoWays, others: Outcomes) -> Outcomes:
    """All that was written and registered."""
    return {**two_ways._asdict(), "others": others}[request.param]


def test_no_secret_is_written(all_of: Outcomes) -> None:
    assert find_secrets(all_of.output, [*SECRET_VALUES.values(), TOKEN, NARROW, BLIND]) == []


def test_no_secret_is_registered(all_of: Outcomes) -> None:
    results = [outcome.result for outcome in all_of.outcomes.values()]
    assert find_secrets(json.dumps(results), [*SECRET_VALUES.values(), TOKEN, NARROW, BLIND]) == []
