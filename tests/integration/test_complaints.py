# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The most frequent complaints of users of similar collections, each in a test with its name.

Each shows the complaint in its plainest form; the other tests go through its cases.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.contract import Contract
from harness.health_check import CHECK, STATED_CHECK
from harness.imports import PLUGINS, not_meant_for_plugins
from harness.playbooks import MODULE, RUN_MODULE, Ansible, Task, connection
from tools import matrix

SECRET = "the-secret-of-this-complaint-7xQ"
IN_BASE64 = base64.b64encode(SECRET.encode()).decode()
# Options whose values are hidden when read, normalised, reordered, or only in the response to a change.
JOB_BEFORE: dict[str, t.Any] = {
    "tags": ["one", "two"],
    "runtimeEnvironment": {"SECRET": SECRET, "NUMBER": "1", "FLAG": "false"},
    "runtimeFiles": {"/etc/secret": {"data": IN_BASE64, "encoding": "utf-8"}},
    "healthChecks": [CHECK],
    "runOnSourceChange": "never",
    "activeDeadlineSeconds": None,
}
SAME: dict[str, t.Any] = {
    "tags": ["two", "one"],
    "runtime_environment": {"FLAG": False, "NUMBER": 1, "SECRET": SECRET},
    "runtime_files": {"/etc/secret": {"content": SECRET}},
    "health_checks": [STATED_CHECK],
    "run_on_source_change": "never",
    "active_deadline_seconds": 0,
}
OTHER: dict[str, t.Any] = {
    "description": "New",
    "tags": ["three"],
    "runtime_environment": {"NUMBER": 2},
    "billing": {"deployment_plan": "nf-compute-50"},
}


@pytest.fixture
def emulator(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """An API with the job."""
    emulator = emulator_of("current")
    emulator.add_job(PROJECT, JOB, JOB_BEFORE)
    return emulator


def task(emulator: Emulator, module: str = MODULE, /, **options: t.Any) -> Task:
    """A task on the job."""
    return {"name": "Complain", module: connection(emulator, **options)}


def test_changed_on_every_run(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.run(task(emulator, **SAME), task(emulator, **OTHER), task(emulator, **OTHER))
    assert [result["changed"] for result in run.results] == [False, True, False]


def test_check_mode_that_predicts_wrongly(ansible: Ansible, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, "twin", JOB_BEFORE)
    checked, applied = {**task(emulator, **OTHER), "check_mode": True}, task(emulator, **{**OTHER, "job_id": "twin"})
    predicted, made = map(_told, ansible.run(checked, applied, arguments=["--diff"]).results)
    assert (predicted, predicted["changed"]) == (made, True)
    assert {request.method for request in emulator.requests_of(PROJECT, JOB)} == {"GET"}


def test_secrets_in_the_diff_in_loops_and_nested_options(ansible: Ansible, emulator: Emulator) -> None:
    variables = ansible.folder / "variables.json"
    options = {"first": {"runtime_environment": {"NEW": SECRET}}, "second": {"docker_secret_mounts": {"mount": {"content": SECRET}}}}
    variables.write_text(json.dumps({"options": options}), encoding="utf-8")
    looped = {**task(emulator), "args": "{{ options[item] }}", "loop": ["first", "second"]}
    arguments = ["-vvv", "--diff", "--extra-vars", f"@{variables}"]
    run = ansible.run(looped, arguments=arguments, environment={"ANSIBLE_INJECT_INVOCATION": "true"})
    assert [item["changed"] for item in run.result["results"]] == [True, True]
    written = run.output + json.dumps(run.results)
    assert ("hidden, changed" in written, SECRET in written, IN_BASE64 in written) == (True, False, False)


def test_the_message_of_the_api_is_lost(ansible: Ansible, emulator: Emulator) -> None:
    emulator.order("error", "patch-manual-job", status=409, message="The job is being moved to another cluster.")
    result = ansible.run(task(emulator, description="New")).result
    assert "The job is being moved to another cluster." in result["msg"]
    assert (result["error"]["status"], result["error"]["message"]) == (409, "The job is being moved to another cluster.")


def test_rate_limits(ansible: Ansible, emulator: Emulator) -> None:
    emulator.order("error", "get-job", status=429, headers={"Retry-After": "1"})
    emulator.order("error", "patch-manual-job", skip=1, status=429, headers={"Retry-After": "3600"})
    waited, refused = ansible.run(task(emulator, description="New"), task(emulator, description="Newer")).results
    assert (waited["changed"], waited["api"]["requests"]) == (True, 3)
    assert (refused["failed"], "It resets in 3600 seconds." in refused["msg"]) == (True, True)


def test_a_module_that_fails_with_the_next_ansible_core() -> None:
    reaching = {file.name: not_meant_for_plugins(file) for file in PLUGINS.rglob("*.py")}
    assert {name: names for name, names in reaching.items() if names} == {}
    tested = [set(cell.kinds) for cell in matrix.cells() if re.search(r"==\d+\.\d+\.\d+(b|rc)\d+$", cell.core.requirement)]
    assert tested and all({"sanity", "units", "integration"} <= kinds for kinds in tested)


def test_duplicates_after_a_retried_post(ansible: Ansible, emulator: Emulator) -> None:
    emulator.order("reset after", "run-job")
    result = ansible.run(task(emulator, RUN_MODULE, poll_interval=0.05)).result
    started = [request for request in emulator.requests if request.method == "POST"]
    assert (len(started), len(emulator.runs_of(PROJECT, JOB))) == (1, 1)
    assert "The run may have been started." in result["msg"]


def test_an_option_that_the_api_has_and_the_module_has_not(ansible: Ansible) -> None:
    contract = Contract.published()
    fields = {_as_option(path) for path in contract.leaves(contract.schemas["PatchManualJobRequest"])}
    shown = ansible.program("ansible-doc", "--json", MODULE, stderr=subprocess.DEVNULL)
    assert fields - set(_options(json.loads(shown.stdout)[MODULE]["doc"]["options"])) == set()


def _told(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What a result reports about the change, and the job in the options that are set, only names if these are secret."""
    shown = {name: result[name] for name in ("changed", "changed_fields", "unknown_fields", "diff")}
    return {**shown, **{name: value for name, value in result["job"].items() if name.removesuffix("_keys") in OTHER}}


def _as_option(path: str) -> str:
    """The option for a field of the API by its path."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path).lower().replace("[]", "")


def _options(documented: t.Mapping[str, t.Any], prefix: str = "") -> t.Iterator[str]:
    """The paths of all options, with dots, as ansible-doc shows them."""
    for name, option in documented.items():
        yield f"{prefix}{name}"
        yield from _options(option.get("suboptions") or {}, f"{prefix}{name}.")
