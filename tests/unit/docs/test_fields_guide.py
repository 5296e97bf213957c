# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps to add a field in the guide docs/docsite/rst/fields.rst name the tests that notice a missing step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from docutils import nodes
from harness.guides import guide
from harness.option_cases import CASES

UNIT_TESTS = Path(__file__).resolve().parents[1]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(UNIT_TESTS.rglob("test_*.py")))
NAMED = sorted({text for literal in guide("fields").findall(nodes.literal) if re.fullmatch(r"test_\w+", text := literal.astext())})


def test_each_option_that_is_compared_has_a_case() -> None:
    assert {case.option for case in CASES} == {row.option for row in fields.FIELDS if row.is_compared}


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_guide_names_exists(name: str) -> None:
    assert f"def {name}(" in SOURCES
