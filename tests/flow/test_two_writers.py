# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two tasks that change one job at the same time: both have read it before either of them writes."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, STATES
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


CREATION = {
    "name": "Example Job",
    "billing": {"deployment_plan": "nf-compute-20"},
    "backoff_limit": 2,
    "deployment": {"external": {"image_path": "registry.example.com/report:1.4"}},
}
ABSENT = {"state": "absent"}


def deploying(tag: str, **options: t.Any) -> Options:
    """Options that set another image."""
    return {"deployment": {"external": {"image_path": f"registry.example.com/report:{tag}"}}, **options}


@pytest.mark.parametrize("state", STATES)
def test_of_two_creations_one_makes_the_job_and_the_other_finds_it(flows: Flows, state: str) -> None:
    # After the removals, each task sends two requests.
    with Gate(state=state, methods=("POST",), writes=2 if state == "removed" else 1) as emulator:
        emulator.add_project(PROJECT)
        results = flows.run_side_by_side(*(stating(emulator, CREATION) for task in range(2))).results
        assert sorted((result["failed"], result["changed"]) for result in results) == [(False, False), (False, True)]
        assert list(emulator.jobs_of(PROJECT)) == [JOB]
        assert emulator.violations == []


@pytest.mark.parametrize("state", STATES)
def test_of_two_creations_that_differ_the_second_changes_the_job_of_the_first(flows: Flows, state: str) -> None:
    with Gate(state=state, methods=("POST",), writes=2 if state == "removed" else 1) as emulator:
        emulator.add_project(PROJECT)
        tasks = (stating(emulator, {**CREATION, **deploying(tag)}) for tag in ("1.5", "1.6"))
        results = flows.run_side_by_side(*tasks).results
        assert [(result["failed"], result["changed"]) for result in results] == [(False, True), (False, True)]
        assert sorted(result["changed_fields"] == ["deployment.external.image_path"] for result in results) == [False, True]
        (job,) = emulator.jobs_of(PROJECT).values()
        last = next(tag for tag, result in zip(("1.5", "1.6"), results) if result["changed_fields"] == ["deployment.external.image_path"])
        assert job["deployment"]["external"]["imagePath"] == f"registry.example.com/report:{last}"


@pytest.mark.parametrize("state", STATES)
def test_two_deployments_of_one_image_are_both_made_and_a_third_run_changes_nothing(flows: Flows, state: str) -> None:
    with Gate(state=state, methods=("POST",)) as emulator:
        emulator.add_job(PROJECT, JOB, {**STORED, "deployment": {"external": {"imagePath": "registry.example.com/report:1.3"}}})
        before = emulator.job(PROJECT, JOB)
        results = flows.run_side_by_side(*(stating(emulator, deploying("1.4")) for task in range(2))).results
        assert [(result["failed"], result["changed"]) for result in results] == [(False, True), (False, True)]
        assert flows.run(stating(emulator, deploying("1.4"))).result["changed"] is False
        assert with_stored(before, "deployment.external.imagePath", "registry.example.com/report:1.4") == emulator.job(PROJECT, JOB)


def test_of_two_deployments_of_different_images_the_last_one_stays(flows: Flows) -> None:
    with Gate(methods=("POST",)) as emulator:
        emulator.add_job(PROJECT, JOB, {**STORED, "deployment": {"external": {"imagePath": "registry.example.com/report:1.3"}}})
        tasks = [stating(emulator, deploying(tag)) for tag in ("1.4", "1.5")]
        assert [result["changed"] for result in flows.run_side_by_side(*tasks).results] == [True, True]
        assert sorted(result["changed"] for result in flows.run(tasks[0], tasks[0]).results)[0] is False
        assert emulator.job(PROJECT, JOB)["deployment"]["external"]["imagePath"] == "registry.example.com/report:1.4"


@pytest.mark.parametrize("state", STATES)
def test_of_two_removals_one_is_a_change(flows: Flows, state: str) -> None:
    with Gate(state=state, methods=("DELETE",)) as emulator:
        emulator.add_job(PROJECT, JOB, STORED)
        results = flows.run_side_by_side(*(stating(emulator, ABSENT) for task in range(2))).results
        assert sorted((result["failed"], result["changed"]) for result in results) == [(False, False), (False, True)]
        assert list(emulator.jobs_of(PROJECT)) == []


class Remover(Emulator):
    """Another client removes the job right before this method is carried out."""

    method = ""

    def take_fault(self, method: str, path: str) -> t.Any:
        """Called before a request takes effect."""
        if method == self.method and self.has_job(PROJECT, JOB):
            self.remove_job(PROJECT, JOB)
        return super().take_fault(method, path)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("options", [{}, {"description": "New"}], ids=["an image", "a description and an image"])
def test_a_job_that_another_client_removes_before_it_is_changed_is_not_made_again(flows: Flows, options: Options, state: str) -> None:
    with Remover(state=state) as emulator:
        emulator.method = "POST"
        emulator.add_job(PROJECT, JOB, {**STORED, "deployment": {"external": {"imagePath": "registry.example.com/report:1.3"}}})
        result = flows.run(stating(emulator, deploying("1.4", **options))).result
        assert (result["failed"], result["changed"]) == (True, bool(options))
        assert result.get("changed_fields", []) == sorted(options)
        assert list(emulator.jobs_of(PROJECT)) == []
        assert emulator.violations == []


@pytest.mark.parametrize("state", STATES)
def test_a_creation_and_a_removal_at_the_same_moment_end_with_the_job_or_without_it(flows: Flows, state: str) -> None:
    with Emulator(state=state) as emulator:
        emulator.add_project(PROJECT)
        created, removed = flows.run_side_by_side(stating(emulator, CREATION), stating(emulator, ABSENT)).results
        assert (created["failed"], created["changed"], removed["failed"]) == (False, True, False)
        assert list(emulator.jobs_of(PROJECT)) == [JOB] * (not removed["changed"])
