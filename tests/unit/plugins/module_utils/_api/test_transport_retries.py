# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which requests the client retries, how often, and what it counts."""

from __future__ import annotations

import time

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, TransportError
from harness.client_data import TARGET
from harness.odd_server import OK, Odd, api_error

CUT = Odd(body=b'{"data": {', promised=100)


@pytest.mark.parametrize("response", [Odd(502, b"busy"), Odd(503, b"busy"), Odd(504, b"busy"), CUT], ids=["502", "503", "504", "cut"])
@pytest.mark.parametrize("operation", [operations.GET_JOB, operations.PATCH_MANUAL_JOB], ids=lambda operation: operation.method)
def test_retried_requests_are_counted_too(odd_server, client_of, operation, response):
    odd_server.responses = [response, OK]
    client = client_of(odd_server.url, retries=1)
    assert client.fetch(operation, TARGET, body=None if operation.method == "GET" else {}) == {"id": "a"}
    assert client.report()["requests"] == len(odd_server.paths) == 2


def test_a_repeated_request_is_the_same(odd_server, client_of):
    odd_server.responses = [CUT, OK]
    client_of(odd_server.url, retries=1).fetch(operations.PATCH_MANUAL_JOB, TARGET, body={"description": "Another"})
    assert odd_server.bodies == [{"description": "Another"}] * 2
    assert odd_server.paths[0] == odd_server.paths[1]
    assert odd_server.seen[0]["authorization"] == odd_server.seen[1]["authorization"]


def test_a_permanent_error_is_reported_after_the_last_retry(odd_server, client_of):
    odd_server.responses = [Odd(503, b"busy")]
    client = client_of(odd_server.url, retries=1)
    with pytest.raises(ApiError, match="503 Service Unavailable: busy"):
        client.fetch(operations.GET_JOB, TARGET)
    assert client.report()["requests"] == len(odd_server.paths) == 2


def test_a_response_that_is_always_cut_off_is_reported_after_the_last_retry(odd_server, client_of):
    odd_server.responses = [CUT]
    client = client_of(odd_server.url, retries=1)
    with pytest.raises(TransportError, match="the response was cut off"):
        client.fetch(operations.GET_JOB, TARGET)
    assert client.report()["requests"] == len(odd_server.paths) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 500, 501])
def test_another_error_is_not_repeated(odd_server, failure_of, status):
    failure_of(ApiError, api_error("no", status), retries=3)
    assert len(odd_server.paths) == 1


def test_the_retry_after_of_a_503_is_not_slept(odd_server, client_of):
    odd_server.responses = [Odd(503, b"busy", {"Retry-After": "30"}), OK]
    started = time.monotonic()
    client_of(odd_server.url, retries=1).fetch(operations.GET_JOB, TARGET)
    assert time.monotonic() - started < 15


def test_requests_without_a_response_are_counted(odd_server, client_of):
    odd_server.responses = [OK._replace(delay=60)]
    client = client_of(odd_server.url, retries=1, timeout=0.5)
    with pytest.raises(TransportError):
        client.fetch(operations.GET_JOB, TARGET)
    assert client.report()["requests"] == len(odd_server.paths) == 2


OF_RUN = TARGET._replace(run_id="a-run")
EACH = [value for value in vars(operations).values() if isinstance(value, operations.Operation)]
# A second request could start a second run, create a second job, or overwrite what another client has changed meanwhile. Another
# DELETE of the job only finds that it is gone.
REPEATED = {operation.operation_id for operation in EACH if operation.method in ("GET", "PATCH")} | {"delete-job"}
SENT_ONCE = {
    *("create-manual-job", "create-job", "put-job", "update-job-deployment", "update-job-build-source", "scale-job"),
    *("run-job", "abort-job-run"),
}


def whole(operation):
    """A usable response of an operation."""
    data = [] if operation.is_list else {"id": "a", operation.required_member or "id": [] if operation.required_member != "id" else "a"}
    return Odd(body={"data": data})


def test_each_operation_is_repeated_or_sent_once():
    assert {operation.operation_id for operation in EACH} == REPEATED | SENT_ONCE
    assert REPEATED & SENT_ONCE == set()


@pytest.mark.parametrize("response", [Odd(503, b"busy"), CUT], ids=["503", "cut"])
@pytest.mark.parametrize("operation", EACH, ids=lambda operation: operation.operation_id)
def test_a_request_is_repeated_only_if_that_is_safe(odd_server, client_of, operation, response):
    odd_server.responses = [response, whole(operation)]
    client = client_of(odd_server.url, retries=1)
    body = None if operation.method in ("GET", "DELETE") else {"a": 1}
    if operation.operation_id in REPEATED:
        client.fetch(operation, OF_RUN, body)
    else:
        with pytest.raises((ApiError, TransportError), match="may have been|may have started"):
            client.fetch(operation, OF_RUN, body)
    assert (len(odd_server.paths), client.was_retried) == ((2, True) if operation.operation_id in REPEATED else (1, False))


@pytest.mark.parametrize(
    "before, after",
    [(operations.DELETE_JOB, operations.ABORT_RUN), (operations.DELETE_JOB, operations.PUT_JOB), (operations.GET_JOB, operations.RUN_JOB)],
    ids=lambda operation: operation.operation_id,
)
def test_a_request_that_is_repeated_does_not_make_the_next_one_repeated(odd_server, client_of, before, after):
    odd_server.responses = [CUT, whole(before), CUT, whole(after)]
    client = client_of(odd_server.url, retries=3)
    client.fetch(before, OF_RUN)
    assert client.was_retried
    with pytest.raises(TransportError):
        client.fetch(after, OF_RUN)
    assert (len(odd_server.paths), client.was_retried) == (3, False)


def test_after_a_request_that_was_sent_once_a_job_is_removed_with_retries(odd_server, client_of):
    odd_server.responses = [whole(operations.PUT_JOB), CUT, Odd(404, {"error": {"message": "no such job"}})]
    client = client_of(odd_server.url, retries=3)
    client.fetch(operations.PUT_JOB, TARGET, {})
    assert not client.was_retried
    with pytest.raises(ApiError, match="404"):
        client.fetch(operations.DELETE_JOB, TARGET)
    assert (len(odd_server.paths), client.was_retried) == (3, True)
