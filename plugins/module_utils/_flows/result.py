# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of northflank_manual_job, and what its flows say in the same way."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._job import fields, values
from .._job.compare import MERGE, Rows
from .._job.state import JobState

FACTS = "northflank_manual_job"


@dataclass
class JobResult:
    """What a task did, or would do in check mode; diff is {before, after}. exists: the job exists after the task."""

    changed: bool
    job: dict[str, t.Any]
    diff: dict[str, t.Any]
    changed_fields: list[str] = field(default_factory=list)
    unknown_fields: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    exists: bool = True

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result that the module returns, without its warnings. A job that does not exist has no facts."""
        return {
            "changed": self.changed,
            "job": self.job,
            "ansible_facts": {FACTS: self.job if self.exists else {}},
            "changed_fields": self.changed_fields,
            "unknown_fields": self.unknown_fields,
            **({"diff": self.diff} if diff_mode else {}),
        }


def sorted_options(rows: Rows) -> list[str]:
    """The options of these rows, sorted."""
    return sorted(row.option for row in rows)


def warn_of_leftovers(differing: Rows, desired: JobState, known: JobState, strategy: str) -> list[str]:
    """The warning about the fields that differ from the desired ones after a write, empty if there are none."""
    left = [row for row in differing if not _has_random_value(row, desired)]
    if not left:
        return []
    named = ", ".join(_describe_leftover(row, desired, known, strategy) for row in left)
    return [
        f"The API returned success, but its response does not contain the requested value of: {named}. Check the job, or run the task again."
    ]


def _has_random_value(row: fields.Row, desired: JobState) -> bool:
    """Whether a map contains a function that returns a new value at each write, so that it never equals what was sent."""
    return row.kind == fields.VARIABLES and any(values.RANDOM_FUNCTION in text for text in desired[row.path].values())


def _describe_leftover(row: fields.Row, desired: JobState, known: JobState, strategy: str) -> str:
    """The option of a field that differs after a write, with the entries that were not removed."""
    if row.kind not in (fields.VARIABLES, fields.FILES) or strategy == MERGE:
        return row.option
    stayed = sorted(set(known[row.path] or {}) - set(desired[row.path]))
    return f"{row.option} (not removed: {', '.join(stayed)})" if stayed else row.option
