# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are read, by their names, and the messages about others and about files with other contents."""

from __future__ import annotations

import pytest
from emulator import Emulator
from harness.inventories import PLUGIN, Inventory, options

# How the plugin gets a file: by ansible-core's auto plugin, which is enabled by default, or by its own name.
ENABLED = {"auto": "auto", "by name": PLUGIN}
BY = pytest.mark.parametrize("enabled", ENABLED.values(), ids=ENABLED)


@pytest.mark.parametrize("name", ["northflank_jobs.yaml", "northflank.yml", "northflank.yaml", "production.northflank_jobs.yml"])
def test_a_file_of_such_a_name_is_read(inventory: Inventory, emulator: Emulator, name: str) -> None:
    assert len(inventory.listed(inventory.write(options(emulator), name)).hosts) == 3


@BY
def test_a_file_with_another_name_fails_with_the_allowed_names(inventory: Inventory, emulator: Emulator, enabled: str) -> None:
    file = inventory.write(options(emulator), "jobs.yml")
    shown = inventory.listed(file, environment={"ANSIBLE_INVENTORY_ENABLED": enabled})
    assert shown.hosts == {}
    assert shown.reports(
        f"[WARNING]: {file} is not read by {PLUGIN}: the name of the file must end with one of "
        "northflank_jobs.yml, northflank_jobs.yaml, northflank.yml, northflank.yaml. Rename the file."
    ), shown.messages
    assert emulator.requests == []


def test_a_file_for_another_plugin_gets_no_message(inventory: Inventory) -> None:
    file = inventory.write({"all": {"hosts": {"one": {}}}}, "hosts.yml")
    shown = inventory.listed(file, environment={"ANSIBLE_INVENTORY_ENABLED": f"{PLUGIN}, yaml"})
    assert shown.messages == ""
    assert shown.group("ungrouped") == ["one"]


def test_a_file_that_is_not_a_dictionary_is_an_error(inventory: Inventory) -> None:
    shown = inventory.listed(inventory.write([{"plugin": PLUGIN}]), environment={"ANSIBLE_INVENTORY_ENABLED": PLUGIN})
    assert shown.reports(f"is not a dictionary. It must contain at least the line 'plugin: {PLUGIN}'."), shown.messages
