# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the options of a task, before any request.

ansible-core checks the same types and choices, but names neither the item of a list nor the whole path of an option. So the
raw options are looked at here first, by the same converters, and against the documented patterns and bounds of the table.
"""

from __future__ import annotations

import difflib
import json
import math
import typing as t
import unicodedata

from ansible.module_utils.common import validation

from .._job import fields, paths, patterns, values
from . import cross_checks, leftovers, secret_maps
from .argument_spec import Spec
from .secret_maps import Problems

_LONGEST_VALUE = 80
_INTERNAL = "_ansible_"
_LARGEST = 2**63  # far beyond any field, and still a number that JSON readers agree on
# What YAML has not read as text is not text: of 0123 it has made 83.
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
    """Every problem of a task's options as they stand in the task, one sentence each: the option's path, the value, the rule.

    Values of secret options never show. An empty list means that ansible-core's own validation accepts the options too, less
    those that are null (see drop_nulls).
    """
    stated = {name: value for name, value in options.items() if not name.startswith(_INTERNAL)}
    return [*_check_level(stated, spec, "", spec), *leftovers.problems(stated), *cross_checks.check_across_options(stated, spec)]


def drop_nulls(options: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """The options less those that are null: they count as left out, which ansible-core does not grant to each of them."""
    return {
        name: drop_nulls(value, spec[name]["options"]) if isinstance(value, dict) and "options" in spec.get(name, {}) else value
        for name, value in options.items()
        if value is not None
    }


def drop_malformed(options: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """The options less what stands in the place of a dictionary and is none: ansible-core may fail on it without a message."""
    shaped = {name: _shaped(value, spec.get(name, {})) for name, value in options.items()}
    return {name: value for name, value in shaped.items() if value is not paths.MISSING}


def _shaped(value: t.Any, rule: t.Mapping[str, t.Any]) -> t.Any:
    """A value of an option, MISSING if the option takes a dictionary, or a list of them, and the value is none."""
    if rule.get("elements") == "dict":
        of_each = {**rule, "type": "dict", "elements": None}
        return [_shaped(item, of_each) for item in value if isinstance(item, dict)] if isinstance(value, list) else paths.MISSING
    if rule.get("type") != "dict":
        return value
    if not isinstance(value, dict):
        return paths.MISSING
    return drop_malformed(value, rule["options"]) if "options" in rule else value


def _check_level(stated: t.Mapping[str, t.Any], spec: Spec, path: str, whole: Spec) -> Problems:
    prefix = f"{path}." if path else ""
    for name in stated:
        if name not in spec:
            yield f"{prefix}{name}: unknown option{_suggestion(name, spec, prefix, whole)}"
    for name, rule in spec.items():
        if stated.get(name) is not None:
            yield from _check_option(stated[name], rule, prefix + name, whole)
        elif rule.get("required"):
            yield f"{prefix}{name}: is required"


def _check_option(value: t.Any, rule: t.Mapping[str, t.Any], path: str, whole: Spec) -> Problems:
    row = fields.BY_OPTION.get(_without_indexes(path))
    try:
        converted = convert(value, rule["type"])
    except TypeError:
        # A marked option may be a secret.
        shown = "the value" if "no_log" in rule else quote_value(value)
        if "choices" in rule and rule["type"] == "str":
            yield f"{path}: {shown} is not one of {', '.join(rule['choices'])}"
        else:
            yield f"{path}: {shown} is not {_CONVERTERS[rule['type']][1]}{_how_to_write(value, rule['type'])}"
        return
    if row is not None and row.secret:
        yield from secret_maps.check_secret_map(row, converted, path)
    elif rule["type"] == "list":
        yield from _check_items(converted, rule, row, path, whole)
    elif "options" in rule:
        yield from _check_level(converted, rule["options"], path, whole)
    elif "choices" in rule and converted not in rule["choices"]:
        choices = ", ".join(map(str, rule["choices"]))
        yield f"{path}: {quote_value(value)} is not one of {choices}{_nearest(str(converted), list(map(str, rule['choices'])))}"
    elif row is not None:
        yield from check_bounds(row, converted, path)


def _check_items(items: list[t.Any], rule: t.Mapping[str, t.Any], row: fields.Row | None, path: str, whole: Spec) -> Problems:
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        try:
            converted = convert(item, rule["elements"])
        except TypeError:
            yield f"{where}: {quote_value(item)} is not {_CONVERTERS[rule['elements']][1]}{_how_to_write(item, rule['elements'])}"
            continue
        if "options" in rule:
            yield from _check_level(converted, rule["options"], where, whole)
        elif row is not None:
            yield from check_bounds(row, converted, where)


def convert(value: t.Any, type_name: str) -> t.Any:
    """A value converted as ansible-core does it, less what it takes by accident: a boolean for a number, a text for a dictionary.

    :raises TypeError: if it cannot be.
    """
    accepted = _ACCEPTED.get(type_name)
    if value is None or (isinstance(value, bool) and type_name != "bool") or (accepted and not isinstance(value, accepted)):
        raise TypeError
    if type_name == "list" and isinstance(value, str) and (not value.strip() or isinstance(_json(value), list)):
        raise TypeError  # nothing, or JSON, which ansible-core would take apart at its commas
    try:
        converted = _CONVERTERS[type_name][0](value)
    except (ValueError, OverflowError):
        raise TypeError from None
    if (type_name == "int" and abs(converted) >= _LARGEST) or (type_name == "float" and not math.isfinite(converted)):
        raise TypeError
    return converted


def check_bounds(row: fields.Row, value: t.Any, path: str) -> Problems:
    """The documented pattern, lengths and bounds of a field, for one value (one item of a list)."""
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
    """A value that is not secret, as a message shows it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _without_indexes(path: str) -> str:
    """health_checks[1].port as the table writes it: health_checks[].port."""
    head, bracket, rest = path.partition("[")
    return f"{head}[]{rest.partition(']')[2]}" if bracket else path


def _clear_advice(row: fields.Row) -> str:
    return f". To clear the field, use {json.dumps(row.cleared_by)}" if row.cleared_by is not None else ""


def _how_to_write(value: t.Any, type_name: str) -> str:
    """What to do about a value of the wrong type, where that can be told."""
    if type_name in ("str", "path"):
        return values.how_to_write_text(value)
    if isinstance(value, str) and not value.strip():
        return ". If it may be empty, use the filter default(omit, true)"
    if type_name in ("dict", "list"):
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            return ". For text that contains JSON, use the filter from_json. In an ad-hoc command, write all options as one JSON object"
        return ". Write it as a list, such as [a, b]" if type_name == "list" else ". Write it as a dictionary, such as {name: value}"
    return ""


def _json(text: str) -> t.Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _suggestion(name: str, spec: Spec, prefix: str, whole: Spec) -> str:
    """The nearest option of the same level, else the one of that name at another."""
    near = _closest(name, list(spec))
    if near:
        return f". Did you mean {prefix}{near}?"
    elsewhere = {paths.name_of(path): path for path in reversed(list(_leaves(whole)))}
    near = _closest(name, list(elsewhere))
    return f". Did you mean {elsewhere[near]}?" if near else ""


def _leaves(spec: Spec, prefix: str = "") -> t.Iterator[str]:
    """The paths of the options of a spec that have none below them, as the table writes them."""
    for name, rule in spec.items():
        if "options" in rule:
            yield from _leaves(rule["options"], f"{prefix}{name}[]." if rule["type"] == "list" else f"{prefix}{name}.")
        else:
            yield prefix + name


def _nearest(text: str, choices: list[str]) -> str:
    near = _closest(text, choices)
    return f". Did you mean {near}?" if near else ""


def _closest(name: str, candidates: list[str]) -> str:
    by_plain_name = {candidate.replace("_", "").lower(): candidate for candidate in candidates}
    matches = difflib.get_close_matches(name.replace("_", "").lower(), by_plain_name, n=1, cutoff=0.75)
    return by_plain_name[matches[0]] if matches else ""
