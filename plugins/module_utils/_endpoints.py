# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Northflank API that the collection uses, by their operationIds. A test holds them to the contract."""

from __future__ import annotations

import typing as t

JOBS_READ = "Project > Jobs > General > Read"
JOBS_UPDATE = "Project > Jobs > General > Update"
JOB_SECRETS_READ = "Project > Secrets > Jobs > Read"


class Operation(t.NamedTuple):
    """One operation: path below /v1 or /v1/teams/{teamId}, the permission that a token needs, as Northflank writes it, and the query.

    Each answer holds a member of the name of shows; one that does not is not the operation's, and absence in it tells nothing.
    """

    operation_id: str
    method: str
    path: str
    permission: str
    query: str = ""
    shows: str = ""


_JOB = "id"
# Without those that a job inherits from secret groups and addons, which PATCH must not write back.
_OWN_VALUES = "show=this"

GET_JOB = Operation("get-job", "GET", "/projects/{projectId}/jobs/{jobId}", JOBS_READ, shows=_JOB)
GET_HEALTH_CHECKS = Operation("get-job-health-checks", "GET", "/projects/{projectId}/jobs/{jobId}/health-checks", JOBS_READ)
GET_RUNTIME_ENVIRONMENT = Operation(
    "get-job-runtime-environment", "GET", "/projects/{projectId}/jobs/{jobId}/runtime-environment", JOB_SECRETS_READ, _OWN_VALUES
)
GET_BUILD_ARGUMENTS = Operation(
    "get-job-build-arguments", "GET", "/projects/{projectId}/jobs/{jobId}/build-arguments", JOB_SECRETS_READ, _OWN_VALUES
)
# Announced to go away; PATCH_JOB is its named replacement.
PATCH_MANUAL_JOB = Operation("patch-manual-job", "PATCH", "/projects/{projectId}/jobs/manual/{jobId}", JOBS_UPDATE, shows=_JOB)
PATCH_JOB = Operation("patch-job", "PATCH", "/projects/{projectId}/jobs/{jobId}", JOBS_UPDATE, shows=_JOB)
