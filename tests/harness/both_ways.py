# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same tasks in process and as a module, each with an emulator of its own that was prepared in the same way.

All results of one way are compared with those of the other. The address of the emulator and the folder must differ, so both are
replaced in all output.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from emulator import Emulator

from . import JOB, PROJECT
from .playbooks import Ansible, Run, Task, save_task

IN_PROCESS, AS_MODULE = "in process", "as a module"
WAYS = {IN_PROCESS: True, AS_MODULE: False}
IN_PROCESS_VARIABLE = "northflank_in_process"
# The name of a task in its own conditions.
OWN_RESULT = "own_result"

# What ansible-core 2.22 adds to the result of any module, and to no other.
ADDED_BY_CORE = "ansible_parsed"

_REASON = re.compile(r"^<([^>]*)> \S*northflank_\w+ (runs in the ansible-playbook process|runs as a module: .*)$", re.MULTILINE)
_SHOWN = re.compile(r"^(?:ok|changed|fatal|failed): .*?=> (\{\n.*?^\})$", re.MULTILINE | re.DOTALL)
_AS_MODULE = "runs as a module: "


class Unsafe(str):
    """A text that a playbook marks as !unsafe."""


class Vaulted(str):
    """The output of ansible-vault, inline in a playbook."""


yaml.SafeDumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))
yaml.SafeDumper.add_representer(Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))


def reasons(output: str) -> list[str]:
    """For each task and item that ran with -vvv, the reason why it ran as a module, or "" if it ran in process."""
    return [reason.partition(_AS_MODULE)[2] for host, reason in _REASON.findall(output)]


def shown(output: str) -> list[dict[str, t.Any]]:
    """The results that a run at -vvv shows, with "invocation", which not every ansible-core registers."""
    return [json.loads(result) for result in _SHOWN.findall(output)]


@dataclass(frozen=True)
class Trial:
    """A task, made for an API, and how the API is prepared; expected is a part of the result, so that the trial shows what it is for."""

    task: t.Callable[[Emulator], Task]
    expected: t.Mapping[str, t.Any] = field(default_factory=dict)
    job: t.Mapping[str, t.Any] = field(default_factory=dict)
    prepare: t.Callable[[Emulator], t.Any] = lambda emulator: None
    api: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """A trial in one of the two ways: what it registered, its requests, and the job afterwards, empty if it is gone."""

    result: dict[str, t.Any]
    requests: list[tuple[t.Any, ...]]
    job: dict[str, t.Any]
    added_by_core: t.Any


@dataclass(frozen=True)
class Outcomes:
    """Trials in one of the two ways, and the whole output of ansible-playbook."""

    outcomes: dict[str, Outcome]
    output: str
    reasons: list[str]

    def __getitem__(self, name: str) -> Outcome:
        return self.outcomes[name]


class TwoWays(t.NamedTuple):
    """The same trials in both ways."""

    in_process: Outcomes
    module: Outcomes


@dataclass(frozen=True)
class Started(Ansible):
    """ansible-playbook in a process group of its own, which can be interrupted as by Ctrl-C.

    module_python starts the modules of the trials, if it is not the Python of ansible-playbook.
    """

    module_python: Path | None = None

    def start(self, playbook: Path, *arguments: str, environment: t.Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a playbook, and do not wait."""
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), *arguments]
        # What runs in the background of a shell ignores Ctrl-C, and would pass that on.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                command,
                env={**self.environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)


def run_trials(
    ansible: Started,
    trials: t.Mapping[str, Trial],
    way: str,
    *,
    arguments: t.Sequence[str] = (),
    environment: t.Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Outcomes:
    """Run trials in one playbook in one of the two ways, each with an emulator of its own. quiet leaves out -vvv, and so the reasons."""
    with prepared(trials) as emulators:
        tasks = [
            {"name": name, **_with_own_result(trial.task(emulators[name]), number)} for number, (name, trial) in enumerate(trials.items())
        ]
        variables: dict[str, t.Any] = {IN_PROCESS_VARIABLE: WAYS[way]}
        if ansible.module_python and not WAYS[way]:
            variables["ansible_python_interpreter"] = str(ansible.module_python)
        switch = ["--extra-vars", json.dumps(variables)]
        run = ansible.run(*tasks, arguments=[*switch, *([] if quiet else ["-vvv"]), *arguments], environment=environment)
        alike = _alike({str(ansible.folder): "folder"}, emulators.values())
        return Outcomes(outcomes(emulators, run, alike), alike(run.output), reasons(run.output))


@contextlib.contextmanager
def prepared(trials: t.Mapping[str, Trial]) -> t.Iterator[dict[str, Emulator]]:
    """The emulator of each trial, with its job. At the end no request and no response may have broken the contract."""
    with contextlib.ExitStack() as running:
        emulators = {name: running.enter_context(Emulator(**trial.api)) for name, trial in trials.items()}
        for name, trial in trials.items():
            emulators[name].add_job(PROJECT, JOB, dict(trial.job))
            trial.prepare(emulators[name])
        yield emulators
        violations = [violation for emulator in emulators.values() for violation in emulator.violations]
        if violations:
            raise RuntimeError(f"the contract was broken: {violations}")


def outcomes(emulators: t.Mapping[str, Emulator], run: Run, alike: t.Callable[[t.Any], t.Any] | None = None) -> dict[str, Outcome]:
    """The outcomes of trials, whose results are in the order of their emulators."""
    same = alike or _alike({}, emulators.values())
    return {name: _outcome(result, emulator, same) for (name, emulator), result in zip(emulators.items(), run.results, strict=True)}


def by_both_ways(ansible_of: t.Callable[[str], Started], trials: t.Mapping[str, Trial], **rest: t.Any) -> TwoWays:
    """Run trials in both ways."""
    return TwoWays(*(run_trials(ansible_of(way), trials, way, **rest) for way in WAYS))


def agreement(names: t.Iterable[str], comparable: t.Callable[[t.Any], t.Any] = dict) -> tuple[t.Callable[..., None], ...]:
    """The tests that trials of these names go through: their results, as far as they are comparable, requests and jobs are equal.

    A file that uses them has a fixture two_ways, with the outcomes of the trials.
    """

    @pytest.mark.parametrize("name", names)
    def results(two_ways: TwoWays, name: str) -> None:
        assert comparable(two_ways.in_process[name].result) == comparable(two_ways.module[name].result)

    @pytest.mark.parametrize("name", names)
    def requests(two_ways: TwoWays, name: str) -> None:
        assert two_ways.in_process[name].requests == two_ways.module[name].requests

    @pytest.mark.parametrize("name", names)
    def jobs(two_ways: TwoWays, name: str) -> None:
        assert two_ways.in_process[name].job == two_ways.module[name].job

    return results, requests, jobs


def run_plays(
    ansible: Ansible,
    *plays: t.Mapping[str, t.Any],
    inventory: t.Mapping[str, t.Any] | None = None,
    arguments: t.Sequence[str] = (),
    environment: t.Mapping[str, str] | None = None,
) -> Run:
    """Run plays as they are, without what Ansible.run() sets, at -vvv."""
    playbook = write_plays(ansible, *plays)
    if inventory is not None:
        (ansible.folder / "inventory.yml").write_text(yaml.safe_dump(dict(inventory)), encoding="utf-8")
        arguments = ["--inventory", str(ansible.folder / "inventory.yml"), *arguments]
    return ansible.playbook(playbook, ["-vvv", *arguments], environment)


def write_plays(ansible: Ansible, *plays: t.Mapping[str, t.Any]) -> Path:
    """A playbook of plays that gather no facts."""
    playbook = ansible.folder / "plays.yml"
    text = yaml.safe_dump([{"gather_facts": False, **play} for play in plays], sort_keys=False, allow_unicode=True)
    playbook.write_text(text, encoding="utf-8")
    return playbook


def saved(ansible: Ansible, *names: str) -> tuple[Task, t.Callable[[], list[t.Any]]]:
    """A task that saves variables of all hosts of a play, and what reads them: {host: value} for each of them."""
    file = ansible.folder / "saved.json"
    values = ", ".join(f"dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, '{name}')))" for name in names)
    task = {
        "name": "Save the results",
        **save_task(f"[{values}]", file),
        "run_once": True,
        "no_log": True,
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_become": False},
    }
    return task, lambda: json.loads(file.read_text(encoding="utf-8"))


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does: SIGINT to all of a process group."""
    os.killpg(process.pid, signal.SIGINT)


def _with_own_result(task: Task, number: int) -> Task:
    """A task whose conditions name its result as Ansible.run() registers it."""
    conditions = ("until", "changed_when", "failed_when")
    return {name: value.replace(OWN_RESULT, f"result_{number}") if name in conditions else value for name, value in task.items()}


def _outcome(result: dict[str, t.Any], emulator: Emulator, alike: t.Callable[[t.Any], t.Any]) -> Outcome:
    requests = [(each.method, each.path, each.query, each.body, each.status) for each in emulator.requests]
    job = emulator.job(PROJECT, JOB) if emulator.has_job(PROJECT, JOB) else {}
    return Outcome(alike(result), requests, job, result.get(ADDED_BY_CORE))


def _alike(folders: t.Mapping[str, str], emulators: t.Iterable[Emulator]) -> t.Callable[[t.Any], t.Any]:
    """A function that replaces addresses and folders by the same words at any depth, and leaves out what ansible-core adds."""
    words = {**folders, **{emulator.url.partition("://")[2]: f"api-{number}" for number, emulator in enumerate(emulators)}}
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))

    def alike(value: t.Any) -> t.Any:
        if isinstance(value, str):
            return pattern.sub(lambda match: words[match[0]], value)
        if isinstance(value, dict):
            return {alike(name): alike(inner) for name, inner in value.items() if name != ADDED_BY_CORE}
        if isinstance(value, list):
            return [alike(inner) for inner in value]
        return value

    return alike
