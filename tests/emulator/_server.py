# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The HTTP server: werkzeug's, with connections that stay open (its own handler closes them after each answer)."""
from __future__ import annotations

import io
import itertools
import socket
import threading
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from ._application import CONNECTION, application
from ._world import World


class Handler(WSGIRequestHandler):
    """One TCP connection, with any number of requests on it."""

    server: Server
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece and at once: else each one waits for a delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.number = self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.number)
        super().finish()

    def run_wsgi(self) -> None:
        environ = {**self.make_environ(), CONNECTION: self.number}
        # What the application leaves unread would be taken for the next request.
        if not environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        response = Response.from_app(self.server.app, environ)
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.get_data())

    def log(self, type: str, message: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
        if self.server.verbose:
            super().log(type, message, *args)


class Server(ThreadedWSGIServer):
    """Accepts connections, one thread each, numbers them from 1, and ends them when it stops."""

    def __init__(self, world: World, host: str, port: int, verbose: bool) -> None:
        super().__init__(host, port, application(world), Handler)
        self.verbose = verbose
        self._numbers = itertools.count(1)
        self._connections: dict[int, socket.socket] = {}
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def opened(self, connection: socket.socket) -> int:
        """Note a new connection; its number."""
        number = next(self._numbers)
        self._connections[number] = connection
        return number

    def closed(self, number: int) -> None:
        """Forget a connection."""
        self._connections.pop(number, None)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and end all connections, also those that clients keep open."""
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections.values()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                # The client was faster.
                continue
