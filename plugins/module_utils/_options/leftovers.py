# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what templates leave behind in options: texts that are not meant as values, but would be written to the job.

Up to ansible-core 2.18, they arrive as plain text. Later versions refuse most of them, but not the description of a Python object.
"""

from __future__ import annotations

import re
import typing as t

from .._job import values

_DATA = "data"
# The placeholder of "omit" up to ansible-core 2.18, and its text in later versions. A filter can have changed the case.
_OMIT = re.compile(r"__omit_place_holder__[0-9a-f]{40}|<<omit>>", re.IGNORECASE)
# The text that Python writes for an object: as the only content of a value, or inside a line if a template does not call a method.
_OBJECT = re.compile(r"<[\w .'-]+ at 0x[0-9a-fA-F]{8,}>|dict_(?:keys|values|items)\(\[.*\]\)|\[?AnsibleUndefined(?:\(hint=.*\))?\]?")
_NOT_CALLED = re.compile(r"<(?:built-in method|bound method|generator object) [\w .]+ at 0x[0-9a-fA-F]{8,}>+")
_OMIT_ADVICE = (
    "omit works only as a whole option or a whole value of a dictionary, and after all filters. "
    "To leave out a part of a list or of a text, use a condition"
)
_TEMPLATE = re.compile(r"\{\{|\{%")


def find_leftovers(value: t.Any, path: str = "") -> t.Iterator[str]:
    """The problems of an option's value at any depth, each with its path and what to do. They contain names, but no values."""
    if isinstance(value, t.Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else str(name)
            if path and _TEMPLATE.search(str(name)):
                yield (
                    f"{where}: the name contains a template, but ansible-core does not fill in templates in names. "
                    'Write the dictionary as "{{ {name: value} }}"'
                )
            elif _OMIT.search(str(name)) or name == _DATA and _OMIT.search(_decode_file(inner)):
                yield f"{where}: {_OMIT_ADVICE}"
            else:
                yield from find_leftovers(inner, where)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from find_leftovers(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        if _OMIT.search(value):
            yield f"{path}: {_OMIT_ADVICE}"
        elif _OBJECT.fullmatch(value.strip()) or "\n" not in value and _NOT_CALLED.search(value):
            yield (
                f"{path}: the value describes a Python object, because a template returned no text and no list. "
                "Call a method with (), or use the filter list"
            )


def _decode_file(data: t.Any) -> str:
    """The text of a file from its base64, empty if it is not base64."""
    try:
        return values.decode(data).decode(errors="replace") if isinstance(data, str) else ""
    except ValueError:
        return ""
