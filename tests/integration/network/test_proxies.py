# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies of the environment of the task or the process: used, bypassed, refusing, and missing."""

from __future__ import annotations

import json
import socket
import typing as t
import urllib.parse

import pytest
from emulator import Emulator
from harness.certificates import Certificates
from harness.network_cases import Attempt, Case
from harness.proxies import FORBIDDEN, PASSWORD, USER, Proxy

ADVICE = "_PROXY and NO_PROXY in the environment."


class Place(t.NamedTuple):
    """An emulator and its port. To the proxies, all names below example.com are those of this machine."""

    emulator: Emulator

    @property
    def port(self) -> int | None:
        """The port that it listens on."""
        return urllib.parse.urlsplit(self.emulator.url).port

    def url(self, host: str) -> str:
        """Its URL by another name."""
        return f"{urllib.parse.urlsplit(self.emulator.url).scheme}://{host}:{self.port}"


@pytest.fixture(scope="module")
def secure(emulators: t.Callable[..., Emulator]) -> Place:
    """An emulator that speaks TLS."""
    return Place(emulators("127.0.0.1", "localhost", "*.example.com"))


@pytest.fixture(scope="module")
def plain(emulators: t.Callable[..., Emulator]) -> Place:
    """One that speaks plain HTTP."""
    return Place(emulators())


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Proxy]:
    """A proxy that requires a password."""
    running = Proxy(tmp_path_factory.mktemp("strict"), needs_password=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def missing() -> t.Iterator[str]:
    """The address of a proxy that is not there."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(scope="module")
def tried(
    attempt: t.Callable[..., Attempt], secure: Place, plain: Place, proxy: Proxy, strict: Proxy, missing: str, certificates: Certificates
) -> Attempt:
    """All cases with an environment of their own, in one run, each with a host name of its own."""
    ca = {"ca_path": str(certificates.file)}
    both = {"HTTPS_PROXY": proxy.url, "HTTP_PROXY": proxy.url}

    def by(address: str, password: str = PASSWORD) -> dict[str, str]:
        return dict.fromkeys(["HTTPS_PROXY", "HTTP_PROXY"], f"http://{USER}:{password}@{address}")

    return attempt(
        {
            "https": Case({"api_url": secure.url("secure.example.com"), **ca}, {"HTTPS_PROXY": proxy.url}),
            "http": Case({"api_url": plain.url("plain.example.com")}, {"HTTP_PROXY": proxy.url}),
            "lower case": Case({"api_url": secure.url("lower.example.com"), **ca}, {"https_proxy": proxy.url}),
            "loopback": Case({"api_url": secure.url("127.0.0.1"), **ca}, both),
            "around": Case({"api_url": secure.url("localhost"), **ca}, {**both, "NO_PROXY": "somewhere.example.com,localhost"}),
            "password": Case({"api_url": secure.url("known.example.com"), **ca}, by(strict.address)),
            "forbidden": Case({"api_url": secure.url(FORBIDDEN), **ca, "retries": 2}, both),
            "wrong password": Case({"api_url": secure.url("unknown.example.com"), **ca}, by(strict.address, f"{PASSWORD}-not")),
            "wrong password, http": Case({"api_url": plain.url("unknown.example.com")}, by(strict.address, f"{PASSWORD}-not")),
            "missing": Case({"api_url": secure.url("missing.example.com"), **ca}, by(missing)),
            "missing, http": Case({"api_url": plain.url("missing.example.com")}, by(missing)),
            "unknown CA": Case({"api_url": secure.url("distrusted.example.com")}, both),
            "unchecked": Case({"api_url": secure.url("unchecked.example.com"), "validate_certs": False}, both),
        }
    )


@pytest.fixture(scope="module")
def notes(tried: Attempt, proxy: Proxy) -> list[str]:
    """The requests to the proxy without a password in that run."""
    return proxy.take_notes()


@pytest.mark.parametrize("name", ["https", "http", "lower case", "loopback", "around", "password", "unchecked"])
def test_the_job_is_read(tried: Attempt, name: str) -> None:
    result = tried.results[name]
    assert (result.get("msg"), result["failed"], result["api"]["requests"]) == (None, False, 1)


def test_the_proxy_is_used_for_each_url_that_its_variable_is_for(notes: list[str], secure: Place, plain: Place) -> None:
    assert [f"CONNECT {host}:{secure.port}" in notes for host in ("secure.example.com", "lower.example.com", "127.0.0.1")] == [True] * 3
    assert f"GET plain.example.com:{plain.port}" in notes


def test_no_proxy_bypasses_the_proxy(notes: list[str]) -> None:
    assert [note for note in notes if "localhost" in note] == []


def test_the_proxy_is_given_its_password(tried: Attempt, strict: Proxy, secure: Place) -> None:
    assert strict.take_notes() == [f"CONNECT known.example.com:{secure.port}"]


@pytest.mark.parametrize(
    "name, reason",
    [
        ("forbidden", "Tunnel connection failed: 403 Forbidden"),
        ("wrong password", "Tunnel connection failed: 407 Proxy Authentication Required"),
        ("missing", "Connection refused"),
        ("missing, http", "Connection refused"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_reported(tried: Attempt, name: str, reason: str) -> None:
    result = tried.results[name]
    assert all(words in result["msg"] for words in ("the proxy cannot be used: ", reason, ADVICE))
    assert (result["failed"], result["api"]["requests"]) == (True, 0)


def test_a_proxy_that_refuses_gets_one_request(notes: list[str], secure: Place) -> None:
    assert notes.count(f"CONNECT {FORBIDDEN}:{secure.port}") == 1


def test_a_proxy_that_refuses_a_plain_request_is_reported(tried: Attempt) -> None:
    result = tried.results["wrong password, http"]
    assert (result["failed"], result["error"]["status"]) == (True, 407)
    assert all(words in result["msg"] for words in ("407 Proxy Authentication Required", "HTTP_PROXY"))


def test_no_password_of_a_proxy_is_written(tried: Attempt) -> None:
    assert PASSWORD not in tried.output + json.dumps(tried.results)


def test_a_server_behind_a_proxy_is_still_verified(tried: Attempt) -> None:
    assert "unable to get local issuer certificate" in tried.results["unknown CA"]["msg"]


def test_the_token_over_plain_http_by_a_proxy_is_warned_about(tried: Attempt) -> None:
    assert tried.output.count("api_url: the token is sent to plain.example.com over plain HTTP") == 1
    assert "over plain HTTP to secure.example.com" not in tried.output


def test_the_environment_of_the_process_is_used_too(
    attempt: t.Callable[..., Attempt], tried: Attempt, secure: Place, plain: Place, proxy: Proxy, certificates: Certificates
) -> None:
    proxy.take_notes()
    ca = {"ca_path": str(certificates.file)}
    cases = {
        "https": Case({"api_url": secure.url("secure.example.com"), **ca}),
        "http": Case({"api_url": plain.url("plain.example.com")}),
        "around": Case({"api_url": secure.url("127.0.0.1"), **ca}),
        "forbidden": Case({"api_url": secure.url(FORBIDDEN), **ca}),
    }
    results = attempt(cases, {"HTTPS_PROXY": proxy.url, "HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}).results
    assert [results[name]["failed"] for name in cases] == [False, False, False, True]
    notes = [f"CONNECT secure.example.com:{secure.port}", f"GET plain.example.com:{plain.port}", f"CONNECT {FORBIDDEN}:{secure.port}"]
    assert proxy.take_notes() == notes
