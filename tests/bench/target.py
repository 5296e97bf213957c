# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contestants ask for: where the stub is, and what they say to it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

PEER_PATH = "/peer"


@dataclass(frozen=True)
class Target:
    """A stub, and the task: a project, a token, the options that are stated of each job, and what such a task returns."""

    url: str
    project_id: str
    token: str
    options: t.Mapping[str, t.Any]
    result: t.Mapping[str, t.Any] = field(default_factory=dict)

    def job_url(self, job_id: str) -> str:
        """Where a job is read."""
        return f"{self.url}/v1/projects/{self.project_id}/jobs/{job_id}"

    @property
    def peer_url(self) -> str:
        """Where the peer's API is."""
        return f"{self.url}{PEER_PATH}"
