# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""From a request to its response: quota, token, contract, permission, project, job, operation, and the check of the response."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from ._call import Call
from ._contract import CheckedRequest, CheckedResponse, Match, contract
from ._errors import ApiError
from ._faults import Fault, stand_in
from ._jobs import MAPS
from ._operations import HANDLERS
from ._pages import Page
from ._views import without
from ._world import RecordedRequest, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECRETS_OF_JOBS = "Project > Secrets > Jobs > Read"
# The keys in the environment of a request for the number of its TCP connection, and for its fault.
CONNECTION = "emulator.connection"
FAULT = "emulator.fault"
# The value of a body that is not JSON.
NOT_JSON = object()


def application(world: World) -> WSGIApplication:
    """The WSGI application over a world."""

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return Exchange(world, Request(environ)).respond()(environ, start_response)

    return respond


class Exchange:
    """One request, read completely, and how its response is made."""

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.method = request.method
        # As it was sent, because a decoded %2F would separate two segments.
        self.path = urlsplit(request.environ["REQUEST_URI"]).path
        self.query = request.args
        scheme, separator, self.token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            self.token = ""
        self.connection: int = request.environ[CONNECTION]
        self.fault: Fault = request.environ[FAULT]
        data = request.get_data()
        self.body = _parsed(data)
        self.checked = CheckedRequest(contract().base_url, self.method, self.path, self.query, Headers(request.headers), data)
        self.match, self.path_is_known = contract().find(self.method, self.path)

    def respond(self) -> Response:
        """The response of the API, or the one that replaces it. The request is recorded."""
        with self.world.lock:
            usual = self.carried_out() if self.fault.is_carried_out else None
            status = self.fault.details.get("status", 200)
            response = stand_in(self.fault, self.usual_headers(status)) or usual
            self.record(response.status_code if response else 0)
            return response or Response()

    def carried_out(self) -> Response:
        """The response of the API, checked against the contract."""
        try:
            data = self.data()
            status, body = 200, data.body() if isinstance(data, Page) else {"data": data}
        except ApiError as error:
            status, body = error.status, error.body()
        except Exception:  # pylint: disable=broad-exception-caught
            status, body = self.fail({"emulator": [traceback.format_exc()]})
        response = self.response(status, body)
        errors = self.response_errors(response)
        return self.response(*self.fail(errors)) if errors else response

    def data(self) -> dict[str, Any] | list[Any] | Page:
        """`data` of the response, or a page of a list. Raises ApiError if there is neither."""
        if not self.world.take_quota():
            raise ApiError(429, "too-many-requests", "The quota of requests is used up.")
        match = self.require_operation()
        if self.world.is_gone(match.operation.name, match.operation.deprecated):
            raise ApiError(self.world.gone_status, "gone", "There is nothing here.")
        permissions = self.world.permissions_of(self.token)
        if permissions is None:
            raise ApiError(401, "unauthorized", "The token is missing or not known.")
        self.require_contract(match)
        permission = match.operation.permission
        if permission != "none" and permission not in permissions:
            raise ApiError(403, "forbidden", f"The token lacks the permission {permission}.")
        handler = HANDLERS.get(match.operation.name)
        if handler is None:
            raise ApiError(501, "not-implemented", f"The emulator does not know the operation {match.operation.name}.")
        project_id, job_id, run_id = self.require_place(match)
        job = self.world.job(project_id, job_id) if job_id else {}
        data = handler(self.world, Call(project_id, job_id, run_id, job, self.query, self.body, permissions))
        # The sub-resources require this permission themselves.
        is_hidden = self.world.hides_secrets and SECRETS_OF_JOBS not in permissions
        return without(data, MAPS) if is_hidden and isinstance(data, dict) else data

    def require_operation(self) -> Match:
        """The operation that the contract names for this request."""
        if self.match is None:
            self.violate("request", {"path": [f"the contract has no {self.method} here"]})
            if self.path_is_known:
                raise ApiError(405, "method-not-allowed", f"{self.method} is not allowed here.")
            raise ApiError(404, "not-found", "No such path.")
        return self.match

    def require_contract(self, match: Match) -> None:
        """Refuse what the contract does not allow."""
        if self.body is NOT_JSON:
            self.violate("request", {"body": ["is not JSON"]})
            raise ApiError(400, "bad-request", "The body is not JSON.")
        errors = contract().request_errors(match, self.checked, self.query)
        if errors:
            self.violate("request", errors)
            first = next(f"{place}: {messages[0]}" for place, messages in errors.items())
            raise ApiError(400, "bad-request", f"The request is not valid: {first}", errors)

    def require_place(self, match: Match) -> tuple[str, str, str]:
        """The IDs of project, job and run in the path, or "". Raises ApiError if team, project or job do not exist."""
        team_id, project_id, job_id, run_id = (match.ids.get(name, "") for name in ("teamId", "projectId", "jobId", "runId"))
        if team_id and self.world.team not in (None, team_id):
            raise ApiError(404, "not-found", f"No team {team_id}.")
        if project_id and not self.world.reaches(self.token, project_id):
            raise ApiError(403, "forbidden", f"The token does not reach the project {project_id}.")
        if project_id and not self.world.has_project(project_id):
            raise ApiError(404, "not-found", f"No project {project_id}.")
        if job_id and not self.world.has_job(project_id, job_id):
            raise ApiError(404, "not-found", f"No job {job_id} in the project {project_id}.")
        return project_id, job_id, run_id

    def response(self, status: int, body: dict[str, Any]) -> Response:
        """The HTTP response."""
        return Response(json.dumps(body), status, self.usual_headers(status), content_type="application/json")

    def usual_headers(self, status: int) -> dict[str, str]:
        """The headers of a response with this status that are about the quota."""
        headers = self.world.quota_headers()
        return {**headers, "Retry-After": headers["x-ratelimit-reset"]} if status == 429 else headers

    def response_errors(self, response: Response) -> dict[str, list[str]]:
        """What in the response breaks the contract. Undocumented paths have no documented responses."""
        if self.match is None:
            return {}
        return contract().response_errors(self.checked, CheckedResponse(response.status_code, response.headers, response.get_data()))

    def fail(self, errors: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Status and body for a mistake of the emulator itself, which is recorded."""
        self.violate("response", errors)
        return 500, ApiError(500, "emulator-failed", "The emulator made a mistake; see its violations.").body()

    def violate(self, what: str, errors: dict[str, list[str]]) -> None:
        """Note what broke the contract."""
        self.world.violations += [
            f"{self.method} {self.path}: {what} {place}: {message}" for place, messages in errors.items() for message in messages
        ]

    def record(self, status: int) -> None:
        """Note the request."""
        ids = self.match.ids if self.match else {}
        self.world.requests.append(
            RecordedRequest(
                method=self.method,
                path=self.path,
                query=self.query.to_dict(),
                body=None if self.body is NOT_JSON else self.body,
                status=status,
                team_id=ids.get("teamId"),
                project_id=ids.get("projectId"),
                job_id=ids.get("jobId"),
                operation=self.match.operation.name if self.match else None,
                connection=self.connection,
                fault=self.fault.kind,
            )
        )


def _parsed(data: bytes) -> Any:
    """A JSON body; None if there is none, NOT_JSON if it is something else."""
    try:
        return json.loads(data, parse_constant=_refuse) if data else None
    except (ValueError, RecursionError):
        return NOT_JSON


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
