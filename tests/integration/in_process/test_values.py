# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values in process and as a module: vaulted, unsafe, from lookups, templated, and of types that YAML has and JSON does not have."""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from emulator import Emulator
from harness.both_ways import WAYS, Trial, TwoWays, Unsafe, Vaulted, agreement, run_trials
from harness.playbooks import MODULE, Ansible, Task, connection

PASSWORD = "the-password-of-this-vault"
SECRET = "a vaulted text that no output may hold"
FILE = 'The first line\nand "the" second, äöü\n'
STORED = {"description": "As it is", "runtimeEnvironment": {"A": "1"}}

# Of what is expected of a result: a part of its message.
MESSAGE = "part of msg"

_vault = VaultLib([(None, VaultSecret(PASSWORD.encode()))])


def vaulted(text: str) -> Vaulted:
    """A text as `ansible-vault encrypt_string` writes it."""
    return Vaulted(_vault.encrypt(text).decode())


def states(variables: t.Mapping[str, t.Any] | None = None, /, **options: t.Any) -> Trial:
    """A task with options and its own variables. Without an expected value, it must change the job."""

    def task(emulator: Emulator) -> Task:
        return {MODULE: {**connection(emulator), **options}, "vars": dict(variables or {}), "diff": True}

    return Trial(task, {"changed": True}, STORED)


def fails(variables: t.Mapping[str, t.Any] | None = None, /, **options: t.Any) -> Trial:
    """The same with values that fail."""
    return dataclasses.replace(states(variables, **options), expected={"failed": True})


def depends(variables: t.Mapping[str, t.Any] | None = None, /, **options: t.Any) -> Trial:
    """The same with values that not each ansible-core accepts."""
    return dataclasses.replace(states(variables, **options), expected={})


def environment(**values: t.Any) -> Trial:
    """A task with such values in the environment of the job."""
    return states(runtime_environment=values)


def refused(message: str, variables: t.Mapping[str, t.Any] | None = None, /, **options: t.Any) -> Trial:
    """A task that fails before any request, with a message that contains this text."""
    return dataclasses.replace(states(variables, **options), expected={"failed": True, "api": None, MESSAGE: message})


def all_vaulted() -> Trial:
    """A task whose options are vaulted, the flags and numbers too."""
    files = {"/a": {"content": vaulted(FILE)}, "/b": {"data": vaulted("YQ=="), "encoding": vaulted("utf-8")}}
    return states(
        description=vaulted("Vaulted"),
        tags=[vaulted("one"), "two"],
        disabled_ci=vaulted("yes"),
        backoff_limit=vaulted("3"),
        billing={"deployment_plan": vaulted("nf-compute-20")},
        runtime_environment={"A": vaulted(SECRET), "B": "plain"},
        runtime_files=files,
        health_checks=[
            {
                "protocol": vaulted("TCP"),
                "type": "livenessProbe",
                "port": vaulted("80"),
                "initial_delay_seconds": 5,
                "period_seconds": 20,
                "timeout_seconds": 2,
                "failure_threshold": 3,
            }
        ],
    )


def with_vaulted_token() -> Trial:
    """A task whose token is vaulted."""

    def task(emulator: Emulator) -> Task:
        return {MODULE: {**connection(emulator, description="New"), "api_token": vaulted(emulator.TOKEN)}}

    return Trial(task, {"changed": True}, STORED)


def with_vaulted_environment() -> Trial:
    """A task whose token is vaulted in the keyword environment."""

    def task(emulator: Emulator) -> Task:
        options = {name: value for name, value in connection(emulator, description="New").items() if name != "api_token"}
        return {MODULE: options, "environment": {"NF_API_TOKEN": vaulted(emulator.TOKEN)}}

    return Trial(task, {"changed": True}, STORED)


TEMPLATE = "{{ 7 * 6 }} {% if x %} {# no comment #}"
TRIALS = {
    "vaulted at any depth": all_vaulted(),
    "vaulted token": with_vaulted_token(),
    "vaulted token in the environment": with_vaulted_environment(),
    "vaulted in a variable": states(
        {"secret": vaulted(SECRET), "all": {"A": vaulted(SECRET)}},
        runtime_environment="{{ all | combine({'B': secret, 'C': 'before ' ~ secret}) }}",
    ),
    "vaulted and wrong": fails(backoff_limit=vaulted("many")),
    "vaulted map": fails(runtime_environment=vaulted('{"A": "b"}')),
    "vaulted name of a template": environment(A=vaulted("{{ 7 * 6 }}")),
    "vaulted lines": environment(A=vaulted(FILE)),
    "unsafe": states(description=Unsafe("(7 * 6)"), runtime_environment={"A": Unsafe(TEMPLATE)}, tags=[Unsafe("one")]),
    "unsafe in a variable": states({"text": Unsafe(TEMPLATE)}, runtime_environment={"A": "{{ text }}", "B": "b {{ text }}"}),
    "unsafe and wrong": fails(description=Unsafe(TEMPLATE)),
    "unsafe map": states(
        {"map": {"A": Unsafe(TEMPLATE), "B": [1]}}, runtime_environment="{{ map | dict2items | rejectattr('key', 'eq', 'B') | items2dict }}"
    ),
    "lookup of the environment": environment(A="{{ lookup('ansible.builtin.env', 'LOOKED_UP') }}"),
    "lookup of a file": states(runtime_files={"/a": {"content": "{{ lookup('ansible.builtin.file', folder ~ '/file') }}"}}),
    "lookup of a file as it is": environment(A="{{ lookup('ansible.builtin.file', folder ~ '/file', rstrip=false) }}"),
    "lookup of a template": environment(A="{{ lookup('ansible.builtin.template', folder ~ '/file') }}"),
    "lookup of a command": environment(A="{{ lookup('ansible.builtin.pipe', 'echo 7') }}"),
    "query of lines": states(tags="{{ query('ansible.builtin.lines', 'echo one; echo two') }}"),
    "lookup that fails": fails(description="{{ lookup('ansible.builtin.file', folder ~ '/no-such-file') }}"),
    "undefined": fails(description="{{ there_is_no_such_variable }}"),
    "undefined below": fails(runtime_environment={"A": "{{ there_is_no_such_variable }}"}),
    "omitted": states(description="New", tags="{{ omit }}", billing={"build_plan": "{{ omit }}", "deployment_plan": "nf-compute-20"}),
    "null": states(description="New", tags=None, billing={"deployment_plan": None}),
    "null in the environment": fails(runtime_environment={"A": None}),
    "templated number": states(backoff_limit="{{ 3 }}", active_deadline_seconds="{{ '60' | int }}"),
    "templated flag": states(disabled_ci="{{ 1 == 1 }}", run_on_source_change="{{ 'always' if true else omit }}"),
    "templated text that looks like a number": environment(A="{{ '007' }}", B="{{ 7 }}", D="{{ '1e3' }}", E="{{ true }}"),
    "templated number with a point": depends(runtime_environment={"A": "{{ 7.50 }}"}),
    "templated list": states(tags="{{ ['one'] + ['two'] }}"),
    "templated text of a list": states(tags="one,two"),
    "templated map": states(runtime_environment="{{ {'A': 2, 'B': true, '3': 4} }}"),
    "templated map with a number for a name": refused("the name 3 is not text: it is a number", runtime_environment="{{ {3: 4} }}"),
    "templated text of a map": depends(runtime_environment="{{ '{\"A\": 2}' }}"),
    "templated range": states(tags="{{ range(3) | map('string') }}"),
    "templated set": states(tags="{{ ['one', 'one'] | unique }}"),
    "whole numbers": environment(A=7, B=-1, C=10**20, D=0o17, E=0x1F),
    "number with a point": refused("runtime_environment.A: the value is a number with a decimal point", runtime_environment={"A": 1.10}),
    "no number": refused("runtime_environment.A: the value is a number", runtime_environment={"A": float("nan"), "B": float("inf")}),
    "whole number for a text": refused("description: 83 is not text. Quote it", description=0o123),
    "whole number for an id": refused("job_id: 83 is not text. Quote it", job_id=0o123),
    "whole number in a list": refused("tags[1]: 2024 is not text. Quote it", tags=["one", 2024]),
    "templated number made text": states(description="{{ 83 | string }}", tags=["{{ 2024 | string }}"]),
    "no number of an option": fails(timeout=float("nan")),
    "flags": environment(A=True, B=False, C="yes", D="no"),
    "date": refused("runtime_environment.A: the value is a date", runtime_environment={"A": datetime.date(2024, 1, 2)}),
    "time": refused("runtime_environment.A: the value is a date", runtime_environment={"A": datetime.datetime(2024, 1, 2, 3, 4, 5)}),
    "templated time": depends(runtime_environment={"A": "{{ '2024-01-02' | to_datetime('%Y-%m-%d') }}"}),
    "templated time made text": environment(A="{{ '2024-01-02' | to_datetime('%Y-%m-%d') | string }}"),
    "date of an option": refused("description: the value is a date", description=datetime.date(2024, 1, 2)),
    "name that is true": refused(
        "runtime_environment: the name true is not text: it is a boolean", runtime_environment={True: "a", "COUNTRY": "NO"}
    ),
    "name that is false": refused("build_arguments: the name false is not text: it is a boolean", build_arguments={False: "a"}),
    "name that is null": refused("runtime_files: the name null is not text: it is null", runtime_files={None: {"content": "a"}}),
    "name that is a number": refused(
        "docker_secret_mounts: the name 83 is not text: it is a number", docker_secret_mounts={0o123: {"content": "a"}}
    ),
    "name that is a number with a point": refused(
        "build_files: the name 1.5 is not text: it is a number", build_files={1.5: {"content": "a"}}
    ),
    "name that is a date": refused("the name 2024-01-02 is not text: it is a date", runtime_environment={datetime.date(2024, 1, 2): "a"}),
    "names that are quoted": environment(ON="production", NO="norway", COUNTRY="NO", **{"0123": "a", "~": "b", "2024-01-02": "c"}),
    "name of an option": refused("billing: the name true is not text: it is a boolean", billing={True: "a"}),
    "placeholder in a list": depends(build_configuration={"path_ignore_rules": ["a", "{{ omit }}"]}),
    "placeholder in a text": depends(runtime_environment={"A": "a {{ omit }}"}),
    "placeholder after a filter": depends(runtime_environment={"A": "{{ missing | default(omit) | string }}"}),
    "placeholder in capitals": refused(
        "runtime_environment.A: omit works only as", runtime_environment={"A": "{{ missing | default(omit) | string | upper }}"}
    ),
    "placeholder in base64": refused(
        "omit works only as", runtime_files={"/a": {"data": "{{ missing | default(omit) | string | b64encode }}"}}
    ),
    "omitted by a condition": states(
        description="New", runtime_environment={"A": "{{ missing | string if missing is defined else omit }}"}
    ),
    "answer of a survey that is empty": states(
        {"answer": ""}, description="New", backoff_limit="{{ answer | default(omit, true) }}", tags="{{ answer | default(omit, true) }}"
    ),
    "method that is not called": depends(runtime_environment={"A": "before {{ ['a'].pop }}"}),
    "template in a name": refused("{{ name }}: the name contains a template", {"name": "A"}, runtime_environment={"{{ name }}": "a"}),
    "bytes": refused("runtime_environment.A: the value is binary data", runtime_environment={"A": b"\xff\xfe"}),
    "set": depends(tags={"one"}),
    "text of all kinds": environment(A="\x01\x7f\x85\u2028\ufeff", B="\U0001f600 äöü пароль", C="\r\n\t ", D="", E="'\"\\$`"),
    "text with NUL": refused("runtime_environment.A: the value contains a NUL", runtime_environment={"A": "a\0b"}),
    "long text": environment(A="x" * 200_000),
    "deep": fails(runtime_environment={"A": json.loads("[" * 90 + "]" * 90)}),
}


@pytest.fixture(scope="module")
def two_ways(ansible_of: t.Callable[[str], Ansible]) -> TwoWays:
    """All outcomes in both ways."""
    ways = []
    for way in WAYS:
        ansible = ansible_of(way)
        (ansible.folder / "file").write_text(FILE, encoding="utf-8")
        (ansible.folder / "password").write_text(PASSWORD, encoding="utf-8")
        arguments = ["--vault-password-file", str(ansible.folder / "password"), "--extra-vars", json.dumps({"folder": str(ansible.folder)})]
        ways.append(run_trials(ansible, TRIALS, way, arguments=arguments, environment={"LOOKED_UP": TEMPLATE}))
    return TwoWays(*ways)


@pytest.mark.parametrize("name", TRIALS)
def test_the_value_is_accepted_or_refused(two_ways: TwoWays, name: str) -> None:
    result = two_ways.module[name].result
    expected = dict(TRIALS[name].expected)
    assert expected.pop(MESSAGE, "") in result.get("msg", "")
    assert {key: result.get(key) for key in expected} == expected, result.get("msg")


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS)


@pytest.mark.parametrize("way", ["in_process", "module"])
def test_a_vaulted_text_is_not_written(two_ways: TwoWays, way: str) -> None:
    assert SECRET not in getattr(two_ways, way).output


def test_a_template_that_is_unsafe_stays_as_it_is(two_ways: TwoWays) -> None:
    assert two_ways.in_process["unsafe"].job["runtimeEnvironment"] == {"A": TEMPLATE}


# Texts that no version of ansible-core may leave in a job.
LEFTOVERS = ("__omit_place_holder__", "<<Omit>>", " at 0x")


@pytest.mark.parametrize(
    "name", ["placeholder in a list", "placeholder in a text", "placeholder after a filter", "method that is not called"]
)
def test_what_a_template_has_left_over_is_not_stored(two_ways: TwoWays, name: str) -> None:
    stored = json.dumps([two_ways.in_process[name].job, two_ways.module[name].job])
    assert [text for text in LEFTOVERS if text in stored] == []
