# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs mutmut over the pure files, changes the rows of the table, and compares what no test notices with the list of survivors.

The settings of mutmut stand in pyproject.toml. It wants the tests to import a file by the path that it has below the current
folder, so it runs in a folder of links. It numbers its changes, and a new line shifts the numbers: the list names function and
lines instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from . import collection_tree, row_changes

ROOT = Path(__file__).resolve().parents[2]
SURVIVORS = ROOT / "tests" / "mutation" / "survivors.yml"
TABLE = ROOT / "plugins" / "module_utils" / "_job" / "fields.py"
ROWS = "fields.ROWS"
# The tests for which the table matters most come first.
TESTS_OF_ROWS = [
    f"tests/unit/plugins/module_utils/{name}.py"
    for name in (
        "_job/test_fields",
        "_job/test_fields_readable",
        "_job/test_fields_of_runs",
        "_job/test_fields_of_deployment",
        "_job/test_deployment",
        "_job/test_writes",
        "_job/test_state",
        "_job/test_state_options",
        "_job/test_compare",
        "_job/test_compare_unknown",
        "_job/test_compare_sent",
        "_options/test_invocation",
        "_options/test_validate",
        "_options/test_cross_checks",
        "_options/test_maps",
    )
]
# Of each file, in percent.
LEAST_SCORE = 90

# Any other status survives: no test reaches the change, or mutmut has no result.
_KILLED = ("killed", "timeout")
_RESULT = re.compile(r"^\s+(?P<name>[\w.ǁ]+__mutmut_\d+): (?P<status>[a-z ]+)$", re.MULTILINE)
_NAME = re.compile(r"(?P<file>\w+)\.x[_ǁ](?P<function>[\wǁ]+?)__mutmut_\d+$")


class Change(t.NamedTuple):
    """What was changed: the function as "file.function" or "file.class.method", or the rows of the table, and what stood there before
    and after."""

    function: str
    line: str
    becomes: str


def results(shown: str) -> dict[str, str]:
    """{name of a change: status} from what `mutmut results --all true` writes."""
    return {found["name"]: found["status"] for found in _RESULT.finditer(shown)}


def function_of(name: str) -> str:
    """The function that a change is in, by its name: ansible_collections.….fields.xǁRowǁpath_in__mutmut_1 is fields.Row.path_in."""
    found = _NAME.search(name)
    if not found:
        raise ValueError(f"mutmut names a change in an unknown way: {name!r}")
    return f"{found['file']}.{found['function'].replace('ǁ', '.')}"


def change(name: str, shown: str) -> Change:
    """A change from what `mutmut show` writes: a difference of the function."""
    lines = [line for line in shown.splitlines() if not line.startswith(("---", "+++"))]
    before, after = ("\n".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(function_of(name), before, after)


def scores(statuses: t.Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """{file: (killed changes, all changes)}."""
    counted: dict[str, tuple[int, int]] = {}
    for name, status in statuses.items():
        file = function_of(name).partition(".")[0]
        killed, total = counted.get(file, (0, 0))
        counted[file] = (killed + (status in _KILLED), total + 1)
    return counted


def problems(counted: t.Mapping[str, tuple[int, int]], alive: t.Collection[Change], listed: t.Collection[Change]) -> list[str]:
    """What is wrong with a run, as lines."""
    low = [
        f"{file}: {killed} of {total} changes are noticed, less than {LEAST_SCORE} %"
        for file, (killed, total) in counted.items()
        if 100 * killed < LEAST_SCORE * total
    ]
    new = [f"No test notices, and the list does not name: {found}" for found in alive if found not in listed]
    old = [f"The list names, and it does not live: {named}" for named in listed if named not in alive]
    return [*low, *new, *old, *([] if counted else ["mutmut has changed nothing"])]


def laid_out(root: Path) -> Path:
    """An empty folder, but for links to what mutmut copies."""
    folder = collection_tree.workspace(root) / "mutation"
    shutil.rmtree(folder, ignore_errors=True)
    collection = collection_tree.inside(folder)
    collection.mkdir(parents=True)
    for link, target in {
        collection / "plugins": root / "plugins",
        folder / "tests": root / "tests",
        folder / "pyproject.toml": root / "pyproject.toml",
    }.items():
        link.symlink_to(target)
    return folder


def listed_survivors(text: str) -> list[Change]:
    """The changes of the list, each of which has a reason."""
    entries = yaml.safe_load(text) or []
    unreasoned = [entry for entry in entries if not str(entry.get("reason") or "").strip()]
    if unreasoned:
        raise ValueError(f"without a reason: {unreasoned}")
    return [Change(entry["function"], entry["line"], entry["becomes"]) for entry in entries]


def main() -> int:
    """Run, and show the score of each file and what is wrong."""
    folder = laid_out(ROOT)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def mutmut(*arguments: str, capture: bool = True) -> str:
        command = [str(Path(sys.executable).parent / "mutmut"), *arguments]
        stdout = subprocess.PIPE if capture else None
        done = subprocess.run(command, check=True, cwd=folder, env=environment, stdout=stdout, stdin=subprocess.DEVNULL, text=True)
        return done.stdout or ""

    mutmut("run", "--max-children=2", capture=False)
    statuses = results(mutmut("results", "--all", "true"))
    alive = [change(name, mutmut("show", name)) for name, status in statuses.items() if status not in _KILLED]
    rows = row_changes.changes(TABLE.read_text(encoding="utf-8"))
    living = row_changes.alive([row.text for row in rows], folder, TESTS_OF_ROWS)
    alive += [Change(ROWS, row.before, row.after) for row, lives in zip(rows, living) if lives]
    counted = {**scores(statuses), ROWS: (living.count(False), len(rows))}
    for file, (killed, total) in sorted(counted.items()):
        print(f"{file:14} {killed:4} of {total:4} changes noticed: {100 * killed / total:5.1f} %")
    wrong = problems(counted, alive, listed_survivors(SURVIVORS.read_text(encoding="utf-8")))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
