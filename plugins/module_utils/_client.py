# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of the API: ids into URLs, the quota, and errors in words. It knows URLs, not jobs. _transport.py sends for it."""

from __future__ import annotations

import html
import http
import json
import re
import time
import typing as t
import urllib.parse

from ansible_collections.northflank.cloud.plugins.module_utils import _connection as connections
from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _transport as transport
from ansible_collections.northflank.cloud.plugins.module_utils._endpoints import Operation
from ansible_collections.northflank.cloud.plugins.module_utils._errors import (
    FORBIDDEN,
    GONE_STATUSES,
    NOT_FOUND,
    TIMED_OUT_STATUSES,
    TOO_MANY_REQUESTS,
    ApiError,
    TransportError,
)
from ansible_collections.northflank.cloud.plugins.module_utils._secrets import Secrets

_LONGEST_QUOTE = 1000
_SHORTEST_WAIT = 1
_MOST_DIGITS = 9
# What of an HTML page is not for the eye.
_MARKUP = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
# What a path has in its braces, by the names of the options.
_IDS = {"project_id": "projectId", "job_id": "jobId", "run_id": "runId"}
_NAMED_IDS = (*_IDS, "team_id")

_OF_A_PROXY = 407
_ADVICE = {
    401: "The token is not valid: check api_token, and that it has not expired.",
    402: "The account lacks credit or a payment method for what was asked for.",
    _OF_A_PROXY: "A proxy wants a user name and a password.",
}


class _Asked(t.NamedTuple):
    """What a call asks for: an operation on these ids, by this URL, with a query beside the operation's own, and this body."""

    operation: Operation
    ids: t.Mapping[str, t.Any]
    url: str
    further_query: t.Mapping[str, t.Any]
    body: t.Mapping[str, t.Any] | None
    changes: bool

    @property
    def query(self) -> str:
        """The whole query."""
        return "&".join(filter(None, (self.operation.query, urllib.parse.urlencode(self.further_query))))

    @property
    def request(self) -> str:
        """The request as errors name it."""
        return f"{self.operation.method} {urllib.parse.urlsplit(self.url).path}"

    @property
    def named_ids(self) -> str:
        """The ids as the task states them."""
        return ", ".join(f'{name} "{self.ids[name]}"' for name in _NAMED_IDS if self.ids.get(name))

    def unsure(self, sent_at: float) -> str:
        """What to say where no answer tells whether it was carried out; it was sent at this time (seconds since the epoch)."""
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sent_at))
        return self.operation.unsure.format(path=urllib.parse.urlsplit(self.url).path, since=since) if self.changes else ""


class Client:
    """What one task asks of the API, by a session that other tasks may share.

    rate_limit_remaining and rate_limit_reset (seconds from then on) are what the last answer said, None if nothing.
    secrets are masked in all that the API writes about errors; whoever learns one adds it. replaced remembers for the session
    which operations are gone, and what takes their place. done is what the result has to hold whatever goes wrong from then on,
    such as {changed, run}: a flow fills it as soon as a write has succeeded.
    """

    def __init__(self, session: transport.Session, secrets: Secrets) -> None:
        self.rate_limit_remaining: int | None = None
        self.rate_limit_reset: int | None = None
        self._retry_after: int | None = None
        self.secrets = secrets
        self.done: dict[str, t.Any] = {}
        self.replaced = session.replaced
        self._connection = session.connection
        self._session = session
        self._requests_before = session.requests
        self._waited = 0.0

    def call(self, operation: Operation, ids: t.Mapping[str, t.Any], body: t.Mapping[str, t.Any] | None = None, **how: t.Any) -> t.Any:
        """The "data" of an answer(): a dictionary, or a list if the operation says so."""
        return self.answer(operation, ids, body, **how)["data"]

    def answer(
        self,
        operation: Operation,
        ids: t.Mapping[str, t.Any],
        body: t.Mapping[str, t.Any] | None = None,
        *,
        query: t.Mapping[str, t.Any] | None = None,
        changes: bool = True,
        waits: bool = True,
    ) -> dict[str, t.Any]:
        """The whole answer to an operation: {"data", "pagination"}.

        ids fill its path by the names of the options: {"project_id": ...}. query stands beside the operation's own.
        changes=False says that a PATCH writes nothing but what is there already, waits=False that a used-up quota is told at once.

        :raises OptionError: if an id cannot stand in a path.
        :raises ApiError: if the API answers with an error.
        :raises TransportError: if no usable answer comes.
        """
        parts = {part: connections.path_part(name, ids[name]) for name, part in _IDS.items() if f"{{{part}}}" in operation.path}
        url = self._connection.root + operation.path.format(**parts)
        asked = _Asked(operation, ids, url, query or {}, body, changes)
        while True:
            answer = self._send(asked)
            if answer.status_code != TOO_MANY_REQUESTS:
                return self._content(answer, asked)
            self._wait_for_quota(answer, asked, self._connection.rate_limit_wait - self._waited if waits else 0)

    @property
    def requests(self) -> int:
        """How many requests the task has sent, repetitions included."""
        return self._session.requests - self._requests_before

    @property
    def quota_wait(self) -> int | None:
        """The seconds after which there is a quota again, as the last answer said, None if it did not."""
        return self.rate_limit_reset if self._retry_after is None else self._retry_after

    def report(self) -> dict[str, t.Any]:
        """The "api" of a result: {requests, rate_limit_remaining}."""
        return {"requests": self.requests, "rate_limit_remaining": self.rate_limit_remaining}

    def _send(self, asked: _Asked) -> transport.Answer:
        try:
            answer = self._session.send(asked.operation.method, asked.url, asked.query, asked.body)
        except transport.Failure as failure:
            unsure = asked.unsure(self._session.sent_at) if failure.was_sent else ""
            # It may quote what is no HTTP at all: with line breaks, and as long as that likes to be.
            text = _shortened(" ".join(self.secrets.mask(str(failure)).split()))
            raise TransportError(f"{asked.request}: {text} {unsure}".rstrip()) from None
        self.rate_limit_remaining = _number(answer.headers.get("x-ratelimit-remaining"), self.rate_limit_remaining)
        self.rate_limit_reset = _number(answer.headers.get("x-ratelimit-reset"), None)
        self._retry_after = _number(answer.headers.get("retry-after"), None)
        return answer

    def _content(self, answer: transport.Answer, asked: _Asked) -> dict[str, t.Any]:
        content = _json(answer)
        if not 200 <= answer.status_code < 300:
            raise self._error(answer, content, asked)
        if asked.operation.method == "DELETE" and _is_done(answer, content):
            return {"data": {}}
        lack = _lack(content, asked.operation)
        if lack:
            raise TransportError(
                f"{asked.request}: the answer with status {answer.status_code} is not the API's: {lack}. "
                f"Check api_url, and what answers there. {asked.unsure(self._session.sent_at)}".rstrip()
            )
        whole: dict[str, t.Any] = content
        return whole

    def _error(self, answer: transport.Answer, content: t.Any, asked: _Asked) -> ApiError:
        error_told = content.get("error") if isinstance(content, dict) else None
        told: dict[str, t.Any] = error_told if isinstance(error_told, dict) else {}
        message: str = told["message"] if isinstance(told.get("message"), str) else answer.content.decode(errors="replace")
        # Masked first: what follows could cut a secret in two, or fold its white space.
        message = self.secrets.mask(message)
        is_page = content is None and _is_page(message)
        message = _shortened(" ".join((_words_of_page(message) if is_page else message).split())) or "the answer is empty"
        error = {"status": answer.status_code, "message": message, "request": asked.request}
        if isinstance(told.get("id"), str):
            error["id"] = self.secrets.mask(told["id"])
        if told.get("details"):
            error["details"] = self.secrets.mask_details(told["details"])
        hints = []
        if is_page:
            hints.append("That is a page, not an answer of the API: check api_url, and what stands between here and the API.")
        if answer.status_code != TOO_MANY_REQUESTS and self._retry_after is not None:
            hints.append(f"It says to come back in {answer.headers['retry-after'].strip()} s (Retry-After).")
        advice = _advice(answer.status_code, asked, self._session.sent_at)
        of_proxy = [self._connection.proxy_advice] if answer.status_code == _OF_A_PROXY else []
        return ApiError(" ".join([_text(error), *hints, advice, *of_proxy]).rstrip(), error)

    def _wait_for_quota(self, answer: transport.Answer, asked: _Asked, allowed: float) -> None:
        """Wait as the answer says, or raise where that is longer than allowed."""
        told = self.quota_wait
        # 0 means "now", which was too early.
        wait = None if told is None else max(told, _SHORTEST_WAIT)
        if wait is not None and wait <= allowed:
            self._waited += wait
            time.sleep(wait)
            return
        error = self._error(answer, _json(answer), asked)
        when = "the answer does not say when it resets" if told is None else f"it resets in {told} s"
        raise ApiError(
            f"{error} The quota of requests is used up, and {when}. Requests that this task sent: {self.requests}. "
            f"It has waited {self._waited:g} s of the {self._connection.rate_limit_wait:g} s that it may wait in all (rate_limit_wait).",
            error.error,
        )


def _text(error: dict[str, t.Any]) -> str:
    status = error["status"]
    phrase = next((f" {code.phrase}" for code in http.HTTPStatus if code == status), "")
    details = f" Details: {_shortened(json.dumps(error['details'], ensure_ascii=False))}." if "details" in error else ""
    return f"{error['request']}: {status}{phrase}: {error['message'].rstrip('.')}.{details}"


def _lack(content: t.Any, operation: Operation) -> str:
    """What an answer lacks to be that of an operation, nothing if it is."""
    data = content.get("data") if isinstance(content, dict) else None
    if content is None:
        return "it is no JSON"
    if not isinstance(data, list if operation.is_list else dict):
        return "it holds no data"
    shown = data.get(operation.shows) if isinstance(data, dict) else data
    is_there = connections.is_id(shown) if operation.shows == endpoints.ID else shown not in (None, "")
    return "" if is_there or not operation.shows else f"its data holds no {operation.shows}"


def _is_done(answer: transport.Answer, content: t.Any) -> bool:
    """Whether what was to be removed is, by an answer with success: it has no result to show, so only a page or an error is none."""
    if isinstance(content, dict):
        return not content.get("error")
    return not _is_page(answer.content.decode(errors="replace"))


def _advice(status: int, asked: _Asked, sent_at: float) -> str:
    if status == FORBIDDEN:
        return f'The token needs the permission "{asked.operation.permission}".'
    if asked.operation.method == "PATCH" and status in GONE_STATUSES:
        # Whoever writes a job has just read it by the same ids.
        return (
            "The job itself was just read, so either it was deleted meanwhile, "
            f"or the operation {asked.operation.operation_id} is gone from this API."
        )
    if status == NOT_FOUND and not asked.named_ids:
        return "Check api_url and team_id."
    if status == NOT_FOUND:
        slugs = "" if asked.ids.get("run_id") else " Ids are slugs of names: the job Example Job has the id example-job."
        return f"Asked for were {asked.named_ids}.{slugs}"
    if 300 <= status < 400:
        return "Redirects are not followed, since the token would go to another address: check api_url."
    return asked.unsure(sent_at) if status in TIMED_OUT_STATUSES or status >= 500 else _ADVICE.get(status, "")


def _json(answer: transport.Answer) -> t.Any:
    """The JSON of an answer, None if it is none."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _is_page(text: str) -> bool:
    return text.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<head", "<body"))


def _words_of_page(page: str) -> str:
    return html.unescape(_MARKUP.sub(" ", page)) or page


def _shortened(text: str) -> str:
    return f"{text[:_LONGEST_QUOTE]}..." if len(text) > _LONGEST_QUOTE else text


def _number(text: str | None, otherwise: int | None) -> int | None:
    plain = text.strip() if text is not None else ""
    return int(plain) if plain.isdecimal() and len(plain) <= _MOST_DIGITS else otherwise
