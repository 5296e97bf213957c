# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of the API: it puts IDs into URLs, waits for the quota, and turns errors into exceptions. It does not use fields of jobs."""

from __future__ import annotations

import time
import typing as t

from .._errors import TOO_MANY_REQUESTS, ApiError, TransportError, format_seconds
from . import messages, settings, transport
from .masking import Secrets
from .operations import Operation
from .request import Request, Target

_MIN_WAIT = 1
_MAX_DIGITS = 9
# The path parameters of each option.
_PARAMETERS = {"project_id": "projectId", "job_id": "jobId", "run_id": "runId"}


class Client:
    """The requests of one task, by a session that other tasks may share.

    rate_limit_remaining and rate_limit_reset (seconds from then on) are from the last response, None if it had none.
    secrets are masked in everything that the API writes about errors. A flow adds each secret that it reads. replacements maps, for
    the session, each operation that the API no longer has to the one that replaces it. result_of_write is what the result contains
    even if the task fails later, such as {changed, run}. A flow sets it as soon as a write has succeeded.
    """

    def __init__(self, session: transport.Session, secrets: Secrets) -> None:
        self.rate_limit_remaining: int | None = None
        self.rate_limit_reset: int | None = None
        self._retry_after: int | None = None
        self.secrets = secrets
        self.result_of_write: dict[str, t.Any] = {}
        self.replacements = session.replacements
        self._settings = session.settings
        self._session = session
        self._requests_before = session.requests
        self._waited = 0.0

    def fetch(self, operation: Operation, target: Target, body: t.Mapping[str, t.Any] | None = None, **named: t.Any) -> t.Any:
        """The "data" of the response to request(): a dictionary, or a list if operation.is_list."""
        return self.request(operation, target, body, **named)["data"]

    def request(
        self,
        operation: Operation,
        target: Target,
        body: t.Mapping[str, t.Any] | None = None,
        *,
        query: t.Mapping[str, t.Any] | None = None,
        is_probe: bool = False,
        wait_for_quota: bool = True,
    ) -> dict[str, t.Any]:
        """The whole response to an operation: {"data", "pagination"}.

        query is added to that of the operation. is_probe: the PATCH changes nothing. wait_for_quota=False: a used-up quota is an error
        at once.

        :raises OptionError: if an ID is not valid in a path.
        :raises ApiError: if the API responds with an error.
        :raises TransportError: if there is no usable response.
        """
        request = self._build_request(operation, target, query, body, is_probe)
        while True:
            response = self._send(request)
            if response.status_code != TOO_MANY_REQUESTS:
                return self._parse_response(response, request)
            self._wait_for_quota(response, request, wait_for_quota)

    def name_request(self, operation: Operation, target: Target) -> str:
        """The name of a request in messages: its method and its path."""
        return self._build_request(operation, target).name

    @property
    def requests(self) -> int:
        """How many requests the task has sent, retries included."""
        return self._session.requests - self._requests_before

    @property
    def was_retried(self) -> bool:
        """Whether the last request was sent more than once."""
        return self._session.was_retried

    @property
    def quota_wait(self) -> int | None:
        """The seconds until the quota resets, by the last response, None if it does not contain them."""
        return self.rate_limit_reset if self._retry_after is None else self._retry_after

    def report(self) -> dict[str, t.Any]:
        """The "api" of a result: {requests, rate_limit_remaining}."""
        return {"requests": self.requests, "rate_limit_remaining": self.rate_limit_remaining}

    def _build_request(
        self,
        operation: Operation,
        target: Target,
        query: t.Mapping[str, t.Any] | None = None,
        body: t.Mapping[str, t.Any] | None = None,
        is_probe: bool = False,
    ) -> Request:
        parts = {
            parameter: settings.quote_segment(name, getattr(target, name))
            for name, parameter in _PARAMETERS.items()
            if f"{{{parameter}}}" in operation.path
        }
        base_url = self._settings.base_url if operation.has_team_path else self._settings.url_without_team
        url = base_url + operation.path.format(**parts)
        return Request(operation, target, self._settings.team_id, url, query or {}, body, is_probe)

    def _send(self, request: Request) -> transport.Response:
        try:
            response = self._session.send(request.operation, request.url, request.query, request.body)
        except transport.SendFailure as failure:
            note = request.unconfirmed_note(self._session.sent_at) if failure.may_have_arrived else ""
            # It may quote a response that is not HTTP, with line breaks and of any length.
            text = messages.shorten(" ".join(self.secrets.mask(str(failure)).split()))
            raise TransportError(f"{request.name}: {text} {note}".rstrip(), is_unconfirmed=failure.may_have_arrived) from None
        self.rate_limit_remaining = _parse_header(response.headers.get("x-ratelimit-remaining"), self.rate_limit_remaining)
        self.rate_limit_reset = _parse_header(response.headers.get("x-ratelimit-reset"), None)
        self._retry_after = _parse_header(response.headers.get("retry-after"), None)
        return response

    def _parse_response(self, response: transport.Response, request: Request) -> dict[str, t.Any]:
        content = messages.parse_json(response)
        if not 200 <= response.status_code < 300:
            raise self._to_api_error(response, content, request)
        if request.operation.method == "DELETE" and messages.has_removed(response, content, request.operation):
            return {"data": {}}
        problem = messages.find_problem(content, request.operation)
        if problem:
            raise TransportError(
                f"{request.name}: the response with status {response.status_code} did not come from the API: {problem}. "
                f"Check api_url and proxies. {request.unconfirmed_note(self._session.sent_at)}".rstrip(),
                is_unconfirmed=True,
            )
        parsed: dict[str, t.Any] = content
        return parsed

    def _to_api_error(self, response: transport.Response, content: t.Any, request: Request) -> ApiError:
        stated = content.get("error") if isinstance(content, dict) else None
        stated = stated if isinstance(stated, dict) else {}
        message: str = stated["message"] if isinstance(stated.get("message"), str) else response.content.decode(errors="replace")
        # Masked first, because the next steps could cut a secret in two or change its white space.
        message = self.secrets.mask(message)
        is_page = content is None and messages.is_page(message)
        message = messages.shorten(" ".join((messages.strip_html(message) if is_page else message).split())) or "the response is empty"
        error = {"status": response.status_code, "message": message, "request": request.name}
        if isinstance(stated.get("id"), str):
            error["id"] = self.secrets.mask(stated["id"])
        if stated.get("details"):
            error["details"] = self.secrets.mask_details(stated["details"])
        hints = []
        if is_page:
            hints.append("The response is an HTML page. Check api_url and proxies.")
        if response.status_code != TOO_MANY_REQUESTS and self._retry_after is not None:
            hints.append(f"Retry after {format_seconds(self._retry_after)} (Retry-After).")
        hints.append(messages.advise(response.status_code, request, self._session.sent_at))
        if response.status_code == messages.PROXY_AUTHENTICATION_REQUIRED:
            hints.append(self._settings.proxy_advice)
        return ApiError(" ".join([messages.format_error(error), *hints]).rstrip(), error)

    def _wait_for_quota(self, response: transport.Response, request: Request, may_wait: bool) -> None:
        """Wait until the quota resets. Raise ApiError if may_wait is false, or if that takes longer than the rest of rate_limit_wait."""
        allowed = self._settings.rate_limit_wait - self._waited if may_wait else 0
        stated = self.quota_wait
        # 0 means "now", but a request just failed.
        wait = None if stated is None else max(stated, _MIN_WAIT)
        if wait is not None and wait <= allowed:
            self._waited += wait
            time.sleep(wait)
            return
        error = self._to_api_error(response, messages.parse_json(response), request)
        reset = "The response does not contain the time until it resets" if stated is None else f"It resets in {format_seconds(stated)}"
        # Without the time, no task waits. While a task waits for a run, it reads the status again by itself.
        advice = " Increase it to wait longer." if may_wait and stated is not None else ""
        raise ApiError(
            f"{error} The quota is used up. {reset}. Requests sent by this task: {self.requests}. "
            f"Waited {self._waited:g} of at most {format_seconds(self._settings.rate_limit_wait)} (rate_limit_wait).{advice}",
            error.error,
        )


def _parse_header(text: str | None, otherwise: int | None) -> int | None:
    plain = text.strip() if text is not None else ""
    return int(plain) if plain.isdecimal() and len(plain) <= _MAX_DIGITS else otherwise
