# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of northflank_manual_job: it applies the options of the task to one manual job, with as few requests as possible.

plan.py decides the next step. This file carries out the steps, and makes the result of the task of their results.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import FORBIDDEN, GONE_STATUSES, ApiError, StateError
from .._job import compare, facts, fields, probe, state, values
from .._job.compare import MERGE, REPLACE, Rows
from .._job.state import JobState
from .._options.argument_spec import APPLY, PROBE, SKIP
from . import plan
from .reading import SubResources, read_manual_job

FACTS = "northflank_manual_job"


@dataclass
class JobResult:
    """What a task did, or would do in check mode; diff is {before, after}."""

    changed: bool
    job: dict[str, t.Any]
    changed_fields: list[str]
    unknown_fields: list[str]
    diff: dict[str, t.Any]
    warnings: list[str]

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result that the module returns, without its warnings."""
        return {
            "changed": self.changed,
            "job": self.job,
            "ansible_facts": {FACTS: self.job},
            "changed_fields": self.changed_fields,
            "unknown_fields": self.unknown_fields,
            **({"diff": self.diff} if diff_mode else {}),
        }


class _OperationGone(Exception):
    """The API no longer has patch-manual-job."""


@dataclass
class _Reconciliation:
    """One task on one job: the situation that decides the next step, and the objects that carry out the steps."""

    client: Client
    target: Target
    situation: plan.Situation
    sub_resources: SubResources
    response: dict[str, t.Any]  # of get-job, updated by that of PATCH
    hidden: Rows = field(default_factory=list)  # maps that are treated as empty, although the token cannot read them

    def set_known(self, known: JobState) -> None:
        self.situation.known = known
        self.client.secrets.add(*state.secret_texts(known))

    def patch(self, body: t.Mapping[str, t.Any], is_probe: bool = False) -> dict[str, t.Any]:
        operation = self.situation.operation
        try:
            response: dict[str, t.Any] = self.client.fetch(operation, self.target, body, is_probe=is_probe)
        except ApiError as error:
            if error.status not in GONE_STATUSES or operation is not operations.PATCH_MANUAL_JOB:
                raise
            raise _OperationGone from None
        if operation is operations.PATCH_JOB:
            # Only after a success: if the job was deleted meanwhile, patch-job fails, too, and patch-manual-job may still exist.
            self.client.replacements[operations.PATCH_MANUAL_JOB] = operation
        return response

    def describe(self, rows: Rows) -> str:
        """The options of these rows, each with the reason why it is unknown, if a response showed the reason."""
        return ", ".join(row.option + self._reason(row) for row in rows)

    def _reason(self, row: fields.Row) -> str:
        if row.resource is None or row.resource not in self.sub_resources.refusals:
            return ""
        if self.sub_resources.is_forbidden(row.resource):
            return f' (the token lacks the permission "{row.resource.permission}")'
        return f" (the API no longer has the operation {row.resource.operation_id})"


def reconcile(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> JobResult:
    """Apply the validated options of northflank_manual_job to a manual job.

    :raises StateError: if the task cannot be applied to this job; nothing was changed then.
    :raises ApiError: if the API refuses a request.
    :raises TransportError: if there is no usable response.
    """
    desired = state.from_options(options)
    client.secrets.add(*state.secret_texts(desired))
    target = Target(options["project_id"], options["job_id"])
    operation = client.replacements.get(operations.PATCH_MANUAL_JOB, operations.PATCH_MANUAL_JOB)
    situation = plan.Situation(desired, options["map_strategy"], options["unreadable"], check_mode, operation)
    task = _Reconciliation(client, target, situation, SubResources(client), read_manual_job(client, target))
    task.set_known(state.from_get_job(task.response))
    while True:
        step = plan.next_step(situation)
        try:
            result = _carry_out(task, step)
        except _OperationGone:
            # Nothing was written. patch-job has other objects, so other fields must be known before it is sent.
            situation.operation, situation.has_probed, situation.unreadable_before_probe = operations.PATCH_JOB, False, []
        else:
            if result:
                return result


def _carry_out(task: _Reconciliation, step: plan.Step) -> JobResult | None:
    """Carry out one step. Returns the result of the task, None if more steps follow."""
    if isinstance(step, plan.Patch):
        return _write(task, step.rows, step.unknown)
    if isinstance(step, plan.Done):
        return _predict(task, step.unknown) if task.situation.is_check else _leave_unchanged(task, step.unknown)
    if isinstance(step, plan.Read):
        _read_sub_resource(task, step.resource)
    elif isinstance(step, plan.Probe):
        _send_probe(task, step.rows)
    elif isinstance(step, plan.TreatAsEmpty):
        task.hidden = step.hidden
        task.situation.unconfirmed = []
        task.set_known({**{row.path: None for row in step.rows}, **task.situation.known})
    else:
        raise StateError(_describe_refusal(task, step))
    return None


def _describe_refusal(task: _Reconciliation, step: plan.RefuseMerge | plan.RefuseShapes) -> str:
    if isinstance(step, plan.RefuseMerge):
        return (
            f"{task.describe(step.rows)}: its current value cannot be read, so the task cannot merge into it (map_strategy). "
            f"Use a token that can read it, unreadable: {PROBE}, or map_strategy: {REPLACE} with the whole map."
        )
    return (
        f"The API returned these fields in a format that this version of the collection does not support: {task.describe(step.rows)}. "
        "Use a later version, or remove these options from the task."
    )


def _read_sub_resource(task: _Reconciliation, resource: operations.Operation) -> None:
    shown = task.sub_resources.read(resource, task.target, task.situation.desired)
    task.situation.tried.add(resource)
    if task.sub_resources.is_forbidden(resource):
        task.situation.forbidden.add(resource)
    task.set_known({**shown, **task.situation.known})


def _send_probe(task: _Reconciliation, rows: Rows) -> None:
    """Read the whole job from the response to a PATCH that changes nothing."""
    situation = task.situation
    unknown = situation.compare().unknown
    unreadable = situation.find_unreadable(unknown)
    body = probe.build_body(situation.desired, situation.known, situation.strategy, situation.operation)
    try:
        response = task.patch(body, is_probe=True)
    except ApiError as error:
        if error.status == FORBIDDEN and not rows:
            raise ApiError(
                f"{error} Only the response to PATCH contains {task.describe(unknown)}. "
                f"If the token can only read, use unreadable: {SKIP}.",
                error.error,
            ) from None
        raise
    shown = state.from_patch(response)
    situation.has_probed = True
    situation.unreadable_before_probe = unreadable if situation.policy == APPLY else []
    # The API may hide from the token in the response to PATCH, too, what it cannot read. It is not empty then, and a merge would lose it.
    missing = [row for row in unknown if row.secret and row.resource is not None and shown.get(row.path) is None]
    situation.unconfirmed = missing
    known = state.after_patch(situation.known, shown)
    task.set_known({path: value for path, value in known.items() if path not in {row.path for row in missing}})


def _write(task: _Reconciliation, rows: Rows, unknown: Rows) -> JobResult:
    situation, before = task.situation, task.situation.known
    response = task.patch(compare.build_body(rows, situation.desired, before, situation.strategy, situation.operation))
    task.client.result_of_write = {"changed": True, "changed_fields": _sorted_options(rows)}
    task.response = {**task.response, **response}
    expected = compare.state_after(rows, situation.desired, before, situation.strategy)
    after = state.after_patch(expected, state.from_patch(response), [row.path for row in rows])
    task.set_known(after)
    warnings = []
    left = [row for row in situation.compare().differing if not _has_random_value(row, situation.desired)]
    if left:
        named = ", ".join(_describe_leftover(task, row, after) for row in left)
        warnings.append(
            f"The API returned success, but its response does not contain the requested value of: {named}. Check the job, or run the task again."
        )
    if unknown and situation.policy == APPLY:
        warnings.append(f"Sent and reported as changed, because it cannot be read (unreadable: {APPLY}): {task.describe(unknown)}.")
    return _to_result(task, rows, unknown, facts.diff(rows, before, expected), after, warnings)


def _has_random_value(row: fields.Row, desired: JobState) -> bool:
    """Whether a map contains a function that returns a new value at each write, so that it never equals what was sent."""
    return row.kind == fields.VARIABLES and any(values.RANDOM_FUNCTION in text for text in desired[row.path].values())


def _describe_leftover(task: _Reconciliation, row: fields.Row, after: JobState) -> str:
    """The option of a field that differs after PATCH, with the entries that PATCH did not remove."""
    if row.kind not in (fields.VARIABLES, fields.FILES) or task.situation.strategy == MERGE:
        return row.option
    stayed = sorted(set(after[row.path] or {}) - set(task.situation.desired[row.path]))
    return f"{row.option} (not removed: {', '.join(stayed)})" if stayed else row.option


def _leave_unchanged(task: _Reconciliation, unknown: Rows) -> JobResult:
    """The result of a task that has nothing to change."""
    known = task.situation.known
    warnings = [f"Ignored, because it cannot be read (unreadable: {SKIP}): {task.describe(unknown)}."] if unknown else []
    return _to_result(task, [], unknown, facts.diff([], known, known), known, warnings)


def _predict(task: _Reconciliation, unknown: Rows) -> JobResult:
    """The result that the task would have without check mode, as far as it can be read."""
    situation, known, differing = task.situation, task.situation.known, task.situation.compare().differing
    if situation.policy == SKIP and not differing:
        return _leave_unchanged(task, unknown)
    rows = [row for row in fields.FIELDS if row in differing or row in unknown]
    warnings = []
    if unknown:
        warnings.append(f"Predicted to change, because its value cannot be read in check mode: {task.describe(unknown)}.")
    expected = compare.state_after(rows, situation.desired, known, situation.strategy)
    # If a map is merged into an unknown one, the keys of the result are unknown.
    shown = {row.path for row in rows if not compare.is_unknown_merge(row, known, situation.strategy)} | set(known)
    after = {path: value for path, value in expected.items() if path in shown}
    return _to_result(task, rows, unknown, facts.diff(rows, known, expected), after, warnings)


def _to_result(task: _Reconciliation, rows: Rows, unknown: Rows, diff: dict[str, t.Any], after: JobState, warnings: list[str]) -> JobResult:
    if task.hidden:
        unknown = [*unknown, *task.hidden]
        warnings = [*warnings, f"Treated as empty, although the API may have hidden its value: {task.describe(task.hidden)}."]
    return JobResult(
        changed=bool(rows),
        job=facts.job(after, task.response, task.target.project_id),
        changed_fields=_sorted_options(rows),
        unknown_fields=_sorted_options(unknown),
        diff=diff,
        warnings=warnings,
    )


def _sorted_options(rows: Rows) -> list[str]:
    return sorted(row.option for row in rows)
