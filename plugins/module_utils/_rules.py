# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that one option's type cannot tell: between options, and for the entries of secret maps, whose values never show."""

from __future__ import annotations

import json
import math
import re
import typing as t

from ansible.module_utils.common import validation
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _paths as paths
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import APPLY, Spec

Problems = t.Iterator[str]

_NEEDED_BY_PROTOCOL = {"HTTP": ("path", "port"), "CMD": ("cmd",), "TCP": ("port",)}
# Of the deployment of a run: the contract has one or the other.
_IMAGES = ("internal", "external")
_FILE_KEYS = ("content", "data", "encoding")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def between_options(stated: t.Mapping[str, t.Any], spec: Spec) -> Problems:
    """The problems between the options of a task as they stand in it, whatever their types are."""
    yield from _health_checks(stated.get("health_checks"))
    yield from _exclusive(stated, "build_settings", map(paths.name_of, fields.WAYS_TO_BUILD), "state the one that the job builds with")
    yield from _exclusive(stated, "deployment", _IMAGES, "state where the image of the run comes from")
    if "poll_interval" in spec:
        yield from _waits(stated)
    # Only what is compared has to be the same at each look.
    if "unreadable" in spec and stated.get("unreadable") != APPLY:
        yield from _random_values(stated)


def entries(row: fields.Row, entries_: t.Mapping[str, t.Any], path: str) -> Problems:
    """The problems of the entries of a secret map."""
    for name, value in entries_.items():
        where = f'{path}["{name}"]' if row.kind == fields.FILES else f"{path}.{name}"
        if not name:
            yield f"{path}: a name is empty: write the one that is meant"
        elif _CONTROL.search(name):
            yield (
                f"{path}: the name {json.dumps(name)} holds a control character, such as a line break: take it out, "
                "by the filter trim at the end of a template"
            )
        elif row.kind == fields.VARIABLES and "=" in name:
            yield f'{where}: the name holds "=", which no name of a variable can'
        elif row.kind == fields.VARIABLES:
            try:
                values.variable_text(value)
            except ValueError as error:
                yield f"{where}: {error}"
        else:
            yield from _file(value, where)
            if row.option != "docker_secret_mounts" and not name.startswith("/"):
                yield f"{where}: the name is no absolute path, it must begin with /"


def _file(entry: t.Any, where: str) -> Problems:
    if not isinstance(entry, dict):
        yield f"{where}: the value is no dictionary with content or data"
        return
    for key in entry:
        if key not in _FILE_KEYS:
            yield f"{where}.{key}: there is no such option, a file takes content or data, and encoding"
    given = {key: entry[key] for key in _FILE_KEYS if entry.get(key) is not None}
    if ("content" in given) == ("data" in given):
        yield f"{where}: it takes either content (text) or data (base64), {'not both' if 'data' in given else 'and has neither'}"
        return
    for key, value in given.items():
        if not isinstance(value, str):
            yield f"{where}.{key}: the value is not text{values.how_to_write_text(value, may_be_data=True)}"
            return
    if given.get("encoding") == "":
        yield f"{where}.encoding: it is empty, leave it out or name one such as utf-8"
        return
    try:
        values.file_from_option(given)
    except ValueError as error:
        yield f"{where}.{'data' if 'data' in given else 'content'}: {error}"


def _health_checks(checks: t.Any) -> Problems:
    if not isinstance(checks, list):
        return
    first_of_type: dict[str, int] = {}
    for index, check in enumerate(checks):
        if not isinstance(check, dict):
            continue
        protocol, kind = check.get("protocol"), check.get("type")
        for name in _NEEDED_BY_PROTOCOL.get(protocol, ()) if isinstance(protocol, str) else ():
            if check.get(name) is None:
                yield f"health_checks[{index}].{name}: it is required, since protocol is {protocol}"
        if isinstance(kind, str) and first_of_type.setdefault(kind, index) != index:
            yield f"health_checks[{index}].type: {kind} is the type of health_checks[{first_of_type[kind]}] too, each type can stand once"


def _exclusive(options: t.Mapping[str, t.Any], option: str, names: t.Iterable[str], advice: str) -> Problems:
    members = options.get(option)
    if not isinstance(members, dict):
        return
    stated = [name for name in names if _states_anything(members.get(name))]
    if len(stated) > 1:
        yield f"{option}: {' and '.join(stated)} exclude each other, {advice}"


def _states_anything(value: t.Any) -> bool:
    if isinstance(value, dict):
        return any(_states_anything(item) for item in value.values())
    return value is not None


def _waits(stated: t.Mapping[str, t.Any]) -> Problems:
    try:
        first, longest = (validation.check_type_float(stated.get(name)) for name in ("poll_interval", "poll_interval_max"))
    except (TypeError, ValueError, OverflowError):  # one is left out, or is not a number
        return
    if longest < first < math.inf:
        yield f"poll_interval: {first:g} is more than poll_interval_max, which is {longest:g}; lower the one or raise the other"


def _random_values(stated: t.Mapping[str, t.Any]) -> Problems:
    for row in fields.FIELDS:
        variables = stated.get(row.option)
        if row.kind == fields.VARIABLES and isinstance(variables, dict):
            for name, value in variables.items():
                if isinstance(value, str) and values.RANDOM_FUNCTION in value:
                    yield (
                        f"{row.option}.{name}: a function that yields a random value never equals what the job holds, so the task "
                        f"would change it at each run; if that is meant, use unreadable: {APPLY}"
                    )
