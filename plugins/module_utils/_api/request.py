# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to the API, and its name in messages."""

from __future__ import annotations

import time
import typing as t
import urllib.parse

from .operations import Operation


class Target(t.NamedTuple):
    """The IDs of the project, the job and the run of a request, each empty if the request has none."""

    project_id: str = ""
    job_id: str = ""
    run_id: str = ""


class Request(t.NamedTuple):
    """One request: an operation on a target, with its URL, its body, and a query in addition to that of the operation.

    team_id is the option, for messages. A probe is a PATCH that changes nothing.
    """

    operation: Operation
    target: Target
    team_id: str
    url: str
    further_query: t.Mapping[str, t.Any]
    body: t.Mapping[str, t.Any] | None
    is_probe: bool

    @property
    def query(self) -> str:
        """The whole query."""
        return "&".join(filter(None, (self.operation.query, urllib.parse.urlencode(self.further_query))))

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urllib.parse.urlsplit(self.url).path

    @property
    def name(self) -> str:
        """The name of the request in messages."""
        return f"{self.operation.method} {self.path}"

    @property
    def named_ids(self) -> str:
        """The IDs as the task sets them."""
        stated = {**self.target._asdict(), "team_id": self.team_id}
        return ", ".join(f'{name} "{value}"' for name, value in stated.items() if value)

    def unconfirmed_note(self, sent_at: float) -> str:
        """The sentence if no response confirms a write that was sent at this time (seconds since the epoch). Empty for a probe."""
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sent_at))
        return "" if self.is_probe else self.operation.unconfirmed.format(path=self.path, since=since)
