# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the desired and the known state of a job, and builds the body of PATCH for the differences. All functions are pure.

Both states are {path of a row: canonical value}, see state.py. The strategy is the option map_strategy. The operation is the
PATCH of the body: it decides which fields are in an object that is sent whole.
"""

from __future__ import annotations

import typing as t

from .._api.operations import PATCH_MANUAL_JOB, Operation
from . import fields, paths, values
from .state import JobState

Rows = t.List[fields.Row]

# The choices of the option map_strategy.
REPLACE, MERGE = "replace", "merge"

# The members of a health check that the API sets if the task sets no value.
_FILLED_MEMBERS = tuple(paths.name_of(member.path) for member in fields.CHECK_MEMBERS if member.filled_by_api)


class Comparison(t.NamedTuple):
    """The desired fields whose known value differs, and those whose value is unknown."""

    differing: Rows
    unknown: Rows


def compare(desired: JobState, known: JobState, strategy: str) -> Comparison:
    """Compare each desired field with what is known of it."""
    stated = [row for row in fields.JOB_FIELDS if row.path in desired and row.is_compared]
    return Comparison(
        [row for row in stated if row.path in known and not is_equal(row, desired[row.path], known[row.path], strategy)],
        [row for row in stated if row.path not in known],
    )


def is_equal(row: fields.Row, desired: t.Any, known: t.Any, strategy: str) -> bool:
    """Whether a known value equals the desired one, by the kind of the row. None means not set."""
    if known is None:
        return bool(desired == row.empty)
    if desired is None:
        return False
    if row.kind == fields.SET:
        return set(desired) == set(known)
    if row.kind in (fields.VARIABLES, fields.FILES):
        names = set(desired) if strategy == MERGE else set(desired) | set(known)
        return all(name in desired and name in known and is_same_entry(desired[name], known[name]) for name in names)
    if row.kind == fields.HEALTH_CHECKS:
        return values.are_checks_equal(row, desired, known)
    return bool(desired == known)


def is_same_entry(desired: t.Any, known: t.Any) -> bool:
    """Whether a variable or a file of a map is as desired. A function that returns a random value never is."""
    if isinstance(desired, values.File):
        return desired.content == known.content and (not desired.encoding_stated or desired.encoding == known.encoding)
    return desired == known and values.RANDOM_FUNCTION not in desired


def is_unknown_merge(row: fields.Row, known: JobState, strategy: str) -> bool:
    """Whether a map is to be merged into a map that is unknown."""
    return row.kind in (fields.VARIABLES, fields.FILES) and strategy == MERGE and row.path not in known


def needs_unknown_siblings(rows: Rows, desired: JobState, known: JobState, strategy: str, operation: Operation = PATCH_MANUAL_JOB) -> bool:
    """Whether sending these rows could lose a value, because a value that must be sent with them is unknown."""
    for row in rows:
        if is_unknown_merge(row, known, strategy) or _needs_unknown_items(row, desired, known):
            return True
        if any(sibling.path not in known and sibling.path not in desired for sibling in _siblings(row, desired, operation)):
            return True
    return False


def _needs_unknown_items(row: fields.Row, desired: JobState, known: JobState) -> bool:
    """Whether the task does not set a member of a health check that the API sets, and its value is unknown."""
    if row.kind != fields.HEALTH_CHECKS or row.path in known:
        return False
    return any(name not in check for check in desired[row.path] for name in _FILLED_MEMBERS)


def value_to_send(row: fields.Row, desired: t.Any, known: t.Any, strategy: str) -> t.Any:
    """The value to send for a desired field, with the known values that the task does not set. known is None if unknown."""
    if row.kind in (fields.VARIABLES, fields.FILES):
        kept = dict(known or {}) if strategy == MERGE else {}
        return {**kept, **{name: _entry_to_send(entry, (known or {}).get(name)) for name, entry in desired.items()}}
    if row.kind == fields.HEALTH_CHECKS:
        paired = values.index_items(row, known or [])
        return [{**_filled_members(paired.get(check[row.pair_by], {})), **check} for check in desired]
    return desired


def _entry_to_send(desired: t.Any, known: t.Any) -> t.Any:
    if not isinstance(desired, values.File) or known is None or desired.encoding_stated:
        return desired
    keeps_encoding = desired.encoding is None or desired.content == known.content
    return desired._replace(encoding=known.encoding) if keeps_encoding else desired


def _filled_members(known: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: known[name] for name in _FILLED_MEMBERS if name in known}


def build_body(rows: Rows, desired: JobState, known: JobState, strategy: str, operation: Operation = PATCH_MANUAL_JOB) -> dict[str, t.Any]:
    """The body of PATCH that sets these rows: nested objects are whole, with desired values before known ones."""
    result: dict[str, t.Any] = {}
    for row in rows:
        for sibling in [row, *_siblings(row, desired, operation)]:
            if sibling in rows or _is_sent_along(sibling, desired, known):
                value = value_to_send(sibling, desired[sibling.path], known.get(sibling.path), strategy)
            elif known.get(sibling.path) is not None:
                value = known[sibling.path]
            else:
                continue  # not set, or the desired value equals "not set"
            paths.put(result, sibling.path_in(operation), values.to_wire(sibling, value))
    return result


def state_after(rows: Rows, desired: JobState, known: JobState, strategy: str) -> JobState:
    """What is known after a PATCH of these rows."""
    after = {**known, **{row.path: value_to_send(row, desired[row.path], known.get(row.path), strategy) for row in rows}}
    others = _other_build_types(desired)
    for sibling in {sibling for row in rows for sibling in _rows_of_object(row)}:
        if fields.build_type(sibling) in others:
            after[sibling.path] = None  # build_body() leaves the other build type out
        elif _is_sent_along(sibling, desired, known):
            after[sibling.path] = desired[sibling.path]
    return after


def _is_sent_along(row: fields.Row, desired: JobState, known: JobState) -> bool:
    """Whether a desired field that is not compared is sent with its object: if its build type is in use, or will be."""
    build = fields.build_type(row)
    in_use = any(known.get(other.path) is not None for other in _rows_of_object(row) if fields.build_type(other) == build)
    return row.path in desired and not row.is_compared and (in_use or build in _stated_build_types(desired))


def _siblings(row: fields.Row, desired: JobState, operation: Operation) -> Rows:
    """The other rows of the object that is sent whole with this row."""
    others = _other_build_types(desired)
    return [sibling for sibling in _rows_of_object(row, operation) if sibling is not row and fields.build_type(sibling) not in others]


def _rows_of_object(row: fields.Row, operation: Operation = PATCH_MANUAL_JOB) -> Rows:
    parent = row.parent_in(operation)
    return [sibling for sibling in fields.FIELDS if parent and sibling.parent_in(operation) == parent]


def _other_build_types(desired: JobState) -> set[str]:
    """The build types that the task does not set, empty if it sets none."""
    stated = _stated_build_types(desired)
    return set(fields.BUILD_TYPES) - stated if stated else set()


def _stated_build_types(desired: JobState) -> set[str]:
    """The build types of which the task sets a field to a value."""
    set_rows = [
        row for row in fields.FIELDS if row.path in desired and row.is_compared and not is_equal(row, desired[row.path], None, MERGE)
    ]
    return {fields.build_type(row) for row in set_rows} - {""}
