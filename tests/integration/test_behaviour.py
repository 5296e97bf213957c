# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-playbook adds to what tests/flow/test_behaviour.py tests: facts, defaults of action groups, the environment, check mode."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.playbooks import MODULE, Ansible, Run, connection

Runner = t.Callable[..., Run]


@pytest.fixture
def emulator(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """An API with a job."""
    emulator = emulator_of("current")
    emulator.add_job(PROJECT, JOB, {"description": "As it is", "tags": ["one"], "runtimeEnvironment": {"A": "1"}})
    return emulator


def test_the_job_is_among_the_facts_of_the_next_task(ansible: Ansible, emulator: Emulator) -> None:
    shown = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ ansible_facts.northflank_manual_job }}"}}
    stated, shown_job = ansible.run({"name": "State", MODULE: connection(emulator, description="New")}, shown).results
    assert stated["ansible_facts"] == {"northflank_manual_job": stated["job"]}
    assert shown_job["msg"] == stated["job"]


def test_each_item_of_a_loop_has_a_warning_of_its_own(ansible: Ansible, emulator: Emulator) -> None:
    emulator.state = "lean"
    jobs = [f"job-{number}" for number in range(3)]
    for job in jobs:
        emulator.add_job(PROJECT, job, {"description": "As it is"})
    options = {**connection(emulator), "job_id": "{{ item }}", "run_on_source_change": "never"}
    run = ansible.run({"name": "Check", MODULE: options, "loop": jobs}, arguments=["--check"])
    # Lines are folded where they are long.
    output = "".join(run.output.split())
    assert [output.count(f"(job{job}oftheproject{PROJECT})") for job in jobs] == [1, 1, 1]


def test_the_argument_check_writes_nothing_and_the_argument_diff_shows_what_changes(run: Runner, emulator: Emulator) -> None:
    result = run({"description": "New", "tags": ["one"], "active_deadline_seconds": 60}, arguments=["--check", "--diff"]).result
    assert result["diff"] == {
        "before": {"description": "As it is", "active_deadline_seconds": 0},
        "after": {"description": "New", "active_deadline_seconds": 60},
    }
    assert [request.method for request in emulator.requests] == ["GET"]


def test_settings_come_from_the_environment_and_a_url_may_end_in_v1(ansible: Ansible, emulator: Emulator) -> None:
    environment = {
        "NORTHFLANK_API_TOKEN": "",
        "NF_API_TOKEN": emulator.TOKEN,
        "NF_HOST": f"{emulator.url}/v1/",
        "NORTHFLANK_TEAM_ID": "my-team",
    }
    run = ansible.run({"name": "Use them", MODULE: {"project_id": PROJECT, "job_id": JOB}}, environment=environment)
    assert (run.result["changed"], emulator.requests[0].team_id) == (False, "my-team")


def test_defaults_for_the_action_group_are_used(ansible: Ansible, emulator: Emulator) -> None:
    defaults = {"group/northflank.cloud.northflank": {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT}}
    run = ansible.run({"name": "Use the defaults", MODULE: {"job_id": JOB, "description": "New"}, "module_defaults": defaults})
    assert run.result["changed"] is True


def test_wrong_input_is_reported_without_a_request(run: Runner, emulator: Emulator) -> None:
    result = run({"backoff_limit": True, "description": ""}).result
    assert all(words in result["msg"] for words in ("2 problems", "backoff_limit: true", "description: the value is empty"))
    assert (result["failed"], emulator.requests) == (True, [])


def test_a_loop_on_a_used_up_quota_fails_item_by_item_each_with_one_request(ansible: Ansible, emulator: Emulator) -> None:
    emulator.quota = 5
    for number in range(4):
        emulator.add_job(PROJECT, f"job-{number}", {"description": "As it is"})
    options = connection(emulator, job_id="job-{{ item }}", description="New", rate_limit_wait=0)
    results = ansible.run({"name": "Bring them all to it", MODULE: options, "loop": [0, 1, 2, 3]}).result["results"]
    # The quota ends between the read of the third and its change.
    assert [(bool(result.get("failed")), result["api"]["requests"]) for result in results] == [(False, 2), (False, 2), (True, 2), (True, 1)]
    assert [emulator.job(PROJECT, f"job-{number}")["description"] for number in range(4)] == ["New", "New", "As it is", "As it is"]
