# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of northflank_manual_job: a table of situations, and rules for the steps from any situation, without requests."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import (
    GET_BUILD_ARGUMENTS,
    GET_HEALTH_CHECKS,
    GET_RUNTIME_ENVIRONMENT,
    PATCH_JOB,
    PATCH_MANUAL_JOB,
)
from ansible_collections.northflank.cloud.plugins.module_utils._flows import plan
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

ROWS = {row.option: row for row in fields.FIELDS}
VARIABLES, LIMIT, PLAN, BUILD_PLAN = (
    ROWS[name] for name in ("runtime_environment", "backoff_limit", "billing.deployment_plan", "billing.build_plan")
)
MOUNTS = ROWS["docker_secret_mounts"]
A, B = {"A": "1"}, {"B": "2"}


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
}
RESOURCES = (GET_BUILD_ARGUMENTS, GET_HEALTH_CHECKS, GET_RUNTIME_ENVIRONMENT)


def some_of(rows: t.Iterable[fields.Row]) -> st.SearchStrategy[dict[fields.Row, t.Any]]:
    """Any of these rows, each with one of its values."""
    return st.fixed_dictionaries({}, optional={row: st.sampled_from(VALUES[row]) for row in rows})


@PROPERTY
@given(
    desired=some_of(VALUES),
    stored=some_of(VALUES),
    shown=st.sets(st.sampled_from(list(VALUES))),
    refused=st.sets(st.sampled_from(RESOURCES)),
    forbidden=st.booleans(),
    hides=st.booleans(),
    is_check=st.booleans(),
    strategy=st.sampled_from(["replace", "merge"]),
    policy=st.sampled_from(["probe", "apply", "skip"]),
    operation=st.sampled_from([PATCH_MANUAL_JOB, PATCH_JOB]),
)
def test_each_situation_ends_and_sends_no_request_twice(  # pylint: disable=too-many-arguments
    *, desired: t.Any, stored: t.Any, shown: t.Any, refused: t.Any, forbidden: bool, hides: bool, is_check: bool, **how: t.Any
) -> None:
    whole = {row: stored.get(row) for row in fields.FIELDS}
    now = situation(desired, {row: value for row, value in whole.items() if row in shown}, is_check=is_check, **how)
    steps: list[plan.Step] = []
    while not steps or isinstance(steps[-1], (plan.Read, plan.Probe, plan.TreatAsEmpty)):
        step = plan.next_step(now)
        steps.append(step)
        assert len(steps) <= 10
        if isinstance(step, plan.Read):
            now.tried.add(step.resource)
            if step.resource in refused:
                now.forbidden |= {step.resource} if forbidden else set()
            else:
                now.known.update({row.path: value for row, value in whole.items() if row.resource is step.resource and value is not None})
        elif isinstance(step, plan.Probe):
            now.has_probed = True
            now.unconfirmed = [row for row in now.compare().unknown if hides and row.secret and row.resource]
            now.known.update({row.path: value for row, value in whole.items() if row not in now.unconfirmed})
        elif isinstance(step, plan.TreatAsEmpty):
            now.known.update({row.path: None for row in step.rows if row.path not in now.known})
            now.unconfirmed = []
    reads = [step.resource for step in steps if isinstance(step, plan.Read)]
    assert len(reads) == len(set(reads))
    assert sum(isinstance(step, plan.Probe) for step in steps) <= 1
    if is_check:
        assert {type(step) for step in steps} <= {plan.Read, plan.Done}
    if isinstance(steps[-1], plan.Patch):
        assert steps[-1].rows and {row.path for row in steps[-1].rows} <= set(now.desired)
    if isinstance(steps[-1], plan.Done) and not is_check and how["policy"] != "skip":
        assert now.compare() == ([], [])
