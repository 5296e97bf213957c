# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contestants and their playbooks. Playbooks are written as JSON, which is valid YAML."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .target import Target

Task = t.Dict[str, t.Any]

_OURS = "northflank.cloud.northflank_manual_job"
_PEER = "hetzner.hcloud.ssh_key_info"
# The number of an item, and in an inventory of a host. Each has a job of its own.
_NUMBER = "number"
_JOB = f"job-{{{{ {_NUMBER} }}}}"


@dataclass(frozen=True)
class Setting:
    """A loop with a number of items on one host, or one task on a number of hosts."""

    items: int
    on_hosts: bool = False

    def __str__(self) -> str:
        return f"{self.items} hosts" if self.on_hosts else str(self.items)


@dataclass(frozen=True)
class Contestant:
    """Its short name, its name in the table, whether it takes a large part of a second for each item, and its task if it has one."""

    name: str
    title: str
    is_slow: bool
    task: t.Callable[[Target], Task] | None


def _debug(target: Target) -> Task:
    # With a variable, because each item of the others also evaluates one.
    return {"ansible.builtin.debug": {"msg": "{{ shown }}"}, "vars": {"shown": target.result}}


def _action(target: Target) -> Task:
    ids = {"project_id": target.project_id, "job_id": _JOB}
    return {_OURS: {**ids, "api_url": target.url, "api_token": target.token, **target.options}}


def _module(target: Target) -> Task:
    return {**_action(target), "vars": {"northflank_in_process": False}}


def _uri(target: Target) -> Task:
    headers = {"Authorization": f"Bearer {target.token}"}
    return {"ansible.builtin.uri": {"url": target.job_url(_JOB), "headers": headers, "return_content": True}}


def _peer(target: Target) -> Task:
    return {_PEER: {"api_endpoint": target.peer_url, "api_token": target.token, "id": f"{{{{ {_NUMBER} }}}}"}}


DEBUG = Contestant("debug", "ansible.builtin.debug", False, _debug)
ACTION = Contestant("action", "the action plugin", False, _action)
MODULE = Contestant("module", "the module", True, _module)
URI = Contestant("uri", "ansible.builtin.uri", True, _uri)
PEER = Contestant("peer", _PEER, True, _peer)
GET = Contestant("get", "GET with requests", False, None)
CONTESTANTS = (DEBUG, ACTION, MODULE, URI, PEER, GET)


def playbook(task: Task, setting: Setting, is_empty: bool) -> list[dict[str, t.Any]]:
    """A playbook with only this task. is_empty: the same without items."""
    measured: Task = {"name": "Measure", **task}
    if not setting.on_hosts:
        measured["loop"] = f"{{{{ range(1, {1 if is_empty else setting.items + 1}) | list }}}}"
        measured["loop_control"] = {"loop_var": _NUMBER, "label": f"{{{{ {_NUMBER} }}}}"}
    elif is_empty:
        measured["when"] = False
    return [_play(setting.on_hosts, measured)]


def learning(target: Target, file: str) -> list[dict[str, t.Any]]:
    """A playbook that writes into a file what the task returns for one job."""
    reading = {"name": "Ask", **_action(target), "vars": {_NUMBER: 1}, "register": "result"}
    saved = {"name": "Save the result", "ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": file, "mode": "0600"}}
    return [_play(False, reading, saved)]


def inventory(count: int) -> dict[str, t.Any]:
    """A number of hosts, all of them this machine."""
    return {"all": {"hosts": {f"host-{number}": {_NUMBER: number} for number in range(1, count + 1)}}}


def _play(on_hosts: bool, *tasks: Task) -> dict[str, t.Any]:
    return {
        "name": "Benchmark",
        "hosts": "all" if on_hosts else "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": list(tasks),
    }
