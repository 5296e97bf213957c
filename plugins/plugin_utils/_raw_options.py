# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what is wrong with the options of a task as YAML and templates return them, before they become JSON.

JSON turns every name, and a date, into text: a variable NO would get the name "false", and later checks could not notice that.
"""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible.module_utils.common import json as ansible_json

# What YAML makes of unquoted names, and of which ones. The name as the file has it is unknown.
_NAME_TYPES = (
    (bool, "a boolean, as yes, no, on and off are in YAML"),
    (int, "a number, as 0123 is in YAML"),
    (float, "a number, as 1.10 is in YAML"),
    (type(None), "null, as ~ is in YAML"),
    (datetime.date, "a date"),
    (bytes, "binary data"),
)
_PLAIN_TYPES = (str, bool, int, float, type(None))


def json_encoding() -> dict[str, t.Any]:
    """The arguments for json.dumps() to encode options as ansible-core does for a module."""
    if hasattr(ansible_json, "get_module_encoder"):  # from 2.19
        return {"cls": ansible_json.get_module_encoder("legacy", ansible_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}


def find_problems(options: t.Mapping[str, t.Any]) -> list[str]:
    """The problems with the options of a task, each with the path of the option, and what to do. They contain names but no values."""
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
    elif not isinstance(value, _PLAIN_TYPES) and not _has_json(value):
        yield f"{path}: the value is of the type {type(value).__name__}, which no option accepts. Use a filter that makes it text, a list or a dictionary"


def describe_name(name: t.Any) -> str:
    """What is wrong with a name that is not text."""
    description = next((description for kind, description in _NAME_TYPES if isinstance(name, kind)), f"of the type {type(name).__name__}")
    quoted = json.dumps(name) if isinstance(name, _PLAIN_TYPES) else name
    return f"the name {quoted} is not text: it is {description}. Quote the name, or use the filter string in a template"


def _is_unfilled(value: t.Any) -> bool:
    """Whether a text still contains its template. Up to 2.18, that happens if DEFAULT_UNDEFINED_VAR_BEHAVIOR is switched off.

    Text that is marked as unsafe, and the result of a template, have other types.
    """
    return type(value).__name__ == "AnsibleUnicode" and ("{{" in value or "{%" in value)


def _has_json(value: t.Any) -> bool:
    """Whether ansible-core can encode a value, such as a vaulted text."""
    try:
        json.dumps(value, **json_encoding())
    except (TypeError, ValueError):
        return False
    return True
