# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates leave over in options: texts that nobody meant, and that would be written to the job.

Up to ansible-core 2.18 they arrive as plain text. Later ones refuse most of them, but not the description of a Python object.
"""

from __future__ import annotations

import re
import typing as t

from .._job import values

_DATA = "data"
# What stands for "omit" up to ansible-core 2.18, and what later ones make of it as text; a filter may have changed the case.
_OMIT = re.compile(r"__omit_place_holder__[0-9a-f]{40}|<<omit>>", re.IGNORECASE)
# What Python writes for an object in place of a value: a whole text, or within a line where a template calls no method.
_OBJECT = re.compile(r"<[\w .'-]+ at 0x[0-9a-fA-F]{8,}>|dict_(?:keys|values|items)\(\[.*\]\)|\[?AnsibleUndefined(?:\(hint=.*\))?\]?")
_NOT_CALLED = re.compile(r"<(?:built-in method|bound method|generator object) [\w .]+ at 0x[0-9a-fA-F]{8,}>+")
_TEMPLATE = re.compile(r"\{\{|\{%")


def problems(value: t.Any, path: str = "") -> t.Iterator[str]:
    """The problems of an option's value at any depth, one sentence each: the path and the rule. No value shows, names do."""
    if isinstance(value, t.Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else str(name)
            if path and _TEMPLATE.search(str(name)):
                yield f'{where}: the name contains a template, but ansible-core fills in only values. Write the dictionary as "{{{{ {{name: value}} }}}}"'
            elif _OMIT.search(str(name)) or name == _DATA and _OMIT.search(_decoded(inner)):
                yield f"{where}: {_about_omit()}"
            else:
                yield from problems(inner, where)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from problems(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        if _OMIT.search(value):
            yield f"{path}: {_about_omit()}"
        elif _OBJECT.fullmatch(value.strip()) or "\n" not in value and _NOT_CALLED.search(value):
            yield (
                f"{path}: the value describes a Python object, because a template returned no text and no list. "
                "Call a method with (), or use the filter list"
            )


def _decoded(data: t.Any) -> str:
    """The text of a file that is stated as base64, nothing if it is none."""
    try:
        return values.decode(data).decode(errors="replace") if isinstance(data, str) else ""
    except ValueError:
        return ""


def _about_omit() -> str:
    return (
        "omit works only as a whole option or a whole value of a dictionary, and after all filters. "
        "To leave out a part of a list or of a text, use a condition"
    )
