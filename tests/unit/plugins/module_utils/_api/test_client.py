# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against real servers: what it sends, what it returns, and what it counts. Its failures are in other files."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, OptionError
from harness.client_data import TARGET, TOKEN
from harness.odd_server import OK, Odd


def test_a_call_returns_the_data_of_the_response(emulator, client_of):
    assert client_of(emulator.url).fetch(operations.GET_JOB, TARGET)["description"] == "An example"


def test_a_body_is_sent_as_json(emulator, client_of):
    client_of(emulator.url).fetch(operations.PATCH_MANUAL_JOB, TARGET, body={"description": "Another"})
    assert emulator.job("default-project", "example-job")["description"] == "Another"


def test_a_query_is_sent(emulator, client_of):
    client_of(emulator.url).fetch(operations.GET_RUNTIME_ENVIRONMENT, TARGET)
    assert emulator.requests[-1].query == {"show": "this"}


def test_the_path_of_a_team_is_used_if_one_is_set(emulator, client_of):
    client_of(emulator.url, team_id="my-team").fetch(operations.GET_JOB, TARGET)
    assert emulator.requests[-1].team_id == "my-team"


def test_an_id_that_would_change_the_path_is_refused_before_any_request(emulator, client_of):
    with pytest.raises(OptionError, match="^job_id: "):
        client_of(emulator.url).fetch(operations.GET_JOB, TARGET._replace(job_id=".."))
    assert emulator.requests == []


def test_all_requests_of_a_client_share_one_connection(emulator, client_of):
    client = client_of(emulator.url)
    client.fetch(operations.GET_JOB, TARGET)
    client.fetch(operations.PATCH_MANUAL_JOB, TARGET, body={"description": "Another"})
    assert len({request.connection for request in emulator.requests}) == 1


def test_the_token_is_sent_although_a_netrc_file_names_the_host(odd_server, client_of, home, monkeypatch):
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client_of(odd_server.url).fetch(operations.GET_JOB, TARGET)
    assert odd_server.seen[0]["authorization"] == f"Bearer {TOKEN}"


def test_json_is_requested(odd_server, client_of):
    client_of(odd_server.url).fetch(operations.GET_JOB, TARGET)
    assert odd_server.seen[0]["accept"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 202])
def test_each_success_is_accepted(odd_server, client_of, status):
    odd_server.responses = [Odd(status, {"data": {"id": "a"}})]
    assert client_of(odd_server.url).fetch(operations.GET_JOB, TARGET) == {"id": "a"}


def test_a_client_without_requests_reports_none(emulator, client_of):
    assert client_of(emulator.url).report() == {"requests": 0, "rate_limit_remaining": None}


def test_the_rest_of_the_quota_is_that_of_the_last_response(emulator, client_of):
    emulator.quota = 10
    client = client_of(emulator.url)
    client.fetch(operations.GET_JOB, TARGET)
    client.fetch(operations.GET_JOB, TARGET)
    assert client.report() == {"requests": 2, "rate_limit_remaining": 8}


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining": "many"}, {"x-ratelimit-remaining": ""}])
def test_a_response_without_the_rest_of_the_quota_changes_nothing(odd_server, client_of, headers):
    odd_server.responses = [OK._replace(headers={"x-ratelimit-remaining": "5"}), OK._replace(headers=headers)]
    client = client_of(odd_server.url)
    client.fetch(operations.GET_JOB, TARGET)
    client.fetch(operations.GET_JOB, TARGET)
    assert client.rate_limit_remaining == 5


def test_the_rest_of_the_quota_is_read_from_an_error_too(odd_server, client_of):
    odd_server.responses = [Odd(404, {"error": {}}, {"x-ratelimit-remaining": "3"})]
    client = client_of(odd_server.url)
    with pytest.raises(ApiError):
        client.fetch(operations.GET_JOB, TARGET)
    assert client.rate_limit_remaining == 3
