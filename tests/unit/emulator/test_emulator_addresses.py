# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The addresses of the emulator: with TLS, and of IPv6."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests
from emulator import Emulator
from harness.certificates import Certificates

PATH = "/v1/projects/default-project/jobs/example-job"


def has_ipv6():
    """Whether something could listen on the IPv6 loopback address."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.fixture(name="certificates", scope="module")
def private_ca(tmp_path_factory):
    """A CA that the client trusts."""
    return Certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture(name="context")
def server_context(certificates):
    """What the server needs to be on this machine."""
    return certificates.context("127.0.0.1", "::1")


@pytest.fixture(name="tls")
def tls_emulator(context):
    """An emulator over TLS, with the example job."""
    with Emulator(ssl_context=context) as emulator:
        emulator.add_job("default-project", "example-job")
        yield emulator


@pytest.fixture(name="read")
def reader(certificates):
    """read(emulator) requests the example job, on one session, and trusts the CA."""
    with requests.Session() as session:
        session.trust_env = False

        def send(emulator, **options):
            headers = {"Authorization": f"Bearer {Emulator.TOKEN}"}
            return session.get(emulator.url + PATH, headers=headers, **{"verify": str(certificates.file), "timeout": 10, **options})

        yield send


def test_an_emulator_with_tls_has_an_https_url_and_speaks_tls(tls, read):
    assert tls.url.startswith("https://127.0.0.1:")
    assert [read(tls).status_code for attempt in range(2)] == [200, 200]
    assert [request.connection for request in tls.requests] == [1, 1]


def test_a_client_that_does_not_trust_the_ca_ends_only_its_own_connection(tls, read, capfd):
    with pytest.raises(requests.exceptions.SSLError):
        read(tls, verify=True)
    assert (read(tls).status_code, len(tls.requests)) == (200, 1)
    assert capfd.readouterr() == ("", "")


def test_a_client_that_sends_nothing_does_not_block_other_clients(tls, read):
    address = urlsplit(tls.url)
    with socket.create_connection((address.hostname, address.port), timeout=10):
        assert read(tls).status_code == 200


@pytest.mark.parametrize(
    "kind, failure",
    [
        ("reset before", requests.ConnectionError),
        ("reset after", requests.ConnectionError),
        ("cut body", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_faults_of_the_connection_work_over_tls(tls, read, kind, failure):
    tls.order(kind)
    with pytest.raises(failure):
        read(tls)
    assert [read(tls).status_code, tls.violations] == [200, []]


@pytest.mark.parametrize("order", [{"kind": "late", "seconds": 0.1}, {"kind": "slow headers", "interval": 0.001}])
def test_slow_responses_work_over_tls(tls, read, order):
    tls.order(**order)
    assert read(tls).json()["data"]["id"] == "example-job"


def test_waiting_over_tls_ends_when_the_emulator_stops(tls, read):
    tls.order("slow body", interval=3600)
    response = read(tls, stream=True)
    tls.stop()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        list(response.iter_content())


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_ipv6_address_is_written_in_brackets(read, context, scheme):
    with Emulator(host="::1", ssl_context=context if scheme == "https" else None) as emulator:
        emulator.add_job("default-project", "example-job")
        assert emulator.url.startswith(f"{scheme}://[::1]:")
        assert (read(emulator).status_code, emulator.violations) == (200, [])
