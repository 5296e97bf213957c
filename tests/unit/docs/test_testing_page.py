# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the tests, docs/testing.md, has a row for each file of the harness and the tools, and names no file that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def rows(folder: str) -> list[tuple[str, str, str]]:
    """The rows of the tables below the heading of a folder: a file, what it gives, and when to use it."""
    _before, _heading, after = PAGE.partition(f"\n## The files in `{folder}/`\n")
    return re.findall(r"^\| `([^`/]+)` \| (.+) \| (.+) \|$", after.partition("\n## ")[0], re.MULTILINE)


@pytest.mark.parametrize("folder", ["tests/harness", "tests/tools"])
def test_each_file_has_one_row(folder: str) -> None:
    files = [path.name for path in (ROOT / folder).iterdir() if path.suffix in (".py", ".json") and path.name != "__init__.py"]
    assert sorted(name for name, _gives, _use in rows(folder)) == sorted(files)


@pytest.mark.parametrize(
    ("folder", "name", "gives"), [(folder, *row[:2]) for folder in ("tests/harness", "tests/tools") for row in rows(folder)]
)
def test_what_a_row_names_is_in_its_file(folder: str, name: str, gives: str) -> None:
    named = re.findall(r"`(\w+)(?:\(\))?`", gives)
    text = (ROOT / folder / name).read_text(encoding="utf-8")
    assert [word for word in named if not re.search(rf"\b{word}\b", text)] == []


def test_each_path_below_tests_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))
    assert named and sorted(path for path in named if not (ROOT / path).exists()) == []
