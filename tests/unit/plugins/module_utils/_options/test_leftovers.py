# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leftovers of a template are refused with their path in each option for free text, and ordinary text is not."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec, leftovers, validate

OMIT = "__omit_place_holder__d82baa42146dc24837b3bc6858eeed854c4efeba"
METHOD = "<built-in method items of dict object at 0x7f28ca691980>"
OBJECTS = [
    METHOD,
    "before <built-in method pop of list object at 0x7f28ca4f3900> after",
    "<bound method Undefined.x of y at 0x7f28ca4f3900>",
    "<generator object select_or_reject at 0x7f28ca4f3900>",
    "<function now at 0x7f28ca4f3900>",
    "<jinja2.runtime.Macro at 0x7f28ca4f3900>",
    "dict_keys(['a'])",
    "dict_items([('a', 1)])",
    "[AnsibleUndefined(hint=None, obj=missing, name='x')]",
    "[AnsibleUndefined]",
    "  <object object at 0x7f28ca691980>\n",
]
# An option for each kind of free text, with the path that a message names.
PLACES: dict[str, t.Callable[[str], dict[str, t.Any]]] = {
    "build_settings.dockerfile.dockerfile_contents": lambda text: {"build_settings": {"dockerfile": {"dockerfile_contents": text}}},
    "build_configuration.path_ignore_rules[1]": lambda text: {"build_configuration": {"path_ignore_rules": ["a", text]}},
    "build_configuration.ci_ignore_flags[0]": lambda text: {"build_configuration": {"ci_ignore_flags": [text]}},
    "build_configuration.dockerfile_target": lambda text: {"build_configuration": {"dockerfile_target": text}},
    "build_settings.buildpack.buildpack_locators[0]": lambda text: {"build_settings": {"buildpack": {"buildpack_locators": [text]}}},
    "billing.gpu.configuration.gpu_type": lambda text: {"billing": {"gpu": {"configuration": {"gpu_type": text}}}},
    "runtime_environment.A": lambda text: {"runtime_environment": {"A": text}},
    "build_arguments.A": lambda text: {"build_arguments": {"A": text}},
    "runtime_files./etc/a.content": lambda text: {"runtime_files": {"/etc/a": {"content": text}}},
    "api_url": lambda text: {"api_url": text},
}
ORDINARY = [
    "see <object at 0x7f00aa00> or dict_keys(['a'])",
    "FROM a\nRUN python -c 'f()' # dict_keys([])",
    "the text __omit_place_holder__ is bad",
    "Traceback:\n  <function f at 0x7f28ca691980>\n<built-in method pop of list object at 0x7f28ca691980>",
    "what AnsibleUndefined means",
    "<<EOF",
    "",
    "{{ northflank_job.description }}",
    "<a href='x'> at 0x",
    "dict_keys",
    "built-in method",
    "<stdin> at 12",
    "omit",
    "at 0x7f28ca4f3900>",
    "if a < b and c > d",
]


def problems(stated: t.Mapping[str, t.Any]) -> list[str]:
    """The problems of a task with these options."""
    return validate.validate_options({"project_id": "a", "job_id": "b", **stated}, argument_spec.manual_job_spec())


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("text", [OMIT, f"a {OMIT} b", OMIT.upper(), "<<Omit>>", "a/<<Omit>>", "<<OMIT>>"])
def test_a_placeholder_is_refused_by_its_path(path: str, text: str) -> None:
    (problem,) = problems(PLACES[path](text))
    assert problem.startswith(f"{path}: omit works only as a whole option or a whole value of a dictionary")


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("text", OBJECTS)
def test_the_description_of_an_object_is_refused_without_its_value(path: str, text: str) -> None:
    (problem,) = problems(PLACES[path](text))
    assert problem.startswith(f"{path}: the value describes a Python object, because a template ") and text not in problem


@pytest.mark.parametrize("option", [row.option for row in fields.FIELDS if row.secret])
def test_a_leftover_in_a_name_is_found_too(option: str) -> None:
    value: t.Any = "a" if option in ("runtime_environment", "build_arguments") else {"content": "a"}
    (placeholder,) = problems({option: {f"/{OMIT}": value}})
    assert placeholder.startswith(f"{option}./{OMIT}: omit works only as")
    (template,) = problems({option: {"/{{ name }}": value}})
    assert template.startswith(f"{option}./{{{{ name }}}}: the name contains a template")


@pytest.mark.parametrize("text", [OMIT, "<<Omit>>", f"a {OMIT}"])
def test_a_placeholder_in_base64_is_refused(text: str) -> None:
    data = base64.b64encode(text.encode()).decode()
    (problem,) = problems({"runtime_files": {"/etc/a": {"data": data}}})
    assert problem.startswith("runtime_files./etc/a.data: omit works only as a whole option")


@pytest.mark.parametrize("data", ["YWJj", "no base64!", 5, None, ["<<Omit>>"[:3]]])
def test_other_data_is_not_a_leftover(data: t.Any) -> None:
    assert list(leftovers.find_leftovers({"runtime_files": {"/etc/a": {"data": data}}})) == []


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_has_no_problem(text: str) -> None:
    assert list(leftovers.find_leftovers({"a": {"B": text}, "c": [text]})) == []
