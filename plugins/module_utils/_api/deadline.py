# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An adapter of requests whose requests end in time as a whole, and whose answers are read whole before they are given.

The time-out of a socket starts anew with each byte that comes, so that a server which sends one now and then could hold a task
for ever. Here the sockets ask how long the request may still take. And requests reads the body of an answer after urllib3
has let go of it: a cut one would not be repeated. Here urllib3 reads it.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import time
import typing as t

try:
    import requests.utils
    import urllib3.util.ssl_
    from requests.adapters import HTTPAdapter
except ImportError:  # the module says so before it makes a session
    HTTPAdapter = object  # type: ignore[assignment,misc]

from .._errors import NorthflankError

if t.TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool
else:  # mixed into classes that are these
    HTTPConnection = HTTPConnectionPool = object

# What a pool of urllib3 calls its method. In one word ansible-test would take it for the function of urllib.
_SEND = "url" + "open"


class Deadline:
    """How many requests were sent, when the last one was (seconds since the epoch), and when the present one has to be over.

    A session sends one at a time, and has one of these. seconds is how long a request may take, task_seconds how long all of them may
    take from now on, None if that has no end.
    """

    def __init__(self, seconds: float, task_seconds: float | None = None) -> None:
        self.sent = 0
        self.sent_at = 0.0
        self._seconds = seconds
        self._end = 0.0
        self._end_of_task = None if task_seconds is None else time.monotonic() + task_seconds

    def start(self) -> None:
        """Begin to count the seconds of a request, or of its repetition.

        :raises NorthflankError: if the task has ended.
        """
        now = time.monotonic()
        self._end = now + self._seconds
        if self._end_of_task is not None:
            if now >= self._end_of_task:
                raise NorthflankError(
                    "No further request was sent, because the task has reached its time-out (keyword timeout). Increase the time-out."
                )
            self._end = min(self._end, self._end_of_task)

    def left(self) -> float:
        """The seconds left, more than 0.

        :raises socket.timeout: if none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class _Socket(socket.socket):
    """A socket none of whose operations outlasts the present request, once it has a deadline."""

    deadline: Deadline | None = None

    def _apply_deadline(self) -> None:
        if self.deadline is not None:
            self.settimeout(self.deadline.left())

    def recv(self, *arguments: t.Any) -> bytes:
        self._apply_deadline()
        return super().recv(*arguments)

    def recv_into(self, *arguments: t.Any) -> int:
        self._apply_deadline()
        return super().recv_into(*arguments)

    def send(self, *arguments: t.Any) -> int:
        self._apply_deadline()
        return super().send(*arguments)

    def sendall(self, *arguments: t.Any) -> None:
        self._apply_deadline()
        return super().sendall(*arguments)


class _TlsSocket(_Socket, ssl.SSLSocket):
    """The same over TLS; the context makes them."""


class _Connection(HTTPConnection):
    """Mixed into a connection of urllib3: its sockets are bounded, and what is sent over them is counted."""

    def __init__(self, deadline: Deadline, *arguments: t.Any, **named: t.Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        bounded = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        bounded.settimeout(timeout)
        bounded.deadline = self._deadline
        return bounded

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _TlsSocket):
            self.sock.deadline = self._deadline

    def request(self, *arguments: t.Any, **named: t.Any) -> None:
        if self.sock is None:
            self.connect()
        self._deadline.sent += 1
        self._deadline.sent_at = time.time()
        super().request(*arguments, **named)


class _Pool(HTTPConnectionPool):
    """Mixed into a pool of urllib3: its connections are of that kind, and answers are read whole."""

    def __init__(self, connection: type, deadline: Deadline, *arguments: t.Any, **named: t.Any) -> None:
        self._deadline = deadline
        self.ConnectionCls = functools.partial(connection, deadline)  # type: ignore[assignment]
        super().__init__(*arguments, **named)

    def send(self, *arguments: t.Any, **named: t.Any) -> t.Any:
        """Send a request, under the name of _SEND; urllib3 calls this for each repetition too."""
        self._deadline.start()
        whole = {"preload_content": True, "decode_content": True, "enforce_content_length": True}
        return getattr(super(), _SEND)(*arguments, **{**named, **whole})


class BoundedAdapter(HTTPAdapter):
    """Sends the requests of a session, each within the seconds of its deadline; "data" of the raw response is the whole body.

    Only the look-up of the name is not bounded.
    """

    def __init__(self, deadline: Deadline, verify: bool | str, max_retries: urllib3.Retry) -> None:
        self._deadline = deadline
        self._context = default_ssl_context() if verify is True else _context(ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
        super().__init__(max_retries=max_retries)

    def init_poolmanager(self, *arguments: t.Any, **named: t.Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*arguments, **{**named, "ssl_context": self._context})
        self._bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: t.Any) -> urllib3.PoolManager:
        """Make the pools for connections by a proxy."""
        known = proxy in self.proxy_manager
        manager: urllib3.PoolManager = super().proxy_manager_for(proxy, **{**named, "ssl_context": self._context})
        if not known:
            self._bound(manager)
        return manager

    def cert_verify(self, conn: t.Any, url: str, verify: bool | str, cert: t.Any) -> None:
        """Have a pool verify certificates."""
        super().cert_verify(conn, url, verify, cert)
        if verify is True and conn.proxy is None and self._context.cert_store_stats()["x509"]:
            # The context holds these already, and to load them takes longer than a request.
            conn.ca_certs = None

    def _bound(self, manager: urllib3.PoolManager) -> None:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _maker(pool, self._deadline) for scheme, pool in pools.items()}


@functools.lru_cache(maxsize=1)
def default_ssl_context() -> ssl.SSLContext:
    """The context of all sessions that trust the CAs of requests, made once in a process: it takes about 20 ms."""
    context = _context(ssl.CERT_REQUIRED)
    with contextlib.suppress(OSError):  # a connection that needs them loads them itself, and tells what is wrong
        context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
    return context


def _context(cert_reqs: ssl.VerifyMode) -> ssl.SSLContext:
    context = urllib3.util.ssl_.create_urllib3_context(cert_reqs=cert_reqs)
    context.sslsocket_class = _TlsSocket
    return context


def _maker(pool: type[HTTPConnectionPool], deadline: Deadline) -> t.Any:
    """What makes pools of this kind that are bounded, called as urllib3 calls the kind itself."""
    kind, connection = _bounded(pool)  # type: ignore[arg-type]
    return functools.partial(kind, connection, deadline)


@functools.lru_cache(maxsize=None)
def _bounded(pool: type[HTTPConnectionPool]) -> tuple[type, type]:
    """A kind of pool of urllib3, and of its connections, as this file has them."""
    return type("Pool", (_Pool, pool), {_SEND: _Pool.send}), type("Connection", (_Connection, pool.ConnectionCls), {})
