# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request that starts a run is sent once: repeated only if it certainly did not arrive, or was refused for the quota."""

from __future__ import annotations

import re
import socket
import time

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, TransportError
from unit.plugins.module_utils.asking import IDS, api_error, too_many
from unit.plugins.module_utils.odd_server import OK, Odd

RUNS = "/v1/projects/default-project/jobs/example-job/runs"
UNSURE = re.compile(
    r".* The run may have started all the same\. Before you run the task again, look at the runs of the job, in Northflank's dashboard or by "
    rf"GET {RUNS}: if one has started at \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ or soon after, it is that of this task\."
)
CUT = Odd(body=b'{"data": {', promised=100)
LATE = OK._replace(delay=60)
NO_ID, EMPTY_ID = (Odd(body={"data": {"id": value}}) for value in (None, ""))


def run_job(client, body=None):
    """Ask for a run."""
    return client.call(endpoints.RUN_JOB, IDS, body)


@pytest.mark.parametrize(
    "answer",
    [*(Odd(status, b"busy") for status in (408, 499, 500, 502, 503, 504)), CUT, LATE, Odd(body=b"<html>"), NO_ID, EMPTY_ID],
    ids=["408", "499", "500", "502", "503", "504", "cut", "late", "page", "no id", "empty id"],
)
def test_a_run_whose_answer_is_lost_is_asked_for_once(odd_server, client_of, answer):
    odd_server.answers = [answer, OK]
    with pytest.raises((ApiError, TransportError)) as raised:
        run_job(client_of(odd_server.url, retries=3, timeout=0.5))
    assert len(odd_server.paths) == 1
    assert UNSURE.fullmatch(str(raised.value))


def test_the_time_that_is_named_is_that_of_the_start_and_not_of_the_failure(odd_server, client_of):
    odd_server.answers = [LATE]
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with pytest.raises(TransportError) as raised:
        run_job(client_of(odd_server.url, timeout=1.5))
    (named,) = re.findall(r"started at (\S+) or soon after", str(raised.value))
    after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    assert before <= named <= after


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refused_run_is_not_said_to_have_started(failure_of, status):
    assert "may have started" not in str(failure_of(ApiError, api_error("no", status), operation=endpoints.RUN_JOB))


def test_a_job_that_does_not_exist_is_told_by_its_ids(failure_of):
    text = str(failure_of(ApiError, api_error("no such job", 404), operation=endpoints.RUN_JOB))
    assert 'Asked for were project_id "default-project", job_id "example-job"' in text


def test_a_connection_that_is_refused_is_tried_again_and_starts_no_doubt(client_of):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = client_of(f"http://127.0.0.1:{taken.getsockname()[1]}", retries=1)
        with pytest.raises(TransportError) as raised:
            run_job(client)
    assert (client.requests, "may have started" in str(raised.value)) == (0, False)


def test_a_run_that_the_quota_refuses_is_asked_for_once_more(odd_server, client_of, waits):
    odd_server.answers = [too_many(Retry_After="3"), OK]
    assert (run_job(client_of(odd_server.url)), waits, len(odd_server.paths)) == ({"id": "a"}, [3], 2)


def test_a_call_that_does_not_wait_tells_of_the_quota_at_once(odd_server, client_of, waits):
    odd_server.answers = [too_many(Retry_After="3"), OK]
    with pytest.raises(ApiError, match="429"):
        client_of(odd_server.url).call(endpoints.GET_JOB, IDS, waits=False)
    assert waits == []


def test_a_run_without_overrides_has_no_body(odd_server, client_of):
    run_job(client_of(odd_server.url))
    assert odd_server.bodies == [None]


def test_a_run_is_asked_for_by_a_new_connection(emulator, client_of):
    client = client_of(emulator.url)
    client.call(endpoints.GET_JOB, IDS)
    run_job(client, {})
    first, second = emulator.requests
    assert first.connection != second.connection


@pytest.mark.parametrize(
    "query, asked",
    [
        ({}, "per_page=100"),
        ({"page": 2}, "per_page=100&page=2"),
        ({"cursor": "a&b=c d"}, "per_page=100&cursor=a%26b%3Dc+d"),
    ],
    ids=str,
)
def test_a_further_query_stands_beside_that_of_the_operation(odd_server, client_of, query, asked):
    odd_server.answers = [Odd(body={"data": {"jobs": []}})]
    client_of(odd_server.url).call(endpoints.LIST_JOBS, {"project_id": "default-project"}, query=query)
    assert odd_server.paths == [f"/v1/projects/default-project/jobs?{asked}"]


@pytest.mark.parametrize("data", [{}, None, "text"], ids=str)
def test_a_log_that_is_no_list_is_no_answer_of_the_api(failure_of, data):
    assert "it holds no data" in str(failure_of(TransportError, Odd(body={"data": data}), operation=endpoints.GET_LOGS))


def test_the_id_of_a_run_is_one_part_of_the_path(odd_server, client_of):
    client_of(odd_server.url).call(endpoints.GET_RUN, {**IDS, "run_id": "a/b"})
    assert odd_server.paths == [f"{RUNS}/a%2Fb"]
