# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against real servers: the emulator of the API, and one that gives odd answers."""

from __future__ import annotations

import json
import re
import socket
import time
import typing as t

import pytest
from emulator import Emulator
from unit.plugins.module_utils.odd_server import Odd

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, OptionError, TransportError
from ansible_collections.northflank.cloud.plugins.module_utils._secrets import DETAILS_DROPPED, MASK

IDS = {"project_id": "default-project", "job_id": "example-job"}
TOKEN = "nf-token-0123456789"
SECRET = "S3c-value of a variable-7xQ"
REQUEST = "GET /v1/projects/default-project/jobs/example-job"
PYTHON_OBJECT = re.compile(r"0x[0-9a-f]{6}|HTTPS?Connection|Pool|urllib3|Error\(|object at|IncompleteRead|MaxRetry|<[a-z]")


@pytest.fixture(name="emulator")
def running_emulator() -> t.Iterator[Emulator]:
    """An emulator with one job and one token that may do everything."""
    with Emulator() as emulator:
        emulator.add_job("default-project", "example-job", {"description": "An example"})
        emulator.add_token(TOKEN)
        yield emulator


@pytest.fixture(name="failure_of")
def failure_of_a_call(odd_server, client_of):
    """failure_of(kind, answer, secret) is the failure of a call that is answered so, by a client that knows the secret."""

    def failure(kind: type[Exception], answer: Odd, *secrets: str, **options: t.Any) -> t.Any:
        odd_server.answers = [answer]
        with pytest.raises(kind) as raised:
            client_of(odd_server.url, *secrets, **options).call(endpoints.GET_JOB, IDS)
        return raised.value

    return failure


@pytest.fixture(name="waits")
def recorded_waits(monkeypatch) -> list[float]:
    """The seconds that were slept, without sleeping."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def api_error(message: t.Any, status: int = 400, **more: t.Any) -> Odd:
    """An answer in the documented shape of an error."""
    return Odd(status, {"error": {"status": status, "message": message, **more}})


def test_a_call_gives_the_data_of_the_answer(emulator, client_of):
    assert client_of(emulator.url).call(endpoints.GET_JOB, IDS)["description"] == "An example"


def test_a_body_is_sent_as_json(emulator, client_of):
    client_of(emulator.url).call(endpoints.PATCH_MANUAL_JOB, IDS, body={"description": "Another"})
    assert emulator.job("default-project", "example-job")["description"] == "Another"


def test_a_query_is_sent(emulator, client_of):
    client_of(emulator.url).call(endpoints.GET_RUNTIME_ENVIRONMENT, IDS)
    assert emulator.requests[-1].query == {"show": "this"}


def test_the_path_of_a_team_is_used_where_one_is_named(emulator, client_of):
    client_of(emulator.url, team_id="my-team").call(endpoints.GET_JOB, IDS)
    assert emulator.requests[-1].team_id == "my-team"


def test_an_id_that_would_change_the_path_is_refused_before_any_request(emulator, client_of):
    with pytest.raises(OptionError, match="^job_id: "):
        client_of(emulator.url).call(endpoints.GET_JOB, {**IDS, "job_id": ".."})
    assert emulator.requests == []


def test_all_requests_of_a_client_share_one_connection(emulator, client_of):
    client = client_of(emulator.url)
    client.call(endpoints.GET_JOB, IDS)
    client.call(endpoints.PATCH_MANUAL_JOB, IDS, body={"description": "Another"})
    assert len({request.connection for request in emulator.requests}) == 1


def test_the_token_is_sent_although_a_netrc_file_names_the_host(odd_server, client_of, home, monkeypatch):
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client_of(odd_server.url).call(endpoints.GET_JOB, IDS)
    assert odd_server.seen[0]["authorization"] == f"Bearer {TOKEN}"


def test_json_is_asked_for(odd_server, client_of):
    client_of(odd_server.url).call(endpoints.GET_JOB, IDS)
    assert odd_server.seen[0]["accept"] == "application/json"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(odd_server, failure_of, status):
    failure = failure_of(ApiError, Odd(status, b"", {"Location": f"{odd_server.url}/elsewhere"}), retries=2)
    assert (len(odd_server.paths), "Redirects are not followed" in str(failure)) == (1, True)


@pytest.mark.parametrize("answer, reason", [
    (Odd(body=b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}), "it is no JSON"),
    (Odd(body=b""), "it is no JSON"),
    (Odd(204, b""), "it is no JSON"),
    (Odd(body=b'{"data": {'), "it is no JSON"),
    (Odd(body=b"\xff\xfe"), "it is no JSON"),
    (Odd(body=[]), "it holds no data"),
    (Odd(body="text"), "it holds no data"),
    (Odd(body={}), "it holds no data"),
    (Odd(body={"data": None}), "it holds no data"),
    (Odd(body={"data": [1]}), "it holds no data"),
], ids=str)
def test_a_success_that_is_not_the_apis_is_told(failure_of, answer, reason):
    expected = f"{REQUEST}: the answer with status {answer.status} is not the API's: {reason}. Check api_url, and what answers there."
    assert str(failure_of(TransportError, answer)) == expected


def test_an_answer_of_nothing_but_brackets_is_told_as_no_json(failure_of):
    assert "it is no JSON" in str(failure_of(TransportError, Odd(body=b"[" * 100_000)))


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_success_is_taken(odd_server, client_of, status):
    odd_server.answers = [Odd(status, {"data": {"id": "a"}})]
    assert client_of(odd_server.url).call(endpoints.GET_JOB, IDS) == {"id": "a"}


@pytest.mark.parametrize(
    "operation", [endpoints.GET_JOB, endpoints.GET_BUILD_ARGUMENTS, endpoints.PATCH_MANUAL_JOB], ids=lambda operation: operation.operation_id
)
def test_a_token_that_may_not_is_told_the_permission(emulator, client_of, operation):
    emulator.add_token(TOKEN, permissions=[])
    with pytest.raises(ApiError, match=re.escape(f'The token needs the permission "{operation.permission}".')):
        client_of(emulator.url).call(operation, IDS, body={} if operation.method == "PATCH" else None)


def test_a_job_that_is_not_found_gives_the_advice_about_slugs(emulator, client_of):
    with pytest.raises(ApiError) as failure:
        client_of(emulator.url).call(endpoints.GET_JOB, {**IDS, "job_id": "Example Job"})
    assert str(failure.value) == (
        "GET /v1/projects/default-project/jobs/Example%20Job: 404 Not Found: No job Example Job in the project default-project. "
        "Ids are slugs of names: the job Example Job has the id example-job. Check project_id, job_id and team_id."
    )


def test_a_token_that_nobody_knows_is_told_so(emulator, client_of):
    with pytest.raises(ApiError, match="401 Unauthorized: .* The token is not valid: check api_token"):
        client_of(emulator.url, api_token="nf-other-0123456789").call(endpoints.GET_JOB, IDS)


def test_an_error_keeps_what_the_api_said_as_data(failure_of):
    failure = failure_of(ApiError, api_error("It is wrong.", 422, id="invalid", details={"tags": ["unknown"]}))
    assert (failure.status, failure.error) == (
        422, {"status": 422, "id": "invalid", "message": "It is wrong.", "details": {"tags": ["unknown"]}, "request": REQUEST},
    )


def test_an_error_without_id_and_details_has_neither(failure_of):
    assert set(failure_of(ApiError, api_error("It is wrong.", details=None)).error) == {"status", "message", "request"}


def test_the_text_of_an_error_names_the_request_the_status_and_what_the_api_said(failure_of):
    failure = failure_of(ApiError, api_error("It is wrong.", details={"tags": ["ä"]}))
    assert str(failure) == f'{REQUEST}: 400 Bad Request: It is wrong. Details: {{"tags": ["ä"]}}.'


def test_a_status_without_a_name_is_told_as_a_number(failure_of):
    assert str(failure_of(ApiError, api_error("It is odd", 499))) == f"{REQUEST}: 499: It is odd."


@pytest.mark.parametrize("answer, message", [
    (Odd(500, b"<html>\n <b>Oops</b>  </html>"), "<html> <b>Oops</b> </html>"),
    (Odd(500, b""), "the answer is empty"),
    (Odd(500, ["odd"]), '["odd"]'),
    (Odd(500, {"error": "odd"}), '{"error": "odd"}'),
    (Odd(500, {"error": {"message": ["odd"]}}), '{"error": {"message": ["odd"]}}'),
], ids=str)
def test_an_error_of_another_shape_is_told_as_text(failure_of, answer, message):
    assert failure_of(ApiError, answer).error["message"] == message


@pytest.mark.parametrize("answer", [
    api_error(f"The value {SECRET} is wrong"),
    api_error(f"{json.dumps({'sent': SECRET})} is wrong"),
    api_error("wrong", id=SECRET),
    api_error("wrong", details={"runtimeEnvironment": [f"{SECRET} is wrong"]}),
    api_error("wrong", details={SECRET: 1}),
    api_error(["wrong", SECRET]),
    Odd(500, f"<html>{SECRET}</html>".encode()),
    Odd(500, {"unknown": SECRET}),
], ids=str)
def test_a_secret_that_an_error_quotes_is_masked(failure_of, answer):
    failure = failure_of(ApiError, answer, SECRET)
    assert SECRET not in f"{failure} {failure.error}" and MASK in f"{failure} {failure.error}"


@pytest.mark.parametrize("secret", ["S3c-two  blanks-7xQ", "S3c-a\ttab-7xQ", "S3c-x\n1\n2-7xQ"])
def test_a_secret_with_more_than_single_spaces_is_masked_in_an_error_that_is_no_json(failure_of, secret):
    failure = failure_of(ApiError, Odd(500, f"<html>{secret}</html>".encode()), secret)
    assert "7xQ" not in f"{failure} {failure.error}"


@pytest.mark.parametrize("offset", range(-len(SECRET), 3, 5))
def test_a_secret_at_the_cut_of_a_long_message_is_masked(failure_of, offset):
    failure = failure_of(ApiError, api_error("x " * ((1000 + offset) // 2) + SECRET + " and more" * 200), SECRET)
    assert "S3c" not in f"{failure} {failure.error}"


def test_a_long_message_is_shortened(failure_of):
    assert failure_of(ApiError, api_error("word " * 1000)).error["message"] == "word " * 200 + "..."


def test_a_token_that_an_error_quotes_is_masked(failure_of):
    assert TOKEN not in str(failure_of(ApiError, api_error(f"Bearer {TOKEN} is wrong")))


def test_details_that_may_quote_a_short_secret_are_dropped_and_the_text_says_so(failure_of):
    failure = failure_of(ApiError, api_error("wrong", details={"KEY": ["ok"]}), "ok")
    assert (failure.error["details"], DETAILS_DROPPED in str(failure)) == (DETAILS_DROPPED, True)


def test_no_answer_in_time_is_told_with_the_time(failure_of):
    text = str(failure_of(TransportError, Odd(body={"data": {}}, delay=0.6), timeout=0.2))
    assert text.startswith(f"{REQUEST}: no answer within 0.2 seconds (timeout)") and not PYTHON_OBJECT.search(text)


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> int:
    """A port of this machine that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("retries", [0, 1])
def test_a_refused_connection_is_told_without_the_names_of_python_objects(client_of, closed_port, retries):
    with pytest.raises(TransportError, match=r"the connection failed: .*Connection refused\. Check api_url") as failure:
        client_of(f"http://127.0.0.1:{closed_port}", retries=retries).call(endpoints.GET_JOB, IDS)
    assert not PYTHON_OBJECT.search(str(failure.value))


def test_a_host_that_does_not_exist_is_told_without_the_names_of_python_objects(client_of):
    with pytest.raises(TransportError, match="the connection failed: ") as failure:
        client_of("http://no-such-host.invalid").call(endpoints.GET_JOB, IDS)
    assert not PYTHON_OBJECT.search(str(failure.value))


def test_a_server_that_speaks_no_tls_is_told_without_the_names_of_python_objects(odd_server, client_of):
    with pytest.raises(TransportError, match="the TLS connection failed: ") as failure:
        client_of(odd_server.url.replace("http", "https")).call(endpoints.GET_JOB, IDS)
    assert not PYTHON_OBJECT.search(str(failure.value))


def test_a_truncated_answer_is_told_without_the_names_of_python_objects(failure_of):
    text = str(failure_of(TransportError, Odd(body=b'{"data": {', headers={"Connection": "close"}, promised=100)))
    assert not PYTHON_OBJECT.search(text)


def test_a_proxy_that_cannot_be_reached_is_told_without_its_password(client_of, closed_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://user:S3cret@127.0.0.1:{closed_port}")
    with pytest.raises(TransportError, match="the proxy cannot be used: ") as failure:
        client_of("http://api.example.com").call(endpoints.GET_JOB, IDS)
    assert "S3cret" not in str(failure.value) and not PYTHON_OBJECT.search(str(failure.value))


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_missing_bundle_that_the_environment_names_is_no_crash(client_of, closed_port, monkeypatch, variable):
    monkeypatch.setenv(variable, "/no/such.pem")
    with pytest.raises(TransportError, match="/no/such.pem"):
        client_of(f"https://127.0.0.1:{closed_port}").call(endpoints.GET_JOB, IDS)


def test_a_file_of_certificates_that_holds_none_is_no_crash(client_of, closed_port, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(TransportError):
        client_of(f"https://127.0.0.1:{closed_port}", ca_path=str(tmp_path / "ca.pem")).call(endpoints.GET_JOB, IDS)


def too_many(**headers: str) -> Odd:
    """The answer to an exhausted quota, with these headers."""
    return Odd(429, {"error": {"status": 429, "message": "Too many requests"}}, {name.replace("_", "-"): text for name, text in headers.items()})


OK = Odd(body={"data": {"id": "a"}})


@pytest.mark.parametrize("headers, wait", [
    ({"Retry_After": "7"}, 7), ({"x_ratelimit_reset": "9"}, 9), ({"Retry_After": "7", "x_ratelimit_reset": "9"}, 7),
    ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT", "x_ratelimit_reset": "9"}, 9),
], ids=str)
def test_an_exhausted_quota_is_waited_for_as_told(odd_server, client_of, waits, headers, wait):
    odd_server.answers = [too_many(**headers), OK]
    assert (client_of(odd_server.url).call(endpoints.GET_JOB, IDS), waits) == ({"id": "a"}, [wait])


def test_the_waits_of_a_task_count_together(odd_server, client_of, waits):
    odd_server.answers = [too_many(Retry_After="4"), OK, too_many(Retry_After="4"), too_many(Retry_After="4"), OK]
    client = client_of(odd_server.url, rate_limit_wait=10)
    client.call(endpoints.GET_JOB, IDS)
    with pytest.raises(ApiError, match="resets in 4 seconds; this task sent 4 requests and may wait 10 seconds in all"):
        client.call(endpoints.GET_JOB, IDS)
    assert waits == [4, 4]


def test_a_wait_that_is_too_long_fails_at_once(failure_of, waits):
    text = str(failure_of(ApiError, too_many(Retry_After="61"), rate_limit_wait=60))
    assert (waits, "429 Too Many Requests" in text, "resets in 61 seconds" in text) == ([], True, True)


def test_an_exhausted_quota_that_tells_no_time_fails_at_once(failure_of, waits):
    text = str(failure_of(ApiError, too_many()))
    assert (waits, "does not say when it resets" in text) == ([], True)


def test_an_exhausted_quota_is_never_waited_for_where_the_task_says_so(failure_of, waits):
    failure_of(ApiError, too_many(Retry_After="1"), rate_limit_wait=0)
    assert waits == []


def test_a_wait_of_no_time_does_not_ask_for_ever(odd_server, client_of, waits):
    odd_server.answers = [*[too_many(Retry_After="0")] * 80, OK]
    with pytest.raises(ApiError):
        client_of(odd_server.url, rate_limit_wait=3).call(endpoints.GET_JOB, IDS)


def test_the_emulated_quota_is_waited_for(emulator, client_of):
    emulator.rate_limit_reset, emulator.quota = 1, 1
    client = client_of(emulator.url, rate_limit_wait=5)
    client.call(endpoints.GET_JOB, IDS)
    client.call(endpoints.GET_JOB, IDS)
    assert [request.status for request in emulator.requests] == [200, 429, 200]


def test_requests_are_counted_with_those_that_were_told_to_wait(odd_server, client_of, waits):
    odd_server.answers = [too_many(Retry_After="1"), OK]
    client = client_of(odd_server.url)
    client.call(endpoints.GET_JOB, IDS)
    assert (client.report()["requests"], len(odd_server.paths), len(waits)) == (2, 2, 1)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_requests_are_counted_with_those_that_were_repeated(odd_server, client_of, status):
    odd_server.answers = [Odd(status, b"busy"), OK]
    client = client_of(odd_server.url, retries=1)
    client.call(endpoints.PATCH_MANUAL_JOB, IDS, body={})
    assert client.report()["requests"] == len(odd_server.paths) == 2


def test_an_error_that_stays_is_told_after_the_last_repetition(odd_server, client_of):
    odd_server.answers = [Odd(503, b"busy")]
    client = client_of(odd_server.url, retries=1)
    with pytest.raises(ApiError, match="503 Service Unavailable: busy"):
        client.call(endpoints.GET_JOB, IDS)
    assert client.report()["requests"] == len(odd_server.paths) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 501])
def test_another_error_is_not_repeated(odd_server, failure_of, status):
    failure_of(ApiError, api_error("no", status), retries=3)
    assert len(odd_server.paths) == 1


def test_the_retry_after_of_a_503_is_not_slept(odd_server, client_of):
    odd_server.answers = [Odd(503, b"busy", {"Retry-After": "30"}), OK]
    started = time.monotonic()
    client_of(odd_server.url, retries=1).call(endpoints.GET_JOB, IDS)
    assert time.monotonic() - started < 15


def test_requests_without_an_answer_are_counted(odd_server, client_of):
    odd_server.answers = [Odd(body={"data": {}}, delay=0.5)]
    client = client_of(odd_server.url, retries=1, timeout=0.1)
    with pytest.raises(TransportError):
        client.call(endpoints.GET_JOB, IDS)
    assert client.report()["requests"] == len(odd_server.paths) == 2


def test_a_client_that_asked_nothing_reports_nothing(emulator, client_of):
    assert client_of(emulator.url).report() == {"requests": 0, "rate_limit_remaining": None}


def test_the_rest_of_the_quota_is_what_the_last_answer_said(emulator, client_of):
    emulator.quota = 10
    client = client_of(emulator.url)
    client.call(endpoints.GET_JOB, IDS)
    client.call(endpoints.GET_JOB, IDS)
    assert client.report() == {"requests": 2, "rate_limit_remaining": 8}


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining": "many"}, {"x-ratelimit-remaining": ""}])
def test_an_answer_that_does_not_tell_the_rest_of_the_quota_changes_nothing(odd_server, client_of, headers):
    odd_server.answers = [Odd(body={"data": {}}, headers={"x-ratelimit-remaining": "5"}), Odd(body={"data": {}}, headers=headers)]
    client = client_of(odd_server.url)
    client.call(endpoints.GET_JOB, IDS)
    client.call(endpoints.GET_JOB, IDS)
    assert client.rate_limit_remaining == 5


def test_the_rest_of_the_quota_is_known_from_an_error_too(odd_server, client_of):
    odd_server.answers = [Odd(404, {"error": {}}, {"x-ratelimit-remaining": "3"})]
    client = client_of(odd_server.url)
    with pytest.raises(ApiError):
        client.call(endpoints.GET_JOB, IDS)
    assert client.rate_limit_remaining == 3
