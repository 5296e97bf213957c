# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that create a job and change its deployment, and their bodies. All functions are pure.

Each object of the deployment has an operation that changes it, see the column written_by. The objects are sent whole, with desired
values before known ones, because it is not documented whether the API merges or replaces them.
"""

from __future__ import annotations

import re
import typing as t

from .._api import operations
from .._api.operations import Operation
from . import deployment, fields, paths, values
from .compare import Rows
from .state import JobState

NAME = "name"
_EXTERNAL, _INTERNAL, _VCS = fields.SOURCES
_DOCKER, _BUILDPACK = "deployment.docker", "deployment.buildpack"
_BUILD_SHA, _BUILD_ID = f"{_INTERNAL}.buildSHA", f"{_INTERNAL}.buildId"
_DEPLOYMENT = "deployment."
# What runs after a change of the image must have the storage and the command already.
_ORDER = (operations.SCALE_JOB, operations.UPDATE_DEPLOYMENT, operations.UPDATE_BUILD_SOURCE)


class Write(t.NamedTuple):
    """A request that sets these rows. needed are all rows that its body contains, if they have a value."""

    operation: Operation
    rows: Rows
    needed: Rows


def slug_of(name: str) -> str:
    """The ID of a job with this name."""
    return re.sub(r"[\s-]+", "-", name).lower()


def next_write(rows: Rows, desired: JobState, known: JobState, gone: t.Collection[Operation]) -> Write:
    """The first of the requests that set these rows of the deployment; gone are operations that the API no longer has.

    It also sets the other desired rows of its objects that are unknown, because an object is sent whole.
    """
    writers = {_writer(row, known) for row in rows}
    if operations.PUT_JOB in writers or writers & set(gone):
        return Write(operations.PUT_JOB, rows, list(fields.JOB_FIELDS))
    operation = next(each for each in _ORDER if each in writers)
    parts = _parts_to_send([row for row in rows if _writer(row, known) is operation], operation, desired, known)
    needed = [row for part in parts for row in deployment.rows_of(part) if row.written_by is not operations.PUT_JOB]
    sent = [row for row in needed if row in rows or row.path in desired and row.path not in known]
    return Write(operation, [row for row in fields.DEPLOYMENT if row in sent], needed)


def find_unknown(write: Write, desired: JobState, known: JobState) -> Rows:
    """The rows of a request whose value is unknown, and could be lost without it. What is fixed cannot be lost."""
    after = state_after(write.rows, desired, known)
    unknown = [row for row in write.needed if row.path not in after and not row.is_fixed]
    # Published responses contain more than one source of the image, of which a job has one.
    sources = {fields.image_source(row) for row in write.needed if fields.image_source(row) and after.get(row.path) is not None}
    several = [row for row in write.needed if len(sources) > 1 and fields.image_source(row) and after.get(row.path) is not None]
    return [*unknown, *several]


def is_build_ambiguous(write: Write, desired: JobState, known: JobState) -> bool:
    """Whether a request contains the build, and get-job-deployment has shown both of its names: one of them was chosen, and is unknown."""
    is_sent = any(row.path == _BUILD_ID for row in write.needed)
    return is_sent and all(known.get(path) is not None and path not in desired for path in (_BUILD_SHA, _BUILD_ID))


def build_body(write: Write, desired: JobState, known: JobState) -> dict[str, t.Any]:
    """The body of a request that changes the deployment."""
    after = state_after(write.rows, desired, known)
    body: dict[str, t.Any] = {}
    for row in write.needed:
        value = after.get(row.path)
        # A description that is not set can be an empty text, which its pattern does not allow.
        if value is not None and (value != "" or row.pattern is None):
            paths.put(body, _path_in(row, write.operation), values.to_wire(row, value))
    return body


def build_creation(desired: JobState, operation: Operation) -> dict[str, t.Any]:
    """The body of a request that creates a job with these values."""
    body: dict[str, t.Any] = {}
    for row in fields.JOB_FIELDS:
        if desired.get(row.path) is not None:
            paths.put(body, row.path_in(operation), values.to_wire(row, desired[row.path]))
    return body


def find_missing(desired: JobState) -> list[str]:
    """The options that a task must set in addition to create the job."""
    stated = [path for path, value in desired.items() if value is not None]
    missing = [
        row.option
        for row in fields.JOB_FIELDS
        if row.path not in stated
        and (row.required_with == fields.JOB or row.required_with and any(path.startswith(f"{row.required_with}.") for path in stated))
    ]
    if not deployment.find_source(desired):
        missing.insert(0, "deployment with external, internal or vcs")
    build_settings = [row for row in fields.FIELDS if row.path in stated and row.path.startswith("buildSettings.")]
    if build_settings and not any(map(fields.build_type, build_settings)):
        missing.append("build_settings.dockerfile or build_settings.buildpack")
    return missing


def find_lacking(desired: JobState) -> Rows:
    """The fields of a repository that a task must set if the job does not build from one, and that this task does not set."""
    if not any(path.startswith(f"{_VCS}.") for path in desired):
        return []
    return [row for row in deployment.rows_of(_VCS) if row.required_with and row.path not in desired]


def is_put_needed(rows: Rows, known: JobState, gone: t.Collection[Operation]) -> bool:
    """Whether only "Put job" can change one of these rows; gone are operations that the API no longer has."""
    writers = [_writer(row, known) for row in rows if not row.is_fixed]
    return any(writer is operations.PUT_JOB or writer in gone for writer in writers)


def state_after(rows: Rows, desired: JobState, known: JobState) -> JobState:
    """What is known after a change of these rows of the deployment: a new source of the image replaces the present one."""
    after = {**known, **{row.path: desired[row.path] for row in rows}}
    source = deployment.find_source(desired)
    if source and rows:
        others = [row for row in fields.DEPLOYMENT if fields.image_source(row) not in ("", source)]
        after.update({row.path: None for row in others})
    # A build is named by one of the two.
    if _BUILD_ID in desired and _BUILD_SHA not in desired:
        after[_BUILD_SHA] = None
    elif _BUILD_SHA in desired and _BUILD_ID not in desired:
        after[_BUILD_ID] = None
    return after


def _writer(row: fields.Row, known: JobState) -> Operation | None:
    """The operation that changes a row. Only "Put job" is documented to make a repository of an image."""
    is_new_source = row.written_by is operations.UPDATE_BUILD_SOURCE and deployment.find_source(known) != _VCS
    return operations.PUT_JOB if is_new_source else row.written_by


def _parts_to_send(rows: Rows, operation: Operation, desired: JobState, known: JobState) -> list[str]:
    """The objects of the body. One that differs is among them, and the API documents which ones can be sent together."""
    parts = {deployment.part_of(row) for row in rows}
    if operation is not operations.UPDATE_DEPLOYMENT:
        return sorted(parts)
    # Only an image that Northflank has built can be sent with the runtime of buildpacks. Before an external one, it is sent by itself.
    if _INTERNAL in parts:
        return [_INTERNAL, _DOCKER, _BUILDPACK]
    if _EXTERNAL in parts and _BUILDPACK not in parts:
        return [_EXTERNAL, _DOCKER]
    return [_DOCKER, _BUILDPACK]


def _path_in(row: fields.Row, operation: Operation) -> str:
    """The path of a row in the body of a request."""
    if operation not in _ORDER:
        return row.path_in(operation)
    # "Update build source" has the members of the repository at the top, the others the objects of the deployment.
    path = row.path[len(_DEPLOYMENT) :]
    return paths.name_of(path) if operation is operations.UPDATE_BUILD_SOURCE else path
