# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Northflank's official Python SDK sends the requests of the collection, and its types validate the responses."""

from __future__ import annotations

import functools
import typing as t
from urllib.parse import parse_qsl

from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from emulator import Emulator
from northflank import ApiClient
from northflank.endpoint import ApiEndpoint
from northflank.response import ApiCallResponse
from pydantic import TypeAdapter, ValidationError

from .sdk_deviations import Difference

OPERATIONS = {value.operation_id: value for value in vars(operations).values() if isinstance(value, operations.Operation)}


def _classes(base: type[ApiEndpoint]) -> t.Iterator[type[ApiEndpoint]]:
    for each in base.__subclasses__():
        yield each
        yield from _classes(each)


def _class_of(operation: operations.Operation) -> type[ApiEndpoint] | None:
    """What the SDK has for an operation, by its method and path."""
    wanted = operation.method.lower(), f"/v1{operation.path}"
    return next((each for each in _classes(ApiEndpoint) for path in each.path_templates if (each.method, path) == wanted), None)


_FOUND = {name: _class_of(operation) for name, operation in OPERATIONS.items()}
# Of the operations that the collection uses, those that the SDK has.
KNOWN = {name: found for name, found in _FOUND.items() if found is not None}


class Sdk:
    """The SDK on an emulator."""

    def __init__(self, emulator: Emulator, token: str = Emulator.TOKEN) -> None:
        self._context = ApiClient(token, base_url=emulator.url).context

    def call(self, operation: str, **arguments: t.Any) -> ApiCallResponse[t.Any]:
        """Make a call, with the query that the collection sends; raises northflank.errors.ApiCallError on an error."""
        return KNOWN[operation](self._context).call(**_query_of(operation), **arguments)

    def all_pages(self, operation: str, **arguments: t.Any) -> ApiCallResponse[t.Any]:
        """Read a list to its end."""
        return KNOWN[operation](self._context).all(**arguments)


def _query_of(operation: str) -> dict[str, t.Any]:
    query = parse_qsl(OPERATIONS[operation].query, strict_parsing=bool(OPERATIONS[operation].query))
    return {name: int(value) if value.isdigit() else value for name, value in query}


def differences(operation: str, data: t.Any) -> set[Difference]:
    """The differences of the data of a response from the type of the SDK, which is strict and allows no other members."""
    try:
        _judge(operation).validate_python(data, strict=True, extra="forbid")
    except ValidationError as error:
        return {Difference(_place(found["loc"]), found["type"]) for found in error.errors()}
    return set()


@functools.cache
def _judge(operation: str) -> TypeAdapter[t.Any]:
    """Of ApiCallResponse[shape], which the call returns, the shape."""
    (shape,) = t.get_args(t.get_type_hints(KNOWN[operation].call)["return"])
    return TypeAdapter(shape)


def _place(steps: tuple[int | str, ...]) -> str:
    """As in "jobs[].uid"."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
