# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A success, also compressed, and one that did not come from the API: a page, no body, text that is not JSON, or another shape."""

from __future__ import annotations

import gzip
import zlib

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._errors import TransportError
from harness.client_data import GET, PATCH, TARGET
from harness.odd_server import Odd


@pytest.mark.parametrize(
    "response, reason",
    [
        (Odd(body=b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}), "it is not JSON"),
        (Odd(body=b""), "it is not JSON"),
        (Odd(204, b""), "it is not JSON"),
        (Odd(body=b'{"data": {'), "it is not JSON"),
        (Odd(body=b"\xff\xfe"), "it is not JSON"),
        (Odd(body=[]), "it does not contain data"),
        (Odd(body="text"), "it does not contain data"),
        (Odd(body={}), "it does not contain data"),
        (Odd(body={"data": None}), "it does not contain data"),
        (Odd(body={"data": [1]}), "it does not contain data"),
        (Odd(body={"data": {}}), "its data does not contain id"),
        (Odd(body={"data": {"ok": True}}), "its data does not contain id"),
    ],
    ids=str,
)
def test_a_success_that_did_not_come_from_the_api_is_reported(failure_of, response, reason):
    expected = f"{GET}: the response with status {response.status} did not come from the API: {reason}. Check api_url and proxies."
    assert str(failure_of(TransportError, response)) == expected


@pytest.mark.parametrize("encoding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_response_is_read(odd_server, client_of, encoding, compress):
    odd_server.responses = [Odd(body=compress(b'{"data": {"id": "a"}}'), headers={"Content-Encoding": encoding})]
    assert client_of(odd_server.url).fetch(operations.GET_JOB, TARGET) == {"id": "a"}
    assert encoding in odd_server.seen[0]["accept-encoding"]


def test_such_a_success_of_a_write_is_reported_too(failure_of):
    text = str(failure_of(TransportError, Odd(body=b"<html>Welcome</html>"), operation=operations.PATCH_MANUAL_JOB))
    assert text.startswith(f"{PATCH}: the response with status 200 did not come from the API: it is not JSON.")


def test_it_is_not_repeated(odd_server, failure_of):
    failure_of(TransportError, Odd(body=b"<html>Welcome</html>"), retries=3)
    assert len(odd_server.paths) == 1


def test_a_response_of_only_brackets_is_reported_as_not_json(failure_of):
    assert "it is not JSON" in str(failure_of(TransportError, Odd(body=b"[" * 100_000)))
