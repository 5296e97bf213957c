# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floors of plugins/, their imports, and the drawing of them. After a change: PYTHONPATH=tests python -m tools.structure"""

from __future__ import annotations

import typing as t
from pathlib import Path

from harness.guides import GUIDES
from harness.imports import PLUGINS, imports

DRAWING = GUIDES / "structure.svg"

_COLUMNS, _BOX, _GAP, _MARGIN = 3, (132, 26), 10, 12
_WIDTH = 2 * _MARGIN + _COLUMNS * _BOX[0] + (_COLUMNS + 1) * _GAP


class Floor(t.NamedTuple):
    """A part of plugins/ that imports only from itself and from the floors below it."""

    name: str
    purpose: str
    folders: tuple[str, ...]
    # The files of this floor, if its folder contains several floors.
    files: tuple[str, ...] = ()
    is_for_controller: bool = False


# The highest first.
FLOORS = (
    Floor("modules, action, inventory", "What Ansible finds", ("modules", "action", "inventory")),
    Floor("plugin_utils", "On the control node only", ("plugin_utils",), is_for_controller=True),
    Floor("module_utils", "A task: options, flow, result", ("module_utils",), ("_task", "_module")),
    Floor("module_utils/_flows", "Which requests, in which order", ("module_utils/_flows",)),
    Floor("module_utils/_options", "What a task can set", ("module_utils/_options",)),
    Floor("module_utils/_job", "What a job is, and how it differs", ("module_utils/_job",)),
    Floor("module_utils/_api", "One request, safely", ("module_utils/_api",)),
    Floor("module_utils", "The exceptions", ("module_utils",), ("_errors",)),
)


def files_of(floor: Floor) -> list[Path]:
    """The Python files of a floor without the empty __init__.py."""
    found = [path for folder in floor.folders for path in sorted((PLUGINS / folder).glob("*.py")) if path.name != "__init__.py"]
    return [path for path in found if not floor.files or path.stem in floor.files]


def imports_of(file: Path) -> set[Path]:
    """The files of the collection that a file imports, all of them by relative imports."""
    found = set()
    for name in imports(file):
        parts = name.lstrip(".").split(".")
        dots = len(name) - len(name.lstrip("."))
        if dots:
            named = file.parents[dots - 1].joinpath(*parts).with_suffix(".py")
            # The last part is a file, or a name in the file before it.
            found.add(named if named.is_file() else named.parent.with_suffix(".py"))
    return found


def floor_of(file: Path) -> int:
    """The number of a file's floor, 0 for the highest."""
    (number,) = (number for number, floor in enumerate(FLOORS) if file in files_of(floor))
    return number


def imported_floors(floor: Floor) -> list[int]:
    """The numbers of the other floors that a floor imports from."""
    own = FLOORS.index(floor)
    return sorted({floor_of(imported) for file in files_of(floor) for imported in imports_of(file)} - {own})


def draw() -> str:
    """The drawing, as the text of an SVG file."""
    bands, top = [], _MARGIN
    for number, floor in enumerate(FLOORS):
        names = _names(floor)
        height = 64 + -(-len(names) // _COLUMNS) * (_BOX[1] + _GAP)
        bands.append(_band(number, floor, names, top, height))
        top += height + _MARGIN
    return _PAGE.format(width=_WIDTH, height=top, inner_width=_WIDTH - 2, inner_height=top - 2, bands="\n".join(bands), count=len(FLOORS))


def _names(floor: Floor) -> list[str]:
    return [f"{folder}/" for folder in floor.folders] if len(floor.folders) > 1 else [path.stem for path in files_of(floor)]


def _band(number: int, floor: Floor, names: list[str], top: int, height: int) -> str:
    left, right = _MARGIN + _GAP, _WIDTH - _MARGIN - _GAP
    below = ", ".join(str(len(FLOORS) - other) for other in imported_floors(floor)) or "none"
    kind = "controller" if floor.is_for_controller else "shared"
    lines = [
        '  <g class="floor">',
        f'    <rect class="band" x="{_MARGIN}" y="{top}" width="{_WIDTH - 2 * _MARGIN}" height="{height}" rx="8"/>',
        f'    <text class="name" x="{left}" y="{top + 20}">{len(FLOORS) - number}  {floor.name}</text>',
        f'    <text class="purpose" x="{left}" y="{top + 38}">{floor.purpose}</text>',
        f'    <text class="side" x="{right}" y="{top + 20}">imports from {below}</text>',
    ]
    for index, name in enumerate(names):
        x = left + index % _COLUMNS * (_BOX[0] + _GAP)
        y = top + 50 + index // _COLUMNS * (_BOX[1] + _GAP)
        lines.append(f'    <rect class="{kind}" x="{x}" y="{y}" width="{_BOX[0]}" height="{_BOX[1]}" rx="5"/>')
        lines.append(f'    <text class="file" x="{x + _BOX[0] // 2}" y="{y + 17}">{name}</text>')
    return "\n".join([*lines, "  </g>"])


# On a card with its own background, to be readable with any theme. Narrow, for phones.
_PAGE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" \
aria-labelledby="title description">
  <!-- Copyright: Contributors to the northflank.cloud collection
       GNU General Public License v3.0 or later
       Made by tests/tools/structure.py from the imports of plugins/. -->
  <title id="title">The floors of the collection</title>
  <desc id="description">{count} floors, each of which imports only from itself and from those below it.</desc>
  <style>
    .card {{ fill: #ffffff; stroke: #8a94a6; stroke-width: 1.5; }}
    .band {{ fill: #f3f6fb; stroke: #b6c0d0; }}
    .shared {{ fill: #e8f0fe; stroke: #3b5b92; stroke-width: 1.2; }}
    .controller {{ fill: #fff4d6; stroke: #8a6100; stroke-width: 1.2; }}
    text {{ fill: #1b1f24; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; }}
    .file {{ font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }}
    .name {{ font-weight: 600; }}
    .side {{ text-anchor: end; font-size: 11px; font-style: italic; }}
  </style>
  <rect class="card" x="1" y="1" width="{inner_width}" height="{inner_height}" rx="12"/>
{bands}
</svg>
"""


if __name__ == "__main__":
    DRAWING.write_text(draw(), encoding="utf-8")
