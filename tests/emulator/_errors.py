# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The one exception of the emulator: a response that is an error."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error that the API returns, in the documented shape."""

    def __init__(self, status: int, error_id: str, message: str, details: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error_id = error_id
        self.message = message
        self.details = details or {}

    def body(self) -> dict[str, Any]:
        """{"error": {"status", "message", "id", "details": {field: [message]}}} (facts.md, "Answers, errors, status codes")."""
        return {"error": {"status": self.status, "message": self.message, "id": self.error_id, "details": self.details}}
