# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs from one file by a loop: past the quota, interrupted, and run again."""

from __future__ import annotations

import collections
import time
import typing as t

from harness.both_ways import interrupt
from harness.many_jobs import MANY, PASSWORD, QUOTA, ManyJobs, count_changed


def test_a_loop_that_is_interrupted_is_run_again_and_loses_nothing(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(MANY, quota=QUOTA)
    playbook, arguments = many_jobs.command("by_loop.yml")
    process = many_jobs.ansible.start(playbook, *arguments, environment=many_jobs.environment)
    while len(many_jobs.writes()) < MANY * 3 // 10:
        assert process.poll() is None
        time.sleep(0.05)
    interrupt(process)
    process.communicate()
    done = many_jobs.as_wanted()
    again = many_jobs.run("by_loop.yml", "-v")
    assert (MANY * 3 // 10 <= done < MANY, again.status, many_jobs.as_wanted()) == (True, 0, MANY), again.output[-2000:]
    # The job whose request was being sent when the first run ended may have been changed twice.
    assert sorted(collections.Counter(many_jobs.writes()).values())[:-1] == [1] * (MANY - 1)
    assert many_jobs.refused() >= 2
    assert PASSWORD not in again.output


def test_a_loop_changes_nothing_if_nothing_differs(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(30, quota=1000)
    outputs = [many_jobs.run("by_loop.yml").output for _run in range(2)]
    assert ([count_changed(output) for output in outputs], len(many_jobs.writes())) == ([1, 0], 30)
    assert len(many_jobs.emulator.requests) == 30 * 3 + 30 * 2


def test_a_loop_continues_after_a_job_that_fails(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(30, quota=1000)
    many_jobs.emulator.order("error", "patch-manual-job", skip=3, status=422)
    run = many_jobs.run("by_loop.yml")
    assert (run.status, many_jobs.as_wanted()) == (2, 29)
