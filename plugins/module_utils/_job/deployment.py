# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PATCH cannot change: the name of a job, its architecture, and its deployment. Read from responses, in each API state.

As in state.py, a path that is missing in a state means that the value is unknown, and None that the field is known to be not set.
"""

from __future__ import annotations

import typing as t

from . import fields, paths
from .compare import Rows
from .state import JobState, read_field

LATEST = "latest"
_EXTERNAL, _INTERNAL, _VCS = fields.SOURCES
_CREDENTIALS, _BUILD_SHA, _BUILD_ID = f"{_EXTERNAL}.credentials", f"{_INTERNAL}.buildSHA", f"{_INTERNAL}.buildId"
# The older place of the repository in the response of get-job, which has no place for all members.
_OLDER_VCS = "vcsData"


def find_source(known: JobState) -> str:
    """The source of the image that a state shows: one of fields.SOURCES, or empty if it shows none."""
    return next((fields.image_source(row) for row in fields.DEPLOYMENT if fields.image_source(row) and known.get(row.path) is not None), "")


def from_get_job(data: t.Mapping[str, t.Any]) -> JobState:
    """The fields in a response of get-job.

    Some API states show the runtime and the storage of the deployment only, and the repository under an older name.
    """
    shown = {row.path: _read_from_get_job(row, data) for row in fields.DEPLOYMENT}
    return {path: value for path, value in shown.items() if value is not paths.MISSING}


def from_patch(data: t.Mapping[str, t.Any]) -> JobState:
    """The fields in a response of PATCH, POST or PUT. It documents the whole job, so missing fields are not set.

    What is fixed was set when the job was created, by the API if not by its user. If it is missing, it is unknown.
    """
    shown = {row.path: read_field(row, data, row.path, otherwise=paths.MISSING if row.is_fixed else None) for row in fields.DEPLOYMENT}
    return {path: value for path, value in shown.items() if value is not paths.MISSING}


def from_resource(data: t.Mapping[str, t.Any], known: JobState) -> JobState:
    """The fields in a response of get-job-deployment. known is what get-job has shown: of a job that builds from a repository, the
    sub-resource shows the build and not the repository.
    """
    shown = {row.path: read_field(row, data, row.path_in_resource) for row in fields.DEPLOYMENT if row.resource is not None}
    result = {path: value for path, value in shown.items() if value is not paths.MISSING and value is not None}
    if find_source(known) == _VCS:
        return {path: value for path, value in result.items() if not path.startswith(fields.SOURCES)}
    source = find_source(result)
    if source:
        members = [row.path for row in fields.DEPLOYMENT if fields.image_source(row)]
        result.update({path: None for path in members if path not in result and path != _CREDENTIALS})
    # A private image has credentials, and no member names them.
    if source != _EXTERNAL or paths.find(data, "external.privateImage") is False:
        result[_CREDENTIALS] = None
    # The build that came of "latest" is not one that somebody has chosen.
    if result.get(_BUILD_SHA) == LATEST:
        result[_BUILD_ID] = None
    return result


def without_unclear_build(shown: JobState) -> JobState:
    """The fields that from_resource() has returned, without the ID of a build if it can come of the commit that the job is set to. The
    sub-resource shows both, whichever of them is set. A copy of the job must not set both, and another project has no such build.
    """
    is_unclear = shown.get(_BUILD_SHA) is not None and shown.get(_BUILD_ID) is not None
    return {path: value for path, value in shown.items() if not (is_unclear and path == _BUILD_ID)}


def _read_from_get_job(row: fields.Row, data: t.Mapping[str, t.Any]) -> t.Any:
    for path in (row.path, *row.legacy_paths):
        if paths.find(data, path) is not paths.MISSING:
            return read_field(row, data, path)
    return None if _is_missing_known(row, data) else paths.MISSING


def _is_missing_known(row: fields.Row, data: t.Mapping[str, t.Any]) -> bool:
    """Whether a field that a response of get-job does not contain is not set. Else it is unknown."""
    deployment = data.get("deployment")
    if not row.path.startswith("deployment.") or not isinstance(deployment, dict):
        return False
    if row.readable_since == fields.ALL or any(paths.name_of(source) in deployment for source in fields.SOURCES):
        return True
    # The older place has only those members of the repository that have an older name.
    is_older = isinstance(data.get(_OLDER_VCS), dict)
    return is_older and bool(fields.image_source(row)) and (fields.image_source(row) != _VCS or bool(row.legacy_paths))


def rows_of(part: str) -> Rows:
    """The rows of an object of the deployment, such as "deployment.docker"."""
    return [row for row in fields.DEPLOYMENT if row.path.startswith(f"{part}.")]


def part_of(row: fields.Row) -> str:
    """The object of the deployment that a row belongs to, such as "deployment.docker". It is sent whole."""
    return ".".join(row.path.split(".")[:2])
