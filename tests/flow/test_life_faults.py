# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of tests/harness/faults.py with each request that creates a job, changes its deployment, or removes it.

The expectations follow from these rules:

* A POST or PUT is sent once, and again only if the quota refused it and resets in time. A DELETE is sent again as each read is.
* A creation without a usable response is looked up. Only a job that is there as the task sets it counts as created.
* After any other write without a usable response, the job is read. It counts as changed if it is as the task sets it. Otherwise, the
  task fails, and it is reported as changed if an earlier write of the task has succeeded.
* The next run does the rest, and reports a change only if it makes one. There is never a second job.
"""

from __future__ import annotations

import contextlib
import json
import re
import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, WHOLE
from harness.faults import RATE_LIMIT_WAIT, REFUSED, RETRIES, ROWS, SECRET, Row
from harness.flows import Flows
from harness.playbooks import MODULE, Task, connection
from harness.selection import selected
from harness.strategies import QUICK

IMAGE, NEW_IMAGE = "registry.example.com/report:1.4", "registry.example.com/report:1.5"
REPOSITORY = {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "main"}
BEFORE, AFTER = "As it is", "As it shall be"
STORED = {
    "description": BEFORE,
    "disabledCI": False,
    "backoffLimit": 2,
    "billing": {"deploymentPlan": "nf-compute-20"},
    "runtimeEnvironment": {"VARIABLE": SECRET},
    "deployment": {"external": {"imagePath": IMAGE}, "docker": {"configType": "default"}, "storage": {"shmSize": 64}},
}
SIMILAR = ("create-job", "update-job-build-source", "scale-job")
# `make check` tries each fault of another image.
OTHERS = ("create-manual-job", "put-job", "delete-job")
SOURCE = {"external": {"image_path": NEW_IMAGE}}
CREATION = {
    "name": "Example Job",
    "description": AFTER,
    "backoff_limit": 2,
    "billing": {"deployment_plan": "nf-compute-20"},
    "runtime_environment": {"VARIABLE": SECRET},
    "deployment": SOURCE,
}
# The task that has made the job, with another state.
ABSENT = {**CREATION, "state": "absent"}


@dataclass(frozen=True)
class Write:
    """The request that has a fault: its operation, the task that sends it, the job before, None for none, and what it changes.

    before is the operation of the request before. expected is {dotted path: value} of the job after the task. patched are the options that
    the task changes by an earlier write.
    """

    operation: str
    method: str
    path: str
    options: t.Mapping[str, t.Any]
    job: t.Mapping[str, t.Any] | None
    expected: t.Mapping[str, t.Any]
    before: str
    patched: tuple[str, ...] = ()
    state: str = "current"

    def __str__(self) -> str:
        return self.operation


JOBS = f"/v1/projects/{PROJECT}/jobs"
CREATED = {"deployment.external.imagePath": NEW_IMAGE, "description": AFTER, "runtimeEnvironment": {"VARIABLE": SECRET}}
WRITES = (
    Write("create-manual-job", "POST", f"{JOBS}/manual", CREATION, None, CREATED, "get-job"),
    Write("create-job", "POST", JOBS, CREATION, None, CREATED, "create-manual-job", state="removed"),
    Write(
        "update-job-deployment",
        "POST",
        f"{JOBS}/{JOB}/deployment",
        {"description": AFTER, "deployment": SOURCE},
        STORED,
        {"deployment.external.imagePath": NEW_IMAGE},
        "patch-manual-job",
        ("description",),
    ),
    Write(
        "update-job-build-source",
        "POST",
        f"{JOBS}/{JOB}/build-source",
        {"deployment": {"vcs": {"project_branch": "release"}}},
        {**STORED, "deployment": {"vcs": REPOSITORY}},
        {"deployment.vcs.projectBranch": "release"},
        # A probe, because get-job does not show all members of the repository.
        "patch-manual-job",
    ),
    Write(
        "scale-job",
        "POST",
        f"{JOBS}/{JOB}/scale",
        {"description": AFTER, "deployment": {"storage": {"shm_size": 128}}},
        STORED,
        {"deployment.storage.shmSize": 128},
        "patch-manual-job",
        ("description",),
    ),
    Write(
        "put-job",
        "PUT",
        JOBS,
        {"description": AFTER, "deployment": {"grace_period_seconds": 90}},
        STORED,
        {"deployment.gracePeriodSeconds": 90},
        # The response to PATCH does not contain build arguments, because the job has none.
        "get-job-build-arguments",
        ("description",),
    ),
    Write("delete-job", "DELETE", f"{JOBS}/{JOB}", ABSENT, STORED, {}, "get-job"),
)
NOTES = {
    "POST": " The change may have been applied. Run the task again to check.",
    "PUT": " The change may have been applied. Run the task again to check.",
    "DELETE": " The job may have been removed. Run the task again to check.",
    "create": " The job may have been created. Run the task again to check.",
}


@dataclass(frozen=True)
class Case:
    """A fault of a write. stays: each time that it is sent; else only the first time."""

    row: Row
    write: Write
    stays: bool

    def __str__(self) -> str:
        return f"{self.row.name}, {self.write}, {'stays' if self.stays else 'goes away'}"

    @property
    def creates(self) -> bool:
        """Whether the write creates the job."""
        return self.write.job is None

    @property
    def is_sent_again(self) -> bool:
        """Whether the client may send the write again."""
        return self.row.repeated and (self.write.method == "DELETE" or "429" in self.row.name)

    @property
    def times(self) -> int:
        """How often the first run sends the write."""
        if self.row.kind == REFUSED:
            return 0
        return 2 if self.is_sent_again else 1

    @property
    def takes_effect(self) -> bool:
        """Whether the write of the first run has an effect."""
        return self.row.carried_out or (self.is_sent_again and not self.stays and self.row.kind != REFUSED)

    @property
    def fails(self) -> bool:
        """Whether the first run fails."""
        if self.row.kind == REFUSED:
            return True
        if self.row.carried_out and (self.creates or self.write.method != "DELETE" or self.row.unsure):
            return False
        return self.stays or not self.is_sent_again

    @property
    def message(self) -> re.Pattern[str]:
        """The message of the first run if it fails."""
        note = NOTES["create" if self.creates else self.write.method] if self.row.unsure else ""
        text = f"{self.write.method} {self.write.path}: {self.row.words}{note}"
        if self.write.patched:
            text += f" Before that, the task changed: {', '.join(self.write.patched)}."
        return re.compile(re.escape(text).replace(r"\.\.\.", ".*").replace(r"\{requests\}", r"\d+"))

    def prepare(self, emulator: Emulator) -> None:
        """Store the job, and order the fault."""
        emulator.state = self.write.state
        emulator.add_project(PROJECT)
        if self.write.job is not None:
            emulator.add_job(PROJECT, JOB, dict(self.write.job))
        if self.row.kind == REFUSED:
            emulator.order(REFUSED, self.write.before)
        else:
            emulator.order(self.row.kind, self.write.operation, times=None if self.stays else 1, **self.row.details)

    def task(self, emulator: Emulator, check_mode: bool = False) -> Task:
        """The task."""
        limits = {"retries": RETRIES, "timeout": self.row.timeout, "rate_limit_wait": RATE_LIMIT_WAIT}
        return {"name": str(self), MODULE: connection(emulator, **limits, **self.write.options), "check_mode": check_mode}


@dataclass(frozen=True)
class Left:
    """The results of the first run and of the next one without a fault, the requests of the first, and the jobs after each."""

    first: dict[str, t.Any]
    second: dict[str, t.Any]
    requested: list[str | None]
    jobs: tuple[dict[str, t.Any], dict[str, t.Any]]
    output: str


class Forgetful(Emulator):
    """An emulator whose orders of faults can be cancelled."""

    is_faulty = True

    def take_fault(self, method: str, path: str) -> t.Any:
        """Called before a request takes effect."""
        ordered = super().take_fault(method, path)
        return ordered if self.is_faulty else super().take_fault("GET", "/")


def play(cases: t.Sequence[Case]) -> dict[str, Left]:
    """Run each task twice, the second time without a fault, each with an emulator of its own."""
    with contextlib.ExitStack() as running:
        emulators = [running.enter_context(Forgetful()) for case in cases]
        for case, emulator in zip(cases, emulators):
            case.prepare(emulator)
        first = Flows().run_side_by_side(*(case.task(emulator) for case, emulator in zip(cases, emulators)))
        requested = [[request.operation for request in emulator.requests] for emulator in emulators]
        between = [jobs_of(emulator) for emulator in emulators]
        # What refuses connections is started again, as another server with the same jobs.
        others = []
        for case, emulator in zip(cases, emulators):
            emulator.is_faulty = False
            if case.row.kind == REFUSED:
                other = running.enter_context(Forgetful(state=case.write.state))
                other.add_project(PROJECT)
                for job_id, job in emulator.jobs_of(PROJECT).items():
                    other.store(PROJECT, job_id, job)
                emulator = other
            others.append(emulator)
        second = Flows().run_side_by_side(*(case.task(emulator) for case, emulator in zip(cases, others)))
        after = [jobs_of(emulator) for emulator in others]
        assert [violation for emulator in [*emulators, *others] for violation in emulator.violations] == []
    return {
        str(case): Left(one, two, operations, (then, now), json.dumps([one, two]))
        for case, one, two, operations, then, now in zip(cases, first.results, second.results, requested, between, after, strict=True)
    }


def jobs_of(emulator: Emulator) -> dict[str, t.Any]:
    """All jobs of the project."""
    return {job_id: emulator.job(PROJECT, job_id) for job_id in emulator.jobs_of(PROJECT)}


def at(job: t.Mapping[str, t.Any], path: str) -> t.Any:
    """The value at a dotted path, None if there is none."""
    value: t.Any = job
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def cases_of(write: Write) -> list[Case]:
    """Each fault of a write. One that is never sent again is the same, whether it stays or goes away.

    Some writes are sent by the same lines as others. Only the matrix tries each fault of them.
    """
    in_part = () if WHOLE else (*SIMILAR, *OTHERS) if QUICK else SIMILAR
    rows = [row for row in ROWS if row.kind.startswith("reset")] if write.operation in in_part else ROWS
    cases = [Case(row, write, stays) for row in rows if row.not_for != write.operation for stays in (False, True)]
    return [
        case
        for case in cases
        if (case.stays or case.is_sent_again)
        and not (case.row.kind == REFUSED and not case.stays)
        # Only GET, PATCH, PUT and the creation return the job.
        and not (case.row.name == "data of something else" and write.operation not in ("create-manual-job", "create-job", "put-job"))
    ]


@pytest.fixture(scope="class")
def left(request: pytest.FixtureRequest) -> dict[str, Left]:
    """What the tasks of the selected cases left, which run once for all tests of a class."""
    return play(selected(request, "case"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs for the faults of the write of its class."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", cases_of(metafunc.cls.write), ids=str)


class EachFault:
    """The tests of a write. A class for each, so that they run side by side (pytest-xdist, loadscope)."""

    write: t.ClassVar[Write]

    def test_the_write_is_sent_as_often_as_it_may_be(self, left: dict[str, Left], case: Case) -> None:
        assert left[str(case)].requested.count(case.write.operation) == case.times

    def test_the_task_fails_unless_it_knows_the_end(self, left: dict[str, Left], case: Case) -> None:
        first = left[str(case)].first
        assert first["failed"] is case.fails, first.get("msg")

    def test_a_failure_names_its_cause_and_what_was_changed(self, left: dict[str, Left], case: Case) -> None:
        if case.fails:
            assert case.message.fullmatch(left[str(case)].first["msg"]), (left[str(case)].first["msg"], case.message.pattern)

    def test_changed_is_what_the_task_knows_to_have_changed(self, left: dict[str, Left], case: Case) -> None:
        first = left[str(case)].first
        assert first["changed"] is (not case.fails or bool(case.write.patched))
        if case.fails:
            assert first.get("changed_fields", []) == list(case.write.patched)

    def test_the_write_has_its_effect_and_nothing_else_is_lost(self, left: dict[str, Left], case: Case) -> None:
        jobs = left[str(case)].jobs[0]
        there = (case.creates and case.takes_effect) or (not case.creates and not (case.write.method == "DELETE" and case.takes_effect))
        assert list(jobs) == [JOB] * there
        if there and case.write.method != "DELETE":
            expected = dict.fromkeys(case.write.expected)
            if case.takes_effect:
                expected = dict(case.write.expected)
            elif case.write.job:
                expected = {path: at(case.write.job, path) for path in expected}
            assert {path: at(jobs[JOB], path) for path in expected} == expected
            assert jobs[JOB]["runtimeEnvironment"] == {"VARIABLE": SECRET}

    def test_the_next_run_does_the_rest_and_there_is_never_a_second_job(self, left: dict[str, Left], case: Case) -> None:
        second, jobs = left[str(case)].second, left[str(case)].jobs[1]
        assert (second["failed"], second["changed"]) == (False, not case.takes_effect), second.get("msg")
        assert list(jobs) == [JOB] * (case.write.method != "DELETE")
        if jobs:
            assert {path: at(jobs[JOB], path) for path in case.write.expected} == dict(case.write.expected)
            assert jobs[JOB]["runtimeEnvironment"] == {"VARIABLE": SECRET}
            assert jobs[JOB]["description"] == (AFTER if "description" in case.write.options else BEFORE)

    def test_the_output_contains_no_secret_and_no_traceback(self, left: dict[str, Left], case: Case) -> None:
        assert (SECRET in left[str(case)].output, "raceback" in left[str(case)].output) == (False, False)


class TestCreateManualJob(EachFault):
    """The creation."""

    write = WRITES[0]


class TestCreateJob(EachFault):
    """The creation, after the removals."""

    write = WRITES[1]


class TestUpdateDeployment(EachFault):
    """Another image, after a PATCH."""

    write = WRITES[2]


class TestUpdateBuildSource(EachFault):
    """Another branch."""

    write = WRITES[3]


class TestScaleJob(EachFault):
    """More storage, after a PATCH."""

    write = WRITES[4]


class TestPutJob(EachFault):
    """The whole job, after a PATCH."""

    write = WRITES[5]


class TestDeleteJob(EachFault):
    """The removal."""

    write = WRITES[6]
