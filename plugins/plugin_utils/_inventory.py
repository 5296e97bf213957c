# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of an inventory: lists the projects, filters their jobs, and translates them for a cache.

This file does not use the inventory of ansible-core. plugins/inventory/northflank_jobs.py turns the jobs into hosts.
"""

from __future__ import annotations

import re
import typing as t

from ..module_utils._api import operations, pages
from ..module_utils._api.client import Client
from ..module_utils._api.request import Target
from ..module_utils._errors import FORBIDDEN, NOT_FOUND, ApiError, NorthflankError, OptionError
from ..module_utils._flows import listing
from ..module_utils._job import facts, state
from ..module_utils._options import validate

# A job as northflank_manual_job returns it, with its id and its project_id.
Job = t.Dict[str, t.Any]
Options = t.Mapping[str, t.Any]

NAME_RULE = "letters, digits, '-', '_' and '.'"
_ID_RULE = "letters, digits, '-' and '_'"

_PATTERN_CHARACTERS = "*?["
# Texts that have no special meaning at any place of a host name: in a pattern of hosts, in a path, in a template.
_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")
# Increase it when the content of a cache changes its shape.
_CACHE_VERSION = 2


class JobList(t.NamedTuple):
    """The jobs that were found, and the warnings about them."""

    jobs: list[Job]
    warnings: list[str]


def find_jobs(client: Client, options: Options) -> JobList:
    """The jobs that match the validated options projects, job_type and filters, in the order of the API.

    :raises OptionError: if a listed project does not exist, or is not an ID.
    :raises ApiError: if the API responds with an error, unless only some of the projects are forbidden or no longer exist.
    :raises TransportError: if there is no usable response.
    """
    warnings: list[str] = []
    listed: list[pages.Entry] = []
    refused: list[NorthflankError] = []
    projects = _select_projects(client, options["projects"], warnings)
    for project_id, is_named in projects.items():
        try:
            listed += listing.list_jobs(client, project_id, options["job_type"])
        except ApiError as error:
            if error.status not in (FORBIDDEN, NOT_FOUND):
                raise
            if error.status == NOT_FOUND and is_named:
                raise OptionError(f"projects: the project {validate.quote_value(project_id)} does not exist. {error}") from None
            refused.append(error)
            permission = operations.LIST_JOBS.permission
            reason = (
                f'the token lacks the permission "{permission}" for it'
                if error.status == FORBIDDEN
                else "it no longer exists (404 Not Found)"
            )
            warnings.append(f"The project {project_id} is left out, because {reason}.")
    if refused and len(refused) == len(projects):
        raise refused[0]
    jobs = [_job_from_list(entry) for entry in listing.filter_jobs(client, _filter_usable_ids(listed, warnings), options["filters"])]
    return JobList(jobs, warnings)


def _select_projects(client: Client, option: list[str] | None, warnings: list[str]) -> dict[str, bool]:
    """The IDs of the projects to list, each with whether the option contains the ID. Only patterns require the list of projects."""
    texts = ["*"] if option is None else option
    if not texts:
        raise OptionError("projects: the list is empty. Add a project, or leave the option out to list all projects.")
    patterns = [text for text in texts if _is_pattern(text)]
    named = {text: True for text in texts if not _is_pattern(text)}
    invalid = next((text for text in named if not _is_id(text)), None)
    if invalid is not None:
        raise OptionError(
            f"projects: {validate.quote_value(invalid)} is neither an ID nor a pattern. IDs are slugs of names, with {_ID_RULE}: "
            "the project Example Project has the ID example-project."
        )
    if not patterns:
        return named
    ids = [entry["id"] for entry in pages.read_all(client, operations.LIST_PROJECTS, Target())]
    matched = [project_id for project_id in ids if listing.matches_any(project_id, patterns)]
    if option is not None:
        for pattern in patterns:
            if not any(listing.matches_any(project_id, [pattern]) for project_id in matched):
                warnings.append(
                    f"projects: no project matches the pattern {validate.quote_value(pattern)}. Projects that the token can read: {len(ids)}."
                )
    usable = {project_id: False for project_id in matched if _has_usable_id(project_id, "project", warnings)}
    return {**usable, **named}


def _is_pattern(text: str) -> bool:
    return any(character in text for character in _PATTERN_CHARACTERS)


def _filter_usable_ids(entries: list[pages.Entry], warnings: list[str]) -> list[pages.Entry]:
    return [entry for entry in entries if _has_usable_id(entry["id"], f"job of the project {entry['projectId']}", warnings)]


def _has_usable_id(text: str, what: str, warnings: list[str]) -> bool:
    """Whether an ID in a response is as the API documents IDs, because it becomes a host name. If it is not, this adds a warning."""
    if not _is_id(text):
        warnings.append(f"The {what} with the ID {validate.quote_value(text)} is left out, because an ID contains only {_ID_RULE}.")
    return _is_id(text)


def _job_from_list(entry: pages.Entry) -> Job:
    return facts.job(state.from_list(entry), entry, entry["projectId"])


def is_name(text: t.Any) -> bool:
    """Whether a value can be a host name, or a part of one."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def _is_id(text: str) -> bool:
    """Whether a text can be an ID. With a dot in an ID, two jobs could have the same host name."""
    return is_name(text) and "." not in text


def default_host_name(job: Job) -> str:
    """The host name of a job if the option hostname is not set. IDs contain no dot, so each job has another one."""
    return f"{job['project_id']}.{job['id']}"


def describe_job(job: Job) -> str:
    """The name of a job in messages."""
    return f"the job {job['id']} of the project {job['project_id']}"


def host_variables(job: Job, team_id: str | None) -> dict[str, t.Any]:
    """The host variables of a job."""
    return {
        "northflank_project_id": job["project_id"],
        "northflank_job_id": job["id"],
        "northflank_team_id": team_id or None,
        "northflank_job": job,
    }


def to_cache(found: JobList, base_url: str, options: Options) -> dict[str, t.Any]:
    """The content of a cache: the jobs, the warnings, and the options that selected them. It does not contain the token."""
    return {"selection": _selection(base_url, options), **found._asdict()}


def from_cache(content: t.Any, base_url: str, options: Options) -> JobList | None:
    """The jobs and warnings of a cache, None if its content is not valid or was selected by other options."""
    if not isinstance(content, dict) or content.get("selection") != _selection(base_url, options):
        return None
    jobs, warnings = content.get("jobs"), content.get("warnings")
    if not isinstance(jobs, list) or not all(map(_is_job, jobs)):
        return None
    return JobList(jobs, warnings) if isinstance(warnings, list) else None


def _is_job(job: t.Any) -> bool:
    """Whether a value in a cache can be a job."""
    return isinstance(job, dict) and is_name(job.get("id")) and is_name(job.get("project_id"))


def _selection(base_url: str, options: Options) -> dict[str, t.Any]:
    """The options that select the jobs. base_url contains the team. The permissions of the token are not part of it."""
    return {"version": _CACHE_VERSION, "root": base_url, **{name: options[name] for name in ("projects", "job_type", "filters")}}
