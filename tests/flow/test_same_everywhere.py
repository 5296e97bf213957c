# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same task means the same in each state of the API and in mixtures of them: by its result, and by the job that it leaves."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from emulator import Emulator
from harness import JOB, PROJECT, STATES
from harness.flow_properties import Api, apis, comparable, mixtures, start, task, without_new_fields
from harness.strategies import PROPERTY, Options, jobs_and_tasks
from harness.wire_format import leaves
from hypothesis import given
from hypothesis import strategies as st

# What does not exist yet in the state lean.
NEW_UNITS = ("buildConfiguration.ignoreEmptyCommits", "buildSettings")
MISSING = "missing"
SETS = tuple(row.option for row in fields.FIELDS if row.kind == fields.SET)


@pytest.fixture(scope="module", name="emulator")
def emulator_of_all_examples(endless_emulator: Emulator) -> Emulator:
    """The emulator has one job, which each example replaces."""
    return endless_emulator


@st.composite
def everywhere(draw: st.DrawFn) -> list[Api]:
    """One reading of PATCH in the four states and in a mixture."""
    api = draw(apis(units={}, maps="replace", unreadable="probe"))
    mixed = dataclasses.replace(api, units=draw(mixtures()))
    return [*(dataclasses.replace(api, state=state) for state in STATES), mixed]


def building(job: Options) -> Options:
    """The job with its build source, which get-job in lean shows of each job, set or not."""
    settings = job.get("build_settings", {})
    if "buildpack" in settings:
        return job
    dockerfile = {"docker_file_path": "/Dockerfile", "docker_work_dir": "/", **settings.get("dockerfile", {})}
    return {**job, "build_settings": {**settings, "dockerfile": dockerfile}}


class Run(t.NamedTuple):
    """What became of a task on one API."""

    outcome: JobResult
    stored: dict[str, t.Any]


def run(emulator: Emulator, api: Api, job: Options, options: Options) -> Run:
    """A task on a new job."""
    start(emulator, api, job)
    outcome = task(emulator, api, options)
    stored = leaves(emulator.job(PROJECT, JOB))
    return Run(
        outcome, {path: comparable(path, value) for path, value in stored.items() if comparable(path, value) != comparable(path, None)}
    )


def flat(data: t.Mapping[str, t.Any], prefix: str = "") -> dict[str, t.Any]:
    """{option in dots: value}, without what reads as "not set"."""
    result: dict[str, t.Any] = {}
    for name, value in data.items():
        option = f"{prefix}{name}"
        if isinstance(value, dict):
            result.update(flat(value, f"{option}."))
        elif not reads_as_not_set(option, value):
            result[option] = sorted(value) if option in SETS else value
    return result


def reads_as_not_set(option: str, value: t.Any) -> bool:
    """Whether "not set" reads so: shown or not shown is then the same."""
    row = fields.BY_OPTION.get(option)
    return value in ([], "") or (row is not None and value in (row.empty, row.cleared_by) and value is not None)


def differences(one: dict[str, t.Any], other: dict[str, t.Any], options: t.Collection[str]) -> dict[str, t.Any]:
    """{option: both values} for the differences of two results."""
    both = {option: (one.get(option, MISSING), other.get(option, MISSING)) for option in options}
    return {option: values for option, values in both.items() if values[0] != values[1]}


def is_below(option: str, parents: t.Collection[str]) -> bool:
    """Whether an option is one of these or a part of one."""
    return any(option == parent or option.startswith(f"{parent}.") for parent in parents)


def contradictions(one: Run, other: Run) -> dict[str, t.Any]:
    """The differences in the meaning of two runs of a task. Fields that a result names as unknown were sent along without a comparison."""
    first, second = one.outcome, other.outcome
    unknown = {*first.unknown_fields, *second.unknown_fields}
    jobs = flat(first.job), flat(second.job)
    # After a change, each shows the whole job. Otherwise, it shows what was read.
    shown = {*jobs[0], *jobs[1]} if first.changed else {*jobs[0]} & {*jobs[1]}
    found = {
        "changed": {} if first.changed is second.changed else {"changed": (first.changed, second.changed)},
        "changed_fields": {*first.changed_fields} - unknown ^ {*second.changed_fields} - unknown,
        "warnings": {*first.warnings} ^ {*second.warnings},
        "job": differences(*jobs, shown),
        "stored": differences(one.stored, other.stored, {*one.stored, *other.stored}),
    }
    for side in ("before", "after"):
        sides = flat(first.diff[side]), flat(second.diff[side])
        found[side] = differences(*sides, [option for option in {*sides[0], *sides[1]} if not is_below(option, unknown)])
    return {name: what for name, what in found.items() if what}


@PROPERTY
@given(pair=jobs_and_tasks(), apis_=everywhere(), with_new_fields=st.booleans())
def test_a_task_means_the_same(emulator: Emulator, pair: tuple[Options, Options], apis_: list[Api], with_new_fields: bool) -> None:
    job, options = building(pair[0]), pair[1]
    if with_new_fields:
        apis_ = [api for api in apis_ if not any(api.has_no(unit) for unit in NEW_UNITS)]
    else:
        lean = apis_[0]
        job, options = without_new_fields(job, lean), without_new_fields(options, lean)
    runs = [run(emulator, api, job, options) for api in apis_]
    for one, other in itertools.combinations(range(len(runs)), 2):
        assert contradictions(runs[one], runs[other]) == {}, (apis_[one], apis_[other])
