# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log lines of a run, fit for a terminal: without secrets and control characters."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client

# How many lines a request asks for, and how many requests may follow each other at once.
_BATCH = 500
# A batch that holds fewer lines was the last one, also where the API gives fewer than it was asked for.
_FULL_BATCH = 50
_MOST_BATCHES = 20

Line = t.Tuple[str, str, str]  # when, by which container, what


def last_lines(client: Client, ids: t.Mapping[str, t.Any], count: int) -> list[str]:
    """The last lines of the log of a run, the newest at the end, by one request. ids hold project_id, job_id and run_id.

    :raises ApiError: if the API refuses.
    :raises TransportError: if no usable answer comes.
    """
    lines = _lines(client, ids, {"direction": "backward", "lineLimit": count})
    return _fit([text for when, container, text in lines[-count:]], client)


class Follower:
    """Reads on where it has stopped."""

    def __init__(self, client: Client, ids: t.Mapping[str, t.Any]) -> None:
        self._client = client
        self._ids = ids
        self._since: str | None = None
        # Those of the last moment only: the next request asks for it once more, since more may come to it.
        self._seen: set[Line] = set()
        # Whether there are lines that no request gets to: more of one moment than a batch holds.
        self.is_behind = False

    def new_lines(self, started_at: t.Any) -> list[str]:
        """The lines since the last call, the newest at the end; started_at is that of the run. Mostly by one request.

        :raises ApiError: if the API refuses.
        :raises TransportError: if no usable answer comes.
        """
        found: list[str] = []
        for _batch in range(_MOST_BATCHES):
            since = self._since or (started_at if isinstance(started_at, str) and started_at else None)
            query = {"direction": "forward", "lineLimit": _BATCH, **({"startTime": since} if since else {})}
            lines = _lines(self._client, self._ids, query)
            new = [line for line in lines if line not in self._seen and (self._since is None or _moment(line[0]) >= _moment(self._since))]
            found += [text for when, container, text in new]
            if new:
                self._since = new[-1][0]
                self._seen = {line for line in (*self._seen, *lines) if _moment(line[0]) == _moment(self._since)}
            self.is_behind = len(lines) >= _BATCH and not new
            if len(lines) < _FULL_BATCH or not new:
                break
        return _fit(found, self._client)


def _lines(client: Client, ids: t.Mapping[str, t.Any], query: t.Mapping[str, t.Any]) -> list[Line]:
    """What a request shows, the oldest first, whatever the order is that it came in."""
    data = client.call(endpoints.GET_LOGS, ids, query={"runId": ids["run_id"], **query}, waits=False)
    lines = [(str(entry.get("ts")), str(entry.get("containerId")), _text(entry.get("log"))) for entry in data if isinstance(entry, dict)]
    return lines[::-1] if lines and _moment(lines[0][0]) > _moment(lines[-1][0]) else lines


def _moment(stamp: str) -> tuple[str, str]:
    """A time stamp as what sorts by time, however many digits its fraction has."""
    whole, dot, fraction = stamp.replace("+00:00", "Z").rstrip("Z").partition(".")
    return whole, fraction.rstrip("0")


def _text(log: t.Any) -> str:
    """A line as text: the API documents no type for it."""
    return log if isinstance(log, str) else json.dumps(log, ensure_ascii=False)


def _fit(texts: t.Iterable[str], client: Client) -> list[str]:
    """Texts without secrets, line by line, and without what a terminal would obey."""
    return [
        "".join(character if character.isprintable() or character == "\t" else " " for character in line)
        for text in texts
        for line in client.secrets.mask(text).splitlines() or [""]
    ]
