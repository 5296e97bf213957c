# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates the entries of maps, most of which are secret. No problem contains a value of an entry."""

from __future__ import annotations

import json
import re
import typing as t

from .._job import fields, values

Problems = t.Iterator[str]

_FILE_KEYS = ("content", "data", "encoding")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_map(row: fields.Row, entries: t.Mapping[str, t.Any], path: str) -> Problems:
    """The problems of the entries of a map, each with the path of the entry."""
    for name, value in entries.items():
        where = f'{path}["{name}"]' if row.kind == fields.FILES else f"{path}.{name}"
        if not name:
            yield f"{path}: a name is empty. Write a name, or remove the entry"
        elif _CONTROL.search(name):
            yield (
                f"{path}: the name {json.dumps(name)} contains a control character, such as a line break. "
                "Remove it, in a template with the filter trim"
            )
        elif row.kind == fields.VARIABLES and "=" in name:
            yield f'{where}: the name contains "=", which is not allowed in the name of a variable'
        elif row.kind in (fields.VARIABLES, fields.LABELS):
            try:
                values.variable_text(value)
            except ValueError as error:
                yield f"{where}: {error}"
        else:
            yield from _check_file(value, where)
            if row.absolute_names and not name.startswith("/"):
                yield f"{where}: the name is not an absolute path. It must begin with /"


def _check_file(entry: t.Any, where: str) -> Problems:
    if not isinstance(entry, dict):
        yield f"{where}: the value is not a dictionary with content or data"
        return
    for key in entry:
        if key not in _FILE_KEYS:
            yield f"{where}.{key}: unknown option. A file has content or data, and encoding"
    given = {key: entry[key] for key in _FILE_KEYS if entry.get(key) is not None}
    if ("content" in given) == ("data" in given):
        wrong = "content and data cannot be used together" if given.get("data") is not None else "content or data is required"
        yield f"{where}: {wrong}. Use content for text, or data for base64"
        return
    for key, value in given.items():
        if not isinstance(value, str):
            yield f"{where}.{key}: the value is not text{values.text_advice(value, may_be_data=True)}"
            return
    if given.get("encoding") == "":
        yield f"{where}.encoding: the value is empty. Leave the option out, or use one such as utf-8"
        return
    try:
        values.file_from_option(given)
    except ValueError as error:
        yield f"{where}.{'data' if 'data' in given else 'content'}: {error}"
