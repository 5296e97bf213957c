# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a run, in AWX while it happens, and with callback plugins of other collections: see ../test_output.py.

This session has these collections too: they come with awx.awx.
"""

from __future__ import annotations

import typing as t
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from emulator import Emulator
from harness import JOB, PROJECT
from harness.awx_runner import Job, Runner
from harness.outputs import OF_OTHERS, Shown, run_with_each
from harness.playbooks import RUN_MODULE, Ansible, connection
from harness.selection import selected

POLL_INTERVAL = 0.3


@pytest.fixture
def api() -> t.Iterator[Emulator]:
    """An API with the example job."""
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB)
        yield emulator


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """What each of them has shown."""
    return run_with_each(OF_OTHERS, selected(request, "name"), lambda: Ansible(collections, tmp_path_factory.mktemp("output")))


@pytest.mark.parametrize("name", OF_OTHERS)
def test_only_the_callback_plugin_writes_to_the_standard_output(shown: t.Mapping[str, Shown], name: str) -> None:
    assert OF_OTHERS[name].read(shown[name].stdout)["changed"] is True
    assert [line for line in shown[name].news if line in shown[name].stdout] == []


@pytest.mark.parametrize("name", OF_OTHERS)
def test_the_lines_are_on_the_standard_error_while_a_task_waits(shown: t.Mapping[str, Shown], name: str) -> None:
    assert [line for line in shown[name].stderr.splitlines() if line in shown[name].news] == shown[name].news


@pytest.fixture
def job(collections: Path, tmp_path: Path, api: Emulator) -> Job:
    """A job of AWX that has run the example job."""
    playbooks = tmp_path / "playbooks"
    playbooks.mkdir()
    options = connection(api, poll_interval=POLL_INTERVAL, follow_logs=True)
    play = {"name": "Try", "hosts": "all", "gather_facts": False, "tasks": [{"name": "Run", RUN_MODULE: options}]}
    (playbooks / "run.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    api.plan_run(reads=2, log=[["first line"], ["second line"]])
    runner = Runner(collections, tmp_path, playbooks=playbooks, playbook="run.yml")
    return runner.start("job", {"one": {"ansible_connection": "local"}}, {}, {}).wait()


def test_awx_shows_the_lines_while_the_job_runs(job: Job, api: Emulator) -> None:
    (run,) = api.runs_of(PROJECT, JOB)
    names = [event["event"] for event in job.events]
    between = job.events[names.index("runner_on_start") + 1 : names.index("runner_on_ok")]
    lines = [event["stdout"] for event in between]
    assert [line.partition(" after ")[0] for line in lines] == [
        f"Run {run.id} of the job {JOB}: started",
        f"{JOB} | first line",
        f"Run {run.id} of the job {JOB}: RUNNING",
        f"{JOB} | second line",
        f"Run {run.id} of the job {JOB}: SUCCESS",
    ]
    first, last = (datetime.fromisoformat(between[number]["created"]) for number in (0, -1))
    # Two waits, and not all of them at the end of the task.
    assert (last - first).total_seconds() > 2 * POLL_INTERVAL
