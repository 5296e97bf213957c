# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows figures and bars as simple tables of reStructuredText, which read well in a terminal, too. Pure."""

from __future__ import annotations

import typing as t

from .bars import NONE, Bar
from .contestants import CONTESTANTS, DEBUG, Setting
from .figures import Figure, Figures

_HEAD = ("items", "contestant", "ms an item", "x debug", "CPU ms an item", "peak MiB", "requests", "connections")
_ORDER = [contestant.name for contestant in CONTESTANTS]
_TITLES = {contestant.name: contestant.title for contestant in CONTESTANTS}


def figure_table(found: Figures) -> str:
    """A row for each contestant in each setting: loops first, the short ones before the long ones."""
    ordered = sorted(found, key=lambda key: (key[1].on_hosts, key[1].items, _ORDER.index(key[0])))
    return _table(_HEAD, [_row(found, name, setting) for name, setting in ordered])


def bar_table(held_to: t.Sequence[Bar]) -> str:
    """A row for each bar."""
    return _table(("bar", "measured", "verdict"), [(each.requirement, each.measured, each.verdict) for each in held_to], numbers=())


def _row(found: Figures, name: str, setting: Setting) -> tuple[str, ...]:
    figure = found[name, setting]
    return (
        str(setting),
        _TITLES[name],
        f"{figure.wall:.2f}",
        _ratio(figure, found.get((DEBUG.name, setting))),
        NONE if figure.cpu is None else f"{figure.cpu:.2f}",
        f"{figure.peak:.0f}",
        f"{figure.requests:g}",
        f"{figure.connections:g}",
    )


def _ratio(figure: Figure, debug: Figure | None) -> str:
    return f"{figure.wall / debug.wall:.2f}" if debug else NONE


def _table(head: t.Sequence[str], rows: t.Sequence[t.Sequence[str]], numbers: t.Container[int] = range(2, len(_HEAD))) -> str:
    """A simple table; the columns of numbers are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    line = "  ".join("=" * width for width in widths)
    shown = [
        "  ".join(
            cell.rjust(width) if index in numbers else cell.ljust(width) for index, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join((line, shown[0], line, *shown[1:], line))
