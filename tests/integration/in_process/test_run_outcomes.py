# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook sees of a run, in process and as a module."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ
from harness.both_ways import ADDED_BY_CORE, Started, Trial, TwoWays, by_both_ways, shown, write_plays
from harness.playbooks import RUN_MODULE, Ansible, Task, connection
from harness.secret_values import FILE, LONG, find_secrets

TOKEN, NARROW = "the-token-of-this-test-0123456789", "the-narrow-token-of-this-test-0123456789"
RUN_JOB, VIEW_LOGS = "Project > Jobs > General > Run Job", "Project > Jobs > Deployment > View Observability"
SECRETS = {"runtime_environment": {**LONG, "ONE": 1, "FALSE": False}, "runtime_files": {"/etc/secret": {"content": FILE}}}
# What differs from run to run: ids, names, times and how long it took.
RANDOM = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=example-job-)[0-9a-f]{24}|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=after )\d+ s|\d+ seconds? ago"
)
PROBLEM = "A problem with the options: "


def runs(options: t.Mapping[str, t.Any] | None = None, **keywords: t.Any) -> t.Callable[[Emulator], Task]:
    """A task that runs the example job, and polls the run often."""
    base = {"retries": 0, "rate_limit_wait": 0, "api_token": TOKEN, "poll_interval": 0.05, "wait_timeout": 30}
    return lambda emulator: {RUN_MODULE: connection(emulator, **{**base, **(options or {})}), **keywords}


def trial(task: t.Callable[[Emulator], Task], orders: t.Sequence[tuple[str, str]] = (), /, *, failed: bool = False, **plan: t.Any) -> Trial:
    """A task, and the course of the run that it starts. orders are faults and their operations."""

    def prepare(emulator: Emulator) -> None:
        emulator.add_token(TOKEN)
        emulator.add_token(NARROW, [READ])
        emulator.plan_run(**plan)
        for kind, operation in orders:
            emulator.order(kind, operation, times=None)

    return Trial(task, {"failed": failed}, prepare=prepare)


LOG = [["first line"], ["second line", "third line"]]
TRIALS = {
    "a run that succeeds": trial(runs(), reads=2),
    "a run that fails": trial(runs(), failed=True, reads=2, status="FAILED", log=LOG),
    "a run that fails, and its last line": trial(runs({"log_lines": 1}), failed=True, status="FAILED", log=LOG),
    "a run that hangs": trial(runs({"wait_timeout": 0.3, "poll_interval": 10}), failed=True, reads=None, log=LOG),
    "a run that hangs, and is aborted": trial(
        runs({"wait_timeout": 0.3, "poll_interval": 10, "abort_on_timeout": True}), failed=True, reads=None
    ),
    "a run without waiting": trial(runs({"wait": False})),
    "a followed log": trial(runs({"follow_logs": True}), reads=3, log=LOG),
    "check mode": trial(runs(SECRETS, check_mode=True)),
    "check mode and no such job": trial(runs({"job_id": "no-such-job"}, check_mode=True), failed=True),
    "diff mode": trial(runs(diff=True)),
    "overrides": trial(runs({**SECRETS, "billing": {"deployment_plan": "nf-compute-50"}, "deployment": {"gpu": {"enabled": False}}})),
    "secrets in the log": trial(runs(SECRETS), failed=True, status="FAILED", log=[[*LONG.values(), FILE, TOKEN, "1 is False"]]),
    "secrets in a followed log": trial(runs({**SECRETS, "follow_logs": True}), log=[[*LONG.values(), FILE, TOKEN]]),
    "a run that is failed by the playbook": trial(runs({}, failed_when="true"), failed=True),
    "no_log": trial(runs(SECRETS, no_log=True), log=[list(LONG.values())]),
    "no such job": trial(runs({"job_id": "no-such-job"}), failed=True),
    "a token that may not run jobs": trial(runs({"api_token": NARROW}), failed=True),
    "a response that is lost": trial(runs({"retries": 3}), [("reset after", "run-job")], failed=True),
    "a response that is cut off": trial(runs({"retries": 3}), [("cut body", "run-job")], failed=True),
    "a gateway that is busy": trial(runs({"retries": 3}), [("page", "run-job")], failed=True),
    "a run that may not be watched": trial(runs({"wait_timeout": 0.3, "poll_interval": 10}), [("error", "get-run-details")], failed=True),
    "a wrong option": trial(runs({"deployment": {"docker": {"config_type": "custom"}}}), failed=True),
    "a missing part of an option": trial(runs({"deployment": {"external": {"credentials": "mine"}}}), failed=True),
    "two images": trial(runs({"deployment": {"internal": {"id": "a"}, "external": {"image_path": "b:1"}}}), failed=True),
    "a wrong limit": trial(runs({"wait_timeout": 0}), failed=True),
    "a first interval above the longest": trial(runs({"poll_interval": "61", "poll_interval_max": "60"}), failed=True),
    "following without waiting": trial(runs({"wait": False, "follow_logs": True}), failed=True),
    "an environment that is not text": trial(runs({"runtime_environment": {"A": [1]}}), failed=True),
    "a random value": trial(runs({"runtime_environment": {"A": "${fn.randomSecret(32)}"}})),
}
OF_JOB = f" (job {JOB} of the project {PROJECT})."
MESSAGES = {
    "a wrong option": f'{PROBLEM}deployment.docker.config_type: "custom" is not one of default, customEntrypoint, customCommand, '
    f"customEntrypointCustomCommand{OF_JOB}",
    "a missing part of an option": f"{PROBLEM}deployment.external.image_path: is required{OF_JOB}",
    "two images": f"{PROBLEM}deployment: external and internal cannot be used together. Use the one that the image comes from{OF_JOB}",
    "a wrong limit": f"wait_timeout: 0 is not allowed. It must be more than 0 and at most 604800 seconds{OF_JOB}",
    "a first interval above the longest": f"{PROBLEM}poll_interval: 61 is more than poll_interval_max (60). Lower poll_interval or "
    f"raise poll_interval_max{OF_JOB}",
    "following without waiting": f"follow_logs: requires wait: true, because the task follows the log while it waits{OF_JOB}",
    "a token that may not run jobs": f"POST /v1/projects/{PROJECT}/jobs/{JOB}/runs: 403 Forbidden: The token lacks the permission {RUN_JOB}. "
    f'The token needs the permission "{RUN_JOB}".',
    "check mode": f"Would start a run of the job {JOB} of the project {PROJECT}.",
}
# The failed tasks whose results name a started run.
STARTED = (
    "a run that fails",
    "a run that fails, and its last line",
    "a run that hangs",
    "a run that hangs, and is aborted",
    "secrets in the log",
    "a run that may not be watched",
)
NOT_STARTED = (
    "no such job",
    "a token that may not run jobs",
    "a wrong option",
    "two images",
    "a wrong limit",
    "a first interval above the longest",
)
LOST = ("a response that is lost", "a response that is cut off")


def alike(value: t.Any) -> t.Any:
    """A result without what differs from run to run and between the ways."""
    without = {name: inner for name, inner in value.items() if name not in ("exception", ADDED_BY_CORE)}
    return json.loads(RANDOM.sub("random", json.dumps(without)))


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """All outcomes in both ways, with the most verbose output of ansible-core."""
    return by_both_ways(ansible_of, TRIALS, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true"})


@pytest.mark.parametrize("name", TRIALS)
def test_it_fails_or_works_as_it_should(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert result.get("failed", False) == TRIALS[name].expected["failed"], result.get("msg")


@pytest.mark.parametrize("name", TRIALS)
def test_the_results_are_equal(two_ways: TwoWays, name: str) -> None:
    assert alike(two_ways.in_process[name].result) == alike(two_ways.module[name].result)


@pytest.mark.parametrize("name", TRIALS)
def test_the_requests_are_equal(two_ways: TwoWays, name: str) -> None:
    in_process, module = ([request[0] for request in getattr(two_ways, way)[name].requests] for way in ("in_process", "module"))
    assert in_process == module


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_true(two_ways: TwoWays, name: str) -> None:
    assert two_ways.in_process[name].result["msg"] == MESSAGES[name]


@pytest.mark.parametrize("name", STARTED)
def test_a_failure_after_the_start_is_a_change_and_names_the_run(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert (result["changed"], result["run"]["id"] in result["msg"]) == (True, True)


@pytest.mark.parametrize("name", NOT_STARTED)
def test_a_failure_before_the_start_is_not_a_change(two_ways: TwoWays, name: str) -> None:
    assert (two_ways.in_process[name].result["changed"], "run" in two_ways.in_process[name].result) == (False, False)


@pytest.mark.parametrize("name", [*LOST, "a gateway that is busy"])
def test_a_run_is_requested_once_if_the_response_is_lost(two_ways: TwoWays, name: str) -> None:
    assert [request[0] for request in two_ways.in_process[name].requests] == ["POST"]
    assert (
        f"check the runs of the job in Northflank's dashboard or by GET /v1/projects/{PROJECT}/jobs/{JOB}/runs"
        in two_ways.in_process[name].result["msg"]
    )


def test_a_run_that_fails_shows_the_end_of_its_log(two_ways: TwoWays) -> None:
    assert two_ways.in_process["a run that fails"].result["msg"].endswith("The last lines of its log:\nfirst line\nsecond line\nthird line")


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_no_secret_is_written(two_ways: TwoWays, way: str) -> None:
    assert find_secrets(getattr(two_ways, way).output, [*LONG.values(), FILE, TOKEN, NARROW]) == []


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_no_secret_is_registered(two_ways: TwoWays, way: str) -> None:
    results = [outcome.result for outcome in getattr(two_ways, way).outcomes.values()]
    assert find_secrets(json.dumps(results), [*LONG.values(), FILE, TOKEN, NARROW]) == []


def test_the_shown_parts_of_the_results_are_equal(two_ways: TwoWays) -> None:
    in_process, module = ([alike(result) for result in shown(outcomes.output)] for outcomes in two_ways)
    assert in_process == module


def test_an_action_plugin_shows_the_run_and_its_log_while_it_waits(two_ways: TwoWays) -> None:
    lines = RANDOM.sub("random", two_ways.in_process.output).splitlines()
    news = [f"Run random of the job {JOB}: {status} after random" for status in ("RUNNING", "SUCCESS")]
    assert [line for line in news if line not in lines] == []
    assert [line for line in lines if line.startswith(f"{JOB} | ")][:3] == [
        f"{JOB} | {line}" for line in ("first line", "second line", "third line")
    ]


def test_a_task_with_no_log_shows_nothing_while_it_waits(ansible_of: t.Callable[[str], Ansible]) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB)
        emulator.plan_run(reads=2, log=[["a line"]])
        task = runs({"api_token": emulator.TOKEN, "follow_logs": True}, no_log=True)(emulator)
        output = ansible_of("quiet").run(task).output
    assert (f"{JOB} |" in output, "RUNNING" in output) == (False, False)


def test_a_task_that_is_interrupted_while_it_waits_has_named_its_run(ansible_of: t.Callable[[str], Started]) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB)
        emulator.plan_run(reads=None)
        task = {"name": "Wait", **runs({"api_token": emulator.TOKEN, "poll_interval": 60}, timeout=1)(emulator)}
        in_process = ansible_of("ended")
        ended = in_process.playbook(write_plays(in_process, {"name": "Run", "hosts": "localhost", "connection": "local", "tasks": [task]}))
        (run,) = emulator.runs_of(PROJECT, JOB)
    assert (ended.status, run.aborted) == (2, False)
    assert f"Run {run.id} of the job {JOB}: started" in ended.output


def test_progress_is_shown_while_the_task_waits(ansible_of: t.Callable[[str], Started]) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB)
        emulator.plan_run(reads=4)
        task = {"name": "Wait", **runs({"api_token": emulator.TOKEN, "poll_interval": 0.2})(emulator)}
        in_process = ansible_of("waiting")
        play = {"name": "Run", "hosts": "localhost", "connection": "local", "tasks": [task]}
        process = in_process.start(write_plays(in_process, play))
        assert process.stdout
        line = next(line for line in process.stdout if "RUNNING after" in line)
        reads = [run.reads for run in emulator.runs_of(PROJECT, JOB)]
        process.communicate()
    assert (line.startswith("Run "), reads[0] < 4, process.returncode) == (True, True, 0)
