# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that are kept after a task: only equal connections of one process share them."""

from __future__ import annotations

import os
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.plugin_utils import _sessions as sessions
from harness.client_data import TARGET


@pytest.fixture(autouse=True)
def none_kept(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    """Begin without a session, and end those that the test has made."""
    made: dict[t.Any, Session] = {}
    monkeypatch.setattr(sessions, "_open_sessions", made)
    yield
    for session in made.values():
        session.close()


@pytest.fixture(name="session_of")
def session_of_options(connection_options: t.Callable[..., t.Any]) -> t.Callable[..., Session]:
    """session_of(**options) is the session for a connection with these options."""
    return lambda **named: sessions.session_for(connection.from_options(connection_options(**named)))


def test_equal_connections_share_a_session(session_of):
    assert session_of() is session_of()


@pytest.mark.parametrize(
    "other",
    [
        {"api_url": "https://api.example.com"},
        {"team_id": "other-team"},
        {"api_token": "another-token"},
        {"validate_certs": False},
        {"ca_path": os.sep},
        {"timeout": 1},
        {"retries": 1},
    ],
    ids=str,
)
def test_each_property_of_a_connection_has_a_session_of_its_own(session_of, other):
    assert session_of(**other) is not session_of()


@pytest.mark.parametrize("variable, value", [("HTTPS_PROXY", "http://127.0.0.1:1"), ("SSL_CERT_FILE", os.sep)])
def test_another_environment_has_its_own_session(session_of, monkeypatch, variable, value):
    before = session_of()
    monkeypatch.setenv(variable, value)
    assert session_of() is not before
    monkeypatch.delenv(variable)
    assert session_of() is before


def test_a_forked_process_has_sessions_of_its_own(session_of, monkeypatch):
    before = session_of()
    monkeypatch.setattr(os, "getpid", lambda: 0)
    assert session_of() is not before


def test_the_last_used_of_many_are_kept(session_of):
    first, second = (session_of(team_id=f"team-{number}") for number in (1, 2))
    for number in range(3, 9):
        session_of(team_id=f"team-{number}")
    assert session_of(team_id="team-1") is first
    session_of(team_id="team-9")
    assert session_of(team_id="team-1") is first
    assert session_of(team_id="team-2") is not second


def test_each_task_counts_its_own_requests(session_of, emulator):
    counts = []
    for number in (1, 2):
        client = Client(session_of(api_url=emulator.url), Secrets())
        for repetition in range(number):
            client.fetch(operations.GET_JOB, TARGET)
        counts.append(client.report()["requests"])
    assert (counts, len({request.connection for request in emulator.requests})) == ([1, 2], 1)
