# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs sessions of nox at the same time and shows how long each took: make check, make test, make integration.

A session that uses one core leaves the other one to the next session, so that none of them idles while a playbook waits or the last
tests of a session end. The output of a session is shown whole when it has ended.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from tools import collection_tree, matrix, pythons

ROOT = Path(__file__).resolve().parents[2]
TIMES = collection_tree.workspace(ROOT) / "times"
# The result of the last complete run of "test".
NOTED = TIMES / "test.json"
# One more than there are cores, for when a program waits for another.
LANES = 3
# Set for `make check`, where one session takes longer than all others, and has too few beside it to keep both cores busy.
QUICK, LONGEST_OF_CHECK = "NORTHFLANK_QUICK", "flow"
NOX = (sys.executable, "-m", "nox")
# The longest first, so that short ones fill the gaps. A test compares "test" with the sessions that nox runs by default.
SETS = {
    "check": ("units", "flow", "typing", "formatting"),
    "integration": ("compare_ways", "playbooks", "oldest", "awx_and_scale"),
    "test": (
        "compare_ways",
        "playbooks",
        "units",
        "sanity",
        "awx_and_scale",
        "oldest",
        "flow",
        "units_emulator",
        "ansible_lint",
        "docs",
        "build-import-check",
        "docs-check",
        "typing",
        "lint",
        "license-check",
        "extra-checks",
        "changelog",
        "formatting",
    ),
}


@dataclass(frozen=True)
class Ended:
    """A session that has ended: whether it succeeded, and its seconds."""

    session: str
    is_good: bool
    seconds: float


def main() -> None:
    """Run a set of sessions. If one of them fails, the others continue, and the exit status is 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--set", choices=SETS)
    chosen.add_argument("--tag", help="the sessions of the matrix with this tag, such as matrix-2.19")
    parser.add_argument("arguments", nargs="*", help="for the program that each session runs")
    options = parser.parse_args()
    sessions = SETS[options.set] if options.set else of_matrix(options.tag)
    if not sessions:
        parser.error(f"no session of the matrix has the tag {options.tag}")
    began = time.monotonic()
    if options.set == "check":
        os.environ[QUICK] = "1"
    ended = run(sessions, options.arguments)
    total = time.monotonic() - began
    if options.set == "test" and not options.arguments:
        write_times(ended, total)
    print(table(ended, total), flush=True)
    sys.exit(not all(each.is_good for each in ended))


def of_matrix(tag: str) -> list[str]:
    """The sessions of the matrix with a tag, the longest kinds first."""
    found = [name for cell in matrix.cells(pythons.present(matrix.PYTHONS)) for name, tags in cell.sessions().items() if tag in tags]
    kinds = ("awx_and_scale", "integration", "target", "units", "sanity")
    return sorted(found, key=lambda name: kinds.index(name.partition("-")[0]))


def run(sessions: t.Sequence[str], arguments: t.Sequence[str] = ()) -> list[Ended]:
    """Run sessions at the same time, each in a process of its own."""
    # Two sessions that make the link at the same time would disturb each other.
    collection_tree.linked(ROOT)
    shown = threading.Lock()

    def one(session: str) -> Ended:
        began = time.monotonic()
        print(f"{session}: started", flush=True)
        (TIMES / f"{session}.json").unlink(missing_ok=True)
        done = subprocess.run(
            [*NOX, "--session", session, "--", *arguments],
            check=False,
            cwd=ROOT,
            env=environment(session),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ended = Ended(session, done.returncode == 0, time.monotonic() - began)
        with shown:
            print(f"\n{'=' * 8} {session} {'=' * 8}\n{done.stdout}", flush=True)
        return ended

    with ThreadPoolExecutor(min(LANES, len(sessions))) as lanes:
        return list(lanes.map(one, sessions))


def environment(session: str) -> dict[str, str]:
    """The environment of a session: how many processes run its tests, and a file for the seconds of each file of tests."""
    processes = "2" if session == LONGEST_OF_CHECK and os.environ.get(QUICK) else "0"
    return {**os.environ, "NORTHFLANK_PROCESSES": processes, "NORTHFLANK_TEST_TIMES": str(TIMES / f"{session}.json")}


def table(ended: t.Sequence[Ended], total: float) -> str:
    """The result of each session, the slowest first, and the time of all of them."""
    lines = [
        f"{each.seconds:7.0f} s  {'ok' if each.is_good else 'FAILED':<6}  {each.session}"
        for each in sorted(ended, key=attrgetter("seconds"))[::-1]
    ]
    return "\n".join(["", *lines, f"{total:7.0f} s  in all, {LANES} sessions at a time"])


def write_times(ended: t.Sequence[Ended], total: float) -> None:
    """Note for tests/tools/release_check.py how long all tests took, of which commit, and how long each file of tests."""
    files: dict[str, float] = {}
    for each in ended:
        file = TIMES / f"{each.session}.json"
        for name, seconds in json.loads(file.read_text(encoding="utf-8")).items() if file.is_file() else ():
            files[f"{name} ({each.session})"] = seconds
    noted = {
        "commit": collection_tree.git(ROOT, "rev-parse", "HEAD").strip(),
        "is_good": all(each.is_good for each in ended),
        "seconds": total,
        "files": files,
    }
    TIMES.mkdir(parents=True, exist_ok=True)
    NOTED.write_text(json.dumps(noted, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
