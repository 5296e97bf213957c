# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of the API, page by page."""

from __future__ import annotations

import typing as t

from .._errors import TransportError
from . import operations
from .client import Client
from .request import Target

Entry = t.Dict[str, t.Any]

_FULL_PAGE = 50


class _Further(t.NamedTuple):
    """The next page: its cursor, nothing if it goes by its number, and whether the API has told that there is one."""

    cursor: str
    is_told: bool


def read_all(client: Client, operation: operations.Operation, target: Target) -> list[Entry]:
    """All entries of a list (LIST_PROJECTS, LIST_JOBS), each once, in the API's order. A page of 100 is a request.

    :raises ApiError: if the API refuses a request.
    :raises TransportError: if no usable answer comes; pages that bring nothing new are none.
    """
    found: dict[str, Entry] = {}
    query: dict[str, t.Any] = {}
    pages = 1
    while True:
        response = client.request(operation, target, query=query)
        page = response["data"][operation.required_member]
        if not isinstance(page, list) or not all(isinstance(entry, dict) and _is_id(entry.get("id")) for entry in page):
            raise TransportError(f"{operation.operation_id}: an entry of the list has no ID. Check api_url and proxies.")
        before = len(found)
        for entry in page:
            found.setdefault(str(entry["id"]), {**entry, "id": str(entry["id"])})
        further = _further(response.get("pagination"), len(page))
        if further is None or (len(found) == before and not further.is_told):
            return list(found.values())
        if len(found) == before:
            raise TransportError(
                f"{operation.operation_id}: page {pages} of the list contains no new entry, although the response announces a next page. Try again later."
            )
        pages += 1
        query = {"cursor": further.cursor} if further.cursor else {"page": pages}


def _further(pagination: t.Any, length: int) -> _Further | None:
    """Where to go on after a page of this length, None if there is nothing more."""
    told = pagination if isinstance(pagination, dict) else {}
    says, cursor = told.get("hasNextPage"), told.get("cursor")
    cursor = cursor if isinstance(cursor, str) else ""
    if isinstance(says, bool):
        return _Further(cursor, True) if says else None
    return _Further(cursor, False) if cursor or length >= _FULL_PAGE else None


def _is_id(value: t.Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
