# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many tasks at once: emulators with a fixed order of requests, a task on many hosts, and many jobs in one file."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from emulator import Emulator

from . import WHOLE
from .both_ways import Started
from .playbooks import MODULE, Ansible, Run, save_task

_SECONDS = 120
# The number of jobs, and a quota that tasks on all of them use up three times.
MANY, QUOTA = (1000, 900) if WHOLE else (90, 80)
PASSWORD = "the-password-of-all-jobs-7xQ"
# What each job must be, by the names of options, and as the API stores it.
WANTED = {"backoff_limit": 2, "runtime_environment": {"LEVEL": "info", "PASSWORD": "{{ report_database_password }}"}}
STORED = {"backoffLimit": 2, "runtimeEnvironment": {"LEVEL": "info", "PASSWORD": PASSWORD}}


class Gate(Emulator):
    """Two tasks write only after both have read: the first write of each, or the first few, wait for those of the other.

    methods are those of the writes.
    """

    def __init__(self, *, writes: int = 1, methods: t.Collection[str] = ("PATCH",), **rest: t.Any) -> None:
        super().__init__(**rest)
        self._methods = methods
        self._both = threading.Barrier(2)
        self._writes = itertools.count()
        self._held = 2 * writes

    def take_fault(self, method: str, path: str) -> t.Any:
        """Called before a request takes effect."""
        if method in self._methods and next(self._writes) < self._held:
            self._both.wait(_SECONDS)
        return super().take_fault(method, path)


class QuickReset(Emulator):
    """A quota that resets a second after the first request that it refuses, however fast or slow the tasks are."""

    def __init__(self, *, quota: int, **rest: t.Any) -> None:
        super().__init__(**rest)
        self.quota = quota
        self.quota_used = 0
        self._end: float | None = None

    def take_quota(self) -> bool:
        """Count a request. Returns False if the quota is used up."""
        now = time.monotonic()
        if self._end is not None and now >= self._end:
            self.quota_used, self._end = 0, None
        if self.quota_used < self.quota:
            self.quota_used += 1
            return True
        self._end = self._end or now + 1
        return False

    def quota_headers(self) -> dict[str, str]:
        """The headers about the quota."""
        values = {"limit": self.quota, "remaining": self.quota - self.quota_used, "reset": 1}
        return {f"x-ratelimit-{name}": str(value) for name, value in values.items()}


def run_on_hosts(ansible: Ansible, jobs: t.Sequence[str], options: t.Mapping[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """Run a task on as many hosts as there are jobs, all at once. Returns what each registered, by job."""
    results = ansible.folder / "results.json"
    inventory = {"all": {"hosts": {job: {} for job in jobs}, "vars": {"ansible_connection": "local"}}}
    play = {
        "name": "Run them side by side",
        "hosts": "all",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            {"name": "Try", MODULE: {"job_id": "{{ inventory_hostname }}", **options}, "register": "result", "ignore_errors": True},
            {
                "name": "Save the results",
                **save_task("dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, 'result')))", results),
                "run_once": True,
            },
        ],
    }
    for name, content in (("inventory.yml", inventory), ("playbook.yml", [play])):
        (ansible.folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    arguments = ["--inventory", str(ansible.folder / "inventory.yml"), "--forks", str(len(jobs))]
    run = ansible.playbook(ansible.folder / "playbook.yml", arguments)
    if not results.exists():
        raise RuntimeError(f"ansible-playbook ended before its last task:\n{run.output}")
    return json.loads(results.read_text(encoding="utf-8"))


def count_changed(output: str) -> int:
    """The number of hosts or loops that the recap counts as changed, in all."""
    return sum(int(count) for count in re.findall(r"changed=(\d+)", output))


@dataclass(frozen=True)
class ManyJobs:
    """Jobs in ten projects, and the folder from which a user brings them to their parameters."""

    emulator: QuickReset
    ansible: Started
    jobs: tuple[tuple[str, str], ...]

    def command(self, playbook: str, *arguments: str) -> tuple[Path, list[str]]:
        """A playbook and its arguments: with the file of jobs, and if jobs are hosts, also with the inventory of existing jobs."""
        sources = ["jobs.yml", "northflank_jobs.yml"] if playbook == "by_inventory.yml" else ["jobs.yml"]
        inventory = [word for source in sources for word in ("--inventory", str(self.ansible.folder / source))]
        return self.ansible.folder / playbook, [*inventory, "--extra-vars", f"report_database_password={PASSWORD}", *arguments]

    def run(self, playbook: str, *arguments: str) -> Run:
        """Run a playbook of the example, and wait for its end."""
        return self.ansible.playbook(*self.command(playbook, *arguments), environment=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The URL and the token of the API."""
        return {"NORTHFLANK_API_BASE_URL": self.emulator.url, "NORTHFLANK_API_TOKEN": self.emulator.TOKEN}

    def as_wanted(self) -> int:
        """The number of jobs that are as in the file."""
        stored = (self.emulator.job(*ids) for ids in self.jobs)
        return sum(all(job.get(name) == value for name, value in STORED.items()) for job in stored)

    def refused(self) -> int:
        """The number of requests that failed because the quota was used up."""
        return sum(each.status == 429 for each in self.emulator.requests)

    def writes(self) -> list[tuple[str | None, str | None]]:
        """The jobs that were changed, each as often as it was changed."""
        return [(each.project_id, each.job_id) for each in self.emulator.requests if each.method == "PATCH" and each.status == 200]
