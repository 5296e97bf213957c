# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures without a response: the name, the connection, the proxy, a response that is cut off. None names an object of Python."""

from __future__ import annotations

import socket
import threading
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, TransportError
from harness.client_data import GET, PATCH, PYTHON_OBJECT, TARGET
from harness.odd_server import Odd

UNSURE = " The change may have been applied. Run the task again to check."
PROXY_ADVICE = " Check {} and NO_PROXY in the environment."
PASSWORD = "S3cret-of-the-proxy"


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> t.Iterator[int]:
    """A port of this machine that refuses connections."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture(name="text_of")
def text_of_a_failed_call(client_of):
    """text_of(url, operation, **options) is the message of a failed call, and its number of requests."""

    def text(url: str, operation: operations.Operation = operations.GET_JOB, **options: t.Any) -> tuple[str, int]:
        client = client_of(url, **options)
        with pytest.raises(TransportError) as failure:
            client.fetch(operation, TARGET, body=None if operation.method == "GET" else {})
        assert not PYTHON_OBJECT.search(str(failure.value))
        return str(failure.value), client.report()["requests"]

    return text


@pytest.mark.parametrize("retries", [0, 1])
@pytest.mark.parametrize("operation, request_", [(operations.GET_JOB, GET), (operations.PATCH_MANUAL_JOB, PATCH)], ids=["GET", "PATCH"])
def test_a_refused_connection_is_reported_and_is_not_counted_as_a_request(text_of, closed_port, operation, request_, retries):
    text, requests = text_of(f"http://127.0.0.1:{closed_port}", operation, retries=retries)
    assert (text.startswith(f"{request_}: the connection failed: "), requests) == (True, 0)
    assert text.endswith("Connection refused. Check api_url and the network.")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_does_not_exist_is_named(text_of, scheme):
    text, requests = text_of(f"{scheme}://no-such-host.invalid")
    assert text.startswith(f"{GET}: the connection failed: ") and text.endswith(" Check api_url and the network.")
    assert ("no-such-host.invalid" in text, requests) == (True, 0)


@pytest.mark.parametrize("sent", [b'{"data": {', b""], ids=["half", "nothing"])
@pytest.mark.parametrize(
    "operation, request_, unsure",
    [
        (operations.GET_JOB, GET, ""),
        (operations.PATCH_MANUAL_JOB, PATCH, UNSURE),
    ],
    ids=["GET", "PATCH"],
)
def test_a_response_that_is_cut_off_is_reported(odd_server, text_of, operation, request_, unsure, sent):
    odd_server.responses = [Odd(body=sent, promised=100)]
    text, requests = text_of(odd_server.url, operation)
    assert text == f"{request_}: the response was cut off. If this happens again, check proxies and the network.{unsure}"
    assert requests == len(odd_server.paths) == 1


def proxy(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Set a proxy with a password."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://user:{PASSWORD}@{address}")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be_reached_is_reported_without_its_password(text_of, closed_port, monkeypatch, scheme):
    proxy(monkeypatch, f"127.0.0.1:{closed_port}")
    text, requests = text_of(f"{scheme}://api.example.com")
    assert text.startswith(f"{GET}: the proxy cannot be used: ") and text.endswith(
        f"Connection refused.{PROXY_ADVICE.format(scheme.upper() + '_PROXY')}"
    )
    assert (PASSWORD in text, requests) == (False, 0)


@pytest.mark.parametrize("status, phrase", [(403, "403 Forbidden"), (407, "407 Proxy Authentication Required"), (502, "502 Bad Gateway")])
def test_a_proxy_that_refuses_is_reported_and_gets_one_request(odd_server, text_of, monkeypatch, status, phrase):
    proxy(monkeypatch, odd_server.url.removeprefix("http://"))
    odd_server.responses = [Odd(status, b"<html>No</html>", {"Proxy-Authenticate": 'Basic realm="here"'})]
    text, requests = text_of("https://api.example.com", operations.PATCH_MANUAL_JOB, retries=2)
    assert text == f"{PATCH}: the proxy cannot be used: Tunnel connection failed: {phrase}.{PROXY_ADVICE.format('HTTPS_PROXY')}"
    assert (requests, odd_server.paths) == (0, ["api.example.com:443"])


def test_a_proxy_that_refuses_a_plain_request_is_reported_as_the_proxy(odd_server, failure_of, monkeypatch):
    proxy(monkeypatch, odd_server.url.removeprefix("http://"))
    text = str(failure_of(ApiError, Odd(407, b"<html>No</html>", {"Proxy-Authenticate": 'Basic realm="here"'})))
    assert "407 Proxy Authentication Required" in text and PASSWORD not in text
    assert text.endswith(f"A proxy requires a user name and a password.{PROXY_ADVICE.format('HTTP_PROXY')}")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "names, variable", [(["{}_proxy", "ALL_PROXY"], "{}_proxy"), (["ALL_PROXY"], "ALL_PROXY"), (["all_proxy"], "all_proxy")]
)
def test_the_variable_that_names_the_proxy_is_reported(text_of, closed_port, monkeypatch, scheme, names, variable):
    for name in names:
        monkeypatch.setenv(name.format(scheme), f"http://127.0.0.1:{closed_port}")
    text, _requests = text_of(f"{scheme}://api.example.com")
    assert text.endswith(PROXY_ADVICE.format(variable.format(scheme)))


@pytest.mark.parametrize(
    "address",
    [
        f"http://user:{PASSWORD}@127.0.0.1:99999",
        f"http://user:{PASSWORD}@[::1",
        f"nonsense://user:{PASSWORD}@127.0.0.1:1",
        f"user:{PASSWORD}@127.0.0.1:1",
        f"http://user:{PASSWORD}@",
        f"socks5://user:{PASSWORD}@127.0.0.1:1",
        f"http://user:{PASSWORD}@no-such-proxy.invalid:1",
    ],
)
def test_a_proxy_whose_address_is_wrong_is_reported_without_its_password(text_of, monkeypatch, address):
    monkeypatch.setenv("HTTPS_PROXY", address)
    text, requests = text_of("https://api.example.com")
    assert (PASSWORD in text, "HTTPS_PROXY" in text, requests) == (False, True, 0)


def test_a_server_that_does_not_speak_http_is_reported_in_one_line_of_limited_length(text_of):
    def greet(server: socket.socket) -> None:
        connection = server.accept()[0]
        with connection:
            connection.recv(65536)
            connection.sendall(b"SSH-2.0 " + b"x" * 60000 + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=greet, args=(server,), daemon=True).start()
        text, requests = text_of(f"http://127.0.0.1:{server.getsockname()[1]}")
    assert ("SSH-2.0" in text, "\n" in text, len(text) < 1200, requests) == (True, False, True, 1)
