# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds problems in the options of a task as YAML and templates have read them, before JSON converts them.

JSON converts every name and every date to text: a variable NO would be called "false", which cannot be noticed afterwards.
"""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible.module_utils.common import json as ansible_json

# The types that YAML reads from names without quotes, each with examples. The name as it is in the file is not known any more.
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
    """The arguments of json.dumps() with which ansible-core writes the options of a module."""
    if hasattr(ansible_json, "get_module_encoder"):  # from 2.19
        return {"cls": ansible_json.get_module_encoder("legacy", ansible_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}


def find_problems(options: t.Mapping[str, t.Any]) -> list[str]:
    """The problems of a task's options, each with the path of the option and what to do. They contain names, but no values."""
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
    elif _is_unfilled_template(value):
        yield (
            f"{path}: the value contains a template that was not filled in, because a variable is not defined. "
            "Define the variable, or mark the text as !unsafe"
        )
    elif not isinstance(value, _PLAIN) and not _is_json_serializable(value):
        yield f"{path}: the value is of the type {type(value).__name__}, which no option accepts. Use a filter that makes it text, a list or a dictionary"


def describe_name(name: t.Any) -> str:
    """The problem of a name that is not text: its type, and what to do."""
    called = next((called for kind, called in _NAMES if isinstance(name, kind)), f"of the type {type(name).__name__}")
    shown = json.dumps(name) if isinstance(name, _PLAIN) else name
    return f"the name {shown} is not text: it is {called}. Quote the name, or use the filter string in a template"


def _is_unfilled_template(value: t.Any) -> bool:
    """Whether a text from YAML still contains a template: up to 2.18, with DEFAULT_UNDEFINED_VAR_BEHAVIOR switched off.

    Unsafe texts and results of templates have other types.
    """
    return type(value).__name__ == "AnsibleUnicode" and ("{{" in value or "{%" in value)


def _is_json_serializable(value: t.Any) -> bool:
    """Whether ansible-core can write a value as JSON, such as a vaulted text."""
    try:
        json.dumps(value, **encoding())
    except (TypeError, ValueError):
        return False
    return True
