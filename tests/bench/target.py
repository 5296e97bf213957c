# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target of the contestants: the stub, and the data of their requests."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

PEER_PATH = "/peer"


@dataclass(frozen=True)
class Target:
    """A stub, and the task: a project, a token, the options for each job, and what such a task returns."""

    url: str
    project_id: str
    token: str
    options: t.Mapping[str, t.Any]
    result: t.Mapping[str, t.Any] = field(default_factory=dict)

    def job_url(self, job_id: str) -> str:
        """The URL of a job."""
        return f"{self.url}/v1/projects/{self.project_id}/jobs/{job_id}"

    @property
    def peer_url(self) -> str:
        """The URL of the API for the peer."""
        return f"{self.url}{PEER_PATH}"
