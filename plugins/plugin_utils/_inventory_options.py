# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an inventory file, with the same rules and messages as the options of a task."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils import _task as task
from ..module_utils._errors import OptionError
from ..module_utils._flows import reading
from ..module_utils._options import argument_spec, validate
from . import _raw_options as raw_options

Options = t.Dict[str, t.Any]

# The endings of the names of inventory files.
FILE_NAMES = ("northflank_jobs.yml", "northflank_jobs.yaml", "northflank.yml", "northflank.yaml")

# The keys of a keyed group that ansible-core documents.
_KEYED_GROUP_KEYS = ("key", "prefix", "separator", "parent_group", "default_value", "trailing_separator")
# The types of argument specs whose names differ from those in the documentation of ansible-core.
_TYPES = {"boolean": "bool", None: "str"}


def own_spec() -> argument_spec.Spec:
    """The argument spec of the options that the plugin adds to those of ansible-core."""
    return {
        **argument_spec.connection_spec(),
        "projects": {"type": "list", "elements": "str"},
        "job_type": {"type": "list", "elements": "str", "choices": [reading.MANUAL, reading.CRON], "default": [reading.MANUAL]},
        "filters": argument_spec.filters_spec(),
        "hostname": {"type": "str"},
    }


def validate_options(stated: Options, documented: t.Mapping[str, t.Mapping[str, t.Any]]) -> Options:
    """The options of own_spec(), with their defaults and the values of the environment. Those of ansible-core are checked, too.

    :raises OptionError: if one of them is not valid.
    """
    _check_names(stated, "the options")
    own = own_spec()
    spec = {**{name: _spec_from_documentation(definition) for name, definition in documented.items() if name not in own}, **own}
    known, problem = task.check_options(stated, spec)
    if problem:
        raise OptionError(problem)
    for option in ("compose", "groups"):
        _check_names(known.get(option) or {}, option)
    for name, expression in (known.get("compose") or {}).items():
        # Some versions of ansible-core make it text, others ignore it without a warning.
        if not isinstance(expression, str):
            raise OptionError(f"compose.{name}: {validate.quote_value(expression)} is not text. Quote the Jinja2 expression.")
    for name, condition in (known.get("groups") or {}).items():
        if not isinstance(condition, (str, bool)):
            raise OptionError(f"groups.{name}: {validate.quote_value(condition)} is not a condition. Quote it.")
    for index, group in enumerate(known.get("keyed_groups") or []):
        _check_keyed_group(group, f"keyed_groups[{index}]")
    outcome = ArgumentSpecValidator({name: spec[name] for name in own}).validate({name: known[name] for name in known if name in own})
    if outcome.error_messages:
        raise OptionError("; ".join(outcome.error_messages))
    return {name: outcome.validated_parameters[name] for name in own}


def _spec_from_documentation(definition: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The argument spec of an option from its documentation."""
    of_items = {"elements": definition["elements"]} if "elements" in definition else {}
    return {"type": _TYPES.get(definition.get("type"), definition.get("type")), **of_items}


def _check_names(names: t.Iterable[t.Any], path: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise OptionError(f"{path}: {raw_options.describe_name(name)}.")


def _check_keyed_group(group: t.Mapping[t.Any, t.Any], path: str) -> None:
    """Check what ansible-core does not: it uses a number as the name of a group, and ignores misspelt keys."""
    for name, value in group.items():
        if name not in _KEYED_GROUP_KEYS:
            known = ", ".join(_KEYED_GROUP_KEYS)
            raise OptionError(f"{path}: {validate.quote_value(name)} is not one of {known}.")
        kind, called = (bool, "a boolean") if name == "trailing_separator" else (str, "text. Quote it")
        if value is not None and not isinstance(value, kind):
            raise OptionError(f"{path}.{name}: {validate.quote_value(value)} is not {called}.")


def read_option(name: str, value: t.Any) -> t.Any:
    """The value of an option in plain types.

    :raises OptionError: if it contains a value that no option accepts, such as a date.
    """
    problem = task.join_problems(raw_options.find_problems({name: value}), {})
    if problem:
        raise OptionError(problem)
    return to_plain_types(value)


def to_plain_types(value: t.Any) -> t.Any:
    """A value in plain types, because JSON and HTTP do not accept vaulted, tagged or unsafe text."""
    if isinstance(value, t.Mapping):
        return {str(name): to_plain_types(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain_types(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # str() would keep an unsafe text unsafe.
    return str.__str__(str(value))
