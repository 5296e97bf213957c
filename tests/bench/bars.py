# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bars that the action plugin is held to, and what was measured against them. Pure. A missed bar fails nothing."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .contestants import ACTION, DEBUG, GET, MODULE, Setting
from .figures import Figure, Figures

# For what was not measured. A single hyphen would begin a list.
NONE = "–"
# In shorter loops the worker that is forked for the task weighs more than the items.
LONG = 100
ONE_CONNECTION = 200
LONGEST = 1000
# The medians of two equal contestants differ by as much.
_NOISE = 1.05


@dataclass(frozen=True)
class Bar:
    """A requirement, what was measured, and whether it is met (None: it was not measured)."""

    requirement: str
    measured: str
    is_met: bool | None

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "met", False: "missed", None: "not measured"}[self.is_met]


def bars(found: Figures) -> list[Bar]:
    """All bars, in the settings that they use and that were measured."""
    settings = [setting for name, setting in found if name == ACTION.name]
    loops = [setting for setting in settings if not setting.on_hosts]
    compared = [setting for setting in settings if (DEBUG.name, setting) in found]
    against_module = [setting for setting in loops if setting.items >= LONG and (MODULE.name, setting) in found]
    return [
        *(_of_debug(found, setting) for setting in compared),
        *(_of_module(found, setting) for setting in against_module or [Setting(LONG)]),
        _connections(found),
        _growth(found),
        _memory(found),
    ]


def _of_debug(found: Figures, setting: Setting) -> Bar:
    # On hosts, each task opens a connection of its own.
    get = found.get((GET.name, Setting(1) if setting.on_hosts else setting))
    requirement = f"{_in(setting)}: an item costs at most 2 x debug and a GET"

    def measured(action: Figure, debug: Figure, get: Figure) -> tuple[str, bool]:
        limit = 2 * debug.wall + get.wall
        return f"{action.wall:.2f} of {limit:.2f} ms", action.wall <= limit

    return _bar(requirement, measured, found.get((ACTION.name, setting)), found.get((DEBUG.name, setting)), get)


def _of_module(found: Figures, setting: Setting) -> Bar:
    def measured(action: Figure, module: Figure) -> tuple[str, bool]:
        return f"1/{module.wall / action.wall:.1f}", 40 * action.wall <= module.wall

    return _bar(f"{_in(setting)}: an item costs at most 1/40 of the module's", measured, *_both(found, MODULE.name, setting))


def _connections(found: Figures) -> Bar:
    def measured(action: Figure) -> tuple[str, bool]:
        return f"{action.connections:g}", action.connections == 1

    return _bar(f"{_in(Setting(ONE_CONNECTION))}: one TCP connection", measured, found.get((ACTION.name, Setting(ONE_CONNECTION))))


def _growth(found: Figures) -> Bar:
    def measured(short: Figure, long: Figure) -> tuple[str, bool]:
        return f"{long.wall / short.wall:.2f} x", long.wall <= _NOISE * short.wall

    requirement = f"{_in(Setting(LONGEST))}: an item takes no longer than in one of {LONG} (up to {_NOISE:g} x is noise)"
    return _bar(requirement, measured, *(found.get((ACTION.name, Setting(items))) for items in (LONG, LONGEST)))


def _memory(found: Figures) -> Bar:
    def measured(action: Figure, debug: Figure) -> tuple[str, bool]:
        return f"{action.peak / debug.peak:.2f} x", action.peak <= 1.3 * debug.peak

    requirement = f"{_in(Setting(LONGEST))}: peak memory is at most 1.3 x that of debug"
    return _bar(requirement, measured, *_both(found, DEBUG.name, Setting(LONGEST)))


def _both(found: Figures, other: str, setting: Setting) -> tuple[Figure | None, Figure | None]:
    return found.get((ACTION.name, setting)), found.get((other, setting))


def _bar(requirement: str, measured: t.Callable[..., tuple[str, bool]], *needed: Figure | None) -> Bar:
    return Bar(requirement, NONE, None) if None in needed else Bar(requirement, *measured(*needed))


def _in(setting: Setting) -> str:
    return f"One task on {setting}" if setting.on_hosts else f"A loop of {setting}"
