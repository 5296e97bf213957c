# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""From a request to its answer: quota, token, contract, permission, project, job, operation, and the check of the answer itself."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from ._call import Call
from ._contract import Asked, CheckedAnswer, CheckedRequest, contract
from ._errors import ApiError
from ._faults import Fault, stand_in
from ._operations import HANDLERS
from ._pages import Page
from ._world import RecordedRequest, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Where the environment of a request holds the number of its TCP connection, and the fault that it meets.
CONNECTION = "emulator.connection"
FAULT = "emulator.fault"
# Stands for a body that is something else.
NO_JSON = object()


def application(world: World) -> WSGIApplication:
    """The WSGI application over a world."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return Exchange(world, Request(environ)).respond()(environ, start_response)

    return answer


class Exchange:
    """One request, read whole, and the way to its answer."""

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.method = request.method
        # As it was sent: a decoded %2F would look like the border of two segments.
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
        self.asked, self.path_is_known = contract().find(self.method, self.path)

    def respond(self) -> Response:
        """The answer, by the API or by what stands in for it; the request is recorded."""
        with self.world.lock:
            answer = self.carried_out() if self.fault.is_carried_out else None
            status = self.fault.details.get("status", 200)
            response = stand_in(self.fault, self.usual_headers(status)) or answer
            self.record(response.status_code if response else 0)
            return response or Response()

    def carried_out(self) -> Response:
        """The answer of the API, checked against the contract."""
        try:
            data = self.data()
            status, body = 200, data.body() if isinstance(data, Page) else {"data": data}
        except ApiError as error:
            status, body = error.status, error.body()
        except Exception:  # pylint: disable=broad-exception-caught
            status, body = self.fail({"emulator": [traceback.format_exc()]})
        response = self.response(status, body)
        errors = self.answer_errors(response)
        return self.response(*self.fail(errors)) if errors else response

    def data(self) -> dict[str, Any] | list[Any] | Page:
        """`data` of the answer, or a page of a list; raises ApiError where there is none."""
        if not self.world.take_quota():
            raise ApiError(429, "too-many-requests", "The quota of requests is used up.")
        asked = self.require_operation()
        if self.world.is_gone(asked.operation.name, asked.operation.deprecated):
            raise ApiError(self.world.gone_status, "gone", "There is nothing here.")
        permissions = self.world.permissions_of(self.token)
        if permissions is None:
            raise ApiError(401, "unauthorized", "The token is missing or not known.")
        self.require_contract(asked)
        permission = asked.operation.permission
        if permission != "none" and permission not in permissions:
            raise ApiError(403, "forbidden", f"The token lacks the permission {permission}.")
        handler = HANDLERS.get(asked.operation.name)
        if handler is None:
            raise ApiError(501, "not-implemented", f"The emulator does not know the operation {asked.operation.name}.")
        project_id, job_id, run_id = self.require_place(asked)
        job = self.world.job(project_id, job_id) if job_id else {}
        return handler(self.world, Call(project_id, job_id, run_id, job, self.query, self.body, permissions))

    def require_operation(self) -> Asked:
        """The operation that the contract names for this request."""
        if self.asked is None:
            self.violate("request", {"path": [f"the contract has no {self.method} here"]})
            if self.path_is_known:
                raise ApiError(405, "method-not-allowed", f"{self.method} is not allowed here.")
            raise ApiError(404, "not-found", "No such path.")
        return self.asked

    def require_contract(self, asked: Asked) -> None:
        """Refuse what the contract does not allow."""
        if self.body is NO_JSON:
            self.violate("request", {"body": ["is no JSON"]})
            raise ApiError(400, "bad-request", "The body is no JSON.")
        errors = contract().request_errors(asked, self.checked, self.query)
        if errors:
            self.violate("request", errors)
            first = next(f"{place}: {messages[0]}" for place, messages in errors.items())
            raise ApiError(400, "bad-request", f"The request is not valid: {first}", errors)

    def require_place(self, asked: Asked) -> tuple[str, str, str]:
        """The ids of project, job and run in the path, "" for what it does not name, if team, project and job exist."""
        team_id, project_id, job_id, run_id = (asked.ids.get(name, "") for name in ("teamId", "projectId", "jobId", "runId"))
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
        """The HTTP answer."""
        return Response(json.dumps(body), status, self.usual_headers(status), content_type="application/json")

    def usual_headers(self, status: int) -> dict[str, str]:
        """What an answer with this status tells about the quota."""
        headers = self.world.quota_headers()
        return {**headers, "Retry-After": headers["x-ratelimit-reset"]} if status == 429 else headers

    def answer_errors(self, response: Response) -> dict[str, list[str]]:
        """What in the answer breaks the contract; undocumented paths have no documented answers."""
        if self.asked is None:
            return {}
        return contract().answer_errors(self.checked, CheckedAnswer(response.status_code, response.headers, response.get_data()))

    def fail(self, errors: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Status and body for a mistake of the emulator itself, which is recorded."""
        self.violate("answer", errors)
        return 500, ApiError(500, "emulator-failed", "The emulator made a mistake; see its violations.").body()

    def violate(self, what: str, errors: dict[str, list[str]]) -> None:
        """Note what broke the contract."""
        self.world.violations += [
            f"{self.method} {self.path}: {what} {place}: {message}" for place, messages in errors.items() for message in messages
        ]

    def record(self, status: int) -> None:
        """Note the request."""
        ids = self.asked.ids if self.asked else {}
        self.world.requests.append(
            RecordedRequest(
                method=self.method,
                path=self.path,
                query=self.query.to_dict(),
                body=None if self.body is NO_JSON else self.body,
                status=status,
                team_id=ids.get("teamId"),
                project_id=ids.get("projectId"),
                job_id=ids.get("jobId"),
                operation=self.asked.operation.name if self.asked else None,
                connection=self.connection,
                fault=self.fault.kind,
            )
        )


def _parsed(data: bytes) -> Any:
    """A JSON body; None if there is none, NO_JSON if it is something else."""
    try:
        return json.loads(data, parse_constant=_refuse) if data else None
    except (ValueError, RecursionError):
        return NO_JSON


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
