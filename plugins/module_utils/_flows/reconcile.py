# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of northflank_manual_job: it applies the options of the task to one manual job, with as few requests as possible.

plan.py decides the next step. This file carries out the steps, and makes the result of the task of their results.
"""

from __future__ import annotations

import typing as t

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import FORBIDDEN, NOT_FOUND, ApiError, NorthflankError, StateError
from .._job import compare, deployment, facts, fields, probe, state, writes
from .._job.compare import REPLACE, Rows
from .._job.state import JobState
from .._options.argument_spec import ABSENT, APPLY, PROBE, SKIP
from . import plan
from .create import create_job
from .deploy import require_same_name_for_put, send_deployment
from .job_task import JobTask, OperationGone
from .reading import SubResources, read_manual_job, reads_secrets
from .remove import remove_job
from .result import JobResult, sorted_options


def reconcile(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> JobResult:
    """Apply the validated options of northflank_manual_job to a manual job: create it, change it, or remove it.

    :raises StateError: if the task cannot be applied to this job; nothing was changed then.
    :raises ApiError: if the API refuses a request.
    :raises TransportError: if there is no usable response.
    """
    target = Target(options["project_id"], options["job_id"])
    desired = state.from_options(options)
    client.secrets.add(*state.secret_texts(desired))
    if options["state"] == ABSENT:
        return remove_job(client, target, check_mode)
    try:
        response = read_manual_job(client, target)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        created = create_job(client, target, desired, options["map_strategy"], check_mode, error)
        if isinstance(created, JobResult):
            return created
        response = created
    operation = client.replacements.get(operations.PATCH_MANUAL_JOB, operations.PATCH_MANUAL_JOB)
    situation = plan.Situation(desired, options["map_strategy"], options["unreadable"], check_mode, operation)
    situation.gone = {gone for gone, replacement in client.replacements.items() if replacement is operations.PUT_JOB}
    return _change_job(JobTask(client, target, situation, SubResources(client), response))


def _change_job(task: JobTask) -> JobResult:
    situation = task.situation
    shown = deployment.from_get_job(task.response) if task.shows_deployment else {}
    task.set_known({**state.from_get_job(task.response), **shown})
    while True:
        step = plan.next_step(situation)
        if isinstance(step, plan.Done):
            return _predict(task, step.unknown) if situation.is_check else _finish(task, step.unknown)
        try:
            _carry_out(task, step)
        except OperationGone as gone:
            # Nothing was written.
            if gone.operation is not operations.PATCH_MANUAL_JOB:
                task.may_be_removed = gone.status == NOT_FOUND and (situation.has_patched or situation.has_probed)
                situation.gone.add(gone.operation)
                continue
            # patch-job has other objects, so other fields must be known before it is sent.
            situation.operation, situation.has_probed, situation.unreadable_before_probe = operations.PATCH_JOB, False, []
        except NorthflankError as error:
            raise _add_earlier_writes(task, error) from None


def _carry_out(task: JobTask, step: plan.Action) -> None:
    """Carry out one step before the last one."""
    if isinstance(step, plan.Patch):
        _send_patch(task, step.rows, step.unknown)
    elif isinstance(step, plan.Deploy):
        send_deployment(task, step.write, step.unknown)
    elif isinstance(step, plan.Read):
        _read_sub_resource(task, step.resource)
    elif isinstance(step, plan.ReadToken):
        task.situation.has_read_token = True
        task.situation.reads_secrets = reads_secrets(task.client)
    elif isinstance(step, plan.Probe):
        _send_probe(task, step.rows)
    elif isinstance(step, plan.TreatAsEmpty):
        task.hidden = step.hidden
        task.situation.unconfirmed = []
        task.set_known({**{row.path: None for row in step.rows}, **task.situation.known})
    else:
        raise StateError(_describe_refusal(task, step))


def _describe_refusal(task: JobTask, step: plan.Refusal) -> str:
    if isinstance(step, plan.RefuseMerge):
        return (
            f"{task.describe(step.rows)}: its current value cannot be read, so the task cannot merge into it (map_strategy). "
            f"Use a token that can read it, unreadable: {PROBE}, or map_strategy: {REPLACE} with the whole map."
        )
    if isinstance(step, plan.RefuseFixed):
        known = task.situation.known
        named = ", ".join(f"{row.option} is {'not set' if known[row.path] is None else known[row.path]}" for row in step.rows)
        return f"The API cannot change these fields of a job that exists: {named}. Use this value, or remove the job and create it again."
    if isinstance(step, plan.RefuseIncomplete):
        return f"The job does not build from a repository. To change that, the task must also set: {', '.join(sorted_options(step.rows))}."
    if isinstance(step, plan.RefusePut):
        return (
            f"This change of the deployment is only possible with the operation {operations.PUT_JOB.operation_id}, which replaces the whole job. "
            f"It was not sent, because the current value of these fields cannot be read: {task.describe(step.rows)}. "
            "Use a token that can read them, or make the change in Northflank's dashboard."
        )
    return (
        f"The API returned these fields in a format that this version of the collection does not support: {task.describe(step.rows)}. "
        "Use a later version, or remove these options from the task."
    )


def _read_sub_resource(task: JobTask, resource: operations.Operation) -> None:
    situation = task.situation
    shown = task.sub_resources.read(resource, task.target, situation.desired, situation.known)
    situation.tried.add(resource)
    if resource in task.sub_resources.refusals:
        situation.refused.add(resource)
    if task.sub_resources.is_forbidden(resource):
        situation.forbidden.add(resource)
    # A map that is missing in a response with the whole job can be hidden there.
    hidden = {row.path: shown[row.path] for row in situation.absent if row.path in shown}
    task.set_known({**shown, **situation.known, **hidden})


def _send_probe(task: JobTask, rows: Rows) -> None:
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
                f"{error} Only the response to PATCH contains {task.describe(unreadable)}. "
                f"If the token can only read, use unreadable: {SKIP}.",
                error.error,
            ) from None
        raise
    shown = task.read_whole_job(response)
    situation.has_probed = True
    situation.unreadable_before_probe = unreadable if situation.policy == APPLY else []
    # The API may hide from the token in the response to PATCH, too, what it cannot read. It is not empty then, and a merge would lose it.
    missing = [row for row in unknown if row.secret and row.resource is not None and shown.get(row.path) is None]
    situation.unconfirmed = missing
    known = state.after_patch(situation.known, shown)
    task.set_known({path: value for path, value in known.items() if path not in {row.path for row in missing}})


def _send_patch(task: JobTask, rows: Rows, unknown: Rows) -> None:
    situation, before = task.situation, task.situation.known
    require_same_name_for_put(task)
    response = task.patch(compare.build_body(rows, situation.desired, before, situation.strategy, situation.operation))
    situation.has_patched = True
    expected = compare.state_after(rows, situation.desired, before, situation.strategy)
    task.note_write(rows, unknown, before, expected)
    task.learn_from_write(response, rows, expected)


def _add_earlier_writes(task: JobTask, error: NorthflankError) -> NorthflankError:
    if task.rows:
        error.args = (f"{error} Before that, the task changed: {', '.join(sorted_options(task.rows))}.",)
    return error


def _finish(task: JobTask, unknown: Rows) -> JobResult:
    """The result of a task after its last step."""
    if not task.rows:
        return _leave_unchanged(task, unknown)
    unknown = [row for row in fields.JOB_FIELDS if row in task.unknown or row in unknown]
    warnings = task.warnings
    sent = [row for row in unknown if row in task.rows]
    if sent and task.situation.policy == APPLY:
        warnings = [*warnings, f"Sent and reported as changed, because it cannot be read (unreadable: {APPLY}): {task.describe(sent)}."]
    warnings = [*warnings, *_warn_of_ignored(task, [row for row in unknown if row not in sent])]
    return _to_result(task, task.rows, unknown, facts.diff(task.rows, task.before, task.expected), task.situation.known, warnings)


def _leave_unchanged(task: JobTask, unknown: Rows) -> JobResult:
    """The result of a task that has nothing to change."""
    known = task.situation.known
    return _to_result(task, [], unknown, facts.diff([], known, known), known, _warn_of_ignored(task, unknown))


def _warn_of_ignored(task: JobTask, unknown: Rows) -> list[str]:
    reason = f" (unreadable: {SKIP})" if task.situation.policy == SKIP else ""
    return [f"Ignored, because it cannot be read{reason}: {task.describe(unknown)}."] if unknown else []


def _predict(task: JobTask, unknown: Rows) -> JobResult:
    """The result that the task would have without check mode, as far as it can be read."""
    situation, known, differing = task.situation, task.situation.known, task.situation.compare().differing
    if situation.policy == SKIP and not differing:
        return _leave_unchanged(task, unknown)
    fixed = [row for row in unknown if row.is_fixed]
    sent = [row for row in unknown if not row.is_fixed]
    rows = [row for row in fields.JOB_FIELDS if row in differing or row in sent]
    warnings = _warn_of_ignored(task, fixed)
    if sent:
        warnings.append(f"Predicted to change, because its value cannot be read in check mode: {task.describe(sent)}.")
    require_same_name_for_put(task)
    patched, deployed = [[row for row in rows if (row in fields.FIELDS) is of_patch] for of_patch in (True, False)]
    expected = compare.state_after(patched, situation.desired, known, situation.strategy)
    expected = writes.state_after(deployed, situation.desired, expected)
    # If a map is merged into an unknown one, the keys of the result are unknown.
    shown = {row.path for row in rows if not compare.is_unknown_merge(row, known, situation.strategy)} | set(known)
    after = {path: value for path, value in expected.items() if path in shown}
    return _to_result(task, rows, unknown, facts.diff(rows, known, expected), after, warnings)


def _to_result(task: JobTask, rows: Rows, unknown: Rows, diff: dict[str, t.Any], after: JobState, warnings: list[str]) -> JobResult:
    if task.hidden:
        unknown = [*unknown, *task.hidden]
        warnings = [*warnings, f"Treated as empty, although the API may have hidden its value: {task.describe(task.hidden)}."]
    return JobResult(
        changed=bool(rows),
        job=facts.job(after, task.response, task.target.project_id),
        changed_fields=sorted_options(rows),
        unknown_fields=sorted_options(unknown),
        diff=diff,
        warnings=warnings,
    )
