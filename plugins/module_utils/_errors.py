# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of the collection. Their texts go to the user as they are: what is wrong, where, and what to do."""

from __future__ import annotations

import typing as t

FORBIDDEN, NOT_FOUND, TOO_MANY_REQUESTS = 403, 404, 429
# What an operation may answer that no longer exists; of a job that does not, 404 too.
GONE_STATUSES = (NOT_FOUND, 405, 410)
# What stands between may answer so of a request that has arrived, too: it has waited for longer than it likes to.
TIMED_OUT_STATUSES = (408, 499)
# What a sub-resource answers that is forbidden, or that no longer exists: its fields are unknown, not empty.
UNKNOWN_STATUSES = (FORBIDDEN, *GONE_STATUSES)


class NorthflankError(Exception):
    """Base of all: the text is fit for the user and holds no secret. shown is what the result holds beside it, less its warnings."""

    def __init__(self, text: str, **shown: t.Any) -> None:
        super().__init__(text)
        self.shown = shown
        self.warnings: list[str] = []


class OptionError(NorthflankError):
    """Options that cannot be used, found before any request."""


class StateError(NorthflankError):
    """A job in a state that the task cannot be applied to."""


class TransportError(NorthflankError):
    """No usable answer came: the network, TLS, a proxy, or an answer that is not the API's."""


class ApiError(NorthflankError):
    """The API answered with an error.

    error is {status, id, message, details, request}: the API's own fields, redacted, id and details only where given.
    """

    def __init__(self, text: str, error: dict[str, t.Any]) -> None:
        super().__init__(text, error=error)
        self.error = error

    @property
    def status(self) -> int:
        """The HTTP status code."""
        status: int = self.error["status"]
        return status
