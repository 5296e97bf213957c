# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the machine that would reach the code under test."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec

_NAMES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NETRC",
)


def without_network_settings(patch: pytest.MonkeyPatch) -> None:
    """Unset the variables of proxies, certificates and passwords."""
    for name in (*_NAMES, *map(str.lower, _NAMES)):
        patch.delenv(name, raising=False)


def without_settings(patch: pytest.MonkeyPatch) -> None:
    """Unset these, and the variables for options of the modules."""
    for name in (*argument_spec.TOKEN_VARIABLES, *argument_spec.URL_VARIABLES, *argument_spec.TEAM_VARIABLES):
        patch.delenv(name, raising=False)
    without_network_settings(patch)
