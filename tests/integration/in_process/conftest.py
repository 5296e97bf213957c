# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook for both ways, without the settings of the machine that runs the tests."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from harness.both_ways import Started
from harness.environment import without_network_settings


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> t.Iterator[None]:
    """No setting of the machine that runs the tests, and not the way that the session of nox has chosen, reaches the tasks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NORTHFLANK_IN_PROCESS", raising=False)
        without_network_settings(patch)
        yield


@pytest.fixture(scope="module")
def ansible_of(collections: Path, tmp_path_factory: pytest.TempPathFactory, module_python: Path | None) -> t.Callable[[str], Started]:
    """ansible_of(name) is ansible-playbook with a folder of its own."""

    def made(name: str) -> Started:
        return Started(collections, tmp_path_factory.mktemp(name.replace(" ", "-")), module_python)

    return made
