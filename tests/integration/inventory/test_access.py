# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects that do not exist or cannot be read, an API that refuses or is busy, and the messages about that."""

from __future__ import annotations

import typing as t

from emulator import Emulator
from harness import READ
from harness.inventories import Listed

ListedBy = t.Callable[..., Listed]


def test_a_project_that_may_not_be_read_is_left_out_with_a_warning(listed: ListedBy, emulator: Emulator) -> None:
    emulator.add_token("limited", projects=["beta"])
    shown = listed(api_token="limited")
    assert list(shown.hosts) == ["beta.report"]
    assert shown.reports(f'[WARNING]: The project alpha is left out, because the token lacks the permission "{READ}" for it.'), (
        shown.messages
    )


def test_no_readable_project_is_an_error(listed: ListedBy, emulator: Emulator) -> None:
    emulator.add_token("limited", projects=[])
    shown = listed(api_token="limited")
    assert shown.hosts == {}
    assert shown.reports(
        f'GET /v1/projects/alpha/jobs: 403 Forbidden: The token does not reach the project alpha. The token needs the permission "{READ}".'
    )


def test_projects_that_may_not_be_listed_can_be_named(listed: ListedBy, emulator: Emulator) -> None:
    emulator.add_token("limited", permissions=[READ])
    assert listed(api_token="limited").reports('The token needs the permission "Project > Projects > Manage > Read".')
    assert list(listed(api_token="limited", projects=["beta"]).hosts) == ["beta.report"]


def test_a_project_that_does_not_exist_is_an_error(listed: ListedBy) -> None:
    shown = listed(projects=["alpha", "gamma"])
    assert shown.hosts == {}
    assert shown.reports('projects: the project "gamma" does not exist. GET /v1/projects/gamma/jobs: 404 Not Found'), shown.messages


def test_a_project_that_was_deleted_after_it_was_listed_is_left_out_with_a_warning(listed: ListedBy, emulator: Emulator) -> None:
    emulator.order("error", "list-jobs", status=404)
    shown = listed()
    assert list(shown.hosts) == ["beta.report"]
    assert shown.reports("[WARNING]: The project alpha is left out, because it no longer exists (404 Not Found)."), shown.messages


def test_a_pattern_without_a_project_is_a_warning(listed: ListedBy) -> None:
    shown = listed(projects=["gamma-*", "beta"])
    assert list(shown.hosts) == ["beta.report"]
    assert shown.reports('[WARNING]: projects: no project matches the pattern "gamma-*". Projects that the token can read: 2.'), (
        shown.messages
    )


def test_a_used_up_quota_is_waited_for(listed: ListedBy, emulator: Emulator) -> None:
    emulator.order("error", "list-jobs", status=429, headers={"Retry-After": "1"})
    assert len(listed().hosts) == 3
    assert [request.status for request in emulator.requests] == [200, 429, 200, 200]


def test_a_quota_that_resets_too_late_is_an_error(listed: ListedBy, emulator: Emulator) -> None:
    emulator.order("error", "list-jobs", status=429, headers={"Retry-After": "1800"})
    shown = listed()
    assert shown.hosts == {}
    assert shown.reports("The quota is used up. It resets in 1800 seconds."), shown.messages


def test_a_response_that_did_not_come_from_the_api_is_an_error(listed: ListedBy, emulator: Emulator) -> None:
    emulator.order("answer", "list-projects", body={"data": {}})
    shown = listed()
    assert shown.reports(
        "GET /v1/projects: the response with status 200 did not come from the API: its data does not contain projects. Check api_url"
    ), shown.messages
