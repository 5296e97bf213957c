# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a run: its last lines, or what is new at each look. Where lines cannot be had, the log says so.

How many lines an answer holds at most is not documented. Whether one was cut, only a further request can tell.
"""

from __future__ import annotations

import collections
import typing as t

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import NorthflankError
from . import log_lines
from .log_lines import Counts, Line

# How many lines a request asks for, and how many requests may follow each other at once.
_BATCH = 500
_MOST_BATCHES = 20
# An answer of so many lines is read on, since it may have been cut: the API may give fewer than it is asked for.
_FULL_BATCH = 50
# The last answer of so many lines is checked. To check shorter ones too would cost a request for most runs.
_DUBIOUS_BATCH = 10
# How many lines a check asks for.
_CHECK = 5000
# How many steps may lead out of a moment that has more lines than an answer holds.
_MOST_STEPS = 4


def last_lines(client: Client, target: Target, count: int) -> list[str]:
    """The last lines of the log of a run, the newest at the end, by one request. target hold project_id, job_id and run_id.

    :raises ApiError: if the API refuses.
    :raises TransportError: if no usable answer comes.
    """
    return _texts(_newest(client, target, count), client)


class Follower:
    """Reads on where it has stopped.

    is_behind: the API has more lines than were read. has_given_up: no request gets to them. last_error: why the last request failed,
    None if it did not. gaps: how often lines are missing; each time a line of the log tells where.
    """

    def __init__(self, client: Client, target: Target) -> None:
        self.is_behind = False
        self.has_given_up = False
        self.last_error: NorthflankError | None = None
        self.gaps = 0
        self._client = client
        self._target = target
        # Where the next request begins, and which lines of that moment were seen: it asks for them once more, since more may come.
        self._since = ""
        self._seen: Counts = collections.Counter()
        # What the last answer held, and the longest one so far: a shorter one than that was not cut.
        self._length = self._longest = 0
        self._has_brought_any = False
        self._full = _FULL_BATCH
        # Whether the last answer may have been cut, so that the next request is a check, and what needs none any more.
        self._is_unsure = False
        self._checked: str | None = None
        # How often the moment was left that has too many lines, and by how many nanoseconds it is left next.
        self._steps = 0
        self._step = 0

    def new_lines(self, started_at: t.Any, is_last: bool = False, wait_for_quota: bool = False) -> list[str]:
        """The lines since the last call, the newest at the end; started_at is that of the run. Mostly by one request.

        is_last has the last answer checked if it may have been cut, since no later call would bring the rest. With wait_for_quota a used-up
        quota is waited for, as long as rate_limit_wait allows. If a request fails, the lines are those that came before it.
        """
        found: list[Line] = []
        self.last_error = None
        try:
            for _batch in range(_MOST_BATCHES):
                new, goes_on = self._check(wait_for_quota) if self._is_unsure else self._read_on(started_at, is_last, wait_for_quota)
                found += new
                if not goes_on:
                    break
            else:
                self.is_behind = True
        except NorthflankError as error:
            self.last_error = error
        return _texts(found, self._client)

    def last_lines(self, count: int) -> list[str]:
        """The last lines, less those that a call has brought before. Where lines are missing between the two, the first one says so.

        :raises ApiError: if the API refuses.
        :raises TransportError: if no usable answer comes.
        """
        lines = _newest(self._client, self._target, count)
        is_joined = self._overlaps(lines) if self._since else len(lines) < count
        before, new = self._since, self._take(lines)
        gap = [self._gap(before or new[0].stamp, "Lines may be missing here.")] if new and not is_joined else []
        self.last_error, self.is_behind = None, False
        return _texts([*gap, *new], self._client)

    def _read_on(self, started_at: t.Any, is_last: bool, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """The new lines of the next answer, and whether to go on."""
        start = self._since or (started_at if isinstance(started_at, str) else "")
        query = {"direction": "forward", "lineLimit": _BATCH, **({"startTime": start} if start else {})}
        lines = _lines(self._client, self._target, query, wait_for_quota)
        new = self._take(lines)
        self._length, longest = len(lines), self._longest
        self._longest = max(self._length, longest)
        self._has_brought_any = bool(new)
        if new:
            self._steps, self.has_given_up = 0, False
        is_full = self._length >= self._full
        is_dubious = self._length >= max(_DUBIOUS_BATCH, longest) and self._checked != self._since and (is_last or not new)
        self._is_unsure = (is_full and not new or is_dubious and not is_full) and not self.has_given_up
        # Older lines in it say that the API does not go by startTime, and that its answer is not of one moment.
        is_of_one_moment = sum(log_lines.of_moment(lines, self._since).values()) == self._length
        self.is_behind = self.has_given_up or is_full and (bool(new) or self._length >= _BATCH or is_of_one_moment)
        return new, is_full and bool(new) or self._is_unsure and is_last

    def _check(self, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """See by the newest lines whether the last answer was cut: those that are new, and whether to go on."""
        if self._steps:
            return self._leave_moment()
        lines = _lines(self._client, self._target, {"direction": "backward", "lineLimit": _CHECK, "startTime": self._since}, wait_for_quota)
        if self._overlaps(lines) or not log_lines.unseen(lines, self._since, self._seen):
            self._longest = max(self._longest, len(lines))
            self._checked, self._is_unsure, self.is_behind = self._since, False, False
            return self._take(lines), False
        self._full, self.is_behind = min(self._full, self._length), True
        if self._has_brought_any:
            self._is_unsure = False
            return [], True
        return self._leave_moment()

    def _leave_moment(self) -> tuple[list[Line], bool]:
        """Go on after a moment that has more lines than an answer holds: the line that says so, and whether there was a way on.

        How exact the times of the API are is not documented: what it takes for the same moment takes a longer step.
        """
        self._is_unsure = False
        self._step = self._step * 1000 if self._steps else log_lines.unit(self._since)
        moved = log_lines.later(self._since, self._step) if self._steps < _MOST_STEPS else None
        if moved is None:
            self.has_given_up = self.is_behind = True
            return [], False
        text = f"Lines are missing here: the API returns at most {self._length} lines with the time {self._since}."
        gap = [] if self._steps else [self._gap(self._since, text)]
        self._steps, self._since, self._seen = self._steps + 1, moved, collections.Counter()
        return gap, True

    def _take(self, lines: list[Line]) -> list[Line]:
        """Those lines that are new, which counts them as seen."""
        new = log_lines.unseen(lines, self._since, self._seen)
        if new:
            before = self._seen if log_lines.moment(new[-1].stamp) == log_lines.moment(self._since) else collections.Counter()
            self._since = new[-1].stamp
            self._seen = before | log_lines.of_moment(lines, self._since)
        return new

    def _overlaps(self, lines: list[Line]) -> bool:
        """Whether lines, the newest of all, go back to those that were seen last: then none is missing between the two."""
        return bool(self._seen) and not self._seen - log_lines.of_moment(lines, self._since)

    def _gap(self, stamp: str, text: str) -> Line:
        self.gaps += 1
        return log_lines.note(stamp, text)


def _newest(client: Client, target: Target, count: int) -> list[Line]:
    return _lines(client, target, {"direction": "backward", "lineLimit": count})[-count:]


def _lines(client: Client, target: Target, query: t.Mapping[str, t.Any], wait_for_quota: bool = False) -> list[Line]:
    """What a request shows, the oldest first."""
    data = client.fetch(operations.GET_LOGS, target, query={"runId": target.run_id, **query}, wait_for_quota=wait_for_quota)
    return log_lines.from_answer(data, query["direction"] == "backward")


def _texts(lines: t.Iterable[Line], client: Client) -> list[str]:
    """The texts of lines without secrets, line by line."""
    return [part for line in lines for part in log_lines.fit(client.secrets.mask(line.text))]
