# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Requests and responses that break the contract are refused and noted."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "body, place",
    [
        ({"unknown": 1}, "body"),
        ({"description": ""}, "body.description"),
        ({"stageId": "staging\n"}, "body.stageId"),
        ({"tags": [3]}, "body.tags.0"),
        ({"billing": {"gpu": {"enabled": "yes"}}}, "body.billing.gpu.enabled"),
        ({"runtimeEnvironment": {"KEY": 1}}, "body.runtimeEnvironment.KEY"),
        ({"runtimeEnvironment": None}, "body.runtimeEnvironment"),
        ({"runtimeFiles": {"/file": {"encoding": "utf-8"}}}, "body.runtimeFiles./file"),
        ({"healthChecks": [{"protocol": "HTTP"}]}, "body.healthChecks.0"),
        ({"buildSettings": {"dockerfile": {"dockerFilePath": "/../Dockerfile"}}}, "body.buildSettings.dockerfile.dockerFilePath"),
    ],
)
def test_a_body_that_breaks_the_contract_is_refused_and_noted(emulator, send, body, place):
    before = emulator.job("default-project", "example-job")
    response = send("PATCH", "manual/example-job", json=body)
    assert (response.status_code, list(response.json()["error"]["details"])) == (400, [place])
    assert emulator.violations[0].startswith(f"PATCH /v1/projects/default-project/jobs/manual/example-job: request {place}: ")
    assert emulator.job("default-project", "example-job") == before


@pytest.mark.parametrize(
    "options",
    [
        {"data": "{}"},
        {"data": "{", "type": "application/json"},
        {"data": "", "type": "application/json"},
    ],
)
def test_a_body_that_is_not_json_is_refused_and_noted(emulator, send, options):
    headers = {"Authorization": f"Bearer {emulator.TOKEN}", "Content-Type": options.pop("type", "text/plain")}
    assert send("PATCH", "manual/example-job", headers=headers, **options).status_code == 400
    assert len(emulator.violations) == 1


@pytest.mark.parametrize("query", ["?show=some", "?other=1", "?replaceTemplatedValues=false"])
def test_a_query_that_breaks_the_contract_is_refused_and_noted(emulator, send, query):
    assert send("GET", f"example-job/runtime-environment{query}").status_code == 400
    assert len(emulator.violations) == 1


@pytest.mark.parametrize("method, path, status", [("GET", "example-job/nothing", 404), ("PUT", "example-job", 405)])
def test_what_the_contract_does_not_have_is_refused_and_noted(emulator, send, method, path, status):
    assert send(method, path).status_code == status
    assert len(emulator.violations) == 1


def test_an_operation_that_is_not_supported_has_another_message_than_one_that_does_not_exist(emulator, send):
    assert send("POST", "example-job/pause").status_code == 501
    assert emulator.violations == []


def test_a_response_that_breaks_the_contract_is_noted_and_becomes_500(emulator, send):
    emulator.add_job("default-project", "example-job", {"tags": [7]})
    response = send("GET", "example-job")
    assert (response.status_code, response.json()["error"]["id"]) == (500, "emulator-failed")
    assert emulator.violations == [
        "GET /v1/projects/default-project/jobs/example-job: response body.data.tags.0: 7 is not of type 'string'"
    ]


def test_a_failure_of_the_emulator_is_noted_and_becomes_500(emulator, send):
    emulator.add_job("default-project", "example-job", {"deployment": None})  # this makes no valid response
    assert send("GET", "example-job").status_code == 500
    assert "TypeError" in emulator.violations[0]


def test_good_requests_are_not_noted(emulator, send):
    for name in ("", "/health-checks", "/runtime-environment?show=this", "/build-arguments?show=this"):
        assert send("GET", f"example-job{name}").status_code == 200
    assert emulator.violations == []


def test_a_percent_encoded_id_is_one_id(emulator, send):
    emulator.add_job("default-project", "a/b c")
    assert send("GET", "a%2Fb%20c").json()["data"]["id"] == "a/b c"


def test_a_job_may_have_the_name_of_a_part_of_a_path(emulator, send):
    emulator.add_job("default-project", "manual")
    assert send("GET", "manual/health-checks").status_code == 200
    assert emulator.requests[-1].job_id == "manual"
