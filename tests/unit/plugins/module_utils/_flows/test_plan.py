# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of northflank_manual_job: a table of situations, and rules for the steps from any situation, without requests."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import (
    GET_BUILD_ARGUMENTS,
    GET_DEPLOYMENT,
    GET_HEALTH_CHECKS,
    GET_RUNTIME_ENVIRONMENT,
    PATCH_JOB,
    PATCH_MANUAL_JOB,
    PUT_JOB,
    SCALE_JOB,
    UPDATE_BUILD_SOURCE,
    UPDATE_DEPLOYMENT,
)
from ansible_collections.northflank.cloud.plugins.module_utils._flows import plan
from ansible_collections.northflank.cloud.plugins.module_utils._job import compare, fields, writes
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

ROWS = {row.option: row for row in fields.JOB_FIELDS}
VARIABLES, LIMIT, PLAN, BUILD_PLAN = (
    ROWS[name] for name in ("runtime_environment", "backoff_limit", "billing.deployment_plan", "billing.build_plan")
)
MOUNTS = ROWS["docker_secret_mounts"]
NAME, IMAGE, CREDENTIALS, GRACE, SHARED_MEMORY = (
    ROWS[name]
    for name in (
        "name",
        "deployment.external.image_path",
        "deployment.external.credentials",
        "deployment.grace_period_seconds",
        "deployment.storage.shm_size",
    )
)
BRANCH = ROWS["deployment.vcs.project_branch"]
INTERNAL_BRANCH, BUILD_SHA, BUILD_ID = (ROWS[f"deployment.internal.{name}"] for name in ("branch", "build_sha", "build_id"))
URL, TYPE = ROWS["deployment.vcs.project_url"], ROWS["deployment.vcs.project_type"]
ARCHITECTURE = ROWS["infrastructure.architecture"]
COMMAND = ROWS["deployment.docker.custom_command"]
A, B = {"A": "1"}, {"B": "2"}
# Everything is known, and nothing is set.
WHOLE: dict[fields.Row, t.Any] = dict.fromkeys(fields.JOB_FIELDS)
REFUSED: dict[str, t.Any] = {"tried": {GET_RUNTIME_ENVIRONMENT}, "refused": {GET_RUNTIME_ENVIRONMENT}}
REPOSITORY = {URL: "https://github.com/example/report", TYPE: "github", BRANCH: "a"}


def deploy(operation: t.Any, *rows: fields.Row, unknown: t.Sequence[fields.Row] = ()) -> plan.Deploy:
    """The step that sends these rows by this operation, with the objects that they belong to."""
    parts = {
        SCALE_JOB: ["storage"],
        UPDATE_BUILD_SOURCE: ["vcs"],
        UPDATE_DEPLOYMENT: ["external", "docker"] if IMAGE in rows or CREDENTIALS in rows else ["docker", "buildpack"],
    }
    if operation is PUT_JOB:
        return plan.Deploy(writes.Write(PUT_JOB, list(rows), list(fields.JOB_FIELDS)), list(unknown))
    needed = [
        row
        for part in parts[operation]
        for row in fields.DEPLOYMENT
        if row.path.startswith(f"deployment.{part}.") and row.option != "deployment.vcs.vcs_link_id"
    ]
    return plan.Deploy(writes.Write(operation, list(rows), needed), list(unknown))


def situation(desired: dict[fields.Row, t.Any], known: dict[fields.Row, t.Any] | None = None, **rest: t.Any) -> plan.Situation:
    """A situation of the default options; rest replaces parts of it."""
    base: dict[str, t.Any] = {"strategy": "replace", "policy": "probe", "is_check": False, "operation": PATCH_MANUAL_JOB}
    by_path = [{row.path: value for row, value in (values or {}).items()} for values in (desired, known)]
    return plan.Situation(desired=by_path[0], known=by_path[1], **{**base, **rest})


CASES: dict[str, tuple[plan.Situation, plan.Step]] = {
    "nothing differs": (situation({LIMIT: 2}, {LIMIT: 2}), plan.Done([])),
    "a field differs": (situation({LIMIT: 2}, {LIMIT: 3}), plan.Patch([LIMIT], [])),
    "a sub-resource can show an unknown field": (situation({VARIABLES: A}), plan.Read(GET_RUNTIME_ENVIRONMENT)),
    "the sub-resource was refused": (situation({VARIABLES: A}, tried={GET_RUNTIME_ENVIRONMENT}), plan.Probe([])),
    "only the probe can show a field": (situation({LIMIT: 2}), plan.Probe([])),
    "the probe is needed anyway, so no sub-resource is read": (situation({LIMIT: 2, VARIABLES: A}), plan.Probe([])),
    "an unknown field goes with a difference": (
        situation({LIMIT: 2, ROWS["disabled_ci"]: True}, {ROWS["disabled_ci"]: False}),
        plan.Patch([LIMIT, ROWS["disabled_ci"]], [LIMIT]),
    ),
    "siblings are unknown": (situation({PLAN: "a"}, {PLAN: "b"}), plan.Probe([PLAN])),
    "siblings are known": (
        situation({PLAN: "a"}, {**{row: None for row in fields.FIELDS if row.path.startswith("billing.")}, PLAN: "b"}),
        plan.Patch([PLAN], []),
    ),
    "skip: an unknown field stays": (situation({LIMIT: 2}, policy="skip"), plan.Done([LIMIT])),
    "skip: a sub-resource is read": (situation({VARIABLES: A}, policy="skip"), plan.Read(GET_RUNTIME_ENVIRONMENT)),
    "apply: an unknown field is sent": (situation({LIMIT: 2}, policy="apply"), plan.Patch([LIMIT], [LIMIT])),
    "apply: a map that cannot be read is not merged": (
        situation({MOUNTS: A}, policy="apply", strategy="merge"),
        plan.RefuseMerge([MOUNTS]),
    ),
    "probe: a map that cannot be read is merged after a probe": (situation({MOUNTS: A}, strategy="merge"), plan.Probe([])),
    "merge: the map is read before it is sent": (situation({VARIABLES: A}, strategy="merge"), plan.Read(GET_RUNTIME_ENVIRONMENT)),
    "the other PATCH has the field in an object": (
        situation({LIMIT: 2}, {LIMIT: 3}, operation=PATCH_JOB),
        plan.Probe([LIMIT]),
    ),
    "check mode reads": (situation({VARIABLES: A}, is_check=True), plan.Read(GET_RUNTIME_ENVIRONMENT)),
    "check mode never probes": (situation({LIMIT: 2}, is_check=True), plan.Done([LIMIT])),
    "check mode never patches": (situation({LIMIT: 2}, {LIMIT: 3}, is_check=True), plan.Done([])),
    "after the probe: a difference": (situation({LIMIT: 2}, {LIMIT: 3}, has_probed=True), plan.Patch([LIMIT], [])),
    "after the probe: nothing differs": (situation({LIMIT: 2}, {LIMIT: 2}, has_probed=True), plan.Done([])),
    "after the probe, apply: what could not be read is sent": (
        situation({LIMIT: 2}, {LIMIT: 2}, has_probed=True, policy="apply", unreadable_before_probe=[LIMIT]),
        plan.Patch([LIMIT], [LIMIT]),
    ),
    "after the probe: a map may be hidden, its sub-resource tells": (
        situation({VARIABLES: A}, has_probed=True, unconfirmed=[VARIABLES]),
        plan.Read(GET_RUNTIME_ENVIRONMENT),
    ),
    "after the probe: the sub-resource showed nothing": (
        situation({VARIABLES: A}, has_probed=True, unconfirmed=[VARIABLES], tried={GET_RUNTIME_ENVIRONMENT}),
        plan.TreatAsEmpty([VARIABLES], []),
    ),
    "after the probe: a map that is desired to be empty is forbidden": (
        situation(
            {VARIABLES: {}},
            has_probed=True,
            unconfirmed=[VARIABLES],
            tried={GET_RUNTIME_ENVIRONMENT},
            forbidden={GET_RUNTIME_ENVIRONMENT},
        ),
        plan.TreatAsEmpty([VARIABLES], [VARIABLES]),
    ),
    "after the probe: a forbidden map is replaced": (
        situation(
            {VARIABLES: A},
            has_probed=True,
            unconfirmed=[VARIABLES],
            tried={GET_RUNTIME_ENVIRONMENT},
            forbidden={GET_RUNTIME_ENVIRONMENT},
        ),
        plan.TreatAsEmpty([VARIABLES], []),
    ),
    "after the probe: a forbidden map is not merged": (
        situation(
            {VARIABLES: A},
            strategy="merge",
            has_probed=True,
            unconfirmed=[VARIABLES],
            tried={GET_RUNTIME_ENVIRONMENT},
            forbidden={GET_RUNTIME_ENVIRONMENT},
        ),
        plan.RefuseMerge([VARIABLES]),
    ),
    "after the probe: a field of an unknown shape": (situation({LIMIT: 2}, has_probed=True), plan.RefuseShapes([LIMIT])),
    "the name differs": (situation({NAME: "b", LIMIT: 2}, {NAME: "a", LIMIT: 3}), plan.RefuseFixed([NAME])),
    "check mode: the name differs": (situation({NAME: "b"}, {NAME: "a"}, is_check=True), plan.RefuseFixed([NAME])),
    "the name is as it is": (situation({NAME: "a"}, {NAME: "a"}), plan.Done([])),
    "the image is unknown": (situation({IMAGE: "a:1"}), plan.Read(GET_DEPLOYMENT)),
    "the image is unknown, and a field differs: the response to PATCH shows the image": (
        situation({IMAGE: "a:1", LIMIT: 2}, {LIMIT: 3}),
        plan.Patch([LIMIT], []),
    ),
    "the image differs": (situation({IMAGE: "a:2"}, {**WHOLE, IMAGE: "a:1"}), deploy(UPDATE_DEPLOYMENT, IMAGE)),
    "the image and a field differ": (situation({IMAGE: "a:2", LIMIT: 2}, {**WHOLE, IMAGE: "a:1"}), plan.Patch([LIMIT], [])),
    "the image differs after a PATCH": (
        situation({IMAGE: "a:2", LIMIT: 2}, {**WHOLE, IMAGE: "a:1", LIMIT: 2}, has_patched=True),
        deploy(UPDATE_DEPLOYMENT, IMAGE),
    ),
    "the API did not store a field, and the image differs": (
        situation({IMAGE: "a:2", LIMIT: 2}, {**WHOLE, IMAGE: "a:1", LIMIT: 3}, has_patched=True),
        deploy(UPDATE_DEPLOYMENT, IMAGE),
    ),
    "the image was sent": (situation({IMAGE: "a:2"}, {**WHOLE, IMAGE: "a:1"}, deployed=[IMAGE]), plan.Done([])),
    "the credentials of the image are unknown": (
        situation({IMAGE: "a:2"}, {row: value for row, value in {**WHOLE, IMAGE: "a:1"}.items() if row is not CREDENTIALS}),
        plan.Probe([IMAGE]),
    ),
    "the credentials of the image are desired": (
        situation(
            {IMAGE: "a:2", CREDENTIALS: "b"}, {row: value for row, value in {**WHOLE, IMAGE: "a:1"}.items() if row is not CREDENTIALS}
        ),
        plan.Probe([]),
    ),
    "apply: the credentials of the image are sent": (
        situation(
            {IMAGE: "a:2", CREDENTIALS: "b"},
            {row: value for row, value in {**WHOLE, IMAGE: "a:1"}.items() if row is not CREDENTIALS},
            policy="apply",
        ),
        deploy(UPDATE_DEPLOYMENT, IMAGE, CREDENTIALS, unknown=[CREDENTIALS]),
    ),
    "the storage comes before the command": (
        situation({COMMAND: "b", SHARED_MEMORY: 64}, WHOLE),
        deploy(SCALE_JOB, SHARED_MEMORY),
    ),
    "the command comes after the storage": (
        situation({COMMAND: "b", SHARED_MEMORY: 64}, WHOLE, deployed=[SHARED_MEMORY]),
        deploy(UPDATE_DEPLOYMENT, COMMAND),
    ),
    "the branch of a repository differs": (
        situation({BRANCH: "b"}, {**WHOLE, **REPOSITORY}),
        deploy(UPDATE_BUILD_SOURCE, BRANCH),
    ),
    "a repository takes the place of an image: the whole job is needed": (
        situation(REPOSITORY, {**WHOLE, IMAGE: "a:1"}),
        plan.Probe(list(REPOSITORY)),
    ),
    "after the probe, only PUT makes a repository of an image": (
        situation(REPOSITORY, {**WHOLE, IMAGE: "a:1"}, has_probed=True),
        deploy(PUT_JOB, *REPOSITORY),
    ),
    "a branch without a repository": (situation({BRANCH: "b", LIMIT: 2}, WHOLE), plan.RefuseIncomplete([URL, TYPE])),
    "check mode: a branch without a repository": (
        situation({BRANCH: "b"}, {**WHOLE, IMAGE: "a:1"}, is_check=True),
        plan.RefuseIncomplete([URL, TYPE]),
    ),
    "a field and a branch differ, and the repository is unknown: the task may have to be refused before the first write": (
        situation(
            {BRANCH: "b", LIMIT: 2}, {row: value for row, value in {**WHOLE, LIMIT: 3}.items() if row not in REPOSITORY}, policy="skip"
        ),
        plan.Probe([LIMIT]),
    ),
    "a field differs, and the architecture is unknown: the task may have to be refused before the first write": (
        situation({ARCHITECTURE: "x86", LIMIT: 2}, {row: value for row, value in WHOLE.items() if row is not ARCHITECTURE}, policy="skip"),
        plan.Probe([LIMIT]),
    ),
    "two names of a build are shown, and one of them was chosen: the probe shows which one": (
        situation({INTERNAL_BRANCH: "b"}, {**WHOLE, INTERNAL_BRANCH: "a", BUILD_SHA: "0" * 40, BUILD_ID: "build-7"}),
        plan.Probe([INTERNAL_BRANCH]),
    ),
    "after a PATCH, PUT needs no probe": (
        situation({GRACE: 60}, WHOLE, has_patched=True),
        deploy(PUT_JOB, GRACE),
    ),
    "the operation is gone: the whole job is needed": (
        situation({IMAGE: "a:2"}, {**WHOLE, IMAGE: "a:1"}, gone={UPDATE_DEPLOYMENT}),
        plan.Probe([IMAGE]),
    ),
    "the operation is gone: PUT": (
        situation({IMAGE: "a:2", SHARED_MEMORY: 64}, {**WHOLE, IMAGE: "a:1"}, gone={UPDATE_DEPLOYMENT}, has_probed=True),
        deploy(PUT_JOB, SHARED_MEMORY, IMAGE),
    ),
    "PUT: a map may be hidden, its sub-resource shows it": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES]),
        plan.Read(GET_RUNTIME_ENVIRONMENT),
    ),
    "PUT: the map is empty": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES], tried={GET_RUNTIME_ENVIRONMENT}),
        deploy(PUT_JOB, GRACE),
    ),
    "PUT: the map is hidden": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES], **REFUSED, forbidden={GET_RUNTIME_ENVIRONMENT}),
        plan.RefusePut([VARIABLES]),
    ),
    "PUT: the sub-resource is gone, so it is unknown whether the map is hidden": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES], **REFUSED),
        plan.ReadToken(),
    ),
    "PUT: the token reads no secrets": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES], **REFUSED, has_read_token=True, reads_secrets=False),
        plan.RefusePut([VARIABLES]),
    ),
    "PUT: the token reads secrets": (
        situation({GRACE: 60}, WHOLE, has_probed=True, absent=[VARIABLES], **REFUSED, has_read_token=True, reads_secrets=True),
        deploy(PUT_JOB, GRACE),
    ),
    "PUT: the task sets the whole map": (
        situation({GRACE: 60, VARIABLES: A}, {**WHOLE, VARIABLES: A}, has_probed=True, absent=[VARIABLES]),
        deploy(PUT_JOB, GRACE),
    ),
    "PUT: a field of an unknown shape": (
        situation({GRACE: 60}, {row: value for row, value in WHOLE.items() if row is not LIMIT}, has_probed=True),
        plan.RefusePut([LIMIT]),
    ),
    "after the probe: a desired field of the deployment of an unknown shape": (
        situation({GRACE: 60}, {row: value for row, value in WHOLE.items() if row is not GRACE}, has_probed=True),
        plan.RefuseShapes([GRACE]),
    ),
    "after a PATCH: a sibling of an unknown shape": (
        situation(
            {IMAGE: "a:2"}, {row: value for row, value in {**WHOLE, IMAGE: "a:1"}.items() if row is not CREDENTIALS}, has_patched=True
        ),
        plan.RefuseShapes([CREDENTIALS]),
    ),
    "apply: a field of the deployment that cannot be read is sent by PUT, after a probe": (
        situation({GRACE: 60}, {}, policy="apply"),
        plan.Probe([GRACE]),
    ),
    "apply: after the probe it is sent, whatever the probe has shown": (
        situation({GRACE: 60}, {**WHOLE, GRACE: 60}, policy="apply", has_probed=True, unreadable_before_probe=[GRACE]),
        deploy(PUT_JOB, GRACE, unknown=[GRACE]),
    ),
    "skip: a field of the deployment that cannot be read stays": (situation({GRACE: 60}, policy="skip"), plan.Done([GRACE])),
    "skip: a desired field that cannot be read is sent with its object": (
        situation(
            {IMAGE: "a:2", CREDENTIALS: "b", GRACE: 60},
            {row: value for row, value in {**WHOLE, IMAGE: "a:1"}.items() if row not in (CREDENTIALS, GRACE)},
            policy="skip",
        ),
        deploy(UPDATE_DEPLOYMENT, IMAGE, CREDENTIALS, unknown=[CREDENTIALS]),
    ),
    "apply: an architecture that no response contains is not sent": (
        situation({ARCHITECTURE: "x86"}, {row: value for row, value in WHOLE.items() if row is not ARCHITECTURE}, policy="apply"),
        plan.Done([ARCHITECTURE]),
    ),
    "check mode reads the deployment": (situation({IMAGE: "a:1"}, is_check=True), plan.Read(GET_DEPLOYMENT)),
    "check mode never deploys": (situation({IMAGE: "a:2"}, {**WHOLE, IMAGE: "a:1"}, is_check=True), plan.Done([])),
}


@pytest.mark.parametrize("name", CASES)
def test_the_next_step(name: str) -> None:
    given_situation, expected = CASES[name]
    step = plan.next_step(given_situation)
    assert (type(step), step) == (type(expected), expected)


def test_a_sibling_of_an_unknown_shape_is_named_after_the_probe() -> None:
    known = {row: None for row in fields.FIELDS if row.path.startswith("billing.") and row is not BUILD_PLAN}
    assert plan.next_step(situation({PLAN: "a"}, {**known, PLAN: "b"}, has_probed=True)) == plan.RefuseShapes([BUILD_PLAN])


def test_each_kind_of_step_has_a_case() -> None:
    assert {type(step) for given_situation, step in CASES.values()} == set(t.get_args(plan.Step))


VALUES = {
    VARIABLES: (A, B),
    ROWS["build_arguments"]: (A, B),
    MOUNTS: (A, {}),
    LIMIT: (1, 2),
    PLAN: ("a", "b"),
    ROWS["disabled_ci"]: (True, False),
    IMAGE: ("a:1", "a:2"),
    CREDENTIALS: ("a", "b"),
    BRANCH: ("a", "b"),
    URL: ("https://github.com/example/report", "https://github.com/example/other"),
    TYPE: ("github",),
    COMMAND: ("a", "b"),
    SHARED_MEMORY: (64, 128),
    GRACE: (60, 90),
}
RESOURCES = (GET_BUILD_ARGUMENTS, GET_HEALTH_CHECKS, GET_RUNTIME_ENVIRONMENT, GET_DEPLOYMENT)
# The maps that a response with the whole job may hide from a token.
HIDEABLE = [row for row in fields.FIELDS if row.secret and row.resource]


def some_of(rows: t.Iterable[fields.Row]) -> st.SearchStrategy[dict[fields.Row, t.Any]]:
    """Any of these rows, each with one of its values. The image comes from one source."""
    values = st.fixed_dictionaries({}, optional={row: st.sampled_from(VALUES[row]) for row in rows})
    return values.filter(lambda drawn: not set(REPOSITORY) & set(drawn) or not {IMAGE, CREDENTIALS} & set(drawn))


def complete(job: dict[fields.Row, t.Any]) -> dict[fields.Row, t.Any]:
    """A job with the whole repository if it builds from one."""
    return {**REPOSITORY, **job} if set(REPOSITORY) & set(job) else job


@dataclass
class Api:
    """What becomes of the steps: the stored job, the sub-resources that are refused, whether for a permission, and what is hidden."""

    job: dict[str, t.Any]
    refused: set[t.Any]
    is_forbidden: bool
    hides: bool
    gone: set[t.Any]

    def read(self, now: plan.Situation, resource: t.Any) -> None:
        """Read a sub-resource."""
        now.tried.add(resource)
        if resource in self.refused:
            now.refused.add(resource)
            now.forbidden |= {resource} if self.is_forbidden else set()
            return
        rows = [row for row in fields.JOB_FIELDS if row.resource is resource]
        now.known.update({row.path: self.job[row.path] for row in rows if self.job[row.path] is not None})

    def show_whole(self, now: plan.Situation) -> None:
        """Respond with the whole job."""
        now.absent = [row for row in HIDEABLE if self.hides or self.job[row.path] is None]
        now.known.update({path: value for path, value in self.job.items() if path not in {row.path for row in now.unconfirmed}})

    def probe(self, now: plan.Situation) -> None:
        """Respond to a probe."""
        unknown = now.compare().unknown
        now.has_probed = True
        now.unreadable_before_probe = now.find_unreadable(unknown) if now.policy == "apply" else []
        now.unconfirmed = [row for row in unknown if self.hides and row in HIDEABLE]
        self.show_whole(now)

    def patch(self, now: plan.Situation, rows: t.Sequence[fields.Row]) -> None:
        """Store these rows."""
        assert set(rows) <= set(fields.FIELDS)
        now.has_patched = True
        self.job = compare.state_after(list(rows), now.desired, self.job, now.strategy)
        self.show_whole(now)

    def deploy(self, now: plan.Situation, write: writes.Write) -> None:
        """Carry out a write of the deployment, unless its operation is gone. It must not lose a value that is set."""
        if write.operation in self.gone:
            now.gone.add(write.operation)
            return
        assert write.rows and not set(write.rows) & set(now.deployed)
        assert writes.find_unknown(write, now.desired, now.known) == []
        after = writes.state_after(write.rows, now.desired, self.job)
        sent = writes.state_after(write.rows, now.desired, now.known)
        assert {row.path: sent.get(row.path) for row in write.needed} == {row.path: after[row.path] for row in write.needed}
        self.job = after
        now.deployed = [*now.deployed, *write.rows]
        now.known = sent

    def carry_out(self, now: plan.Situation, step: plan.Step) -> None:
        """What a task knows after a step."""
        if isinstance(step, plan.Read):
            self.read(now, step.resource)
        elif isinstance(step, plan.ReadToken):
            assert not now.has_read_token
            now.has_read_token, now.reads_secrets = True, not self.hides
        elif isinstance(step, plan.Probe):
            self.probe(now)
        elif isinstance(step, plan.TreatAsEmpty):
            now.known.update({row.path: None for row in step.rows if row.path not in now.known})
            now.unconfirmed = []
        elif isinstance(step, plan.Patch):
            self.patch(now, step.rows)
        elif isinstance(step, plan.Deploy):
            self.deploy(now, step.write)


@PROPERTY
@given(
    desired=some_of(VALUES),
    stored=some_of(VALUES).map(complete),
    shown=st.sets(st.sampled_from(list(VALUES))),
    refused=st.sets(st.sampled_from(RESOURCES)),
    forbidden=st.booleans(),
    hides=st.booleans(),
    gone=st.sets(st.sampled_from([UPDATE_DEPLOYMENT, UPDATE_BUILD_SOURCE, SCALE_JOB])),
    is_check=st.booleans(),
    strategy=st.sampled_from(["replace", "merge"]),
    policy=st.sampled_from(["probe", "apply", "skip"]),
    operation=st.sampled_from([PATCH_MANUAL_JOB, PATCH_JOB]),
)
def test_each_situation_ends_and_sends_no_request_twice(  # pylint: disable=too-many-arguments
    *, desired: t.Any, stored: t.Any, shown: t.Any, refused: t.Any, forbidden: bool, hides: bool, gone: t.Any, is_check: bool, **how: t.Any
) -> None:
    whole = {row: stored.get(row) for row in fields.JOB_FIELDS}
    now = situation(desired, {row: value for row, value in whole.items() if row in shown}, is_check=is_check, **how)
    api = Api({row.path: value for row, value in whole.items()}, refused, forbidden, hides, gone)
    steps: list[plan.Step] = []
    while not steps or not isinstance(steps[-1], (plan.Done, *t.get_args(plan.Refusal))):
        step = plan.next_step(now)
        steps.append(step)
        assert len(steps) <= 20
        api.carry_out(now, step)
    reads = [step.resource for step in steps if isinstance(step, plan.Read)]
    assert len(reads) == len(set(reads))
    for kind in (plan.Probe, plan.Patch):
        assert sum(isinstance(step, kind) for step in steps) <= 1
    if is_check:
        assert {type(step) for step in steps} <= {plan.Read, plan.RefuseIncomplete, plan.Done}
    for step in steps:
        if isinstance(step, plan.Patch):
            assert step.rows and {row.path for row in step.rows} <= set(now.desired)
    if isinstance(steps[-1], plan.Done) and not is_check and how["policy"] != "skip":
        assert now.compare() == ([], [])
