# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The emulator as a server: what it records, its connections, and its command line."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from emulator import Emulator

TESTS = pathlib.Path(__file__).resolve().parents[2]
JOB_PATH = "/v1/projects/default-project/jobs/example-job"


def test_a_request_is_recorded(emulator, send):
    send("PATCH", "manual/example-job", json={"description": "Changed"})
    send("GET", "example-job/runtime-environment?show=this", scope="/teams/my-team")
    first, second = emulator.requests_of("default-project", "example-job")
    assert (first.method, first.operation, first.body, first.query, first.status) == (
        "PATCH",
        "patch-manual-job",
        {"description": "Changed"},
        {},
        200,
    )
    assert (second.method, second.operation, second.body, second.query, second.team_id) == (
        "GET",
        "get-job-runtime-environment",
        None,
        {"show": "this"},
        "my-team",
    )
    assert second.path == f"/v1/teams/my-team{JOB_PATH.removeprefix('/v1')}/runtime-environment"


def test_refused_requests_are_recorded(emulator, send):
    emulator.quota = 2
    for token in ("other", Emulator.TOKEN, Emulator.TOKEN):
        send("GET", "no-job", token=token)
    assert [request.status for request in emulator.requests] == [401, 404, 429]


def test_a_session_keeps_its_connection(emulator, send):
    send("GET", "example-job")
    send("PATCH", "manual/example-job", json={"unknown": 1})
    send("DELETE", "example-job", data="a body that no one reads")
    send("GET", "example-job")
    assert [request.connection for request in emulator.requests] == [1, 1, 1, 1]


def test_each_connection_has_a_number(emulator):
    for attempt in range(2):
        requests.get(emulator.url + JOB_PATH, timeout=10)
    assert [request.connection for request in emulator.requests] == [1, 2]


def test_many_clients_are_served_at_once(emulator):
    def read(number):
        headers = {"Authorization": f"Bearer {Emulator.TOKEN}"}
        return requests.get(emulator.url + JOB_PATH, headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(40))) == {200}
    assert (len(emulator.requests), emulator.violations) == (40, [])


def test_a_stopped_emulator_ends_open_connections():
    with requests.Session() as session:
        with Emulator() as emulator:
            session.get(emulator.url, timeout=10)
        with pytest.raises(requests.ConnectionError):
            session.get(emulator.url, timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_jobs_until_it_is_stopped(tmp_path, number):
    jobs = tmp_path / "jobs.json"
    jobs.write_text(json.dumps({"default-project": {"example-job": {"stageId": "staging"}}, "empty": {}}), encoding="utf-8")
    command = [sys.executable, "-m", "emulator", "--state", "lean", "--token", "mine", "--jobs", str(jobs)]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(TESTS)}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        line = process.stdout.readline()
        response = requests.get(line.split()[-1] + JOB_PATH, headers={"Authorization": "Bearer mine"}, timeout=10)
        projects = requests.get(f"{line.split()[-1]}/v1/projects", headers={"Authorization": "Bearer mine"}, timeout=10).json()["data"]
        process.send_signal(number)
        rest = process.communicate(timeout=10)
    assert line.startswith("Northflank API emulator listening on http://127.0.0.1:")
    assert (response.status_code, "stageId" in response.json()["data"]) == (200, False)
    assert [project["id"] for project in projects["projects"]] == ["default-project", "empty"]
    assert (process.returncode, rest) == (0, ("", ""))
