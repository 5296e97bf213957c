# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the collection, read from its source: each text of two words or more, with a gap for each inserted value."""

from __future__ import annotations

import ast
import functools
import re
import typing as t

from .imports import PLUGINS

GAP = "..."

_FOLDERS = ("module_utils", "plugin_utils", "inventory", "action")
_FILLED_IN = re.compile(r"\{\w+\}")  # by str.format()
_WORD = re.compile(r"[A-Za-z]{2,}")
_DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")


@functools.cache
def templates() -> frozenset[str]:
    """All texts except docstrings and documentation."""
    files = [path for folder in _FOLDERS for path in (PLUGINS / folder).rglob("*.py")]
    texts = (text for path in files for text in _texts(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(" ".join(text.split()) for text in texts if _is_said(text))


def _texts(tree: ast.Module) -> t.Iterator[str]:
    silent = {id(part) for node in ast.walk(tree) if _is_silent(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values if isinstance(part, ast.Constant))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _FILLED_IN.sub(GAP, node.value)


def _is_silent(node: ast.AST) -> bool:
    """Whether it is a docstring, or documentation."""
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id in _DOCUMENTATION for target in node.targets)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_said(text: str) -> bool:
    return " " in text.strip() and len(_WORD.findall(text)) >= 2


def pieces(text: str) -> list[str]:
    """The texts between the gaps."""
    return [piece.strip() for piece in text.split(GAP) if _WORD.search(piece)]


def holds(text: str, parts: t.Sequence[str]) -> bool:
    """Whether a text contains these parts, one after the other. Returns False for no parts."""
    end = 0
    for part in parts:
        start = text.find(part, end)
        if start < 0:
            return False
        end = start + len(part)
    return bool(parts)
