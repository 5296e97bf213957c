# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts about a job: those of a check are what the check predicts, and a cache of facts that outlives the run keeps them."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.playbooks import INFO_MODULE, MODULE, Ansible, Run, Task, connection

RETRIES = "{{ ansible_facts.northflank_manual_job.backoff_limit | default('none') }}"
SHOW = {"ansible.builtin.debug": {"msg": RETRIES}}
ONLY_IF_TWO = {"ansible.builtin.debug": {"msg": "It is two"}, "when": "ansible_facts.northflank_manual_job.backoff_limit == 2"}
IN_MEMORY = {"ANSIBLE_CACHE_PLUGIN": "memory"}

Play = t.Callable[..., Run]


@pytest.fixture
def api(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """An API with a job that has one retry."""
    emulator = emulator_of("current")
    emulator.add_job(PROJECT, JOB, {"backoffLimit": 1})
    return emulator


@pytest.fixture
def play(ansible: Ansible) -> Play:
    """play(task, ...) runs tasks with a cache of facts in files, which all runs share."""
    kept = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(ansible.folder / "facts")}

    def run(*tasks: Task, check: bool = False, environment: t.Mapping[str, str] | None = None) -> Run:
        return ansible.run(*tasks, arguments=["--check"] * check, environment={**kept, **(environment or {})})

    return run


def two_retries(api: Emulator) -> Task:
    """A task that has the job retry twice."""
    return {MODULE: connection(api, backoff_limit=2)}


def test_a_condition_on_facts_is_predicted_in_a_check(play: Play, api: Emulator) -> None:
    changed, condition = play(two_retries(api), ONLY_IF_TWO, check=True).results
    assert (changed["changed"], condition.get("skipped", False)) == (True, False)
    assert changed["ansible_facts"] == {"northflank_manual_job": changed["job"]}
    assert api.job(PROJECT, JOB)["backoffLimit"] == 1


def test_a_cache_that_outlives_the_check_keeps_its_prediction(play: Play, api: Emulator) -> None:
    play(two_retries(api), check=True)
    assert play(SHOW).result["msg"] in (2, "2")


def test_a_check_with_a_cache_in_memory_leaves_the_state_in_the_cache(play: Play, api: Emulator) -> None:
    play({MODULE: connection(api)})
    changed, shown = play(two_retries(api), SHOW, check=True, environment=IN_MEMORY).results
    assert (changed["changed"], shown["msg"] in (2, "2")) == (True, True)
    assert play(SHOW).result["msg"] in (1, "1")


def test_a_read_returns_the_state_of_the_api_and_not_of_a_cache(play: Play, api: Emulator) -> None:
    play(two_retries(api), check=True)
    (read,) = play({INFO_MODULE: connection(api)}).results
    assert [job["backoff_limit"] for job in read["jobs"]] == [1]
