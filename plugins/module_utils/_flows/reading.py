# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one job: the job itself, and its sub-resources, each of which the API can refuse."""

from __future__ import annotations

import typing as t

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import FORBIDDEN, NOT_FOUND, UNKNOWN_STATUSES, ApiError, StateError
from .._job import deployment, fields, state
from .._job.state import JobState

_PROJECT_PERMISSION = "Project > "
MANUAL, CRON = "manual", "cron"

# One job may have been deleted since it was read. If two are missing, it is more likely that the API no longer has the operation.
_ENOUGH_NOT_FOUND = 2


def read_manual_job(client: Client, target: Target) -> dict[str, t.Any]:
    """The response of get-job.

    :raises StateError: if the job is a cron job.
    :raises ApiError: if the API refuses.
    :raises TransportError: if there is no usable response.
    """
    response: dict[str, t.Any] = client.fetch(operations.GET_JOB, target)
    if response.get("jobType") == CRON:
        raise StateError(
            f"The job {target.job_id} of the project {target.project_id} is a cron job. This module supports only manual jobs."
        )
    return response


def find_manual_job(client: Client, target: Target) -> dict[str, t.Any] | None:
    """The response of get-job, None if the API does not find the job. Raises what read_manual_job() raises for other reasons."""
    try:
        return read_manual_job(client, target)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None


def check_project(client: Client, target: Target, missing: ApiError) -> None:
    """Return if the project of a job exists that get-job has not found.

    :raises ApiError: if it does not exist, with the error of get-job, or if the API refuses to list its jobs.
    """
    try:
        client.fetch(operations.LIST_ONE_JOB, Target(target.project_id))
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        raise ApiError(f"{missing} The project {target.project_id} was not found.", missing.error) from None


def reads_secrets(client: Client) -> bool | None:
    """Whether the token has the permission to read the secrets of jobs, None if the API does not return its permissions.

    :raises TransportError: if there is no usable response.
    """
    try:
        permissions = client.fetch(operations.GET_TOKEN, Target()).get("permissions")
    except ApiError:
        return None
    lists = permissions.values() if isinstance(permissions, dict) else ()
    names = {name for names in lists if isinstance(names, list) for name in names if isinstance(name, str)}
    # Names of another kind say nothing about this one.
    is_readable = any(name.startswith(_PROJECT_PERMISSION) for name in names)
    return operations.JOB_SECRETS_READ in names if is_readable else None


class SubResources:
    """Reads the sub-resources of one job or of many, and remembers which ones the API has refused, to send no request in vain.

    refusals are the statuses for each sub-resource, one for each job.
    """

    def __init__(self, client: Client) -> None:
        self.refusals: dict[operations.Operation, list[int]] = {}
        self._client = client
        self._readable: set[operations.Operation] = set()

    def read(self, resource: operations.Operation, target: Target, desired: JobState, known: JobState) -> JobState:
        """The fields of a job that a sub-resource contains, none if the API refuses.

        desired are the values that the task sets, known those that get-job has shown.

        :raises ApiError: if the API responds with another error than a refusal.
        :raises TransportError: if there is no usable response.
        """
        if resource.permission in {other.permission for other in self.refusals if self.is_forbidden(other)}:
            self._refuse(resource, FORBIDDEN)
            return {}
        if self._is_probably_removed(resource):
            return {}
        try:
            response = self._client.fetch(resource, target)
        except ApiError as error:
            if error.status not in UNKNOWN_STATUSES:
                raise
            self._refuse(resource, error.status)
            return {}
        self._readable.add(resource)
        if resource is operations.GET_DEPLOYMENT:
            return deployment.from_resource(response, known)
        return state.from_resource(resource, response, desired)

    def read_unknown(self, rows: t.Iterable[fields.Row], target: Target, desired: JobState, known: JobState) -> JobState:
        """known, with what the sub-resources contain that can show the unknown ones of these rows. Each is read once.

        :raises ApiError, TransportError: as read() does.
        """
        wanted = [row.resource for row in rows if row.resource is not None and row.path not in known]
        for resource in dict.fromkeys(wanted):
            known = {**self.read(resource, target, desired, known), **known}
        return known

    def is_readable(self, resource: operations.Operation) -> bool:
        """Whether the API has returned this sub-resource of a job."""
        return resource in self._readable

    def is_forbidden(self, resource: operations.Operation) -> bool:
        """Whether the token lacks the permission for a sub-resource."""
        return FORBIDDEN in self.refusals.get(resource, [])

    def _refuse(self, resource: operations.Operation, status: int) -> None:
        self.refusals.setdefault(resource, []).append(status)

    def _is_probably_removed(self, resource: operations.Operation) -> bool:
        statuses = self.refusals.get(resource, [])
        is_removed = any(status != NOT_FOUND for status in statuses) or len(statuses) >= _ENOUGH_NOT_FOUND
        return is_removed and resource not in self._readable
