# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over several requests: one connection as long as it is used, and what is trusted."""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

import pytest
import requests.adapters
import requests.utils
from ansible_collections.northflank.cloud.plugins.module_utils._api import deadline, operations, transport
from ansible_collections.northflank.cloud.plugins.module_utils._errors import TransportError
from harness.client_data import TARGET
from harness.odd_server import OddServer


@pytest.fixture(name="cas_of_requests")
def replaced_cas(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Callable[[pathlib.Path], None]]:
    """cas_of_requests(path) has requests trust the CAs in this file."""

    def trust(path: pathlib.Path) -> None:
        monkeypatch.setattr(requests.utils, "DEFAULT_CA_BUNDLE_PATH", str(path))
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(path))
        deadline.default_ssl_context.cache_clear()

    yield trust
    deadline.default_ssl_context.cache_clear()


@pytest.mark.parametrize("longest_idle, connections", [(30, 1), (-1, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(client_of, emulator, monkeypatch, longest_idle, connections):
    monkeypatch.setattr(transport, "_MAX_IDLE_SECONDS", longest_idle)
    client = client_of(emulator.url)
    for repetition in range(2):
        client.fetch(operations.GET_JOB, TARGET)
    assert len({request.connection for request in emulator.requests}) == connections


def test_the_cas_of_requests_are_trusted(client_of, certificates, cas_of_requests):
    cas_of_requests(certificates.file)
    with contextlib.closing(OddServer(certificates.context("127.0.0.1"))) as server:
        assert client_of(server.url).fetch(operations.GET_JOB, TARGET) == {"id": "a"}


def test_a_missing_ca_is_reported_if_it_is_needed(client_of, odd_server, cas_of_requests, tmp_path):
    cas_of_requests(tmp_path / "missing.pem")
    assert client_of(odd_server.url).fetch(operations.GET_JOB, TARGET) == {"id": "a"}
    with pytest.raises(TransportError, match="missing.pem"):
        client_of(odd_server.url.replace("http:", "https:")).fetch(operations.GET_JOB, TARGET)
