# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The imports of a file, and what plugins may import from ansible-core. Other imports could break with its next version."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# In the process of ansible-core.
ALLOWED = (
    "ansible.plugins.action.ActionBase",
    "ansible.plugins.inventory",
    "ansible.template.trust_as_template",
    "ansible.utils.display.Display",
    "ansible.utils.unsafe_proxy.wrap_var",
    "ansible.errors",
    "ansible.module_utils",
)
# Where a module runs, nothing else of ansible-core exists.
ALLOWED_IN_MODULES = ("ansible.module_utils",)


def imports(file: Path) -> t.Iterator[str]:
    """The full names of everything that a file imports, at its top or in functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module + '.' if node.module else ''}{name.name}" for name in node.names)


def is_below(name: str, allowed: t.Iterable[str]) -> bool:
    """Whether a name is one of these, or below one of them."""
    return any(f"{name}.".startswith(f"{each}.") for each in allowed)


def not_meant_for_plugins(file: Path) -> list[str]:
    """What a file imports from ansible-core although plugins may not."""
    in_modules = file.parent.name in ("modules", "module_utils", "doc_fragments")
    allowed = ALLOWED_IN_MODULES if in_modules else ALLOWED
    return [name for name in imports(file) if is_below(name, ["ansible"]) and not is_below(name, allowed)]
