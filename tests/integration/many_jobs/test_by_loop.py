# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs from one file by a loop: past the quota, interrupted, and run again."""

from __future__ import annotations

import collections
import time
import typing as t

from harness.both_ways import interrupt
from integration.many_jobs.conftest import MANY, PASSWORD, QUOTA, Crowd, changed


def test_a_loop_that_is_interrupted_is_run_again_and_loses_nothing(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(MANY, quota=QUOTA)
    playbook, arguments = crowd.command("by_loop.yml")
    process = crowd.ansible.start(playbook, *arguments, environment=crowd.environment)
    while len(crowd.writes()) < MANY * 3 // 10:
        assert process.poll() is None
        time.sleep(0.05)
    interrupt(process)
    process.communicate()
    done = crowd.as_wanted()
    again = crowd.run("by_loop.yml", "-v")
    assert (MANY * 3 // 10 <= done < MANY, again.status, crowd.as_wanted()) == (True, 0, MANY), again.output[-2000:]
    # The one that was on its way when the first run ended may have been changed twice.
    assert sorted(collections.Counter(crowd.writes()).values())[:-1] == [1] * (MANY - 1)
    assert crowd.refused() >= 2
    assert PASSWORD not in again.output


def test_a_loop_changes_nothing_where_nothing_differs(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(30, quota=1000)
    outputs = [crowd.run("by_loop.yml").output for _run in range(2)]
    assert ([changed(output) for output in outputs], len(crowd.writes())) == ([1, 0], 30)
    assert len(crowd.emulator.requests) == 30 * 3 + 30 * 2


def test_a_loop_goes_on_past_a_job_that_fails(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(30, quota=1000)
    crowd.emulator.order("error", "patch-manual-job", skip=3, status=422)
    run = crowd.run("by_loop.yml")
    assert (run.status, crowd.as_wanted()) == (2, 29)
