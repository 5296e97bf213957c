# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that only reads: one manual job, or those of a project, in the shape that northflank_manual_job takes and shows.

list-jobs shows little of a job. What else there is to know costs requests for each job, so the task names it (gather).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations, pages
from .._api.client import Client
from .._api.request import Target
from .._errors import OptionError
from .._job import facts, fields, state
from .._job.state import JobState
from .._options.argument_spec import GATHERED
from . import listing
from .reading import CRON, MANUAL, SubResources, read_manual_job


@dataclass
class InfoResult:
    """The jobs that a task found, as the result shows them."""

    jobs: list[dict[str, t.Any]]
    warnings: list[str]

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, its warnings aside. There is never a diff."""
        unknown = {option for job in self.jobs for option in job["unknown_fields"]}
        return {"changed": False, "jobs": self.jobs, "unknown_fields": sorted(unknown)}


@dataclass
class _Reader:
    """Reads jobs one by one, as far as gather names what to read."""

    client: Client
    gather: t.Collection[str]
    sub_resources: SubResources
    responses: listing.Responses = field(default_factory=dict)

    def read_named(self, target: Target) -> dict[str, t.Any]:
        """The job of the task, as get-job and the sub-resources to gather show it. A cron job is refused."""
        return self._gather(read_manual_job(self.client, target), target)

    def read_listed(self, entry: pages.Entry) -> dict[str, t.Any] | None:
        """A job of a list, as the list or whatever else is read of it shows it; None if it is deleted or a cron job by now."""
        target = listing.target_of(entry)
        response = self.responses.get(target)
        if response is None and not self.gather:
            return to_fact(state.from_list(entry), entry, target.project_id)
        response = response or listing.read(self.client, entry)
        if response is None or response.get("jobType") == CRON:
            return None
        return self._gather(response, target)

    def _gather(self, response: t.Mapping[str, t.Any], target: Target) -> dict[str, t.Any]:
        known = state.from_get_job(response)
        self.client.secrets.add(*state.secret_texts(known))
        for resource in [GATHERED[name] for name in GATHERED if name in self.gather]:
            if any(row.resource is resource and row.path not in known for row in fields.FIELDS):
                shown = self.sub_resources.read(resource, target, {})
                self.client.secrets.add(*state.secret_texts(shown))
                known = {**shown, **known}
        return to_fact(known, response, target.project_id)

    @property
    def warnings(self) -> list[str]:
        """What the API has refused, and which fields are unknown for it."""
        return [
            f"{', '.join(row.option for row in fields.FIELDS if row.resource is resource)}: not read, since {self._reason(resource, statuses)}."
            for resource, statuses in self.sub_resources.refusals.items()
        ]

    def _reason(self, resource: operations.Operation, statuses: list[int]) -> str:
        if self.sub_resources.is_forbidden(resource):
            return f'the token lacks the permission "{resource.permission}"'
        if self.sub_resources.is_readable(resource):
            return f"the job seems to have been deleted meanwhile (number of jobs: {len(statuses)})"
        return f"{resource.operation_id} is gone from this API, or the job was deleted meanwhile"


def to_fact(known: JobState, response: t.Mapping[str, t.Any], project_id: str) -> dict[str, t.Any]:
    """A job as northflank_manual_job shows it, and the options of which nothing has shown a value, as unknown_fields."""
    unknown = sorted(row.option for row in fields.FIELDS if row.path not in known)
    return {**facts.job(known, response, project_id), "unknown_fields": unknown}


def read_jobs(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> InfoResult:
    """The jobs that the validated options of northflank_manual_job_info ask for. Nothing is written, in no mode.

    :raises OptionError: if filters go with one job.
    :raises StateError: if the one job is a cron job.
    :raises ApiError: if the API refuses to show a list or a job.
    :raises TransportError: if no usable answer comes.
    """
    reader = _Reader(client, options["gather"], SubResources(client))
    if options["job_id"] is not None:
        if options["filters"] is not None:
            raise OptionError("filters: they choose among the jobs of a project, and job_id names one; leave one of the two out")
        return InfoResult([reader.read_named(Target(options["project_id"], options["job_id"]))], reader.warnings)
    listed = listing.list_jobs(client, options["project_id"], [MANUAL])
    jobs = [reader.read_listed(entry) for entry in listing.filter_jobs(client, listed, options["filters"], reader.responses)]
    return InfoResult([job for job in jobs if job is not None], reader.warnings)
