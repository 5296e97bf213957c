# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker of ansible-core is not damaged: many forks, a timeout or Ctrl-C in the middle of a request, and unexpected exceptions."""

from __future__ import annotations

import re
import subprocess
import time
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import Started, interrupt, reasons, run_plays, saved, write_plays
from harness.many_jobs import run_on_hosts
from harness.playbooks import MODULE, Ansible, Run, connection

HOSTS = tuple(f"job-{number}" for number in range(24))
SECRET = "a text of an exception that no output may hold"
# How Python starts so that something that the collection calls breaks.
BREAK = """
import os
import {module}

def broken(*arguments, **named):
    {statement}

{module}.{name} = broken
"""
RAISE = f"raise RuntimeError({SECRET!r})"
BROKEN = {
    "the sending of a request": ("requests", "Session.request", RAISE),
    "the making of a session": ("requests", "Session.mount", RAISE),
    "the proxies of the environment": ("requests.utils", "get_environ_proxies", RAISE),
    "the sending, for want of memory": ("requests", "Session.request", "raise MemoryError()"),
    "the sending, too deep": ("requests", "Session.request", "raise RecursionError()"),
}
TRACEBACK_OF_OURS = re.compile(r"File .*(?:plugin_utils|module_utils/_\w+|plugins/action/northflank)")


@pytest.fixture
def current(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """An emulator with a job for each host, and the usual one."""
    emulator = emulator_of("current")
    for job in (JOB, *HOSTS):
        emulator.add_job(PROJECT, job, {"description": f"The job {job}"})
    return emulator


@pytest.fixture
def started(ansible: Ansible) -> Started:
    """ansible-playbook, which can be interrupted."""
    return Started(ansible.collections, ansible.folder)


def shared(emulator: Emulator) -> dict[str, t.Any]:
    """The options by which all jobs are reached."""
    return {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT, "retries": 0}


@pytest.fixture
def fleet(ansible: Ansible, current: Emulator) -> dict[str, dict[str, t.Any]]:
    """What many hosts at once registered, each for a job of its own."""
    return run_on_hosts(ansible, HOSTS, {**shared(current), "tags": ["new"]})


def test_each_of_many_forks_gets_its_own_job(fleet: dict[str, dict[str, t.Any]]) -> None:
    found = {job: (result["job"]["id"], result["job"]["description"], result["changed"]) for job, result in fleet.items()}
    assert found == {job: (job, f"The job {job}", True) for job in HOSTS}


def test_no_two_forks_share_a_connection(fleet: dict[str, dict[str, t.Any]], current: Emulator) -> None:
    used = {job: {request.connection for request in current.requests_of(PROJECT, job)} for job in HOSTS}
    assert sorted(used.values(), key=min) == [{number} for number in range(1, len(HOSTS) + 1)]


def test_a_task_after_a_task_opens_its_own_connection(ansible: Ansible, current: Emulator) -> None:
    ansible.run(*({"name": str(number), MODULE: connection(current)} for number in range(3)))
    assert [request.connection for request in current.requests] == [1, 2, 3]


def test_facts_of_an_item_do_not_leak_into_the_next(ansible: Ansible, current: Emulator) -> None:
    task = {
        "name": "Try",
        MODULE: {
            **shared(current),
            "job_id": "{{ item }}",
            "description": "{{ ansible_facts.northflank_manual_job.id | default('none') }}",
        },
        "loop": list(HOSTS[:3]),
        "check_mode": True,
        "diff": True,
    }
    module, in_process = (ansible.run({**task, "vars": {"northflank_in_process": way}}).result["results"] for way in (False, True))
    assert [result["diff"] for result in in_process] == [result["diff"] for result in module]


def test_each_item_has_the_facts_of_its_own_job(ansible: Ansible, current: Emulator) -> None:
    done = ansible.run({"name": "Try", MODULE: {**shared(current), "job_id": "{{ item }}"}, "loop": list(HOSTS[:3])})
    assert [result["ansible_facts"]["northflank_manual_job"]["id"] for result in done.result["results"]] == list(HOSTS[:3])


def test_a_timeout_in_the_middle_of_a_request_ends_the_item_and_the_next_one_works(ansible: Ansible, current: Emulator) -> None:
    current.order("slow body", "get-job", skip=1, interval=1)
    before = time.monotonic()
    results = ansible.run(
        {"name": "Try", MODULE: {**shared(current), "job_id": "{{ item }}"}, "loop": list(HOSTS[:4]), "timeout": 1}
    ).result["results"]
    assert [result["job"]["id"] if "job" in result else result["failed"] for result in results] == [HOSTS[0], True, *HOSTS[2:4]]
    assert time.monotonic() - before < 30


def test_after_a_timeout_no_item_gets_the_response_to_another(ansible: Ansible, current: Emulator) -> None:
    # The response to the second request comes when the third item has begun.
    current.order("late", "get-job", skip=1, seconds=2)
    task = {
        "name": "Try",
        MODULE: {**shared(current), "job_id": "{{ item }}"},
        "loop": list(HOSTS[:3]),
        "timeout": 1,
        "loop_control": {"pause": 1.5},
    }
    first, late, third = ansible.run(task).result["results"]
    assert (first["job"]["id"], late["failed"], third["job"]["id"]) == (HOSTS[0], True, HOSTS[2])


@pytest.mark.parametrize("fault", ["late", "slow body", "slow headers"])
def test_ctrl_c_in_the_middle_of_a_request_ends_it_soon_and_without_a_traceback(started: Started, current: Emulator, fault: str) -> None:
    current.order(fault, "get-job", times=None, **({"seconds": 60} if fault == "late" else {"interval": 5}))
    task = {"name": "Try", MODULE: {**connection(current), "timeout": 300}}
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    playbook = write_plays(started, {"hosts": "localhost", "connection": "local", "vars": variables, "tasks": [task]})
    process = started.start(playbook, "-vvv")
    wait_for(lambda: current.requests, process)
    interrupt(process)
    output, nothing = process.communicate(timeout=20)
    assert (process.returncode != 0, TRACEBACK_OF_OURS.findall(output), reasons(output)) == (True, [], [""])


def wait_for(condition: t.Callable[[], t.Any], process: subprocess.Popen[str]) -> None:
    """Wait until a condition is true."""
    end = time.monotonic() + 60
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"that did not happen:\n{process.communicate()[0]}")
        time.sleep(0.05)


def broken_run(ansible: Ansible, emulator: Emulator, name: str) -> tuple[Run, list[dict[str, t.Any]]]:
    """A loop and a task after it, in a process in which something is broken."""
    module, attribute, statement = BROKEN[name]
    (ansible.folder / "site").mkdir()
    (ansible.folder / "site" / "sitecustomize.py").write_text(
        BREAK.format(module=module, name=attribute, statement=statement), encoding="utf-8"
    )
    loop = {"name": "Try", MODULE: connection(emulator), "loop": [1, 2], "register": "broken", "ignore_errors": True}
    after = {"name": "Go on", "ansible.builtin.debug": {"msg": "on"}, "register": "after"}
    save, read = saved(ansible, "broken", "after")
    play = {"hosts": "localhost", "connection": "local", "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}
    run = run_plays(ansible, {**play, "tasks": [loop, after, save]}, environment={"PYTHONPATH": str(ansible.folder / "site")})
    return run, [values["localhost"] for values in read()]


@pytest.mark.parametrize("name", BROKEN)
def test_an_unexpected_exception_is_a_failed_task_without_its_text(ansible: Ansible, current: Emulator, name: str) -> None:
    run, (broken, after) = broken_run(ansible, current, name)
    messages = [result["msg"] for result in broken["results"]]
    assert [message.startswith("An internal error of the collection northflank.cloud: ") for message in messages] == [True, True]
    assert (after["msg"], SECRET in run.output, reasons(run.output)) == ("on", False, ["", ""])


def test_the_environment_of_the_process_is_as_before(ansible: Ansible, current: Emulator) -> None:
    # A lookup runs in the worker, before the action of its item.
    task = {
        "name": "Try",
        MODULE: {**connection(current), "description": "{{ lookup('ansible.builtin.env', 'HERE') | default('none', true) }}"},
        "environment": {"HERE": "inside", "NORTHFLANK_TEAM_ID": "my-team", "LANG": "C"},
        "loop": [1, 2, 3],
        "diff": True,
    }
    done = ansible.run(task, environment={"HERE": "outside"})
    assert [result["job"]["description"] for result in done.result["results"]] == ["outside"] * 3
