# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs or tasks with one quota: each succeeds or fails with one clear message, and none sends more requests than it should."""

from __future__ import annotations

import itertools
import re
import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator, RecordedRequest
from harness import PROJECT
from harness.flows import Flows
from harness.many_jobs import QuickReset
from harness.playbooks import MODULE, Task

READ, WRITE = "get-job", "patch-manual-job"
REFUSED = 429
BEFORE, AFTER = "As it is", "As it shall be"
HOSTS = tuple(f"job-{number}" for number in range(20))
LOOP = tuple(f"job-{number}" for number in range(50))
USED_UP = re.compile(
    r"(?:GET|PATCH) /v1/projects/\S+: 429 Too Many Requests: .* The quota is used up\. It resets in (?P<reset>\d+) seconds?\. "
    r"Requests sent by this task: (?P<requests>\d+)\. Waited 0 of at most (?P<wait>\d+) seconds \(rate_limit_wait\)\. Increase it to wait longer\."
)


@dataclass(frozen=True)
class Fleet:
    """Tasks that ran at the same time: their emulator, and what each of them registered, by its job."""

    emulator: Emulator
    results: dict[str, dict[str, t.Any]]


def store(emulator: Emulator, jobs: t.Iterable[str]) -> None:
    """Jobs that all differ from what the tasks state."""
    for job in jobs:
        emulator.add_job(PROJECT, job, {"description": BEFORE})


def tasks(emulator: Emulator, jobs: t.Iterable[str], wait: int) -> list[Task]:
    """A task for each job."""
    common = {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT, "description": AFTER, "rate_limit_wait": wait}
    return [{"name": job, MODULE: {"job_id": job, **common}} for job in jobs]


def descriptions(emulator: Emulator, jobs: t.Iterable[str]) -> list[str]:
    """The descriptions of the jobs."""
    return [emulator.job(PROJECT, job)["description"] for job in jobs]


def carried_out(requests: t.Iterable[RecordedRequest]) -> list[str | None]:
    """The operations that were not refused, in order."""
    return [request.operation for request in requests if request.status != REFUSED]


def fleet(emulator: Emulator, wait: int) -> Fleet:
    """Twenty tasks side by side."""
    store(emulator, HOSTS)
    results = Flows().run_side_by_side(*tasks(emulator, HOSTS, wait)).results
    assert emulator.violations == []
    return Fleet(emulator, dict(zip(HOSTS, results)))


def refused_at_a_time(emulator: Emulator) -> list[list[str | None]]:
    """For each time that the quota was used up, the jobs whose requests were refused, one for each request."""
    runs = itertools.groupby(emulator.requests, lambda request: request.status == REFUSED)
    return [[request.job_id for request in run] for is_refused, run in runs if is_refused]


@pytest.fixture(scope="module")
def patient() -> t.Iterator[Fleet]:
    """The quota resets soon, and the tasks wait for it."""
    with QuickReset(quota=12) as emulator:
        yield fleet(emulator, wait=600)


@pytest.fixture(scope="module")
def impatient() -> t.Iterator[Fleet]:
    """The quota resets in an hour, and no task may wait that long."""
    with Emulator() as emulator:
        emulator.quota = 12
        yield fleet(emulator, wait=60)


class TestTwentyTasksSideBySide:
    """Twenty tasks at the same time, each with a job of its own, on one quota for twelve requests: forty are needed."""

    def test_a_task_that_waits_succeeds_and_loses_nothing(self, patient: Fleet) -> None:
        assert {job: result["changed"] for job, result in patient.results.items() if not result.get("failed")} == dict.fromkeys(HOSTS, True)
        assert descriptions(patient.emulator, HOSTS) == [AFTER] * len(HOSTS)

    def test_a_task_that_waits_sends_each_request_once(self, patient: Fleet) -> None:
        assert {job: carried_out(patient.emulator.requests_of(PROJECT, job)) for job in HOSTS} == dict.fromkeys(HOSTS, [READ, WRITE])

    def test_a_task_that_waits_is_refused_once_each_time_that_the_quota_is_used_up(self, patient: Fleet) -> None:
        refused = refused_at_a_time(patient.emulator)
        # 12 + 12 + 12 + 4 requests are carried out.
        assert len(refused) == 3
        assert [jobs for jobs in refused if len(jobs) != len(set(jobs))] == []

    def test_each_result_counts_its_own_requests(self, patient: Fleet) -> None:
        counted = {job: result["api"]["requests"] for job, result in patient.results.items()}
        assert counted == {job: len(patient.emulator.requests_of(PROJECT, job)) for job in HOSTS}

    def test_a_task_with_too_little_time_to_wait_succeeds_or_fails_without_a_change(self, impatient: Fleet) -> None:
        expected = [BEFORE if impatient.results[job].get("failed") else AFTER for job in HOSTS]
        assert descriptions(impatient.emulator, HOSTS) == expected
        assert len(carried_out(impatient.emulator.requests)) == impatient.emulator.quota
        assert BEFORE in expected

    def test_a_task_with_too_little_time_to_wait_is_refused_once_and_fails_with_the_quota(self, impatient: Fleet) -> None:
        for job, result in impatient.results.items():
            statuses = [request.status for request in impatient.emulator.requests_of(PROJECT, job)]
            assert statuses.count(REFUSED) == (1 if result.get("failed") else 0)
            if result.get("failed"):
                match = USED_UP.fullmatch(result["msg"])
                assert match and int(match["reset"]) > 60 and match["wait"] == "60"
                assert int(match["requests"]) == len(statuses) == result["api"]["requests"]


class TestFiftyJobsOneAfterTheOther:
    """Fifty jobs, a quota for sixty requests: a hundred are needed."""

    def results(self, flows: Flows, emulator: Emulator, wait: int) -> list[dict[str, t.Any]]:
        """What the tasks registered."""
        store(emulator, LOOP)
        return flows.run(*tasks(emulator, LOOP, wait)).results

    def test_with_time_to_wait_all_succeed_and_one_request_is_refused(self, flows: Flows) -> None:
        with QuickReset(quota=60) as emulator:
            results = self.results(flows, emulator, wait=60)
            assert [result["changed"] for result in results] == [True] * 50
            assert descriptions(emulator, LOOP) == [AFTER] * 50
            assert (len(carried_out(emulator.requests)), refused_at_a_time(emulator)) == (100, [["job-30"]])

    def test_without_time_to_wait_all_others_fail_with_one_request_and_the_time_to_retry(self, flows: Flows) -> None:
        with Emulator() as emulator:
            emulator.quota = 60
            results = self.results(flows, emulator, wait=0)
            assert [bool(result.get("failed")) for result in results] == [False] * 30 + [True] * 20
            assert descriptions(emulator, LOOP) == [AFTER] * 30 + [BEFORE] * 20
            assert [result["api"]["requests"] for result in results] == [2] * 30 + [1] * 20
            assert len(emulator.requests) == 80
            matches = [USED_UP.fullmatch(result["msg"]) for result in results[30:]]
            assert [(match["requests"], match["wait"]) for match in matches if match] == [("1", "0")] * 20
            assert {3000 < int(match["reset"]) <= 3600 for match in matches if match} == {True}
