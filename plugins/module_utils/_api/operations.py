# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Northflank API that the collection uses, by their operationIds. A test holds them to the contract."""

from __future__ import annotations

import typing as t

NO_PERMISSION = "none"
PROJECTS_READ = "Project > Projects > Manage > Read"
JOBS_READ = "Project > Jobs > General > Read"
JOBS_CREATE = "Project > Jobs > General > Create"
JOBS_DELETE = "Project > Jobs > General > Delete"
JOBS_UPDATE = "Project > Jobs > General > Update"
JOBS_RUN = "Project > Jobs > General > Run Job"
JOB_LOGS_READ = "Project > Jobs > Deployment > View Observability"
JOB_SECRETS_READ = "Project > Secrets > Jobs > Read"


class Operation(t.NamedTuple):
    """One operation: path below /v1 or /v1/teams/{teamId}, the permission that a token needs, as Northflank writes it, and the query.

    A response whose data does not contain required_member did not come from this operation. is_list: the data is a list. unconfirmed is
    the message if no response confirms a write. {path} in it is the path of the request, {since} the time (UTC) when it was sent.
    is_retried: the request may be sent again if no response confirms it, as each GET and PATCH may be. has_team_path: it is also below
    /v1/teams/{teamId}.
    """

    operation_id: str
    method: str
    path: str
    permission: str
    query: str = ""
    required_member: str = ""
    is_list: bool = False
    unconfirmed: str = ""
    is_retried: bool = False
    has_team_path: bool = True

    @property
    def changes_job(self) -> bool:
        """Whether it changes a job that exists."""
        return self.unconfirmed == _CHANGE_UNCONFIRMED

    @property
    def removes_job(self) -> bool:
        """Whether it removes a job."""
        return self.unconfirmed == _DELETE_UNCONFIRMED


ID = "id"
# Without the values that a job inherits from secret groups and add-ons, because PATCH must not write them.
_OWN_VALUES = "show=this"
# The most that the API allows, because each page is a request.
_FULL_PAGES = "per_page=100"
_CHANGE_UNCONFIRMED = "The change may have been applied. Run the task again to check."
# The user must check first, because each request that arrives starts a run.
_START_UNCONFIRMED = (
    "The run may have been started. Before you run the task again, check the runs of the job in Northflank's dashboard or by GET {path}. "
    "A run that started at {since} or soon after is the run of this task."
)
_CREATE_UNCONFIRMED = "The job may have been created. Run the task again to check."
_DELETE_UNCONFIRMED = "The job may have been removed. Run the task again to check."
_ABORT_UNCONFIRMED = "The run may have been aborted. Check it in Northflank's dashboard."

GET_JOB = Operation("get-job", "GET", "/projects/{projectId}/jobs/{jobId}", JOBS_READ, required_member=ID)
GET_HEALTH_CHECKS = Operation("get-job-health-checks", "GET", "/projects/{projectId}/jobs/{jobId}/health-checks", JOBS_READ)
GET_RUNTIME_ENVIRONMENT = Operation(
    "get-job-runtime-environment", "GET", "/projects/{projectId}/jobs/{jobId}/runtime-environment", JOB_SECRETS_READ, _OWN_VALUES
)
GET_BUILD_ARGUMENTS = Operation(
    "get-job-build-arguments", "GET", "/projects/{projectId}/jobs/{jobId}/build-arguments", JOB_SECRETS_READ, _OWN_VALUES
)
# Deprecated. The API documents PATCH_JOB as its replacement.
PATCH_MANUAL_JOB = Operation(
    "patch-manual-job",
    "PATCH",
    "/projects/{projectId}/jobs/manual/{jobId}",
    JOBS_UPDATE,
    required_member=ID,
    unconfirmed=_CHANGE_UNCONFIRMED,
)
PATCH_JOB = Operation(
    "patch-job", "PATCH", "/projects/{projectId}/jobs/{jobId}", JOBS_UPDATE, required_member=ID, unconfirmed=_CHANGE_UNCONFIRMED
)

# Deprecated. The API documents GET_JOB as its replacement, which shows the image only after the removals.
GET_DEPLOYMENT = Operation("get-job-deployment", "GET", "/projects/{projectId}/jobs/{jobId}/deployment", JOBS_READ)
# Deprecated. The API documents PATCH_JOB as their replacement, but it has none of their fields. PUT_JOB has them.
UPDATE_DEPLOYMENT = Operation(
    "update-job-deployment", "POST", "/projects/{projectId}/jobs/{jobId}/deployment", JOBS_UPDATE, unconfirmed=_CHANGE_UNCONFIRMED
)
UPDATE_BUILD_SOURCE = Operation(
    "update-job-build-source", "POST", "/projects/{projectId}/jobs/{jobId}/build-source", JOBS_UPDATE, unconfirmed=_CHANGE_UNCONFIRMED
)
SCALE_JOB = Operation("scale-job", "POST", "/projects/{projectId}/jobs/{jobId}/scale", JOBS_UPDATE, unconfirmed=_CHANGE_UNCONFIRMED)
PUT_JOB = Operation("put-job", "PUT", "/projects/{projectId}/jobs", JOBS_CREATE, required_member=ID, unconfirmed=_CHANGE_UNCONFIRMED)

# Deprecated. The API documents CREATE_JOB as its replacement.
CREATE_MANUAL_JOB = Operation(
    "create-manual-job", "POST", "/projects/{projectId}/jobs/manual", JOBS_CREATE, required_member=ID, unconfirmed=_CREATE_UNCONFIRMED
)
CREATE_JOB = Operation("create-job", "POST", "/projects/{projectId}/jobs", JOBS_CREATE, required_member=ID, unconfirmed=_CREATE_UNCONFIRMED)
# The type-agnostic operations, which have some fields in other places than those of manual jobs.
TYPE_AGNOSTIC = (PATCH_JOB, PUT_JOB, CREATE_JOB)
# The API returns 404 for a job that is already gone, so the request can be sent again.
DELETE_JOB = Operation(
    "delete-job", "DELETE", "/projects/{projectId}/jobs/{jobId}", JOBS_DELETE, unconfirmed=_DELETE_UNCONFIRMED, is_retried=True
)

# About the token itself. An API of June 2026 does not have it.
GET_TOKEN = Operation("get-current-authentication-info", "GET", "/auth", NO_PERMISSION, required_member=ID, has_team_path=False)

# These return a list, page by page.
LIST_PROJECTS = Operation("list-projects", "GET", "/projects", PROJECTS_READ, _FULL_PAGES, required_member="projects")
LIST_JOBS = Operation("list-jobs", "GET", "/projects/{projectId}/jobs", JOBS_READ, _FULL_PAGES, required_member="jobs")
# To check whether a project exists.
LIST_ONE_JOB = LIST_JOBS._replace(query="per_page=1")

RUN_JOB = Operation(
    "run-job", "POST", "/projects/{projectId}/jobs/{jobId}/runs", JOBS_RUN, required_member=ID, unconfirmed=_START_UNCONFIRMED
)
GET_RUN = Operation("get-run-details", "GET", "/projects/{projectId}/jobs/{jobId}/runs/{runId}", JOBS_READ, required_member=ID)
ABORT_RUN = Operation(
    "abort-job-run", "DELETE", "/projects/{projectId}/jobs/{jobId}/runs/{runId}", JOBS_UPDATE, unconfirmed=_ABORT_UNCONFIRMED
)
GET_LOGS = Operation("get-job-logs", "GET", "/projects/{projectId}/jobs/{jobId}/logs", JOB_LOGS_READ, is_list=True)
