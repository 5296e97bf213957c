# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's jobs, as it runs them by ansible-runner: a folder with project, inventory, environment and extra variables; and slices."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from .playbooks import Ansible

Hosts = t.Dict[str, t.Dict[str, t.Any]]

_BIN = Path(sys.executable).parent
_IDENT = "1"
# All hosts are in it, as in docs/examples/many_jobs/jobs.yml.
_GROUP = "northflank_jobs"
_SECONDS = 120


def slices(hosts: Hosts, count: int) -> list[Hosts]:
    """The hosts of each job of a sliced job template: AWX deals them out by name, one after the other."""
    names = sorted(hosts)
    return [{name: hosts[name] for name in names[number::count]} for number in range(count)]


@dataclass(frozen=True)
class Job:
    """One process of ansible-runner, which may be running still, and the folder of what it leaves."""

    folder: Path
    process: subprocess.Popen[str]

    def wait(self) -> Job:
        """Wait for its end, which must be a success."""
        output, unused = self.process.communicate(timeout=_SECONDS)
        if self.process.returncode:
            raise RuntimeError(f"ansible-runner ended with {self.process.returncode}:\n{output}")
        return self

    @property
    def events(self) -> list[dict[str, t.Any]]:
        """The events, in their order."""
        files = (self.folder / "job_events").glob("*.json")
        return sorted((json.loads(file.read_text(encoding="utf-8")) for file in files), key=lambda event: event["counter"])

    @property
    def results(self) -> dict[str, dict[str, t.Any]]:
        """The result of the only task, by host."""
        return {event["event_data"]["host"]: event["event_data"]["res"] for event in self.events if event["event"] == "runner_on_ok"}

    @property
    def stored(self) -> str:
        """All that AWX stores: events, output and facts. It keeps neither the folder with the environment nor the command."""
        files = [self.folder / "stdout", *(self.folder / "job_events").iterdir(), *(self.folder / "fact_cache").iterdir()]
        return "\n".join(file.read_text(encoding="utf-8") for file in files)


@dataclass(frozen=True)
class Runner(Ansible):
    """ansible-runner, with the installed collection and a folder for its jobs.

    The project of AWX contains the collection's playbooks, or those of another folder; playbook and inventory_source are below it.
    """

    playbooks: Path | None = None
    playbook: str = "awx_jobs.yml"
    inventory_source: str = "inventory/northflank_jobs.yml"

    def start(
        self,
        name: str,
        hosts: Hosts,
        environment: t.Mapping[str, str],
        answers: t.Mapping[str, t.Any],
        *arguments: str,
        variables: t.Mapping[str, t.Any] | None = None,
    ) -> Job:
        """Start a job of the job template's playbook on hosts of an inventory, which may have variables for all of them."""
        folder = self.folder / name
        shutil.copytree(self._playbooks, folder / "project" / "playbooks")
        files = {
            "env/envvars": environment,
            "env/extravars": answers,
            "env/settings": {"fact_cache": "fact_cache", "fact_cache_type": "jsonfile"},
        }
        for path, content in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(json.dumps(content), encoding="utf-8")
        _write_inventory(folder / "inventory" / "hosts", hosts, variables or {})
        command = [
            sys.executable,
            "-m",
            "ansible_runner",
            "run",
            str(folder),
            "--playbook",
            f"playbooks/{self.playbook}",
            "--ident",
            _IDENT,
            *arguments,
        ]
        process = subprocess.Popen(
            command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return Job(folder / "artifacts" / _IDENT, process)

    def inventory_update(self, environment: t.Mapping[str, str]) -> Hosts:
        """The hosts that an update of the inventory source finds."""
        source = self._playbooks / self.inventory_source
        unparsed = {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "true"}
        done = self.program("ansible-inventory", "--inventory", str(source), "--list", "--export", environment={**environment, **unparsed})
        if done.returncode:
            raise RuntimeError(f"ansible-inventory failed:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)["_meta"]["hostvars"]

    @property
    def _playbooks(self) -> Path:
        return self.playbooks or self.collections / "ansible_collections" / "northflank" / "cloud" / "playbooks"

    def environment(self) -> dict[str, str]:
        # ansible-runner finds ansible-playbook by the path.
        return {**super().environment(), "PATH": os.pathsep.join([str(_BIN), os.environ["PATH"]])}


def _write_inventory(file: Path, hosts: Hosts, variables: t.Mapping[str, t.Any]) -> None:
    """The inventory of a job: a program that prints what AWX has stored, because other inventories have no unsafe texts."""
    file.parent.mkdir()
    stored = {"all": {"vars": dict(variables)}, _GROUP: {"hosts": sorted(hosts)}, "_meta": {"hostvars": hosts}}
    file.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(stored)!r})\n", encoding="utf-8")
    file.chmod(0o700)
