# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definition of the credential type is valid for AWX, and has the variables that the collection needs."""

from __future__ import annotations

import re
import typing as t

import pytest
from harness import awx
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

Definition = t.Dict[str, t.Any]

# AWX's rules, from awx/main/fields.py, constants.py and models/credential.py.
KINDS = {"cloud", "net"}
FIELD_KEYS = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "ask_at_runtime", "default"}
FIELD_TYPES = {"string", "boolean"}
NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
RESERVED_ID = "tower"
REFUSED_PREFIX = "ANSIBLE_"
REFUSED_VARIABLES = {
    "VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID", "AD_HOC_COMMAND_ID",
    "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION", "CACHE", "JOB_CALLBACK_DEBUG",
    "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH",
}  # fmt: skip


@pytest.fixture
def fields(credential_type: Definition) -> list[Definition]:
    """The inputs of a credential of the type."""
    return credential_type["inputs"]["fields"]


@pytest.fixture
def environment(credential_type: Definition) -> dict[str, str]:
    """The templates of the variables, by their names."""
    return credential_type["injectors"]["env"]


def test_it_is_of_a_kind_that_can_be_made(credential_type: Definition) -> None:
    assert credential_type["kind"] in KINDS


def test_inputs_and_injectors_have_the_keys_of_awx(credential_type: Definition) -> None:
    assert set(credential_type["inputs"]) <= {"fields", "required"}
    assert set(credential_type["injectors"]) <= {"env", "file", "extra_vars"}


def test_each_field_has_the_keys_of_awx(fields: list[Definition]) -> None:
    assert all({"id", "label"} <= set(field) <= FIELD_KEYS for field in fields)


def test_each_field_is_of_a_known_type(fields: list[Definition]) -> None:
    assert {field.get("type", "string") for field in fields} <= FIELD_TYPES


def test_the_ids_are_names_that_are_not_reserved(fields: list[Definition]) -> None:
    ids = [field["id"] for field in fields]
    assert [one for one in ids if not NAME.fullmatch(one) or one == RESERVED_ID] == []


def test_the_ids_are_unique(fields: list[Definition]) -> None:
    assert len({field["id"] for field in fields}) == len(fields)


def test_only_defined_fields_are_required(credential_type: Definition, fields: list[Definition]) -> None:
    assert set(credential_type["inputs"]["required"]) <= {field["id"] for field in fields}


def test_only_the_token_is_required_and_secret(credential_type: Definition, fields: list[Definition]) -> None:
    assert credential_type["inputs"]["required"] == ["api_token"]
    assert [field["id"] for field in fields if field.get("secret")] == ["api_token"]


def test_the_names_of_the_variables_are_accepted(environment: dict[str, str]) -> None:
    assert [name for name in environment if not re.fullmatch("[A-Z_][A-Z0-9_]*", name)] == []
    assert [name for name in environment if name.startswith(REFUSED_PREFIX) or name in REFUSED_VARIABLES] == []


def test_the_values_of_the_variables_are_ascii(environment: dict[str, str]) -> None:
    assert all(template.isascii() for template in environment.values())


def test_the_templates_name_defined_fields_only(environment: dict[str, str], fields: list[Definition]) -> None:
    namespace = {field["id"]: "EXAMPLE" for field in fields}
    strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    assert {strict.from_string(template).render(namespace) for template in environment.values()} == {"EXAMPLE"}


def test_each_field_has_its_variable(credential_type: Definition) -> None:
    inputs = {"api_token": "a token", "api_url": "an address", "team_id": "a team"}
    assert awx.injected(credential_type, inputs) == {
        "NORTHFLANK_API_TOKEN": "a token",
        "NORTHFLANK_API_BASE_URL": "an address",
        "NORTHFLANK_TEAM_ID": "a team",
    }


def test_empty_fields_are_empty_variables(credential_type: Definition) -> None:
    variables = awx.injected(credential_type, {"api_token": "a token", "api_url": ""})
    assert (variables["NORTHFLANK_API_BASE_URL"], variables["NORTHFLANK_TEAM_ID"]) == ("", "")
