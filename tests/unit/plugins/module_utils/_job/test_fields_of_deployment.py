# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of what PATCH cannot change agree with the contract: of the bodies that create a job, and of those that change it."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from harness.contract import Contract

ROWS = pytest.mark.parametrize("row", fields.DEPLOYMENT, ids=lambda row: row.option)
TYPES = {"string": fields.TEXT, "boolean": fields.BOOLEAN, "integer": fields.INTEGER, "object": fields.LABELS}
CREATIONS = (operations.CREATE_MANUAL_JOB, operations.CREATE_JOB, operations.PUT_JOB)
NARROW = (operations.UPDATE_DEPLOYMENT, operations.UPDATE_BUILD_SOURCE, operations.SCALE_JOB)


def body_of(contract: Contract, operation: operations.Operation) -> dict[str, t.Any]:
    """The schema of the body of a request."""
    content = contract.operation(operation.method, "/v1" + operation.path)["requestBody"]["content"]
    return contract.resolved(content["application/json"]["schema"])


def leaves_of(contract: Contract, schema: dict[str, t.Any], path: str = "") -> dict[str, dict[str, t.Any]]:
    """{path: schema} of an object with several forms."""
    found: dict[str, dict[str, t.Any]] = {}
    for form in contract.resolved(schema).get("anyOf", [schema]):
        found.update(contract.leaves(form, path))
    return found


@pytest.fixture(scope="module", params=CREATIONS, ids=lambda operation: operation.operation_id, name="creation")
def schema_of_a_creation(request: pytest.FixtureRequest, contract: Contract) -> dict[str, t.Any]:
    """The schema of the body of each request that can create a job."""
    return body_of(contract, request.param)


@pytest.fixture(scope="module", name="documented")
def documented_leaves(contract: Contract, creation: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """{path: schema} of what PATCH cannot change."""
    properties = creation["properties"]
    return {
        "name": properties["name"],
        **contract.leaves(properties["infrastructure"], "infrastructure"),
        **leaves_of(contract, properties["deployment"], "deployment"),
    }


def test_there_is_a_row_for_each_leaf_of_the_body(documented: dict[str, t.Any]) -> None:
    assert sorted(row.path for row in fields.DEPLOYMENT) == sorted(documented)


def test_all_other_members_of_the_body_are_rows_of_patch(contract: Contract, creation: dict[str, t.Any]) -> None:
    rest = {name: member for name, member in creation["properties"].items() if name not in ("name", "infrastructure", "deployment")}
    rows = {row.path for row in fields.ROWS} | {row.patch_job_path for row in fields.ROWS}
    documented = {path for name, member in rest.items() for path in leaves_of(contract, member, name)}
    assert {path for path in documented if not path.startswith("settings.cron")} <= rows


def test_what_creating_requires_is_required_with_the_job(contract: Contract, creation: dict[str, t.Any]) -> None:
    required = {*creation["required"], *(f"billing.{name}" for name in contract.resolved(creation["properties"]["billing"])["required"])}
    # create-job requires the limit only with its settings, and the ID becomes the name.
    assert {row.path for row in fields.JOB_FIELDS if row.required_with == fields.JOB} | {"name"} == required - {"billing"} | {
        "backoffLimit"
    }


@ROWS
def test_an_option_is_the_snake_case_of_its_path(row: fields.Row) -> None:
    assert row.option == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", row.path).lower()


@ROWS
def test_a_row_has_the_type_and_the_limits_of_the_contract(row: fields.Row, documented: dict[str, t.Any]) -> None:
    schema = documented[row.path]
    forms = schema.get("anyOf", [schema])
    assert {TYPES[form["type"]] for form in forms} == {row.kind}
    assert (row.pattern is not None) == bool({"pattern", "anyOf"} & set(schema))
    assert list(row.choices) == schema.get("enum", [])
    assert (row.minimum, row.maximum) == (schema.get("minimum"), schema.get("maximum"))
    assert (row.min_length, row.max_length) == (schema.get("minLength"), schema.get("maxLength"))


@ROWS
def test_a_required_member_is_required_of_each_task_or_of_one_that_creates(
    row: fields.Row, contract: Contract, creation: dict[str, t.Any]
) -> None:
    if not row.path.startswith("deployment."):
        return
    *parents, name = row.path.removeprefix("deployment.").split(".")
    parent = ".".join(parents)
    forms = contract.resolved(creation["properties"]["deployment"])["anyOf"]
    objects = [found for found in (contract.at(form, parent) for form in forms if parent) if found]
    assert (row.required or bool(row.required_with)) == any(name in found.get("required", ()) for found in objects)


@ROWS
def test_a_row_is_changed_by_the_narrowest_operation_that_has_it(row: fields.Row, contract: Contract) -> None:
    of_deployment = row.path.removeprefix("deployment.")
    having = [
        operation
        for operation in NARROW
        if (of_deployment.removeprefix("vcs.") if operation is operations.UPDATE_BUILD_SOURCE else of_deployment)
        in leaves_of(contract, body_of(contract, operation))
    ]
    expected = [] if row.is_fixed or row.written_by is operations.PUT_JOB else [row.written_by]
    assert having == expected
    assert (row.written_by is None) == row.is_fixed


@ROWS
def test_the_sub_resource_shows_the_rows_that_name_it_and_no_others(row: fields.Row, contract: Contract) -> None:
    response = contract.response_schema("GET", "/v1" + operations.GET_DEPLOYMENT.path)
    shown = leaves_of(contract, response)
    if row.resource is not None:
        assert row.resource is operations.GET_DEPLOYMENT
        assert row.path_in_resource in shown
    else:
        assert row.path.removeprefix("deployment.") not in shown


@ROWS
def test_a_row_that_each_state_shows_and_each_older_name_is_in_the_response_of_get_job(row: fields.Row, contract: Contract) -> None:
    response = contract.response_schema("GET", "/v1" + operations.GET_JOB.path)
    for path in (row.path,) if row.readable_since == fields.ALL else row.legacy_paths:
        assert contract.at(response, path) is not None
    older = {"deployment.vcs." + name for name in (contract.at(response, "vcsData") or {})["properties"]}
    assert bool(row.legacy_paths) == (row.path in older)
