# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of labels and annotations. Those of secret maps are in test_cross_checks.py."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import compare, facts, fields, values
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec, maps, validate

LABELS = fields.BY_OPTION["deployment.metadata.labels"]
IDS = {"project_id": "example-project", "job_id": "example-job"}


def problems(**metadata: t.Any) -> list[str]:
    """The problems of a task with this metadata."""
    return validate.validate_options({**IDS, "deployment": {"metadata": metadata}}, argument_spec.manual_job_spec())


@pytest.mark.parametrize("name", ["labels", "annotations"])
@pytest.mark.parametrize("value", ["text", "", 1, True], ids=repr)
def test_a_label_is_text_or_what_a_variable_can_be(name: str, value: t.Any) -> None:
    assert problems(**{name: {"example.com/team": value, "a=b": value}}) == []


@pytest.mark.parametrize("name", ["labels", "annotations"])
@pytest.mark.parametrize(
    "entries, problem",
    [
        ({"": "a"}, "a name is empty. Write a name, or remove the entry"),
        ({"a\n": "b"}, 'the name "a\\n" contains a control character'),
    ],
)
def test_a_name_of_a_label_is_checked(name: str, entries: dict[str, str], problem: str) -> None:
    (found,) = problems(**{name: entries})
    assert found.startswith(f"deployment.metadata.{name}: {problem}")


@pytest.mark.parametrize("value", [None, ["a"], {"a": "b"}], ids=repr)
def test_another_value_of_a_label_is_refused_with_its_path(value: t.Any) -> None:
    (found,) = maps.check_map(LABELS, {"team": value}, LABELS.option)
    assert found.startswith("deployment.metadata.labels.team: ")


def test_labels_that_are_not_a_dictionary_are_refused() -> None:
    (found,) = problems(labels=["team"])
    assert found.startswith("deployment.metadata.labels: ") and "is not a dictionary" in found


def test_labels_are_texts_in_requests_and_responses() -> None:
    desired = values.from_option(LABELS, {"number": 1, "switch": True, "text": "a"})
    assert desired == {"number": "1", "switch": "true", "text": "a"}
    assert values.to_wire(LABELS, desired) == desired
    assert values.from_response(LABELS, desired) == desired
    assert values.to_option(LABELS, desired) == desired


@pytest.mark.parametrize("strategy", [compare.REPLACE, compare.MERGE])
@pytest.mark.parametrize(
    "desired, known, equal",
    [
        ({"a": "b"}, {"a": "b"}, True),
        ({"a": "b"}, {"a": "c"}, False),
        ({"a": "b"}, {"a": "b", "c": "d"}, False),
        ({}, None, True),
        ({}, {"a": "b"}, False),
        ({"a": "b"}, None, False),
    ],
)
def test_labels_are_compared_as_a_whole_with_each_strategy(strategy: str, desired: t.Any, known: t.Any, equal: bool) -> None:
    assert compare.is_equal(LABELS, desired, known, strategy) == equal


def test_labels_are_not_secret() -> None:
    shown = facts.job({LABELS.path: {"team": "reports"}}, {"id": "a"}, "a-project")
    assert shown["deployment"] == {"metadata": {"labels": {"team": "reports"}}}
    changed = facts.diff([LABELS], {LABELS.path: {"team": "a"}}, {LABELS.path: {"team": "b"}})
    assert [changed[side]["deployment"]["metadata"]["labels"] for side in ("before", "after")] == [{"team": "a"}, {"team": "b"}]
