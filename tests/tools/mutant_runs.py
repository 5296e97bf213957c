# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests try a mutant: a map of which fast test file executes which line, and a table of what the slow ones are about."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import typing as t
from fnmatch import fnmatchcase
from pathlib import Path

from . import collection_tree
from .mutant_copies import Copy, in_parallel
from .mutant_list import Mutant

FAST = ("tests/unit/plugins", "tests/flow")
# With a mutant, tests may take this many seconds, or this multiple of their time without one.
_FAST_SECONDS, _SLOW_SECONDS = 120, 600
_TIMES = 3
# For a run without a mutant.
_MOST_SECONDS = 3600
# They try mutants, and are not tried.
_NOT_TRIED = ("tests/tools/mutant", "tests/unit/tools/")
# The tests in tests/integration for a file of plugins/: the first pattern that matches, then its existing paths, in this order.
_BOTH_WAYS = ("in_process/test_outcomes.py", "in_process/test_run_outcomes.py", "in_process/test_info_outcomes.py")
_SLOW: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("plugins/action/*_run.py", ("in_process/test_run_outcomes.py", "test_output.py", "in_process")),
    ("plugins/action/*_info.py", ("in_process/test_info_outcomes.py", "in_process")),
    ("plugins/action/*", ("in_process",)),
    ("plugins/plugin_utils/_interpreter.py", ("in_process/test_run_as_module.py", "in_process")),
    ("plugins/plugin_utils/_raw_options.py", ("in_process/test_values.py", "inventory/test_options.py")),
    ("plugins/plugin_utils/_sessions.py", ("in_process/test_loops.py", "in_process/test_worker_safety.py", "in_process")),
    ("plugins/plugin_utils/_in_process.py", ("in_process/test_run_as_module.py", "test_output.py", "in_process")),
    ("plugins/plugin_utils/_inventory*.py", ("inventory",)),
    ("plugins/inventory/*", ("inventory",)),
    ("plugins/modules/*_run.py", ("in_process/test_run_outcomes.py", "in_process/test_run_as_module.py")),
    ("plugins/modules/*_info.py", ("in_process/test_info_outcomes.py", "in_process/test_run_as_module.py")),
    ("plugins/modules/*", ("in_process/test_outcomes.py", "in_process/test_run_as_module.py")),
    ("*/reading.py", (*_BOTH_WAYS, "info", "test_*.py")),
    ("*/pages.py", ("info", "in_process/test_info_outcomes.py", "inventory/test_jobs.py")),
    ("*/listing.py", ("info", "in_process/test_info_outcomes.py", "inventory/test_jobs.py")),
    ("*/info.py", ("info", "in_process/test_info_outcomes.py")),
    ("*/_flows/run.py", ("in_process/test_run_outcomes.py", "test_run_faults.py")),
    ("*/watch.py", ("in_process/test_run_outcomes.py", "test_run_faults.py")),
    ("*/log*.py", ("in_process/test_run_outcomes.py", "test_run_faults.py")),
    ("*/_module.py", (*_BOTH_WAYS, "test_complaints.py", "in_process")),
    ("*/_task.py", ("test_complaints.py", "test_secrets.py", *_BOTH_WAYS, "in_process", "network")),
    ("*/settings.py", ("network", "in_process/test_environment.py", "test_*.py")),
    ("*/transport.py", ("network", "in_process/test_environment.py", "in_process/test_run_as_module.py", "test_*.py")),
    ("*/deadline.py", ("network", "in_process/test_environment.py", "test_*.py")),
    ("*/masking.py", ("test_secrets.py", "test_*.py", "in_process/test_outcomes.py", "in_process/test_values.py")),
    ("*/invocation.py", ("test_secrets.py", "test_*.py", "in_process/test_outcomes.py", "in_process/test_values.py")),
    ("*", ("test_*.py", "in_process/test_outcomes.py", "in_process/test_values.py")),
)


class Broken(RuntimeError):
    """The tests do not pass without a mutant."""


def slow(tree: Path, mutated: str) -> list[str]:
    """The test files of tests/integration that touch a file of plugins/, the most relevant first."""
    patterns = next(paths for pattern, paths in _SLOW if fnmatchcase(mutated, pattern))
    found = [path for pattern in patterns for path in sorted((tree / "tests" / "integration").glob(pattern))]
    files = [file for path in found for file in (sorted(path.rglob("test_*.py")) if path.is_dir() else [path])]
    return list(dict.fromkeys(file.relative_to(tree).as_posix() for file in files))


def tree_hash(tree: Path) -> str:
    """A value that differs for each state of plugins/ and tests/."""
    digest = hashlib.sha256()
    for file in collection_tree.files(tree):
        name = file.as_posix()
        if name.startswith(("plugins/", "tests/")) and not name.startswith(_NOT_TRIED) and (tree / file).is_file():
            digest.update(f"{name}\0{hashlib.sha256((tree / file).read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


class Tests:
    """The tests of a tree: which of them execute a line, and how long they take without a mutant. It is kept in a folder."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self._tree = tree
        self._folder = folder
        self._lock = threading.Lock()
        self._kept = folder / "tests.json"
        kept = json.loads(self._kept.read_text(encoding="utf-8")) if self._kept.exists() else {}
        # {test file: {"seconds", "lines": {file of plugins/: its lines}}}
        self._map: dict[str, t.Any] = kept.get("map", {})
        # {tests: the seconds that they took, all in one process}
        self._passed: dict[str, float] = kept.get("passed", {})

    def explore(self, copies: t.Sequence[Copy]) -> None:
        """Find out which lines each fast test file executes.

        :raises Broken: if one of them fails.
        """
        files = [path.relative_to(self._tree).as_posix() for folder in FAST for path in sorted((self._tree / folder).rglob("test_*.py"))]
        unknown = [file for file in files if file not in self._map]

        def explore_one(copy: Copy, file: str) -> None:
            executed = self._executed(copy, file)
            with self._lock:
                self._map[file] = executed
                self._keep()
            print(f"{file} takes {executed['seconds']:.1f} s", flush=True)

        in_parallel(copies, explore_one, unknown)

    def _executed(self, copy: Copy, file: str) -> dict[str, t.Any]:
        import coverage  # only the session mutants has it

        data = copy.collections / "coverage"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        settings = data / "settings"
        settings.write_text(
            "[run]\nparallel = true\npatch = _exit, fork, subprocess\ndisable_warnings = no-data-collected\n", encoding="utf-8"
        )
        run = ["-m", "coverage", "run", f"--rcfile={settings}", f"--data-file={data / 'data'}", f"--include={copy.root}/plugins/*"]
        verdict = copy.pytest([file], _MOST_SECONDS, before=run)
        if verdict.noticed_by:
            raise Broken(f"{file} fails without a mutant: {verdict.noticed_by}")
        lines: dict[str, set[int]] = {}
        for path in data.glob("data*"):
            read = coverage.CoverageData(str(path))
            read.read()
            for measured in read.measured_files():
                name = os.path.relpath(measured, copy.root)
                lines.setdefault(name, set()).update(read.lines(measured) or ())
        return {"seconds": round(verdict.seconds, 2), "lines": {name: sorted(found) for name, found in sorted(lines.items())}}

    def fast(self, mutant: Mutant) -> list[str]:
        """The fast test files that execute the line of a mutant: the quick ones and those that are about its file first."""
        return ordered(self._map, mutant.path, mutant.line, mutant.last_line)

    def fast_limit(self, files: t.Sequence[str]) -> float:
        """The seconds that fast test files may take together with a mutant."""
        return max(_FAST_SECONDS, _TIMES * sum(self._map[file]["seconds"] for file in files))

    def slow_limit(self, copy: Copy, file: str) -> float:
        """The seconds that a slow test file may take with a mutant. One that is new here is run without one, in this copy."""
        return max(_SLOW_SECONDS, _TIMES * self.without_mutant(copy, [file]))

    def without_mutant(self, copy: Copy, files: t.Sequence[str]) -> float:
        """The seconds that test files take without a mutant, all in one process.

        :raises Broken: if they fail.
        """
        name = " ".join(files)
        with self._lock:
            if name not in self._passed:
                verdict = copy.pytest(files, _MOST_SECONDS)
                if verdict.noticed_by:
                    raise Broken(f"{name} fails without a mutant: {verdict.noticed_by}")
                self._passed[name] = round(verdict.seconds, 2)
                self._keep()
            return self._passed[name]

    def _keep(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write(self._kept, {"map": self._map, "passed": self._passed})


def ordered(executed: t.Mapping[str, t.Any], path: str, first: int, last: int) -> list[str]:
    """The test files that execute one of these lines, the quick and specific ones first."""
    wanted = set(range(first, last + 1))

    def cost(file: str) -> float:
        lines = executed[file]["lines"]
        return float(executed[file]["seconds"] * sum(map(len, lines.values())) / len(lines[path]))

    return sorted((file for file in executed if wanted & set(executed[file]["lines"].get(path, ()))), key=lambda file: (cost(file), file))


def write(file: Path, content: t.Any) -> None:
    """Write JSON, all or nothing."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(f"{json.dumps(content, indent=1)}\n", encoding="utf-8")
    new.replace(file)
