# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates a task trusts: ca_path, then the environment variables, then public CAs, and all if validate_certs is false."""

from __future__ import annotations

import shutil
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.certificates import Certificates
from harness.network_cases import Attempt, Case

VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
MISSING = "/no/such/ca.pem"
CA_ADVICE = "If the server has a certificate of your own CA, set ca_path."


@pytest.fixture(scope="module")
def good(emulators: t.Callable[..., Emulator]) -> Emulator:
    """An emulator with a valid certificate."""
    return emulators("127.0.0.1")


@pytest.fixture(scope="module")
def tried(
    attempt: t.Callable[..., Attempt],
    emulators: t.Callable[..., Emulator],
    good: Emulator,
    certificates: Certificates,
    other_certificates: Certificates,
) -> Attempt:
    """All cases with an environment of their own, in one run."""
    right, wrong = str(certificates.file), str(other_certificates.file)
    here = {"api_url": good.url}
    unchecked = {"validate_certs": False}
    expired, foreign = {"api_url": emulators("127.0.0.1", expired=True).url}, {"api_url": emulators("api.example.com").url}
    cases = {
        "no CA": Case(here),
        "file": Case({**here, "ca_path": right}),
        "another file": Case({**here, "ca_path": wrong}),
        "missing file": Case({**here, "ca_path": MISSING}),
        "expired": Case({**expired, "ca_path": right}),
        "foreign": Case({**foreign, "ca_path": right}),
        "expired, unchecked": Case({**expired, **unchecked}),
        "foreign, unchecked": Case({**foreign, **unchecked}),
        "another file, unchecked": Case({**here, **unchecked, "ca_path": wrong}),
        "first variable counts": Case(here, dict(zip(VARIABLES, [right, wrong, MISSING]))),
        "empty variables": Case(here, {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", "SSL_CERT_FILE": right}),
        "missing in plain HTTP": Case({"api_url": emulators().url}, dict.fromkeys(VARIABLES, MISSING)),
    }
    if shutil.which("openssl"):
        cases["folder"] = Case({**here, "ca_path": str(certificates.hashed_folder())})
    for variable in VARIABLES:
        cases |= {
            variable: Case(here, {variable: right}),
            f"{variable} without a file": Case(here, {variable: MISSING}),
            f"{variable} without a file, but ca_path": Case({**here, "ca_path": right}, {variable: MISSING}),
            f"{variable} without a file, unchecked": Case({**here, **unchecked}, {variable: MISSING}),
            f"{variable}, but another ca_path": Case({**here, "ca_path": wrong}, {variable: right}),
        }
    return attempt(cases)


@pytest.mark.parametrize(
    "name",
    [
        "file",
        "expired, unchecked",
        "foreign, unchecked",
        "another file, unchecked",
        "first variable counts",
        "empty variables",
        "missing in plain HTTP",
        *VARIABLES,
        *(f"{variable} without a file, {way}" for variable in VARIABLES for way in ("but ca_path", "unchecked")),
    ],
)
def test_the_server_is_trusted(tried: Attempt, name: str) -> None:
    result = tried.results[name]
    assert (result.get("msg"), result["failed"], result["api"]["requests"]) == (None, False, 1)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl, to make the hashes in the names of certificates")
def test_a_folder_of_certificates_is_trusted(tried: Attempt) -> None:
    assert tried.results["folder"]["failed"] is False


@pytest.mark.parametrize("name", ["no CA", "another file", *(f"{variable}, but another ca_path" for variable in VARIABLES)])
def test_an_unknown_ca_is_reported_with_the_option_that_names_it(tried: Attempt, name: str) -> None:
    result = tried.results[name]
    assert all(words in result["msg"] for words in ("the TLS connection failed: ", "unable to get local issuer certificate", CA_ADVICE))
    assert (result["failed"], result["api"]["requests"]) == (True, 0)


@pytest.mark.parametrize("name, reason", [("expired", "certificate has expired"), ("foreign", "'127.0.0.1'")])
def test_an_invalid_certificate_is_reported(tried: Attempt, name: str, reason: str) -> None:
    result = tried.results[name]
    assert all(words in result["msg"] for words in ("the TLS connection failed: ", reason))
    assert (result["failed"], result["api"]["requests"]) == (True, 0)


@pytest.mark.parametrize(
    "name, source",
    [
        ("missing file", "ca_path"),
        *((f"{variable} without a file", f"the environment variable {variable}") for variable in VARIABLES),
    ],
)
def test_a_file_that_does_not_exist_is_reported_with_what_names_it(tried: Attempt, name: str, source: str) -> None:
    expected = f"{source}: {MISSING} does not exist. It must be a file or a directory of CA certificates"
    assert tried.results[name]["msg"] == f"{expected} (job {JOB} of the project {PROJECT})."


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_environment_of_the_process_is_used_too(
    attempt: t.Callable[..., Attempt], good: Emulator, certificates: Certificates, other_certificates: Certificates, variable: str
) -> None:
    cases = {
        "trusted": Case({"api_url": good.url}),
        "another ca_path": Case({"api_url": good.url, "ca_path": str(other_certificates.file)}),
        "without a file": Case({"api_url": good.url}, {variable: MISSING}),
    }
    results = attempt(cases, {variable: str(certificates.file)}).results
    assert [results[name]["failed"] for name in cases] == [False, True, True]
    assert variable in results["without a file"]["msg"]


def test_an_unverified_connection_is_not_warned_about(
    attempt: t.Callable[..., Attempt], good: Emulator, certificates: Certificates
) -> None:
    cases = {
        "alone": Case({"api_url": good.url, "validate_certs": False}),
        "with a bundle": Case({"api_url": good.url, "validate_certs": False}, {"REQUESTS_CA_BUNDLE": str(certificates.file)}),
    }
    # ansible-core's debug output has what the module wrote to stderr, which no other has.
    tried = attempt(cases, {"ANSIBLE_DEBUG": "true"})
    assert [tried.results[name]["failed"] for name in cases] == [False, False]
    assert [line for line in tried.output.splitlines() if "insecure" in line.lower() or "[WARNING]" in line] == []
    assert [result.get("warnings") for result in tried.results.values()] == [None, None]
