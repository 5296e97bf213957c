# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rare failures: each has its own message."""

from __future__ import annotations

import socket
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils import _task as task
from ansible_collections.northflank.cloud.plugins.module_utils._api import deadline
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import GET_JOB, LIST_PROJECTS
from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, OptionError
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec
from emulator import Emulator
from harness import JOB, PROJECT
from harness.client_data import TARGET
from harness.flow_properties import Api, operations, start
from harness.flow_properties import task as run_task
from harness.odd_server import Odd, OddServer, api_error

MARKER = "S3c-marker-7xQ"


@pytest.mark.parametrize("status", [400, 503])
def test_a_failure_contains_the_time_of_retry_after(failure_of: t.Callable[..., t.Any], status: int) -> None:
    response = Odd(status, {"error": {"status": status, "message": "No"}}, {"Retry-After": "7"})
    assert "Retry after 7 seconds (Retry-After)." in str(failure_of(ApiError, response))


def test_an_id_that_no_url_can_contain_is_refused(client_of: t.Callable[..., t.Any], emulator: Emulator) -> None:
    with pytest.raises(
        OptionError, match=r'job_id: the value is not a valid ID\. It contains the character "\\udcff", which is not allowed\.'
    ):
        client_of(emulator.url).fetch(GET_JOB, TARGET._replace(job_id="a\udcff"))
    assert emulator.requests == []


def test_a_missing_operation_without_ids_is_reported_as_a_wrong_address(odd_server: OddServer, client_of: t.Callable[..., t.Any]) -> None:
    odd_server.responses = [api_error("No", 404)]
    with pytest.raises(ApiError, match="Check api_url and team_id."):
        client_of(odd_server.url).fetch(LIST_PROJECTS, Target())


def test_a_sub_resource_that_fails_makes_the_task_fail() -> None:
    api = Api("lean", {}, "replace", "replace", "replace", "probe")
    with Emulator() as emulator:
        start(emulator, api, {})
        emulator.order("error", "get-job-runtime-environment", status=400)
        with pytest.raises(ApiError, match="GET .*/runtime-environment"):
            run_task(emulator, api, {"runtime_environment": {"KEY": MARKER}})
        assert "patch-manual-job" not in operations(emulator)


def test_an_internal_error_while_options_are_checked_shows_no_secret() -> None:
    class Broken(dict):
        def items(self) -> t.Any:
            raise RuntimeError(MARKER)

    stated, wrong = task.check_options(Broken(project_id=PROJECT, job_id=JOB), argument_spec.manual_job_spec())
    assert stated["job_id"] == JOB
    assert "RuntimeError" in str(wrong)
    assert MARKER not in str(wrong)


def test_a_socket_reads_no_longer_than_the_request_may_last() -> None:
    here, there = socket.socketpair()
    with here, there, deadline._Socket(fileno=here.detach()) as reading:
        there.sendall(b"ab")
        assert reading.recv(1) == b"a"
        reading.deadline = deadline.Deadline(0)
        with pytest.raises(socket.timeout, match="timed out"):
            reading.recv(1)
