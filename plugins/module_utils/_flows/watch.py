# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poll a run until it has ended: the interval, when to stop, and the progress lines."""

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
Run = t.Dict[str, t.Any]  # as get-run-details returns it

_GROWTH = 1.5
_MAX_SECONDS = 7 * 86400
_MAX_LOG_LINES = 1000
# A short outage must not end the watch of a long run. Polls must fail for this many seconds, and this often in a row.
_MAX_OUTAGE_SECONDS = 300
_MIN_FAILURES = 3
# Below this number of remaining requests, polls are spread over the time until the quota resets.
_LOW_QUOTA = 100
# Members that are unknown again if the latest response does not contain them.
_CHANGING_KEYS = ("status", "concluded", "concludedAt")


def check_limits(options: t.Mapping[str, t.Any]) -> None:
    """Refuse limits that are out of range, and options that require wait: true.

    :raises OptionError: if an option cannot be used.
    """
    for name in ("wait_timeout", "poll_interval", "poll_interval_max"):
        if not 0 < options[name] <= _MAX_SECONDS:
            raise OptionError(f"{name}: {options[name]:g} is not allowed. It must be more than 0 and at most {_MAX_SECONDS} seconds")
    if not 0 <= options["log_lines"] <= _MAX_LOG_LINES:
        raise OptionError(f"log_lines: {options['log_lines']} is not allowed. It must be from 0 to {_MAX_LOG_LINES}")
    if options["follow_logs"] and not options["wait"]:
        raise OptionError("follow_logs: requires wait: true, because the task follows the log while it waits")
    if options["abort_on_timeout"] and not options["wait"]:
        raise OptionError("abort_on_timeout: requires wait: true, because a task that does not wait has no time-out")


def has_ended(run: Run) -> bool:
    """Whether a run has ended, by the response of the API. The counts of pods do not: see the published example."""
    concluded, status = run.get("concluded"), run.get("status")
    if isinstance(concluded, bool):
        return concluded
    return status in ("SUCCESS", "FAILED") or status != "RUNNING" and bool(run.get("concludedAt"))


def read_status(run: Run) -> str:
    """The status of a run, "" if the response contains none."""
    status = run.get("status")
    return status if isinstance(status, str) else ""


def _poll_intervals(options: t.Mapping[str, t.Any]) -> tuple[float, float]:
    """The first and the longest wait between two polls, in seconds. An option that the task sets takes precedence over a default."""
    first, longest = options["poll_interval"], options["poll_interval_max"]
    if first == DEFAULT_POLL_INTERVAL:
        first = min(first, longest)
    return first, max(first, longest)


class Watch:
    """Polls one run. run contains its known members, target the IDs of the project, the job and the run."""

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
        self._updated_at = self._began
        self._is_over_quota = False
        # The error of the last poll, None if it succeeded.
        self.last_error: NorthflankError | None = None
        # The lines that were read so far, None if the log is not followed and was not read.
        self.log: list[str] | None = [] if self._follower else None

    @property
    def elapsed(self) -> str:
        """The seconds since the watch began, as text with the unit."""
        return f"{time.monotonic() - self._began:.0f} s"

    @property
    def seconds_since_update(self) -> float:
        """The seconds since the last successful poll."""
        return time.monotonic() - self._updated_at

    @property
    def log_problems(self) -> list[str]:
        """Warnings about lines that are missing in the followed log."""
        follower = self._follower
        if follower is None:
            return []
        problems = []
        if follower.gaps:
            problems.append("The followed log lacks lines. A line of the log marks each place.")
        if not self._has_followed_all:
            reason = follower.last_error or "the API has more lines than could be read."
            problems.append(f"The followed log may lack its last lines: {reason}")
        return problems

    @property
    def _has_followed_all(self) -> bool:
        """Whether log contains all lines that the API has so far."""
        return self._follower is not None and self._follower.last_error is None and not self._follower.is_behind

    def wait_for_end(self) -> bool:
        """Poll the run until it has ended or wait_timeout seconds have passed. Return whether it has ended.

        :raises ApiError: if the API refuses to return the run.
        :raises TransportError: if there is no usable response for minutes.
        """
        failures, first_failure = 0, 0.0
        # If the user stops the task from now on, this line has the ID of the run.
        self._report("started")
        while not has_ended(self.run):
            seconds_left = self._end - time.monotonic()
            if seconds_left <= 0:
                return False
            time.sleep(min(self._next_delay(), seconds_left))
            try:
                self.poll()
            except NorthflankError as error:
                if not self._is_over_quota:
                    first_failure = first_failure if failures else time.monotonic()
                    failures += 1
                    has_failed_too_long = failures >= _MIN_FAILURES and time.monotonic() - first_failure >= _MAX_OUTAGE_SECONDS
                    if has_failed_too_long or not _is_transient(error):
                        raise
                self._report(f"the poll failed after {self.elapsed}: {error}")
            else:
                failures = 0
        self._read_rest_of_log()
        return True

    def poll(self) -> None:
        """Read the run and the new lines of its log, and report them as progress.

        :raises ApiError: if the API refuses to return the run.
        :raises TransportError: if there is no usable response.
        """
        try:
            response: Run = self._client.fetch(operations.GET_RUN, self.target, wait_for_quota=False)
        except NorthflankError as error:
            self._is_over_quota, self.last_error = _is_quota_error(error), error
            raise
        self._updated_at, self._is_over_quota, self.last_error = time.monotonic(), False, None
        kept = {name: value for name, value in self.run.items() if name not in _CHANGING_KEYS}
        self.run = {**kept, **response}
        self._follow_log()
        self._report(f"{read_status(self.run) or 'no status'} after {self.elapsed}")

    def last_lines(self, count: int) -> list[str]:
        """The last lines of the log, at most count. Lines that were not read before are added to log.

        :raises ApiError: if the API refuses.
        :raises TransportError: if there is no usable response.
        """
        if self._follower is None or self.log is None:
            lines = logs.last_lines(self._client, self.target, count)
            self.log = self.log or lines
            return lines
        if not (self.log and self._has_followed_all):
            self.log += self._follower.last_lines(count)
        return self.log[-count:]

    def _next_delay(self) -> float:
        """The seconds until the next poll. They grow with each poll; if the quota is low, its rest lasts until it resets."""
        pause, remaining, reset = self._interval, self._client.rate_limit_remaining, self._client.rate_limit_reset
        self._interval = min(self._interval * _GROWTH, self._max_interval)
        if self._is_over_quota:
            return max(pause, self._client.quota_wait or 0)
        if remaining is None or reset is None or remaining >= _LOW_QUOTA:
            return pause
        return max(pause, reset / max(remaining, 1))

    def _follow_log(self) -> None:
        if self._follower is None or self.log is None:
            return
        has_time_left = time.monotonic() < self._end
        # If the run has not ended, the next poll reads the rest, and waits for the quota itself.
        lines = self._follower.new_lines(
            self.run.get("startedAt"),
            is_last=has_ended(self.run) or not has_time_left,
            wait_for_quota=has_ended(self.run) and has_time_left,
        )
        for line in lines:
            self._progress(f"{self.target.job_id} | {line}")
        self.log += lines
        error = self._follower.last_error
        if error is None:
            return
        self._is_over_quota = _is_quota_error(error)
        if self._is_over_quota or _is_transient(error):
            self._report(f"its log could not be read after {self.elapsed}: {error}")
        else:
            self._follower = None
            self.warnings.append(f"The log cannot be followed: {error}")

    def _read_rest_of_log(self) -> None:
        """Read the rest of the log of a run that has ended, while time and quota allow it."""
        while self._follower is not None and self._follower.is_behind and not self._follower.has_given_up:
            remaining = self._client.rate_limit_remaining
            if self._follower.last_error or time.monotonic() >= self._end or remaining is not None and remaining < _LOW_QUOTA:
                return
            self._follow_log()

    def _report(self, text: str) -> None:
        self._progress(f"Run {self.target.run_id} of the job {self.target.job_id}: {text}")


def _is_quota_error(error: NorthflankError) -> bool:
    return isinstance(error, ApiError) and error.status == TOO_MANY_REQUESTS


def _is_transient(error: NorthflankError) -> bool:
    # It is not documented that a new run can be read at once.
    transient = (NOT_FOUND, *TIMED_OUT_STATUSES)
    return isinstance(error, TransportError) or isinstance(error, ApiError) and (error.status >= 500 or error.status in transient)
