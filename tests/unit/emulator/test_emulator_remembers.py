# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The emulator checks the same content against the contract once, and then returns the same findings."""

from __future__ import annotations

import json
import typing as t

import pytest
from emulator import _contract
from emulator._contract import CheckedRequest, CheckedResponse, Contract, read_document
from werkzeug.datastructures import Headers

PATH = "/v1/projects/default-project/jobs/manual/example-job"
QUOTA = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "999", "x-ratelimit-reset": "3600"}


@pytest.fixture
def contract() -> Contract:
    """A contract that has not checked anything yet."""
    return Contract(read_document())


def request(contract: Contract, body: t.Any, **headers: str) -> CheckedRequest:
    """A PATCH of a manual job."""
    sent = Headers({"Authorization": "Bearer a", "Content-Type": "application/json", **headers})
    return CheckedRequest(contract.base_url, "PATCH", PATH, {}, sent, json.dumps(body).encode())


def errors_of(contract: Contract, sent: CheckedRequest) -> dict[str, list[str]]:
    """What is wrong with a request."""
    match, known = contract.find("PATCH", PATH)
    assert match and known
    return contract.request_errors(match, sent, {})


def response_errors(contract: Contract, data: t.Any, **headers: str) -> dict[str, list[str]]:
    """What is wrong with a response."""
    response = CheckedResponse(
        200, Headers({**QUOTA, **{name.replace("_", "-"): text for name, text in headers.items()}}), json.dumps(data).encode()
    )
    return contract.response_errors(request(contract, {}), response)


def test_a_violation_is_found_each_time(contract: Contract) -> None:
    found = [errors_of(contract, request(contract, {"backoffLimit": "many"})) for _time in range(2)]
    assert found[0] == found[1] != {}


def test_a_changed_finding_does_not_change_the_next_one(contract: Contract) -> None:
    errors_of(contract, request(contract, {"backoffLimit": "many"})).clear()
    assert errors_of(contract, request(contract, {"backoffLimit": "many"})) != {}


def test_another_body_is_another_content(contract: Contract) -> None:
    assert errors_of(contract, request(contract, {"backoffLimit": 1})) == {}
    assert errors_of(contract, request(contract, {"backoffLimit": "1"})) != {}


def test_without_a_token_it_is_another_request(contract: Contract) -> None:
    assert errors_of(contract, request(contract, {})) == {}
    without = request(contract, {})
    del without.parameters.header["Authorization"]
    assert errors_of(contract, without) != {}


def test_a_request_to_another_address_is_the_same_request(contract: Contract) -> None:
    one, other = (request(contract, {}, Host=f"127.0.0.1:{port}") for port in (1, 2))
    assert one.content == other.content


@pytest.mark.parametrize("value", ["many", "", "1.5", "-"])
def test_a_header_that_is_not_a_number_is_found_after_one_that_is(contract: Contract, value: str) -> None:
    before = response_errors(contract, {"data": {"id": "a"}})
    after = response_errors(contract, {"data": {"id": "a"}}, x_ratelimit_remaining=value)
    assert set(after) > set(before)


def test_a_quota_that_counts_down_is_checked_once(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    first = response_errors(contract, {"data": {"id": "a"}}, x_ratelimit_remaining="999")
    monkeypatch.setattr(contract, "_api", None)
    assert response_errors(contract, {"data": {"id": "a"}}, x_ratelimit_remaining="7") == first


def test_the_number_of_remembered_results_is_limited(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_contract, "_KEPT_CONTENTS", 3)
    for number in range(10):
        errors_of(contract, request(contract, {"backoffLimit": number}))
    assert len(contract._found) <= 3
