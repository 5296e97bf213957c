# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over several requests: one connection as long as it is used, and what is trusted."""

from __future__ import annotations

import pytest
import requests.certs
from unit.plugins.module_utils.asking import IDS
from unit.plugins.module_utils.odd_server import OddServer

from ansible_collections.northflank.cloud.plugins.module_utils import _bounded as bounded
from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _transport as transport


@pytest.mark.parametrize("longest_idle, connections", [(30, 1), (-1, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(client_of, emulator, monkeypatch, longest_idle, connections):
    monkeypatch.setattr(transport, "_LONGEST_IDLE", longest_idle)
    client = client_of(emulator.url)
    for repetition in range(2):
        client.call(endpoints.GET_JOB, IDS)
    assert len({request.connection for request in emulator.requests}) == connections


def test_the_cas_of_requests_are_trusted(client_of, certificates, monkeypatch):
    monkeypatch.setattr(requests.certs, "where", lambda: str(certificates.file))
    bounded.trusting_context.cache_clear()
    server = OddServer(certificates.context("127.0.0.1"))
    try:
        assert client_of(server.url).call(endpoints.GET_JOB, IDS) == {"id": "a"}
    finally:
        server.stop()
        bounded.trusting_context.cache_clear()
