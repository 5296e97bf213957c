# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the cost of single runs to the cost of an item. Pure functions. The first lines of the package explain the figures."""

from __future__ import annotations

import statistics
import typing as t
from dataclasses import dataclass

from .contestants import Setting


@dataclass(frozen=True)
class Run:
    """What one run cost: seconds of wall time in its task, seconds of processor time, KiB of memory, requests and connections."""

    contestant: str
    setting: Setting
    is_empty: bool
    wall: float
    cpu: float
    peak: int
    requests: int
    connections: int


@dataclass(frozen=True)
class Figure:
    """The medians of the runs of a contestant in a setting: ms an item, CPU ms an item, MiB, requests and connections of a run.

    There is no cpu if it is smaller than the spread of the runs without items.
    """

    wall: float
    cpu: float | None
    peak: float
    requests: float
    connections: float
    repeats: int


# By the name of the contestant.
Figures = t.Dict[t.Tuple[str, Setting], Figure]


def figures(runs: t.Sequence[Run]) -> Figures:
    """The figures of all contestants in all settings."""
    keys = dict.fromkeys((run.contestant, run.setting) for run in runs if not run.is_empty)
    return {(contestant, setting): _figure(runs, contestant, setting) for contestant, setting in keys}


def _figure(runs: t.Sequence[Run], contestant: str, setting: Setting) -> Figure:
    own = [run for run in runs if run.contestant == contestant and run.setting.on_hosts == setting.on_hosts]
    full = [run for run in own if run.setting == setting and not run.is_empty]
    # An empty loop is the same, however many items it has not.
    idle = [run.cpu for run in own if run.is_empty]
    cpu = statistics.median(run.cpu for run in full) - statistics.median(idle)
    return Figure(
        wall=1000 * statistics.median(run.wall for run in full) / setting.items,
        cpu=1000 * cpu / setting.items if cpu > max(idle) - min(idle) else None,
        peak=statistics.median(run.peak for run in full) / 1024,
        requests=statistics.median(run.requests for run in full),
        connections=statistics.median(run.connections for run in full),
        repeats=len(full),
    )
