# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of AWX that its playbooks use: the REST API for the modules of awx.awx, and the environment of a credential."""

from __future__ import annotations

import itertools
import json
import threading
import typing as t
from pathlib import Path

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, Unauthorized
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Item = t.Dict[str, t.Any]

_HIDDEN = "$encrypted$"
_URLS = Map(
    [
        Rule("/api/v2/<kind>/", endpoint="items"),
        Rule("/api/v2/project_updates/<int:number>/", endpoint="project_update"),
        Rule("/api/v2/<kind>/<int:number>/", endpoint="item"),
        Rule("/api/v2/job_templates/<int:number>/survey_spec/", endpoint="survey"),
        Rule("/api/v2/<kind>/<int:number>/credentials/", endpoint="credentials"),
    ]
)
# The fields that contain the ID of another item, and its kind.
_REFERENCES = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "credential": "credentials",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
}


class _Loader(yaml.SafeLoader):
    """YAML with the tag of ansible-core for texts that are not templates."""


_Loader.add_constructor("!unsafe", _Loader.construct_yaml_str)


def variables(collection: Path, name: str) -> dict[str, t.Any]:
    """The variable that a file of the same name below playbooks/vars defines."""
    return yaml.load((collection / "playbooks" / "vars" / f"{name}.yml").read_text(encoding="utf-8"), _Loader)[name]


def injected(credential_type: t.Mapping[str, t.Any], inputs: t.Mapping[str, str]) -> dict[str, str]:
    """The environment of jobs and inventory updates with a credential in AWX. It does not contain empty inputs."""
    known = {name: value for name, value in inputs.items() if value}
    templates = credential_type["injectors"]["env"]
    return {name: ImmutableSandboxedEnvironment().from_string(template).render(known) for name, template in templates.items()}


class FakeAwx:
    """AWX's REST API on a free port of this machine: items by kind, with filters, existing references, and hidden secrets."""

    TOKEN = "the-token-of-awx-0123456789"

    def __init__(self) -> None:
        self.items: dict[str, list[Item]] = {"organizations": [{"id": 1, "name": "Default"}]}
        self.secrets: dict[int, dict[str, str]] = {}
        self.writes: list[tuple[str, str]] = []
        self._numbers = itertools.count(2)
        self._associated: dict[tuple[str, int], list[int]] = {}
        self._server = make_server("127.0.0.1", 0, self._respond, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> FakeAwx:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def only(self, kind: str) -> Item:
        """The only item of a kind."""
        (item,) = self.items[kind]
        return item

    def credentials_of(self, kind: str) -> list[int]:
        """The IDs of the credentials of the only item of a kind."""
        return self._associated.get((kind, self.only(kind)["id"]), [])

    @Request.application
    def _respond(self, request: Request) -> Response:
        try:
            if request.headers.get("Authorization") != f"Bearer {self.TOKEN}":
                raise Unauthorized()
            endpoint, arguments = _URLS.bind_to_environ(request.environ).match()
            if request.method != "GET":
                self.writes.append((request.method, request.path))
            status, body = getattr(self, f"_{endpoint}")(request, **arguments)
        except HTTPException as error:
            status, body = error.code or 500, {"detail": error.description}
        headers = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
        return Response("" if body is None else json.dumps(body), status, headers, content_type="application/json")

    def _items(self, request: Request, kind: str) -> tuple[int, Item]:
        if request.method == "GET":
            wanted = request.args.items()
            found = [item for item in self.items.get(kind, []) if all(str(item.get(name)) == value for name, value in wanted)]
            return 200, {"count": len(found), "next": None, "results": found}
        number = next(self._numbers)
        url = f"/api/v2/{kind}/{number}/"
        item = {
            "id": number,
            "type": kind,
            "url": url,
            "related": {"survey_spec": f"{url}survey_spec/"},
            "summary_fields": {},
            "survey": {},
        }
        if kind == "projects":
            item.update(scm_revision="", summary_fields={"current_update": {"id": number}})
        self.items.setdefault(kind, []).append(item)
        return 201, self._store(item, request.get_json())

    def _item(self, request: Request, kind: str, number: int) -> tuple[int, Item]:
        item = self._find(kind, number)
        return 200, self._store(item, request.get_json()) if request.method == "PATCH" else item

    def _store(self, item: Item, fields: Item) -> Item:
        for name, value in fields.items():
            if name in _REFERENCES:
                self._find(_REFERENCES[name], value)
        if item["type"] == "credentials":
            known = self._find("credential_types", fields["credential_type"])["inputs"]["fields"]
            secret = {field["id"] for field in known if field.get("secret")}
            if not set(fields["inputs"]) <= {field["id"] for field in known}:
                raise BadRequest("unknown inputs")
            self.secrets[item["id"]] = {name: value for name, value in fields["inputs"].items() if name in secret}
            fields = {**fields, "inputs": {name: _HIDDEN if name in secret else value for name, value in fields["inputs"].items()}}
        # AWX does not allow null here.
        item.update({name: "" if name == "kind" and value is None else value for name, value in fields.items()})
        return item

    def _survey(self, request: Request, number: int) -> tuple[int, Item]:
        template = self._find("job_templates", number)
        if request.method == "POST":
            template["survey"] = request.get_json()
            return 200, {}
        return 200, template["survey"]

    def _credentials(self, request: Request, kind: str, number: int) -> tuple[int, Item | None]:
        associated = self._associated.setdefault((kind, number), [])
        if request.method == "GET":
            return 200, {"count": len(associated), "next": None, "results": [self._find("credentials", one) for one in associated]}
        wanted = request.get_json()
        self._find("credentials", wanted["id"])
        (associated.remove if wanted.get("disassociate") else associated.append)(wanted["id"])
        return 204, None

    def _project_update(self, request: Request, number: int) -> tuple[int, Item]:
        return 200, {"id": number, "status": "successful"}

    def _find(self, kind: str, number: int) -> Item:
        for item in self.items.get(kind, []):
            if item["id"] == number:
                return item
        raise NotFound(f"no {kind} {number}")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *arguments: object) -> None:
        """Log no requests."""
