# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for the examples of the documentation."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness.example_runs import Stage
from harness.playbooks import Ansible


@pytest.fixture
def stage(collections: Path, tmp_path: Path, emulator_of: t.Callable[[str], Emulator]) -> Stage:
    """An emulator with the jobs that the examples name, and a folder with the playbooks of docs/examples."""
    return Stage.at(Ansible(collections, tmp_path), emulator_of("current"))
