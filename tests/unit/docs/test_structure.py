# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of the structure, docs/docsite/rst/structure.svg, agrees with the files in plugins/ and their imports."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from harness.guides import GUIDES
from harness.imports import PLUGINS, imports

PACKAGE = "ansible_collections.northflank.cloud.plugins."
SVG = "{http://www.w3.org/2000/svg}"
DRAWING = ElementTree.parse(GUIDES / "structure.svg").getroot()
# {layer: {name: class}}, the highest layer first; a folder's name ends with "/".
LAYERS = [
    {text.text: rect.get("class", "") for rect, text in zip(layer.iter(f"{SVG}rect"), layer.iter(f"{SVG}text"))}
    for layer in DRAWING.iterfind(f".//{SVG}g[@class='layer']/{SVG}g[@class='files']")
]
LAYER_OF = {name: index for index, layer in enumerate(LAYERS) for name in layer}
ARROWS = [(arrow.get("data-from"), arrow.get("data-to")) for arrow in DRAWING.iterfind(f".//{SVG}path[@data-from]")]
FILES = sorted(path for path in PLUGINS.rglob("*.py") if path.parent.name != "doc_fragments")


def drawn_name(path: Path) -> str:
    """What stands for a file in the drawing: its name, or the folder of what Ansible finds."""
    return path.stem if path.parent.name.endswith("_utils") else f"{path.parent.name}/"


def imported(path: Path) -> set[str]:
    """The names of those files of the collection that a file imports."""
    return {name.removeprefix(PACKAGE).split(".")[1] for name in imports(path) if name.startswith(PACKAGE)}


IMPORTS = {path: imported(path) for path in FILES}


def test_the_drawing_holds_each_file_once() -> None:
    assert sorted(name for layer in LAYERS for name in layer) == sorted({drawn_name(path) for path in FILES})


def test_no_two_files_share_a_name_in_the_drawing() -> None:
    names = [path.stem for path in FILES if path.parent.name.endswith("_utils")]
    assert len(names) == len(set(names))


def test_the_files_of_the_controller_have_a_colour_of_their_own() -> None:
    coloured = {name for layer in LAYERS for name, kind in layer.items() if kind == "controller"}
    assert coloured == {path.stem for path in FILES if path.parent.name == "plugin_utils"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_a_file_imports_only_from_its_layer_and_those_below(path: Path) -> None:
    own = LAYER_OF[drawn_name(path)]
    assert not [name for name in IMPORTS[path] if LAYER_OF[name] < own]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_nothing_that_a_module_needs_is_among_what_only_the_controller_has(path: Path) -> None:
    needed = IMPORTS[path] if path.parent.name in ("modules", "module_utils") else set()
    assert not [name for name in needed if LAYERS[LAYER_OF[name]][name] == "controller"]


@pytest.mark.parametrize("start, end", ARROWS)
def test_an_arrow_between_files_is_an_import(start: str, end: str) -> None:
    assert end in {name for path, names in IMPORTS.items() if drawn_name(path) == start for name in names}


def test_an_arrow_leads_from_each_layer_to_one_that_it_imports_from() -> None:
    between = DRAWING.findall(f".//{SVG}path[@class='between']")
    steps = {(LAYER_OF[drawn_name(path)], LAYER_OF[name]) for path, names in IMPORTS.items() for name in names}
    assert [(above, above + 1) in steps for above in range(len(LAYERS) - 1)] == [True] * len(between)
