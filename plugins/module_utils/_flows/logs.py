# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a run: its last lines, or the new lines at each poll. If lines are missing, a line of the log says so.

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

# The number of lines that a request asks for, and how many requests follow each other at most.
_BATCH = 500
_MAX_BATCHES = 20
# After a response of so many lines, the next request follows: the API may return fewer lines than the request asks for.
_FULL_BATCH = 50
# The last response of so many lines is checked. To check shorter ones, too, would cost one more request for most runs.
_CHECKED_BATCH = 10
# The number of lines that a check asks for.
_CHECK_LINES = 5000
# The number of attempts to skip a time with more lines than a response contains.
_MAX_SKIPS = 4


def last_lines(client: Client, target: Target, count: int) -> list[str]:
    """The last lines of the log of a run, the newest at the end, by one request.

    :raises ApiError: if the API refuses.
    :raises TransportError: if there is no usable response.
    """
    return _to_texts(_read_newest(client, target, count), client)


class Follower:
    """Reads the log of a run from where it stopped the last time.

    is_behind: the API has more lines than were read. has_given_up: no request can read them. last_error: why the last request failed,
    None if it did not. gaps: how often lines are missing; a line of the log shows each place.
    """

    def __init__(self, client: Client, target: Target) -> None:
        self.is_behind = False
        self.has_given_up = False
        self.last_error: NorthflankError | None = None
        self.gaps = 0
        self._client = client
        self._target = target
        # Where the next request begins, and which lines of that time were read: it asks for them again, because more may follow.
        self._since = ""
        self._seen: Counts = collections.Counter()
        # The number of lines in the last response, and in the longest one so far: a shorter response was not cut.
        self._length = self._longest = 0
        self._has_brought_any = False
        self._full = _FULL_BATCH
        # Whether the last response may have been cut, so that the next request is a check, and where no check is necessary.
        self._needs_check = False
        self._checked: str | None = None
        # The number of attempts to skip the time with too many lines, and the nanoseconds of the next one.
        self._steps = 0
        self._step = 0

    def new_lines(self, started_at: t.Any, is_last: bool = False, wait_for_quota: bool = False) -> list[str]:
        """The lines since the last call, the newest at the end; started_at is that of the run. In most cases by one request.

        is_last: the last response is checked if it may have been cut, because no later call reads the rest. With wait_for_quota a used-up
        quota is waited for, as long as rate_limit_wait allows. If a request fails, the lines are those that came before it.
        """
        found: list[Line] = []
        self.last_error = None
        try:
            for _batch in range(_MAX_BATCHES):
                new, goes_on = (
                    self._check_last(wait_for_quota) if self._needs_check else self._read_next(started_at, is_last, wait_for_quota)
                )
                found += new
                if not goes_on:
                    break
            else:
                self.is_behind = True
        except NorthflankError as error:
            self.last_error = error
        return _to_texts(found, self._client)

    def last_lines(self, count: int) -> list[str]:
        """The last lines, without those that an earlier call returned. If lines are missing between the two, the first line says so.

        :raises ApiError: if the API refuses.
        :raises TransportError: if there is no usable response.
        """
        lines = _read_newest(self._client, self._target, count)
        is_joined = self._reaches_back(lines) if self._since else len(lines) < count
        before, new = self._since, self._remember(lines)
        gap = [self._note_gap(before or new[0].stamp, "Lines may be missing here.")] if new and not is_joined else []
        self.last_error, self.is_behind = None, False
        return _to_texts([*gap, *new], self._client)

    def _read_next(self, started_at: t.Any, is_last: bool, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """The new lines of the next response, and whether to read on."""
        start = self._since or (started_at if isinstance(started_at, str) else "")
        query = {"direction": "forward", "lineLimit": _BATCH, **({"startTime": start} if start else {})}
        lines = _read_lines(self._client, self._target, query, wait_for_quota)
        new = self._remember(lines)
        self._length, longest = len(lines), self._longest
        self._longest = max(self._length, longest)
        self._has_brought_any = bool(new)
        if new:
            self._steps, self.has_given_up = 0, False
        is_full = self._length >= self._full
        is_dubious = self._length >= max(_CHECKED_BATCH, longest) and self._checked != self._since and (is_last or not new)
        self._needs_check = (is_full and not new or is_dubious and not is_full) and not self.has_given_up
        # If it contains older lines, the API ignores startTime, and the lines are not of one time.
        is_of_one_moment = sum(log_lines.count_lines_at(lines, self._since).values()) == self._length
        self.is_behind = self.has_given_up or is_full and (bool(new) or self._length >= _BATCH or is_of_one_moment)
        return new, is_full and bool(new) or self._needs_check and is_last

    def _check_last(self, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """Check with the newest lines whether the last response was cut. Returns the new lines, and whether to read on."""
        if self._steps:
            return self._skip_time()
        lines = _read_lines(
            self._client, self._target, {"direction": "backward", "lineLimit": _CHECK_LINES, "startTime": self._since}, wait_for_quota
        )
        if self._reaches_back(lines) or not log_lines.find_new_lines(lines, self._since, self._seen):
            self._longest = max(self._longest, len(lines))
            self._checked, self._needs_check, self.is_behind = self._since, False, False
            return self._remember(lines), False
        self._full, self.is_behind = min(self._full, self._length), True
        if self._has_brought_any:
            self._needs_check = False
            return [], True
        return self._skip_time()

    def _skip_time(self) -> tuple[list[Line], bool]:
        """Skip a time that has more lines than a response contains. Returns a line that says so, and whether that was possible.

        The resolution of the times of the API is not documented. If the API treats the next time as the same one, the next step is longer.
        """
        self._needs_check = False
        self._step = self._step * 1000 if self._steps else log_lines.resolution(self._since)
        moved = log_lines.add_nanoseconds(self._since, self._step) if self._steps < _MAX_SKIPS else None
        if moved is None:
            self.has_given_up = self.is_behind = True
            return [], False
        text = f"Lines are missing here: the API returns at most {self._length} lines with the time {self._since}."
        gap = [] if self._steps else [self._note_gap(self._since, text)]
        self._steps, self._since, self._seen = self._steps + 1, moved, collections.Counter()
        return gap, True

    def _remember(self, lines: list[Line]) -> list[Line]:
        """The new ones of these lines, which are remembered as read."""
        new = log_lines.find_new_lines(lines, self._since, self._seen)
        if new:
            before = self._seen if log_lines.sort_key(new[-1].stamp) == log_lines.sort_key(self._since) else collections.Counter()
            self._since = new[-1].stamp
            self._seen = before | log_lines.count_lines_at(lines, self._since)
        return new

    def _reaches_back(self, lines: list[Line]) -> bool:
        """Whether the newest lines reach back to the last lines that were read, so that no line between them is missing."""
        return bool(self._seen) and not self._seen - log_lines.count_lines_at(lines, self._since)

    def _note_gap(self, stamp: str, text: str) -> Line:
        self.gaps += 1
        return log_lines.make_note(stamp, text)


def _read_newest(client: Client, target: Target, count: int) -> list[Line]:
    return _read_lines(client, target, {"direction": "backward", "lineLimit": count})[-count:]


def _read_lines(client: Client, target: Target, query: t.Mapping[str, t.Any], wait_for_quota: bool = False) -> list[Line]:
    """The lines in the response to a request, the oldest first."""
    data = client.fetch(operations.GET_LOGS, target, query={"runId": target.run_id, **query}, wait_for_quota=wait_for_quota)
    return log_lines.from_response(data, query["direction"] == "backward")


def _to_texts(lines: t.Iterable[Line], client: Client) -> list[str]:
    """The texts of lines, with secrets masked, split into lines for a terminal."""
    return [part for line in lines for part in log_lines.split_for_terminal(client.secrets.mask(line.text))]
