# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a project, and which of them the option filters keeps."""

from __future__ import annotations

import fnmatch
import typing as t

from .._api import operations, pages
from .._api.client import Client
from .._api.pages import Entry
from .._api.request import Target
from .._errors import NOT_FOUND, ApiError
from .reading import MANUAL

# The responses of get-job.
Responses = t.Dict[Target, Entry]


def list_jobs(client: Client, project_id: str, types: t.Collection[str]) -> list[Entry]:
    """The jobs of a project that are of these types (manual, cron), as list-jobs shows them, each with its projectId."""
    listed = pages.read_all(client, operations.LIST_JOBS, Target(project_id))
    return [{**entry, "projectId": project_id} for entry in listed if entry.get("jobType", MANUAL) in types]


def filter_jobs(
    client: Client, listed: t.Sequence[Entry], filters: t.Mapping[str, t.Any] | None, responses: Responses | None = None
) -> list[Entry]:
    """The jobs of a list that the option filters keeps, {tags, name}: all of these tags, and a name or an id of this pattern.

    Where the list shows no tags of any job, each job that the name does not rule out is read by itself, and responses takes what
    that showed, so that nobody has to ask again.

    :raises ApiError: if the API refuses such a read.
    """
    wanted = {name: value for name, value in (filters or {}).items() if value}
    kept = [entry for entry in listed if _is_named(entry, wanted.get("name", "*"))]
    tags = set(wanted.get("tags", ()))
    if tags and not any("tags" in entry for entry in listed):
        shown = {target_of(entry): read(client, entry) for entry in kept}
        there = {key: response for key, response in shown.items() if response is not None}
        kept = [{**entry, "tags": there[target_of(entry)].get("tags", [])} for entry in kept if target_of(entry) in there]
        if responses is not None:
            responses.update(there)
    return [entry for entry in kept if tags <= _tags(entry)]


def read(client: Client, entry: Entry) -> Entry | None:
    """What get-job shows of a job of a list, None if it was deleted since the list was made."""
    try:
        response: Entry = client.fetch(operations.GET_JOB, target_of(entry))
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return response


def target_of(entry: Entry) -> Target:
    """The IDs that distinguish a job of a list from all others."""
    return Target(entry["projectId"], entry["id"])


def matches_any(text: str, patterns: t.Iterable[str]) -> bool:
    """Whether a text is of one of these shell-style patterns, in which * stands for any text."""
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _is_named(entry: Entry, pattern: str) -> bool:
    return any(matches_any(text, [pattern]) for text in (entry["id"], entry.get("name")) if isinstance(text, str))


def _tags(entry: Entry) -> set[str]:
    tags = entry.get("tags")
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()
