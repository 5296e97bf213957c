# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options in the file of an inventory: checked by the same rules, and refused in the same words, as those of a task."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils import _task as task
from ..module_utils._errors import OptionError
from ..module_utils._flows import reading
from ..module_utils._options import argument_spec, validate
from . import _raw_options as raw_options

Options = t.Dict[str, t.Any]

# What names a file of an inventory, as the end of its own name.
FILE_NAMES = ("northflank_jobs.yml", "northflank_jobs.yaml", "northflank.yml", "northflank.yaml")

# What a keyed group takes, by the documentation of ansible-core.
_OF_KEYED_GROUPS = ("key", "prefix", "separator", "parent_group", "default_value", "trailing_separator")
# How ansible-core's documentation and its argument specs name a type, where they differ.
_TYPES = {"boolean": "bool", None: "str"}


def own_spec() -> argument_spec.Spec:
    """The argument spec of the options that ansible-core itself knows nothing of."""
    return {
        **argument_spec.connection_spec(),
        "projects": {"type": "list", "elements": "str"},
        "job_type": {"type": "list", "elements": "str", "choices": [reading.MANUAL, reading.CRON], "default": [reading.MANUAL]},
        "filters": argument_spec.filters_spec(),
        "hostname": {"type": "str"},
    }


def validated(stated: Options, documented: t.Mapping[str, t.Mapping[str, t.Any]]) -> Options:
    """The options of own_spec(), with their defaults and what the environment says. Those of ansible-core are looked through, too.

    :raises OptionError: if something is wrong with any of them.
    """
    _check_names(stated, "the options")
    own = own_spec()
    spec = {**{name: _rule(definition) for name, definition in documented.items() if name not in own}, **own}
    known, wrong = task.check_options(stated, spec)
    if wrong:
        raise OptionError(wrong)
    for option in ("compose", "groups"):
        _check_names(known.get(option) or {}, option)
    for name, expression in (known.get("compose") or {}).items():
        # ansible-core makes a text of it, or leaves it out without a word, by its version.
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


def _rule(definition: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The argument spec of an option that is documented as ansible-core does it."""
    of_items = {"elements": definition["elements"]} if "elements" in definition else {}
    return {"type": _TYPES.get(definition.get("type"), definition.get("type")), **of_items}


def _check_names(names: t.Iterable[t.Any], path: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise OptionError(f"{path}: {raw_options.describe_name(name)}.")


def _check_keyed_group(group: t.Mapping[t.Any, t.Any], path: str) -> None:
    """What ansible-core takes as it comes: a number becomes the name of a group, and what is misspelt is left out."""
    for name, value in group.items():
        if name not in _OF_KEYED_GROUPS:
            known = ", ".join(_OF_KEYED_GROUPS)
            raise OptionError(f"{path}: {validate.quote_value(name)} is not one of {known}.")
        kind, called = (bool, "a boolean") if name == "trailing_separator" else (str, "text. Quote it")
        if value is not None and not isinstance(value, kind):
            raise OptionError(f"{path}.{name}: {validate.quote_value(value)} is not {called}.")


def read(name: str, value: t.Any) -> t.Any:
    """The value of an option in plain types.

    :raises OptionError: if it holds what YAML has not read as text, and what no option takes.
    """
    wrong = task.join_problems(raw_options.find_problems({name: value}), {})
    if wrong:
        raise OptionError(wrong)
    return plain(value)


def plain(value: t.Any) -> t.Any:
    """A value in plain types: texts that are vaulted, tagged or unsafe are none to JSON and to HTTP."""
    if isinstance(value, t.Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # An unsafe text stays one in the hands of str() alone.
    return str.__str__(str(value))
