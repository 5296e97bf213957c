# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""No file below tests/ imports from a file of tests or from a conftest.py. What several tests share is in tests/harness/."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.imports import imports

TESTS = Path(__file__).resolve().parents[2]
FILES = sorted(TESTS.rglob("*.py"))
FILES_OF_TESTS = {path.stem for path in FILES if path.stem.startswith("test_") or path.stem == "conftest"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_file_does_not_import_from_tests(path: Path) -> None:
    assert [name for name in imports(path) if FILES_OF_TESTS & set(name.split("."))] == []
