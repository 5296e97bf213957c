# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs become hosts, what their names and variables are, which groups they are in, and what that costs."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness.inventories import Inventory, Listed, options, paths

ListedBy = t.Callable[..., Listed]
JOBS = "/v1/projects/{}/jobs"


def test_each_manual_job_of_each_project_is_a_host(listed: ListedBy, emulator: Emulator) -> None:
    shown = listed()
    assert shown.messages == ""
    assert sorted(shown.hosts) == ["alpha.clean-up", "alpha.report", "beta.report"]
    assert paths(emulator) == ["/v1/projects", JOBS.format("alpha"), JOBS.format("beta")]


def test_a_host_has_the_job_as_the_module_shows_it(listed: ListedBy) -> None:
    assert listed(projects=["alpha"]).hosts["alpha.report"] == {
        "northflank_project_id": "alpha",
        "northflank_job_id": "report",
        "northflank_team_id": None,
        "northflank_job": {
            "id": "report",
            "name": "Report",
            "app_id": "/example-user/alpha/report",
            "project_id": "alpha",
            "job_type": "manual",
            "description": "The report of the day",
            "tags": ["daily", "reports"],
            "stage_id": "staging",
            "disabled_ci": False,
        },
    }


def test_projects_by_id_are_not_listed_first(listed: ListedBy, emulator: Emulator) -> None:
    assert list(listed(projects=["beta"]).hosts) == ["beta.report"]
    assert paths(emulator) == [JOBS.format("beta")]


def test_projects_by_pattern_are_listed_first(listed: ListedBy, emulator: Emulator) -> None:
    assert sorted(listed(projects=["al*"]).hosts) == ["alpha.clean-up", "alpha.report"]
    assert paths(emulator) == ["/v1/projects", JOBS.format("alpha")]


def test_the_jobs_of_a_team_are_requested_by_its_paths(listed: ListedBy, emulator: Emulator) -> None:
    shown = listed(team_id="example-team", projects=["beta"])
    assert shown.hosts["beta.report"]["northflank_team_id"] == "example-team"
    assert paths(emulator) == ["/v1/teams/example-team/projects/beta/jobs"]


def test_cron_jobs_are_hosts_on_request(listed: ListedBy) -> None:
    assert list(listed(job_type=["cron"]).hosts) == ["alpha.clock"]


@pytest.mark.parametrize(
    "filters, kept",
    [
        ({"name": "clean*"}, ["alpha.clean-up"]),
        ({"tags": ["reports"]}, ["alpha.report", "beta.report"]),
        ({"tags": ["reports", "daily"], "name": "R*"}, ["alpha.report"]),
    ],
    ids=["name", "tag", "both"],
)
def test_filters_choose_among_the_jobs(listed: ListedBy, filters: dict[str, t.Any], kept: list[str]) -> None:
    assert sorted(listed(filters=filters).hosts) == kept


def test_jobs_are_read_if_no_list_shows_tags(listed: ListedBy, emulator: Emulator) -> None:
    emulator.hides_tags_in_lists = True
    assert sorted(listed(filters={"tags": ["reports"], "name": "rep*"}).hosts) == ["alpha.report", "beta.report"]
    assert paths(emulator)[3:] == ["/v1/projects/alpha/jobs/report", "/v1/projects/beta/jobs/report"]


@pytest.mark.parametrize("pages_by", ["page", "cursor"])
def test_long_lists_are_read_page_by_page(listed: ListedBy, emulator: Emulator, pages_by: str) -> None:
    emulator.pages_by = pages_by
    for number in range(150):
        emulator.add_project(f"empty-{number}")
        emulator.add_job("beta", f"job-{number}")
    assert len(listed(projects=["b*"]).hosts) == 151
    assert len(emulator.requests) == 4


def test_a_thousand_jobs_in_ten_projects_cost_eleven_requests(inventory: Inventory, emulator_of: t.Callable[[str], Emulator]) -> None:
    emulator = emulator_of("current")
    for number in range(1000):
        emulator.add_job(f"project-{number // 100}", f"job-{number % 100}")
    assert len(inventory.listed(inventory.write(options(emulator))).hosts) == 1000
    assert len(emulator.requests) == 11


def test_the_name_of_a_host_can_be_an_expression(listed: ListedBy) -> None:
    shown = listed(hostname="northflank_job.name | lower | replace(' ', '_') ~ '.' ~ northflank_project_id")
    assert sorted(shown.hosts) == ["clean_up.alpha", "report.alpha", "report.beta"]


def test_the_name_of_a_host_can_be_a_template(listed: ListedBy) -> None:
    shown = listed(hostname="{{ northflank_job_id }}-of-{{ northflank_project_id | upper }}")
    assert sorted(shown.hosts) == ["clean-up-of-ALPHA", "report-of-ALPHA", "report-of-BETA"]


@pytest.mark.parametrize(
    "hostname, error",
    [
        ("northflank_job_id", "the job report of the project alpha and the job report of the project beta have the same host name report"),
        (
            "northflank_job.description",
            'hostname: "The report of the day" is not a valid host name for the job report of the project alpha',
        ),
        ("northflank_job.nothing", "hostname: the expression cannot be evaluated for the job report of the project alpha"),
        ("{{ northflank_job.nothing }}", "hostname: the expression cannot be evaluated for the job report of the project alpha"),
        ("northflank_job", "is not a valid host name"),
    ],
    ids=["twice", "blank", "undefined", "undefined in a template", "no text"],
)
def test_no_job_is_lost_because_of_an_invalid_name(listed: ListedBy, hostname: str, error: str) -> None:
    shown = listed(hostname=hostname)
    assert shown.reports(error), shown.messages
    assert shown.hosts == {}


def test_jobs_are_grouped_and_get_variables_by_expressions(listed: ListedBy) -> None:
    shown = listed(
        keyed_groups=[{"key": "northflank_job.tags | default([])", "prefix": "tag"}, {"key": "northflank_project_id", "prefix": "project"}],
        groups={"without_ci": "northflank_job.disabled_ci"},
        compose={"ansible_connection": "'local'", "title": "northflank_job.name | upper"},
    )
    assert shown.messages == ""
    assert shown.group("tag_reports") == ["alpha.report", "beta.report"]
    assert shown.group("project_alpha") == ["alpha.clean-up", "alpha.report"]
    assert shown.group("without_ci") == ["alpha.clean-up"]
    assert {name: shown.hosts["beta.report"][name] for name in ("ansible_connection", "title")} == {
        "ansible_connection": "local",
        "title": "REPORT",
    }


def test_an_expression_without_a_value_is_an_error_if_strict(listed: ListedBy) -> None:
    assert listed(strict=True, compose={"title": "northflank_job.nothing"}).reports("Could not set title for host alpha.report")


def test_an_entry_with_an_invalid_id_is_left_out(listed: ListedBy, emulator: Emulator) -> None:
    emulator.add_job("alpha", "{{ 7 * 7 }}", {"name": "Odd"})
    shown = listed()
    assert sorted(shown.hosts) == ["alpha.clean-up", "alpha.report", "beta.report"]
    assert shown.reports('The job of the project alpha with the ID "{{ 7 * 7 }}" is left out, because an ID contains only letters')
