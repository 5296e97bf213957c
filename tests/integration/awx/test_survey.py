# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The survey is valid for AWX, allows only values that the module allows, and is the same as in the pattern."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

Survey = t.Dict[str, t.Any]

# AWX's types of questions, and the types of their defaults. "" means no default in each of them.
TYPES = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str, "integer": int, "float": float}


@pytest.fixture
def questions(survey: Survey) -> dict[str, Survey]:
    """The questions, by the ends of their variables' names."""
    return {question["variable"].partition("northflank_")[2]: question for question in survey["spec"]}


@pytest.fixture
def options(collection: Path) -> dict[str, Survey]:
    """The options of the module, as documented."""
    source = (collection / "plugins" / "modules" / "northflank_manual_job.py").read_text(encoding="utf-8")
    return yaml.safe_load(source.partition('DOCUMENTATION = r"""')[2].partition('"""')[0])["options"]


@pytest.fixture
def pattern(collection: Path) -> dict[str, t.Any]:
    """The definition of the pattern."""
    return json.loads((collection / "extensions/patterns/keep_manual_jobs/meta/pattern.json").read_text(encoding="utf-8"))


def test_it_has_a_name_a_description_and_questions(survey: Survey) -> None:
    assert [type(survey[key]) for key in ("name", "description", "spec")] == [str, str, list]


def test_each_question_has_what_awx_requires(survey: Survey) -> None:
    wanted = {"type": str, "question_name": str, "question_description": str, "variable": str, "required": bool}
    assert all(isinstance(question[key], kind) for question in survey["spec"] for key, kind in wanted.items())


def test_each_default_fits_its_type(survey: Survey) -> None:
    assert all(question["default"] == "" or isinstance(question["default"], TYPES[question["type"]]) for question in survey["spec"])


def test_the_variables_are_unique(survey: Survey) -> None:
    assert len({question["variable"] for question in survey["spec"]}) == len(survey["spec"])


def test_no_question_is_required(survey: Survey) -> None:
    assert not any(question["required"] for question in survey["spec"])


def test_each_question_is_about_an_option(questions: dict[str, Survey], options: dict[str, Survey]) -> None:
    assert set(questions) <= set(options)


def test_each_answer_has_the_type_of_its_option(questions: dict[str, Survey], options: dict[str, Survey]) -> None:
    types = {"integer": "int", "multiplechoice": "str"}
    assert {name: types[question["type"]] for name, question in questions.items()} == {name: options[name]["type"] for name in questions}


def test_the_choices_are_those_of_the_option(questions: dict[str, Survey], options: dict[str, Survey]) -> None:
    assert questions["run_on_source_change"]["choices"] == options["run_on_source_change"]["choices"]


def test_numbers_begin_with_zero(questions: dict[str, Survey]) -> None:
    assert [questions[name]["min"] for name in ("backoff_limit", "active_deadline_seconds")] == [0, 0]


def test_the_pattern_has_the_same_questions(survey: Survey, pattern: dict[str, t.Any]) -> None:
    (template,) = pattern["aap_resources"]["controller_job_templates"]
    assert template["survey"] == survey


def test_the_pattern_describes_the_same_variables(collection: Path, survey: Survey) -> None:
    file = collection / "extensions/patterns/keep_manual_jobs/playbooks/keep_manual_jobs.meta.yml"
    (spec,) = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"].values()
    assert list(spec["options"]) == [question["variable"] for question in survey["spec"]]


def test_the_pattern_has_the_name_of_its_folder(pattern: dict[str, t.Any]) -> None:
    assert pattern["name"] == "keep_manual_jobs"


def test_the_pattern_names_what_it_makes(pattern: dict[str, t.Any], collection: Path) -> None:
    resources = pattern["aap_resources"]
    (template,) = resources["controller_job_templates"]
    assert template["execution_environment"] == resources["controller_execution_environment"]["name"]
    assert set(template["labels"]) <= set(resources["controller_labels"])
    assert (collection / "extensions/patterns/keep_manual_jobs/playbooks" / template["playbook"]).is_file()


def test_the_texts_of_the_pattern_fit(pattern: dict[str, t.Any]) -> None:
    assert len(pattern["title"]) <= 64 and not pattern["short_description"].endswith(".")
