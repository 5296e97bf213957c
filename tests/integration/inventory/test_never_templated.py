# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the API that are templates for Ansible: none of them is evaluated, however they are used."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness.inventories import MARK, Inventory, Listed, options


class Trap(t.NamedTuple):
    """A text that creates a file if it is evaluated as a template."""

    file: Path

    @property
    def text(self) -> str:
        """The template."""
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {self.file}') }}}}"


@pytest.fixture
def trap(inventory: Inventory, emulator: Emulator) -> t.Iterator[Trap]:
    """The value of all texts of a job. At the end, it must not have been evaluated."""
    set_up = Trap(inventory.folder / "carried-out")
    emulator.order(
        "answer",
        "list-jobs",
        times=None,
        body={
            "data": {
                "jobs": [
                    {
                        "id": "odd",
                        "name": set_up.text,
                        "description": set_up.text,
                        "appId": set_up.text,
                        "tags": [set_up.text],
                        "jobType": "manual",
                    }
                ]
            }
        },
    )
    yield set_up
    assert not set_up.file.exists()


def test_they_are_shown_as_they_are(listed: t.Callable[..., Listed], trap: Trap) -> None:
    shown = listed(projects=["alpha"]).hosts["alpha.odd"]["northflank_job"]
    assert {name: shown[name] for name in ("name", "description", "app_id", "tags")} == {
        "name": trap.text,
        "description": trap.text,
        "app_id": trap.text,
        "tags": [trap.text],
    }


def test_a_playbook_shows_them_as_they_are(inventory: Inventory, emulator: Emulator, trap: Trap) -> None:
    file = inventory.write(
        options(
            emulator,
            projects=["alpha"],
            compose={"composed": "northflank_job.description", "joined": "northflank_job.tags | join(',')"},
            keyed_groups=[{"key": "northflank_job.tags"}],
            groups={"chosen": "northflank_job.name != ''"},
        )
    )
    values = ["northflank_job.description", "northflank_job.tags[0]", "composed", "joined"]
    tasks = [{"name": "Show", "ansible.builtin.debug": {"msg": f"<{{{{ {value} }}}}>"}} for value in values]
    whole = {"name": "Show all", "ansible.builtin.debug": {"var": "northflank_job"}, "when": "northflank_job.description != 'nothing'"}
    playbook = inventory.write(
        [{"name": "Show", "hosts": "chosen", "connection": "local", "gather_facts": False, "tasks": [*tasks, whole]}], "show.yml"
    )
    run = inventory.playbook(playbook, ["--inventory", str(file)])
    assert run.status == 0, run.output
    assert run.output.count(f"<{trap.text}>") == len(values)


@pytest.mark.parametrize("hostname", ["northflank_job.name", "{{ northflank_job.name }}"], ids=["expression", "template"])
def test_they_name_no_host(listed: t.Callable[..., Listed], trap: Trap, hostname: str) -> None:
    shown = listed(projects=["alpha"], hostname=hostname)
    assert shown.reports("is not a valid host name"), shown.messages
    assert shown.hosts == {}


def test_they_are_the_same_from_the_cache(inventory: Inventory, emulator: Emulator, trap: Trap) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(inventory.folder / "cache")}
    file = inventory.write(options(emulator, projects=["alpha"], compose={"composed": "northflank_job.name"}, **cache))
    first = inventory.listed(file)
    assert inventory.listed(file) == first
    assert first.hosts["alpha.odd"]["composed"] == trap.text


def test_each_text_that_is_not_harmless_is_marked_on_each_ansible_core(listed: t.Callable[..., Listed], trap: Trap) -> None:
    compose = {"constant": "'a constant: {}'", "composed": "northflank_job.tags"}
    marked = {MARK: trap.text}
    job = {
        "id": "odd",
        "name": marked,
        "app_id": marked,
        "project_id": "alpha",
        "job_type": "manual",
        "description": marked,
        "tags": [marked],
    }
    assert listed(projects=["alpha"], compose=compose, team_id="example-team").marked["alpha.odd"] == {
        "northflank_project_id": "alpha",
        "northflank_job_id": "odd",
        "northflank_team_id": "example-team",
        "northflank_job": job,
        "constant": {MARK: "a constant: {}"},
        "composed": [marked],
    }
