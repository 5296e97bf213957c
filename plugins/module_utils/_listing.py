# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of the API, page by page, and what filters keep of a list of jobs."""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import NOT_FOUND, ApiError, TransportError

Entry = t.Dict[str, t.Any]
# What get-job showed of jobs, by the ids of the project and the job.
Answers = t.Dict[t.Tuple[str, str], Entry]

MANUAL, CRON = "manual", "cron"

_FULL_PAGE = 50


class _Further(t.NamedTuple):
    """The next page: its cursor, nothing if it goes by its number, and whether the API has told that there is one."""

    cursor: str
    is_told: bool


def entries(client: Client, operation: endpoints.Operation, ids: t.Mapping[str, t.Any]) -> list[Entry]:
    """All entries of a list (LIST_PROJECTS, LIST_JOBS), each once, in the API's order. A page of 100 is a request.

    :raises ApiError: if the API refuses a request.
    :raises TransportError: if no usable answer comes; pages that bring nothing new are none.
    """
    found: dict[str, Entry] = {}
    query: dict[str, t.Any] = {}
    pages = 1
    while True:
        answer = client.answer(operation, ids, query=query)
        page = answer["data"][operation.shows]
        if not isinstance(page, list) or not all(isinstance(entry, dict) and _is_id(entry.get("id")) for entry in page):
            raise TransportError(f"{operation.operation_id}: an entry of the list has no id. Check api_url, and what answers there.")
        before = len(found)
        for entry in page:
            found.setdefault(str(entry["id"]), {**entry, "id": str(entry["id"])})
        further = _further(answer.get("pagination"), len(page))
        if further is None or (len(found) == before and not further.is_told):
            return list(found.values())
        if len(found) == before:
            raise TransportError(
                f"{operation.operation_id}: page {pages} of the list holds nothing new, and says that there are more. Try again later."
            )
        pages += 1
        query = {"cursor": further.cursor} if further.cursor else {"page": pages}


def jobs(client: Client, project_id: str, types: t.Collection[str]) -> list[Entry]:
    """The jobs of a project that are of these types (manual, cron), as list-jobs shows them, each with its projectId."""
    listed = entries(client, endpoints.LIST_JOBS, {"project_id": project_id})
    return [{**entry, "projectId": project_id} for entry in listed if entry.get("jobType", MANUAL) in types]


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


def matching(
    client: Client, listed: t.Sequence[Entry], filters: t.Mapping[str, t.Any] | None, answers: Answers | None = None
) -> list[Entry]:
    """The jobs of a list that the option filters keeps, {tags, name}: all of these tags, and a name or an id of this pattern.

    Where the list shows no tags of any job, each job that the name does not rule out is read by itself, and answers takes what
    that showed, so that nobody has to ask again.

    :raises ApiError: if the API refuses such a read.
    """
    wanted = {name: value for name, value in (filters or {}).items() if value}
    kept = [entry for entry in listed if _is_named(entry, wanted.get("name", "*"))]
    tags = set(wanted.get("tags", ()))
    if tags and not any("tags" in entry for entry in listed):
        shown = {key_of(entry): read(client, entry) for entry in kept}
        there = {key: answer for key, answer in shown.items() if answer is not None}
        kept = [{**entry, "tags": there[key_of(entry)].get("tags", [])} for entry in kept if key_of(entry) in there]
        if answers is not None:
            answers.update(there)
    return [entry for entry in kept if tags <= _tags(entry)]


def read(client: Client, entry: Entry) -> Entry | None:
    """What get-job shows of a job of a list, None if it was deleted since the list was made."""
    project_id, job_id = key_of(entry)
    try:
        answer: Entry = client.call(endpoints.GET_JOB, {"project_id": project_id, "job_id": job_id})
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return answer


def key_of(entry: Entry) -> tuple[str, str]:
    """The ids that tell a job of a list apart from all others."""
    return entry["projectId"], entry["id"]


def is_one_of(text: str, patterns: t.Iterable[str]) -> bool:
    """Whether a text is of one of these shell-style patterns, in which * stands for any text."""
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _is_named(entry: Entry, pattern: str) -> bool:
    return any(is_one_of(text, [pattern]) for text in (entry["id"], entry.get("name")) if isinstance(text, str))


def _tags(entry: Entry) -> set[str]:
    tags = entry.get("tags")
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()
