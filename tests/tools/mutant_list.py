# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes mutants: copies of a file of plugins/ with one deliberate fault each. A fixed sample of them is tried by mutants.py.

A mutant is known by what it changes and where that stands, not by its line, so that the sample stays when other lines move.
"""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

from .mutant_kinds import Change, changes

# One of this many mutants is in the sample, and at least this many of each file.
_ONE_OF = 8
_LEAST = 4
# There are many texts, and most are similar: one of this many is in the sample.
_ONE_TEXT_OF = 3
# It contains texts for readers.
_LEFT_OUT_FOLDERS = {"doc_fragments"}


class Mutant(t.NamedTuple):
    """A fault in a file, whose path is below the root; line and last_line are those of the statement, or of its head."""

    id: str
    order: str
    path: str
    function: str
    kind: str
    line: int
    last_line: int
    original: str
    changed: str
    change: Change

    def applied(self, source: str) -> str:
        """The source of its file with the fault."""
        raw = source.encode()
        return (raw[: self.change.start] + self.change.becomes.encode() + raw[self.change.end :]).decode()


def sample(root: Path) -> list[Mutant]:
    """The mutants that are tried, of all files below root/plugins, by path and line."""
    files = sorted(
        path for path in (root / "plugins").rglob("*.py") if path.parent.name not in _LEFT_OUT_FOLDERS and path.name != "__init__.py"
    )
    of_files = (of_source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in files)
    return [mutant for mutants in of_files for mutant in chosen(mutants)]


def chosen(mutants: t.Sequence[Mutant]) -> list[Mutant]:
    """The fixed part of a file's mutants, in the order of the file."""

    def is_spare(mutant: Mutant) -> bool:
        return mutant.kind == "text" and int(mutant.order, 16) % _ONE_TEXT_OF != 0

    number = max(_LEAST, round(sum(not is_spare(mutant) for mutant in mutants) / _ONE_OF))
    by_hash = sorted(mutants, key=lambda mutant: (is_spare(mutant), mutant.order))
    return sorted(by_hash[:number], key=lambda mutant: mutant.change[1:])


def of_source(path: str, source: str) -> list[Mutant]:
    """All mutants of a file."""
    raw = source.encode()
    made: list[Mutant] = []
    numbers: dict[tuple[str, ...], int] = {}
    for function, first, last, change in changes(source):
        original = raw[change.start : change.end].decode()
        known_by = (path, function, change.kind, _folded(original), _folded(change.becomes))
        numbers[known_by] = numbers.get(known_by, 0) + 1
        digest = hashlib.sha256("\n".join([*known_by, str(numbers[known_by])]).encode()).hexdigest()
        # Independent of each other, so that ids in the sample begin with any digit.
        made.append(
            Mutant(digest[:8], digest[8:], path, function, change.kind, first, last, _folded(original), _folded(change.becomes), change)
        )
    return made


def _folded(text: str) -> str:
    return " ".join(text.split())
