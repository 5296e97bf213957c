# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API with a few jobs in two projects, and ansible-inventory over it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness.inventories import Inventory, Listed, options


@pytest.fixture
def inventory(collections: Path, tmp_path: Path) -> Inventory:
    """ansible-inventory, with a folder of its own."""
    return Inventory(collections, tmp_path)


@pytest.fixture
def emulator(emulator_of: t.Callable[[str], Emulator]) -> Emulator:
    """Two projects with three manual jobs and one cron job."""
    running = emulator_of("current")
    running.add_job("alpha", "report", {"description": "The report of the day", "tags": ["daily", "reports"], "stageId": "staging"})
    running.add_job("alpha", "clean-up", {"tags": ["daily"], "disabledCI": True})
    running.add_job("alpha", "clock", {"jobType": "cron", "cron": {"schedule": "0 0 * * *", "suspended": False}})
    running.add_job("beta", "report", {"tags": ["reports"]})
    return running


@pytest.fixture
def listed(inventory: Inventory, emulator: Emulator) -> t.Callable[..., Listed]:
    """listed(*arguments, **options) is what ansible-inventory shows of a file with these options."""

    def result(*arguments: str, environment: t.Mapping[str, str] | None = None, **rest: t.Any) -> Listed:
        return inventory.listed(inventory.write(options(emulator, **rest)), *arguments, environment=environment)

    return result
