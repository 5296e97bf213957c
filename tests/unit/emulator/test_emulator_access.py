# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Which requests are allowed: tokens, permissions, teams, projects, jobs and the quota."""

from __future__ import annotations

import time

import pytest
from emulator import Emulator

READ = "Project > Jobs > General > Read"
UPDATE = "Project > Jobs > General > Update"
READ_SECRETS = "Project > Secrets > Jobs > Read"
READ_GROUPS = "Project > Secrets > General > Read"


def error_of(response):
    """The status of an error response and its message. Checks the documented shape."""
    error = response.json()["error"]
    assert set(error) == {"status", "message", "id", "details"}
    assert response.headers["Content-Type"] == "application/json"
    assert error["status"] == response.status_code
    return response.status_code, error["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": Emulator.TOKEN}])
def test_a_missing_or_unknown_token_is_refused(send, headers):
    assert error_of(send("GET", "example-job", headers=headers)) == (401, "The token is missing or not known.")


def test_the_default_token_ends_with_the_first_token_that_is_added(emulator, send):
    emulator.add_token("mine")
    assert [send("GET", "example-job", token=token).status_code for token in (Emulator.TOKEN, "mine")] == [401, 200]


@pytest.mark.parametrize(
    "method, path, body, permission",
    [
        ("GET", "example-job", None, READ),
        ("PATCH", "manual/example-job", {}, UPDATE),
        ("GET", "example-job/health-checks", None, READ),
        ("GET", "example-job/runtime-environment", None, READ_SECRETS),
        ("GET", "example-job/build-arguments", None, READ_SECRETS),
    ],
)
def test_each_operation_needs_its_permission_and_no_other(emulator, send, method, path, body, permission):
    emulator.add_token("able", permissions={permission})
    emulator.add_token("unable", permissions={READ, UPDATE, READ_SECRETS} - {permission})
    assert send(method, path, token="able", json=body).status_code == 200
    assert error_of(send(method, path, token="unable", json=body)) == (403, f"The token lacks the permission {permission}.")


def test_inherited_values_are_silently_missing_without_the_permission_on_groups(emulator, send):
    emulator.inherited = {"buildArguments": {"KEY": "inherited"}}
    emulator.add_token("all")
    emulator.add_token("own", permissions={READ_SECRETS})
    responses = [send("GET", "example-job/build-arguments", token=token).json()["data"] for token in ("all", "own")]
    assert [response["buildArguments"] for response in responses] == [{"KEY": "inherited"}, {}]


def test_a_permission_that_is_not_in_the_contract_is_refused(emulator):
    with pytest.raises(ValueError, match="Jobs > Everything"):
        emulator.add_token("mine", permissions={"Jobs > Everything"})


def test_an_unknown_job_is_not_found(send):
    assert error_of(send("GET", "other-job")) == (404, "No job other-job in the project default-project.")


def test_an_unknown_project_is_not_found(emulator, send):
    emulator.add_job("other-project", "job-there")
    assert send("GET", "../../other-project/jobs/job-there").status_code == 200
    assert error_of(send("GET", "../../no-project/jobs/job-there")) == (404, "No project no-project.")


@pytest.mark.parametrize("method, path", [("GET", "example-job"), ("PATCH", "manual/example-job")])
def test_the_path_of_any_team_works_when_none_is_set(emulator, send, method, path):
    response = send(method, path, scope="/teams/some-team", json={} if method == "PATCH" else None)
    assert (response.status_code, emulator.requests[-1].team_id) == (200, "some-team")


@pytest.mark.parametrize("scope, status", [("", 200), ("/teams/my-team", 200), ("/teams/other-team", 404)])
def test_only_the_path_of_the_set_team_works(emulator, send, scope, status):
    emulator.team = "my-team"
    assert send("GET", "example-job", scope=scope).status_code == status


def test_each_response_has_the_headers_of_the_quota(emulator, send):
    responses = [send("GET", "example-job"), send("GET", "other-job"), send("GET", "example-job", token="other"), send("GET", "a/b/c/d")]
    headers = [[response.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")] for response in responses]
    assert headers == [["1000", remaining, "3600"] for remaining in ("999", "998", "997", "996")]


def test_a_used_up_quota_is_reported_with_the_time_to_retry(emulator, send):
    emulator.quota = 1
    emulator.rate_limit_reset = 60
    send("GET", "example-job")
    response = send("GET", "example-job")
    assert error_of(response) == (429, "The quota of requests is used up.")
    assert (response.headers["Retry-After"], response.headers["x-ratelimit-remaining"]) == ("60", "0")


def test_the_quota_is_full_again_after_its_window(emulator, send):
    emulator.quota = 1
    emulator.rate_limit_reset = 0.2
    statuses = [send("GET", "example-job").status_code for attempt in range(2)]
    time.sleep(0.3)
    assert [*statuses, send("GET", "example-job").status_code] == [200, 429, 200]
