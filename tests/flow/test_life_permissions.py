# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that lack one permission each, with each kind of task in the life of a job: it works, or it fails, names the permission, and
has changed nothing that it does not name."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest
from emulator import Emulator
from harness import GROUPS, JOB, PROJECT, READ, SECRETS, STATES, UPDATE
from harness.flows import Flows
from harness.playbooks import MODULE, connection

CREATE, DELETE = "Project > Jobs > General > Create", "Project > Jobs > General > Delete"
ALL = {READ, UPDATE, CREATE, DELETE, SECRETS, GROUPS}
IMAGE = {"image_path": "registry.example.com/report:1.4"}
STORED = {
    "description": "As it is",
    "disabledCI": False,
    "runtimeEnvironment": {"A": "1"},
    "buildArguments": {"A": "1"},
    "deployment": {"external": {"imagePath": "registry.example.com/report:1.4"}, "docker": {"configType": "default"}},
}
CREATION = {"name": "Example Job", "billing": {"deployment_plan": "nf-compute-20"}, "backoff_limit": 2, "deployment": {"external": IMAGE}}
NEW_IMAGE = {"deployment": {"external": {"image_path": "registry.example.com/report:1.5"}}}
BY_PUT = {"deployment": {"grace_period_seconds": 90}}
ABSENT = {"state": "absent"}


@dataclass(frozen=True)
class Kind:
    """A kind of task: its options, whether the job exists before, and the permissions that it needs, after the removals those of removed."""

    options: t.Mapping[str, t.Any]
    needs: t.Collection[str]
    exists: bool = True
    changed: bool = True
    removed: t.Collection[str] | None = None

    def needed(self, state: str) -> t.Collection[str]:
        """The permissions that it needs in an API state."""
        return self.removed if state == "removed" and self.removed is not None else self.needs


KINDS = {
    "create": Kind(CREATION, {READ, CREATE}, exists=False),
    "deploy": Kind(NEW_IMAGE, {READ, UPDATE}, removed={READ, UPDATE, CREATE, SECRETS}),
    "deploy, and change an option": Kind({**NEW_IMAGE, "description": "New"}, {READ, UPDATE}, removed={READ, UPDATE, CREATE, SECRETS}),
    # The responses do not contain all secret maps, because the job has not all of them. One that is hidden would be lost.
    "deploy by put-job": Kind(BY_PUT, {READ, UPDATE, CREATE, SECRETS}),
    "remove": Kind(ABSENT, {READ, DELETE}),
    "remove what is absent": Kind(ABSENT, {READ}, exists=False, changed=False),
}


@pytest.fixture
def started(emulator_of: t.Callable[[str], Emulator], state: str) -> Emulator:
    """An emulator in a state."""
    return emulator_of(state)


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize("lacking", sorted(ALL))
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", KINDS)
def test_a_task_fails_only_because_of_a_permission_that_it_needs(
    flows: Flows, started: Emulator, name: str, state: str, lacking: str, check_mode: bool
) -> None:
    kind = KINDS[name]
    started.add_project(PROJECT)
    if kind.exists:
        started.add_job(PROJECT, JOB, STORED)
    before = stored(started)
    started.add_token("narrow", ALL - {lacking})
    task = {MODULE: {**connection(started, **kind.options), "api_token": "narrow"}, "check_mode": check_mode}
    result = flows.run(task).result
    fails = lacking == READ if check_mode else lacking in kind.needed(state)
    assert result["failed"] is fails, result.get("msg")
    if check_mode:
        assert stored(started) == before
        assert fails or result["changed"] is kind.changed
    elif not fails:
        assert (result["changed"], stored(started) != before) == (kind.changed, kind.changed)
    else:
        is_refused = lacking == SECRETS
        # After the removals, no operation shows a secret map that a response does not contain.
        refusal = "cannot be read: runtime_files" if state == "removed" else f'the token lacks the permission "{lacking}"'
        assert (refusal if is_refused else f'The token needs the permission "{lacking}".') in result["msg"]
        assert result.get("error", {}).get("status") == (None if is_refused else 403)
        # The description is changed before the image.
        is_halfway = "description" in kind.options and lacking in (CREATE, SECRETS)
        assert (result["changed"], result.get("changed_fields", [])) == (is_halfway, ["description"] if is_halfway else [])
        assert stored(started) == ({**t.cast("dict[str, t.Any]", before), "description": "New"} if is_halfway else before)


def stored(emulator: Emulator) -> dict[str, t.Any] | None:
    """The job, None if there is none. There is never another one."""
    assert set(emulator.jobs_of(PROJECT)) <= {JOB}
    return emulator.job(PROJECT, JOB) if emulator.has_job(PROJECT, JOB) else None


@pytest.mark.parametrize("state", ["lean", "current"])
def test_a_token_that_may_not_write_compares_what_get_job_does_not_show_only_with_unreadable_skip(
    flows: Flows, started: Emulator, state: str
) -> None:
    started.add_job(PROJECT, JOB, STORED)
    started.add_token("narrow", {READ})
    options = {"deployment": {"external": {**IMAGE, "credentials": "example-registry"}}}
    started.add_job(
        PROJECT,
        JOB,
        {**STORED, "deployment": {"external": {"imagePath": IMAGE["image_path"], "credentials": "example-registry"}}},
    )
    probing, skipping = flows.run(
        *({MODULE: {**connection(started, unreadable=policy, **options), "api_token": "narrow"}} for policy in ("probe", "skip"))
    ).results
    assert (probing["failed"], UPDATE in probing["msg"], "unreadable: skip" in probing["msg"]) == (True, True, True)
    assert (skipping["failed"], skipping["changed"], skipping["unknown_fields"]) == (False, False, ["deployment.external.credentials"])
