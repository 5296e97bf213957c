# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes a manual job. A job that does not exist is as desired, but a project that does not exist is a failure."""

from __future__ import annotations

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import NOT_FOUND, ApiError, NorthflankError
from .._job import deployment, facts, fields, state
from .reading import check_project, find_manual_job, read_manual_job
from .result import JobResult


def remove_job(client: Client, target: Target, check_mode: bool) -> JobResult:
    """Remove a job. The result contains the job as it was.

    :raises StateError: if it is a cron job.
    :raises ApiError: if the project does not exist, or if the API refuses.
    :raises TransportError: if there is no usable response.
    """
    try:
        response = read_manual_job(client, target)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        check_project(client, target, error)
        return JobResult(False, {}, {"before": {}, "after": {}}, exists=False)
    known = {**state.from_get_job(response), **deployment.from_get_job(response)}
    client.secrets.add(*state.secret_texts(known))
    job = facts.job(known, response, target.project_id)
    rows = [row for row in fields.JOB_FIELDS if known.get(row.path) is not None]
    before = facts.diff(rows, known, dict.fromkeys(known))["before"]
    changed = check_mode or _send_removal(client, target)
    return JobResult(changed, job, {"before": before if changed else {}, "after": {}}, exists=False)


def _send_removal(client: Client, target: Target) -> bool:
    """Whether this task has removed the job. Else another client was faster."""
    try:
        client.fetch(operations.DELETE_JOB, target)
    except NorthflankError as error:
        if isinstance(error, ApiError) and error.status == NOT_FOUND:
            # The job was there just before. If the request was sent again, the first one has removed it.
            return client.was_retried
        if not error.is_unconfirmed or _exists(client, target):
            raise
    return True


def _exists(client: Client, target: Target) -> bool:
    """Whether a job exists, or may exist."""
    try:
        return find_manual_job(client, target) is not None
    except NorthflankError:
        return True
