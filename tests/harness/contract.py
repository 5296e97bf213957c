# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of the API, for tests that compare the collection with it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

_FILE = Path(__file__).resolve().parents[1] / "contract" / "openapi.yaml"


class Contract:
    """The OpenAPI document, and the ways through it that the tests need."""

    def __init__(self, document: dict[str, t.Any]) -> None:
        self.document = document
        self.schemas: dict[str, t.Any] = document["components"]["schemas"]

    @classmethod
    def published(cls) -> Contract:
        """The contract in tests/contract."""
        return cls(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))

    def resolved(self, schema: dict[str, t.Any]) -> dict[str, t.Any]:
        """A schema, or the one that it refers to."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def leaves(self, schema: dict[str, t.Any], path: str = "") -> dict[str, dict[str, t.Any]]:
        """{path: schema} of everything below a schema that is not a plain object. Members of a list of objects are "list[].member"."""
        schema = self.resolved(schema)
        if "properties" in schema:
            return self._members(schema, f"{path}." if path else "")
        items = self.resolved(schema.get("items", {}))
        return {path: schema, **(self._members(items, f"{path}[].") if "properties" in items else {})}

    def _members(self, schema: dict[str, t.Any], prefix: str) -> dict[str, dict[str, t.Any]]:
        found: dict[str, dict[str, t.Any]] = {}
        for name, member in schema["properties"].items():
            found.update(self.leaves(member, prefix + name))
        return found

    def at(self, schema: dict[str, t.Any], path: str) -> dict[str, t.Any] | None:
        """The schema at a dotted path, None if the contract has nothing there."""
        for name in path.replace("[]", ".items").split("."):
            schema = self.resolved(schema)
            found = schema.get("items") if name == "items" and "items" in schema else schema.get("properties", {}).get(name)
            if found is None:
                return None
            schema = found
        return self.resolved(schema)

    def operation(self, method: str, path: str) -> dict[str, t.Any]:
        """The operation of a method and a path in the contract, empty if it does not exist."""
        return self.document["paths"].get(path, {}).get(method.lower(), {})

    def response_schema(self, method: str, path: str) -> dict[str, t.Any]:
        """The schema of "data" in the response of an operation."""
        content = self.operation(method, path)["responses"]["200"]["content"]
        return self.resolved(content["application/json"]["schema"])["properties"]["data"]
