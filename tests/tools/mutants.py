# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries deliberate faults in plugins/, one at a time, and shows which of them no test notices.

First those unit tests and flows run that execute the faulty line, then, if none of them fails, the integration tests that touch the
file. Unlike mutation.py, which tries all changes to the pure files, this tries a sample of all files. `make mutants` runs it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import typing as t
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

from . import collection_tree, mutant_list
from .mutant_copies import Copy, in_parallel
from .mutant_list import Mutant
from .mutant_runs import Broken, Tests, slow, tree_hash, write

ROOT = Path(__file__).resolve().parents[2]
UNITS, ALL = "units", "all"

# The result of a mutant: its place, its change, "noticed_by" (None if no test did), "stage" (how far it went), "seconds".
Result = t.Dict[str, t.Any]


def selected(mutants: t.Iterable[Mutant], only: str | None, ids: str | None) -> list[Mutant]:
    """The mutants in files that fit a pattern, and with ids that are listed.

    :raises ValueError: if there is none, or an id that no mutant has.
    """
    wanted = set(ids.split(",")) if ids else None
    found = [m for m in mutants if (only is None or fnmatchcase(m.path, only)) and (wanted is None or m.id in wanted)]
    unknown = sorted((wanted or set()) - {mutant.id for mutant in found})
    if unknown or not found:
        raise ValueError(f"there is no such mutant: {', '.join(unknown) or only}")
    return found


def is_done(result: Result | None, stage: str) -> bool:
    """Whether nothing is left to do for a mutant up to a stage."""
    return result is not None and (result["noticed_by"] is not None or stage in (UNITS, result["stage"]))


def lost(before: t.Mapping[str, Result], now: t.Mapping[str, Result]) -> list[str]:
    """The mutants that were noticed before, and that are tried and not noticed now."""
    return [name for name, result in now.items() if result["noticed_by"] is None and before.get(name, {}).get("noticed_by") is not None]


def shown(mutant: Mutant) -> str:
    """A mutant in a line."""
    return f"{mutant.id} {mutant.path}:{mutant.line} {mutant.function or 'module'}: {mutant.kind}: {mutant.original} -> {mutant.changed}"


def summary(results: t.Collection[Result]) -> list[str]:
    """How many mutants of each file are noticed, in lines."""
    total = Counter(result["path"] for result in results)
    noticed = Counter(result["path"] for result in results if result["noticed_by"] is not None)
    lines = [f"{path:50} {noticed[path]:4} of {total[path]:4} mutants noticed" for path in sorted(total)]
    return [*lines, f"{'in all':50} {noticed.total():4} of {total.total():4} mutants noticed"]


def against(before: t.Mapping[str, Result], now: t.Mapping[str, Result]) -> list[str]:
    """What an earlier run has noticed and this one has not, in lines, and how many of its mutants this one has not tried."""
    lines = [f"NO LONGER NOTICED: {_line(name, now[name])}; it was by {before[name]['noticed_by']}" for name in lost(before, now)]
    untried = [name for name in before if name not in now]
    return lines + ([f"Not tried here: {len(untried)} of the {len(before)} mutants there"] if untried else [])


def _line(name: str, result: Result) -> str:
    by = f"noticed by {result['noticed_by']}" if result["noticed_by"] is not None else "NOT NOTICED"
    return f"{name} {result['path']}:{result['line']} {by} ({result['seconds']:.0f} s)"


class Trial:
    """A run over the mutants of a tree. The results are kept in a file, and those of the same tree are read from there."""

    def __init__(self, tree: Path, folder: Path, out: Path, stage: str) -> None:
        self._tree = tree
        self._hash = tree_hash(tree)
        self._folder = folder
        self._out = out
        self._stage = stage
        self._tests = Tests(tree, folder / self._hash)
        self._lock = threading.Lock()
        self.results: dict[str, Result] = self._known()

    def run(self, mutants: t.Sequence[Mutant], workers: int, again: bool) -> None:
        """Try mutants, in as many copies at a time as there are workers.

        :raises Broken: if a test that is to try one fails without it.
        """
        left = [mutant for mutant in mutants if again or not is_done(self.results.get(mutant.id), self._stage)]
        if not left:
            return
        copies = [Copy(self._tree, self._folder / f"worker-{number}") for number in range(workers)]
        self._tests.explore(copies)
        files = {file for mutant in left for file in self._tests.fast(mutant)}
        if files:
            self._tests.without_mutant(copies[0], sorted(files))
        in_parallel(copies, lambda copy, mutant: self._try(copy, mutant, again), left)

    def _try(self, copy: Copy, mutant: Mutant, again: bool) -> None:
        known = None if again else self.results.get(mutant.id)
        seconds: float = known["seconds"] if known else 0
        by: str | None = None
        files = self._tests.fast(mutant)
        # What the fast tests have not noticed earlier, they do not notice now.
        if files and known is None:
            with copy.with_mutant(mutant):
                by, took = copy.pytest(files, self._tests.fast_limit(files))
            seconds += took
        for file in slow(self._tree, mutant.path) if self._stage == ALL else ():
            if by is None:
                limit = self._tests.slow_limit(copy, file)
                with copy.with_mutant(mutant):
                    by, took = copy.pytest([file], limit)
                seconds += took
        described = {name: getattr(mutant, name) for name in ("path", "line", "function", "kind", "original", "changed")}
        result = {**described, "noticed_by": by, "stage": self._stage, "reached_by": len(files), "seconds": round(seconds, 1)}
        with self._lock:
            self.results[mutant.id] = result
            self._out.parent.mkdir(parents=True, exist_ok=True)
            write(self._out, {"tree": self._hash, "results": self.results})
            print(_line(mutant.id, result), flush=True)

    def _known(self) -> dict[str, Result]:
        if not self._out.exists():
            return {}
        kept = json.loads(self._out.read_text(encoding="utf-8"))
        results: dict[str, Result] = kept["results"] if kept["tree"] == self._hash else {}
        return results


def _arguments(words: t.Sequence[str]) -> argparse.Namespace:
    folder = collection_tree.workspace(ROOT) / "mutants"
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description="Tries deliberate faults in plugins/.")
    parser.add_argument("--list", action="store_true", help="show the mutants, and try none")
    parser.add_argument("--only", metavar="GLOB", help="those in files whose path fits, such as '*/_run.py'")
    parser.add_argument("--ids", metavar="A,B", help="those with these ids")
    parser.add_argument("--stage", choices=[UNITS, ALL], default=ALL, help="units: leave the integration tests out")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="how many are tried at a time")
    parser.add_argument("--out", type=Path, default=folder / "result.json", metavar="FILE", help="where the results are kept")
    parser.add_argument("--again", action="store_true", help="try also those that already have results")
    parser.add_argument("--against", type=Path, metavar="FILE", help="earlier results: what was noticed there must be noticed now")
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="DIR", help="the clone whose plugins and tests are tried")
    return parser.parse_args(words)


def main(words: t.Sequence[str]) -> int:
    """Try the mutants that the arguments select, and show the results."""
    arguments = _arguments(words)
    tree = arguments.tree.resolve()
    try:
        mutants = selected(mutant_list.sample(tree), arguments.only, arguments.ids)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.list:
        print("\n".join(map(shown, mutants)))
        return 0
    # Read first: it may be the file that is written.
    before = json.loads(arguments.against.read_text(encoding="utf-8"))["results"] if arguments.against else {}
    trial = Trial(tree, collection_tree.workspace(ROOT) / "mutants", arguments.out.resolve(), arguments.stage)
    try:
        trial.run(mutants, arguments.workers, arguments.again)
    except Broken as error:
        print(error, file=sys.stderr)
        return 2
    results = {mutant.id: trial.results[mutant.id] for mutant in mutants}
    alive = [f"NOT NOTICED: {shown(mutant)}" for mutant in mutants if results[mutant.id]["noticed_by"] is None]
    print("\n".join([*summary(results.values()), *alive, *against(before, results)]))
    return 1 if lost(before, results) else 0


if __name__ == "__main__":
    # As Ctrl-C: what runs ends, too.
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(sys.argv[1:]))
