# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one request by the package requests, with the time-outs and retries of this collection, and describes failures."""

from __future__ import annotations

import http.client
import re
import time
import typing as t

try:
    import requests
    import requests.utils
    import urllib3
    import urllib3.exceptions
except ImportError:  # the module fails with a message before it creates a session
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

from .._errors import NorthflankError, format_seconds
from .deadline import BoundedAdapter, Deadline
from .operations import Operation
from .settings import ConnectionSettings

_RETRIED_METHODS = frozenset({"GET", "PATCH"})
_RETRIED_STATUSES = frozenset({502, 503, 504})
_BACKOFF_SECONDS = 0.5
_MAX_IDLE_SECONDS = 30
# The object at the beginning of error texts of urllib3 and requests.
_OBJECT_PREFIX = re.compile(r"^(?:<[^>]*>|None|\w+\([^)]*\)): ")
# The reasons that the versions of OpenSSL give for a response that is not TLS.
_NOT_TLS_REASONS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
# The names at the beginning and the end of error texts of OpenSSL, which only a developer knows.
_OPENSSL_MARKS = re.compile(r"^\[[A-Z0-9_: ]+\] | ?\(_ssl\.c:\d+\)$")


class Response(t.NamedTuple):
    """The status, the headers by their names in lower case, and the whole body of a response."""

    status_code: int
    headers: dict[str, str]
    content: bytes


class SendFailure(NorthflankError):
    """There is no response. may_have_arrived: whether the API may have received the request."""

    def __init__(self, text: str, may_have_arrived: bool) -> None:
        super().__init__(text)
        self.may_have_arrived = may_have_arrived


class Session:
    """Connections that send the token and retry what is safe to retry, for one task or for several.

    task_seconds is how long it may send requests from now on, None if there is no limit. replacements maps, for all tasks of the session,
    each operation that the API no longer has to the one that replaces it. was_retried: the last request was sent more than once.
    """

    def __init__(self, settings: ConnectionSettings, task_seconds: float | None = None) -> None:
        self.settings = settings
        self.replacements: dict[Operation, Operation] = {}
        self._last_used = time.monotonic()
        self._deadline = Deadline(settings.timeout, task_seconds)
        self._session = requests.Session()
        token = settings.token

        def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

        # As auth, because requests replaces a header by the entry of a .netrc file.
        self._session.auth = authorize
        self._session.headers["Accept"] = "application/json"
        # The settings contain what the environment sets, so that a session does the same for each request.
        self._session.trust_env = False
        self._session.proxies = dict(settings.proxies)
        self._session.verify = settings.verify
        self.was_retried = False
        # Over plain HTTP, as to an emulator, a session needs no TLS context, which takes about 20 ms.
        uses_tls = settings.base_url.startswith("https:") or bool(settings.proxies)
        self._adapter = adapter = BoundedAdapter(self._deadline, settings.verify, _retry(settings.retries, _RETRIED_METHODS), uses_tls)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        if settings.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    @property
    def requests(self) -> int:
        """The number of requests that were sent, retries included."""
        return self._deadline.sent

    @property
    def sent_at(self) -> float:
        """When the last request was sent, in seconds since the epoch."""
        return self._deadline.sent_at

    def send(self, operation: Operation, url: str, query: str, body: t.Mapping[str, t.Any] | None) -> Response:
        """The response to a request of an operation.

        :raises SendFailure: if there is none. Its text contains neither the token nor the body.
        """
        before = self.requests
        is_retried = operation.is_retried or operation.method in _RETRIED_METHODS
        methods = _RETRIED_METHODS | {operation.method} if is_retried else _RETRIED_METHODS
        self._adapter.max_retries = _retry(self.settings.retries, methods)
        # A gateway may have dropped an idle connection without notice. A request that must not be sent twice gets a new connection:
        # if that fails before the request was sent, _retry() allows a retry.
        if time.monotonic() - self._last_used > _MAX_IDLE_SECONDS or not is_retried:
            self.close()
        try:
            response = self._session.request(
                operation.method,
                url,
                params=query,
                json=body,
                timeout=self.settings.timeout,
                allow_redirects=False,
                stream=True,  # the adapter has already read the body
            )
        # The errors of requests are OSErrors. Some URLs of a proxy lead to a TypeError.
        except (OSError, UnicodeError, TypeError, urllib3.exceptions.HTTPError) as error:
            raise SendFailure(_describe_failure(error, self.settings), self.requests > before) from None
        finally:
            self._last_used = time.monotonic()
            self.was_retried = self.requests > before + 1
        return Response(response.status_code, {name.lower(): text for name, text in response.headers.items()}, response.raw.data)

    def close(self) -> None:
        """Close the connections. The next request opens a new one."""
        self._session.close()


def _retry(retries: int, methods: frozenset[str]) -> urllib3.Retry:
    """Retries of the requests of these methods. A connection that cannot be made is tried again for each method."""
    return urllib3.Retry(
        total=retries,
        allowed_methods=methods,
        status_forcelist=_RETRIED_STATUSES,
        other=0,  # such as a certificate that is not valid
        redirect=0,
        backoff_factor=_BACKOFF_SECONDS,
        respect_retry_after_header=False,  # urllib3 would wait longer than rate_limit_wait
        raise_on_status=False,
    )


def _describe_failure(error: Exception, settings: ConnectionSettings) -> str:
    reasons = list(_causes(error))
    innermost = reasons[-1]
    reason = _format_error(innermost)
    if isinstance(error, requests.exceptions.SSLError):
        if getattr(innermost, "reason", None) in _NOT_TLS_REASONS:
            return (
                "the TLS connection failed: the server does not speak TLS. Use http:// in api_url, or the port where the server speaks TLS."
            )
        return f"the TLS connection failed: {reason}. If the server has a certificate of your own CA, set ca_path."
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.InvalidSchema)):
        return f"the proxy cannot be used: {reason}. {settings.proxy_advice}"
    if isinstance(error, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, TypeError)) and _has_proxy(settings):
        # The message does not contain the URL, which may contain a user name and a password.
        return f"the proxy cannot be used: its URL is not valid. Use a URL such as http://proxy.example.com:3128. {settings.proxy_advice}"
    # In urllib3 1.26, a refused connection is a time-out, too.
    if isinstance(innermost, urllib3.exceptions.TimeoutError) and not isinstance(innermost, urllib3.exceptions.NewConnectionError):
        missing = "connection" if isinstance(innermost, urllib3.exceptions.ConnectTimeoutError) else "response"
        return f"no {missing} within {format_seconds(settings.timeout)} (timeout). Check api_url and the network, or increase timeout."
    if any(isinstance(each, http.client.IncompleteRead) for each in reasons):
        return "the response was cut off. If this happens again, check proxies and the network."
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"the connection failed: {reason}. Check api_url and the network."
    return f"the request failed: {reason}."


def _has_proxy(settings: ConnectionSettings) -> bool:
    return bool(requests.utils.select_proxy(settings.base_url, dict(settings.proxies)))


def _format_error(error: BaseException) -> str:
    """The text of an exception, without the names of objects, files and constants that only a developer knows."""
    last = error.args[-1] if isinstance(error, urllib3.exceptions.HTTPError) and error.args else None
    text = last if isinstance(last, str) else str(error)
    return _OPENSSL_MARKS.sub("", _OBJECT_PREFIX.sub("", text)).rstrip(".") or type(error).__name__


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """An exception of requests or urllib3, the exception that it wraps, and so on to the innermost."""
    yield error
    wrapped = (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args)
    reason = next((inner for inner in wrapped if isinstance(inner, BaseException)), None)
    if reason is not None:
        yield from _causes(reason)
