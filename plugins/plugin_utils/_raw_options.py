# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the options of a task as YAML and templates have read them, before JSON makes other values of them.

JSON makes text of every name, and of a date: a variable NO would be called "false", and nobody could tell afterwards.
"""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible.module_utils.common import json as ansible_json

# What YAML makes of texts that are not quoted, and of which ones: the name as it stands in the file is not known any more.
_NAMES = (
    (bool, "a boolean, as yes, no, on and off are in YAML"),
    (int, "a number, as 0123 is in YAML"),
    (float, "a number, as 1.10 is in YAML"),
    (type(None), "null, as ~ is in YAML"),
    (datetime.date, "a date"),
    (bytes, "binary data"),
)
_PLAIN = (str, bool, int, float, type(None))


def encoding() -> dict[str, t.Any]:
    """How ansible-core writes the options of a module, for json.dumps()."""
    if hasattr(ansible_json, "get_module_encoder"):  # from 2.19
        return {"cls": ansible_json.get_module_encoder("legacy", ansible_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}


def find_problems(options: t.Mapping[str, t.Any]) -> list[str]:
    """The problems of a task's options, one sentence each: the option's path, and what to do. No value shows, names do."""
    try:
        return list(_find_problems(options, ""))
    except RecursionError:
        return ["An option contains itself. Look for a YAML anchor that is used within its own value"]


def _find_problems(value: t.Any, path: str) -> t.Iterator[str]:
    if isinstance(value, t.Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else f"{name}"
            if isinstance(name, str):
                yield from _find_problems(inner, where)
            else:
                yield f"{path or 'the options'}: {describe_name(name)}"
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _find_problems(inner, f"{path}[{index}]")
    elif isinstance(value, datetime.date):
        yield f"{path}: the value is a date, not text. Quote it, or use the filter string in a template"
    elif isinstance(value, bytes):
        yield f"{path}: the value is binary data, not text. Quote the text without !!binary, or use data of a file"
    elif _is_unfilled(value):
        yield (
            f"{path}: the value contains a template that was not filled in, because a variable is not defined. "
            "Define the variable, or mark the text as !unsafe"
        )
    elif not isinstance(value, _PLAIN) and not _has_json(value):
        yield f"{path}: the value is of the type {type(value).__name__}, which no option accepts. Use a filter that makes it text, a list or a dictionary"


def describe_name(name: t.Any) -> str:
    """What to say of a name that is not text."""
    called = next((called for kind, called in _NAMES if isinstance(name, kind)), f"of the type {type(name).__name__}")
    shown = json.dumps(name) if isinstance(name, _PLAIN) else name
    return f"the name {shown} is not text: it is {called}. Quote the name, or use the filter string in a template"


def _is_unfilled(value: t.Any) -> bool:
    """Whether a text stands as YAML has read it, with a template: up to 2.18, with DEFAULT_UNDEFINED_VAR_BEHAVIOR switched off.

    What was marked as unsafe, and what a template has yielded, is of other types.
    """
    return type(value).__name__ == "AnsibleUnicode" and ("{{" in value or "{%" in value)


def _has_json(value: t.Any) -> bool:
    """Whether ansible-core knows how to write a value, such as a vaulted text."""
    try:
        json.dumps(value, **encoding())
    except (TypeError, ValueError):
        return False
    return True
