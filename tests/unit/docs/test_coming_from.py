# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables in the guide for users of other tools have the names of options, fields and operations of the field table."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from docutils import nodes
from harness.guides import guide

HEAD = ("Option", '"Patch manual job"', '"Patch job", if different')
HEAD_OF_CREATION = ("Option", '"Create manual job"', "Operation that changes it")


def rows(wanted: tuple[str, ...] = HEAD) -> list[tuple[str, ...]]:
    """The rows of the table with this first row, without that one."""
    tables = [
        [tuple(cell.astext() for cell in row.children) for row in table.findall(nodes.row)]
        for table in guide("coming_from").findall(nodes.table)
    ]
    ((head, *shown),) = (table for table in tables if table[0] == wanted)
    return shown


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_row_is_as_the_field_table_has_it(row):
    option, path, patch_job_path = row
    known = {known.option: known for known in fields.ROWS}
    assert (path, patch_job_path) == (known[option].path, known[option].patch_job_path)


def test_each_field_of_another_resource_has_a_row():
    assert {row.option for row in fields.ROWS if row.patch_job_path} == {row[0] for row in rows() if row[2]}


@pytest.mark.parametrize("row", rows(HEAD_OF_CREATION), ids=lambda row: row[0])
def test_a_row_of_what_only_other_operations_have_is_as_the_field_table_has_it(row):
    option, path, operation = row
    (known,) = [known for known in fields.DEPLOYMENT if known.option == option]
    assert (path, operation) == (known.path, known.written_by.operation_id if known.written_by else "")
    assert known.is_fixed == (not operation)


def test_each_operation_that_changes_the_deployment_has_a_row():
    named = {row[2] for row in rows(HEAD_OF_CREATION)}
    assert named == {row.written_by.operation_id if row.written_by else "" for row in fields.DEPLOYMENT}
