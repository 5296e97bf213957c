# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two tasks that change one job at the same time: both have read it before either of them writes."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flows import Flows
from harness.many_jobs import Gate
from harness.phases import with_stored
from harness.playbooks import MODULE, Task, connection

Options = t.Dict[str, t.Any]
Together = t.Callable[[Emulator, Options, Options], t.List[t.Dict[str, t.Any]]]

STORED = {
    "description": "As it is",
    "tags": ["one"],
    "disabledCI": False,
    "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-400-16"},
    "buildConfiguration": {"dockerfileTarget": "production", "ignoreEmptyCommits": True},
    "runtimeEnvironment": {"KEPT": "1"},
    "buildArguments": {"KEPT": "1"},
    "backoffLimit": 1,
    "activeDeadlineSeconds": 60,
    "runOnSourceChange": "never",
}
# Two tasks, and what each of them changes: a path of the stored job, and its value.
APART = {
    "two options that stand by themselves": (({"description": "New"}, "description", "New"), ({"tags": ["two"]}, "tags", ["two"])),
    "two maps": (
        ({"runtime_environment": {"KEPT": "2"}}, "runtimeEnvironment", {"KEPT": "2"}),
        ({"build_arguments": {"KEPT": "3"}}, "buildArguments", {"KEPT": "3"}),
    ),
    "two objects": (
        ({"billing": {"deployment_plan": "nf-compute-50"}}, "billing.deploymentPlan", "nf-compute-50"),
        ({"build_configuration": {"dockerfile_target": "test"}}, "buildConfiguration.dockerfileTarget", "test"),
    ),
    # The probe of the first writes disabled_ci as it is.
    "an option that no read shows, and one that is read": (
        ({"run_on_source_change": "always"}, "runOnSourceChange", "always"),
        ({"tags": ["two"]}, "tags", ["two"]),
    ),
}
# Two tasks, the field that both send as a whole and its correct value at the end, and the number of write requests of each.
TOGETHER = {
    "parts of an object": (
        {"billing": {"deployment_plan": "nf-compute-50"}},
        {"billing": {"build_plan": "nf-compute-800-32"}},
        "billing",
        {"deploymentPlan": "nf-compute-50", "buildPlan": "nf-compute-800-32"},
        2,
    ),
    "variables of a map": (
        {"map_strategy": "merge", "runtime_environment": {"KEPT": "2"}},
        {"map_strategy": "merge", "runtime_environment": {"NEW": "2"}},
        "runtimeEnvironment",
        {"KEPT": "2", "NEW": "2"},
        1,
    ),
}


@pytest.fixture
def together(flows: Flows) -> Together:
    """together(emulator, one, other) runs two tasks at the same time, each with a session of its own, and returns their results."""

    def run(emulator: Emulator, *tasks: Options) -> list[dict[str, t.Any]]:
        emulator.add_job(PROJECT, JOB, STORED)
        return flows.run_side_by_side(*(stating(emulator, options) for options in tasks)).results

    return run


def stating(emulator: Emulator, options: Options) -> Task:
    """A task with these options."""
    return {"name": "Change the job", MODULE: connection(emulator, timeout=300, **options)}


@pytest.mark.parametrize(("state", "reading"), [("current", "replace"), ("removed", "merge")])
@pytest.mark.parametrize("pair", APART)
def test_changes_of_different_options_are_both_made_and_nothing_is_lost(together: Together, pair: str, state: str, reading: str) -> None:
    (one, first, value), (other, second, other_value) = APART[pair]
    with Gate(state=state, objects=reading, maps=reading) as emulator:
        assert [result["changed"] for result in together(emulator, one, other)] == [True, True]
        assert emulator.violations == []
        with Emulator() as untouched:
            untouched.add_job(PROJECT, JOB, STORED)
            expected = with_stored(with_stored(untouched.job(PROJECT, JOB), first, value), second, other_value)
        assert emulator.job(PROJECT, JOB) == expected


@pytest.mark.parametrize("pair", TOGETHER)
def test_of_two_changes_to_the_same_object_one_is_undone_and_a_second_run_repairs_it(together: Together, flows: Flows, pair: str) -> None:
    """As in the guide to known limits, docs/docsite/rst/limits.rst."""
    one, other, field, wanted, writes = TOGETHER[pair]
    with Gate(writes=writes) as emulator:
        assert [result["changed"] for result in together(emulator, one, other)] == [True, True]
        assert emulator.job(PROJECT, JOB)[field] != wanted
        again = flows.run(*(stating(emulator, options) for options in (one, other))).results
        assert sorted(result["changed"] for result in again) == [False, True]
        assert emulator.job(PROJECT, JOB)[field] == wanted


class Interloper(Emulator):
    """Another client changes the description after it was read and before the first write."""

    is_there = True

    def take_fault(self, method: str, path: str) -> t.Any:
        """Called before a request takes effect."""
        if method == "PATCH" and self.is_there:
            self.is_there = False
            self.add_job(PROJECT, JOB, {**self.job(PROJECT, JOB), "description": "Of somebody else"})
        return super().take_fault(method, path)


def test_a_probe_writes_the_value_that_was_read_even_if_another_client_has_changed_it_since(flows: Flows) -> None:
    """As in the guide to known limits, docs/docsite/rst/limits.rst."""
    with Interloper() as emulator:
        emulator.add_job(PROJECT, JOB, STORED)
        result = flows.run(stating(emulator, {"description": "As it is", "run_on_source_change": "never"})).result
        assert (result["changed"], emulator.job(PROJECT, JOB)["description"]) == (False, "As it is")
