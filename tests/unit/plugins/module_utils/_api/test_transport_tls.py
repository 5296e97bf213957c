# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that the client refuses, and its messages. Real runs in tests/integration show that it accepts valid ones."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import deadline, operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import TransportError
from harness.client_data import GET, PATCH, PYTHON_OBJECT, TARGET
from harness.odd_server import OddServer

CA_ADVICE = " If the server has a certificate of your own CA, set ca_path."


@pytest.fixture(name="server_of")
def servers_with_tls(certificates) -> t.Iterator[t.Callable[..., OddServer]]:
    """server_of(*names, expired) is a server with a certificate of the private CA."""
    started: list[OddServer] = []

    def server(*names: str, expired: bool = False) -> OddServer:
        started.append(OddServer(certificates.context(*names, expired=expired)))
        return started[-1]

    yield server
    for each in started:
        each.close()


@pytest.fixture(name="refusal_of")
def text_of_a_call_without_trust(client_of):
    """refusal_of(server, operation, **options) is the text of a call that fails at the server's certificate, without any request."""

    def text(url: str, operation: operations.Operation = operations.GET_JOB, **options: t.Any) -> str:
        client = client_of(url, retries=2, **options)
        with pytest.raises(TransportError) as failure:
            client.fetch(operation, TARGET, body=None if operation.method == "GET" else {})
        assert client.report()["requests"] == 0
        assert not PYTHON_OBJECT.search(str(failure.value))
        return str(failure.value)

    return text


@pytest.mark.parametrize("operation, request_", [(operations.GET_JOB, GET), (operations.PATCH_MANUAL_JOB, PATCH)], ids=["GET", "PATCH"])
def test_an_unknown_ca_is_reported_with_the_option_that_names_it(server_of, refusal_of, operation, request_):
    server = server_of("127.0.0.1")
    text = refusal_of(server.url, operation)
    assert text.startswith(f"{request_}: the TLS connection failed: ") and text.endswith(CA_ADVICE)
    assert ("unable to get local issuer certificate" in text, server.seen) == (True, [])


def test_an_expired_certificate_is_reported(server_of, refusal_of, certificates):
    text = refusal_of(server_of("127.0.0.1", expired=True).url, ca_path=str(certificates.file))
    assert text.startswith(f"{GET}: the TLS connection failed: ") and "certificate has expired" in text


def test_a_certificate_of_another_host_is_reported(server_of, refusal_of, certificates):
    text = refusal_of(server_of("api.example.com").url, ca_path=str(certificates.file))
    assert text.startswith(f"{GET}: the TLS connection failed: ") and "'127.0.0.1'" in text


def test_a_server_that_does_not_speak_tls_is_reported(odd_server, refusal_of):
    assert refusal_of(odd_server.url.replace("http", "https")) == (
        f"{GET}: the TLS connection failed: the server does not speak TLS. Use http:// in api_url, or the port where the server speaks TLS."
    )


def test_a_file_without_certificates_is_reported(server_of, client_of, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(TransportError, match="no certificate or crl found"):
        client_of(server_of("127.0.0.1").url, ca_path=str(tmp_path / "ca.pem")).fetch(operations.GET_JOB, TARGET)


@pytest.mark.parametrize("names, expired", [(["127.0.0.1"], False), (["127.0.0.1"], True), (["api.example.com"], False)])
def test_each_certificate_is_accepted_if_none_is_verified(server_of, client_of, names, expired):
    client = client_of(server_of(*names, expired=expired).url, validate_certs=False)
    assert client.fetch(operations.GET_JOB, TARGET) == {"id": "a"}


@pytest.mark.parametrize("environment, is_created", [({}, False), ({"HTTP_PROXY": "https://127.0.0.1:9"}, True)])
def test_a_tls_context_is_created_only_if_the_api_or_a_proxy_can_speak_tls(odd_server, client_of, monkeypatch, environment, is_created):
    created = []
    monkeypatch.setattr(deadline, "_find_context", created.append)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client_of(odd_server.url)
    assert bool(created) is is_created
    client_of("https://127.0.0.1:9")
    assert len(created) == 1 + is_created
