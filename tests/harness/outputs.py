# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outputs of a run of a job: by program and callback plugin, with what the standard output must be."""

from __future__ import annotations

import json
import re
import subprocess
import typing as t
from dataclasses import dataclass, field

import yaml
from emulator import Emulator

from . import JOB, PROJECT
from .playbooks import RUN_MODULE, Ansible, connection

_LOG = [["first line"], ["second line"]]
# The deprecation of a callback plugin of another collection does not matter here.
_SETTINGS = {"ANSIBLE_DEPRECATION_WARNINGS": "false"}


@dataclass(frozen=True)
class Output:
    """Variables of the environment, and a function that reads the standard output and returns {"changed": true} of the task.

    It raises an error for any other output. is_ad_hoc: whether it is the output of the program ansible.
    """

    read: t.Callable[[str], t.Any]
    settings: dict[str, str] = field(default_factory=dict)
    is_ad_hoc: bool = False


class Shown(t.NamedTuple):
    """A run of a job: both outputs of the program, and the lines that show the progress of the run."""

    stdout: str
    stderr: str
    news: list[str]


def callback(name: str, read: t.Callable[[str], t.Any], **settings: str) -> Output:
    """ansible-playbook with a callback plugin for the standard output."""
    return Output(read, {"ANSIBLE_STDOUT_CALLBACK": name, **settings})


def run_the_job(ansible: Ansible, emulator: Emulator, output: Output) -> Shown:
    """Run the example job, and follow its log."""
    emulator.plan_run(reads=2, log=_LOG)
    options = connection(emulator, poll_interval=0.05, follow_logs=True)
    settings = {**_SETTINGS, "JUNIT_OUTPUT_DIR": str(ansible.folder / "junit"), **output.settings}
    local = ["--extra-vars", json.dumps({"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"})]
    if output.is_ad_hoc:
        done = ansible.program("ansible", "localhost", "-m", RUN_MODULE, "-a", json.dumps(options), *local, environment=settings)
    else:
        playbook = ansible.folder / "playbook.yml"
        play = {"name": "Try", "hosts": "localhost", "gather_facts": False, "tasks": [{"name": "Run", RUN_MODULE: options}]}
        playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        done = ansible.program("ansible-playbook", str(playbook), *local, environment=settings)
    if done.returncode:
        raise RuntimeError(f"the program ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Shown(done.stdout, done.stderr, _news(emulator.runs_of(PROJECT, JOB)[-1].id, done))


def run_with_each(outputs: t.Mapping[str, Output], names: t.Iterable[str], ansible_of: t.Callable[[], Ansible]) -> dict[str, Shown]:
    """Run the example job on an emulator, with each of these outputs in a folder of its own."""
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB)
        return {name: run_the_job(ansible_of(), emulator, outputs[name]) for name in names}


def _news(run_id: str, done: subprocess.CompletedProcess[str]) -> list[str]:
    """The progress lines of a run with this plan, with the times of the task."""
    times = re.findall(r"(?:RUNNING|SUCCESS) after (\d+ s)$", done.stdout + done.stderr, re.MULTILINE)
    head = f"Run {run_id} of the job {JOB}: "
    return [
        f"{head}started",
        f"{JOB} | first line",
        f"{head}RUNNING after {times[0]}",
        f"{JOB} | second line",
        f"{head}SUCCESS after {times[1]}",
    ]


def in_words(pattern: str) -> t.Callable[[str], t.Any]:
    """Of a callback plugin that writes for people: whether its only line about the task is there."""

    def read(stdout: str) -> t.Any:
        lines = [line for line in stdout.splitlines() if re.match(pattern, line)]
        if len(lines) != 1:
            raise ValueError(f"{len(lines)} lines match {pattern}")
        return {"changed": True}

    return read


def nothing(stdout: str) -> t.Any:
    """Of a callback plugin that writes elsewhere: nothing at all."""
    if stdout:
        raise ValueError("it is not empty")
    return {"changed": True}


def result_after(head: str) -> t.Callable[[str], t.Any]:
    """A result in JSON after other words, and nothing after it."""

    def read(stdout: str) -> t.Any:
        before, found, result = stdout.partition(head)
        if before or not found:
            raise ValueError(f"it does not begin with {head}")
        return json.loads(result)

    return read


def whole_json(stdout: str) -> t.Any:
    """Of ansible.posix.json: one JSON document."""
    ((task,),) = (play["tasks"] for play in json.loads(stdout)["plays"])
    return task["hosts"]["localhost"]


def json_lines(stdout: str) -> t.Any:
    """Of ansible.posix.jsonl: a JSON document on each line, an event each."""
    events = [json.loads(line) for line in stdout.splitlines()]
    (ended,) = (event for event in events if event["_event"] == "v2_runner_on_ok")
    return ended["hosts"]["localhost"]


OF_CORE = {
    "default": callback("default", in_words(r"changed: \[localhost\]$")),
    "default in YAML": callback("default", in_words(r"changed: \[localhost\]"), ANSIBLE_CALLBACK_RESULT_FORMAT="yaml"),
    "minimal": callback("minimal", result_after("localhost | CHANGED => ")),
    "oneline": callback("oneline", result_after("localhost | CHANGED => ")),
    "junit": callback("junit", nothing),
    "ad hoc": Output(result_after("localhost | CHANGED => "), is_ad_hoc=True),
}
# Those of ansible.posix and community.general.
OF_OTHERS = {
    "json": callback("ansible.posix.json", whole_json),
    "jsonl": callback("ansible.posix.jsonl", json_lines),
    "yaml": callback("community.general.yaml", in_words(r"changed: \[localhost\]")),
    "unixy": callback("community.general.unixy", in_words(r"  localhost done")),
    "dense": callback("community.general.dense", in_words(r".*task 1.*")),
}
