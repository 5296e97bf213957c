# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that are made to the rows of a table."""

from __future__ import annotations

import ast

from tools import mutation, row_changes
from tools.row_changes import changes

TABLE = """ROWS = (
    Row("tags", "tags", SET, ALL, listed=True,
        max_length=9),
    Row("checks[].port", "checks[].port", INTEGER, RICH),
)
DEPLOYMENT = (
    Row("name", "name", TEXT, ALL, is_fixed=True),
    Row("deployment.labels", "deployment.labels", LABELS, RICH, **_SHOWN, **_PUT),
)
"""


def test_a_row_gets_another_kind_state_or_number_or_loses_an_argument() -> None:
    made = [(change.before, change.after) for change in changes(TABLE)]
    assert made == [
        ("tags: kind=SET", "kind=LIST"),
        ("tags: shown=ALL", "shown=CURRENT"),
        ("tags: listed=True", ""),
        ("tags: max_length=9", ""),
        ("tags: max_length=9", "max_length=10"),
        ("checks[].port: kind=INTEGER", "kind=NUMBER"),
        ("name: kind=TEXT", "kind=BOOLEAN"),
        ("name: is_fixed=True", ""),
        ("deployment.labels: kind=LABELS", "kind=VARIABLES"),
        ("deployment.labels: shown=RICH", "shown=ALL"),
        ("deployment.labels: **_SHOWN=_SHOWN", ""),
        ("deployment.labels: **_PUT=_PUT", ""),
    ]


def test_the_rest_of_the_text_stays() -> None:
    larger, member = changes(TABLE)[4:6]
    assert larger.text == TABLE.replace("listed=True,\n        max_length=9", "listed=True, max_length=10")
    assert member.text == TABLE.replace("INTEGER", "NUMBER")


def test_arguments_that_rows_share_are_removed_one_by_one() -> None:
    without_shown, without_put = changes(TABLE)[-2:]
    assert without_shown.text == TABLE.replace("**_SHOWN, ", "")
    assert without_put.text == TABLE.replace(", **_PUT", "")


def test_the_table_of_the_collection_can_be_changed_and_is_the_one_that_tests_load() -> None:
    made = changes(mutation.TABLE.read_text())
    assert {change.before.partition(": ")[2].partition("=")[0] for change in made} > {
        *("kind", "shown", "pattern"),
        *("is_fixed", "required_with", "resource_path", "legacy_paths", "**_SHOWN", "**_SCALED", "**_PUT"),
    }
    for change in made:
        ast.parse(change.text)
    path = mutation.TABLE.relative_to(mutation.ROOT).with_suffix("").as_posix()
    assert row_changes._MODULE == f"ansible_collections.northflank.cloud.{path.replace('/', '.')}"
