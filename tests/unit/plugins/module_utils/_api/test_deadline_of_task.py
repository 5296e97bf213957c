# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After the time of its task a session sends nothing, and what it has sent does not outlast that time."""

from __future__ import annotations

import contextlib
import time
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._errors import NorthflankError
from emulator import Emulator

Send = t.Callable[[operations.Operation, float], None]
EACH_METHOD = [operations.GET_JOB, operations.PATCH_JOB, operations.RUN_JOB, operations.PUT_JOB, operations.DELETE_JOB]


@pytest.fixture(name="send")
def send_by_a_session(emulator: Emulator, connection_options: t.Callable[..., dict[str, t.Any]]) -> Send:
    """send(operation, seconds) sends a request by a session of a task that has some seconds left."""

    def sent(operation: operations.Operation, task_seconds: float) -> None:
        known = connection.from_options(connection_options(api_url=emulator.url, api_token=emulator.TOKEN))
        with contextlib.closing(Session(known, task_seconds)) as session:
            session.send(operation, f"{emulator.url}/v1/projects/default-project/jobs/example-job", "", None)

    return sent


@pytest.mark.parametrize("operation", EACH_METHOD, ids=lambda operation: operation.method)
def test_nothing_is_sent_when_the_time_is_over(emulator: Emulator, send: Send, operation: operations.Operation) -> None:
    with pytest.raises(NorthflankError, match=r"the task has reached its time-out \(keyword timeout\)\. Increase the time-out\."):
        send(operation, -0.1)
    assert emulator.requests == []


def test_a_request_is_cut_off_and_not_repeated_when_the_time_is_over(emulator: Emulator, send: Send) -> None:
    emulator.order("late", "get-job", times=None, seconds=3)
    started = time.monotonic()
    with pytest.raises(NorthflankError, match="the task has reached its time-out"):
        send(operations.GET_JOB, 0.5)
    assert time.monotonic() - started < 3
    assert len(emulator.requests) == 1
