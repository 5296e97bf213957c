# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow: bring one manual job to the stated options, with no request that the outcome does not need.

read get-job -> read sub-resources while a stated field is unknown -> compare -> probe where only that can tell, or where an
object has to be sent whole and parts of it are unknown -> compare again -> one PATCH of what differs -> compare its answer.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.northflank.cloud.plugins.module_utils import _compare as compare
from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _probe as probe
from ansible_collections.northflank.cloud.plugins.module_utils import _result as result
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values
from ansible_collections.northflank.cloud.plugins.module_utils import _views as views
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import APPLY, MERGE, PROBE, SKIP
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, StateError
from ansible_collections.northflank.cloud.plugins.module_utils._redact import Secrets

# What a sub-resource answers that is forbidden, or that no longer exists: its fields are unknown, not empty.
_UNKNOWN_STATUSES = (403, 404, 410)


@dataclass
class Outcome:
    """What a task did, or would do in check mode; diff is {before, after}."""

    changed: bool
    job: dict[str, t.Any]
    changed_fields: list[str]
    unknown_fields: list[str]
    diff: dict[str, t.Any]
    warnings: list[str]


@dataclass
class _Task:
    client: Client
    secrets: Secrets
    options: t.Mapping[str, t.Any]
    desired: compare.Known
    reasons: dict[str, str] = field(default_factory=dict)  # why a field is unknown, where an answer told

    @property
    def strategy(self) -> str:
        return self.options["map_strategy"]

    @property
    def policy(self) -> str:
        return self.options["unreadable"]

    def call(self, operation: endpoints.Operation, **rest: t.Any) -> dict[str, t.Any]:
        return self.client.call(operation, self.options, **rest)

    def compare(self, known: compare.Known) -> compare.Comparison:
        return compare.compare(self.desired, known, self.strategy)

    def named(self, rows: compare.Rows) -> str:
        return ", ".join(f"{row.option} ({self.reasons[row.path]})" if row.path in self.reasons else row.option for row in rows)


def reconcile(client: Client, secrets: Secrets, options: t.Mapping[str, t.Any], check_mode: bool) -> Outcome:
    """Bring a manual job to the validated options of northflank_manual_job.

    :raises StateError: if the task cannot be applied to this job; nothing was written then, but the probe.
    :raises ApiError: if the API refuses a request.
    :raises TransportError: if no usable answer comes.
    """
    task = _Task(client, secrets, options, views.from_options(options))
    secrets.learn(task.desired)
    answer = task.call(endpoints.GET_JOB)
    if answer.get("jobType") == "cron":
        raise StateError(
            f"The job {options['job_id']} of the project {options['project_id']} is a cron job; this module manages manual jobs only."
        )
    known = _read_resources(task, views.from_get_job(answer))
    secrets.learn(known)
    before, compared = known, task.compare(known)
    if check_mode:
        return _predict(task, answer, known, compared)
    assumed = compared.unknown if task.policy == APPLY else []
    rows = _rows_to_send(task, compared)
    if _needs_probe(task, known, compared, rows):
        answer, known = _probe(task, known, rows)
        before = known
        rows = [row for row in fields.FIELDS if row in task.compare(known).differing or row in assumed]
        unknown = assumed
    else:
        unknown = compared.unknown
    if not rows:
        return _unchanged(task, answer, known, unknown)
    return _write(task, before, rows, unknown)


def _read_resources(task: _Task, known: compare.Known) -> compare.Known:
    """Add what the sub-resources show of the stated fields that get-job did not show."""
    wanted = [row.resource for row in task.compare(known).unknown if row.resource is not None]
    for resource in dict.fromkeys(wanted):
        query = {"show": "this"} if resource.permission == endpoints.JOB_SECRETS_READ else None
        try:
            shown = views.from_resource(resource, task.call(resource, query=query), task.desired)
        except ApiError as error:
            if error.status not in _UNKNOWN_STATUSES:
                raise
            reason = f'the token lacks the permission "{resource.permission}"' if error.status == 403 else f"{resource.operation_id} is gone"
            task.reasons.update({row.path: reason for row in fields.FIELDS if row.resource is resource})
        else:
            known = {**shown, **known}
    return known


def _rows_to_send(task: _Task, compared: compare.Comparison) -> compare.Rows:
    """The fields of the PATCH that is due before anything more is known."""
    if task.policy == APPLY and task.strategy == MERGE:
        _refuse_blind_merge(task, [row for row in compared.unknown if row.kind in (fields.VARIABLES, fields.FILES)])
    due = compared.differing or task.policy == APPLY
    return [row for row in fields.FIELDS if row in compared.differing or due and row in compared.unknown]


def _refuse_blind_merge(task: _Task, rows: compare.Rows) -> None:
    if rows:
        raise StateError(
            f"{task.named(rows)}: nothing shows what it holds, so it cannot be merged (map_strategy). "
            f"Set unreadable to {PROBE}, or map_strategy to replace with the whole map."
        )


def _left_out(task: _Task, compared: compare.Comparison) -> compare.Rows:
    """The unknown fields that are not written: under "skip", unless something else is."""
    return compared.unknown if task.policy == SKIP and not compared.differing else []


def _needs_probe(task: _Task, known: compare.Known, compared: compare.Comparison, rows: compare.Rows) -> bool:
    if not rows:
        return bool(compared.unknown) and task.policy == PROBE
    return compare.lacks_siblings(rows, task.desired, known, task.strategy)


def _probe(task: _Task, known: compare.Known, rows: compare.Rows) -> tuple[dict[str, t.Any], compare.Known]:
    """Read the whole job from the answer of a PATCH that writes only what is there already."""
    try:
        answer = task.call(endpoints.PATCH_MANUAL_JOB, body=probe.body(task.desired, known, task.strategy))
    except ApiError as error:
        if error.status == 403 and not rows:
            unknown = task.named(task.compare(known).unknown)
            raise ApiError(
                f"{error} Nothing but the answer of PATCH shows {unknown}. With a token that may only read, set unreadable to {SKIP}.",
                error.error,
            ) from None
        raise
    written = views.from_written(answer)
    task.secrets.learn(written)
    return answer, views.updated(known, written)


def _write(task: _Task, before: compare.Known, rows: compare.Rows, unknown: compare.Rows) -> Outcome:
    body = compare.body(rows, task.desired, before, task.strategy)
    answer = task.call(endpoints.PATCH_MANUAL_JOB, body=body)
    expected = compare.predicted(rows, task.desired, before, task.strategy)
    after = views.updated(expected, views.from_written(answer), [row.path for row in rows])
    warnings = []
    left = [row for row in task.compare(after).differing if not _is_renewed(task, row)]
    if left:
        warnings.append(f"The API answered with success, but did not take: {', '.join(_what_is_left(task, row, after) for row in left)}.")
    if unknown and task.policy == APPLY:
        warnings.append(f"Reported as changed, since nothing shows what it was before: {task.named(unknown)}.")
    return _outcome(task, answer, rows, unknown, result.diff(rows, before, expected), after, warnings)


def _is_renewed(task: _Task, row: fields.Row) -> bool:
    """Whether a map holds a function that yields a new value at each write, so that it never equals what was sent."""
    return row.kind == fields.VARIABLES and any(values.RANDOM_FUNCTION in text for text in task.desired[row.path].values())


def _what_is_left(task: _Task, row: fields.Row, after: compare.Known) -> str:
    if row.kind not in (fields.VARIABLES, fields.FILES) or task.strategy == MERGE:
        return row.option
    stayed = sorted(set(after[row.path] or {}) - set(task.desired[row.path] or {}))
    return f"{row.option} (still there: {', '.join(stayed)})" if stayed else row.option


def _unchanged(task: _Task, answer: dict[str, t.Any], known: compare.Known, unknown: compare.Rows) -> Outcome:
    warnings = [_says_left_out(task, unknown)] if unknown else []
    return _outcome(task, answer, [], unknown, result.diff([], known, known), known, warnings)


def _says_left_out(task: _Task, unknown: compare.Rows) -> str:
    return f"Left out, since nothing shows what it is (unreadable: {SKIP}): {task.named(unknown)}."


def _predict(task: _Task, answer: dict[str, t.Any], known: compare.Known, compared: compare.Comparison) -> Outcome:
    """What a run would do, as far as reading tells."""
    left_out = _left_out(task, compared)
    unread = [row for row in compared.unknown if row not in left_out]
    rows = [row for row in fields.FIELDS if row in compared.differing or row in unread]
    warnings = [_says_left_out(task, left_out)] if left_out else []
    if unread:
        warnings.append(f"Predicted to change, since nothing that a check may do shows what it is: {task.named(unread)}.")
    expected = compare.predicted(rows, task.desired, known, task.strategy)
    return _outcome(task, answer, rows, compared.unknown, result.diff(rows, known, expected), expected, warnings)


def _outcome(
    task: _Task,
    answer: dict[str, t.Any],
    rows: compare.Rows,
    unknown: compare.Rows,
    diff: dict[str, t.Any],
    after: compare.Known,
    warnings: list[str],
) -> Outcome:
    return Outcome(
        changed=bool(rows),
        job=result.job(after, answer, task.options["project_id"]),
        changed_fields=sorted(row.option for row in rows),
        unknown_fields=sorted(row.option for row in unknown),
        diff=diff,
        warnings=warnings,
    )
