# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The quota: the number of requests in a window that starts with the first of them (facts.md, "Quota and pagination")."""

from __future__ import annotations

import math
import time


class Quota:
    """Counts requests. `limit`, `window` (seconds) and `used` can be set at any time."""

    def __init__(self, limit: int = 1000, window: float = 3600) -> None:
        self.limit = limit
        self.window = window
        self.used = 0
        self._started: float | None = None

    def take(self) -> bool:
        """Count one request. Returns False if the quota is used up."""
        now = time.monotonic()
        if self._started is None or now - self._started >= self.window:
            self._started, self.used = now, 0
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def seconds_left(self) -> int:
        """Seconds until the quota is full again, rounded up."""
        passed = 0.0 if self._started is None else time.monotonic() - self._started
        return max(1, math.ceil(self.window - passed))

    def headers(self) -> dict[str, str]:
        """The three headers of each response."""
        remaining = max(0, self.limit - self.used)
        values = {"limit": self.limit, "remaining": remaining, "reset": self.seconds_left()}
        return {f"x-ratelimit-{name}": str(value) for name, value in values.items()}
