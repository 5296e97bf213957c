# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What concerns AWX. The session awx_and_scale of nox installs what it needs; in any other there is nothing to collect here."""

from __future__ import annotations

import importlib.util
import typing as t
from pathlib import Path

import pytest
from harness import awx

collect_ignore_glob = [] if importlib.util.find_spec("ansible_runner") else ["test_*.py"]


@pytest.fixture(scope="session")
def collection(collections: Path) -> Path:
    """The folder of the installed collection itself."""
    return collections / "ansible_collections" / "northflank" / "cloud"


@pytest.fixture(scope="session")
def credential_type(collection: Path) -> dict[str, t.Any]:
    """The definition of the credential type."""
    return awx.variables(collection, "northflank_credential_type")


@pytest.fixture(scope="session")
def survey(collection: Path) -> dict[str, t.Any]:
    """The survey of the job template."""
    return awx.variables(collection, "northflank_survey")
