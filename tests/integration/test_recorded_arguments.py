# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of tasks that ansible-core itself records, if a setting requires it, and the effect of no_log: see secrets.rst.

The collection cannot hide any of it. Where ansible-core begins to record less, or more, these tests fail, and the guide has to follow.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.release import __version__
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import IN_PROCESS_VARIABLE, Vaulted
from harness.playbooks import MODULE, Ansible, Run, Task, connection
from harness.secret_values import find_secrets

CORE = tuple(int(part) for part in __version__.split(".")[:2])
PASSWORD = "the-password-of-this-vault"
OPEN, CLOSED = "open", "with no_log"
TASKS = {OPEN: False, CLOSED: True}
LITERAL, VARIABLE, ITEM = "a literal value", "a variable", "an item"
INLINE, VAULTED_VARIABLE, VAULTED_OPTION = "an inline vaulted value", "a vaulted variable", "a vaulted option"
KINDS = {LITERAL, VARIABLE, ITEM, INLINE, VAULTED_VARIABLE, VAULTED_OPTION}
# From 2.22 on, ansible-core masks what it has decrypted in all that it writes.
ALL = KINDS - {ITEM} - ({INLINE, VAULTED_VARIABLE, VAULTED_OPTION} if CORE >= (2, 22) else set())
# The texts of the task, as ansible-core writes them before it evaluates the templates.
STANDING = ALL - {VARIABLE, VAULTED_VARIABLE} - ({INLINE} if CORE >= (2, 19) else set())
DISPLAY_ARGS = {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true"}

_vault = VaultLib([(None, VaultSecret(PASSWORD.encode()))])


def secret(kind: str, task: str) -> str:
    """A value that is nowhere else."""
    return f"{kind}, {task}, 7xQ".replace(" ", "-")


def vaulted(text: str) -> Vaulted:
    """A text as `ansible-vault encrypt_string` writes it."""
    return Vaulted(_vault.encrypt(text).decode())


def recorded(output: str, task: str) -> set[str]:
    """The kinds of secrets of a task that an output contains."""
    return {kind for kind in KINDS if find_secrets(output, [secret(kind, task)])}


def task_of(emulator: Emulator, name: str) -> Task:
    """A task that sets a secret of each kind, and loops over one with another as its label."""
    environment = {"LITERAL": secret(LITERAL, name), "INLINE": vaulted(secret(INLINE, name))}
    templates = {"VARIABLE": "{{ plain }}", "VAULTED_VARIABLE": "{{ password }}"}
    token = secret(VAULTED_OPTION, name)
    emulator.add_token(token)
    return {
        "name": name,
        MODULE: connection(emulator, api_token=vaulted(token), runtime_environment={**environment, **templates}),
        "vars": {"plain": secret(VARIABLE, name), "password": vaulted(secret(VAULTED_VARIABLE, name))},
        "loop": [secret(ITEM, name)],
        "loop_control": {"label": "a label"},
        "no_log": TASKS[name],
    }


class Recording(t.NamedTuple):
    """What a run of both tasks has left: what it wrote and registered, and the report of the callback plugin junit."""

    run: Run
    report: str


@pytest.fixture(scope="module")
def record(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Callable[..., Recording]:
    """Run both tasks with settings of ansible-core, and arguments."""

    def run(*arguments: str, in_process: bool = True, **settings: str) -> Recording:
        ansible = Ansible(collections, tmp_path_factory.mktemp("recorded"))
        vault = ansible.folder / "vault"
        vault.write_text(PASSWORD, encoding="utf-8")
        reports = ansible.folder / "reports"
        environment = {
            "ANSIBLE_VAULT_PASSWORD_FILE": str(vault),
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
            "JUNIT_OUTPUT_DIR": str(reports),
            **settings,
        }
        with Emulator(state="current") as emulator:
            emulator.add_job(PROJECT, JOB)
            tasks = [task_of(emulator, name) for name in TASKS]
            way = ["--extra-vars", json.dumps({IN_PROCESS_VARIABLE: in_process})]
            done = ansible.run(*tasks, arguments=[*way, *arguments], environment=environment)
        (report,) = reports.iterdir()
        assert [result["changed"] for result in done.results] == [True, True]
        return Recording(done, report.read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="module")
def usual(record: t.Callable[..., Recording]) -> Recording:
    """With the arguments in the headers of tasks, and results at -v."""
    return record("-v", **DISPLAY_ARGS)


@pytest.fixture(scope="module")
def late(record: t.Callable[..., Recording]) -> Recording:
    """With headers that are written when the tasks have ended."""
    return record(**DISPLAY_ARGS, ANSIBLE_STRATEGY="free")


@pytest.fixture(scope="module")
def debugged(record: t.Callable[..., Recording]) -> Recording:
    """As a module, with the most verbose output of ansible-core, and without arguments in the report."""
    return record("-vvvvv", in_process=False, ANSIBLE_DEBUG="true", JUNIT_HIDE_TASK_ARGUMENTS="true")


def test_a_header_contains_what_the_task_contains(usual: Recording) -> None:
    (header,) = (line for line in usual.run.output.splitlines() if line.startswith(f"TASK [{OPEN} "))
    assert recorded(header, OPEN) == STANDING


def test_the_report_of_junit_contains_what_the_task_contains(usual: Recording) -> None:
    assert recorded(usual.report, OPEN) - {ITEM} == STANDING


def test_a_late_header_contains_all_arguments(late: Recording) -> None:
    (header,) = (line for line in late.run.output.splitlines() if line.startswith(f"TASK [{OPEN} "))
    assert recorded(header, OPEN) == ALL


def test_a_loop_shows_its_items_whatever_their_label(usual: Recording) -> None:
    (result,) = (line for line in usual.run.output.splitlines() if line.startswith("changed: [localhost] => (item=a label)"))
    assert recorded(result, OPEN) == {ITEM}


@pytest.mark.parametrize("recording", ["usual", "late"])
def test_no_log_keeps_all_of_it_out(request: pytest.FixtureRequest, recording: str) -> None:
    left = request.getfixturevalue(recording)
    assert (recorded(left.run.output, CLOSED), recorded(left.report, CLOSED)) == (set(), set())


def test_junit_can_leave_the_arguments_out(debugged: Recording) -> None:
    assert recorded(debugged.report, OPEN) <= {ITEM}


def test_the_results_contain_only_the_item(usual: Recording) -> None:
    results = dict(zip(TASKS, map(json.dumps, usual.run.results), strict=True))
    assert {name: recorded(result, name) for name, result in results.items()} == {OPEN: {ITEM}, CLOSED: {ITEM}}


def test_debug_shows_what_a_module_gets_despite_no_log(debugged: Recording) -> None:
    assert {name: recorded(debugged.run.output, name) >= ALL for name in TASKS} == {OPEN: True, CLOSED: True}


def test_a_failure_shows_the_lines_of_the_playbook_despite_no_log(ansible: Ansible) -> None:
    playbook = ansible.folder / "playbook.yml"
    task = {"name": "Fail", MODULE: {"project_id": PROJECT, "job_id": JOB, "backoff_limit": "many"}, "no_log": True}
    play = {"name": "Try", "hosts": "localhost", "gather_facts": False, "vars": {"password": secret(LITERAL, CLOSED)}, "tasks": [task]}
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    failed = ansible.playbook(playbook)
    assert failed.status == 2
    assert recorded(failed.output, CLOSED) == ({LITERAL} if CORE >= (2, 19) else set())
