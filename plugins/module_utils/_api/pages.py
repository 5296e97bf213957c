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


class _NextPage(t.NamedTuple):
    """The next page: its cursor, empty if it is requested by its number, and whether the response announces it."""

    cursor: str
    is_announced: bool


def read_all(client: Client, operation: operations.Operation, target: Target) -> list[Entry]:
    """All entries of a list (LIST_PROJECTS, LIST_JOBS), each once, in the order of the API. Each page of 100 is one request.

    :raises ApiError: if the API responds with an error.
    :raises TransportError: if there is no usable response, also if a page has no new entry and announces a next page.
    """
    entries: dict[str, Entry] = {}
    query: dict[str, t.Any] = {}
    pages = 1
    while True:
        response = client.request(operation, target, query=query)
        page = response["data"][operation.required_member]
        if not isinstance(page, list) or not all(isinstance(entry, dict) and _is_id(entry.get("id")) for entry in page):
            raise TransportError(f"{client.name_request(operation, target)}: an entry of the list has no ID. Check api_url and proxies.")
        before = len(entries)
        for entry in page:
            entries.setdefault(str(entry["id"]), {**entry, "id": str(entry["id"])})
        next_page = _find_next_page(response.get("pagination"), len(page))
        if next_page is None or (len(entries) == before and not next_page.is_announced):
            return list(entries.values())
        if len(entries) == before:
            raise TransportError(
                f"{client.name_request(operation, target)}: page {pages} of the list contains no new entry, although the response announces "
                "a next page. Try again later."
            )
        pages += 1
        query = {"cursor": next_page.cursor} if next_page.cursor else {"page": pages}


def _find_next_page(pagination: t.Any, length: int) -> _NextPage | None:
    """The page after one of this length, None if that was the last one."""
    fields = pagination if isinstance(pagination, dict) else {}
    has_next, cursor = fields.get("hasNextPage"), fields.get("cursor")
    cursor = cursor if isinstance(cursor, str) else ""
    if isinstance(has_next, bool):
        return _NextPage(cursor, True) if has_next else None
    return _NextPage(cursor, False) if cursor or length >= _FULL_PAGE else None


def _is_id(value: t.Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
