# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTP server that gives whatever answers a test tells it to."""

from __future__ import annotations

import http.server
import json
import threading
import typing as t


class Odd(t.NamedTuple):
    """One answer of the server for odd answers; promised bytes that the body lacks make it a truncated one."""

    status: int = 200
    body: t.Any = None
    headers: t.Mapping[str, str] = {}
    delay: float = 0
    promised: int = 0


class OddServer:
    """A server that gives the answers it was told, in turn, the last one for ever; it notes headers, path and body of each request."""

    def __init__(self) -> None:
        self.answers: list[Odd] = [Odd(body={"data": {}})]
        self.seen: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.bodies: list[t.Any] = []
        odd = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Gives the next answer, whatever is asked."""

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                odd.bodies.append(json.loads(sent) if sent else None)
                odd.seen.append({name.lower(): value for name, value in self.headers.items()})
                odd.paths.append(self.path)
                told = odd.answers.pop(0) if len(odd.answers) > 1 else odd.answers[0]
                threading.Event().wait(told.delay)  # a test may have replaced time.sleep
                body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(body) + told.promised))
                for name, value in told.headers.items():
                    self.send_header(name, value)
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # the client did not wait

            do_GET = do_PATCH = answer

            def log_message(self, *arguments: t.Any) -> None:  # pylint: disable=arguments-differ
                """Keep quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
