# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a run: its last lines, or the new lines at each poll. If lines are missing, a line of the log marks the place.

It is not documented how many lines a response contains at most. Only another request can show whether a response was cut.
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

# The lineLimit of a request, and the maximum number of requests in one call.
_BATCH = 500
_MAX_BATCHES = 20
# A response of this many lines or more counts as full, and the next request follows. The API may return fewer lines than requested.
_FULL_BATCH = 50
# The last response is checked if it has this many lines or more. To check shorter ones, too, would cost most runs one more request.
_CHECKED_BATCH = 10
# The lineLimit of a check.
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
    None if it did not. gaps: at how many places lines are missing. A line of the log marks each place.
    """

    def __init__(self, client: Client, target: Target) -> None:
        self.is_behind = False
        self.has_given_up = False
        self.last_error: NorthflankError | None = None
        self.gaps = 0
        self._client = client
        self._target = target
        # The time at which the next request begins, and the lines of that time that were read. The request returns them again,
        # because more lines of that time may follow.
        self._since = ""
        self._seen: Counts = collections.Counter()
        # The number of lines in the last response, and in the longest one so far: a shorter response was not cut.
        self._length = self._longest = 0
        self._had_new_lines = False  # in the last response
        self._full_length = _FULL_BATCH
        # Whether the last response may have been cut, so that the next request is a check.
        self._needs_check = False
        # The time of the last line when a check found that no line is missing.
        self._complete_until: str | None = None
        # The number of attempts to skip the time with too many lines, and the nanoseconds that the last one skipped.
        self._skips = 0
        self._skipped_nanoseconds = 0

    def new_lines(self, started_at: t.Any, is_last: bool = False, wait_for_quota: bool = False) -> list[str]:
        """The lines since the last call, the newest at the end, in most cases by one request. started_at is that of the run.

        is_last: the last response is checked if it may have been cut, because no later call reads the rest. wait_for_quota: if the quota
        is used up, this waits as long as rate_limit_wait allows. If a request fails, the lines are those of the requests before it.
        """
        found: list[Line] = []
        self.last_error = None
        try:
            for _batch in range(_MAX_BATCHES):
                new, may_have_more = (
                    self._check_last_response(wait_for_quota)
                    if self._needs_check
                    else self._read_next_response(started_at, is_last, wait_for_quota)
                )
                found += new
                if not may_have_more:
                    break
            else:
                self.is_behind = True
        except NorthflankError as error:
            self.last_error = error
        return _to_texts(found, self._client)

    def last_lines(self, count: int) -> list[str]:
        """The last lines, without those that an earlier call returned. If lines are missing between the two, the first line marks the gap.

        :raises ApiError: if the API refuses.
        :raises TransportError: if there is no usable response.
        """
        lines = _read_newest(self._client, self._target, count)
        is_joined = self._reaches_back(lines) if self._since else len(lines) < count
        before, new = self._since, self._mark_as_read(lines)
        gap = [self._note_gap(before or new[0].stamp, "Lines may be missing here.")] if new and not is_joined else []
        self.last_error, self.is_behind = None, False
        return _to_texts([*gap, *new], self._client)

    def _read_next_response(self, started_at: t.Any, is_last: bool, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """The new lines of the next response, and whether to read on."""
        start = self._since or (started_at if isinstance(started_at, str) else "")
        query = {"direction": "forward", "lineLimit": _BATCH, **({"startTime": start} if start else {})}
        lines = _read_lines(self._client, self._target, query, wait_for_quota)
        new = self._mark_as_read(lines)
        self._length, longest = len(lines), self._longest
        self._longest = max(self._length, longest)
        self._had_new_lines = bool(new)
        if new:
            self._skips, self.has_given_up = 0, False
        is_full = self._length >= self._full_length
        may_be_cut = self._length >= max(_CHECKED_BATCH, longest) and self._complete_until != self._since and (is_last or not new)
        self._needs_check = (is_full and not new or may_be_cut and not is_full) and not self.has_given_up
        # If the response contains older lines, the API ignores startTime, and the lines have different times.
        have_same_time = sum(log_lines.count_lines_at(lines, self._since).values()) == self._length
        self.is_behind = self.has_given_up or is_full and (bool(new) or self._length >= _BATCH or have_same_time)
        return new, is_full and bool(new) or self._needs_check and is_last

    def _check_last_response(self, wait_for_quota: bool) -> tuple[list[Line], bool]:
        """Check with the newest lines whether the last response was cut. Returns the new lines, and whether to read on."""
        if self._skips:
            return self._skip_time()
        lines = _read_lines(
            self._client, self._target, {"direction": "backward", "lineLimit": _CHECK_LINES, "startTime": self._since}, wait_for_quota
        )
        if self._reaches_back(lines) or not log_lines.find_new_lines(lines, self._since, self._seen):
            self._longest = max(self._longest, len(lines))
            self._complete_until, self._needs_check, self.is_behind = self._since, False, False
            return self._mark_as_read(lines), False
        self._full_length, self.is_behind = min(self._full_length, self._length), True
        if self._had_new_lines:
            self._needs_check = False
            return [], True
        return self._skip_time()

    def _skip_time(self) -> tuple[list[Line], bool]:
        """Skip a time that has more lines than a response contains. Returns a line that marks the gap, and whether that was possible.

        It is not documented how many digits of a time the API compares. If it treats the next time as the same, the next attempt skips more.
        """
        self._needs_check = False
        self._skipped_nanoseconds = self._skipped_nanoseconds * 1000 if self._skips else log_lines.last_digit_in_nanoseconds(self._since)
        next_time = log_lines.add_nanoseconds(self._since, self._skipped_nanoseconds) if self._skips < _MAX_SKIPS else None
        if next_time is None:
            self.has_given_up = self.is_behind = True
            return [], False
        text = f"Lines are missing here: the API returns at most {self._length} lines with the time {self._since}."
        gap = [] if self._skips else [self._note_gap(self._since, text)]
        self._skips, self._since, self._seen = self._skips + 1, next_time, collections.Counter()
        return gap, True

    def _mark_as_read(self, lines: list[Line]) -> list[Line]:
        """Mark lines as read, so that the next request begins after them. Returns those that are new."""
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
