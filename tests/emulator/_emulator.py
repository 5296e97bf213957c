# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The emulator as a context manager in Python: a world and its server."""

from __future__ import annotations

import ssl
from types import TracebackType

from ._server import Server
from ._world import World


class Emulator(World):
    """A Northflank jobs API on a free port of this machine. See World for its attributes and methods."""

    def __init__(
        self,
        *,
        state: str = "current",
        objects: str = "replace",
        maps: str = "replace",
        team: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        verbose: bool = False,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(state, objects, maps, team)
        self._server = Server(self, host, port, verbose, ssl_context)
        scheme, name = "https" if ssl_context else "http", f"[{host}]" if ":" in host else host
        self.url = f"{scheme}://{name}:{self._server.port}"

    def start(self) -> None:
        """Serve until stop() is called."""
        self._server.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
