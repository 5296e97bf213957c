# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages for a response with an error, and for a response that did not come from the API."""

from __future__ import annotations

import html
import http
import json
import re
import typing as t

from .._errors import FORBIDDEN, GONE_STATUSES, NOT_FOUND, TIMED_OUT_STATUSES
from . import operations, settings
from .operations import Operation
from .request import Request
from .transport import Response

PROXY_AUTHENTICATION_REQUIRED = 407

_MAX_QUOTE = 1000
# The parts of an HTML page that a browser does not show.
_MARKUP = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_ADVICE = {
    401: "The token is not valid. Check api_token, and whether the token has expired.",
    402: "The account lacks the credit or the payment method that this request requires.",
    PROXY_AUTHENTICATION_REQUIRED: "A proxy requires a user name and a password.",
}


def format_error(error: t.Mapping[str, t.Any]) -> str:
    """The sentence for an error of the API, {status, message, request, details}."""
    status = error["status"]
    phrase = next((f" {code.phrase}" for code in http.HTTPStatus if code == status), "")
    details = f" Details: {shorten(json.dumps(error['details'], ensure_ascii=False))}." if "details" in error else ""
    return f"{error['request']}: {status}{phrase}: {error['message'].rstrip('.')}.{details}"


def find_problem(content: t.Any, operation: Operation) -> str:
    """What is wrong with the content of a successful response, empty if nothing is. The content is None if it is not JSON."""
    data = content.get("data") if isinstance(content, dict) else None
    if content is None:
        return "it is not JSON"
    if not isinstance(data, list if operation.is_list else dict):
        return "it does not contain data"
    member = data.get(operation.required_member) if isinstance(data, dict) else data
    is_valid = settings.is_id(member) if operation.required_member == operations.ID else member not in (None, "")
    return "" if is_valid or not operation.required_member else f"its data does not contain {operation.required_member}"


def has_removed(response: Response, content: t.Any, operation: Operation) -> bool:
    """Whether a successful response to DELETE confirms it. Its data has no documented member, so only a page or an error does not.

    That a job was removed is not concluded from data that is not an object.
    """
    if isinstance(content, dict):
        return not content.get("error") and (isinstance(content.get("data", {}), dict) or not operation.removes_job)
    return not is_page(response.content.decode(errors="replace"))


def advise(status: int, request: Request, sent_at: float) -> str:
    """What to do about an error with this status, empty if there is no general advice."""
    if status == FORBIDDEN:
        return f'The token needs the permission "{request.operation.permission}".'
    if request.operation.changes_job and status in GONE_STATUSES:
        # Before a task writes a job, it reads the job by the same IDs.
        return (
            "The job was read just before this request. Either it was deleted meanwhile, "
            f"or the API no longer has the operation {request.operation.operation_id}. Run the task again to check."
        )
    if status == NOT_FOUND and not request.named_ids:
        return "Check api_url and team_id."
    if status == NOT_FOUND:
        slugs = "" if request.target.run_id else " IDs are slugs of names: the job Example Job has the ID example-job."
        return f"Requested: {request.named_ids}.{slugs}"
    if 300 <= status < 400:
        return "Redirects are not followed, because the token would be sent to another address. Check api_url."
    return request.unconfirmed_note(sent_at) if status in TIMED_OUT_STATUSES or status >= 500 else _ADVICE.get(status, "")


def parse_json(response: Response) -> t.Any:
    """The JSON of a response, None if it is not JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def is_page(text: str) -> bool:
    """Whether a text is an HTML page."""
    return text.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<head", "<body"))


def strip_html(page: str) -> str:
    """The text of an HTML page."""
    return html.unescape(_MARKUP.sub(" ", page)) or page


def shorten(text: str) -> str:
    """A text, or the beginning of a long one."""
    return f"{text[:_MAX_QUOTE]}..." if len(text) > _MAX_QUOTE else text
