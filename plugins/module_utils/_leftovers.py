# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates leave over in options: texts that nobody meant, and that would be written to the job.

Up to ansible-core 2.18 they arrive as plain text. Later ones refuse most of them, but not the description of a Python object.
"""

from __future__ import annotations

import re
import typing as t

# ansible-core puts it where "omit" stands, and takes it out again where it is a whole value.
_OMIT = "__omit_place_holder__"
# As Python describes them; most have an address that is another one in each run.
_OBJECT = re.compile(r"<[\w .'-]+ at 0x[0-9a-fA-F]{4,}>|\bdict_(?:keys|values|items)\(\[|\bAnsibleUndefined\b")
_TEMPLATE = re.compile(r"\{\{|\{%")


def problems(value: t.Any, path: str = "") -> t.Iterator[str]:
    """The problems of an option's value at any depth, one sentence each: the path and the rule. No value shows, names do."""
    if isinstance(value, t.Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else str(name)
            if path and _TEMPLATE.search(str(name)):
                yield f'{where}: the name holds a template, and ansible-core fills in values only: write "{{{{ {{name: value}} }}}}"'
            elif _OMIT in str(name):
                yield f"{where}: {_about_omit()}"
            else:
                yield from problems(inner, where)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from problems(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        if _OMIT in value:
            yield f"{path}: {_about_omit()}"
        elif _OBJECT.search(value):
            yield (
                f"{path}: the value describes a Python object, so a template has not yielded what it should: call a method with (), "
                "and make a list of what is none by the filter list"
            )


def _about_omit() -> str:
    return "omit stands for a whole option or a whole value of a dictionary only: leave a part of a list or of a text out by a condition"
