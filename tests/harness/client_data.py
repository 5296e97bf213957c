# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the client ask for, and the answers that several of them get."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target
from harness import JOB, PROJECT
from unit.plugins.module_utils.odd_server import Odd

IDS = {"project_id": PROJECT, "job_id": JOB}
TARGET = Target(**IDS)
TOKEN = "nf-token-0123456789"
# How messages about the two requests begin.
GET = "GET /v1/projects/default-project/jobs/example-job"
PATCH = "PATCH /v1/projects/default-project/jobs/manual/example-job"
PYTHON_OBJECT = re.compile(r"0x[0-9a-f]{6}|HTTPS?Connection|Pool|urllib3|Error\(|object at|IncompleteRead|MaxRetry|<[a-z]|_ssl\.c")


def api_error(message: t.Any, status: int = 400, **more: t.Any) -> Odd:
    """An answer in the documented shape of an error."""
    return Odd(status, {"error": {"status": status, "message": message, **more}})


def too_many(**headers: str) -> Odd:
    """The answer to an exhausted quota, with these headers."""
    return Odd(
        429, {"error": {"status": 429, "message": "Too many requests"}}, {name.replace("_", "-"): text for name, text in headers.items()}
    )
