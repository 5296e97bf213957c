# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a run until it has ended: how often to look, when to stop, and what to say meanwhile."""

from __future__ import annotations

import time
import typing as t

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import (
    NOT_FOUND,
    TIMED_OUT_STATUSES,
    TOO_MANY_REQUESTS,
    ApiError,
    NorthflankError,
    OptionError,
    TransportError,
)
from .._options.argument_spec import DEFAULT_POLL_INTERVAL
from . import logs

Progress = t.Callable[[str], None]
Run = t.Dict[str, t.Any]  # as get-run-details shows it

_GROWTH = 1.5
_MAX_SECONDS = 7 * 86400
_MAX_LOG_LINES = 1000
# A short trouble of the line must not end the watch of a long run: so many seconds, and so many looks, have to fail in a row.
_MAX_OUTAGE_SECONDS = 300
_MIN_FAILURES = 3
# From here on what is left of the quota is spread over the time until it resets.
_LOW_QUOTA = 100
# What an answer that lacks it has not shown anew.
_CHANGING_KEYS = ("status", "concluded", "concludedAt")


def check_limits(options: t.Mapping[str, t.Any]) -> None:
    """Refuse limits that nobody can wait by.

    :raises OptionError: if one cannot be used.
    """
    for name in ("wait_timeout", "poll_interval", "poll_interval_max"):
        if not 0 < options[name] <= _MAX_SECONDS:
            raise OptionError(f"{name}: {options[name]:g} is not allowed, it must be more than 0 and at most {_MAX_SECONDS} seconds")
    if not 0 <= options["log_lines"] <= _MAX_LOG_LINES:
        raise OptionError(f"log_lines: {options['log_lines']} is not allowed, it must be from 0 to {_MAX_LOG_LINES}")
    if options["follow_logs"] and not options["wait"]:
        raise OptionError("follow_logs: it needs wait: true, since nobody follows a run that is not waited for")
    if options["abort_on_timeout"] and not options["wait"]:
        raise OptionError("abort_on_timeout: it needs wait: true, since a run that is not waited for has no time-out")


def has_ended(run: Run) -> bool:
    """Whether a run is over, by what the API says of it. Its counts of pods are no help: see its published example."""
    concluded, status = run.get("concluded"), run.get("status")
    if isinstance(concluded, bool):
        return concluded
    return status in ("SUCCESS", "FAILED") or status != "RUNNING" and bool(run.get("concludedAt"))


def status_of(run: Run) -> str:
    """The status of a run, nothing if the API shows none."""
    status = run.get("status")
    return status if isinstance(status, str) else ""


def _poll_intervals(options: t.Mapping[str, t.Any]) -> tuple[float, float]:
    """The first wait between two looks and the longest one, in seconds. A default gives way to what the task states."""
    first, longest = options["poll_interval"], options["poll_interval_max"]
    if first == DEFAULT_POLL_INTERVAL:
        first = min(first, longest)
    return first, max(first, longest)


class Watch:
    """The watch of one run. run is what is known of it; ids are project_id, job_id and run_id."""

    def __init__(self, client: Client, target: Target, options: t.Mapping[str, t.Any], run: Run, progress: Progress) -> None:
        self.run = run
        self.warnings: list[str] = []
        self._client = client
        self.target = target
        self._progress = progress
        self._interval, self._max_interval = _poll_intervals(options)
        self._follower = logs.Follower(client, target) if options["follow_logs"] else None
        self._began = time.monotonic()
        self._end = self._began + options["wait_timeout"]
        self._shown_at = self._began
        self._is_over_quota = False
        # Why the last look failed, None if it has not.
        self.last_error: NorthflankError | None = None
        # Of a run that is followed, what was shown.
        self.log: list[str] | None = [] if self._follower else None

    @property
    def elapsed(self) -> str:
        """How long the watch has lasted, in words."""
        return f"{time.monotonic() - self._began:.0f} s"

    @property
    def age(self) -> str:
        """How long before the last look it was that the API showed what run says, nothing if that look has shown it."""
        return f"{time.monotonic() - self._shown_at:.0f} s before, and no look since then has brought an answer" if self.last_error else ""

    @property
    def log_problems(self) -> list[str]:
        """What is missing in the log that was followed, and why."""
        follower = self._follower
        if follower is None:
            return []
        troubles = []
        if follower.gaps:
            troubles.append("The log that was followed lacks lines. Where they are missing, a line of the log says so.")
        if not self._has_followed_all:
            reason = follower.last_error or "the API has more lines than could be read."
            troubles.append(f"The log that was followed may lack its last lines: {reason}")
        return troubles

    @property
    def _has_followed_all(self) -> bool:
        """Whether log holds all lines that the API has shown so far."""
        return self._follower is not None and self._follower.last_error is None and not self._follower.is_behind

    def until_end(self) -> bool:
        """Look at the run until it has ended or the time is over; whether it has ended.

        :raises ApiError: if the API refuses to show the run.
        :raises TransportError: if no usable answer comes for minutes.
        """
        failures, first_failure = 0, 0.0
        # Whoever stops the task from now on knows which run goes on.
        self._report("started")
        while not has_ended(self.run):
            left = self._end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(self._next_delay(), left))
            try:
                self.poll()
            except NorthflankError as error:
                if not self._is_over_quota:
                    first_failure = first_failure if failures else time.monotonic()
                    failures += 1
                    is_over = failures >= _MIN_FAILURES and time.monotonic() - first_failure >= _MAX_OUTAGE_SECONDS
                    if is_over or not _is_transient(error):
                        raise
                self._report(f"no news after {self.elapsed}: {error}")
            else:
                failures = 0
        self._read_rest()
        return True

    def poll(self) -> None:
        """Read the run, and say what is new.

        :raises ApiError: if the API refuses to show the run.
        :raises TransportError: if no usable answer comes.
        """
        try:
            response: Run = self._client.fetch(operations.GET_RUN, self.target, wait_for_quota=False)
        except NorthflankError as error:
            self._is_over_quota, self.last_error = _is_quota_error(error), error
            raise
        self._shown_at, self._is_over_quota, self.last_error = time.monotonic(), False, None
        lasting = {name: value for name, value in self.run.items() if name not in _CHANGING_KEYS}
        self.run = {**lasting, **response}
        self._follow()
        self._report(f"{status_of(self.run) or 'no status'} after {self.elapsed}")

    def last_lines(self, count: int) -> list[str]:
        """The last lines of the log. What was not read before comes to log.

        :raises ApiError: if the API refuses.
        :raises TransportError: if no usable answer comes.
        """
        if self._follower is None or self.log is None:
            lines = logs.last_lines(self._client, self.target, count)
            self.log = self.log or lines
            return lines
        if not (self.log and self._has_followed_all):
            self.log += self._follower.last_lines(count)
        return self.log[-count:]

    def _next_delay(self) -> float:
        """The seconds until the next look: longer each time, and so long that the last of the quota lasts until it resets."""
        pause, remaining, reset = self._interval, self._client.rate_limit_remaining, self._client.rate_limit_reset
        self._interval = min(self._interval * _GROWTH, self._max_interval)
        if self._is_over_quota:
            return max(pause, self._client.quota_wait or 0)
        if remaining is None or reset is None or remaining >= _LOW_QUOTA:
            return pause
        return max(pause, reset / max(remaining, 1))

    def _follow(self) -> None:
        if self._follower is None or self.log is None:
            return
        is_in_time = time.monotonic() < self._end
        # Of a run that goes on, the next look brings the rest, and waits for the quota by itself.
        lines = self._follower.new_lines(
            self.run.get("startedAt"), is_last=has_ended(self.run) or not is_in_time, wait_for_quota=has_ended(self.run) and is_in_time
        )
        for line in lines:
            self._progress(f"{self.target.job_id} | {line}")
        self.log += lines
        trouble = self._follower.last_error
        if trouble is None:
            return
        self._is_over_quota = _is_quota_error(trouble)
        if self._is_over_quota or _is_transient(trouble):
            self._report(f"no new lines of its log after {self.elapsed}: {trouble}")
        else:
            self._follower = None
            self.warnings.append(f"The log is not followed: {trouble}")

    def _read_rest(self) -> None:
        """Read what is left of the log of a run that has ended, as long as time and quota allow."""
        while self._follower is not None and self._follower.is_behind and not self._follower.has_given_up:
            remaining = self._client.rate_limit_remaining
            if self._follower.last_error or time.monotonic() >= self._end or remaining is not None and remaining < _LOW_QUOTA:
                return
            self._follow()

    def _report(self, text: str) -> None:
        self._progress(f"Run {self.target.run_id} of the job {self.target.job_id}: {text}")


def _is_quota_error(error: NorthflankError) -> bool:
    return isinstance(error, ApiError) and error.status == TOO_MANY_REQUESTS


def _is_transient(error: NorthflankError) -> bool:
    # That a run can be read as soon as it was started is not documented.
    passing = (NOT_FOUND, *TIMED_OUT_STATUSES)
    return isinstance(error, TransportError) or isinstance(error, ApiError) and (error.status >= 500 or error.status in passing)
