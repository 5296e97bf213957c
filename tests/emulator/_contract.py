# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The documented contract: the operation of a request, and what in a request or a response breaks the contract."""

from __future__ import annotations

import functools
import pathlib
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml
from jsonschema_path import SchemaPath
from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas import oas31_types_caster
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.schemas import oas31_schema_validators_factory
from openapi_core.validation.schemas.factories import DialectSchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator
from werkzeug.datastructures import Headers, ImmutableMultiDict

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "contract" / "openapi.yaml"
# More than the number of places in the document.
_KEPT = 100_000
_KEPT_CONTENTS = 10_000


class Operation(NamedTuple):
    """An operation of the contract: one method of one path. `name` is the operationId without ".team"."""

    name: str
    method: str
    segments: tuple[str, ...]
    permission: str
    query: frozenset[str]
    deprecated: bool


class Match(NamedTuple):
    """The operation of a request, and the IDs in its path, decoded: {"projectId": …, "jobId": …}."""

    operation: Operation
    ids: dict[str, str]


class CheckedRequest:
    """A request in the form that openapi-core reads."""

    def __init__(self, base_url: str, method: str, path: str, query: Mapping[str, str], headers: Headers, body: bytes) -> None:
        self.host_url = base_url
        self.method = method.lower()
        self.path = path
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=headers)
        self.content_type = headers.get("Content-Type", "").lower()
        self.body = body or None

    @property
    def content(self) -> Hashable:
        """Everything that a check can read. It does not contain the address of the emulator: host_url is that of the contract."""
        headers = tuple((name, value) for name, value in self.parameters.header.items() if name.lower() != "host")
        return self.method, self.path, tuple(self.parameters.query.items(multi=True)), headers, self.body


class CheckedResponse(NamedTuple):
    """A response in the form that openapi-core reads."""

    status_code: int
    headers: Headers
    data: bytes
    content_type: str = "application/json"

    @property
    def content(self) -> Hashable:
        """Everything that a check can read. All integers in a header are equal, because the quota counts down."""
        headers = tuple((name, "0" if value.isdecimal() else value) for name, value in self.headers.items())
        return self.status_code, headers, self.data, self.content_type


class KeptValidators(DialectSchemaValidatorsFactory):
    """The validators of openapi-core for OpenAPI 3.1, each made once. openapi-core makes a new one for each value, which is slow."""

    def __init__(self) -> None:
        usual = oas31_schema_validators_factory
        super().__init__(usual.schema_validator_cls, usual.default_jsonschema_dialect_id, usual.format_checker)
        self._made: dict[Any, SchemaValidator] = {}

    def create(self, spec: Any, schema: Any, *rest: Any, **options: Any) -> SchemaValidator:
        """The validator of a schema of the document."""
        # The option for formats is not hashable. The configuration below sets none.
        key = (schema.parts, repr(rest), repr(options))
        if key not in self._made:
            self._made[key] = super().create(spec, schema, *rest, **options)
        return self._made[key]


class Contract:
    """The OpenAPI document, ready to route and to check."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.base_url: str = document["servers"][0]["url"]
        self.operations = list(_operations(document))
        self.permissions = frozenset(_permissions(document))
        validators = KeptValidators()
        casters = SchemaCastersFactory(validators, oas31_types_caster)
        config = Config(spec_validator_cls=None, schema_validators_factory=validators, schema_casters_factory=casters)
        self._api = OpenAPI(SchemaPath.from_dict(_with_python_patterns(document), resolved_cache_maxsize=_KEPT), config=config)
        # The caches of openapi-core are not safe for threads.
        self._lock = threading.Lock()
        self._found: dict[Hashable, dict[str, list[str]]] = {}

    def find(self, method: str, path: str) -> tuple[Match | None, bool]:
        """The operation of a request, and whether its path is documented (perhaps for another method)."""
        matches = [(operation, ids) for operation in self.operations if (ids := _ids(operation.segments, path)) is not None]
        found = [Match(operation, ids) for operation, ids in matches if operation.method == method.lower()]
        # If jobs/manual and jobs/{jobId} both match, the one with fewer variables is right.
        return min(found, key=lambda match: len(match.ids), default=None), bool(matches)

    def request_errors(self, match: Match, request: CheckedRequest, query: Iterable[str]) -> dict[str, list[str]]:
        """What in a request breaks the contract: place -> messages. This includes undocumented query parameters."""
        found = self._remembered(request.content, lambda: self._api.iter_apicall_request_errors(request))
        for name in sorted(set(query) - match.operation.query):
            found.setdefault(f"query.{name}", []).append("is not a documented parameter")
        return found

    def response_errors(self, request: CheckedRequest, response: CheckedResponse) -> dict[str, list[str]]:
        """What in a response breaks the contract: place -> messages."""
        content = (request.method, request.path, response.content)
        return self._remembered(content, lambda: self._api.iter_apicall_response_errors(request, response))

    def _remembered(self, content: Hashable, check: Callable[[], Iterable[Exception]]) -> dict[str, list[str]]:
        """The findings of a check. They are remembered for the same content, because tests often send the same."""
        with self._lock:
            if content not in self._found:
                if len(self._found) == _KEPT_CONTENTS:
                    self._found.clear()
                self._found[content] = _by_place(check())
            return {place: list(messages) for place, messages in self._found[content].items()}


@functools.cache
def contract() -> Contract:
    """The contract, read once in a process."""
    return Contract(read_document())


def read_document() -> dict[str, Any]:
    """The OpenAPI document as it is written."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=loader)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    """All operations of the document."""
    for path, methods in document["paths"].items():
        for method, description in methods.items():
            name = description["operationId"].removesuffix(".team")
            query = frozenset(item["name"] for item in _parameters(document, description) if item["in"] == "query")
            yield Operation(name, method, tuple(path.split("/")), description["x-permission"], query, description.get("deprecated", False))


def _parameters(document: dict[str, Any], description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of an operation, references resolved."""
    for item in description.get("parameters", []):
        reference = item.get("$ref")
        yield document["components"]["parameters"][reference.rsplit("/", 1)[1]] if reference else item


def _permissions(document: dict[str, Any]) -> Iterator[str]:
    """The names of all permissions in the document."""
    for methods in document["paths"].values():
        for description in methods.values():
            yield from (description[key] for key in ("x-permission", "x-permission-also") if description.get(key, "none") != "none")


def _with_python_patterns(node: Any) -> Any:
    """The document with `$` of its ECMAScript patterns as `\\Z`, because `$` in Python also matches before a final newline."""
    if isinstance(node, dict):
        return {
            key: value.replace("$", r"\Z") if key == "pattern" and isinstance(value, str) else _with_python_patterns(value)
            for key, value in node.items()
        }
    return [_with_python_patterns(item) for item in node] if isinstance(node, list) else node


def _ids(segments: tuple[str, ...], path: str) -> dict[str, str] | None:
    """The ids in a path, percent-decoded; None if the path does not fit the template."""
    parts = path.split("/")
    if len(parts) != len(segments):
        return None
    ids = {}
    for segment, part in zip(segments, parts):
        if segment.startswith("{") and part:
            ids[segment.strip("{}")] = unquote(part)
        elif segment != part:
            return None
    return ids


def _by_place(errors: Iterable[Exception]) -> dict[str, list[str]]:
    """The errors of openapi-core as place -> messages. The place of a value in a body is for example `body.billing.gpu`."""
    found: dict[str, list[str]] = {}
    for error in errors:
        cause = error.__cause__ or error
        place = str(getattr(error, "name", "body"))
        schema_errors = list(getattr(cause, "schema_errors", ()))
        for detail in schema_errors:
            found.setdefault(".".join([place, *map(str, detail.absolute_path)]), []).append(detail.message)
        if not schema_errors:
            found.setdefault(place, []).append(str(cause))
    return found
