# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that only reads: one manual job, or those of a project, in the shape of the options and the result of northflank_manual_job.

list-jobs returns few fields of a job. Reading more costs requests for each job, so the option gather names what to read.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations, pages
from .._api.client import Client
from .._api.request import Target
from .._errors import OptionError
from .._job import deployment, facts, fields, state
from .._job.state import JobState
from .._options.argument_spec import GATHERED
from . import listing
from .reading import CRON, MANUAL, SubResources, read_manual_job

# The choice of the option gather that adds what get-job shows, too.
_DEPLOYMENT = "deployment"


@dataclass
class InfoResult:
    """The jobs that the task read, as the result contains them."""

    jobs: list[dict[str, t.Any]]
    warnings: list[str]

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, without warnings. It never contains a diff."""
        unknown = {option for job in self.jobs for option in job["unknown_fields"]}
        return {"changed": False, "jobs": self.jobs, "unknown_fields": sorted(unknown)}


@dataclass
class _Reader:
    """Reads jobs one by one, with the sub-resources that gather names. responses are those of get-job that were read already."""

    client: Client
    gather: t.Collection[str]
    sub_resources: SubResources
    responses: listing.Responses = field(default_factory=dict)

    def read_named(self, target: Target) -> dict[str, t.Any]:
        """Read the job of the task by get-job and the sub-resources to gather. A cron job is refused."""
        return self._gather(read_manual_job(self.client, target), target)

    def read_listed(self, entry: pages.Entry) -> dict[str, t.Any] | None:
        """Read a job of a list, by get-job only if it is needed. None if the job was deleted or is a cron job by now."""
        target = listing.to_target(entry)
        response = self.responses.get(target)
        if response is None and not self.gather:
            return to_fact(state.from_list(entry), entry, target.project_id)
        response = response or listing.read_listed_job(self.client, entry)
        if response is None or response.get("jobType") == CRON:
            return None
        return self._gather(response, target)

    def _gather(self, response: t.Mapping[str, t.Any], target: Target) -> dict[str, t.Any]:
        known = state.from_get_job(response)
        if _DEPLOYMENT in self.gather:
            known.update(deployment.from_get_job(response))
        self.client.secrets.add(*state.secret_texts(known))
        for resource in [GATHERED[name] for name in GATHERED if name in self.gather]:
            if any(row.resource is resource and row.path not in known for row in fields.JOB_FIELDS):
                read = self.sub_resources.read(resource, target, {}, known)
                self.client.secrets.add(*state.secret_texts(read))
                known = {**deployment.without_unclear_build(read), **known}
        return to_fact(known, response, target.project_id, fields.JOB_FIELDS if _DEPLOYMENT in self.gather else fields.FIELDS)

    @property
    def warnings(self) -> list[str]:
        """One warning for each sub-resource that the API refused: the fields that are unknown, why, and what to do."""
        return [
            f"{', '.join(row.option for row in fields.JOB_FIELDS if row.resource is resource)}: not read, because {self._reason(resource, statuses)}."
            for resource, statuses in self.sub_resources.refusals.items()
        ]

    def _reason(self, resource: operations.Operation, statuses: list[int]) -> str:
        if self.sub_resources.is_forbidden(resource):
            return f'the token lacks the permission "{resource.permission}"'
        if self.sub_resources.is_readable(resource):
            return f"the job was probably deleted in the meantime (number of jobs: {len(statuses)}). Run the task again to check"
        name = next(name for name in GATHERED if GATHERED[name] is resource)
        return (
            f"the API no longer has the operation {resource.operation_id}, or the job was deleted in the meantime. "
            f"If the job exists, update the collection, or remove {name} from gather"
        )


def to_fact(
    known: JobState, response: t.Mapping[str, t.Any], project_id: str, rows: t.Iterable[fields.Row] = fields.FIELDS
) -> dict[str, t.Any]:
    """A job as northflank_manual_job returns it, and as unknown_fields those of the rows whose values are unknown."""
    unknown = sorted(row.option for row in rows if row.path not in known)
    return {**facts.job(known, response, project_id), "unknown_fields": unknown}


def read_jobs(client: Client, options: t.Mapping[str, t.Any], check_mode: bool) -> InfoResult:
    """Read the jobs by the validated options of northflank_manual_job_info. This flow never writes.

    :raises OptionError: if filters and job_id are both set.
    :raises StateError: if the one job is a cron job.
    :raises ApiError: if the API refuses to return a list or a job.
    :raises TransportError: if there is no usable response.
    """
    reader = _Reader(client, options["gather"], SubResources(client))
    if options["job_id"] is not None:
        if options["filters"] is not None:
            raise OptionError("filters: cannot be used together with job_id, which names one job. Remove one of the two")
        return InfoResult([reader.read_named(Target(options["project_id"], options["job_id"]))], reader.warnings)
    listed = listing.list_jobs(client, options["project_id"], [MANUAL])
    jobs = [reader.read_listed(entry) for entry in listing.filter_jobs(client, listed, options["filters"], reader.responses)]
    return InfoResult([job for job in jobs if job is not None], reader.warnings)
