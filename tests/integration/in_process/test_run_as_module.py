# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each reason to run a task as a module: the line at -vvv names it, and the result is the same as in process."""

from __future__ import annotations

import shlex
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import ADDED_BY_CORE, reasons, run_plays, saved
from harness.playbooks import MODULE, Ansible, connection

PLUGINS = Path(__file__).resolve().parent / "plugins"
IN_PROCESS_VARIABLE, INTERPRETER = "northflank_in_process", "ansible_python_interpreter"
STORED = {"description": "As it is", "runtimeEnvironment": {"A": "1"}}
NO_BOOLEANS = ("maybe", "", 2, None, [True])
BIN = Path(sys.executable).parent
# What ansible-core 2.22 adds to the result of a module, and each to that of one that ran asynchronously.
OF_A_MODULE = (ADDED_BY_CORE, "ansible_job_id", "results_file", "finished", "started", "stdout", "stdout_lines", "stderr", "stderr_lines")
OTHER = f"{INTERPRETER} is {{interpreter}}, not {BIN}"
NO_REQUESTS = "the Python of ansible-playbook has no package requests"
# With this, programs of this name start without requests.
WITHOUT_REQUESTS = """
import sys

class Refuse:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "requests" and any({name!r} in argument for argument in sys.orig_argv[:2]):
            raise ImportError("there is no requests")

sys.meta_path.insert(0, Refuse)
"""


# This machine by several names, with what differs from localhost.
HOSTS = {
    "localhost": {},
    "neighbour": {"ansible_connection": "local"},
    "with another interpreter": {"ansible_connection": "local", INTERPRETER: "{{ other_interpreter }}"},
    "far": {"ansible_connection": "elsewhere"},
}


class Case(t.NamedTuple):
    """How the reason begins, empty if there is none, and keywords of a task."""

    reason: str
    keywords: t.Mapping[str, t.Any]


def switched(value: t.Any, reason: str = "northflank_in_process is false") -> Case:
    """A task with a value of the switch."""
    return Case(reason, {"vars": {IN_PROCESS_VARIABLE: value}})


def interpreter(value: str, is_other: bool = False) -> Case:
    """A task with an interpreter."""
    return Case(OTHER if is_other else "", {"vars": {INTERPRETER: value}})


def environment(name: str, value: str = "x") -> Case:
    """A task with a variable in its environment that an interpreter reads before it can be set in process."""
    return Case(f"its environment contains {name!r}, which must be set before Python starts", {"environment": {name: value}})


ASYNC, BECOME, ELSEWHERE = "the task is asynchronous", "the task uses become", "the connection is elsewhere"
CASES = {
    "nothing unusual": Case("", {}),
    "async": Case(ASYNC, {"async": 60, "poll": 1}),
    "async, but in process requested": Case(ASYNC, {"async": 60, "poll": 1, "vars": {IN_PROCESS_VARIABLE: True}}),
    "become": Case(BECOME, {"become": True, "become_method": "plain"}),
    "become by variables": Case(BECOME, {"vars": {"ansible_become": True, "ansible_become_method": "plain"}}),
    "no become": Case("", {"become": False, "become_method": "plain"}),
    "become for a delegated host": Case(BECOME, {"delegate_to": "neighbour", "become": True, "become_method": "plain"}),
    "connection": Case(ELSEWHERE, {"connection": "elsewhere"}),
    "connection by a variable": Case(ELSEWHERE, {"vars": {"ansible_connection": "elsewhere"}}),
    "connection of a delegated host": Case(ELSEWHERE, {"delegate_to": "far"}),
    "local connection of a delegated host": Case("", {"delegate_to": "neighbour"}),
    "interpreter": interpreter("{{ other_interpreter }}", is_other=True),
    "interpreter of a delegated host": Case(OTHER, {"delegate_to": "with another interpreter"}),
    "this interpreter of a delegated host": Case("", {"delegate_to": "neighbour", "vars": {"unused": "{{ other_interpreter }}"}}),
    "this interpreter": interpreter(sys.executable),
    "this interpreter by its other name": interpreter(str(BIN / "python3")),
    "this interpreter by a longer path": interpreter(f"{BIN}/../{BIN.name}/./python"),
    "this interpreter by a template": interpreter("{{ ansible_playbook_python }}"),
    "this interpreter with white space": interpreter(" {{ ansible_playbook_python | trim }} "),
    "auto": interpreter("auto"),
    "auto_silent": interpreter("auto_silent"),
    "no": switched("no"),
    "a template that is false": switched("{{ false }}"),
    "0": switched(0),
    "false": switched(False),
    "off": switched("Off"),
    "a number as a text": switched("0"),
    "yes": switched("yes", ""),
    "1": switched(1, ""),
    "a template that is true": switched("{{ 1 == 1 }}", ""),
    "PYTHONPATH": environment("PYTHONPATH", "/no/such/folder"),
    "PYTHONWARNINGS": environment("PYTHONWARNINGS", "ignore"),
    "LD_LIBRARY_PATH": environment("LD_LIBRARY_PATH", "/no/such/folder"),
    "OPENSSL_CONF": environment("OPENSSL_CONF", "/dev/null"),
    "names that are nearly such": Case("", {"environment": {"LD": "x", "PYTHO": "x", "python": "x"}}),
}


@dataclass(frozen=True)
class Attempts:
    """All cases: why each ran as a module, and its result."""

    reasons: dict[str, str]
    results: dict[str, dict[str, t.Any]]


def make_interpreter(folder: Path) -> Path:
    """Another interpreter: this one behind a script in another folder."""
    file = folder / "bin" / "python"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def attempt(
    ansible: Ansible,
    emulator: Emulator,
    tasks: t.Mapping[str, t.Mapping[str, t.Any]],
    environment: t.Mapping[str, str] | None = None,
    variables: t.Mapping[str, t.Any] | None = None,
) -> Attempts:
    """Run the same task on localhost with these keywords for each; hosts have these variables."""
    hosts = {name: {**(variables or {}), **rest} for name, rest in HOSTS.items()}
    numbered = [
        {
            "name": name,
            MODULE: connection(emulator, description="As it is"),
            "register": f"result_{number}",
            "ignore_errors": True,
            **keywords,
        }
        for number, (name, keywords) in enumerate(tasks.items())
    ]
    save, read = saved(ansible, *(f"result_{number}" for number in range(len(numbered))))
    plugins = {f"ANSIBLE_{kind.upper()}_PLUGINS": str(PLUGINS / kind) for kind in ("become", "connection")}
    play = {"hosts": "localhost", "connection": "local", "tasks": [*numbered, save]}
    run = run_plays(ansible, play, inventory={"all": {"hosts": hosts}}, environment={**plugins, **(environment or {})})
    return Attempts(dict(zip(tasks, reasons(run.output))), {name: values["localhost"] for name, values in zip(tasks, read())})


@pytest.fixture(scope="module")
def started() -> t.Iterator[Emulator]:
    """An emulator with the job, whose quota is always the same."""
    with Emulator() as emulator:
        emulator.take_quota = lambda: True
        emulator.add_job(PROJECT, JOB, STORED)
        yield emulator


@pytest.fixture(scope="module")
def other_interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another interpreter."""
    return make_interpreter(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def attempts(ansible_of: t.Callable[[str], Ansible], started: Emulator, other_interpreter: Path) -> Attempts:
    """The results of all cases."""
    variables = {INTERPRETER: "{{ ansible_playbook_python }}", "other_interpreter": str(other_interpreter)}
    return attempt(ansible_of("cases"), started, {name: case.keywords for name, case in CASES.items()}, variables=variables)


@pytest.mark.parametrize("name", CASES)
def test_the_reason_is_shown(attempts: Attempts, other_interpreter: Path, name: str) -> None:
    assert attempts.reasons[name].startswith(CASES[name].reason.format(interpreter=other_interpreter))
    assert bool(attempts.reasons[name]) is bool(CASES[name].reason)


@pytest.mark.parametrize("name", CASES)
def test_the_result_is_that_of_the_action_plugin(attempts: Attempts, name: str) -> None:
    result = {key: value for key, value in attempts.results[name].items() if key not in OF_A_MODULE}
    assert result == attempts.results["nothing unusual"]


@pytest.fixture(scope="module")
def misused(ansible_of: t.Callable[[str], Ansible], started: Emulator) -> Attempts:
    """The results for values of northflank_in_process that are not booleans."""
    values = [*NO_BOOLEANS, "{{ there_is_no_such_variable }}"]
    return attempt(ansible_of("misused"), started, {repr(value): {"vars": {IN_PROCESS_VARIABLE: value}} for value in values})


@pytest.mark.parametrize("value", NO_BOOLEANS)
def test_a_switch_that_is_not_a_boolean_is_reported(misused: Attempts, value: t.Any) -> None:
    result = misused.results[repr(value)]
    assert (result["failed"], result["msg"]) == (True, f"{IN_PROCESS_VARIABLE}: {value!r} is not a boolean")


def test_a_switch_without_a_value_is_a_failure(misused: Attempts) -> None:
    result = misused.results[repr("{{ there_is_no_such_variable }}")]
    assert (result["failed"], "there_is_no_such_variable" in result["msg"]) == (True, True)


@pytest.mark.parametrize("by", ["ansible.cfg", "environment"])
def test_an_interpreter_of_the_configuration_is_a_reason(ansible: Ansible, started: Emulator, other_interpreter: Path, by: str) -> None:
    (ansible.folder / "ansible.cfg").write_text(f"[defaults]\ninterpreter_python = {other_interpreter}\n", encoding="utf-8")
    environment = {
        "ansible.cfg": {"ANSIBLE_CONFIG": str(ansible.folder / "ansible.cfg")},
        "environment": {"ANSIBLE_PYTHON_INTERPRETER": str(other_interpreter)},
    }[by]
    found = attempt(ansible, started, {"configured": {}, "this one by a variable": {"vars": {INTERPRETER: sys.executable}}}, environment)
    assert found.reasons["configured"].startswith(f"ansible_python_interpreter is {other_interpreter}, not ")
    assert found.reasons["this one by a variable"] == ""


@pytest.mark.parametrize("value", ["auto", sys.executable])
def test_a_configuration_without_another_interpreter_is_not_a_reason(ansible: Ansible, started: Emulator, value: str) -> None:
    found = attempt(ansible, started, {"configured": {}}, {"ANSIBLE_PYTHON_INTERPRETER": value})
    assert (found.reasons["configured"], found.results["configured"]["failed"]) == ("", False)


def test_without_requests_on_the_control_node_the_module_runs_where_it_is(ansible: Ansible, started: Emulator) -> None:
    found = attempt(ansible, started, {"missing": {}}, without_requests(ansible.folder, "ansible-playbook"), {INTERPRETER: sys.executable})
    assert (found.reasons["missing"], found.results["missing"]["failed"]) == (NO_REQUESTS, False)


def test_without_requests_on_any_host_the_module_names_the_missing_package(ansible: Ansible, started: Emulator) -> None:
    found = attempt(ansible, started, {"missing": {}}, without_requests(ansible.folder, ""), {INTERPRETER: sys.executable})
    assert found.reasons["missing"] == NO_REQUESTS
    assert "Failed to import the required Python library (requests)" in found.results["missing"]["msg"]


def without_requests(folder: Path, name: str) -> dict[str, str]:
    """An environment in which Python cannot import requests if it runs a program of that name."""
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(WITHOUT_REQUESTS.format(name=name), encoding="utf-8")
    return {"PYTHONPATH": str(folder / "site")}


# Names and values that cannot be set in process as a shell sets them. A shell does not accept most of them, so the task fails.
NOT_FOR_A_SHELL = {"A.B": "x", "A-B": "x", "1A": "x", "A B": "x", "NUL": "a\0b"}


@pytest.fixture(scope="module")
def not_for_a_shell(ansible_of: t.Callable[[str], Ansible], started: Emulator) -> Attempts:
    """Their results, each in the environment of a task."""
    tasks = {name: {"environment": {name: value}} for name, value in NOT_FOR_A_SHELL.items()}
    return attempt(ansible_of("odd"), started, tasks, variables={INTERPRETER: "{{ ansible_playbook_python }}"})


@pytest.mark.parametrize("name", NOT_FOR_A_SHELL)
def test_what_cannot_be_set_in_process_is_left_to_the_module(not_for_a_shell: Attempts, name: str) -> None:
    assert not_for_a_shell.reasons[name] == f"its environment contains {name!r}, which must be set before Python starts"
