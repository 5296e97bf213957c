# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the jobs of a project, and keep those that match the option filters."""

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
    """The jobs of a project that are of these types (manual, cron), as list-jobs returns them, each with its projectId."""
    listed = pages.read_all(client, operations.LIST_JOBS, Target(project_id))
    return [{**entry, "projectId": project_id} for entry in listed if entry.get("jobType", MANUAL) in types]


def filter_jobs(
    client: Client, listed: t.Sequence[Entry], filters: t.Mapping[str, t.Any] | None, responses: Responses | None = None
) -> list[Entry]:
    """The jobs of a list that match the option filters, {tags, name}: all of these tags, and a name or an ID of this pattern.

    If no job of the list has tags, each job with a matching name is read by get-job. These responses are added to responses, so
    that the caller does not read the jobs again.

    :raises ApiError: if the API refuses such a read.
    """
    wanted = {name: value for name, value in (filters or {}).items() if value}
    kept = [entry for entry in listed if _matches_name(entry, wanted.get("name", "*"))]
    tags = set(wanted.get("tags", ()))
    if tags and not any("tags" in entry for entry in listed):
        read = {to_target(entry): read_listed_job(client, entry) for entry in kept}
        existing = {key: response for key, response in read.items() if response is not None}
        kept = [{**entry, "tags": existing[to_target(entry)].get("tags", [])} for entry in kept if to_target(entry) in existing]
        if responses is not None:
            responses.update(existing)
    return [entry for entry in kept if tags <= _tags(entry)]


def read_listed_job(client: Client, entry: Entry) -> Entry | None:
    """The response of get-job for a job of a list, None if the job was deleted since the list was read."""
    try:
        response: Entry = client.fetch(operations.GET_JOB, to_target(entry))
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return response


def to_target(entry: Entry) -> Target:
    """The project ID and job ID of a job of a list."""
    return Target(entry["projectId"], entry["id"])


def matches_any(text: str, patterns: t.Iterable[str]) -> bool:
    """Whether a text matches one of these shell-style patterns, in which * matches any text."""
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _matches_name(entry: Entry, pattern: str) -> bool:
    return any(matches_any(text, [pattern]) for text in (entry["id"], entry.get("name")) if isinstance(text, str))


def _tags(entry: Entry) -> set[str]:
    tags = entry.get("tags")
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()
