# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs from one file, each as a host: with forks, in batches, in slices, and some of them."""

from __future__ import annotations

import typing as t

import pytest
from harness import WHOLE
from harness.awx_runner import Runner, slices
from integration.many_jobs.conftest import MANY, PASSWORD, QUOTA, Crowd, changed

# In three slices, which need three times as many requests as there are jobs.
SLICED = 150 if WHOLE else 45


def test_hosts_of_the_inventory_are_brought_to_their_parameters_side_by_side(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(MANY, quota=QUOTA)
    run = crowd.run("by_inventory.yml", "-v", "--forks", "10")
    assert (run.status, changed(run.output), crowd.as_wanted()) == (0, MANY, MANY), run.output[-2000:]
    assert (len(crowd.writes()), crowd.refused() >= 2, PASSWORD in run.output) == (MANY, True, False)


def test_hosts_go_in_batches_and_a_batch_with_a_failure_does_not_stop_the_next(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(24, quota=1000)
    crowd.emulator.order("error", "patch-manual-job", skip=5, status=422)
    run = crowd.run("by_inventory.yml", "--extra-vars", "northflank_serial=8")
    assert (run.status, run.output.count("PLAY ["), crowd.as_wanted()) == (2, 3, 23)


def test_slices_share_the_work_and_the_quota(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(SLICED, quota=SLICED)
    runner = Runner(
        crowd.ansible.collections, crowd.ansible.folder, crowd.ansible.folder, playbook="by_inventory.yml", inventory_source="jobs.yml"
    )
    parts = slices(runner.inventory_update(crowd.environment), 3)
    answers = {"report_database_password": PASSWORD}
    started = [runner.start(f"slice-{number}", part, crowd.environment, answers) for number, part in enumerate(parts)]
    stored = "".join(job.wait().stored for job in started)
    assert (len(crowd.writes()), crowd.as_wanted(), crowd.refused() >= 1) == (SLICED, SLICED, True)
    assert [secret for secret in (PASSWORD, crowd.emulator.TOKEN) if f'"{secret}"' in stored] == []


@pytest.mark.parametrize("limit", ["project-3.*", "tag_tag_3"], ids=["name", "group"])
def test_a_limit_leaves_the_other_jobs_alone(crowd_of: t.Callable[..., Crowd], limit: str) -> None:
    crowd = crowd_of(30, quota=1000)
    run = crowd.run("by_inventory.yml", "--limit", limit)
    assert (run.status, {project_id for project_id, job_id in crowd.writes()}, crowd.as_wanted()) == (0, {"project-3"}, 3)


def test_a_job_that_the_file_does_not_name_is_left_alone(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(10, quota=1000)
    crowd.emulator.add_job("project-0", "another")
    run = crowd.run("by_inventory.yml")
    assert (run.status, crowd.as_wanted(), ("project-0", "another") in crowd.writes()) == (0, 10, False)


def test_a_name_in_the_file_that_is_no_job_is_told_and_stops_no_other(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(10, quota=1000)
    file = crowd.ansible.folder / "jobs.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("project-3.job-3:", "project-3.jbo-3:"), encoding="utf-8")
    runs = [crowd.run(playbook) for playbook in ("by_inventory.yml", "by_loop.yml")]
    assert ([run.status for run in runs], crowd.as_wanted()) == ([2, 2], 9)
    assert ['job_id "jbo-3"' in run.output.replace("\\", "") for run in runs] == [True, True]


def test_an_option_that_does_not_exist_is_refused_before_anything_is_changed(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(3, quota=1000)
    file = crowd.ansible.folder / "jobs.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("backoff_limit", "backof_limit"), encoding="utf-8")
    runs = [crowd.run(playbook) for playbook in ("by_inventory.yml", "by_loop.yml")]
    assert ([run.status for run in runs], crowd.writes()) == ([2, 2], [])
    assert ["Unknown options in northflank_wanted: backof_limit" in run.output for run in runs] == [True, True]


def test_a_check_of_all_jobs_writes_nothing(crowd_of: t.Callable[..., Crowd]) -> None:
    crowd = crowd_of(10, quota=1000)
    runs = [crowd.run(playbook, "--check", "--diff") for playbook in ("by_loop.yml", "by_inventory.yml")]
    assert ([changed(run.output) for run in runs], crowd.writes()) == ([1, 10], [])
