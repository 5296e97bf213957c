# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a contestant once, and notes what it cost. Only this file uses processes and files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

from .contestants import Contestant, Setting, inventory, learning, playbook
from .figures import Run
from .stub import Stub
from .target import Target

_HERE = Path(__file__).resolve().parent
# Hosts of an inventory that a run without items keeps: what is paid once must be paid there, too.
_ONE_HOST = ("--limit", "host-1")


@dataclass(frozen=True)
class Runner:
    """The collection, a folder for playbooks and their output, the stub and the task, and the number of forks."""

    collections: str
    folder: Path
    stub: Stub
    target: Target
    forks: int

    def learned(self) -> Runner:
        """The same, knowing what the task returns, so that debug can show as much."""
        file = self.folder / "result.json"
        self._playbook(learning(self.target, str(file)), "learning")
        result = json.loads(file.read_text(encoding="utf-8"))
        return replace(
            self, target=replace(self.target, result={name: value for name, value in result.items() if name not in ("changed", "failed")})
        )

    def run(self, contestant: Contestant, setting: Setting, is_empty: bool = False) -> Run:
        """One run, or with is_empty the same without items."""
        self.stub.counts()
        if contestant.task is None:
            wall, cpu, peak = self._bare(0 if is_empty else setting.items)
        else:
            wall, cpu, peak = self._measured(playbook(contestant.task(self.target), setting, is_empty), setting, is_empty)
        return Run(contestant.name, setting, is_empty, wall, cpu, peak, *self.stub.counts())

    def _measured(self, plays: list[dict[str, t.Any]], setting: Setting, is_empty: bool) -> tuple[float, float, int]:
        clock = self.folder / "clock.json"
        clock.unlink(missing_ok=True)
        arguments: list[str] = []
        if setting.on_hosts:
            arguments = ["--inventory", self._written("inventory", inventory(setting.items)), "--forks", str(self.forks)]
            arguments += _ONE_HOST if is_empty else ()
        usage = self._playbook(plays, "measured", *arguments)
        timed = json.loads(clock.read_text(encoding="utf-8"))
        if timed["changed"]:
            raise RuntimeError("a task was measured that is not unchanged")
        return (0.0 if is_empty else timed["wall"], *usage)

    def _playbook(self, plays: list[dict[str, t.Any]], name: str, *arguments: str) -> tuple[float, int]:
        return self._process([str(Path(sys.executable).parent / "ansible-playbook"), self._written(name, plays), *arguments])

    def _bare(self, count: int) -> tuple[float, float, int]:
        usage = self._process([sys.executable, str(_HERE / "bare.py"), self.target.job_url("job-"), self.target.token, str(count)])
        return (float(self._output.read_text(encoding="utf-8")), *usage)

    @property
    def _output(self) -> Path:
        return self.folder / "output"

    def _written(self, name: str, content: t.Any) -> str:
        file = self.folder / f"{name}.yml"
        file.write_text(json.dumps(content), encoding="utf-8")
        return str(file)

    def _process(self, command: list[str]) -> tuple[float, int]:
        """Run a command to its end; the seconds of processor time and the peak of memory in KiB, those of its children included."""
        with self._output.open("wb") as output:
            process = subprocess.Popen(command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
            # Linux includes the memory of a process in the peak of the processes that it starts, so this one must stay small.
            status, usage = os.wait4(process.pid, 0)[1:]
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            text = self._output.read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"{' '.join(command)} failed:\n{text[-3000:]}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    def _environment(self) -> dict[str, str]:
        """The usual environment, without what would change what is measured."""
        dropped = ("NORTHFLANK_", "NF_", "ANSIBLE_", "HCLOUD_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped) and not name.upper().endswith("_PROXY")}
        return {
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": self.collections,
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "bench_clock",
            "BENCH_CLOCK": str(self.folder / "clock.json"),
        }
