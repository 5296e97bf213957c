# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of each error of the API: the request, the status, the API's message, and what to do; and the same as data."""

from __future__ import annotations

import re

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError
from harness.client_data import GET, PATCH, TARGET
from harness.odd_server import Odd, api_error

PLAIN = {
    400: "400 Bad Request: It is wrong.",
    401: "401 Unauthorized: It is wrong. The token is not valid. Check api_token, and whether the token has expired.",
    402: "402 Payment Required: It is wrong. The account lacks the credit or the payment method that this request requires.",
    403: '403 Forbidden: It is wrong. The token needs the permission "Project > Jobs > General > Read".',
    409: "409 Conflict: It is wrong.",
    422: "422 Unprocessable Entity: It is wrong.",
    500: "500 Internal Server Error: It is wrong.",
    502: "502 Bad Gateway: It is wrong.",
    503: "503 Service Unavailable: It is wrong.",
    504: "504 Gateway Timeout: It is wrong.",
}


@pytest.mark.parametrize("status", PLAIN)
def test_an_error_is_reported_with_the_request_the_status_the_message_of_the_api_and_advice(failure_of, status):
    failure = failure_of(ApiError, api_error("It is wrong.", status))
    assert str(failure).replace("Unprocessable Content", "Unprocessable Entity") == f"{GET}: {PLAIN[status]}"
    assert failure.error == {"status": status, "message": "It is wrong.", "request": GET}


@pytest.mark.parametrize("status", [400, 401, 402, 409, 422])
def test_an_error_of_a_write_is_reported_in_the_same_words(failure_of, status):
    failure = failure_of(ApiError, api_error("It is wrong.", status), operation=operations.PATCH_MANUAL_JOB)
    assert str(failure).replace("Unprocessable Content", "Unprocessable Entity") == f"{PATCH}: {PLAIN[status]}"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_of_the_server_leaves_open_whether_a_write_took_effect(failure_of, status):
    failure = failure_of(ApiError, api_error("It is wrong.", status), operation=operations.PATCH_MANUAL_JOB)
    assert str(failure) == f"{PATCH}: {PLAIN[status]} The change may have been applied. Run the task again to check."


@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_failed_write_of_a_job_that_was_just_read_names_what_may_be_removed(failure_of, status):
    text = str(failure_of(ApiError, api_error("It is wrong.", status), operation=operations.PATCH_MANUAL_JOB))
    assert text.endswith(
        "Either it was deleted meanwhile, or the API no longer has the operation patch-manual-job. Run the task again to check."
    )


@pytest.mark.parametrize(
    "operation",
    [operations.GET_JOB, operations.GET_BUILD_ARGUMENTS, operations.PATCH_MANUAL_JOB],
    ids=lambda operation: operation.operation_id,
)
def test_a_token_without_permission_fails_with_the_permission(failure_of, operation):
    text = str(failure_of(ApiError, api_error("No", 403), operation=operation))
    assert text.endswith(f'403 Forbidden: No. The token needs the permission "{operation.permission}".')


def test_an_unknown_token_is_reported(emulator, client_of):
    with pytest.raises(ApiError, match="401 Unauthorized: .* The token is not valid. Check api_token"):
        client_of(emulator.url, api_token="nf-other-0123456789").fetch(operations.GET_JOB, TARGET)


def test_what_is_not_found_is_reported_with_the_ids_of_the_task_and_that_ids_are_slugs(odd_server, client_of):
    odd_server.responses = [api_error("Not found", 404)]
    target = Target("My Project", "Example Job")
    with pytest.raises(ApiError) as failure:
        client_of(odd_server.url, team_id="My Team").fetch(operations.GET_JOB, target)
    assert str(failure.value) == (
        "GET /v1/teams/My%20Team/projects/My%20Project/jobs/Example%20Job: 404 Not Found: Not found. "
        'Requested: project_id "My Project", job_id "Example Job", team_id "My Team". '
        "IDs are slugs of names: the job Example Job has the ID example-job."
    )


@pytest.mark.parametrize("wrong", [{"job_id": "Example Job"}, {"project_id": "Default Project"}], ids=["job", "project"])
def test_the_value_that_the_api_returns_is_kept(emulator, client_of, wrong):
    (value,) = wrong.values()
    with pytest.raises(ApiError, match=f"404 Not Found: No (job|project) {value}.* IDs are slugs of names: "):
        client_of(emulator.url).fetch(operations.GET_JOB, TARGET._replace(**wrong))


def test_an_error_keeps_the_body_of_the_api_as_data(failure_of):
    failure = failure_of(ApiError, api_error("It is wrong.", 422, id="invalid", details={"tags": ["unknown"]}))
    assert (failure.status, failure.error) == (
        422,
        {"status": 422, "id": "invalid", "message": "It is wrong.", "details": {"tags": ["unknown"]}, "request": GET},
    )


def test_an_error_without_id_and_details_has_neither(failure_of):
    assert set(failure_of(ApiError, api_error("It is wrong.", details=None)).error) == {"status", "message", "request"}


def test_the_details_of_an_error_are_reported(failure_of):
    failure = failure_of(ApiError, api_error("It is wrong.", details={"tags": ["ä"]}))
    assert str(failure) == f'{GET}: 400 Bad Request: It is wrong. Details: {{"tags": ["ä"]}}.'


def test_a_status_without_a_name_is_shown_as_a_number(failure_of):
    assert str(failure_of(ApiError, api_error("It is odd", 499))) == f"{GET}: 499: It is odd."


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize(
    "body, message",
    [
        (b"<!DOCTYPE html>\n<style>b {}</style><b>Oops</b>  &amp;<br>so on", "Oops & so on"),
        (b"<b>", "<b>"),
        (b"", "the response is empty"),
        (b" \n", "the response is empty"),
        (b'{"error": {', '{"error": {'),
        (["odd"], '["odd"]'),
        (None, "null"),
        ({"error": "odd"}, '{"error": "odd"}'),
        ({"error": {"message": ["odd"]}}, '{"error": {"message": ["odd"]}}'),
    ],
    ids=repr,
)
def test_an_error_of_another_shape_is_reported_as_text(failure_of, status, body, message):
    failure = failure_of(ApiError, Odd(status, body))
    assert failure.error == {"status": status, "message": message, "request": GET}
    assert re.match(f"{re.escape(GET)}: {status} [A-Z][A-Za-z ]+: {re.escape(message)}\\.", str(failure))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", [operations.GET_JOB, operations.PATCH_MANUAL_JOB], ids=lambda operation: operation.method)
def test_a_redirect_is_not_followed(odd_server, failure_of, operation, status):
    failure = failure_of(ApiError, Odd(status, b"", {"Location": f"{odd_server.url}/elsewhere"}), operation=operation, retries=2)
    assert str(failure).endswith("Redirects are not followed, because the token would be sent to another address. Check api_url.")
    assert len(odd_server.paths) == 1
