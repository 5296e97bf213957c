# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what is known of a job from responses of the API, in each API state and in mixtures of them.

All functions return {path of a row: canonical value}. A path that is missing means that the value is unknown. None means that
the field is known to be not set. Each field is read independently, by what the response contains.
"""

from __future__ import annotations

import functools
import typing as t

from .._api import operations
from . import fields, paths, values

JobState = t.Dict[str, t.Any]

_ENGINE = "buildEngineConfiguration.buildEngine"


def _complete_objects() -> dict[str, tuple[str, ...]]:
    """For each row, the objects around it that every API state shows with all their members or not at all."""
    shown: dict[str, set[str]] = {}
    for row in fields.FIELDS:
        for prefix in paths.prefixes(row.path):
            shown.setdefault(prefix, set()).add(row.readable_since)
    return {row.path: tuple(prefix for prefix in paths.prefixes(row.path) if len(shown[prefix]) == 1) for row in fields.FIELDS}


_COMPLETE_OBJECTS = _complete_objects()


def from_options(options: t.Mapping[str, t.Any], rows: t.Iterable[fields.Row] = fields.JOB_FIELDS) -> JobState:
    """The canonical values of the options that a task sets. The options are validated, and None if they are not set."""
    groups = [of_option for option, of_option in _group_by_option(tuple(rows)).items() if options.get(option) is not None]
    stated = {row: paths.find(options, row.option) for of_option in groups for row in of_option}
    return {row.path: values.from_option(row, value) for row, value in stated.items() if value is not paths.MISSING and value is not None}


@functools.lru_cache(maxsize=None)
def _group_by_option(rows: tuple[fields.Row, ...]) -> dict[str, list[fields.Row]]:
    """The rows by the option that contains them: most tasks set few options."""
    groups: dict[str, list[fields.Row]] = {}
    for row in rows:
        groups.setdefault(row.option.partition(".")[0], []).append(row)
    return groups


def from_get_job(data: t.Mapping[str, t.Any]) -> JobState:
    """The fields in a response of get-job, in any API state."""
    used = _build_types_in_use(data)
    shown = {row.path: None if _is_of_other_build_type(row, used) else _read_from_get_job(row, data) for row in fields.FIELDS}
    return {path: value for path, value in shown.items() if value is not paths.MISSING}


def from_list(entry: t.Mapping[str, t.Any]) -> JobState:
    """The fields in an entry of list-jobs. Missing ones are unknown: no published list contains tags, even if a job has some."""
    shown = {row.path: read_field(row, entry, row.path) for row in fields.FIELDS if row.in_list_jobs}
    return {path: value for path, value in shown.items() if value is not paths.MISSING}


def from_patch(data: t.Mapping[str, t.Any]) -> JobState:
    """The fields in a response of PATCH. It documents all fields of a job, so missing ones are not set."""
    shown = {row.path: read_field(row, data, _path_in_patch_response(row, data), otherwise=None) for row in fields.FIELDS}
    return {path: value for path, value in shown.items() if value is not paths.MISSING}


def from_resource(resource: operations.Operation, data: t.Mapping[str, t.Any], desired: JobState) -> JobState:
    """The fields in a response of a sub-resource."""
    shown = {row: read_field(row, data, row.path) for row in fields.FIELDS if row.resource is resource}
    return {
        row.path: value
        for row, value in shown.items()
        if value is not paths.MISSING and value is not None and not _may_omit_check(row, value, desired)
    }


def after_patch(known: JobState, written: JobState, sent: t.Collection[str] = ()) -> JobState:
    """What is known after a PATCH that sent these paths: its response, and else what was read before.

    The published responses of PATCH do not contain all fields of get-job, for example disabledCI. A field that was not sent keeps
    the value that was read, unless the response contains one, or another build type, or an image source.
    """
    used_types = {fields.build_type(row) for row in fields.FIELDS if written.get(row.path) is not None} - {""}
    used_sources = {fields.image_source(row) for row in fields.DEPLOYMENT if written.get(row.path) is not None} - {""}
    kept = {
        row.path
        for row in fields.JOB_FIELDS
        if row.path in known
        and row.path not in sent
        and written.get(row.path) is None
        and not _is_of_other_build_type(row, used_types)
        # A source is shown whole. What get-job-deployment shows besides came of it, such as the commit of a build.
        and not (used_sources and fields.image_source(row))
    }
    return {**written, **{path: known[path] for path in kept}}


def secret_texts(known: JobState) -> list[str]:
    """The secret values of a state, as the API can quote them: the texts of variables, and the data and the content of files."""
    found = [value for row in fields.FIELDS if row.secret for value in (known.get(row.path) or {}).values()]
    files = [value for value in found if isinstance(value, values.File)]
    return [text for text in found if isinstance(text, str)] + [text for file in files for text in (file.data, file.text)]


def _path_in_patch_response(row: fields.Row, data: t.Mapping[str, t.Any]) -> str:
    """The path of a field in a response of "Patch manual job" or "Patch job"."""
    agnostic = row.patch_job_path and paths.find(data, row.path) is paths.MISSING
    return row.patch_job_path if agnostic else row.path


def _may_omit_check(row: fields.Row, shown: t.Any, desired: JobState) -> bool:
    """Whether a list of checks differs only by a type that the sub-resource may not list, so that the field is unknown.

    The sub-resource is not documented to list startup probes. If another check differs, the whole list is sent anyway.
    """
    if not row.unlisted_type or any(check.get(row.pair_by) == row.unlisted_type for check in shown):
        return False
    stated = desired.get(row.path, [])
    others = [check for check in stated if check.get(row.pair_by) != row.unlisted_type]
    return len(others) < len(stated) and values.are_checks_equal(row, others, shown)


def _read_from_get_job(row: fields.Row, data: t.Mapping[str, t.Any]) -> t.Any:
    for path in filter(None, (row.path, row.patch_job_path, *row.legacy_paths)):
        if paths.find(data, path) is not paths.MISSING:
            value = read_field(row, data, path)
            # The older name of the build engine has one more value, which is not a choice of this field.
            if path == row.path or not row.choices or value in (None, *row.choices):
                return value
    absence_means_not_set = row.readable_since == fields.ALL or any(
        isinstance(paths.find(data, prefix), dict) for prefix in _COMPLETE_OBJECTS[row.path]
    )
    return None if absence_means_not_set else paths.MISSING


def read_field(row: fields.Row, data: t.Mapping[str, t.Any], path: str, otherwise: t.Any = paths.MISSING) -> t.Any:
    """The canonical value at a path, otherwise if there is none, MISSING if its type is unknown."""
    value = paths.find(data, path)
    return otherwise if value is paths.MISSING else values.from_response(row, value)


def _build_types_in_use(data: t.Mapping[str, t.Any]) -> set[str]:
    """The members of fields.BUILD_TYPES that the job uses, empty if unknown.

    The names of PATCH have precedence: the published get-job has buildSettings.dockerfile and the build engine "buildpack".
    """
    shown = {each for each in fields.BUILD_TYPES if isinstance(paths.find(data, each), dict)}
    engine = paths.find(data, _ENGINE)
    if shown or not isinstance(engine, str):
        return shown
    dockerfile, buildpack = fields.BUILD_TYPES
    return {buildpack if engine == "buildpack" else dockerfile}


def _is_of_other_build_type(row: fields.Row, used: set[str]) -> bool:
    """Whether a field belongs to a build type that is known not to be in use."""
    build = fields.build_type(row)
    return bool(used and build) and build not in used
