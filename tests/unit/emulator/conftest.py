# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""For the tests of the emulator: a running emulator with one job, and functions that send requests."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from emulator import Emulator

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "contract" / "examples"


@pytest.fixture(name="emulator")
def running_emulator() -> Iterator[Emulator]:
    """An emulator in its default state, with the job default-project/example-job."""
    with Emulator() as emulator:
        emulator.add_job("default-project", "example-job")
        yield emulator


@pytest.fixture(name="call")
def caller(emulator: Emulator) -> Iterator[Callable[..., requests.Response]]:
    """call("GET", "/projects") sends a request below /v1, all on one session."""
    with requests.Session() as session:
        session.trust_env = False

        def request(method: str, path: str, token: str = Emulator.TOKEN, **options: Any) -> requests.Response:
            options.setdefault("headers", {"Authorization": f"Bearer {token}"})
            return session.request(method, f"{emulator.url}/v1{path}", timeout=10, **options)

        yield request


@pytest.fixture
def send(call: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """send("GET", "example-job") sends a request below the jobs of default-project."""

    def request(method: str, path: str, scope: str = "", **options: Any) -> requests.Response:
        return call(method, f"{scope}/projects/default-project/jobs/{path}", **options)

    return request


@pytest.fixture
def patch(send: Callable[..., requests.Response]) -> Callable[..., dict[str, Any]]:
    """patch(field=value) changes the example job and returns `data` of the response."""

    def request(**body: Any) -> dict[str, Any]:
        response = send("PATCH", "manual/example-job", json=body)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    return request


@pytest.fixture
def start(send: Callable[..., requests.Response]) -> Callable[..., str]:
    """start(field=value) starts a run of the example job with these overrides and returns its ID."""

    def request(**body: Any) -> str:
        response = send("POST", "example-job/runs", json=body)
        assert response.status_code == 200, response.text
        return response.json()["data"]["id"]

    return request


@pytest.fixture
def read(send: Callable[..., requests.Response]) -> Callable[[str], dict[str, Any]]:
    """read(run_id) is what get-run-details shows of a run of the example job."""
    return lambda run_id: send("GET", f"example-job/runs/{run_id}").json()["data"]


@pytest.fixture
def example() -> Callable[[str], dict[str, Any]]:
    """example("get-job.response") is a published payload."""
    return lambda name: json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
