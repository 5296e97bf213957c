# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The field table and the endpoints agree with the contract."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths

BODY = "PatchManualJobRequest"
SECRET = {"runtime_environment", "runtime_files", "build_arguments", "build_files", "docker_secret_mounts"}
OPERATIONS = [value for value in vars(operations).values() if isinstance(value, operations.Operation)]
ROWS = pytest.mark.parametrize("row", fields.ROWS, ids=[row.option for row in fields.ROWS])
TYPES = {fields.TEXT: "string", fields.BOOLEAN: "boolean", fields.INTEGER: "integer", fields.NUMBER: "number"}
LISTS = (fields.SET, fields.LIST)
MAPS = (fields.VARIABLES, fields.FILES)


@pytest.fixture(scope="module", name="documented")
def documented_leaves(contract) -> dict[str, dict[str, t.Any]]:
    """{path: schema} of the fields of the body of PATCH."""
    return contract.leaves(contract.schemas[BODY])


@pytest.fixture(name="value_schema")
def schema_of_one_value(documented) -> t.Callable[[fields.Row], dict[str, t.Any]]:
    """value_schema(row) is the schema in the contract of one value of a field, or of one item of a list."""

    def schema(row: fields.Row) -> dict[str, t.Any]:
        found = documented[row.path]
        return found["items"] if row.kind in LISTS else found

    return schema


def other_names(row: fields.Row) -> list[str]:
    """The other paths than that of PATCH under which get-job may show a field."""
    return [path for path in (row.patch_job_path, *row.legacy_paths) if path]


def test_the_table_has_one_row_for_each_leaf_of_the_body(documented):
    assert sorted(row.path for row in fields.ROWS) == sorted(documented)


def test_no_option_is_twice_in_the_table():
    assert len({row.option for row in fields.ROWS}) == len(fields.ROWS)


@ROWS
def test_an_option_is_the_snake_case_of_its_path(row):
    assert row.option == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", row.path).lower()


@ROWS
def test_the_kind_of_a_row_is_the_type_of_the_contract(row, documented, contract):
    schema = documented[row.path]
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if row.kind in TYPES:
        assert kinds in ([TYPES[row.kind]], [TYPES[row.kind], "null"])
    elif row.kind in LISTS:
        assert (kinds, schema["items"]["type"]) == (["array"], "string")
    elif row.kind in MAPS:
        entry = contract.resolved(schema["additionalProperties"])
        assert (kinds, entry["type"]) == (["object"], "string" if row.kind == fields.VARIABLES else "object")
    else:
        assert (kinds, contract.resolved(schema["items"])["type"], row.kind) == (["array"], "object", fields.HEALTH_CHECKS)


@ROWS
def test_a_row_can_be_cleared_exactly_if_the_contract_allows_null(row, documented):
    assert (row.cleared_by is not None) == ("null" in documented[row.path]["type"])


@ROWS
def test_the_choices_of_a_row_are_those_of_the_contract(row, value_schema):
    assert list(row.choices) == value_schema(row).get("enum", [])


@ROWS
def test_the_bounds_of_a_row_are_those_of_the_contract(row, value_schema):
    assert (row.minimum, row.maximum) == (value_schema(row).get("minimum"), value_schema(row).get("maximum"))


@ROWS
def test_the_lengths_of_a_row_are_those_of_the_contract(row, value_schema):
    assert (row.min_length, row.max_length) == (value_schema(row).get("minLength"), value_schema(row).get("maxLength"))


@ROWS
def test_a_row_has_a_pattern_if_the_contract_has_one(row, value_schema):
    assert (row.pattern is not None) == ("pattern" in value_schema(row))


def test_the_required_members_of_a_health_check_are_those_of_the_contract(contract):
    required = {paths.name_of(row.path) for row in fields.CHECK_MEMBERS if row.required}
    assert required == set(contract.schemas["HealthCheckInput"]["required"])


def test_only_members_of_a_health_check_are_required():
    assert not [row.option for row in fields.FIELDS if row.required]


def test_the_secret_rows_are_the_five_maps():
    assert {row.option for row in fields.ROWS if row.secret} == SECRET


@pytest.mark.parametrize("row", [row for row in fields.FIELDS if row.readable_since == fields.ALL], ids=lambda row: row.option)
def test_a_field_that_every_state_shows_is_in_the_response_of_get_job(row, contract):
    assert any(
        contract.at(contract.response_schema("GET", "/v1" + operations.GET_JOB.path), path) for path in (row.path, *other_names(row))
    )


OTHER_NAMES = [(row, path) for row in fields.FIELDS for path in other_names(row)]


@pytest.mark.parametrize("row, path", OTHER_NAMES, ids=lambda value: str(getattr(value, "option", value)))
def test_an_older_name_is_in_the_response_of_get_job(row, path, contract):
    # Of runOnSourceChange no published response of get-job has the older name; the state "removed" has, by fields.md.
    response = "JobResult" if row.path == "runOnSourceChange" else "GetJobResponse"
    data = contract.schemas[response] if response == "JobResult" else contract.response_schema("GET", "/v1" + operations.GET_JOB.path)
    assert contract.at(data, path) is not None


@pytest.mark.parametrize("row", [row for row in fields.ROWS if row.resource], ids=lambda row: row.option)
def test_a_resource_shows_the_field_that_names_it(row, contract):
    assert contract.at(contract.response_schema(row.resource.method, "/v1" + row.resource.path), row.path) is not None


@pytest.mark.parametrize("row", fields.CHECK_MEMBERS, ids=lambda row: row.option)
def test_the_members_of_a_health_check_are_in_the_sub_resource_under_one_of_their_names(row, contract):
    response = contract.response_schema("GET", "/v1" + operations.GET_HEALTH_CHECKS.path)
    names = row.legacy_paths or (paths.name_of(row.path),)
    assert all(contract.at(response, f"healthChecks[].{name}") for name in names)


@pytest.mark.parametrize("row", [row for row in fields.FIELDS if row.in_list_jobs], ids=lambda row: row.option)
def test_a_listed_field_is_in_the_response_of_list_jobs(row, contract):
    assert contract.at(contract.response_schema("GET", "/v1" + operations.LIST_JOBS.path), f"jobs[].{row.path}") is not None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
@pytest.mark.parametrize("scope, suffix", [("", ""), ("/teams/{teamId}", ".team")])
def test_an_operation_has_the_id_and_the_permission_of_the_contract(operation, scope, suffix, contract):
    found = contract.operation(operation.method, f"/v1{scope}{operation.path}")
    expected = (operation.operation_id + suffix, operation.permission) if operation.has_team_path or not scope else (None, None)
    assert (found.get("operationId"), found.get("x-permission")) == expected


@pytest.mark.parametrize("row", [row for row in fields.FIELDS if row.patch_job_path], ids=lambda row: row.option)
def test_an_agnostic_path_is_in_the_body_of_patch_job(row, contract):
    assert contract.at(contract.schemas["PatchJobRequest"], row.patch_job_path) is not None
