# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of the collection. Users see their texts unchanged: what is wrong, where, and what to do."""

from __future__ import annotations

import typing as t

FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY_REQUESTS = 403, 404, 409, 429
# An operation that no longer exists may return these. 404 is also returned if the job does not exist.
GONE_STATUSES = (NOT_FOUND, 405, 410)
# A gateway may return these although the request reached the API.
TIMED_OUT_STATUSES = (408, 499)
# A sub-resource that is forbidden or no longer exists may return these. Its fields are unknown, not empty.
UNKNOWN_STATUSES = (FORBIDDEN, *GONE_STATUSES)


def format_seconds(seconds: float) -> str:
    """A number of seconds with its unit, for a message: "1 second", "0.5 seconds"."""
    number = f"{seconds:g}" if isinstance(seconds, float) else str(seconds)
    return f"{number} {'second' if seconds == 1 else 'seconds'}"


class NorthflankError(Exception):
    """The base of all: the text is for the user and contains no secret. shown are the other keys of the result, except warnings.

    is_unconfirmed: the API may have carried out the request that failed.
    """

    def __init__(self, text: str, *, is_unconfirmed: bool = False, **shown: t.Any) -> None:
        super().__init__(text)
        self.is_unconfirmed = is_unconfirmed
        self.shown = shown
        self.warnings: list[str] = []


class OptionError(NorthflankError):
    """Options that are not valid, found before any request."""


class StateError(NorthflankError):
    """A job that is in a state that the task does not support."""


class TransportError(NorthflankError):
    """There is no usable response: the network, TLS or a proxy failed, or the response did not come from the API."""


class ApiError(NorthflankError):
    """The API responded with an error.

    error is {status, id, message, details, request}, masked. id and details are there only if the API sent them.
    """

    def __init__(self, text: str, error: dict[str, t.Any]) -> None:
        status = error["status"]
        super().__init__(text, is_unconfirmed=status in TIMED_OUT_STATUSES or status >= 500, error=error)
        self.error = error

    @property
    def status(self) -> int:
        """The HTTP status code."""
        status: int = self.error["status"]
        return status
