# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the deployment of a job, after everything that PATCH can change.

No request is sent again: each of them can start a run. If no response confirms it, the job is read to check.
"""

from __future__ import annotations

import typing as t

from .._api import operations
from .._api.request import Target
from .._errors import GONE_STATUSES, NOT_FOUND, ApiError, NorthflankError, StateError
from .._job import compare, deployment, fields, probe, writes
from .._job.compare import Rows
from .._job.state import JobState
from .job_task import JobTask, OperationGone
from .reading import read_manual_job


def send_deployment(task: JobTask, write: writes.Write, unknown: Rows) -> None:
    """Change the deployment. Only the response to PUT contains the job.

    :raises OperationGone: if the API no longer has the operation; nothing was written then.
    """
    situation, before = task.situation, _find_values_before(task)
    is_put = write.operation is operations.PUT_JOB
    if is_put:
        _require_job(task)
    response = _send(task, write, before)
    situation.deployed = [*situation.deployed, *write.rows]
    expected = writes.state_after(write.rows, situation.desired, before)
    of_deployment = {row.path: before[row.path] for row in fields.DEPLOYMENT if row.path in before and row not in unknown}
    task.note_write(write.rows, unknown, {**of_deployment, **task.before} if task.rows else before, expected)
    if is_put:
        task.client.replacements.update(dict.fromkeys(situation.gone, operations.PUT_JOB))
    if is_put and response is not None:
        task.learn_from_write(response, write.rows, expected)
    else:
        task.set_known(expected)


def require_same_name_for_put(task: JobTask) -> None:
    """Return if no change that is known to be necessary would be refused after the first write."""
    differing = [row for row in task.situation.compare().differing if row in fields.DEPLOYMENT]
    if writes.is_put_needed(differing, task.situation.known, task.situation.gone):
        _require_same_name(task)


def _find_values_before(task: JobTask) -> JobState:
    """What is known before a write. A secret map that this task has sent, and that no response contains, is as it was sent."""
    known = task.situation.known
    sent = {row.path: task.expected[row.path] for row in task.rows if row.secret and task.expected.get(row.path) is not None}
    return {**known, **{path: value for path, value in sent.items() if known.get(path) is None}}


def _require_job(task: JobTask) -> None:
    """Return if "Put job" changes this job. It would create another one if the name differs, or if the job was removed meanwhile."""
    _require_same_name(task)
    if task.may_be_removed or any(NOT_FOUND in statuses for statuses in task.sub_resources.refusals.values()):
        read_manual_job(task.client, task.target)


def _require_same_name(task: JobTask) -> None:
    name = task.situation.known.get(writes.NAME)
    if not isinstance(name, str) or writes.slug_of(name) != task.target.job_id:
        raise StateError(
            f"This change of the deployment is only possible with the operation {operations.PUT_JOB.operation_id}, which finds the job by its "
            f"name. It was not sent to the job {task.target.job_id}, because its name is {name}. Make the change in Northflank's dashboard."
        )


def _send(task: JobTask, write: writes.Write, before: JobState) -> dict[str, t.Any] | None:
    """The response, None if none confirmed the request, and the job is as desired."""
    is_put = write.operation is operations.PUT_JOB
    target = Target(task.target.project_id) if is_put else task.target
    try:
        response: dict[str, t.Any] = task.client.fetch(write.operation, target, writes.build_body(write, task.situation.desired, before))
    except NorthflankError as error:
        if isinstance(error, ApiError) and error.status in GONE_STATUSES and not is_put:
            raise OperationGone(write.operation, error.status) from None
        if not error.is_unconfirmed or not _is_as_desired(task, write.rows):
            raise
        task.warnings.append(f"No response confirmed a request, but the job is as the task sets it. The failure was: {error}")
        return None
    return response


def _is_as_desired(task: JobTask, rows: Rows) -> bool:
    """Whether the job has the desired values of these rows of the deployment, as far as the API returns it."""
    situation = task.situation
    try:
        known = deployment.from_get_job(read_manual_job(task.client, task.target))
        known = task.sub_resources.read_unknown(rows, task.target, situation.desired, known)
        if any(row.path not in known for row in rows):
            body = probe.build_body(situation.desired, situation.known, situation.strategy, situation.operation)
            known = {**known, **deployment.from_patch(task.patch(body, is_probe=True))}
    except (NorthflankError, OperationGone):
        return False
    return all(
        row.path in known and compare.is_equal(row, situation.desired[row.path], known[row.path], situation.strategy) for row in rows
    )
