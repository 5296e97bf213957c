# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of this process. The items of a loop share their TCP and TLS connections. Only this file keeps anything after a task."""

from __future__ import annotations

import os

from ..module_utils._api.settings import ConnectionSettings
from ..module_utils._api.transport import Session

# Enough for a loop over several teams or tokens. Each keeps a socket open.
_MAX_SESSIONS = 8

# The most recently used one is the last.
_open_sessions: dict[tuple[int, ConnectionSettings], Session] = {}


def session_for(connection: ConnectionSettings) -> Session:
    """The session of this process for these settings: the same URL, team, token, TLS, proxies and limits."""
    # A forked process inherits the dictionary. Two processes that read from one socket would get the responses of each other.
    key = os.getpid(), connection
    session = _open_sessions.pop(key, None)
    _open_sessions[key] = session or Session(connection)
    while len(_open_sessions) > _MAX_SESSIONS:
        _open_sessions.pop(next(iter(_open_sessions))).close()
    return _open_sessions[key]
