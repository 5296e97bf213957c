# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values api_url may have, and that the token is sent only to that address, despite a .netrc file or a redirect."""

from __future__ import annotations

import socket
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.certificates import Certificates
from harness.network_cases import TOKEN, Attempt, Case
from harness.odd_server import Odd, OddServer

PATH = f"/v1/projects/{PROJECT}/jobs/{JOB}"
# What may follow the host in api_url, and what then precedes /v1.
ENDS = {
    "": "",
    "/": "",
    "/v1": "",
    "/v1/": "",
    "/northflank": "/northflank",
    "/northflank/api/": "/northflank/api",
    "/northflank/v1/": "/northflank",
}


def has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def anywhere() -> t.Iterator[OddServer]:
    """A server that shows a job at any path."""
    server = OddServer()
    server.responses = [Odd(body={"data": {"id": JOB, "name": JOB, "jobType": "manual"}})]
    yield server
    server.close()


@pytest.fixture(scope="module")
def netrc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .netrc file that names the hosts of these tests, in a home directory."""
    file = tmp_path_factory.mktemp("home") / ".netrc"
    file.write_text("".join(f"machine {host} login someone password else\n" for host in ("127.0.0.1", "localhost")), encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def plain(emulators: t.Callable[..., Emulator]) -> Emulator:
    """An emulator that speaks plain HTTP."""
    return emulators()


@pytest.fixture(scope="module")
def elsewhere(emulators: t.Callable[..., Emulator]) -> Emulator:
    """The emulator that redirects lead to."""
    return emulators()


@pytest.fixture(scope="module")
def tried(
    attempt: t.Callable[..., Attempt],
    emulators: t.Callable[..., Emulator],
    plain: Emulator,
    elsewhere: Emulator,
    anywhere: OddServer,
    netrc: Path,
    certificates: Certificates,
) -> Attempt:
    """All cases with an environment of their own, in one run."""
    moved, moved_for_writes = emulators(), emulators()
    moved.order("redirect", "get-job", times=None, location=f"{elsewhere.url}{PATH}")
    moved_for_writes.order("redirect", "patch-manual-job", times=None, status=307, location=f"{elsewhere.url}{PATH}")
    cases = {f"end {end}": Case({"api_url": f"{anywhere.url}{end}"}) for end in ENDS}
    cases |= {
        "127.0.0.1": Case({"api_url": plain.url}),
        "localhost": Case({"api_url": plain.url.replace("127.0.0.1", "localhost")}),
        "netrc at home": Case({"api_url": plain.url}, {"HOME": str(netrc.parent)}),
        "netrc": Case({"api_url": plain.url}, {"NETRC": str(netrc)}),
        "redirect": Case({"api_url": moved.url, "retries": 2}),
        "redirect of a write": Case({"api_url": moved_for_writes.url, "retries": 2, "description": "New"}),
    }
    if has_ipv6():
        cases["IPv6"] = Case({"api_url": f"{emulators(host='::1').url}/v1"})
        cases["IPv6 and TLS"] = Case({"api_url": emulators("::1", host="::1").url, "ca_path": str(certificates.file)})
    return attempt(cases)


@pytest.mark.parametrize("name", [*(f"end {end}" for end in ENDS), "127.0.0.1", "localhost", "netrc at home", "netrc"])
def test_the_job_is_read(tried: Attempt, name: str) -> None:
    result = tried.results[name]
    assert (result.get("msg"), result["failed"], result["api"]["requests"]) == (None, False, 1)


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@pytest.mark.parametrize("name", ["IPv6", "IPv6 and TLS"])
def test_an_ipv6_address_is_accepted(tried: Attempt, name: str) -> None:
    result = tried.results[name]
    assert (result.get("msg"), result["failed"]) == (None, False)


def test_the_version_is_once_behind_the_path(tried: Attempt, anywhere: OddServer) -> None:
    assert anywhere.paths == [f"{before}{PATH}" for before in ENDS.values()]


@pytest.mark.parametrize("name, requests, method", [("redirect", 1, "GET"), ("redirect of a write", 2, "PATCH")])
def test_a_redirect_is_reported(tried: Attempt, name: str, requests: int, method: str) -> None:
    result = tried.results[name]
    assert result["msg"].endswith("Redirects are not followed, because the token would be sent to another address. Check api_url.")
    assert (result["failed"], result["api"]["requests"], result["error"]["request"].split()[0]) == (True, requests, method)


def test_no_request_is_sent_to_the_target_of_a_redirect(tried: Attempt, elsewhere: Emulator) -> None:
    assert (tried.results["redirect"]["failed"], elsewhere.requests) == (True, [])


def test_plain_http_to_this_machine_is_not_warned_about(tried: Attempt) -> None:
    assert "api_url: the token is sent to" not in tried.output


def test_a_netrc_file_of_the_process_does_not_replace_the_token(
    attempt: t.Callable[..., Attempt], anywhere: OddServer, netrc: Path
) -> None:
    attempt({"here": Case({"api_url": anywhere.url})}, {"NETRC": str(netrc)})
    assert anywhere.seen[-1]["authorization"] == f"Bearer {TOKEN}"
