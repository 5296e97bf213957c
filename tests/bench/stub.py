# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP server in a process of its own that sends fixed responses at almost no cost, and counts.

The emulator checks each request against the contract, which would take longer than what is measured.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import typing as t
from multiprocessing.connection import Connection
from types import TracebackType

HOST = "127.0.0.1"
_NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_END_OF_HEAD = b"\r\n\r\n"


class Counts(t.NamedTuple):
    """The counts of the stub since the last call."""

    requests: int
    connections: int


class Stub:
    """The stub for the benchmark. responses: {beginning of a path: response as raw bytes of HTTP/1.1}."""

    def __init__(self, responses: t.Mapping[str, bytes]) -> None:
        # Not forked, because the stub must not keep what this process has open, such as pipes.
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(far_end, dict(responses)), daemon=True)
        self.url = ""

    def counts(self) -> Counts:
        """The counts since the last call."""
        self._pipe.send(None)
        return Counts(*self._pipe.recv())

    def __enter__(self) -> Stub:
        self._process.start()
        self.url = f"http://{HOST}:{self._pipe.recv()}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.join()


def serve(pipe: Connection, responses: t.Mapping[str, bytes]) -> None:
    """Send the port through the pipe, then serve all connections in turn, and send the counts on request."""
    listener = socket.create_server((HOST, 0), backlog=128)
    pipe.send(listener.getsockname()[1])
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(pipe, selectors.EVENT_READ)
    unread: dict[socket.socket, bytes] = {}
    prefixes = [(prefix.encode(), response) for prefix, response in responses.items()]
    requests = connections = 0
    while True:
        for key, events in selector.select():
            ready: t.Any = key.fileobj
            if ready is pipe:
                pipe.recv()
                pipe.send((requests, connections))
                requests = connections = 0
            elif ready is listener:
                connection, address = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ)
                unread[connection] = b""
                connections += 1
            else:
                heads, unread[ready] = _read(ready, unread[ready])
                requests += len(heads or ())
                if not _respond(ready, heads, prefixes):
                    selector.unregister(ready)
                    del unread[ready]
                    ready.close()


def _read(connection: socket.socket, unread: bytes) -> tuple[list[bytes] | None, bytes]:
    """The heads of the requests so far, and the beginning of the next one. None if the client has disconnected."""
    try:
        data = connection.recv(65536)
    except ConnectionError:
        data = b""
    if not data:
        return None, b""
    *heads, rest = (unread + data).split(_END_OF_HEAD)
    return heads, rest


def _respond(connection: socket.socket, heads: list[bytes] | None, prefixes: list[tuple[bytes, bytes]]) -> bool:
    """Respond to requests, which have no bodies. Returns False if the connection must be closed."""
    if heads is None:
        return False
    for head in heads:
        path = head.split(b" ", 2)[1]
        try:
            connection.sendall(next((response for prefix, response in prefixes if path.startswith(prefix)), _NOTHING))
        except ConnectionError:
            return False
        if b"\r\nconnection: close" in head.lower():
            return False
    return True
