# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs on an API whose quota does not last, a file of jobs, and the playbooks of docs/examples/many_jobs."""

from __future__ import annotations

import copy
import shutil
import typing as t
from pathlib import Path

import pytest
import yaml
from harness.both_ways import Started
from harness.many_jobs import WANTED, ManyJobs, QuickReset

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "many_jobs"


@pytest.fixture(name="many_jobs_of")
def made_jobs(collections: Path, tmp_path: Path) -> t.Iterator[t.Callable[..., ManyJobs]]:
    """many_jobs_of(count, quota=...) is this number of jobs, and an emulator with a quota that resets a second after it was used up."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLES, folder)
    running: list[QuickReset] = []

    def made(count: int, *, quota: int) -> ManyJobs:
        emulator = QuickReset(quota=quota)
        jobs = tuple((f"project-{number % 10}", f"job-{number}") for number in range(count))
        for project_id, job_id in jobs:
            emulator.add_job(
                project_id, job_id, {"backoffLimit": 1, "runtimeEnvironment": {"LEVEL": "debug"}, "tags": [f"tag-{job_id[-1]}"]}
            )
        # Each with a copy, because PyYAML writes an alias for an object that occurs twice.
        hosts = {f"{project_id}.{job_id}": {"northflank_wanted": copy.deepcopy(WANTED)} for project_id, job_id in jobs}
        (folder / "jobs.yml").write_text(yaml.safe_dump({"northflank_jobs": {"hosts": hosts}}), encoding="utf-8")
        emulator.start()
        running.append(emulator)
        return ManyJobs(emulator, Started(collections, folder), jobs)

    yield made
    for emulator in running:
        emulator.stop()
