# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job, the token and the requests of the tests of the client."""

from __future__ import annotations

import re

from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target

from harness import JOB, PROJECT

IDS = {"project_id": PROJECT, "job_id": JOB}
TARGET = Target(**IDS)
TOKEN = "nf-token-0123456789"
# How messages about the two requests begin.
GET = "GET /v1/projects/default-project/jobs/example-job"
PATCH = "PATCH /v1/projects/default-project/jobs/manual/example-job"
PYTHON_OBJECT = re.compile(r"0x[0-9a-f]{6}|HTTPS?Connection|Pool|urllib3|Error\(|object at|IncompleteRead|MaxRetry|<[a-z]|_ssl\.c")
