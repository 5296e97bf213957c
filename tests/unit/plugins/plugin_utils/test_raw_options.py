# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that YAML did not read as text are reported with their path, before JSON turns them into text."""

from __future__ import annotations

import datetime
import typing as t

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.plugin_utils import _raw_options as raw_options
from harness.strategies import PROPERTY, junk, options
from hypothesis import given

SECRET = b"S3cret"


def of_yaml(text: str) -> list[str]:
    """The problems of options as YAML reads them."""
    return raw_options.find_problems(yaml.safe_load(text))


@pytest.mark.parametrize(
    "name, shown",
    [
        ("ON", "true is not text: it is a boolean"),
        ("NO", "false is not text: it is a boolean"),
        ("~", "null is not text: it is null"),
        ("0123", "83 is not text: it is a number"),
        ("1.10", "1.1 is not text: it is a number"),
        ("2024-01-31", "2024-01-31 is not text: it is a date"),
        ("2024-01-31 10:00:00", "2024-01-31 10:00:00 is not text: it is a date"),
        ("!!binary aGVsbG8=", "b'hello' is not text: it is binary data"),
    ],
)
@pytest.mark.parametrize("place", ["runtime_environment", "build_files", "billing"])
def test_a_name_that_is_not_text_is_reported_with_its_option(place: str, name: str, shown: str) -> None:
    (problem,) = of_yaml(f"{place}: {{{name}: a}}")
    assert problem.startswith(f"{place}: the name {shown}") and problem.endswith(". Quote the name, or use the filter string in a template")
    assert of_yaml(f"{place}: {{'{name}': a}}") == []


def test_a_name_within_a_list_and_of_an_option_is_reported_too() -> None:
    (deep, outer) = of_yaml("health_checks: [{NO: 1}]\n83: a")
    assert deep.startswith("health_checks[0]: the name false is") and outer.startswith("the options: the name 83 is")


@pytest.mark.parametrize(
    "value, reason",
    [
        (datetime.date(2024, 1, 31), "is a date"),
        (datetime.datetime(2024, 1, 31, 10), "is a date"),
        (SECRET, "is binary data"),
        ({SECRET}, "is of the type set"),
        (object(), "is of the type object"),
        (len, "is of the type builtin_function_or_method"),
    ],
)
def test_a_value_of_another_type_is_reported_by_its_path_and_not_shown(value: t.Any, reason: str) -> None:
    (problem,) = raw_options.find_problems({"runtime_environment": {"A": value}})
    assert problem.startswith(f"runtime_environment.A: the value {reason}") and "S3cret" not in problem


def test_options_that_contain_themselves_are_reported() -> None:
    assert of_yaml("tags: &tags [*tags]") == ["An option contains itself. Look for a YAML anchor that is used within its own value"]


@PROPERTY
@given(stated=options())
def test_options_of_plain_types_have_no_problem(stated: dict[str, t.Any]) -> None:
    assert raw_options.find_problems(stated) == []


@PROPERTY
@given(value=junk())
def test_what_json_can_contain_has_no_problem(value: t.Any) -> None:
    assert raw_options.find_problems({"a": value}) == []
