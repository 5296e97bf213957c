# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floors of plugins/: imports lead down only, and never in a circle; the drawing and the guide agree with them."""

from __future__ import annotations

import graphlib
from pathlib import Path

import pytest
from harness.guides import GUIDES
from harness.imports import imports
from tools.structure import DRAWING, FLOORS, PLUGINS, draw, files_of, floor_of, imports_of

FILES = sorted(path for path in PLUGINS.rglob("*.py") if path.parent.name != "doc_fragments" and path.name != "__init__.py")
PACKAGES = sorted(path.parent for path in PLUGINS.rglob("__init__.py"))
GUIDE = (GUIDES / "structure.rst").read_text(encoding="utf-8")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))


def test_each_file_is_on_one_floor() -> None:
    assert sorted(path for floor in FLOORS for path in files_of(floor)) == FILES


@each_file
def test_a_file_imports_only_from_its_floor_and_those_below(path: Path) -> None:
    assert not [str(other) for other in imports_of(path) if floor_of(other) < floor_of(path)]


def test_no_imports_lead_in_a_circle() -> None:
    graph = {path: imports_of(path) for path in FILES}
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(FILES)


@each_file
def test_a_file_imports_the_collection_by_relative_imports(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("ansible_collections.")]


@each_file
def test_nothing_that_a_module_needs_is_for_the_control_node_only(path: Path) -> None:
    is_needed = path.relative_to(PLUGINS).parts[0] in ("modules", "module_utils")
    assert not [str(other) for other in imports_of(path) if is_needed and FLOORS[floor_of(other)].is_for_controller]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_has_an_empty_init_file(package: Path) -> None:
    assert (package / "__init__.py").read_bytes() == b""


def test_the_drawing_is_that_of_the_imports() -> None:
    assert DRAWING.read_text(encoding="utf-8") == draw(), "run: PYTHONPATH=tests python -m tools.structure"


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.purpose)
def test_the_guide_names_each_floor_with_its_purpose(floor: object) -> None:
    assert getattr(floor, "purpose") in GUIDE


@each_file
def test_the_guide_names_each_file(path: Path) -> None:
    is_plugin = path.parent.name in FLOORS[0].folders
    assert is_plugin or f"``{path.name}``" in GUIDE


@each_file
def test_no_file_is_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = text[text.rfind('"""\n\nfrom __future__') :] if path.parent.name in ("modules", "inventory") else text
    assert len(code.splitlines()) <= 400
