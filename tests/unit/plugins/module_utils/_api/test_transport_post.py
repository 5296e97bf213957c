# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request that starts a run is sent once: repeated only if it certainly did not arrive, or was refused for the quota."""

from __future__ import annotations

import calendar
import re
import socket
import time

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, TransportError
from harness.client_data import TARGET
from harness.odd_server import OK, Odd, api_error, too_many

RUNS = "/v1/projects/default-project/jobs/example-job/runs"
UNSURE = re.compile(
    r".* The run may have been started\. Before you run the task again, check the runs of the job in Northflank's dashboard or by "
    rf"GET {RUNS}\. A run that started at \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ or soon after is the run of this task\."
)
CUT = Odd(body=b'{"data": {', promised=100)
LATE = OK._replace(delay=60)
# None of them is allowed in a path, so none is the ID of a run.
ODD_IDS = (None, "", " ", ".", "..", {}, [], True, False, 1.5, ["a"], {"id": "a"}, "\ud800")
DONE = {
    "nothing": b"",
    "white space": b"\n",
    "no data": {},
    "data: null": {"data": None},
    "data: true": {"data": True},
    "null": None,
    "list": [],
    "words": b"OK",
    "message": {"message": "done", "error": None},
}


def run_job(client, body=None):
    """Request a run."""
    return client.fetch(operations.RUN_JOB, TARGET, body)


@pytest.mark.parametrize(
    "response",
    [
        *(Odd(status, b"busy") for status in (408, 499, 500, 502, 503, 504)),
        CUT,
        LATE,
        Odd(body=b"<html>"),
        *(Odd(body={"data": {"id": value}}) for value in ODD_IDS),
    ],
    ids=["408", "499", "500", "502", "503", "504", "cut", "late", "page", *(f"id {value!r}" for value in ODD_IDS)],
)
def test_a_run_whose_response_is_lost_is_requested_once(odd_server, client_of, response):
    odd_server.responses = [response, OK]
    with pytest.raises((ApiError, TransportError)) as raised:
        run_job(client_of(odd_server.url, retries=3, timeout=0.5))
    assert len(odd_server.paths) == 1
    assert UNSURE.fullmatch(str(raised.value))


class Clock:
    """A clock of the tests: each request that arrives takes a minute, and each wait takes its own time."""

    def __init__(self, odd_server, monkeypatch):
        clock, gmtime = self, time.gmtime
        self.now = self.began = calendar.timegm((2026, 11, 25, 12, 0, 0))

        class Paths(list):
            """What has arrived."""

            def append(self, path):
                """Take a minute."""
                super().append(path)
                clock.sleep(60)

        odd_server.paths = Paths()
        monkeypatch.setattr(time, "time", lambda: self.now)
        monkeypatch.setattr(time, "gmtime", lambda seconds=None: gmtime(self.now if seconds is None else seconds))
        monkeypatch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds):
        """Let time pass."""
        self.now += seconds

    def named_by(self, client):
        """The time that the failure of a start names, in seconds since the clock began."""
        with pytest.raises((ApiError, TransportError)) as raised:
            run_job(client)
        (named,) = re.findall(r"started at (\S+) or soon after", str(raised.value))
        return calendar.timegm(time.strptime(named, "%Y-%m-%dT%H:%M:%SZ")) - self.began


@pytest.fixture(name="clock")
def own_clock(odd_server, monkeypatch):
    """The clock of the client."""
    return Clock(odd_server, monkeypatch)


@pytest.mark.parametrize("response", [CUT, LATE, Odd(503), Odd(body=b"<html>")], ids=["cut", "late", "503", "page"])
def test_the_named_time_is_that_of_the_start_and_not_of_the_failure(odd_server, client_of, clock, response):
    odd_server.responses = [response]
    assert clock.named_by(client_of(odd_server.url, timeout=0.5)) == 0
    assert clock.now - clock.began == 60


def test_the_named_time_is_that_after_the_waits_for_the_quota(odd_server, client_of, clock):
    odd_server.responses = [too_many(Retry_After="30"), too_many(Retry_After="20"), CUT]
    assert clock.named_by(client_of(odd_server.url)) == 60 + 30 + 60 + 20


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refused_run_is_not_reported_as_started(failure_of, status):
    assert "may have started" not in str(failure_of(ApiError, api_error("no", status), operation=operations.RUN_JOB))


def test_a_missing_job_is_reported_with_its_ids(failure_of):
    text = str(failure_of(ApiError, api_error("no such job", 404), operation=operations.RUN_JOB))
    assert 'Requested: project_id "default-project", job_id "example-job"' in text


def test_a_refused_connection_is_tried_again_and_leaves_no_doubt_about_the_run(client_of):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = client_of(f"http://127.0.0.1:{taken.getsockname()[1]}", retries=1)
        with pytest.raises(TransportError) as raised:
            run_job(client)
    assert (client.requests, "may have started" in str(raised.value)) == (0, False)


def test_a_run_that_the_quota_refuses_is_requested_again(odd_server, client_of, waits):
    odd_server.responses = [too_many(Retry_After="3"), OK]
    assert (run_job(client_of(odd_server.url)), waits, len(odd_server.paths)) == ({"id": "a"}, [3], 2)


def test_a_call_that_does_not_wait_fails_at_once_with_the_quota(odd_server, client_of, waits):
    odd_server.responses = [too_many(Retry_After="3"), OK]
    with pytest.raises(ApiError, match="429"):
        client_of(odd_server.url).fetch(operations.GET_JOB, TARGET, wait_for_quota=False)
    assert waits == []


def test_a_run_without_overrides_has_no_body(odd_server, client_of):
    run_job(client_of(odd_server.url))
    assert odd_server.bodies == [None]


def test_a_run_is_requested_on_a_new_connection(emulator, client_of):
    client = client_of(emulator.url)
    client.fetch(operations.GET_JOB, TARGET)
    run_job(client, {})
    first, second = emulator.requests
    assert first.connection != second.connection


@pytest.mark.parametrize(
    "query, sent",
    [
        ({}, "per_page=100"),
        ({"page": 2}, "per_page=100&page=2"),
        ({"cursor": "a&b=c d"}, "per_page=100&cursor=a%26b%3Dc+d"),
    ],
    ids=str,
)
def test_a_further_query_is_added_to_that_of_the_operation(odd_server, client_of, query, sent):
    odd_server.responses = [Odd(body={"data": {"jobs": []}})]
    client_of(odd_server.url).fetch(operations.LIST_JOBS, Target("default-project"), query=query)
    assert odd_server.paths == [f"/v1/projects/default-project/jobs?{sent}"]


@pytest.mark.parametrize("value", ODD_IDS, ids=repr)
@pytest.mark.parametrize("operation", [operations.GET_JOB, operations.GET_RUN, operations.PATCH_MANUAL_JOB, operations.PATCH_JOB])
def test_a_response_with_an_invalid_id_is_an_error(odd_server, client_of, operation, value):
    odd_server.responses = [Odd(body={"data": {"id": value}})]
    with pytest.raises(TransportError, match="its data does not contain id"):
        client_of(odd_server.url).fetch(operation, TARGET._replace(run_id="a-run"))


@pytest.mark.parametrize("value", [0, 12, "12", "a/b"], ids=repr)
def test_an_id_is_text_or_an_integer(odd_server, client_of, value):
    odd_server.responses = [Odd(body={"data": {"id": value}})]
    assert run_job(client_of(odd_server.url)) == {"id": value}


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("body", DONE.values(), ids=DONE)
def test_an_abort_with_a_successful_response_is_done_whatever_the_body_contains(odd_server, client_of, status, body):
    odd_server.responses = [Odd(status, b"" if status == 204 else body)]
    assert client_of(odd_server.url).fetch(operations.ABORT_RUN, TARGET._replace(run_id="a-run")) == {}


@pytest.mark.parametrize("body", [b"<html>a page</html>", {"error": {"message": "no"}}], ids=["page", "error"])
def test_an_abort_whose_response_did_not_come_from_the_api_is_not_reported_as_done(odd_server, client_of, body):
    odd_server.responses = [Odd(body=body)]
    with pytest.raises(TransportError, match="may have been aborted"):
        client_of(odd_server.url).fetch(operations.ABORT_RUN, TARGET._replace(run_id="a-run"))


@pytest.mark.parametrize("data", [{}, None, "text"], ids=str)
def test_a_log_that_is_not_a_list_did_not_come_from_the_api(failure_of, data):
    assert "it does not contain data" in str(failure_of(TransportError, Odd(body={"data": data}), operation=operations.GET_LOGS))


def test_the_id_of_a_run_is_one_part_of_the_path(odd_server, client_of):
    client_of(odd_server.url).fetch(operations.GET_RUN, TARGET._replace(run_id="a/b"))
    assert odd_server.paths == [f"{RUNS}/a%2Fb"]
