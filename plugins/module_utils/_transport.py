# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending one request by requests, with the rules of this collection, and its failures in words."""

from __future__ import annotations

import collections
import re
import typing as t

try:
    import requests
    import requests.adapters
    import requests.auth
    import urllib3
    import urllib3.exceptions
except ImportError:  # the module says so before it makes a session
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

from ansible_collections.northflank.cloud.plugins.module_utils._connection import Connection
from ansible_collections.northflank.cloud.plugins.module_utils._errors import NorthflankError

_REPEATABLE_METHODS = frozenset({"GET", "PATCH"})
_REPEATABLE_STATUSES = frozenset({502, 503, 504})
_BACKOFF_SECONDS = 0.5
_OBJECT = re.compile(r"^(?:<[^>]*>|\w+\([^)]*\)): ")


class Answer(t.NamedTuple):
    """What came back: headers by their names in lower case, the body whole."""

    status_code: int
    headers: dict[str, str]
    content: bytes


class Failure(NorthflankError):
    """No answer came. sent counts the requests that were tried."""

    def __init__(self, text: str, sent: int) -> None:
        super().__init__(text)
        self.sent = sent


def session(connection: Connection) -> requests.Session:
    """A session that knows the token and repeats what is safe to repeat."""
    result = requests.Session()
    token = connection.token

    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    # As auth, since requests replaces a mere header by what it finds in a .netrc file.
    result.auth = authorize
    result.headers["Accept"] = "application/json"
    for scheme in ("https://", "http://"):
        result.mount(scheme, requests.adapters.HTTPAdapter(max_retries=_retry(connection.retries)))
    if connection.verify is False:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return result


def send(
    session_: requests.Session,
    connection: Connection,
    method: str,
    url: str,
    query: str,
    body: t.Mapping[str, t.Any] | None,
) -> tuple[Answer, int]:
    """The answer to a request, and how many requests it took.

    :raises Failure: if none came; its text holds neither the token nor the body.
    """
    failed = session_.get_adapter(url).max_retries.failed
    failed.clear()
    try:
        response = session_.request(
            method,
            url,
            params=query,
            json=body,
            timeout=connection.timeout,
            allow_redirects=False,
            # Given with each request: of a session's own value the environment's CA bundle would take the place.
            verify=connection.verify,
        )
    except (OSError, UnicodeError, urllib3.exceptions.HTTPError) as error:  # those of requests are OSErrors
        cut = isinstance(error, requests.exceptions.ChunkedEncodingError)
        raise Failure(_words(error, connection), sum(failed.values()) + cut) from None
    history = getattr(response.raw.retries, "history", ())
    return Answer(response.status_code, {name.lower(): text for name, text in response.headers.items()}, response.content), 1 + len(history)


def _retry(retries: int) -> urllib3.Retry:
    class CountingRetry(urllib3.Retry):
        """Counts the requests that failed, since an exception of urllib3 does not tell how many there were.

        urllib3 makes a copy for each repetition, so the counter is an object that the copies share.
        """

        failed: t.ClassVar[collections.Counter[str]] = collections.Counter()

        def increment(self, method: str | None = None, *arguments: t.Any, **named: t.Any) -> urllib3.Retry:
            self.failed[str(method)] += 1
            return super().increment(method, *arguments, **named)

    return CountingRetry(
        total=retries,
        allowed_methods=_REPEATABLE_METHODS,
        status_forcelist=_REPEATABLE_STATUSES,
        other=0,  # a bad certificate stays bad
        redirect=0,
        backoff_factor=_BACKOFF_SECONDS,
        respect_retry_after_header=False,  # urllib3 would sleep by itself, past rate_limit_wait
        raise_on_status=False,
    )


def _words(error: Exception, connection: Connection) -> str:
    innermost = _innermost(error)
    reason = _OBJECT.sub("", str(innermost)).rstrip(".") or type(innermost).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return f"the TLS connection failed: {reason}. If the server's CA is your own, name it with ca_path."
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy cannot be used: {reason}. Check HTTPS_PROXY and NO_PROXY in the environment."
    # After the last repetition requests tells a time-out as a failed connection. To urllib3 1.26 a refused one is a time-out too.
    timed_out = isinstance(innermost, urllib3.exceptions.TimeoutError) and not isinstance(innermost, urllib3.exceptions.NewConnectionError)
    if timed_out or isinstance(error, requests.exceptions.ReadTimeout):
        return f"no answer within {connection.timeout:g} seconds (timeout): {reason}."
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer was cut off. Run the task again; if that goes on, check what stands between here and the API."
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"the connection failed: {reason}. Check api_url and the network."
    return f"the request failed: {reason}."


def _innermost(error: BaseException) -> BaseException:
    """The innermost reason of an exception of requests or urllib3, most of which only wrap another."""
    wrapped = (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args[:1])
    reason = next((inner for inner in wrapped if isinstance(inner, BaseException)), None)
    return error if reason is None else _innermost(reason)
