# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees of a job, in the options' names: the job itself and its diff. No value of a secret map is in either."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.northflank.cloud.plugins.module_utils import _compare as compare
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _paths as paths
from ansible_collections.northflank.cloud.plugins.module_utils import _redact as redact
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values
from ansible_collections.northflank.cloud.plugins.module_utils._compare import Rows
from ansible_collections.northflank.cloud.plugins.module_utils._views import Known

UNKNOWN = "unknown"
FACTS = "northflank_manual_job"

# What tells a job apart, by the names of the answers of get-job and PATCH, in each state of the API.
_IDENTITY = {"id": "id", "name": "name", "appId": "app_id", "jobType": "job_type"}


@dataclass
class Outcome:
    """What a task did, or would do in check mode; diff is {before, after}."""

    changed: bool
    job: dict[str, t.Any]
    changed_fields: list[str]
    unknown_fields: list[str]
    diff: dict[str, t.Any]
    warnings: list[str]

    def shown(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, its warnings aside."""
        return {
            "changed": self.changed,
            "job": self.job,
            "ansible_facts": {FACTS: self.job},
            "changed_fields": self.changed_fields,
            "unknown_fields": self.unknown_fields,
            **({"diff": self.diff} if diff_mode else {}),
        }


def cron_refusal(options: t.Mapping[str, t.Any]) -> str:
    """What to say of a job that is no manual one."""
    return f"The job {options['job_id']} of the project {options['project_id']} is a cron job; this module is for manual jobs only."


def job(known: Known, answer: t.Mapping[str, t.Any], project_id: str) -> dict[str, t.Any]:
    """The job as facts. Each key that is also an option has its name, type and meaning: fed back, it changes nothing.

    What is unknown is left out. What is known to be not set reads as the task would clear it, and is left out if it could
    not. Of secret maps only the sorted names show, as runtime_environment_keys and so on.
    """
    result: dict[str, t.Any] = {shown: answer[name] for name, shown in _IDENTITY.items() if name in answer}
    result["project_id"] = project_id
    for row in fields.FIELDS:
        if row.path in known and not _is_second_way_to_build(row, known):
            if row.secret:
                result[f"{row.option}_keys"] = sorted(known[row.path] or {})
            else:
                value = _shown_value(row, known)
                if value is not paths.NOT_SHOWN:
                    paths.put(result, row.option, value)
    return result


def diff(rows: Rows, before: Known, after: Known) -> dict[str, t.Any]:
    """{before, after} of these rows and of the way to build that goes, as nested options; "unknown" where nothing showed a value.

    after is what the task asks for. Where the API takes something else, a warning says so.
    """
    result: dict[str, t.Any] = {"before": {}, "after": {}}
    abandoned = _abandoned(rows, before, after)
    for row in [*rows, *abandoned]:
        if row in abandoned:
            shown = _diff_value(row, before), paths.NOT_SHOWN
        elif row.secret:
            shown = redact.diff_of_map(before.get(row.path), after.get(row.path), compare.same_entry)
        else:
            shown = _diff_value(row, before), _diff_value(row, after)
        if row.path not in before:
            shown = UNKNOWN, shown[1]
        for side, value in zip(("before", "after"), shown):
            if value is not paths.NOT_SHOWN:
                paths.put(result[side], row.option, value)
    return result


def _abandoned(rows: Rows, before: Known, after: Known) -> Rows:
    return [
        row
        for row in fields.FIELDS
        if fields.way_to_build(row) and row not in rows and before.get(row.path) is not None and after.get(row.path) is None
    ]


def _diff_value(row: fields.Row, known: Known) -> t.Any:
    value = known.get(row.path)
    if value is not None:
        return values.to_option(row, value)
    return _cleared(row)


def _shown_value(row: fields.Row, known: Known) -> t.Any:
    value = known[row.path]
    if value is not None and (row.kind != fields.TEXT or value != row.absent):
        return values.to_option(row, value)
    prefix = row.path.rpartition(".")[0]
    beside = any(known.get(other.path) is not None for other in fields.FIELDS if prefix and other.path.rpartition(".")[0] == prefix)
    return _cleared(row) if beside or not prefix else paths.NOT_SHOWN


def _cleared(row: fields.Row) -> t.Any:
    """The option that states "not set", NOT_SHOWN if none does."""
    if row.clear is not None:
        return row.clear
    return [] if row.empty == [] else paths.NOT_SHOWN


def _is_second_way_to_build(row: fields.Row, known: Known) -> bool:
    # Options take one of the two only; where an answer holds both, the Dockerfile shows, as in the published answers.
    dockerfile, buildpack = fields.WAYS_TO_BUILD
    return fields.way_to_build(row) == buildpack and any(
        known.get(other.path) is not None for other in fields.FIELDS if fields.way_to_build(other) == dockerfile
    )
