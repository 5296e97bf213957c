# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Lists, page by page (facts.md, "Quota and pagination")."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._errors import ApiError

DEFAULT_SIZE = 50
CURSOR_LENGTH = 24


class Page(NamedTuple):
    """A page of a list: the response of an operation that lists."""

    name: str
    entries: list[dict[str, Any]]
    pagination: dict[str, Any]

    def body(self) -> dict[str, Any]:
        """The body of the response."""
        return {"data": {self.name: self.entries}, "pagination": self.pagination}


def page_of(place: Sequence[str], ids: Sequence[str], query: Mapping[str, str], has_cursors: bool) -> tuple[Sequence[str], dict[str, Any]]:
    """The IDs on the page that a query requests, and `pagination`. `place` is different for each list."""
    size = int(query.get("per_page", DEFAULT_SIZE))
    start = _position(place, ids, query["cursor"]) if "cursor" in query else (int(query.get("page", 1)) - 1) * size
    shown = ids[start : start + size]
    pagination: dict[str, Any] = {"hasNextPage": start + size < len(ids), "count": len(shown)}
    if has_cursors and pagination["hasNextPage"]:
        pagination["cursor"] = _cursor(place, shown[-1])
    return shown, pagination


def _position(place: Sequence[str], ids: Sequence[str], cursor: str) -> int:
    """Where the page of a cursor begins."""
    for number, last in enumerate(ids, start=1):
        if _cursor(place, last) == cursor:
            return number
    raise ApiError(400, "bad-request", "This list has no such cursor.")


def _cursor(place: Sequence[str], last: str) -> str:
    """A cursor for the entries after this one, which stays right if entries before it are added or removed."""
    return hashlib.sha256("\n".join([*place, last]).encode()).hexdigest()[:CURSOR_LENGTH]
