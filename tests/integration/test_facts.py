# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts about a job: those of a check are what the check predicts, and outlive it where a cache keeps facts."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import PROJECT
from harness.playbooks import MODULE, Ansible, Run, Task, connection

FACT = "ansible_facts.northflank_manual_job.backoff_limit"
SHOW = {"ansible.builtin.debug": {"msg": f"{{{{ {FACT} | default('no fact') }}}}"}}
IF_CHANGED = {"ansible.builtin.debug": {"msg": "It is 2"}, "when": f"{FACT} == 2"}

Play = t.Callable[..., Run]


@pytest.fixture
def play(ansible: Ansible, emulator_of: t.Callable[[str], Emulator]) -> Play:
    """play(task, ...) runs tasks with a cache of facts in files, which all runs share; change=True has a task change a job from 1 to 2."""
    emulator = emulator_of("current")
    emulator.add_job(PROJECT, "example-job", {"backoffLimit": 1})
    cache = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(ansible.folder / "facts")}

    def run(*tasks: Task, change: bool = False, check: bool = False, environment: t.Mapping[str, str] | None = None) -> Run:
        changes = [{MODULE: connection(emulator, backoff_limit=2)}] if change else []
        return ansible.run(*changes, *tasks, arguments=["--check"] * check, environment={**cache, **(environment or {})})

    return run


def cached(folder: Path) -> dict[str, t.Any]:
    """What the cache holds of the host, empty if it holds nothing."""
    files = list((folder / "facts").glob("*"))
    return json.loads(files[0].read_text(encoding="utf-8")) if files else {}
