# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translates values of single fields between the option, the canonical form, the response and the body of PATCH.

The canonical form is that of the PATCH body, with two differences: a file is a File, and None means "known to be not set" (null
in the body, where the API documents null).
"""

from __future__ import annotations

import base64
import json
import math
import typing as t

from . import fields, paths

DEFAULT_ENCODING = "utf-8"
# The API stores another value for this function at each write, so the stored value never equals the option.
RANDOM_FUNCTION = "${fn.randomSecret"


class File(t.NamedTuple):
    """A file of a secret map. data is base64. The encoding is compared only if the task sets it."""

    data: str
    encoding: str | None = None
    encoding_stated: bool = False

    @property
    def content(self) -> bytes:
        """The decoded bytes, or the bytes of data itself if a response contains no base64."""
        try:
            return decode(self.data)
        except ValueError:
            return self.data.encode()

    @property
    def text(self) -> str:
        """The content as text in its encoding, or in UTF-8 if the encoding is not set. If that fails, in UTF-8 with replacements."""
        try:
            return self.content.decode(self.encoding or DEFAULT_ENCODING)
        except (LookupError, UnicodeError):
            return self.content.decode(errors="replace")


def decode(data: str) -> bytes:
    """The bytes of a base64 text. Line breaks and missing padding are allowed.

    :raises ValueError: if the text is not base64.
    """
    text = "".join(line.strip() for line in data.splitlines()).rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def variable_text(value: t.Any) -> str:
    """The text of a variable's value: booleans as true and false, whole numbers as JSON writes them.

    :raises ValueError: for null, a list, a dictionary, a number with a decimal point, or a NUL character. The message contains no value.
    """
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("the value contains a NUL character, which no environment variable can contain. Use a file, with data")
        return str(value)
    if isinstance(value, (bool, int)):
        return json.dumps(value)
    if value is None:
        raise ValueError("the value is null, not text. Quote it, or leave the name out")
    if isinstance(value, float):
        raise ValueError(
            f"the value is a number with a decimal point, and YAML does not keep its digits (1.10 becomes 1.1){text_advice(value)}"
        )
    raise ValueError(f"the value is not text{text_advice(value, may_be_data=True)}")


def text_advice(value: t.Any, may_be_data: bool = False) -> str:
    """What to do about a value that is not text, as the end of a message. Empty for null.

    may_be_data: the value can also be data that is meant to become JSON, such as that of a variable.
    """
    if isinstance(value, (dict, list)):
        return f". For text that reads as JSON, use the filter string{'. For data, use the filter to_json' if may_be_data else ''}"
    return ". Quote it, or use the filter string in a template" if value is not None else ""


def file_from_option(entry: t.Mapping[str, t.Any]) -> File:
    """A file from the task: {content or data, encoding}.

    :raises ValueError: if the content cannot be encoded, or if data is not base64. The message contains no value.
    """
    encoding = entry.get("encoding")
    if entry.get("data") is not None:
        try:
            return File(base64.b64encode(decode(entry["data"])).decode(), encoding, encoding is not None)
        except ValueError:
            raise ValueError("the value is not base64. For plain text, use content") from None
    try:
        content = entry["content"].encode(encoding or DEFAULT_ENCODING)
    except LookupError:
        raise ValueError("the encoding is unknown to Python. Use data, with the bytes as base64") from None
    except UnicodeError:
        raise ValueError("the content has characters that its encoding does not have. Leave encoding out, or use data") from None
    return File(base64.b64encode(content).decode(), encoding or DEFAULT_ENCODING, encoding is not None)


def from_option(row: fields.Row, value: t.Any) -> t.Any:
    """The canonical value of a validated option."""
    if row.cleared_by is not None and value == row.cleared_by:
        return None
    if row.kind == fields.SET:
        return list(dict.fromkeys(value))
    if row.kind in (fields.VARIABLES, fields.LABELS):
        return {name: variable_text(text) for name, text in value.items()}
    if row.kind == fields.FILES:
        return {name: file_from_option(entry) for name, entry in value.items()}
    if row.kind == fields.HEALTH_CHECKS:
        return [_check_from_option(check) for check in value]
    return value


def index_items(row: fields.Row, items: t.Iterable[dict[str, t.Any]]) -> dict[t.Any, dict[str, t.Any]]:
    """The items of a field by the member that pairs them: {value of row.pair_by: item}."""
    return {item.get(row.pair_by): item for item in items}


def are_checks_equal(row: fields.Row, desired: list[dict[str, t.Any]], known: list[dict[str, t.Any]]) -> bool:
    """Whether the known health checks have the desired types and no others, each with all desired members. All are canonical."""
    paired = index_items(row, known)
    return len(desired) == len(known) and all(check.items() <= paired.get(check[row.pair_by], {}).items() for check in desired)


def to_option(row: fields.Row, value: t.Any) -> t.Any:
    """The option for a canonical value that is set. Not for secret rows."""
    if row.kind != fields.HEALTH_CHECKS:
        return value
    return [
        {paths.name_of(member.option): check[name] for member in fields.CHECK_MEMBERS if (name := paths.name_of(member.path)) in check}
        for check in value
    ]


def from_response(row: fields.Row, value: t.Any) -> t.Any:
    """The canonical value of a field's value in a response, MISSING if it has an unknown type."""
    if _means_not_set(row, value):
        return None
    if row.kind in (fields.VARIABLES, fields.LABELS) and isinstance(value, dict):
        return {name: text if isinstance(text, str) else json.dumps(text) for name, text in value.items()}
    if row.kind == fields.FILES and isinstance(value, dict):
        return _missing_if_incomplete({name: _file_from_response(entry) for name, entry in value.items()})
    if row.kind == fields.HEALTH_CHECKS and isinstance(value, list):
        checks = [_check_from_response(check) for check in value]
        return paths.MISSING if any(check is paths.MISSING for check in checks) else checks
    if row.kind in (fields.SET, fields.LIST) and isinstance(value, list):
        return value if all(isinstance(item, str) for item in value) else paths.MISSING
    if row.kind == fields.TEXT and isinstance(value, str):
        return value
    if row.kind == fields.BOOLEAN and isinstance(value, bool):
        return value
    if row.kind in (fields.INTEGER, fields.NUMBER) and isinstance(value, (int, float)) and not isinstance(value, bool):
        if row.kind == fields.NUMBER:
            return value if math.isfinite(value) else paths.MISSING
        return int(value) if math.isfinite(value) and value == int(value) else paths.MISSING
    return paths.MISSING


def _means_not_set(row: fields.Row, value: t.Any) -> bool:
    """Whether a value in a response means "not set": null, or the value that clears the field. A secret map that is null can be hidden."""
    if value is None:
        return not row.secret
    return row.cleared_by is not None and value == row.cleared_by and not isinstance(value, bool)


def to_wire(row: fields.Row, value: t.Any) -> t.Any:
    """The value in the body of PATCH for a canonical value."""
    if row.kind == fields.FILES:
        return {name: {"data": file.data, **({} if file.encoding is None else {"encoding": file.encoding})} for name, file in value.items()}
    return value


def _check_from_option(check: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        paths.name_of(member.path): value
        for member in fields.CHECK_MEMBERS
        if (value := check.get(paths.name_of(member.option))) is not None
    }


def _file_from_response(entry: t.Any) -> t.Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("data"), str):
        return paths.MISSING
    encoding = entry.get("encoding")
    return File(entry["data"], encoding) if encoding is None or isinstance(encoding, str) else paths.MISSING


def _check_from_response(check: t.Any) -> t.Any:
    if not isinstance(check, dict):
        return paths.MISSING
    canonical = {}
    for member in fields.CHECK_MEMBERS:
        names = (paths.name_of(member.path), *_sort_legacy_names(member, check.get("protocol")))
        value = next((check[name] for name in names if check.get(name) is not None), None)
        if member.kind == fields.INTEGER and isinstance(value, str) and value.isdecimal():
            value = int(value)  # the sub-resource documents no type for its ports
        if value is not None:
            canonical[paths.name_of(member.path)] = from_response(member, value)
    return _missing_if_incomplete(canonical)


def _sort_legacy_names(member: fields.Row, protocol: t.Any) -> list[str]:
    """The older names of a member, first the one of the protocol of its check."""
    first = member.legacy_name_by_protocol.get(protocol) if isinstance(protocol, str) else None
    return sorted(member.legacy_paths, key=lambda name: name != first)


def _missing_if_incomplete(members: dict[str, t.Any]) -> t.Any:
    """The members, or MISSING if one of them is MISSING."""
    return paths.MISSING if any(value is paths.MISSING for value in members.values()) else members
