# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Faults that a test orders: what the client receives, what took effect, and what is recorded."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
from emulator import Emulator

PATCH = "patch-manual-job"
PATH = "/v1/projects/default-project/jobs/example-job"
CHANGE = {"description": "Changed"}
HEAD_END = b"\r\n\r\n"


def change(send):
    """Send the change."""
    return send("PATCH", "manual/example-job", json=CHANGE)


def is_changed(emulator):
    """Whether the change was carried out."""
    return emulator.job("default-project", "example-job").get("description") == "Changed"


def recorded(emulator):
    """What is recorded of each request: the fault and the status. Faults are never violations of the contract."""
    assert emulator.violations == []
    return [(request.fault, request.status) for request in emulator.requests]


@contextlib.contextmanager
def dialled(emulator, method="GET", header="Connection: close"):
    """A bare connection that has sent the head of a request about the example job; by default the server ends it after the response."""
    address = urlsplit(emulator.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(f"{method} {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Emulator.TOKEN}\r\n{header}\r\n\r\n".encode())
        yield connection


def parts_of(connection):
    """The data of a connection until its end, piece by piece."""
    return list(iter(lambda: connection.recv(65536), b""))


def wait_until(condition):
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.01)


def test_a_reset_before_lets_nothing_take_effect(emulator, send):
    emulator.order("reset before")
    with pytest.raises(requests.ConnectionError):
        change(send)
    assert (is_changed(emulator), recorded(emulator)) == (False, [("reset before", 0)])
    assert (emulator.requests[0].operation, emulator.requests[0].body) == (PATCH, None)


def test_a_reset_before_does_not_wait_for_the_body(emulator):
    emulator.order("reset before")
    with dialled(emulator, "PATCH", "Content-Length: 1000000") as connection:
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_reset_after_lets_the_request_take_effect(emulator, send):
    emulator.order("reset after")
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        change(send)
    assert (is_changed(emulator), recorded(emulator)) == (True, [("reset after", 200)])


def test_a_cut_body_announces_its_whole_length_and_has_half_of_it(emulator):
    with requests.get(emulator.url + PATH, headers={"Authorization": f"Bearer {Emulator.TOKEN}"}, timeout=10) as usual:
        size = len(usual.content)
    emulator.order("cut body")
    with dialled(emulator) as connection:
        head, body = b"".join(parts_of(connection)).split(HEAD_END)
    assert (f"Content-Length: {size}".encode() in head, len(body)) == (True, size // 2)
    assert recorded(emulator) == [("", 200), ("cut body", 200)]


def test_a_request_with_a_cut_body_takes_effect(emulator, send):
    emulator.order("cut body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        change(send)
    assert is_changed(emulator)


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_is_html_as_of_a_gateway(emulator, send, status):
    emulator.order("page", status=status)
    response = change(send)
    assert (response.status_code, response.headers["Content-Type"], response.text[:15]) == (status, "text/html", "<!DOCTYPE html>")
    assert (is_changed(emulator), "x-ratelimit-limit" in response.headers, recorded(emulator)) == (False, False, [("page", status)])


def test_an_error_has_the_usual_shape_and_headers(emulator, send):
    emulator.order("error", status=503, headers={"Retry-After": "7"}, message="Come back later")
    response = change(send)
    assert response.json()["error"] == {"status": 503, "message": "Come back later", "id": "ordered", "details": {}}
    assert (response.headers["Retry-After"], response.headers["x-ratelimit-remaining"]) == ("7", "1000")
    assert (is_changed(emulator), recorded(emulator)) == (False, [("error", 503)])


def test_an_ordered_429_has_the_usual_retry_after(emulator, send):
    emulator.order("error", status=429)
    assert send("GET", "example-job").headers["Retry-After"] == "3600"


def test_a_bare_error_has_only_the_ordered_headers_about_the_quota(emulator, send):
    emulator.order("error", status=429, bare=True)
    emulator.order("error", status=429, bare=True, headers={"x-ratelimit-reset": "3"})
    responses = [send("GET", "example-job") for attempt in range(2)]
    names = [{name.lower() for name in response.headers if name.lower().startswith(("x-ratelimit", "retry"))} for response in responses]
    assert names == [set(), {"x-ratelimit-reset"}]


@pytest.mark.parametrize("body, text", [({"data": []}, '{"data": []}'), (None, "null"), (b"\xff{", "\xff{")])
def test_a_response_may_be_anything(emulator, send, body, text):
    emulator.order("answer", status=201, body=body, content_type="text/plain")
    response = change(send)
    assert (response.status_code, response.content.decode("latin-1"), response.headers["Content-Type"]) == (201, text, "text/plain")
    assert (is_changed(emulator), recorded(emulator)) == (False, [("answer", 201)])


@pytest.mark.parametrize("kind", ["page", "error", "answer"])
def test_a_response_that_replaces_the_usual_one_may_follow_a_change(emulator, send, kind):
    emulator.order(kind, carried_out=True, status=500)
    assert (change(send).status_code, is_changed(emulator), recorded(emulator)) == (500, True, [(kind, 500)])


def test_a_redirect_names_the_other_address(emulator, send):
    emulator.order("redirect", status=307, location="https://example.org/there")
    response = send("GET", "example-job", allow_redirects=False)
    assert (response.status_code, response.headers["Location"], recorded(emulator)) == (
        307,
        "https://example.org/there",
        [("redirect", 307)],
    )


def test_a_late_response_is_the_usual_one(emulator, send):
    emulator.order("late", seconds=0.3)
    began = time.monotonic()
    assert change(send).json()["data"]["description"] == "Changed"
    assert (time.monotonic() - began >= 0.3, recorded(emulator)) == (True, [("late", 200)])


def test_other_requests_are_served_while_one_waits(emulator, send):
    emulator.order("late", "get-job", seconds=3600)
    with dialled(emulator) as connection:
        assert change(send).status_code == 200
        connection.settimeout(0.1)
        with pytest.raises(socket.timeout):
            connection.recv(1)


@pytest.mark.parametrize(
    "order", [{"kind": "late", "seconds": 3600}, {"kind": "slow headers", "interval": 3600}, {"kind": "slow body", "interval": 3600}]
)
@pytest.mark.parametrize("ending", ["client", "emulator"])
def test_waiting_ends_when_the_client_disconnects_or_the_emulator_stops(order, ending):
    with Emulator() as emulator:
        before = set(threading.enumerate())
        emulator.order(**order)
        with dialled(emulator) as connection:
            wait_until(lambda: emulator.requests)
            if ending == "emulator":
                emulator.stop()
                assert b"".join(parts_of(connection)).partition(HEAD_END)[2] == b""
        wait_until(lambda: before.issuperset(threading.enumerate()))


def test_slow_headers_come_a_byte_at_a_time_and_the_body_at_once(emulator):
    emulator.order("slow headers", interval=0.005)
    with dialled(emulator) as connection:
        parts = parts_of(connection)
    head, body = b"".join(parts).split(HEAD_END)
    assert (len(parts) > len(head) / 2, head[:15], json.loads(body)["data"]["id"]) == (True, b"HTTP/1.1 200 OK", "example-job")


def test_a_slow_body_follows_its_headers_a_byte_at_a_time(emulator):
    emulator.order("slow body", interval=0.002)
    with dialled(emulator) as connection:
        parts = parts_of(connection)
    head, body = b"".join(parts).split(HEAD_END)
    assert (len(parts) > len(body) / 2, len(parts[0]) >= len(head)) == (True, True)
    assert (json.loads(body)["data"]["id"], recorded(emulator)) == ("example-job", [("slow body", 200)])


def test_a_deaf_emulator_responds_once_and_accepts_no_other_connection(emulator, send):
    emulator.order("deaf", "get-job")
    assert (change(send).status_code, send("GET", "example-job").status_code) == (200, 200)
    with pytest.raises(requests.ConnectionError, match="Connection refused"):
        send("GET", "example-job")
    assert recorded(emulator) == [("", 200), ("deaf", 200)]


def test_an_order_is_for_an_operation_after_some_requests_and_for_some_of_them(emulator, send):
    emulator.order("page", "get-job", skip=1, times=2)
    statuses = [(change(send).status_code, send("GET", "example-job").status_code) for attempt in range(4)]
    assert statuses == [(200, 200), (200, 502), (200, 502), (200, 200)]


def test_an_order_may_have_no_end(emulator, send):
    emulator.order("page", times=None)
    assert [send("GET", "nothing/at/all").status_code for attempt in range(5)] == [502] * 5


def test_the_first_of_several_orders_that_is_due_applies_and_each_counts_what_it_skips(emulator, send):
    emulator.order("page", status=501)
    emulator.order("page", "get-job", status=502, skip=2)
    emulator.order("page", "get-job", status=503, times=None)
    assert [send("GET", "example-job").status_code for attempt in range(5)] == [501, 503, 502, 503, 503]


@pytest.mark.parametrize(
    "order, words",
    [
        ({"kind": "flood"}, "unknown kind of fault 'flood', known are: reset before, "),
        ({"kind": "late", "second": 1}, "unknown details of the fault 'late': second, known are: seconds"),
        ({"kind": "deaf", "carried_out": True}, "unknown details of the fault 'deaf': carried_out, known are: none"),
        ({"kind": "deaf", "operation": "patch-manual-job.team"}, "the contract has no operation 'patch-manual-job.team'"),
    ],
)
def test_what_cannot_be_ordered_is_refused_at_once(emulator, order, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        emulator.order(**order)


def test_the_quota_does_not_count_requests_without_effect(emulator, send):
    for kind in ("page", "error", "answer", "redirect"):
        emulator.order(kind, "get-job")
    for attempt in range(4):
        send("GET", "example-job", allow_redirects=False)
    assert emulator.quota_used == 0
