# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Northflank API that the collection uses, by their operationIds. A test holds them to the contract."""

from __future__ import annotations

import typing as t

PROJECTS_READ = "Project > Projects > Manage > Read"
JOBS_READ = "Project > Jobs > General > Read"
JOBS_UPDATE = "Project > Jobs > General > Update"
JOBS_RUN = "Project > Jobs > General > Run Job"
JOB_LOGS_READ = "Project > Jobs > Deployment > View Observability"
JOB_SECRETS_READ = "Project > Secrets > Jobs > Read"


class Operation(t.NamedTuple):
    """One operation: path below /v1 or /v1/teams/{teamId}, the permission that a token needs, as Northflank writes it, and the query.

    The data of each response has the required_member: a response without it did not come from this operation. is_list: the data is a
    list. unconfirmed is the message where no response confirms a write; {path} in it stands for that of the request, {since} for the
    time (UTC) from which on it may have arrived.
    """

    operation_id: str
    method: str
    path: str
    permission: str
    query: str = ""
    required_member: str = ""
    is_list: bool = False
    unconfirmed: str = ""


ID = "id"
# Without those that a job inherits from secret groups and addons, which PATCH must not write back.
_OWN_VALUES = "show=this"
# As many as the API allows, since each page is a request.
_WHOLE_PAGES = "per_page=100"
_CHANGED = "The change may have been applied. Run the task again to check."
# Not to be run again without a look: each request that arrives starts a run.
_STARTED = (
    "The run may have been started. Before you run the task again, check the runs of the job in Northflank's dashboard or by GET {path}. "
    "A run that started at {since} or soon after is the run of this task."
)
_ABORTED = "The run may have been aborted. Check it in Northflank's dashboard."

GET_JOB = Operation("get-job", "GET", "/projects/{projectId}/jobs/{jobId}", JOBS_READ, required_member=ID)
GET_HEALTH_CHECKS = Operation("get-job-health-checks", "GET", "/projects/{projectId}/jobs/{jobId}/health-checks", JOBS_READ)
GET_RUNTIME_ENVIRONMENT = Operation(
    "get-job-runtime-environment", "GET", "/projects/{projectId}/jobs/{jobId}/runtime-environment", JOB_SECRETS_READ, _OWN_VALUES
)
GET_BUILD_ARGUMENTS = Operation(
    "get-job-build-arguments", "GET", "/projects/{projectId}/jobs/{jobId}/build-arguments", JOB_SECRETS_READ, _OWN_VALUES
)
# Announced to go away; PATCH_JOB is its named replacement.
PATCH_MANUAL_JOB = Operation(
    "patch-manual-job", "PATCH", "/projects/{projectId}/jobs/manual/{jobId}", JOBS_UPDATE, required_member=ID, unconfirmed=_CHANGED
)
PATCH_JOB = Operation("patch-job", "PATCH", "/projects/{projectId}/jobs/{jobId}", JOBS_UPDATE, required_member=ID, unconfirmed=_CHANGED)

# What these show is a list, page by page.
LIST_PROJECTS = Operation("list-projects", "GET", "/projects", PROJECTS_READ, _WHOLE_PAGES, required_member="projects")
LIST_JOBS = Operation("list-jobs", "GET", "/projects/{projectId}/jobs", JOBS_READ, _WHOLE_PAGES, required_member="jobs")

RUN_JOB = Operation("run-job", "POST", "/projects/{projectId}/jobs/{jobId}/runs", JOBS_RUN, required_member=ID, unconfirmed=_STARTED)
GET_RUN = Operation("get-run-details", "GET", "/projects/{projectId}/jobs/{jobId}/runs/{runId}", JOBS_READ, required_member=ID)
ABORT_RUN = Operation("abort-job-run", "DELETE", "/projects/{projectId}/jobs/{jobId}/runs/{runId}", JOBS_UPDATE, unconfirmed=_ABORTED)
GET_LOGS = Operation("get-job-logs", "GET", "/projects/{projectId}/jobs/{jobId}/logs", JOB_LOGS_READ, is_list=True)
