# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time-out bounds a request as a whole: the connection, the handshake, the head and the body, however slowly bytes come."""

from __future__ import annotations

import re
import socket
import time
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import TransportError
from harness.client_data import GET, PATCH, PYTHON_OBJECT, TARGET
from harness.odd_server import OK, Odd, OddServer

TIMEOUT = 0.5
# Long before the servers here would be done, however busy the machine is.
BOUND = 20
# urllib3 1.26 reports a proxy that is too slow as one that cannot be used.
OF_A_PROXY = re.compile(rf"(no response within {TIMEOUT} seconds \(timeout\)|the proxy cannot be used: timed out)")


@pytest.fixture(name="silent")
def address_without_a_server() -> t.Iterator[str]:
    """An address that accepts connections and does nothing else."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(name="full")
def address_that_accepts_no_connection() -> t.Iterator[str]:
    """An address that neither accepts nor refuses connections, because its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        with socket.create_connection(listening.getsockname()):
            yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(name="timed_out")
def text_of_a_call_that_ends_by_the_time_out(client_of):
    """timed_out(url, operation, **options) is the message of a call that times out within the limit, and its number of requests."""

    def text(url: str, operation: operations.Operation = operations.GET_JOB, **options: t.Any) -> tuple[str, int]:
        client = client_of(url, timeout=TIMEOUT, **options)
        started = time.monotonic()
        with pytest.raises(TransportError) as failure:
            client.fetch(operation, TARGET, body=None if operation.method == "GET" else {})
        assert time.monotonic() - started < BOUND
        assert not PYTHON_OBJECT.search(str(failure.value))
        return str(failure.value), client.report()["requests"]

    return text


@pytest.fixture(name="secure_server")
def server_with_tls(certificates) -> t.Iterator[OddServer]:
    """A server for odd responses that speaks TLS."""
    server = OddServer(certificates.context("127.0.0.1"))
    yield server
    server.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("operation, request_", [(operations.GET_JOB, GET), (operations.PATCH_MANUAL_JOB, PATCH)], ids=["GET", "PATCH"])
def test_a_connection_that_no_server_accepts_times_out(timed_out, full, operation, request_, scheme):
    text, requests = timed_out(f"{scheme}://{full}", operation)
    assert text.startswith(f"{request_}: no connection within {TIMEOUT} seconds (timeout).")
    assert ("may have been made" in text, requests) == (False, 0)


def test_a_handshake_without_a_response_times_out(timed_out, silent):
    text, requests = timed_out(f"https://{silent}", operations.PATCH_MANUAL_JOB)
    assert text.startswith(f"{PATCH}: no response within {TIMEOUT} seconds (timeout).")
    assert ("may have been made" in text, requests) == (False, 0)


def test_a_tunnel_that_the_proxy_never_opens_times_out(timed_out, silent, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://{silent}")
    text, requests = timed_out("https://api.example.com", operations.PATCH_MANUAL_JOB)
    assert OF_A_PROXY.search(text)
    assert ("may have been made" in text, requests) == (False, 0)


def test_a_request_without_a_response_times_out(timed_out, silent):
    text, requests = timed_out(f"http://{silent}")
    assert (text.startswith(f"{GET}: no response within {TIMEOUT} seconds (timeout)."), requests) == (True, 1)


@pytest.mark.parametrize("slow", ["head", "body"])
@pytest.mark.parametrize(
    "operation, request_, unsure",
    [
        (operations.GET_JOB, GET, False),
        (operations.PATCH_MANUAL_JOB, PATCH, True),
    ],
    ids=["GET", "PATCH"],
)
def test_a_response_that_comes_byte_by_byte_times_out(odd_server, timed_out, operation, request_, unsure, slow):
    odd_server.responses = [Odd(body={"data": {"id": "a" * 2000}}, headers={"x-long": "a" * 2000}, slow=slow)]
    text, requests = timed_out(odd_server.url, operation)
    assert text.startswith(f"{request_}: no response within {TIMEOUT} seconds (timeout).")
    assert (text.endswith(" The change may have been applied. Run the task again to check."), requests) == (unsure, 1)


@pytest.mark.parametrize("slow", ["head", "body"])
def test_such_a_response_times_out_over_tls_too(secure_server, timed_out, certificates, slow):
    secure_server.responses = [Odd(body={"data": {"id": "a" * 2000}}, headers={"x-long": "a" * 2000}, slow=slow)]
    text, requests = timed_out(secure_server.url, ca_path=str(certificates.file))
    assert (text.startswith(f"{GET}: no response within {TIMEOUT} seconds (timeout)."), requests) == (True, 1)


def test_a_tunnel_that_opens_byte_by_byte_times_out(odd_server, timed_out, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", odd_server.url)
    odd_server.responses = [Odd(body=b"", headers={"x-long": "a" * 2000}, slow="head")]
    text, requests = timed_out("https://api.example.com")
    assert (bool(OF_A_PROXY.search(text)), requests) == (True, 0)


def test_each_retry_has_its_own_time_limit(odd_server, client_of):
    odd_server.responses = [Odd(body={"data": {"id": "a" * 2000}}, slow="body"), OK]
    client = client_of(odd_server.url, timeout=TIMEOUT, retries=1)
    assert (client.fetch(operations.GET_JOB, TARGET), client.report()["requests"]) == ({"id": "a"}, 2)


def test_a_slow_response_that_comes_in_time_is_read(odd_server, client_of):
    odd_server.responses = [OK._replace(slow="body")]
    assert client_of(odd_server.url, timeout=60).fetch(operations.GET_JOB, TARGET) == {"id": "a"}
