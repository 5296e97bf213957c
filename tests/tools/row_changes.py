# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to the rows of the table in fields.py. mutmut changes only functions, and the table is not a function.

A row gets another kind, another state that shows it, or a larger number, or loses a further argument.
"""

from __future__ import annotations

import ast
import importlib
import io
import multiprocessing
import os
import sys
import types
import typing as t
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

_MODULE = "ansible_collections.northflank.cloud.plugins.module_utils._job.fields"
# What the tests need and what does not import the table: loaded once, before a process is forked for each change.
_LOADED_BEFORE = ("ansible.module_utils.basic", "emulator", "harness", "hypothesis.strategies", "requests", "yaml")
_OTHER_KIND = {
    "TEXT": "BOOLEAN",
    "BOOLEAN": "TEXT",
    "INTEGER": "NUMBER",
    "NUMBER": "INTEGER",
    "SET": "LIST",
    "LIST": "SET",
    "VARIABLES": "FILES",
    "FILES": "VARIABLES",
    "LABELS": "VARIABLES",
    "HEALTH_CHECKS": "LIST",
}
_OTHER_STATE = {"ALL": "CURRENT", "CURRENT": "RICH", "RICH": "ALL"}


class RowChange(t.NamedTuple):
    """A change to a row: its option with the argument before, the argument after (empty if it is removed), and the whole text."""

    before: str
    after: str
    text: str


def changes(source: str) -> list[RowChange]:
    """All changes to the rows of a table, each in a text of its own."""
    rows = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Row"]
    return [change for row in rows for change in _of_row(source, row)]


def _of_row(source: str, row: ast.Call) -> t.Iterator[RowChange]:
    arguments = [_text(source, argument) for argument in row.args]
    # Further arguments that some rows share are written as **_SHARED.
    named = {keyword.arg or f"**{_text(source, keyword.value)}": _text(source, keyword.value) for keyword in row.keywords}
    option = ast.literal_eval(row.args[0])

    def change(name: str, old: str, new: str, changed: list[str], kept: dict[str, str]) -> RowChange:
        call = ", ".join([*changed, *(key if key.startswith("**") else f"{key}={value}" for key, value in kept.items())])
        return RowChange(f"{option}: {name}={old}", f"{name}={new}" if new else "", _replaced(source, row, f"Row({call})"))

    kind, state = arguments[2:4]
    yield change("kind", kind, _OTHER_KIND[kind], [*arguments[:2], _OTHER_KIND[kind], state], named)
    # Nothing reads it from other rows.
    if "[]" not in option and "is_fixed" not in named:
        yield change("shown", state, _OTHER_STATE[state], [*arguments[:3], _OTHER_STATE[state]], named)
    for name, value in named.items():
        yield change(name, value, "", arguments, {key: other for key, other in named.items() if key != name})
        if value.isdecimal():
            larger = str(int(value) + 1)
            yield change(name, value, larger, arguments, {**named, name: larger})


def _text(source: str, node: ast.expr) -> str:
    return ast.get_source_segment(source, node) or ""


def _replaced(source: str, node: ast.expr, text: str) -> str:
    """The source with another text for a node. The file is plain ASCII, so columns are characters."""
    lines = source.splitlines(keepends=True)
    before = "".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    end = node.end_lineno or node.lineno
    return before + text + lines[end - 1][node.end_col_offset :] + "".join(lines[end:])


def alive(texts: t.Sequence[str], folder: Path, tests: t.Sequence[str]) -> list[bool]:
    """Of each text of the table, whether all tests pass with it. They run in the folder, two processes at a time.

    :raises RuntimeError: if pytest did not get to run them.
    """
    for name in _LOADED_BEFORE:
        importlib.import_module(name)
    if _MODULE in sys.modules:
        raise RuntimeError("the table is loaded already")
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        codes = pool.starmap(_run, [(text, str(folder), list(tests)) for text in texts], chunksize=1)
    if not set(codes) <= {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        raise RuntimeError(f"pytest has not run the tests: {sorted(set(codes))}")
    return [code == pytest.ExitCode.OK for code in codes]


def _run(text: str, folder: str, tests: list[str]) -> int:
    """The exit status of pytest over the tests, with this text of the table; for a process of its own."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        module = types.ModuleType(_MODULE)
        sys.modules[_MODULE] = module
        try:
            # dont_inherit: this file's own __future__ is not the table's.
            exec(compile(text, f"{_MODULE}.py", "exec", dont_inherit=True), module.__dict__)
        except Exception:
            return int(pytest.ExitCode.INTERRUPTED)  # a table that cannot be loaded is noticed
        return int(pytest.main(["-x", "-q", "--assert=plain", "-p", "no:xdist", "-c", "pyproject.toml", "--rootdir=.", *tests]))
