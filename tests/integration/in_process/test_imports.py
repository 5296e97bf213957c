# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugins use only what ansible-core offers to plugins. Other imports could break with its next version."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from harness.imports import PLUGINS, imports, is_below, not_meant_for_plugins

FILES = sorted(file for folder in ("action", "inventory", "plugin_utils") for file in (PLUGINS / folder).glob("*.py"))
OUR_OWN = ("..module_utils", "..plugin_utils")
# They can import a name that is not visible in the source.
DYNAMIC = ("import_module", "__import__")


def test_there_are_such_files() -> None:
    assert [file.name for file in FILES if file.parent.name == "action"] != []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_only_the_listed_parts_of_ansible_core_are_imported(file: Path) -> None:
    assert not_meant_for_plugins(file) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_other_collection_is_imported(file: Path) -> None:
    others = [name for name in imports(file) if name.startswith((".", "ansible_collections")) and not is_below(name, OUR_OWN)]
    assert [name for name in others if not name.startswith("._")] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_text_is_used_as_the_name_of_an_import(file: Path) -> None:
    names = [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Attribute, ast.Name))
    ]
    assert [name for name in names if name in DYNAMIC] == []
