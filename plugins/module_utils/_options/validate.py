# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates the options of a task before any request.

ansible-core checks the same types and choices, but does not name the item of a list or the full path of an option. So this
module validates the options first, with the same converters, and with the documented patterns and limits of the field table.
"""

from __future__ import annotations

import difflib
import json
import math
import typing as t
import unicodedata

from ansible.module_utils.common import validation

from .._job import fields, paths, patterns, values
from . import cross_checks, leftovers, maps
from .argument_spec import Spec
from .maps import Problems

_LONGEST_VALUE = 80
_INTERNAL = "_ansible_"
_LARGEST = 2**63  # more than any field allows, and JSON parsers can differ above it
# A value that YAML has not read as text is refused, because its digits are lost: 0123 is 83.
_ACCEPTED: dict[str, tuple[type, ...]] = {"str": (str,), "path": (str,), "dict": (dict,), "list": (list, tuple, str)}
_CONVERTERS: dict[str, tuple[t.Callable[[t.Any], t.Any], str]] = {
    "bool": (validation.check_type_bool, "a boolean"),
    "int": (validation.check_type_int, "an integer"),
    "float": (validation.check_type_float, "a number"),
    "str": (validation.check_type_str, "text"),
    "path": (validation.check_type_str, "text"),
    "list": (validation.check_type_list, "a list"),
    "dict": (validation.check_type_dict, "a dictionary"),
}


def validate_options(options: t.Mapping[str, t.Any], spec: Spec) -> list[str]:
    """The problems of a task's options, each with the path of the option, what is wrong and what to do, without a final full stop.

    They contain no value of a secret option. If the list is empty, ansible-core's own validation accepts the options too, without
    those that are null (see drop_nulls).
    """
    stated = {name: value for name, value in options.items() if not name.startswith(_INTERNAL)}
    return [*_check_level(stated, spec, "", spec), *leftovers.find_leftovers(stated), *cross_checks.check_across_options(stated, spec)]


def drop_nulls(options: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """The options without those that are null. They count as not set, but ansible-core does not accept null for each option."""
    return {
        name: drop_nulls(value, spec[name]["options"]) if isinstance(value, dict) and "options" in spec.get(name, {}) else value
        for name, value in options.items()
        if value is not None
    }


def drop_malformed(options: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """The options without values that are not dictionaries where one is required: ansible-core can fail on those without a message."""
    well_formed = {name: _drop_malformed_value(value, spec.get(name, {})) for name, value in options.items()}
    return {name: value for name, value in well_formed.items() if value is not paths.MISSING}


def _drop_malformed_value(value: t.Any, rule: t.Mapping[str, t.Any]) -> t.Any:
    """A value of an option, MISSING if the option requires a dictionary or a list of dictionaries and the value is not one."""
    if rule.get("elements") == "dict":
        of_each = {**rule, "type": "dict", "elements": None}
        return (
            [_drop_malformed_value(item, of_each) for item in value if isinstance(item, dict)] if isinstance(value, list) else paths.MISSING
        )
    if rule.get("type") != "dict":
        return value
    if not isinstance(value, dict):
        return paths.MISSING
    return drop_malformed(value, rule["options"]) if "options" in rule else value


def _check_level(stated: t.Mapping[str, t.Any], spec: Spec, path: str, root: Spec) -> Problems:
    prefix = f"{path}." if path else ""
    for name in stated:
        if name not in spec:
            yield f"{prefix}{name}: unknown option{_suggest_option(name, spec, prefix, root)}"
    for name, rule in spec.items():
        if stated.get(name) is not None:
            yield from _check_option(stated[name], rule, prefix + name, root)
        elif rule.get("required"):
            yield f"{prefix}{name}: is required"


def _check_option(value: t.Any, rule: t.Mapping[str, t.Any], path: str, root: Spec) -> Problems:
    row = fields.BY_OPTION.get(_row_option(path))
    try:
        converted = convert(value, rule["type"])
    except TypeError:
        # An option with no_log can be a secret.
        shown = "the value" if "no_log" in rule else quote_value(value)
        if "choices" in rule and rule["type"] == "str":
            yield f"{path}: {shown} is not one of {', '.join(rule['choices'])}"
        else:
            yield f"{path}: {shown} is not {_CONVERTERS[rule['type']][1]}{_type_advice(value, rule['type'])}"
        return
    if row is not None and rule["type"] == "dict":
        yield from maps.check_map(row, converted, path)
    elif rule["type"] == "list":
        yield from _check_items(converted, rule, row, path, root)
    elif "options" in rule:
        yield from _check_level(converted, rule["options"], path, root)
    elif "choices" in rule and converted not in rule["choices"]:
        choices = ", ".join(map(str, rule["choices"]))
        yield f"{path}: {quote_value(value)} is not one of {choices}{_suggest_choice(str(converted), list(map(str, rule['choices'])))}"
    elif row is not None:
        yield from check_bounds(row, converted, path)


def _check_items(items: list[t.Any], rule: t.Mapping[str, t.Any], row: fields.Row | None, path: str, root: Spec) -> Problems:
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        try:
            converted = convert(item, rule["elements"])
        except TypeError:
            yield f"{where}: {quote_value(item)} is not {_CONVERTERS[rule['elements']][1]}{_type_advice(item, rule['elements'])}"
            continue
        if "options" in rule:
            yield from _check_level(converted, rule["options"], where, root)
        elif row is not None:
            yield from check_bounds(row, converted, where)


def convert(value: t.Any, type_name: str) -> t.Any:
    """A value converted as ansible-core does it, but without a boolean as a number or text as a dictionary, which it accepts.

    :raises TypeError: if the value does not have the type.
    """
    accepted = _ACCEPTED.get(type_name)
    if value is None or (isinstance(value, bool) and type_name != "bool") or (accepted and not isinstance(value, accepted)):
        raise TypeError
    if type_name == "list" and isinstance(value, str) and (not value.strip() or isinstance(_parse_json(value), list)):
        raise TypeError  # empty, or JSON, which ansible-core would split at its commas
    try:
        converted = _CONVERTERS[type_name][0](value)
    except (ValueError, OverflowError):
        raise TypeError from None
    if (type_name == "int" and abs(converted) >= _LARGEST) or (type_name == "float" and not math.isfinite(converted)):
        raise TypeError
    return converted


def check_bounds(row: fields.Row, value: t.Any, path: str) -> Problems:
    """The problems of one value, or one item of a list, with the documented pattern, lengths and limits of its field."""
    if row.cleared_by is not None and value == row.cleared_by:
        return
    if isinstance(value, str):
        if row.max_length is not None and len(value) > row.max_length:
            yield f"{path}: {quote_value(value)} has {len(value)} characters. At most {row.max_length} are allowed"
        elif row.pattern is not None and not row.pattern.regex.fullmatch(value):
            yield f"{path}: {_describe_mismatch(row.pattern, value)}{_clear_advice(row)}"
        elif row.min_length is not None and len(value) < row.min_length:
            yield f"{path}: {quote_value(value)} is too short. At least {row.min_length} characters are required{_clear_advice(row)}"
    elif not isinstance(value, bool) and (value < row.least or row.most is not None and value > row.most):
        limits = f"from {row.least} to {row.most}" if row.most is not None else f"{row.least} or more"
        yield f"{path}: {quote_value(value)} is not allowed. It must be {limits}{_clear_advice(row)}"


def _describe_mismatch(pattern: patterns.Pattern, text: str) -> str:
    """What is wrong with a text that does not match: the first character that is not allowed, else the rule."""
    if not text:
        return f"the value is empty. {pattern.if_empty or pattern.rule}"
    position = pattern.find_wrong_character(text)
    if position is None:
        return f"{quote_value(text)} is not allowed. {pattern.rule}"
    return f"the character {_quote_character(text[position])} (position {position + 1}) is not allowed. {pattern.rule}"


def _quote_character(character: str) -> str:
    """A character in quotes, as its code where it would not be visible by itself."""
    is_visible = character.isprintable() and not unicodedata.combining(character)
    return json.dumps(character, ensure_ascii=not is_visible)


def quote_value(value: t.Any) -> str:
    """A value as a message shows it: as JSON, cut after 80 characters. Not for secrets."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _row_option(path: str) -> str:
    """The option of the field table for a path: health_checks[].port for health_checks[1].port."""
    head, bracket, rest = path.partition("[")
    return f"{head}[]{rest.partition(']')[2]}" if bracket else path


def _clear_advice(row: fields.Row) -> str:
    return f". To clear the field, use {json.dumps(row.cleared_by)}" if row.cleared_by is not None else ""


def _type_advice(value: t.Any, type_name: str) -> str:
    """What to do about a value of the wrong type, as the end of a message, or nothing."""
    if type_name in ("str", "path"):
        return values.text_advice(value)
    if isinstance(value, str) and not value.strip():
        return ". If it may be empty, use the filter default(omit, true)"
    if type_name in ("dict", "list"):
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            return ". For text that contains JSON, use the filter from_json. In an ad-hoc command, write all options as one JSON object"
        return ". Write it as a list, such as [a, b]" if type_name == "list" else ". Write it as a dictionary, such as {name: value}"
    return ""


def _parse_json(text: str) -> t.Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _suggest_option(name: str, spec: Spec, prefix: str, root: Spec) -> str:
    """A question for the most similar option of the same level, else of another level, as the end of a message.

    An option of another level that has the same name comes before a similar one of this level.
    """
    elsewhere = {paths.name_of(path): path for path in reversed(list(_option_paths(root)))}
    near, other = (_find_similar(name, list(candidates)) for candidates in (spec, elsewhere))
    if near and (_to_plain(near) == _to_plain(name) or _to_plain(other) != _to_plain(name)):
        return f". Did you mean {prefix}{near}?"
    return f". Did you mean {elsewhere[other]}?" if other else ""


def _option_paths(spec: Spec, prefix: str = "") -> t.Iterator[str]:
    """The paths of the options of a spec that contain no other options, as in the field table."""
    for name, rule in spec.items():
        if "options" in rule:
            yield from _option_paths(rule["options"], f"{prefix}{name}[]." if rule["type"] == "list" else f"{prefix}{name}.")
        else:
            yield prefix + name


def _suggest_choice(text: str, choices: list[str]) -> str:
    near = _find_similar(text, choices)
    return f". Did you mean {near}?" if near else ""


def _find_similar(name: str, candidates: list[str]) -> str:
    by_plain_name = {_to_plain(candidate): candidate for candidate in candidates}
    matches = difflib.get_close_matches(_to_plain(name), by_plain_name, n=1, cutoff=0.75)
    return by_plain_name[matches[0]] if matches else ""


def _to_plain(name: str) -> str:
    """A name without what tells camel case from snake case."""
    return name.replace("_", "").lower()
