# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that only reads: one manual job, or those of a project, in the shape that northflank_manual_job takes and shows.

list-jobs shows little of a job. What else there is to know costs requests for each job, so the task names it (gather).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _listing as listing
from ansible_collections.northflank.cloud.plugins.module_utils import _result as result
from ansible_collections.northflank.cloud.plugins.module_utils import _views as views
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import GATHERED
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import (
    FORBIDDEN,
    NOT_FOUND,
    UNKNOWN_STATUSES,
    ApiError,
    OptionError,
    StateError,
)
from ansible_collections.northflank.cloud.plugins.module_utils._views import Known

# One job may have been deleted since it was read. That two were is less likely than that an operation is gone which has shown nothing yet.
_ENOUGH_NOT_FOUND = 2


@dataclass
class Found:
    """The jobs that a task found, as the result shows them."""

    jobs: list[dict[str, t.Any]]
    warnings: list[str]

    def shown(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, its warnings aside. There is never a diff."""
        unknown = {option for job in self.jobs for option in job["unknown_fields"]}
        return {"changed": False, "jobs": self.jobs, "unknown_fields": sorted(unknown)}


@dataclass
class _Reader:
    """Reads jobs one by one, and knows what the API has shown before, and what it has refused."""

    client: Client
    gather: t.Collection[str]
    answers: listing.Answers = field(default_factory=dict)
    works: set[endpoints.Operation] = field(default_factory=set)
    refused: dict[endpoints.Operation, list[int]] = field(default_factory=dict)

    def one(self, ids: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """A job as get-job and the sub-resources to gather show it. A cron job is refused."""
        answer = self.client.call(endpoints.GET_JOB, ids)
        if answer.get("jobType") == listing.CRON:
            raise StateError(result.cron_refusal(ids))
        return self._gathered(answer, ids)

    def listed(self, entry: listing.Entry) -> dict[str, t.Any] | None:
        """A job of a list, as the list or whatever else is read of it shows it; None if it has gone, or is a cron job by now."""
        project_id, job_id = listing.key_of(entry)
        answer = self.answers.get((project_id, job_id))
        if answer is None and not self.gather:
            return as_shown(views.from_list(entry), entry, project_id)
        answer = answer or listing.read(self.client, entry)
        if answer is None or answer.get("jobType") == listing.CRON:
            return None
        return self._gathered(answer, {"project_id": project_id, "job_id": job_id})

    def _gathered(self, answer: t.Mapping[str, t.Any], ids: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        known = views.from_get_job(answer)
        self.client.secrets.learn(known)
        for resource in [GATHERED[name] for name in GATHERED if name in self.gather]:
            if any(row.resource is resource and row.path not in known for row in fields.FIELDS):
                shown = self._shown_by(resource, ids)
                self.client.secrets.learn(shown)
                known = {**shown, **known}
        return as_shown(known, answer, ids["project_id"])

    def _shown_by(self, resource: endpoints.Operation, ids: t.Mapping[str, t.Any]) -> Known:
        if resource.permission in {other.permission for other, statuses in self.refused.items() if FORBIDDEN in statuses}:
            self.refused.setdefault(resource, []).append(FORBIDDEN)
            return {}
        if resource not in self.works and self._is_gone(resource):
            return {}
        try:
            answer = self.client.call(resource, ids)
        except ApiError as error:
            if error.status not in UNKNOWN_STATUSES:
                raise
            self.refused.setdefault(resource, []).append(error.status)
            return {}
        self.works.add(resource)
        return views.from_resource(resource, answer, {})

    def _is_gone(self, resource: endpoints.Operation) -> bool:
        """Whether a sub-resource that has shown nothing yet is taken for gone, so that there is no use in asking for it again."""
        statuses = self.refused.get(resource, [])
        return any(status != NOT_FOUND for status in statuses) or len(statuses) >= _ENOUGH_NOT_FOUND

    @property
    def warnings(self) -> list[str]:
        """What the API has refused, and what stays unknown for it."""
        return [
            f"{', '.join(row.option for row in fields.FIELDS if row.resource is resource)}: not read, since {self._reason(resource, statuses)}."
            for resource, statuses in self.refused.items()
        ]

    def _reason(self, resource: endpoints.Operation, statuses: list[int]) -> str:
        if FORBIDDEN in statuses:
            return f'the token lacks the permission "{resource.permission}"'
        if resource in self.works:
            return f"the job seems to have been deleted meanwhile (number of jobs: {len(statuses)})"
        return f"{resource.operation_id} is gone from this API, or the job was deleted meanwhile"


def as_shown(known: Known, answer: t.Mapping[str, t.Any], project_id: str) -> dict[str, t.Any]:
    """A job as northflank_manual_job shows it, and the options of which nothing has shown a value, as unknown_fields."""
    unknown = sorted(row.option for row in fields.FIELDS if row.path not in known)
    return {**result.job(known, answer, project_id), "unknown_fields": unknown}


def find(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> Found:
    """The jobs that the validated options of northflank_manual_job_info ask for. Nothing is written, in no mode.

    :raises OptionError: if filters go with one job.
    :raises StateError: if the one job is a cron job.
    :raises ApiError: if the API refuses to show a list or a job.
    :raises TransportError: if no usable answer comes.
    """
    reader = _Reader(client, options["gather"])
    if options["job_id"] is not None:
        if options["filters"] is not None:
            raise OptionError("filters: they choose among the jobs of a project, and job_id names one; leave one of the two out")
        return Found([reader.one(options)], reader.warnings)
    listed = listing.jobs(client, options["project_id"], [listing.MANUAL])
    jobs = [reader.listed(entry) for entry in listing.matching(client, listed, options["filters"], reader.answers)]
    return Found([job for job in jobs if job is not None], reader.warnings)
