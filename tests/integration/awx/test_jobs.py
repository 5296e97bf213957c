# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the job template with ansible-runner: answers of the survey are used, empty ones change nothing, no secret is stored."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import PROJECT, awx
from harness.awx_runner import Hosts, Job, Runner, slices

TOKEN = "the-token-of-this-test-0123456789"
SECRET, PRESENT_SECRET = "the-password-of-this-test-7xQ", "the-present-password-7xQ"
JOBS = [f"job-{number:02}" for number in range(7)]
BEFORE = {"backoffLimit": 1, "activeDeadlineSeconds": 300, "runOnSourceChange": "never", "runtimeEnvironment": {"PASSWORD": PRESENT_SECRET}}
FIELDS = ("backoffLimit", "activeDeadlineSeconds", "runOnSourceChange")
ANSWERS = {"northflank_backoff_limit": 4, "northflank_active_deadline_seconds": 900, "northflank_run_on_source_change": "always"}

Stored = t.Dict[str, t.Tuple[t.Any, ...]]


@pytest.fixture(scope="module")
def running() -> t.Iterator[Emulator]:
    """An emulator that all tests share, so that they also share its inventory."""
    with Emulator() as emulator:
        emulator.take_quota = lambda: True
        emulator.add_token(TOKEN)
        store(emulator)
        yield emulator
        assert emulator.violations == []


def store(emulator: Emulator) -> None:
    """Jobs that are all the same."""
    for job in JOBS:
        emulator.add_job(PROJECT, job, BEFORE)


@pytest.fixture
def api(running: Emulator) -> Emulator:
    """The API as no other test has left it."""
    store(running)
    running.requests.clear()
    return running


@pytest.fixture(scope="module")
def environment(credential_type: dict[str, t.Any], running: Emulator) -> dict[str, str]:
    """What AWX injects for a credential whose team is empty."""
    return awx.injected(credential_type, {"api_token": TOKEN, "api_url": running.url, "team_id": ""})


@pytest.fixture
def runner(collections: Path, tmp_path: Path) -> Runner:
    """ansible-runner, with a folder of its own."""
    return Runner(collections, tmp_path)


@pytest.fixture(scope="module")
def hosts(collections: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Hosts:
    """What an update of the inventory source has made of the jobs."""
    return Runner(collections, tmp_path_factory.mktemp("update")).inventory_update(environment)


@pytest.fixture
def run(runner: Runner, hosts: Hosts, environment: dict[str, str], api: Emulator) -> t.Callable[..., Job]:
    """Run a job on all hosts with answers of the survey. arguments are those of ansible-runner."""

    def run_job(answers: dict[str, t.Any], *arguments: str, **rest: t.Any) -> Job:
        return runner.start("job", hosts, environment, answers, *arguments, **rest).wait()

    return run_job


def parameters(api: Emulator) -> Stored:
    """The present values of the jobs, by their IDs."""
    return {job: tuple(api.job(PROJECT, job).get(field) for field in FIELDS) for job in JOBS}


def test_each_job_is_a_host(hosts: Hosts) -> None:
    assert sorted(hosts) == [f"{PROJECT}.{job}" for job in JOBS]


def test_each_job_gets_the_answers(api: Emulator, run: t.Callable[..., Job]) -> None:
    run(ANSWERS)
    assert parameters(api) == dict.fromkeys(JOBS, (4, 900, "always"))


EMPTY = {
    "missing": {},
    "empty": dict.fromkeys(ANSWERS, ""),
    "null": dict.fromkeys(ANSWERS),
}


@pytest.mark.parametrize("answers", EMPTY.values(), ids=EMPTY)
def test_answers_that_were_not_given_change_nothing(api: Emulator, run: t.Callable[..., Job], answers: dict[str, t.Any]) -> None:
    job = run(answers)
    assert [result["changed"] for result in job.results.values()] == [False] * len(JOBS)
    assert {request.method for request in api.requests} == {"GET"}


def test_zero_is_passed_on(api: Emulator, run: t.Callable[..., Job]) -> None:
    run({"northflank_backoff_limit": 0, "northflank_active_deadline_seconds": 0, "northflank_run_on_source_change": ""})
    assert parameters(api) == dict.fromkeys(JOBS, (0, None, "never"))


def test_a_limit_does_not_change_the_other_jobs(api: Emulator, run: t.Callable[..., Job]) -> None:
    run({"northflank_backoff_limit": 4}, "--limit", f"{PROJECT}.{JOBS[0]}")
    assert [job for job, (backoff_limit, *unused) in parameters(api).items() if backoff_limit == 4] == JOBS[:1]


def test_the_tasks_run_in_the_process_of_ansible_core(run: t.Callable[..., Job]) -> None:
    assert run({}, "-vvv").stored.count("runs in the ansible-playbook process") >= len(JOBS)


class TestSlices:
    """A sliced job: processes at the same time, each with its part of the hosts."""

    COUNT = 3

    @pytest.fixture
    def sliced(self, runner: Runner, hosts: Hosts, environment: dict[str, str], api: Emulator) -> list[Job]:
        """The jobs, which have ended."""
        parts = enumerate(slices(hosts, self.COUNT))
        started = [runner.start(f"slice-{number}", part, environment, ANSWERS) for number, part in parts]
        return [job.wait() for job in started]

    def test_all_jobs_get_the_answers(self, api: Emulator, sliced: list[Job]) -> None:
        assert parameters(api) == dict.fromkeys(JOBS, (4, 900, "always"))

    def test_each_job_is_in_one_slice(self, hosts: Hosts, sliced: list[Job]) -> None:
        assert sorted(host for job in sliced for host in job.results) == sorted(hosts)
        assert sorted(len(job.results) for job in sliced) == [2, 2, 3]


class TestSecrets:
    """What AWX stores of a job whose inventory contains a secret, at its highest verbosity and with the diff."""

    VARIABLES: t.ClassVar = {"northflank_runtime_environment": {"PASSWORD": SECRET}}

    @pytest.fixture
    def stored(self, run: t.Callable[..., Job]) -> str:
        """All of it."""
        return run(ANSWERS, "-vvvvv", "--cmdline=--diff", variables=self.VARIABLES).stored

    def test_the_secret_is_stored(self, api: Emulator, stored: str) -> None:
        assert {api.job(PROJECT, job)["runtimeEnvironment"]["PASSWORD"] for job in JOBS} == {SECRET}

    def test_no_secret_is_stored(self, stored: str) -> None:
        assert [secret for secret in (TOKEN, SECRET, PRESENT_SECRET) if secret in stored] == []

    def test_the_change_is_stored(self, stored: str) -> None:
        assert '"PASSWORD": "hidden, changed"' in stored


class TestRecordedArguments:
    """What AWX stores of a job with a secret in a variable if ansible-core records the arguments of tasks."""

    @pytest.fixture
    def stored(self, runner: Runner, hosts: Hosts, environment: dict[str, str], api: Emulator) -> t.Callable[..., Job]:
        """Run a job on a host, with variables of the inventory."""
        settings = {**environment, "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true"}
        host = dict(sorted(hosts.items())[:1])

        def run_job(**variables: t.Any) -> Job:
            return runner.start("job", host, settings, ANSWERS, variables={**TestSecrets.VARIABLES, **variables}).wait()

        return run_job

    def test_the_events_hold_the_secret(self, stored: t.Callable[..., Job]) -> None:
        (ended,) = (event for event in stored().events if event["event"] == "runner_on_ok")
        assert SECRET in ended["event_data"]["task_args"]
        assert SECRET not in str(ended["event_data"]["res"])

    def test_no_log_keeps_it_out_and_the_result_too(self, api: Emulator, stored: t.Callable[..., Job]) -> None:
        job = stored(northflank_no_log=True)
        assert SECRET not in job.stored
        assert [list(result) for result in job.results.values()] == [["censored"]]
        assert api.job(PROJECT, JOBS[0])["runtimeEnvironment"] == {"PASSWORD": SECRET}
