# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a job, read from the answers of the API in any of its states and their mixtures.

All functions return {path of a row: canonical value}. A field that an answer does not show is absent, which means unknown.
The value None means known to be not set. It is decided field by field, from what the answer holds.
"""

from __future__ import annotations

import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values

Known = t.Dict[str, t.Any]

_ENGINE = "buildEngineConfiguration.buildEngine"
_STARTUP = "startupProbe"


def _complete_objects() -> dict[str, tuple[str, ...]]:
    """For each row the objects around it that every state shows either with all their members or not at all."""
    shown: dict[str, set[str]] = {}
    for row in fields.FIELDS:
        for prefix in _prefixes(row.path):
            shown.setdefault(prefix, set()).add(row.shown)
    return {row.path: tuple(prefix for prefix in _prefixes(row.path) if len(shown[prefix]) == 1) for row in fields.FIELDS}


def _prefixes(path: str) -> list[str]:
    segments = path.split(".")
    return [".".join(segments[:count]) for count in range(1, len(segments))]


_COMPLETE_OBJECTS = _complete_objects()


def find(data: t.Any, path: str) -> t.Any:
    """The value at a dotted path below data, UNSET if there is none; null counts as no object, but as a value."""
    for name in path.split("."):
        if not isinstance(data, dict) or name not in data:
            return fields.UNSET
        data = data[name]
    return data


def from_options(options: t.Mapping[str, t.Any]) -> Known:
    """The canonical values of the options that a task states; the options are validated, those left out are None."""
    stated = {row: find(options, row.option) for row in fields.FIELDS}
    return {row.path: values.from_option(row, value) for row, value in stated.items() if value is not fields.UNSET and value is not None}


def from_get_job(data: t.Mapping[str, t.Any]) -> Known:
    """What the answer of get-job shows, whatever the state of the API."""
    known = {}
    used = _alternatives_in_use(data)
    for row in fields.FIELDS:
        other = used and fields.alternative(row) and fields.alternative(row) not in used
        value = None if other else _shown(row, data)
        if value is not fields.UNSET:
            known[row.path] = value
    return known


def from_written(data: t.Mapping[str, t.Any]) -> Known:
    """What the answer of PATCH shows. It documents the whole job, so what it does not hold is not set."""
    known = {}
    for row in fields.FIELDS:
        value = _read(row, data, row.path)
        known[row.path] = None if value is fields.UNSET else value
    return known


def updated(known: Known, written: Known, sent: t.Collection[str] = ()) -> Known:
    """What is known after a PATCH that sent these paths: its answer, over what was read before.

    The published answers of PATCH leave out fields that get-job shows, disabledCI for one. A field that was not sent keeps
    the value that was read, unless the answer holds one.
    """
    kept = {path: value for path, value in known.items() if path not in sent and written[path] is None}
    return {**written, **kept}


def from_resource(resource: endpoints.Operation, data: t.Mapping[str, t.Any], desired: Known) -> Known:
    """What the answer of a sub-resource shows."""
    known = {}
    for row in fields.FIELDS:
        if row.resource is resource:
            value = _read(row, data, row.path)
            if value is not fields.UNSET and value is not None and not _may_lack_a_check(row, value, desired):
                known[row.path] = value
    return known


def _may_lack_a_check(row: fields.Row, shown: t.Any, desired: Known) -> bool:
    # The sub-resource is not documented to list startup probes: one that the task states and that is not listed is unknown.
    def has_startup_probe(checks: list[dict[str, t.Any]]) -> bool:
        return any(check.get("type") == _STARTUP for check in checks)

    return row.kind == fields.CHECKS and has_startup_probe(desired.get(row.path, [])) and not has_startup_probe(shown)


def _shown(row: fields.Row, data: t.Mapping[str, t.Any]) -> t.Any:
    for path in (row.path, *row.older):
        value = _read(row, data, path)
        # The older name of the build engine has one value more: no choice, so no value of this field.
        if value is not fields.UNSET and (path == row.path or not row.choices or value is None or value in row.choices):
            return value
    absence_means_not_set = row.shown == fields.ALL or any(
        isinstance(find(data, prefix), dict) for prefix in _COMPLETE_OBJECTS[row.path]
    )
    return None if absence_means_not_set else fields.UNSET


def _read(row: fields.Row, data: t.Mapping[str, t.Any], path: str) -> t.Any:
    value = find(data, path)
    return value if value is fields.UNSET or value is None else values.from_answer(row, value)


def _alternatives_in_use(data: t.Mapping[str, t.Any]) -> set[str]:
    """Whether the job builds from a Dockerfile or a buildpack: of fields.ALTERNATIVES those in use, empty if unknown.

    The names of PATCH win: the published get-job has buildSettings.dockerfile beside the build engine "buildpack".
    """
    shown = {name for name in fields.ALTERNATIVES if isinstance(find(data, name), dict)}
    engine = find(data, _ENGINE)
    if shown or not isinstance(engine, str):
        return shown
    dockerfile, buildpack = fields.ALTERNATIVES
    return {buildpack if engine == "buildpack" else dockerfile}
