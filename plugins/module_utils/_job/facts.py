# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a job and its diff, with the names of the options. They contain no values of secret maps."""

from __future__ import annotations

import typing as t

from . import compare, fields, paths, values
from .compare import Rows
from .state import JobState

UNKNOWN = "unknown"
HIDDEN = "hidden"
HIDDEN_CHANGED = "hidden, changed"

# What identifies a job: {name in the responses of get-job and PATCH, in each API state: name in the facts}.
_IDENTITY = {"id": "id", "name": "name", "appId": "app_id", "jobType": "job_type"}


def job(known: JobState, response: t.Mapping[str, t.Any], project_id: str) -> dict[str, t.Any]:
    """The job as facts. Each key that is also an option has its name, type and meaning, so a task with these options changes nothing.

    Unknown fields are left out. A field that is not set has the value of the option that clears it, and is left out if there is
    none. Secret maps show only their sorted names, as runtime_environment_keys and so on.
    """
    result: dict[str, t.Any] = {shown: response[name] for name, shown in _IDENTITY.items() if name in response}
    result["project_id"] = project_id
    for row in fields.JOB_FIELDS:
        if row.path in known and not _is_second_build_type(row, known):
            if row.secret:
                result[f"{row.option}_keys"] = sorted(known[row.path] or {})
            else:
                value = _fact_value(row, known)
                if value is not paths.MISSING:
                    paths.put(result, row.option, value)
    return result


def diff(rows: Rows, before: JobState, after: JobState) -> dict[str, t.Any]:
    """{before, after} of these rows and of a build type or an image source that is dropped, as nested options, "unknown" for unknown values.

    after has the requested values. If the API stores other values, a warning names them.
    """
    result: dict[str, t.Any] = {"before": {}, "after": {}}
    dropped = _rows_of_dropped_alternative(rows, before, after)
    for row in [*rows, *dropped]:
        if row in dropped:
            shown = _diff_value(row, before), paths.MISSING
        elif row.secret:
            shown = diff_of_map(before.get(row.path), after.get(row.path))
        else:
            shown = _diff_value(row, before), _diff_value(row, after)
        if row.path not in before:
            shown = UNKNOWN, shown[1]
        for side, value in zip(("before", "after"), shown):
            if value is not paths.MISSING:
                paths.put(result[side], row.option, value)
    return result


def diff_of_map(before: dict[str, t.Any] | None, after: dict[str, t.Any] | None) -> tuple[t.Any, t.Any]:
    """A secret map before and after: {name: "hidden" or "hidden, changed"}. The names show which entries are added and removed."""
    before, after = before or {}, after or {}
    return (
        {name: HIDDEN for name in before},
        {
            name: HIDDEN if name in before and compare.is_same_entry(value, before[name]) else HIDDEN_CHANGED
            for name, value in after.items()
        },
    )


def _rows_of_dropped_alternative(rows: Rows, before: JobState, after: JobState) -> Rows:
    return [
        row
        for row in fields.JOB_FIELDS
        if fields.alternative(row) and row not in rows and before.get(row.path) is not None and after.get(row.path) is None
    ]


def _diff_value(row: fields.Row, known: JobState) -> t.Any:
    value = known.get(row.path)
    if value is not None:
        return values.to_option(row, value)
    return _clearing_value(row)


def _fact_value(row: fields.Row, known: JobState) -> t.Any:
    value = known[row.path]
    if value is not None and (row.kind != fields.TEXT or value != row.default):
        return values.to_option(row, value)
    prefix = row.path.rpartition(".")[0]
    beside = any(known.get(other.path) is not None for other in fields.FIELDS if prefix and other.path.rpartition(".")[0] == prefix)
    return _clearing_value(row) if beside or not prefix else paths.MISSING


def _clearing_value(row: fields.Row) -> t.Any:
    """The value of the option that clears a field, MISSING if there is none."""
    if row.cleared_by is not None:
        return row.cleared_by
    return [] if row.empty == [] else paths.MISSING


def _is_second_build_type(row: fields.Row, known: JobState) -> bool:
    # A task can set only one of the two. If a response contains both, the facts have the Dockerfile, as in the published responses.
    dockerfile, buildpack = fields.BUILD_TYPES
    return fields.build_type(row) == buildpack and any(
        known.get(other.path) is not None for other in fields.FIELDS if fields.build_type(other) == dockerfile
    )
