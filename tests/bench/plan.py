# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run, in which order. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .bars import ONE_CONNECTION
from .contestants import ACTION, Contestant, Setting

# The maximum number of runs of slow contestants, by the maximum number of items.
_SLOW_REPEATS = ((1, 5), (50, 3))


@dataclass(frozen=True)
class Plan:
    """The sizes of loops, the number of hosts (0: none), how often to repeat, and the maximum number of items for slow contestants."""

    contestants: tuple[Contestant, ...]
    sizes: tuple[int, ...]
    hosts: int
    repeats: int
    slow_limit: int

    def rounds(self) -> t.Iterator[list[tuple[Contestant, Setting, bool]]]:
        """Who runs in each round, in which setting, and whether without items. Each round begins with another contestant."""
        for number in range(self.repeats):
            first = number % len(self.contestants)
            turns = self.contestants[first:] + self.contestants[:first]
            yield [
                (contestant, setting, is_empty)
                for setting, is_empty in self._settings()
                for contestant in turns
                if number < self._repeats(contestant, setting, is_empty)
            ]

    def _settings(self) -> t.Iterator[tuple[Setting, bool]]:
        for settings in self._loops(), [Setting(self.hosts, on_hosts=True)] if self.hosts else []:
            yield from ((setting, True) for setting in settings[:1])
            yield from ((setting, False) for setting in settings)

    def _loops(self) -> list[Setting]:
        return [Setting(size) for size in sorted({*self.sizes, ONE_CONNECTION})]

    def _repeats(self, contestant: Contestant, setting: Setting, is_empty: bool) -> int:
        """How often a contestant runs in a setting."""
        if contestant.task is None and setting.on_hosts:
            return 0
        if contestant.is_slow and setting.items > self.slow_limit:
            return 0
        if is_empty:
            return self.repeats
        if not setting.on_hosts and setting.items not in self.sizes:
            # The loop that is only about its connections.
            return int(contestant is ACTION)
        if not contestant.is_slow:
            return self.repeats
        return min(self.repeats, next((repeats for items, repeats in _SLOW_REPEATS if setting.items <= items), 1))
