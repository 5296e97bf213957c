# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks with the ansible-playbook beside this Python, and returns what the author of a playbook would see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from emulator import Emulator

from . import JOB, PROJECT
from .deprecations import refuse_in_output, refuse_in_results

Task = t.Dict[str, t.Any]
MODULE = "northflank.cloud.northflank_manual_job"
INFO_MODULE = f"{MODULE}_info"
RUN_MODULE = f"{MODULE}_run"

_SECONDS = 600
_PLUGINS = Path(__file__).resolve().parent / "plugins"


def connection(emulator: Emulator, **rest: t.Any) -> dict[str, t.Any]:
    """The options by which a task reaches the example job on an emulator, and the rest."""
    return {"project_id": PROJECT, "job_id": JOB, "api_url": emulator.url, "api_token": emulator.TOKEN, **rest}


def on_the_job(emulator: Emulator, tasks: t.Iterable[Task]) -> list[Task]:
    """Tasks of northflank_manual_job on the example job, each made of its options."""
    return [{"name": f"Task {number}", MODULE: connection(emulator, **options)} for number, options in enumerate(tasks)]


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook: its exit status, all that it wrote, and the registered result of each task."""

    status: int
    output: str
    results: list[dict[str, t.Any]]

    @property
    def result(self) -> dict[str, t.Any]:
        """The result of the only task."""
        (result,) = self.results
        return result


class Runner(t.Protocol):
    """Runs tasks: by ansible-playbook, or only by the flow (harness.flows)."""

    def run(self, *tasks: Task, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        """Run tasks one after the other, whether they fail or not."""


@dataclass(frozen=True)
class Ansible:
    """ansible-playbook with the installed collection, and a folder for playbooks and results.

    The programs of ansible-core run by the interpreters that NORTHFLANK_WARM_PYTHON and NORTHFLANK_OTHER_WARM_PYTHON name, if they are
    set (harness.warm).
    """

    collections: Path
    folder: Path

    def run(self, *tasks: Task, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        """Run tasks one after the other, whether they fail or not, and read what each of them registered."""
        results = self.folder / "results.json"
        results.unlink(missing_ok=True)
        playbook = self.folder / "playbook.yml"
        playbook.write_text(yaml.safe_dump([_play(tasks, results)], sort_keys=False, allow_unicode=True), encoding="utf-8")
        run = self.playbook(playbook, arguments, environment)
        if not results.exists():
            raise RuntimeError(f"ansible-playbook ended before its last task:\n{run.output}")
        registered = json.loads(results.read_text(encoding="utf-8"))
        refuse_in_results(registered)
        return Run(run.status, run.output, registered)

    def playbook(self, playbook: Path, arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None) -> Run:
        """Run a playbook as it is."""
        done = self.program("ansible-playbook", str(playbook), *_way(), *arguments, environment=environment, stderr=subprocess.STDOUT)
        return Run(done.returncode, done.stdout, [])

    def program(
        self, name: str, *arguments: str, environment: t.Mapping[str, str] | None = None, stderr: int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the ansible-core beside this Python to its end. A deprecation is an error."""
        done = subprocess.run(
            [*warm_python(environment or {}), str(Path(sys.executable).parent / name), *arguments],
            check=False,
            env={**self.environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            timeout=_SECONDS,
        )
        refuse_in_output(f"{done.stdout}{done.stderr or ''}")
        return done

    def environment(self) -> dict[str, str]:
        """The environment of the programs, besides what a test adds."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NORTHFLANK_API", "NORTHFLANK_TEAM", "NF_", "ANSIBLE_"))
        }
        return {
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_ACTION_PLUGINS": str(_PLUGINS / "action"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
        }


def warm_python(environment: t.Mapping[str, str]) -> list[str]:
    """The beginning of a command whose program runs by a warm interpreter, if there is one for the settings in an environment."""
    has_settings = any(name.startswith("ANSIBLE_") for name in environment)
    path = os.environ.get("NORTHFLANK_OTHER_WARM_PYTHON" if has_settings else "NORTHFLANK_WARM_PYTHON")
    return [path] if path and not any(name.startswith("PYTHON") for name in environment) else []


def save_task(expression: str, file: Path) -> Task:
    """A task that writes the value of an expression to a file as JSON, in ansible-core's own process."""
    return {"save_results": {"content": f"{{{{ {expression} | to_json }}}}", "dest": str(file)}}


def _way() -> list[str]:
    """The arguments with which tasks run as the session of nox requires: in process, or as a module."""
    in_process = os.environ.get("NORTHFLANK_IN_PROCESS")
    return ["--extra-vars", json.dumps({"northflank_in_process": in_process})] if in_process else []


def _play(tasks: t.Sequence[Task], results: Path) -> dict[str, t.Any]:
    registered = [{**task, "register": f"result_{number}", "ignore_errors": True} for number, task in enumerate(tasks)]
    names = ", ".join(f"result_{number}" for number in range(len(tasks)))
    saved = {"name": "Save the results", "no_log": True, **save_task(f"[{names}]", results)}
    return {
        "name": "Try the collection",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": os.environ.get("NORTHFLANK_TARGET_PYTHON") or "{{ ansible_playbook_python }}"},
        "tasks": [*registered, saved],
    }
