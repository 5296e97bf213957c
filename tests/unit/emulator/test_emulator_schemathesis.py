# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Schemathesis sends requests that the contract allows, and others: emulator and contract must agree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from emulator import Emulator
from emulator._contract import read_document
from emulator._operations import HANDLERS
from emulator._run_operations import NOT_EMULATED
from harness import WHOLE
from hypothesis import HealthCheck, settings
from schemathesis import checks

EXPLORE = bool(os.environ.get("EXPLORE"))
PROJECT, JOB = "default-project", "example-job"
# The contract documents no error, so a refusal has an undocumented status, which is checked separately here.
CHECKS = [
    checks.not_a_server_error,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
]
# Any text in the contract. But the API requires an ID, a time, or a value of another response, and the emulator does not support some.
LEFT_OUT = {"runId", "startTime", "endTime", *NOT_EMULATED}


def emulated_document() -> dict[str, Any]:
    """The contract without the query parameters that are left out, and without cursors."""
    document = read_document()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [
                item
                for item in operation.get("parameters", [])
                if item.get("name") not in LEFT_OUT and item != {"$ref": "#/components/parameters/cursor"}
            ]
    return document


schema = schemathesis.openapi.from_dict(emulated_document())
# An operation of a team is the same one on another path: the matrix tries each of them, `make test` one of each method.
OF_TEAMS = list(HANDLERS) if WHOLE or EXPLORE else ["get-job", "patch-manual-job", "run-job"]
# These take the body of create-manual-job, for which requests take longer to generate than for all other operations together.
OF_SAME_BODY = () if WHOLE or EXPLORE else ("create-job", "put-job")
EMULATED = [*(name for name in HANDLERS if name not in OF_SAME_BODY), *(f"{name}.team" for name in OF_TEAMS)]


@pytest.fixture(scope="module", name="session")
def open_session() -> Iterator[requests.Session]:
    """One connection for all requests."""
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module", name="emulator")
def running_emulator() -> Iterator[Emulator]:
    """An emulator with one job and a quota that no test uses up."""
    with Emulator() as emulator:
        emulator.quota = 10**9
        yield emulator


@schema.include(operation_id=EMULATED).parametrize()
@settings(
    max_examples=200 if EXPLORE else 15 if WHOLE else 5,
    derandomize=not EXPLORE,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_server_and_contract_agree(emulator: Emulator, session: requests.Session, case: schemathesis.Case) -> None:
    # Those that other cases have created would be in the way of this one.
    for job_id in list(emulator.jobs_of(PROJECT)):
        emulator.remove_job(PROJECT, job_id)
    emulator.add_job(PROJECT, JOB)
    run = emulator.runs.start(PROJECT, JOB, None, 0)
    case.path_parameters.update({"projectId": PROJECT, "jobId": JOB, "runId": run.id})
    # The first PUT creates a job, and the second one replaces it.
    for _repetition in range(2 if case.method == "PUT" else 1):
        response = case.call(base_url=emulator.url, headers={"Authorization": f"Bearer {emulator.TOKEN}"}, session=session)
        case.validate_response(response, checks=CHECKS)
        # The checks accept 409 for any request.
        assert response.status_code != 409 or "cron" in case.body["settings"]
