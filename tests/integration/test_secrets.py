# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""No value of a secret map and no token is in anything that ansible-playbook writes at -vvvv, and nothing else changes."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.life_trials import ABSENT, CREATION
from harness.playbooks import MODULE, Ansible, Run
from harness.secret_values import FAILING, LONG, OPTIONS, PRESENT, SEARCHED, SEARCHED_PRESENT, SHORT, TOKEN, find_secrets


@pytest.fixture(scope="module", params=["--diff", "--check"])
def output(request: pytest.FixtureRequest, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with all secrets at -vvvv, once for real and once in check mode with its diff."""
    with Emulator(state="current") as emulator:
        emulator.add_token(TOKEN)
        emulator.add_job(PROJECT, JOB, PRESENT)
        task = {"name": "State secrets", MODULE: {"project_id": PROJECT, "job_id": JOB, "api_url": emulator.url, **OPTIONS}}
        environment = {"NORTHFLANK_API_TOKEN": TOKEN, "ANSIBLE_INJECT_INVOCATION": "true"}
        ansible = Ansible(collections, tmp_path_factory.mktemp("secrets"))
        return ansible.run(task, arguments=["-vvvv", "--diff", request.param], environment=environment)


@pytest.fixture
def current(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """An emulator whose only token is the long one."""
    emulator = emulator_of("current")
    emulator.add_token(TOKEN)
    emulator.add_job(PROJECT, JOB, {"backoffLimit": 1})
    return emulator


def test_no_secret_is_written(output: Run) -> None:
    assert find_secrets(output.output, SEARCHED_PRESENT) == []


def test_no_secret_is_registered(output: Run) -> None:
    assert find_secrets(json.dumps(output.results), SEARCHED_PRESENT) == []


def test_the_names_of_the_secrets_are_shown(output: Run) -> None:
    assert output.result["job"]["runtime_environment_keys"] == sorted(OPTIONS["runtime_environment"])


def test_the_rest_of_the_result_keeps_type_and_value(output: Run) -> None:
    result = output.result
    assert (result["changed"], result["job"]["id"], result["job"]["backoff_limit"]) == (True, JOB, 0)
    assert result["job"]["app_id"] == f"/example-user/{PROJECT}/{JOB}"
    assert isinstance(result["api"]["requests"], int)
    assert result["ansible_facts"]["northflank_manual_job"] == result["job"]


def test_the_diff_shows_what_is_added_changed_and_removed(output: Run) -> None:
    before, after = (output.result["diff"][side]["runtime_environment"] for side in ("before", "after"))
    assert before == {"PASSWORD": "hidden", "GONE": "hidden"}
    assert after == dict.fromkeys(OPTIONS["runtime_environment"], "hidden, changed")


def test_the_invocation_shows_names_only(output: Run) -> None:
    invocation = output.output[output.output.index('"invocation"') :]
    assert f'"job_id": "{JOB}"' in invocation
    assert all(f'"{name}": "hidden"' in invocation for name in ("PASSWORD", "ONE", "/etc/secret", "mount"))


def test_the_recap_is_not_masked(output: Run) -> None:
    assert "ok=2" in output.output


@pytest.mark.parametrize("token", ["ok", "1", "changed"])
def test_a_short_token_masks_nothing_else(ansible: Ansible, current: Emulator, token: str) -> None:
    current.add_token(token)
    options = {"project_id": PROJECT, "job_id": JOB, "api_url": current.url, "api_token": token, "backoff_limit": 1, "disabled_ci": True}
    run = ansible.run(
        {"name": "Use a short token", MODULE: options}, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true"}
    )
    assert (run.result["changed"], run.result["job"]["backoff_limit"], run.result["changed_fields"]) == (True, 1, ["disabled_ci"])
    assert all(word in run.output for word in ("ok=2", "changed=2", "failed=0", '"api_token": "hidden"'))


@pytest.mark.parametrize("options", FAILING.values(), ids=FAILING)
def test_a_failure_writes_no_secret(ansible: Ansible, current: Emulator, options: dict[str, t.Any]) -> None:
    task = {"name": "Fail", MODULE: {"project_id": PROJECT, "job_id": JOB, "api_url": current.url, "api_token": TOKEN, **options}}
    run = ansible.run(task, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true", "ANSIBLE_DISPLAY_TRACEBACK": "always"})
    assert run.result["failed"] is True
    assert find_secrets(run.output, SEARCHED) == []
    assert find_secrets(json.dumps(run.results), SEARCHED) == []


@pytest.mark.parametrize("environment", [LONG, {**LONG, **SHORT}], ids=["long", "long and short"])
def test_an_error_that_quotes_secrets_is_masked(ansible: Ansible, current: Emulator, environment: dict[str, t.Any]) -> None:
    current.refuses_and_quotes = True
    options = {**OPTIONS, "runtime_environment": environment}
    task = {"name": "Fail", MODULE: {"project_id": PROJECT, "job_id": JOB, "api_url": current.url, "api_token": TOKEN, **options}}
    run = ansible.run(task, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true"})
    assert (run.result["error"]["status"], "This is refused" in run.result["msg"]) == (400, True)
    assert find_secrets(run.output + json.dumps(run.results), SEARCHED) == []
    assert isinstance(run.result["error"]["details"], str) is ("OK" in environment)


def test_creating_and_removing_a_job_writes_no_secret(ansible: Ansible, current: Emulator) -> None:
    """With the same secrets in both tasks, as when a playbook gets another state."""
    current.remove_job(PROJECT, JOB)
    place = {"project_id": PROJECT, "job_id": JOB, "api_url": current.url, "api_token": TOKEN}
    states = ({}, {"backoff_limit": 3}, ABSENT)
    tasks = [{"name": "Try", MODULE: {**CREATION, **place, **options}, "diff": True} for options in states]
    run = ansible.run(*tasks, arguments=["-vvvv"], environment={"ANSIBLE_INJECT_INVOCATION": "true"})
    assert [(result["failed"], result["changed"]) for result in run.results] == [(False, True)] * len(tasks)
    assert run.results[0]["diff"]["after"]["runtime_environment"] == dict.fromkeys(CREATION["runtime_environment"], "hidden, changed")
    assert run.results[2]["diff"]["after"] == {}
    assert find_secrets(run.output + json.dumps(run.results), SEARCHED) == []


def test_the_log_of_the_system_names_options_only(ansible: Ansible, current: Emulator) -> None:
    # AnsibleModule logs by the module syslog: this one, put in its place, writes what it is given to a file. Some interpreters
    # have the real one built in, and would not search for another.
    stand_in = ansible.folder / "stand-in"
    stand_in.mkdir()
    log = ansible.folder / "log"
    (stand_in / "sitecustomize.py").write_text("import stand_in, sys\nsys.modules['syslog'] = stand_in\n", encoding="utf-8")
    (stand_in / "stand_in.py").write_text(
        "LOG_USER = LOG_INFO = 0\n"
        "def openlog(*arguments): pass\n"
        f"def syslog(level, message): open({str(log)!r}, 'a', encoding='utf-8').write(message + '\\n')\n",
        encoding="utf-8",
    )
    task = {
        "name": "State secrets",
        MODULE: {"project_id": PROJECT, "job_id": JOB, "api_url": current.url, "api_token": TOKEN, **OPTIONS},
        "environment": {"PYTHONPATH": str(stand_in)},
    }
    ansible.run(task)
    logged = log.read_text(encoding="utf-8")
    assert "Invoked with api_token, api_url, build_arguments" in logged
    assert find_secrets(logged, SEARCHED) == []
