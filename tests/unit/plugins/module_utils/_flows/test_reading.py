# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sub-resource that can show several unknown fields is read once, also if it does not show all of them."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reading import SubResources
from ansible_collections.northflank.cloud.plugins.module_utils._job import deployment
from harness.client_data import TARGET
from harness.odd_server import Odd, api_error

ROWS = [*deployment.rows_of("deployment.docker"), *deployment.rows_of("deployment.external")]
IMAGE = {"external": {"imagePath": "nginx:1", "registryProvider": "custom", "privateImage": False}}


@pytest.mark.parametrize("response, image", [(Odd(body={"data": IMAGE}), "nginx:1"), (api_error("Not Found", 404), None)])
def test_a_sub_resource_is_read_once_for_all_unknown_rows(odd_server, client_of, response, image):
    odd_server.responses = [response]
    known = SubResources(client_of(odd_server.url)).read_unknown(ROWS, TARGET, {}, {"backoffLimit": 2})
    assert (known["backoffLimit"], known.get("deployment.external.imagePath")) == (2, image)
    assert len(odd_server.paths) == 1


def test_nothing_is_read_if_all_rows_are_known(odd_server, client_of):
    known = dict.fromkeys(row.path for row in ROWS)
    assert SubResources(client_of(odd_server.url)).read_unknown(ROWS, TARGET, {}, known) == known
    assert odd_server.paths == []
