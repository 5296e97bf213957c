# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of the probe: a PATCH that writes only what is there already, to read the whole job from its answer."""

from __future__ import annotations

import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils import _compare as compare
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values
from ansible_collections.northflank.cloud.plugins.module_utils._endpoints import PATCH_MANUAL_JOB, Operation
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._views import Known

# Taken in this order where the task states nothing that was read as equal. The later ones are for an API that does not show
# disabledCI, or has backoffLimit in an object.
_OTHERWISE = ("disabledCI", "backoffLimit", "tags")


def body(desired: Known, known: Known, strategy: str, operation: Operation = PATCH_MANUAL_JOB) -> dict[str, t.Any]:
    """One field that the task states and that was just read as equal, else disabledCI as just read, or another one.

    Never a part of an object or of a map, whose siblings might be lost, never a list that an answer may show in part, and
    never something that is not set, since the API documents no way to write that.

    :raises StateError: if nothing was read that could be written.
    """
    stated = [row for row in fields.FIELDS if row.path in desired and _is_harmless(row, known, operation)]
    equal = [row for row in stated if compare.equal(row, desired[row.path], known[row.path], strategy)]
    otherwise = [row for path in _OTHERWISE for row in fields.FIELDS if row.path == path and _is_harmless(row, known, operation)]
    for row in [*equal, *otherwise]:
        return {row.path: values.to_wire(row, known[row.path])}
    raise StateError(
        "Some fields can only be read from the answer of a PATCH that changes nothing, and the job shows nothing that could be "
        "written unchanged. State one more field of the job as it is, such as backoff_limit."
    )


def _is_harmless(row: fields.Row, known: Known, operation: Operation) -> bool:
    plain = row.kind in (fields.TEXT, fields.FLAG, fields.INTEGER, fields.SET)
    return plain and not row.parent_in(operation) and known.get(row.path) not in (None, [], "")
