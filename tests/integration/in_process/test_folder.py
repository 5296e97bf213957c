# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook in a working directory that cannot be entered again: a write is still reported, as by the module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import IN_PROCESS_VARIABLE, WAYS, Started
from harness.playbooks import MODULE, RUN_MODULE, Task, connection, save_task

STATED = {"description": "New"}


def run_in(ansible: Started, folder: Path, way: str, tasks: t.Sequence[Task], is_closed: bool) -> list[dict[str, t.Any]]:
    """What tasks register that run from a folder, which the process may not enter again if it is closed."""
    folder.mkdir()
    registered = [{"name": f"Task {number}", **task, "register": f"result_{number}"} for number, task in enumerate(tasks)]
    results = ansible.folder / "results.json"
    names = ", ".join(f"result_{number}" for number in range(len(tasks)))
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"current": str(folder), IN_PROCESS_VARIABLE: WAYS[way], "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [*registered, {"name": "Save the results", **save_task(f"[{names}]", results)}],
    }
    playbook = ansible.folder / "playbook.yml"
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    # Nothing is closed to root but by these two.
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if is_closed and os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, str(Path(sys.executable).parent / "ansible-playbook"), str(playbook)],
        check=False,
        cwd=folder,
        preexec_fn=(lambda: os.chmod(folder, 0)) if is_closed else None,  # the process is already in it
        env=ansible.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    loaded: list[dict[str, t.Any]] = json.loads(results.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "deleted"])
def test_a_working_directory_that_cannot_be_restored_does_not_change_the_result(
    ansible_of: t.Callable[[str], Started], emulator_of: t.Callable[[str], Emulator], tmp_path: Path, way: str, is_closed: bool
) -> None:
    emulator = emulator_of("current")
    emulator.add_job(PROJECT, JOB, {"description": "Old"})
    run = {RUN_MODULE: connection(emulator, poll_interval=0.05)}
    task = {MODULE: connection(emulator, **STATED)}
    delete = {"ansible.builtin.file": {"path": "{{ current }}", "state": "absent"}}
    tasks = [run, task, task] if is_closed else [delete, run, task, task]
    *_before, started, changed, unchanged = run_in(ansible_of("of a folder"), tmp_path / "current", way, tasks, is_closed)
    assert (started["changed"], started["run"]["status"]) == (True, "SUCCESS")
    assert (changed["changed"], changed["changed_fields"], unchanged["changed"]) == (True, ["description"], False)
    assert emulator.job(PROJECT, JOB)["description"] == "New"
