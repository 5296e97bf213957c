# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""What an operation is called with."""

from __future__ import annotations

from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from ._jobs import Job


class Call(NamedTuple):
    """An allowed request about existing objects. An ID that is not in its path is "", and then the job is {}."""

    project_id: str
    job_id: str
    run_id: str
    job: Job
    query: MultiDict[str, str]
    body: Any
    permissions: frozenset[str]
