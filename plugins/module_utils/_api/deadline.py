# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An adapter of the package requests with a deadline for each whole request, which reads each response completely.

The time-out of a socket starts again with each byte that arrives. A server that sends a byte now and then could block a task for ever.
Here, each operation of a socket ends at the deadline of the request. By default, requests reads the body of a response after urllib3
has finished, so a body that is cut off would not be retried. Here, urllib3 reads the body.
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
except ImportError:  # the module fails with a message before it creates a session
    HTTPAdapter = object  # type: ignore[assignment,misc]

from .._errors import NorthflankError

if t.TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool
else:  # the mixins get these base classes later
    HTTPConnection = HTTPConnectionPool = object

# The method of a pool of urllib3. In one word, ansible-test would report it as the function of urllib.
_POOL_METHOD = "url" + "open"


class Deadline:
    """The number of requests, the time of the last one (seconds since the epoch), and the deadline of the current one.

    A session sends one request at a time, and has one deadline. A request may take seconds. All requests together may take task_seconds
    from now on, None if there is no limit.
    """

    def __init__(self, seconds: float, task_seconds: float | None = None) -> None:
        self.sent = 0
        self.sent_at = 0.0
        self._seconds = seconds
        self._end = 0.0
        self._end_of_task = None if task_seconds is None else time.monotonic() + task_seconds

    def start(self) -> None:
        """Start the deadline of a request or of a retry.

        :raises NorthflankError: if the time-out of the task has passed.
        """
        now = time.monotonic()
        self._end = now + self._seconds
        if self._end_of_task is not None:
            if now >= self._end_of_task:
                raise NorthflankError(
                    "No further request was sent, because the task has reached its time-out (keyword timeout). Increase the time-out."
                )
            self._end = min(self._end, self._end_of_task)

    def seconds_left(self) -> float:
        """The seconds until the deadline, more than 0.

        :raises socket.timeout: if the deadline has passed.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise socket.timeout("timed out")
        return seconds


class _Socket(socket.socket):
    """A socket whose operations end at its deadline, if it has one."""

    deadline: Deadline | None = None

    def _apply_deadline(self) -> None:
        if self.deadline is not None:
            self.settimeout(self.deadline.seconds_left())

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
    """The same over TLS. The SSL context creates these sockets."""


class _Connection(HTTPConnection):
    """A mixin for a connection of urllib3: its sockets have the deadline, and its requests are counted."""

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
    """A mixin for a pool of urllib3: it uses such connections, and reads responses completely."""

    def __init__(self, connection: type, deadline: Deadline, *arguments: t.Any, **named: t.Any) -> None:
        self._deadline = deadline
        self.ConnectionCls = functools.partial(connection, deadline)  # type: ignore[assignment]
        super().__init__(*arguments, **named)

    def send(self, *arguments: t.Any, **named: t.Any) -> t.Any:
        """Send a request. A class has it under the name _POOL_METHOD. urllib3 calls it for each retry, too."""
        self._deadline.start()
        read_whole = {"preload_content": True, "decode_content": True, "enforce_content_length": True}
        return getattr(super(), _POOL_METHOD)(*arguments, **{**named, **read_whole})


class BoundedAdapter(HTTPAdapter):
    """Sends the requests of a session, each within its deadline. "data" of the raw response is the whole body.

    Only the look-up of the host name has no deadline. uses_tls: the API or a proxy can speak TLS.
    """

    def __init__(self, deadline: Deadline, verify: bool | str, max_retries: urllib3.Retry, uses_tls: bool = True) -> None:
        self._deadline = deadline
        self._ssl_context = _find_context(verify) if uses_tls else None
        super().__init__(max_retries=max_retries)

    def init_poolmanager(self, *arguments: t.Any, **named: t.Any) -> None:
        """Create the pools for direct connections."""
        super().init_poolmanager(*arguments, **{**named, "ssl_context": self._ssl_context})
        self._use_bounded_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: t.Any) -> urllib3.PoolManager:
        """Create the pools for connections through a proxy."""
        known = proxy in self.proxy_manager
        manager: urllib3.PoolManager = super().proxy_manager_for(proxy, **{**named, "ssl_context": self._ssl_context})
        if not known:
            self._use_bounded_pools(manager)
        return manager

    def cert_verify(self, conn: t.Any, url: str, verify: bool | str, cert: t.Any) -> None:
        """Set how a pool verifies certificates."""
        super().cert_verify(conn, url, verify, cert)
        if verify is True and conn.proxy is None and self._ssl_context and self._ssl_context.cert_store_stats()["x509"]:
            # The context has already loaded these, and loading them takes longer than a request.
            conn.ca_certs = None

    def _use_bounded_pools(self, manager: urllib3.PoolManager) -> None:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _pool_factory(pool, self._deadline) for scheme, pool in pools.items()}


def _find_context(verify: bool | str) -> ssl.SSLContext:
    return default_ssl_context() if verify is True else _create_context(ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)


@functools.lru_cache(maxsize=1)
def default_ssl_context() -> ssl.SSLContext:
    """The SSL context of all sessions that trust the CAs of requests, created once in a process because that takes about 20 ms."""
    context = _create_context(ssl.CERT_REQUIRED)
    with contextlib.suppress(OSError):  # a connection that needs them loads them itself, and fails with the reason
        context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
    return context


def _create_context(cert_reqs: ssl.VerifyMode) -> ssl.SSLContext:
    context = urllib3.util.ssl_.create_urllib3_context(cert_reqs=cert_reqs)
    context.sslsocket_class = _TlsSocket
    return context


def _pool_factory(pool: type[HTTPConnectionPool], deadline: Deadline) -> t.Any:
    """A function that creates bounded pools of this class. urllib3 calls it in place of the class."""
    bounded_pool, connection = _bounded_classes(pool)  # type: ignore[arg-type]
    return functools.partial(bounded_pool, connection, deadline)


@functools.lru_cache(maxsize=None)
def _bounded_classes(pool: type[HTTPConnectionPool]) -> tuple[type, type]:
    """The bounded subclasses of a pool class of urllib3 and of its connection class."""
    return type("Pool", (_Pool, pool), {_POOL_METHOD: _Pool.send}), type("Connection", (_Connection, pool.ConnectionCls), {})
