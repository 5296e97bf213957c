# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client and a used-up quota (429): it waits up to rate_limit_wait, or fails with the time when the quota resets."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, format_seconds
from harness.client_data import GET, TARGET
from harness.odd_server import OK, Odd, too_many


@pytest.mark.parametrize(
    "headers, wait",
    [
        ({"Retry_After": "7"}, 7),
        ({"x_ratelimit_reset": "9"}, 9),
        ({"Retry_After": "7", "x_ratelimit_reset": "9"}, 7),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT", "x_ratelimit_reset": "9"}, 9),
    ],
    ids=str,
)
def test_a_used_up_quota_is_waited_for_until_it_resets(odd_server, client_of, waits, headers, wait):
    odd_server.responses = [too_many(**headers), OK]
    assert (client_of(odd_server.url).fetch(operations.GET_JOB, TARGET), waits) == ({"id": "a"}, [wait])


def test_the_waits_of_a_task_are_added_up(odd_server, client_of, waits):
    odd_server.responses = [too_many(Retry_After="4"), OK, too_many(Retry_After="4"), too_many(Retry_After="4"), OK]
    client = client_of(odd_server.url, rate_limit_wait=10)
    client.fetch(operations.GET_JOB, TARGET)
    with pytest.raises(ApiError, match=r"resets in 4 seconds\. Requests sent by this task: 4\. Waited 8 of at most 10 seconds"):
        client.fetch(operations.GET_JOB, TARGET)
    assert waits == [4, 4]


def test_a_wait_that_is_too_long_fails_at_once(failure_of, waits):
    failure = failure_of(ApiError, too_many(Retry_After="61"), rate_limit_wait=60)
    assert str(failure) == (
        f"{GET}: 429 Too Many Requests: Too many requests. The quota is used up. It resets in 61 seconds. "
        "Requests sent by this task: 1. Waited 0 of at most 60 seconds (rate_limit_wait). Increase it to wait longer."
    )
    assert (waits, failure.status) == ([], 429)


def test_a_used_up_quota_without_a_time_fails_at_once(failure_of, waits):
    text = str(failure_of(ApiError, too_many()))
    assert (waits, "The response does not contain the time until it resets." in text) == ([], True)
    assert text.endswith("(rate_limit_wait).")


def test_without_a_wait_the_message_does_not_advise_a_longer_one(odd_server, client_of):
    odd_server.responses = [too_many(Retry_After="61")]
    with pytest.raises(ApiError, match=r" Waited 0 of at most 60 seconds \(rate_limit_wait\)\.$"):
        client_of(odd_server.url, rate_limit_wait=60).fetch(operations.GET_JOB, TARGET, wait_for_quota=False)


def test_one_second_is_not_written_as_a_plural(odd_server, client_of, waits):
    odd_server.responses = [too_many(Retry_After="1")] * 2
    expected = r" It resets in 1 second\. Requests sent by this task: 2\. Waited 1 of at most 1 second \(rate_limit_wait\)\."
    with pytest.raises(ApiError, match=expected):
        client_of(odd_server.url, rate_limit_wait=1).fetch(operations.GET_JOB, TARGET)


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0 seconds"), (1, "1 second"), (1.0, "1 second"), (0.5, "0.5 seconds"), (30.0, "30 seconds"), (123456789, "123456789 seconds")],
)
def test_seconds_have_their_unit(seconds, text):
    assert format_seconds(seconds) == text


@pytest.mark.parametrize("body", [b"<html>Slow down</html>", b""], ids=["HTML", "empty"])
def test_a_used_up_quota_is_waited_for_also_if_a_gateway_reports_it(odd_server, client_of, waits, body):
    odd_server.responses = [Odd(429, body, {"Retry-After": "3"}), OK]
    client_of(odd_server.url).fetch(operations.GET_JOB, TARGET)
    assert waits == [3]


def test_a_used_up_quota_is_not_waited_for_if_rate_limit_wait_is_zero(failure_of, waits):
    failure_of(ApiError, too_many(Retry_After="1"), rate_limit_wait=0)
    assert waits == []


def test_a_wait_of_zero_seconds_is_not_repeated_for_ever(odd_server, client_of, waits):
    odd_server.responses = [*[too_many(Retry_After="0")] * 80, OK]
    with pytest.raises(ApiError):
        client_of(odd_server.url, rate_limit_wait=3).fetch(operations.GET_JOB, TARGET)


def test_the_emulated_quota_is_waited_for(emulator, client_of):
    emulator.rate_limit_reset, emulator.quota = 1, 1
    client = client_of(emulator.url, rate_limit_wait=5)
    client.fetch(operations.GET_JOB, TARGET)
    client.fetch(operations.GET_JOB, TARGET)
    assert [request.status for request in emulator.requests] == [200, 429, 200]


def test_requests_that_the_quota_refused_are_counted_too(odd_server, client_of, waits):
    odd_server.responses = [too_many(Retry_After="1"), OK]
    client = client_of(odd_server.url)
    client.fetch(operations.GET_JOB, TARGET)
    assert (client.report()["requests"], len(odd_server.paths), len(waits)) == (2, 2, 1)
