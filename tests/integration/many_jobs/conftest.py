# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs on an API whose quota does not last, a file of jobs, and the playbooks of docs/examples/many_jobs."""

from __future__ import annotations

import copy
import re
import shutil
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from harness import WHOLE
from harness.both_ways import Started
from harness.many_jobs import QuickReset
from harness.playbooks import Run

# How many jobs are many: the quota is used up three times by either.
MANY, QUOTA = (1000, 900) if WHOLE else (90, 80)
EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "many_jobs"
PASSWORD = "the-password-of-all-jobs-7xQ"
# What each job should be, in the options' names and as the API stores it.
WANTED = {"backoff_limit": 2, "runtime_environment": {"LEVEL": "info", "PASSWORD": "{{ report_database_password }}"}}
STORED = {"backoffLimit": 2, "runtimeEnvironment": {"LEVEL": "info", "PASSWORD": PASSWORD}}


def changed(output: str) -> int:
    """How many hosts or loops the recap says were changed, in all."""
    return sum(int(count) for count in re.findall(r"changed=(\d+)", output))


@dataclass(frozen=True)
class Crowd:
    """So many jobs in ten projects, and the folder from which a user brings them to their parameters."""

    emulator: QuickReset
    ansible: Started
    jobs: tuple[tuple[str, str], ...]

    def command(self, playbook: str, *arguments: str) -> tuple[Path, list[str]]:
        """A playbook and its arguments, with the file of jobs, and where jobs are hosts, with those that are there."""
        sources = ["jobs.yml", "northflank_jobs.yml"] if playbook == "by_inventory.yml" else ["jobs.yml"]
        inventory = [word for source in sources for word in ("--inventory", str(self.ansible.folder / source))]
        return self.ansible.folder / playbook, [*inventory, "--extra-vars", f"report_database_password={PASSWORD}", *arguments]

    def run(self, playbook: str, *arguments: str) -> Run:
        """Run a playbook of the example to its end."""
        return self.ansible.playbook(*self.command(playbook, *arguments), environment=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Where the API is, and its token."""
        return {"NORTHFLANK_API_BASE_URL": self.emulator.url, "NORTHFLANK_API_TOKEN": self.emulator.TOKEN}

    def as_wanted(self) -> int:
        """How many jobs are as the file says."""
        stored = (self.emulator.job(*ids) for ids in self.jobs)
        return sum(all(job.get(name) == value for name, value in STORED.items()) for job in stored)

    def refused(self) -> int:
        """How many requests the quota has refused."""
        return sum(each.status == 429 for each in self.emulator.requests)

    def writes(self) -> list[tuple[str | None, str | None]]:
        """The jobs that were changed, once for each time."""
        return [(each.project_id, each.job_id) for each in self.emulator.requests if each.method == "PATCH" and each.status == 200]


@pytest.fixture(name="crowd_of")
def made_crowd(collections: Path, tmp_path: Path) -> t.Iterator[t.Callable[..., Crowd]]:
    """crowd_of(count, quota=...) are so many jobs, and an API with that quota, which is whole again a second after it was used up."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLES, folder)
    running: list[QuickReset] = []

    def made(count: int, *, quota: int) -> Crowd:
        emulator = QuickReset(quota=quota)
        jobs = tuple((f"project-{number % 10}", f"job-{number}") for number in range(count))
        for project_id, job_id in jobs:
            emulator.add_job(
                project_id, job_id, {"backoffLimit": 1, "runtimeEnvironment": {"LEVEL": "debug"}, "tags": [f"tag-{job_id[-1]}"]}
            )
        # Each with a copy: of what it sees twice, PyYAML would write an alias.
        hosts = {f"{project_id}.{job_id}": {"northflank_wanted": copy.deepcopy(WANTED)} for project_id, job_id in jobs}
        (folder / "jobs.yml").write_text(yaml.safe_dump({"northflank_jobs": {"hosts": hosts}}), encoding="utf-8")
        emulator.start()
        running.append(emulator)
        return Crowd(emulator, Started(collections, folder), jobs)

    yield made
    for emulator in running:
        emulator.stop()
