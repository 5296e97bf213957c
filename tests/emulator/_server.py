# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The HTTP server: that of werkzeug, with connections that stay open (its own handler closes them after each response)."""

from __future__ import annotations

import io
import itertools
import os
import select
import selectors
import socket
import ssl
import struct
import threading
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from ._application import CONNECTION, FAULT, application
from ._faults import Fault
from ._world import World

# SO_LINGER with zero seconds: such a connection ends with an RST.
NO_LINGER = struct.pack("ii", 1, 0)


class Handler(WSGIRequestHandler):
    """One TCP connection, with any number of requests on it."""

    server: Server
    protocol_version = "HTTP/1.1"
    # A response is sent at once and in one piece. Otherwise each one would wait for a delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.number = self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.number)
        super().finish()

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        fault = self.server.world.take_fault(self.command, urlsplit(environ["REQUEST_URI"]).path)
        environ = {**environ, CONNECTION: self.number, FAULT: fault}
        if fault.kind == "reset before":
            environ = {**environ, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}
        elif not environ.get("wsgi.input_terminated"):
            # What the application does not read would be read as the next request.
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        response = Response.from_app(self.server.app, environ)
        if fault.kind in ("reset before", "reset after"):
            self.reset()
        else:
            self.send(response, fault)

    def reset(self) -> None:
        """Reset the connection without a response."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        # Not by close(), which waits for the files made of the socket, nor by shutdown(), which sends a FIN first.
        os.close(self.connection.detach())
        self.close_connection = True

    def send(self, response: Response, fault: Fault) -> None:
        """Send the response, as far and as fast as the fault allows."""
        if fault.kind == "late":
            self.wait(fault.details["seconds"])
        if fault.kind == "deaf":
            self.server.stop_listening()
        head, body = self.head(response, closes=fault.kind == "deaf"), response.get_data()
        if fault.kind == "cut body":
            body = body[: len(body) // 2]
            self.close_connection = True
        for part, slow_by in (head, "slow headers"), (body, "slow body"):
            if fault.kind == slow_by:
                self.send_slowly(part, fault.details["interval"])
            else:
                self.wfile.write(part)

    def head(self, response: Response, closes: bool) -> bytes:
        """Status line and headers of a response."""
        wfile, head = self.wfile, io.BytesIO()
        self.wfile = head
        try:
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if closes:
                self.send_header("Connection", "close")
            self.end_headers()
        finally:
            self.wfile = wfile
        return head.getvalue()

    def send_slowly(self, data: bytes, interval: float) -> None:
        """Send byte by byte, with an interval in seconds."""
        self.wfile.flush()
        for position in range(len(data)):
            self.wait(interval)
            self.connection.sendall(data[position : position + 1])

    def wait(self, seconds: float) -> None:
        """Wait. Raises ConnectionAbortedError if the client disconnects or the server stops before the end."""
        if select.select([self.connection], [], [], seconds)[0]:
            raise ConnectionAbortedError

    def log(self, type: str, message: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
        if self.server.verbose:
            super().log(type, message, *args)


class Server(ThreadedWSGIServer):
    """Accepts connections, one thread each, numbers them from 1, and ends them when it stops."""

    # The server does not wait for a client that has disconnected before it was accepted.
    timeout = 0

    def __init__(self, world: World, host: str, port: int, verbose: bool, ssl_context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, application(world), Handler)
        self.world = world
        self.verbose = verbose
        self.ssl_context = ssl_context
        self._numbers = itertools.count(1)
        self._connections: dict[int, socket.socket] = {}
        # To wake the thread that waits for clients, a byte is sent into the other end.
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection. TLS begins with its first read, because a client that sends nothing must not block others."""
        connection, address = super().get_request()
        if self.ssl_context:
            connection = self.ssl_context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def opened(self, connection: socket.socket) -> int:
        """Note a new connection, and return its number."""
        number = next(self._numbers)
        self._connections[number] = connection
        return number

    def closed(self, number: int) -> None:
        """Forget a connection."""
        self._connections.pop(number, None)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def _serve(self) -> None:
        """Accept connections until the end. serve_forever() would check for the end many times a second, in each of many emulators."""
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while self._ended not in [key.fileobj for key, events in selector.select()]:
                self.handle_request()
        self.server_close()

    def stop_listening(self) -> None:
        """Refuse new connections."""
        self._end.close()
        self._thread.join()
        self._ended.close()

    def stop(self) -> None:
        """Stop serving and end all connections, also those that clients keep open."""
        self.stop_listening()
        for connection in list(self._connections.values()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                # The client has closed it already.
                continue
