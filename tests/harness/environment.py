# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the machine that would reach whoever sends requests."""

from __future__ import annotations

import pytest

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
