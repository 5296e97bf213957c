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
from ansible_collections.northflank.cloud.plugins.module_utils import _paths as paths
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values

Known = t.Dict[str, t.Any]

_ENGINE = "buildEngineConfiguration.buildEngine"
_STARTUP = "startupProbe"


def _complete_objects() -> dict[str, tuple[str, ...]]:
    """For each row the objects around it that every state shows either with all their members or not at all."""
    shown: dict[str, set[str]] = {}
    for row in fields.FIELDS:
        for prefix in paths.prefixes(row.path):
            shown.setdefault(prefix, set()).add(row.shown)
    return {row.path: tuple(prefix for prefix in paths.prefixes(row.path) if len(shown[prefix]) == 1) for row in fields.FIELDS}


_COMPLETE_OBJECTS = _complete_objects()


def from_options(options: t.Mapping[str, t.Any], rows: t.Iterable[fields.Row] = fields.FIELDS) -> Known:
    """The canonical values of the options that a task states; the options are validated, those left out are None."""
    stated = {row: paths.find(options, row.option) for row in rows}
    return {row.path: values.from_option(row, value) for row, value in stated.items() if value is not paths.NOT_SHOWN and value is not None}


def from_get_job(data: t.Mapping[str, t.Any]) -> Known:
    """What the answer of get-job shows, whatever the state of the API."""
    used = _ways_to_build_in_use(data)
    shown = {row.path: None if _is_of_another_way(row, used) else _shown(row, data) for row in fields.FIELDS}
    return {path: value for path, value in shown.items() if value is not paths.NOT_SHOWN}


def from_list(entry: t.Mapping[str, t.Any]) -> Known:
    """What an entry of list-jobs shows. What it does not hold is unknown: no published list has tags, whether a job has some or not."""
    shown = {row.path: _read(row, entry, row.path) for row in fields.FIELDS if row.listed}
    return {path: value for path, value in shown.items() if value is not paths.NOT_SHOWN}


def from_written(data: t.Mapping[str, t.Any]) -> Known:
    """What the answer of PATCH shows. It documents the whole job, so what it does not hold is not set."""
    shown = {row.path: _read(row, data, _written_path(row, data), otherwise=None) for row in fields.FIELDS}
    return {path: value for path, value in shown.items() if value is not paths.NOT_SHOWN}


def from_resource(resource: endpoints.Operation, data: t.Mapping[str, t.Any], desired: Known) -> Known:
    """What the answer of a sub-resource shows."""
    shown = {row: _read(row, data, row.path) for row in fields.FIELDS if row.resource is resource}
    return {
        row.path: value
        for row, value in shown.items()
        if value is not paths.NOT_SHOWN and value is not None and not _may_lack_a_check(row, value, desired)
    }


def updated(known: Known, written: Known, sent: t.Collection[str] = ()) -> Known:
    """What is known after a PATCH that sent these paths: its answer, over what was read before.

    The published answers of PATCH leave out fields that get-job shows, disabledCI for one. A field that was not sent keeps
    the value that was read, unless the answer holds one, or another way to build.
    """
    used = {fields.way_to_build(row) for row in fields.FIELDS if written.get(row.path) is not None} - {""}
    kept = {
        row.path
        for row in fields.FIELDS
        if row.path in known and row.path not in sent and written.get(row.path) is None and not _is_of_another_way(row, used)
    }
    return {**written, **{path: known[path] for path in kept}}


def _written_path(row: fields.Row, data: t.Mapping[str, t.Any]) -> str:
    """Where the answer of either PATCH holds a field."""
    agnostic = row.agnostic and paths.find(data, row.path) is paths.NOT_SHOWN
    return row.agnostic if agnostic else row.path


def _may_lack_a_check(row: fields.Row, shown: t.Any, desired: Known) -> bool:
    """Whether a list of checks may be as stated although it is not listed so, which makes it unknown.

    The sub-resource is not documented to list startup probes. Where another check differs, the whole list is sent anyway.
    """
    if row.kind != fields.CHECKS or any(check.get("type") == _STARTUP for check in shown):
        return False
    stated = desired.get(row.path, [])
    others = [check for check in stated if check.get("type") != _STARTUP]
    return len(others) < len(stated) and values.same_checks(others, shown)


def _shown(row: fields.Row, data: t.Mapping[str, t.Any]) -> t.Any:
    for path in filter(None, (row.path, row.agnostic, *row.older)):
        if paths.find(data, path) is not paths.NOT_SHOWN:
            value = _read(row, data, path)
            # The older name of the build engine has one value more: no choice, so no value of this field.
            if path == row.path or not row.choices or value in (None, *row.choices):
                return value
    absence_means_not_set = row.shown == fields.ALL or any(
        isinstance(paths.find(data, prefix), dict) for prefix in _COMPLETE_OBJECTS[row.path]
    )
    return None if absence_means_not_set else paths.NOT_SHOWN


def _read(row: fields.Row, data: t.Mapping[str, t.Any], path: str, otherwise: t.Any = paths.NOT_SHOWN) -> t.Any:
    """What stands at a path, NOT_SHOWN if it is of an unknown shape: that is neither equal nor empty."""
    value = paths.find(data, path)
    return otherwise if value is paths.NOT_SHOWN else values.from_answer(row, value)


def _ways_to_build_in_use(data: t.Mapping[str, t.Any]) -> set[str]:
    """Whether the job builds from a Dockerfile or a buildpack: of fields.WAYS_TO_BUILD those in use, empty if unknown.

    The names of PATCH win: the published get-job has buildSettings.dockerfile beside the build engine "buildpack".
    """
    shown = {way for way in fields.WAYS_TO_BUILD if isinstance(paths.find(data, way), dict)}
    engine = paths.find(data, _ENGINE)
    if shown or not isinstance(engine, str):
        return shown
    dockerfile, buildpack = fields.WAYS_TO_BUILD
    return {buildpack if engine == "buildpack" else dockerfile}


def _is_of_another_way(row: fields.Row, used: set[str]) -> bool:
    """Whether a field belongs to a way to build that is known not to be in use."""
    way = fields.way_to_build(row)
    return bool(used and way) and way not in used
