# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of the probe: a PATCH that changes nothing, to read the whole job from its response."""

from __future__ import annotations

import typing as t
from operator import attrgetter

from .._api.operations import PATCH_MANUAL_JOB, Operation
from .._errors import StateError
from . import compare, fields, values
from .state import JobState

# For a task without an option that equals its field. Not each API state shows disabledCI, or has backoffLimit outside an object.
_OTHERWISE = sorted((row for row in fields.FIELDS if row.probe_order), key=attrgetter("probe_order"))


def build_body(desired: JobState, known: JobState, strategy: str, operation: Operation = PATCH_MANUAL_JOB) -> dict[str, t.Any]:
    """A body with one field: one that the task sets to its known value, else disabledCI or another one with its known value.

    It is never a member of an object or of a map, because its siblings could be lost, never a list of which a response can show
    only a part, and never a field that is not set, because the API documents no way to write that.

    :raises StateError: if no known field can be written.
    """
    stated = [row for row in fields.FIELDS if row.path in desired and _is_harmless(row, known, operation)]
    equal = [row for row in stated if compare.is_equal(row, desired[row.path], known[row.path], strategy)]
    otherwise = [row for row in _OTHERWISE if _is_harmless(row, known, operation)]
    for row in [*equal, *otherwise]:
        return {row.path: values.to_wire(row, known[row.path])}
    raise StateError(
        "Some fields can only be read from the response to a PATCH that changes nothing, and the job has no known field that can be "
        "written unchanged. Set one more option to the present value of the job, such as backoff_limit."
    )


def _is_harmless(row: fields.Row, known: JobState, operation: Operation) -> bool:
    plain = row.kind in (fields.TEXT, fields.BOOLEAN, fields.INTEGER, fields.SET)
    return plain and not row.parent_in(operation) and known.get(row.path) not in (None, [], "")
