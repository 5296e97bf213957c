# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four phases of an integration step: check mode, apply, apply again, check mode again.

The author of a test states a Case: an option, and the values that it goes through. Each step of each case then goes through
the four phases by itself, with a read of the emulator's own state after each. All cases run in one go, each on a job of its own, so
that a phase is one run of ansible-playbook where that is what runs the tasks.
"""

from __future__ import annotations

import copy
import typing as t
import zlib
from dataclasses import dataclass, field

from emulator import Emulator, RecordedRequest

from . import PROJECT
from .playbooks import MODULE, Runner, Task, connection

PHASES = ("check", "apply", "again", "check again")
REMOVED: t.Any = object()
NOT_IN_LEAN = ("buildConfiguration.ignoreEmptyCommits", "buildSettings.dockerfile.dockerfileContents")


@dataclass(frozen=True)
class Step:
    """A value of the option, and the value in the job afterwards, REMOVED if there is none."""

    name: str
    value: t.Any
    stored: t.Any


@dataclass(frozen=True)
class Case:
    """An option in dots, the path of its field, the job to begin with, and the steps.

    requests is what an unchanged task costs, by state. In the states of unreadable no read shows the field, so that a check
    predicts a change. states are those in which the field exists.
    """

    option: str
    path: str
    steps: tuple[Step, ...]
    requests: t.Mapping[str, int]
    unreadable: tuple[str, ...] = ()
    states: tuple[str, ...] = ("lean", "current", "removed")
    job: t.Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def job_id(self) -> str:
        """A job of its own for each case."""
        return f"job-{zlib.crc32(self.option.encode())}"


@dataclass(frozen=True)
class Observation:
    """What a phase of a step, or any one task, left: the registered result, the requests, the job before and after."""

    result: dict[str, t.Any]
    requests: list[RecordedRequest]
    before: dict[str, t.Any]
    after: dict[str, t.Any]

    @property
    def writes(self) -> list[RecordedRequest]:
        """The requests that are not reads."""
        return [request for request in self.requests if request.method != "GET"]


Observations = t.Dict[t.Tuple[str, str, str], Observation]  # by option, name of the step, phase


def run_cases(runner: Runner, emulator: Emulator, cases: t.Sequence[Case]) -> Observations:
    """Take all cases through all their steps and phases."""
    observations: Observations = {}
    for case in cases:
        emulator.add_job(PROJECT, case.job_id, job_of(emulator.state, case.job))
    for number in range(max(len(case.steps) for case in cases)):
        stepping = [case for case in cases if number < len(case.steps)]
        for phase in PHASES:
            _run_phase(runner, emulator, [(case, case.steps[number]) for case in stepping], phase, observations)
    return observations


def job_of(state: str, job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The job at the beginning, without fields that do not exist yet in the state lean."""
    result = dict(job)
    for path in NOT_IN_LEAN if state == "lean" else ():
        result = with_stored(result, path, REMOVED)
    return result


def _run_phase(runner: Runner, emulator: Emulator, stepping: list[tuple[Case, Step]], phase: str, observations: Observations) -> None:
    before = {case.option: emulator.job(PROJECT, case.job_id) for case, step in stepping}
    sent = {case.option: len(emulator.requests_of(PROJECT, case.job_id)) for case, step in stepping}
    run = runner.run(*(task_of(case, step, phase.startswith("check"), emulator) for case, step in stepping), arguments=["--diff"])
    for (case, step), result in zip(stepping, run.results, strict=True):
        observations[case.option, step.name, phase] = Observation(
            result,
            emulator.requests_of(PROJECT, case.job_id)[sent[case.option] :],
            before[case.option],
            emulator.job(PROJECT, case.job_id),
        )


def task_of(case: Case, step: Step, check_mode: bool, emulator: Emulator) -> Task:
    """The task of a step."""
    options = nested(case.option, step.value)
    return {"name": f"{case.option} {step.name}", MODULE: connection(emulator, job_id=case.job_id, **options), "check_mode": check_mode}


def nested(path: str, value: t.Any) -> dict[str, t.Any]:
    """A value below a path in dots."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def with_stored(job: t.Mapping[str, t.Any], path: str, stored: t.Any) -> dict[str, t.Any]:
    """A copy of a job that differs only in the value at a dotted path."""
    result = copy.deepcopy(dict(job))
    target = result
    *parents, name = path.split(".")
    for parent in parents:
        if stored is REMOVED and parent not in target:
            return result
        target = target.setdefault(parent, {})
    if stored is REMOVED:
        target.pop(name, None)
    else:
        target[name] = stored
    return result
