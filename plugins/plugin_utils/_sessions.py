# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of this process, so that the items of a loop share a TCP and a TLS connection. All that outlives a task is here."""

from __future__ import annotations

import os

from ..module_utils._api.settings import ConnectionSettings
from ..module_utils._api.transport import Session

# For a loop over several teams or tokens. Each holds a socket open.
_MOST = 8

# The one used last stands last.
_kept: dict[tuple[int, ConnectionSettings], Session] = {}


def session_for(connection: ConnectionSettings) -> Session:
    """The session of this process for a connection: same URL, team, token, TLS, proxies and limits."""
    # A forked process has the dictionary of its parent. Two that read from one socket get each other's answers.
    key = os.getpid(), connection
    known = _kept.pop(key, None)
    _kept[key] = known or Session(connection)
    while len(_kept) > _MOST:
        _kept.pop(next(iter(_kept))).close()
    return _kept[key]
