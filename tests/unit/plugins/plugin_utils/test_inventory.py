# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of an inventory: names that are safe everywhere, the projects that are requested, and the valid contents of a cache."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError
from ansible_collections.northflank.cloud.plugins.plugin_utils import _inventory as jobs
from emulator import Emulator
from harness.client_data import TOKEN
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

OPTIONS = {"projects": None, "job_type": ["manual"], "filters": {"name": "a*", "tags": None}}
JOB = {"id": "job", "project_id": "project", "name": "Job"}
FOUND = jobs.JobList([JOB], ["A project is left out."])
ROOT = "https://api.northflank.com/v1"
SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")

Find = t.Callable[..., jobs.JobList]


@pytest.fixture
def find(emulator: Emulator, client_of: t.Callable[..., Client]) -> Find:
    """find(**options) is what is found with these options."""
    return lambda **options: jobs.find_jobs(client_of(emulator.url), {**OPTIONS, "filters": None, **options})


@PROPERTY
@given(st.one_of(st.text(), st.text(alphabet=sorted(SAFE)), st.none(), st.integers()))
def test_a_name_is_a_text_of_safe_characters(text: t.Any) -> None:
    is_safe = isinstance(text, str) and set(text) <= SAFE and any(character.isalnum() for character in text)
    assert jobs.is_name(text) == is_safe


@pytest.mark.parametrize("text", ["", ".", "..", "a b", "{{a}}", "a%b", "a\n", "a/b", "a:b", "ä", None, 5])
def test_what_could_be_more_than_a_name_is_not_a_name(text: t.Any) -> None:
    assert not jobs.is_name(text)


def test_jobs_of_a_project_come_by_its_id_or_its_pattern_once(find: Find, emulator: Emulator) -> None:
    emulator.add_job("other", "job")
    assert [jobs.default_host_name(job) for job in find(projects=["oth*", "other", "*"]).jobs] == [
        "default-project.example-job",
        "other.job",
    ]


def test_no_pattern_costs_no_list_of_projects(find: Find, emulator: Emulator) -> None:
    find(projects=["default-project"])
    assert [request.operation for request in emulator.requests] == ["list-jobs"]


@pytest.mark.parametrize("project_id", ["a b", "a.b"])
def test_a_project_with_an_invalid_id_is_left_out(find: Find, emulator: Emulator, project_id: str) -> None:
    emulator.add_job(project_id, "job")
    found = find()
    assert [jobs.default_host_name(job) for job in found.jobs] == ["default-project.example-job"]
    assert found.warnings == [
        f"The project with the ID \"{project_id}\" is left out, because an ID contains only letters, digits, '-' and '_'."
    ]


def test_no_readable_project_is_an_error_although_a_project_was_deleted(find: Find, emulator: Emulator) -> None:
    emulator.add_token(TOKEN, projects=[])
    with pytest.raises(ApiError) as raised:
        find(projects=["default-project"])
    assert raised.value.status == 403


def test_an_account_without_projects_has_no_jobs(find: Find, emulator: Emulator) -> None:
    emulator.order("answer", "list-projects", body={"data": {"projects": []}})
    assert find() == ([], [])


def test_without_a_team_the_variable_is_none() -> None:
    assert jobs.host_variables(JOB, "")["northflank_team_id"] is None


def test_what_a_cache_keeps_can_be_read_from_json() -> None:
    content = json.loads(json.dumps(jobs.to_cache(FOUND, ROOT, OPTIONS)))
    assert jobs.from_cache(content, ROOT, OPTIONS) == FOUND


@pytest.mark.parametrize("changed", [{"projects": ["a"]}, {"job_type": ["cron"]}, {"filters": None}], ids=str)
def test_the_cache_of_other_options_is_not_used(changed: dict[str, t.Any]) -> None:
    content = jobs.to_cache(FOUND, ROOT, OPTIONS)
    assert jobs.from_cache(content, ROOT, {**OPTIONS, **changed}) is None


def test_the_cache_of_another_api_or_team_is_not_used() -> None:
    assert jobs.from_cache(jobs.to_cache(FOUND, ROOT, OPTIONS), f"{ROOT}/teams/a", OPTIONS) is None


@pytest.mark.parametrize(
    "held", [None, {}, "jobs", [None], [{}], [{"id": "a"}], [{**JOB, "id": "{{ a }}"}], [{**JOB, "project_id": 5}]], ids=str
)
def test_a_cache_without_jobs_is_not_used(held: t.Any) -> None:
    assert jobs.from_cache({**jobs.to_cache(FOUND, ROOT, OPTIONS), "jobs": held}, ROOT, OPTIONS) is None


def test_a_cache_without_warnings_is_not_used() -> None:
    assert jobs.from_cache({**jobs.to_cache(FOUND, ROOT, OPTIONS), "warnings": None}, ROOT, OPTIONS) is None


@pytest.mark.parametrize("content", [None, [], "text", 5, {}, {"jobs": [JOB]}], ids=str)
def test_the_cache_of_another_source_is_not_used(content: t.Any) -> None:
    assert jobs.from_cache(content, ROOT, OPTIONS) is None
