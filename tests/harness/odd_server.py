# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTP server that sends any response that a test defines."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import ssl
import sys
import threading
import typing as t


class Odd(t.NamedTuple):
    """One response of OddServer.

    promised is the number of missing bytes of a truncated body. slow is the part that is sent byte by byte: "head" or "body".
    """

    status: int = 200
    body: t.Any = None
    headers: t.Mapping[str, str] = {}
    delay: float = 0
    promised: int = 0
    slow: str = ""


# A valid response to any operation on a job.
OK = Odd(body={"data": {"id": "a"}})


def api_error(message: t.Any, status: int = 400, **more: t.Any) -> Odd:
    """A response in the documented shape of an error."""
    return Odd(status, {"error": {"status": status, "message": message, **more}})


def too_many(**headers: str) -> Odd:
    """The response to a request if the quota is used up, with these headers."""
    return Odd(
        429, {"error": {"status": 429, "message": "Too many requests"}}, {name.replace("_", "-"): text for name, text in headers.items()}
    )


class OddServer:
    """A server that sends its responses in turn, and then always the last one. It notes headers, path and body of each request.

    With an ssl_context, it speaks TLS. A CONNECT, as to a proxy, gets the next response too.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self.responses: list[Odd] = [OK]
        self.seen: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.bodies: list[t.Any] = []
        # Seconds between two bytes of a slow response.
        self.interval = 0.05
        self._stopped = threading.Event()
        odd = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Sends the next response to each request."""

            def respond(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                odd.bodies.append(json.loads(sent) if sent else None)
                odd.seen.append({name.lower(): value for name, value in self.headers.items()})
                odd.paths.append(self.path)
                response = odd.responses.pop(0) if len(odd.responses) > 1 else odd.responses[0]
                odd._stopped.wait(response.delay)  # a test may have replaced time.sleep
                body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
                head = self.head(response, len(body) + response.promised)
                with contextlib.suppress(OSError):  # the client did not wait
                    self.write(head, response.slow == "head")
                    self.write(body, response.slow == "body")

            def head(self, response: Odd, length: int) -> bytes:
                connection, self.wfile = self.wfile, io.BytesIO()
                self.send_response(response.status)
                self.send_header("Content-Length", str(length))
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                written, self.wfile = self.wfile.getvalue(), connection
                return written

            def write(self, sent: bytes, slowly: bool) -> None:
                if not slowly:
                    self.wfile.write(sent)
                    return
                for byte in sent:
                    self.wfile.write(bytes([byte]))
                    odd._stopped.wait(odd.interval)

            do_GET = do_PATCH = do_POST = do_PUT = do_DELETE = do_CONNECT = respond

            def log_message(self, *arguments: t.Any) -> None:  # pylint: disable=arguments-differ
                """Log no requests."""

        class Server(http.server.ThreadingHTTPServer):
            """Speaks TLS if there is an ssl_context, and reports no clients that disconnect."""

            daemon_threads = True

            def finish_request(self, request: t.Any, client_address: t.Any) -> None:
                """Serve one connection."""
                if ssl_context is None:
                    super().finish_request(request, client_address)
                else:
                    with ssl_context.wrap_socket(request, server_side=True) as wrapped:
                        super().finish_request(wrapped, client_address)

            def handle_error(self, request: t.Any, client_address: t.Any) -> None:
                """Report errors other than failed connections, which the client reports."""
                if not isinstance(sys.exc_info()[1], OSError):
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "http" if ssl_context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Stop the server, and end the responses that are being sent."""
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
