# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of what a run may have in place of the job's own agree with the contract of run-job."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths

TYPES = {"string": fields.TEXT, "boolean": fields.BOOLEAN, "integer": fields.INTEGER}
DEPLOYMENT = [row for row in fields.RUN_FIELDS if row.option.startswith("deployment.")]


@pytest.fixture(scope="module", name="members")
def members_of_the_body(contract) -> dict[str, dict[str, t.Any]]:
    """{name: schema} of the body of run-job."""
    content = contract.operation("POST", "/v1" + operations.RUN_JOB.path)["requestBody"]["content"]
    return contract.resolved(content["application/json"]["schema"])["properties"]


@pytest.fixture(scope="module", name="forms")
def forms_of_the_deployment(contract, members) -> list[dict[str, t.Any]]:
    """The schemas of the deployment, which has two forms."""
    return contract.resolved(members["deployment"])["anyOf"]


@pytest.fixture(scope="module", name="body")
def leaves_of_the_body(contract, members, forms) -> dict[str, dict[str, t.Any]]:
    """{path: schema} of the body of run-job."""
    found = contract.leaves({"properties": {name: member for name, member in members.items() if name != "deployment"}})
    for form in forms:
        found.update(contract.leaves(form, "deployment"))
    return found


def test_there_is_a_row_for_each_leaf_of_the_body(body):
    assert sorted(row.path for row in fields.RUN_FIELDS) == sorted(body)


def test_an_override_that_the_job_has_too_is_the_same_row():
    assert [row.option for row in fields.RUN_FIELDS if row in fields.ROWS] == [
        "billing.deployment_plan",
        "runtime_environment",
        "runtime_files",
        "docker_secret_mounts",
    ]


@pytest.mark.parametrize("row", DEPLOYMENT, ids=lambda row: row.option)
def test_an_option_is_the_snake_case_of_its_path(row):
    assert row.option == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", row.path).lower()


@pytest.mark.parametrize("row", DEPLOYMENT, ids=lambda row: row.option)
def test_a_row_has_the_type_and_the_choices_of_the_contract(row, body):
    schema = body[row.path]
    forms = schema.get("anyOf", [schema])
    assert {TYPES[form["type"]] for form in forms} == {row.kind}
    assert list(row.choices) == ([] if "anyOf" in schema else schema.get("enum", []))


@pytest.mark.parametrize("row", DEPLOYMENT, ids=lambda row: row.option)
def test_a_row_has_a_pattern_if_the_contract_limits_the_text(row, body):
    assert (row.pattern is not None) == bool({"pattern", "anyOf"} & set(body[row.path]))


def test_the_required_members_are_those_of_the_contract(contract, forms):
    required = set()
    stack = [("deployment", form) for form in forms]
    while stack:
        path, schema = stack.pop()
        schema = contract.resolved(schema)
        required |= {f"{path}.{name}" for name in schema.get("required", ())}
        stack += [(f"{path}.{name}", member) for name, member in schema.get("properties", {}).items()]
    assert {row.path for row in DEPLOYMENT if row.required} == required


@pytest.mark.parametrize("text, fits", [("latest", True), ("a" * 40, True), ("a" * 39, False), ("a" * 41, False), ("LATEST", False)])
def test_a_commit_has_forty_characters_or_is_the_latest(text, fits):
    row = fields.BY_OPTION["deployment.internal.build_sha"]
    assert (row.pattern.regex.fullmatch(text) is not None, paths.name_of(row.path)) == (fits, "buildSHA")
