# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plugins import, and what of ansible-core is meant for plugins: whoever reaches deeper breaks with the next version."""

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
# Where a module runs, there is nothing else.
ALLOWED_IN_MODULES = ("ansible.module_utils",)


def imports(file: Path) -> t.Iterator[str]:
    """The whole names of all that a file imports, at its top or within."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module + '.' if node.module else ''}{name.name}" for name in node.names)


def is_below(name: str, allowed: t.Iterable[str]) -> bool:
    """Whether a name is one of these, or stands below it."""
    return any(f"{name}.".startswith(f"{each}.") for each in allowed)


def not_meant_for_plugins(file: Path) -> list[str]:
    """What a file imports of ansible-core that it should not."""
    in_modules = file.parent.name in ("modules", "module_utils", "doc_fragments")
    allowed = ALLOWED_IN_MODULES if in_modules else ALLOWED
    return [name for name in imports(file) if is_below(name, ["ansible"]) and not is_below(name, allowed)]
