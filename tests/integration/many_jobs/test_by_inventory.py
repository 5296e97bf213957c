# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs from one file, each as a host: with forks, in batches, in slices, and some of them."""

from __future__ import annotations

import typing as t

import pytest
from harness import WHOLE
from harness.awx_runner import Runner, slices
from harness.many_jobs import MANY, PASSWORD, QUOTA, ManyJobs, count_changed

# In three slices, which need three times as many requests as there are jobs.
SLICED = 150 if WHOLE else 45


def test_hosts_of_the_inventory_are_changed_at_the_same_time(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(MANY, quota=QUOTA)
    run = many_jobs.run("by_inventory.yml", "-v", "--forks", "10")
    assert (run.status, count_changed(run.output), many_jobs.as_wanted()) == (0, MANY, MANY), run.output[-2000:]
    assert (len(many_jobs.writes()), many_jobs.refused() >= 2, PASSWORD in run.output) == (MANY, True, False)


def test_hosts_run_in_batches_and_a_batch_with_a_failure_does_not_stop_the_next(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(24, quota=1000)
    many_jobs.emulator.order("error", "patch-manual-job", skip=5, status=422)
    run = many_jobs.run("by_inventory.yml", "--extra-vars", "northflank_serial=8")
    assert (run.status, run.output.count("PLAY ["), many_jobs.as_wanted()) == (2, 3, 23)


def test_slices_share_the_work_and_the_quota(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(SLICED, quota=SLICED)
    runner = Runner(
        many_jobs.ansible.collections,
        many_jobs.ansible.folder,
        many_jobs.ansible.folder,
        playbook="by_inventory.yml",
        inventory_source="jobs.yml",
    )
    parts = slices(runner.inventory_update(many_jobs.environment), 3)
    variables = {"report_database_password": PASSWORD}
    started = [runner.start(f"slice-{number}", part, many_jobs.environment, variables) for number, part in enumerate(parts)]
    stored = "".join(job.wait().stored for job in started)
    assert (len(many_jobs.writes()), many_jobs.as_wanted(), many_jobs.refused() >= 1) == (SLICED, SLICED, True)
    assert [secret for secret in (PASSWORD, many_jobs.emulator.TOKEN) if f'"{secret}"' in stored] == []


@pytest.mark.parametrize("limit", ["project-3.*", "tag_tag_3"], ids=["name", "group"])
def test_a_limit_does_not_change_the_other_jobs(many_jobs_of: t.Callable[..., ManyJobs], limit: str) -> None:
    many_jobs = many_jobs_of(30, quota=1000)
    run = many_jobs.run("by_inventory.yml", "--limit", limit)
    assert (run.status, {project_id for project_id, job_id in many_jobs.writes()}, many_jobs.as_wanted()) == (0, {"project-3"}, 3)


def test_a_job_that_is_not_in_the_file_does_not_change(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(10, quota=1000)
    many_jobs.emulator.add_job("project-0", "another")
    run = many_jobs.run("by_inventory.yml")
    assert (run.status, many_jobs.as_wanted(), ("project-0", "another") in many_jobs.writes()) == (0, 10, False)


def test_a_name_in_the_file_without_a_job_is_reported_and_does_not_stop_the_others(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(10, quota=1000)
    file = many_jobs.ansible.folder / "jobs.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("project-3.job-3:", "project-3.jbo-3:"), encoding="utf-8")
    runs = [many_jobs.run(playbook) for playbook in ("by_inventory.yml", "by_loop.yml")]
    assert ([run.status for run in runs], many_jobs.as_wanted()) == ([2, 2], 9)
    assert ['job_id "jbo-3"' in run.output.replace("\\", "") for run in runs] == [True, True]


def test_an_option_that_does_not_exist_is_refused_before_anything_is_changed(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(3, quota=1000)
    file = many_jobs.ansible.folder / "jobs.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("backoff_limit", "backof_limit"), encoding="utf-8")
    runs = [many_jobs.run(playbook) for playbook in ("by_inventory.yml", "by_loop.yml")]
    assert ([run.status for run in runs], many_jobs.writes()) == ([2, 2], [])
    assert ["Unknown options in northflank_wanted: backof_limit" in run.output for run in runs] == [True, True]


def test_a_check_of_all_jobs_writes_nothing(many_jobs_of: t.Callable[..., ManyJobs]) -> None:
    many_jobs = many_jobs_of(10, quota=1000)
    runs = [many_jobs.run(playbook, "--check", "--diff") for playbook in ("by_loop.yml", "by_inventory.yml")]
    assert ([count_changed(run.output) for run in runs], many_jobs.writes()) == ([1, 10], [])
