# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates the rules between options."""

from __future__ import annotations

import math
import typing as t

from ansible.module_utils.common import validation

from .._job import fields, paths, values, writes
from .argument_spec import APPLY, Spec
from .maps import Problems


def check_across_options(stated: t.Mapping[str, t.Any], spec: Spec) -> Problems:
    """The problems between the options of a task, which can have any types."""
    yield from _check_health_checks(stated.get("health_checks"))
    yield from _check_exclusive(stated, "build_settings", map(paths.name_of, fields.BUILD_TYPES), "Use the one that the job builds with")
    yield from _check_exclusive(stated, "deployment", map(paths.name_of, fields.SOURCES), "Use the one that the image comes from")
    if "name" in spec:
        yield from _check_name(stated)
    if "poll_interval" in spec:
        yield from _check_poll_intervals(stated)
    # Only a value that is compared must be the same in each run.
    if "unreadable" in spec and stated.get("unreadable") != APPLY:
        yield from _check_random_values(stated)


def _check_name(stated: t.Mapping[str, t.Any]) -> Problems:
    name, job_id = stated.get("name"), stated.get("job_id")
    if isinstance(name, str) and isinstance(job_id, str) and writes.slug_of(name) != job_id:
        yield f'name: a job with this name has the ID "{writes.slug_of(name)}", and job_id is "{job_id}". Change one of the two'


def _check_health_checks(checks: t.Any) -> Problems:
    if not isinstance(checks, list):
        return
    first_of_type: dict[str, int] = {}
    for index, check in enumerate(checks):
        if not isinstance(check, dict):
            continue
        protocol, kind = check.get("protocol"), check.get("type")
        for name in (paths.name_of(member.option) for member in fields.CHECK_MEMBERS if protocol in member.required_by_protocol):
            if check.get(name) is None:
                yield f"health_checks[{index}].{name}: is required because protocol is {protocol}"
        if isinstance(kind, str) and first_of_type.setdefault(kind, index) != index:
            yield f"health_checks[{index}].type: type {kind} is already used by health_checks[{first_of_type[kind]}]. Use each type once"


def _check_exclusive(options: t.Mapping[str, t.Any], option: str, names: t.Iterable[str], advice: str) -> Problems:
    members = options.get(option)
    if not isinstance(members, dict):
        return
    stated = [name for name in names if _has_value(members.get(name))]
    if len(stated) > 1:
        yield f"{option}: {' and '.join(stated)} cannot be used together. {advice}"


def _has_value(value: t.Any) -> bool:
    if isinstance(value, dict):
        return any(_has_value(item) for item in value.values())
    return value is not None


def _check_poll_intervals(stated: t.Mapping[str, t.Any]) -> Problems:
    try:
        first, longest = (validation.check_type_float(stated.get(name)) for name in ("poll_interval", "poll_interval_max"))
    except (TypeError, ValueError, OverflowError):  # one is not set, or is not a number
        return
    if longest < first < math.inf:
        yield f"poll_interval: {first:g} is more than poll_interval_max ({longest:g}). Lower poll_interval or raise poll_interval_max"


def _check_random_values(stated: t.Mapping[str, t.Any]) -> Problems:
    for row in fields.FIELDS:
        variables = stated.get(row.option)
        if row.kind == fields.VARIABLES and isinstance(variables, dict):
            for name, value in variables.items():
                if isinstance(value, str) and values.RANDOM_FUNCTION in value:
                    yield (
                        f"{row.option}.{name}: the value contains a function that returns a new random value at each write, so every "
                        f"run of the task would change the job. If you want that, use unreadable: {APPLY}"
                    )
