# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that an inventory is made of: which projects are asked, what is kept of their lists, and what a cache holds of it.

Nothing here knows ansible-core's inventory; plugins/inventory/northflank_jobs.py makes hosts of the jobs.
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

# A job in the shape of northflank_manual_job, with its id and its project_id.
Job = t.Dict[str, t.Any]
Options = t.Mapping[str, t.Any]

NAME_RULE = "letters, digits, '-', '_' and '.'"
_ID_RULE = "letters, digits, '-' and '_'"

_PATTERN_CHARACTERS = "*?["
# What is sure to mean itself wherever the name of a host stands: in a pattern of hosts, a path, a template.
_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")
# Raised when what a cache holds changes its shape.
_CACHE_VERSION = 2


class Found(t.NamedTuple):
    """The jobs that were found, and the warnings that go with them."""

    jobs: list[Job]
    warnings: list[str]


def find(client: Client, options: Options) -> Found:
    """The jobs that the validated options projects, job_type and filters choose, by the order of the API.

    :raises OptionError: if a project is named that does not exist, or that has no id.
    :raises ApiError: if the API refuses something else than to show one project of several.
    :raises TransportError: if no usable answer comes.
    """
    warnings: list[str] = []
    listed: list[pages.Entry] = []
    refused: list[NorthflankError] = []
    projects = _projects(client, options["projects"], warnings)
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
    jobs = [_shown(entry) for entry in listing.filter_jobs(client, _with_usable_ids(listed, warnings), options["filters"])]
    return Found(jobs, warnings)


def _projects(client: Client, wanted: list[str] | None, warnings: list[str]) -> dict[str, bool]:
    """The projects to ask, each with whether it was named by its id. The list of projects is read only where that takes it."""
    texts = ["*"] if wanted is None else wanted
    if not texts:
        raise OptionError("projects: the list is empty. Add a project, or leave the option out to list all projects.")
    patterns = [text for text in texts if _is_pattern(text)]
    named = {text: True for text in texts if not _is_pattern(text)}
    wrong = next((text for text in named if not _is_id(text)), None)
    if wrong is not None:
        raise OptionError(
            f"projects: {validate.quote_value(wrong)} is neither an ID nor a pattern. IDs are slugs of names, with {_ID_RULE}: "
            "the project Example Project has the ID example-project."
        )
    if not patterns:
        return named
    ids = [entry["id"] for entry in pages.read_all(client, operations.LIST_PROJECTS, Target())]
    matched = [project_id for project_id in ids if listing.matches_any(project_id, patterns)]
    if wanted is not None:
        for pattern in patterns:
            if not any(listing.matches_any(project_id, [pattern]) for project_id in matched):
                warnings.append(
                    f"projects: no project matches the pattern {validate.quote_value(pattern)}. Projects that the token can read: {len(ids)}."
                )
    usable = {project_id: False for project_id in matched if _has_usable_id(project_id, "project", warnings)}
    return {**usable, **named}


def _is_pattern(text: str) -> bool:
    return any(character in text for character in _PATTERN_CHARACTERS)


def _with_usable_ids(entries: list[pages.Entry], warnings: list[str]) -> list[pages.Entry]:
    return [entry for entry in entries if _has_usable_id(entry["id"], f"job of the project {entry['projectId']}", warnings)]


def _has_usable_id(text: str, what: str, warnings: list[str]) -> bool:
    """Whether an id of an answer is what the API documents: it becomes the name of a host."""
    if not _is_id(text):
        warnings.append(f"The {what} with the ID {validate.quote_value(text)} is left out, because an ID contains only {_ID_RULE}.")
    return _is_id(text)


def _shown(entry: pages.Entry) -> Job:
    return facts.job(state.from_list(entry), entry, entry["projectId"])


def is_name(text: t.Any) -> bool:
    """Whether a value can be the name of a host, or a part of it."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def _is_id(text: str) -> bool:
    """Whether a text can be an id. With a dot in it, two jobs could be one host."""
    return is_name(text) and "." not in text


def usual_name(job: Job) -> str:
    """The name of a host if no option says otherwise. Ids are slugs, without a dot, so that no other job has it."""
    return f"{job['project_id']}.{job['id']}"


def words(job: Job) -> str:
    """A job as messages name it."""
    return f"the job {job['id']} of the project {job['project_id']}"


def host_variables(job: Job, team_id: str | None) -> dict[str, t.Any]:
    """The variables of the host that a job becomes."""
    return {
        "northflank_project_id": job["project_id"],
        "northflank_job_id": job["id"],
        "northflank_team_id": team_id or None,
        "northflank_job": job,
    }


def for_cache(found: Found, root: str, options: Options) -> dict[str, t.Any]:
    """What a cache keeps: what was found, and what it was chosen by. The token is not in it."""
    return {"selection": _selection(root, options), **found._asdict()}


def from_cache(content: t.Any, root: str, options: Options) -> Found | None:
    """What a cache holds, None if it holds something else, or what was chosen otherwise."""
    if not isinstance(content, dict) or content.get("selection") != _selection(root, options):
        return None
    jobs, warnings = content.get("jobs"), content.get("warnings")
    if not isinstance(jobs, list) or not all(map(_is_whole, jobs)):
        return None
    return Found(jobs, warnings) if isinstance(warnings, list) else None


def _is_whole(job: t.Any) -> bool:
    """Whether what a cache holds can be a job."""
    return isinstance(job, dict) and is_name(job.get("id")) and is_name(job.get("project_id"))


def _selection(root: str, options: Options) -> dict[str, t.Any]:
    """What decides which jobs are found, the rights of the token aside; root has the team in it."""
    return {"version": _CACHE_VERSION, "root": root, **{name: options[name] for name in ("projects", "job_type", "filters")}}
