# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow: bring one manual job to the stated options, with no request that the outcome does not need.

read get-job -> read sub-resources while a stated field is unknown -> compare -> probe where only that can tell, or where an
object has to be sent whole and parts of it are unknown -> compare again -> one PATCH of what differs -> compare its answer.
Where a probe is needed whatever the sub-resources would tell, they are not read: its answer shows what they show.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.northflank.cloud.plugins.module_utils import _compare as compare
from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _listing as listing
from ansible_collections.northflank.cloud.plugins.module_utils import _probe as probe
from ansible_collections.northflank.cloud.plugins.module_utils import _result as result
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values
from ansible_collections.northflank.cloud.plugins.module_utils import _views as views
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import APPLY, MERGE, PROBE, REPLACE, SKIP
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._compare import Rows
from ansible_collections.northflank.cloud.plugins.module_utils._errors import (
    FORBIDDEN,
    GONE_STATUSES,
    UNKNOWN_STATUSES,
    ApiError,
    StateError,
)
from ansible_collections.northflank.cloud.plugins.module_utils._result import Outcome
from ansible_collections.northflank.cloud.plugins.module_utils._views import Known


class _OperationGone(Exception):
    """The manual job's own PATCH is gone from this API."""


@dataclass
class _Attempt:
    """One task on one job: what it states, how it is to be read, and what get-job answered."""

    client: Client
    options: t.Mapping[str, t.Any]
    desired: Known
    operation: endpoints.Operation  # the PATCH to use
    answer: dict[str, t.Any] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    compared: compare.Comparison = compare.Comparison([], [])  # of desired and known
    asked: dict[endpoints.Operation, t.Optional[int]] = field(default_factory=dict)  # sub-resources, and what status refused
    hidden: Rows = field(default_factory=list)  # maps that are empty for all that the token can see

    @property
    def strategy(self) -> str:
        strategy: str = self.options["map_strategy"]
        return strategy

    @property
    def policy(self) -> str:
        policy: str = self.options["unreadable"]
        return policy

    def get(self, operation: endpoints.Operation) -> dict[str, t.Any]:
        answer: dict[str, t.Any] = self.client.call(operation, self.options)
        return answer

    def patch(self, body: t.Mapping[str, t.Any], changes: bool = True) -> dict[str, t.Any]:
        try:
            answer: dict[str, t.Any] = self.client.call(self.operation, self.options, body, changes=changes)
        except ApiError as error:
            if error.status not in GONE_STATUSES or self.operation is not endpoints.PATCH_MANUAL_JOB:
                raise
            raise _OperationGone from None
        if self.operation is endpoints.PATCH_JOB:
            # Only what works takes its place: if the job itself was deleted meanwhile, no operation is gone.
            self.client.replaced[endpoints.PATCH_MANUAL_JOB] = self.operation
        return answer

    def learn(self, known: Known) -> None:
        self.known = known
        self.client.secrets.learn(known)
        self.compared = compare.compare(self.desired, known, self.strategy)

    def is_forbidden(self, row: fields.Row) -> bool:
        return row.resource is not None and self.asked.get(row.resource) == FORBIDDEN

    def unreadable(self) -> Rows:
        """The stated fields that are unknown, and that no sub-resource which was not asked yet can show."""
        return [row for row in self.compared.unknown if row.resource is None or row.resource in self.asked]

    def named(self, rows: Rows) -> str:
        """The options of these rows, each with why it is unknown, where an answer told."""
        return ", ".join(row.option + self._reason(row) for row in rows)

    def _reason(self, row: fields.Row) -> str:
        if row.resource is None or self.asked.get(row.resource) is None:
            return ""
        if self.is_forbidden(row):
            return f' (the token lacks the permission "{row.resource.permission}")'
        return f" ({row.resource.operation_id} is gone)"


def reconcile(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> Outcome:
    """Bring a manual job to the validated options of northflank_manual_job.

    :raises StateError: if the task cannot be applied to this job; nothing was written then, but the probe.
    :raises ApiError: if the API refuses a request.
    :raises TransportError: if no usable answer comes.
    """
    operation = client.replaced.get(endpoints.PATCH_MANUAL_JOB, endpoints.PATCH_MANUAL_JOB)
    task = _Attempt(client, options, views.from_options(options), operation)
    client.secrets.learn(task.desired)
    task.answer = task.get(endpoints.GET_JOB)
    if task.answer.get("jobType") == listing.CRON:
        raise StateError(result.cron_refusal(options))
    task.learn(views.from_get_job(task.answer))
    if check_mode:
        _read_resources(task)
        return _predict(task)
    try:
        return _carry_out(task)
    except _OperationGone:
        # Nothing was written. What has to be known first is another question now: other fields stand in objects.
        task.operation = endpoints.PATCH_JOB
        return _carry_out(task)


def _carry_out(task: _Attempt) -> Outcome:
    """Bring about what differs, by the task's PATCH."""
    # One after the other, since what one leaves unknown may take a probe, which tells what the others would.
    while (unread := _unread(task)) and not _needs_probe(task, _rows_to_send(task)):
        _read_resource(task, unread[0])
    rows, unknown = _rows_to_send(task), task.unreadable()
    if _needs_probe(task, rows):
        _probe(task, rows)
        # "apply" asks to send what no read shows at each run, whatever the probe tells about it.
        unknown = unknown if task.policy == APPLY else []
        rows = [row for row in fields.FIELDS if row in task.compared.differing or row in unknown]
    return _write(task, rows, unknown) if rows else _unchanged(task, unknown)


def _read_resources(task: _Attempt) -> None:
    """Learn what the sub-resources show of the stated fields that no answer has shown yet."""
    for resource in _unread(task):
        _read_resource(task, resource)


def _unread(task: _Attempt) -> list[endpoints.Operation]:
    """The sub-resources that were not asked yet and may show stated fields that are unknown."""
    wanted = [row.resource for row in task.compared.unknown if row.resource is not None and row.resource not in task.asked]
    return list(dict.fromkeys(wanted))


def _read_resource(task: _Attempt, resource: endpoints.Operation) -> None:
    lacking = {other.permission for other, status in task.asked.items() if status == FORBIDDEN}
    if resource.permission in lacking:
        task.asked[resource] = FORBIDDEN
        return
    try:
        shown = views.from_resource(resource, task.get(resource), task.desired)
    except ApiError as error:
        if error.status not in UNKNOWN_STATUSES:
            raise
        task.asked[resource] = error.status
    else:
        task.asked[resource] = None
        task.learn({**shown, **task.known})


def _rows_to_send(task: _Attempt) -> Rows:
    """The fields of the PATCH that is due before anything more is known."""
    differing, unknown = task.compared.differing, task.unreadable()
    if task.policy == APPLY:
        _refuse_blind_merge(task, unknown)
    due = differing or task.policy == APPLY
    return [row for row in fields.FIELDS if row in differing or due and row in unknown]


def _refuse_blind_merge(task: _Attempt, unknown: Rows) -> None:
    maps = [row for row in unknown if compare.is_unknown_merge(row, {}, task.strategy)]
    if maps:
        raise StateError(
            f"{task.named(maps)}: nothing shows what it holds, so it cannot be merged (map_strategy). "
            f"Use a token that may read it, unreadable: {PROBE}, or map_strategy: {REPLACE} with the whole map."
        )


def _needs_probe(task: _Attempt, rows: Rows) -> bool:
    if not rows:
        return bool(task.unreadable()) and task.policy == PROBE
    return compare.lacks_siblings(rows, task.desired, task.known, task.strategy, task.operation)


def _probe(task: _Attempt, rows: Rows) -> None:
    """Learn the whole job from the answer of a PATCH that writes only what is there already."""
    unknown = task.compared.unknown
    try:
        answer = task.patch(probe.body(task.desired, task.known, task.strategy, task.operation), changes=False)
    except ApiError as error:
        if error.status == FORBIDDEN and not rows:
            raise ApiError(
                f"{error} Nothing but the answer of PATCH shows {task.named(unknown)}. "
                f"With a token that may only read, use unreadable: {SKIP}.",
                error.error,
            ) from None
        raise
    written = views.from_written(answer)
    task.learn(views.updated(task.known, written))
    _ask_for_hidden_maps(task, [row for row in unknown if row.secret and written.get(row.path) is None])
    _refuse_unknown_shapes(task)


def _ask_for_hidden_maps(task: _Attempt, absent: Rows) -> None:
    """What a token may not read may be hidden from it in the answer of PATCH too: absent is not empty then, and a merge would lose it."""
    asked = [row for row in absent if row.resource is not None]
    task.learn({path: value for path, value in task.known.items() if path not in {row.path for row in asked}})
    _read_resources(task)
    forbidden = [row for row in asked if task.is_forbidden(row)]
    _refuse_blind_merge(task, forbidden)
    task.hidden = [row for row in forbidden if not task.desired[row.path]]
    task.learn({**{row.path: None for row in asked}, **task.known})


def _refuse_unknown_shapes(task: _Attempt) -> None:
    """After a whole answer only a value of a shape that the collection does not know is still unknown."""
    stated = {row.parent_in(task.operation) or row.path for row in fields.FIELDS if row.path in task.desired}
    rows = [row for row in fields.FIELDS if row.path not in task.known and (row.parent_in(task.operation) or row.path) in stated]
    if rows:
        raise StateError(
            f"The API shows these fields in a shape that this version of the collection does not know: {task.named(rows)}. "
            "Use a later version, or leave these options out."
        )


def _write(task: _Attempt, rows: Rows, unknown: Rows) -> Outcome:
    before = task.known
    answer = task.patch(compare.body(rows, task.desired, before, task.strategy, task.operation))
    task.client.done = {"changed": True, "changed_fields": _options(rows)}
    task.answer = {**task.answer, **answer}
    expected = compare.predicted(rows, task.desired, before, task.strategy)
    after = views.updated(expected, views.from_written(answer), [row.path for row in rows])
    task.learn(after)
    warnings = []
    left = [row for row in task.compared.differing if not _is_renewed(task, row)]
    if left:
        named = ", ".join(_what_is_left(task, row, after) for row in left)
        warnings.append(
            f"The API answered with success, but its answer does not show what was asked for: {named}. Look at the job, or run the task again."
        )
    if unknown and task.policy == APPLY:
        warnings.append(f"Sent and reported as changed, since no read shows it (unreadable: {APPLY}): {task.named(unknown)}.")
    return _outcome(task, rows, unknown, result.diff(rows, before, expected), after, warnings)


def _is_renewed(task: _Attempt, row: fields.Row) -> bool:
    """Whether a map holds a function that yields a new value at each write, so that it never equals what was sent."""
    return row.kind == fields.VARIABLES and any(values.RANDOM_FUNCTION in text for text in task.desired[row.path].values())


def _what_is_left(task: _Attempt, row: fields.Row, after: Known) -> str:
    if row.kind not in (fields.VARIABLES, fields.FILES) or task.strategy == MERGE:
        return row.option
    stayed = sorted(set(after[row.path] or {}) - set(task.desired[row.path]))
    return f"{row.option} (still there: {', '.join(stayed)})" if stayed else row.option


def _unchanged(task: _Attempt, unknown: Rows) -> Outcome:
    warnings = [_says_left_out(task, unknown)] if unknown else []
    return _outcome(task, [], unknown, result.diff([], task.known, task.known), task.known, warnings)


def _says_left_out(task: _Attempt, unknown: Rows) -> str:
    return f"Left out, since no read shows it (unreadable: {SKIP}): {task.named(unknown)}."


def _predict(task: _Attempt) -> Outcome:
    """What a run would do, as far as reading tells."""
    known, compared = task.known, task.compared
    if task.policy == SKIP and not compared.differing:
        return _unchanged(task, compared.unknown)
    rows = [row for row in fields.FIELDS if row in compared.differing or row in compared.unknown]
    warnings = []
    if compared.unknown:
        warnings.append(f"Predicted to change, since nothing that a check may do shows what it is: {task.named(compared.unknown)}.")
    expected = compare.predicted(rows, task.desired, known, task.strategy)
    # Which keys a map will hold that is merged into an unknown one, nobody can tell.
    shown = {row.path for row in rows if not compare.is_unknown_merge(row, known, task.strategy)} | set(known)
    after = {path: value for path, value in expected.items() if path in shown}
    return _outcome(task, rows, compared.unknown, result.diff(rows, known, expected), after, warnings)


def _outcome(task: _Attempt, rows: Rows, unknown: Rows, diff: dict[str, t.Any], after: Known, warnings: list[str]) -> Outcome:
    if task.hidden:
        unknown = [*unknown, *task.hidden]
        warnings = [*warnings, f"Taken for empty, though the API may have hidden what it holds: {task.named(task.hidden)}."]
    return Outcome(
        changed=bool(rows),
        job=result.job(after, task.answer, task.options["project_id"]),
        changed_fields=_options(rows),
        unknown_fields=_options(unknown),
        diff=diff,
        warnings=warnings,
    )


def _options(rows: Rows) -> list[str]:
    return sorted(row.option for row in rows)
