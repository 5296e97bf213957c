# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a clone, in which a file can contain a mutant for a while, and runs of pytest in them, with a time limit."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import typing as t
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import collection_tree
from .mutant_list import Mutant

_Item = t.TypeVar("_Item")


class Stopped(Exception):
    """A run of pytest was ended from outside, and has no result."""


class Verdict(t.NamedTuple):
    """How a run of pytest ended: nothing in noticed_by if all tests passed."""

    noticed_by: str | None
    seconds: float


class Copy:
    """A copy of all files that git tracks in a clone, at the place where Python and Ansible find a collection."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.collections = folder
        self.root = collection_tree.inside(folder)
        self._end: t.Callable[[], None] | None = None
        self._is_stopped = False
        shutil.rmtree(folder, ignore_errors=True)
        collection_tree.copy_files(tree, self.root)

    @contextlib.contextmanager
    def with_mutant(self, mutant: Mutant) -> t.Iterator[None]:
        """Contain a mutant until the end of the block."""
        file = self.root / mutant.path
        source = file.read_text(encoding="utf-8")
        file.write_text(mutant.applied(source), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(source, encoding="utf-8")

    def pytest(self, paths: t.Sequence[str], limit: float, *, before: t.Sequence[str] = ()) -> Verdict:
        """Run tests in the copy, up to the first that fails. Whatever they have started ends with them.

        :raises Stopped: after stop().
        """
        command = [sys.executable, *before, "-m", "pytest", "-x", "-q", "-n", "0", "-rfE", *paths]
        mark = f"NORTHFLANK_MUTANT_RUN={uuid.uuid4().hex}"
        began = time.monotonic()
        # A file, not a pipe, because a process that a test leaves behind would keep a pipe open.
        output = self.collections / "output.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self._environment(mark),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._end = functools.partial(_end, process, mark)
            try:
                status: int | None = process.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                _end(process, mark)
                self._end = None
        if self._is_stopped:
            raise Stopped
        seconds = time.monotonic() - began
        text = output.read_text(encoding="utf-8", errors="replace")
        return Verdict(f"time-out after {limit:.0f} s" if status is None else noticed_by(status, text), seconds)

    def stop(self) -> None:
        """End what runs in the copy, and run nothing else there."""
        self._is_stopped = True
        if self._end:
            self._end()

    def _environment(self, mark: str) -> dict[str, str]:
        """That of units and integration tests in one. Bytecode is not kept: a mutant may be as old and as long as its file."""
        left_out = ("PYTEST_", "NORTHFLANK_", "COVERAGE_", "EXPLORE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        name, unused, value = mark.partition("=")
        return {
            **kept,
            name: value,
            "PYTHONPATH": os.pathsep.join([str(self.collections), str(self.root / "tests")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NORTHFLANK_COLLECTIONS": str(self.collections),
            "NORTHFLANK_IN_PROCESS": "",
        }


def noticed_by(status: int, text: str) -> str | None:
    """The first test that failed, or how pytest itself ended, from its exit status and its output."""
    if status == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", text, re.MULTILINE)
    last = (text.strip().splitlines() or [""])[-1]
    return found.group(1) if found else f"exit status {status} of pytest: {last[:200]}"


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End a process with everything that it has started. Workers of ansible-core have left its group, but have the mark."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def in_parallel(copies: t.Sequence[Copy], do: t.Callable[[Copy, _Item], None], items: t.Sequence[_Item]) -> None:
    """Do something with each item, in one of the copies. The first failure, Ctrl-C among them, ends it all."""
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)
    is_over = threading.Event()

    def do_one(item: _Item) -> None:
        if not is_over.is_set():
            copy = free.get()
            try:
                do(copy, item)
            except BaseException:
                is_over.set()
                raise
            finally:
                free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        try:
            for future in [pool.submit(do_one, item) for item in items]:
                future.result()
        except BaseException:
            is_over.set()
            for copy in copies:
                copy.stop()
            raise
