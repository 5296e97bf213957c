# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates the job of a task that sets everything that creating requires. It never creates a second job.

1. create-manual-job, or create-job where the API no longer has that.
2. Only if no response confirms it: get-job, and get-job-deployment for the image. The request is not sent again.
"""

from __future__ import annotations

import typing as t

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import CONFLICT, FORBIDDEN, GONE_STATUSES, ApiError, NorthflankError, StateError
from .._job import compare, deployment, facts, fields, state, writes
from .._job.compare import Rows
from .._job.state import JobState
from .._options import validate
from .reading import SubResources, check_project, find_manual_job
from .result import JobResult, sorted_options, warn_of_leftovers

# The API may return these if the job exists. Only the first one is documented, for other operations.
_EXISTS_STATUSES = (CONFLICT, 400)


def create_job(
    client: Client, target: Target, desired: JobState, strategy: str, check_mode: bool, missing: ApiError
) -> JobResult | dict[str, t.Any]:
    """Create a job that get-job has not found. If another client was faster, this returns the response of get-job instead.

    missing is the error of get-job.

    :raises ApiError: if the task does not set everything that creating requires, or if the API refuses.
    :raises StateError: if no name leads to the ID, or if the API has created a job with another ID.
    :raises TransportError: if there is no usable response, and the job is not there as desired.
    """
    lacking = writes.find_missing(desired)
    if lacking:
        raise ApiError(f"{missing} To create the job, the task must also set: {', '.join(lacking)}.", missing.error)
    desired = {writes.NAME: target.job_id, **desired}
    if not _leads_to(desired[writes.NAME], target.job_id):
        raise StateError(
            f"The job {target.job_id} cannot be created, because no name of a job leads to this ID. Use a job_id of 3 to 52 characters: "
            "lowercase ASCII letters and digits, in groups joined by single hyphens, with a letter at the beginning."
        )
    if check_mode:
        warnings = _check_project(client, target, missing)
        identity = {"id": target.job_id, "jobType": "manual"}
        return _to_result(desired, desired, facts.job(desired, identity, target.project_id), warnings)
    try:
        response = _send_creation(client, target, desired)
    except NorthflankError as error:
        if isinstance(error, ApiError) and error.status in _EXISTS_STATUSES:
            existing = find_manual_job(client, target)
            if existing is not None:
                return existing
        if not error.is_unconfirmed:
            raise
        return _find_created(client, target, desired, strategy, error)
    rows = _set_rows(desired)
    client.result_of_write = {"changed": True, "changed_fields": sorted_options(rows)}
    known = {**state.from_patch(response), **deployment.from_patch(response)}
    client.secrets.add(*state.secret_texts(known))
    if response["id"] != target.job_id:
        raise StateError(
            f"The API created the job with the ID {response['id']}, and not with the ID {target.job_id}. "
            "Set job_id to this ID, or remove the job."
        )
    differing = compare.compare(desired, known, strategy).differing
    return _to_result(desired, known, facts.job(known, response, target.project_id), warn_of_leftovers(differing, desired, known, strategy))


def _leads_to(name: str, job_id: str) -> bool:
    """Whether a job with this name can exist, and has this ID."""
    return not any(validate.check_bounds(fields.BY_OPTION[writes.NAME], name, writes.NAME)) and writes.slug_of(name) == job_id


def _check_project(client: Client, target: Target, missing: ApiError) -> list[str]:
    """The warnings about the project of a job that check mode predicts to create.

    :raises ApiError: if the project does not exist.
    """
    try:
        check_project(client, target, missing)
    except ApiError as error:
        if error.status != FORBIDDEN:
            raise
        return [f"Predicted to be created, but the token cannot list the jobs of the project {target.project_id}, which may not exist."]
    return []


def _send_creation(client: Client, target: Target, desired: JobState) -> dict[str, t.Any]:
    first = client.replacements.get(operations.CREATE_MANUAL_JOB, operations.CREATE_MANUAL_JOB)
    of_project = Target(target.project_id)
    try:
        response: dict[str, t.Any] = client.fetch(first, of_project, writes.build_creation(desired, first))
    except ApiError as error:
        if error.status not in GONE_STATUSES or first is not operations.CREATE_MANUAL_JOB:
            raise
        # A project that does not exist returns the same, and then the other operation does, too.
        response = client.fetch(operations.CREATE_JOB, of_project, writes.build_creation(desired, operations.CREATE_JOB))
        client.replacements[operations.CREATE_MANUAL_JOB] = operations.CREATE_JOB
    return response


def _find_created(client: Client, target: Target, desired: JobState, strategy: str, error: NorthflankError) -> JobResult:
    """The result if the job exists as desired, as far as it can be read, although no response confirmed its creation.

    :raises NorthflankError: the error of the creation, if the job does not exist, or differs.
    """
    try:
        response = find_manual_job(client, target)
        if response is None:
            raise error
        known = {**state.from_get_job(response), **deployment.from_get_job(response)}
        known = SubResources(client).read_unknown(compare.compare(desired, known, strategy).unknown, target, desired, known)
    except NorthflankError:
        raise error from None
    client.secrets.add(*state.secret_texts(known))
    differing, unknown = compare.compare(desired, known, strategy)
    if differing:
        error.args = (f"{error} A job with this ID exists now, and differs in: {', '.join(sorted_options(differing))}.",)
        raise error
    warnings = [f"No response confirmed the creation, but the job exists now as the task sets it. The failure was: {error}"]
    if unknown:
        warnings.append(f"Could not be compared, because it cannot be read: {', '.join(sorted_options(unknown))}.")
    result = _to_result(desired, known, facts.job(known, response, target.project_id), warnings)
    result.unknown_fields = sorted_options(unknown)
    return result


def _set_rows(desired: JobState) -> Rows:
    return [row for row in fields.JOB_FIELDS if desired.get(row.path) is not None]


def _to_result(desired: JobState, known: JobState, job: dict[str, t.Any], warnings: list[str]) -> JobResult:
    rows = _set_rows(desired)
    empty = dict.fromkeys(row.path for row in rows)
    return JobResult(
        changed=True,
        job=job,
        diff={"before": {}, "after": facts.diff(rows, empty, desired)["after"]},
        changed_fields=sorted_options(rows),
        warnings=warnings,
    )
