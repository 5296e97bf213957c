# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of each module matches its argument spec, and the spec has the options of the field table."""

from __future__ import annotations

import ast
import inspect
import types
import typing as t

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.doc_fragments.northflank import ModuleDocFragment
from ansible_collections.northflank.cloud.plugins.module_utils._flows import watch
from ansible_collections.northflank.cloud.plugins.module_utils._job import facts, fields
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec
from ansible_collections.northflank.cloud.plugins.modules import (
    northflank_manual_job,
    northflank_manual_job_info,
    northflank_manual_job_run,
)

SPECS = {
    northflank_manual_job: argument_spec.manual_job_spec,
    northflank_manual_job_info: argument_spec.info_spec,
    northflank_manual_job_run: argument_spec.run_spec,
}


def block(module: types.ModuleType, name: str) -> dict[str, t.Any]:
    """DOCUMENTATION or RETURN of a module, as its file has it."""
    tree = ast.parse(inspect.getsource(module))
    found = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    return yaml.safe_load(ast.literal_eval(found[name]))


def documentation(module: types.ModuleType) -> dict[str, t.Any]:
    """The options of a module's documentation, with those of its fragment, as the files have them."""
    return {**yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"], **block(module, "DOCUMENTATION")["options"]}


def flattened(options: dict[str, t.Any], nested: str, path: str = "") -> dict[str, dict[str, t.Any]]:
    """{dotted path: facts} of options at every level, in the terms that spec and documentation share."""
    found = {}
    for name, option in options.items():
        facts = {key: option.get(key) for key in ("type", "elements", "choices", "default")}
        found[path + name] = {**facts, "required": option.get("required", False)}
        found.update(flattened(option.get(nested, {}), nested, f"{path}{name}."))
    return found


DOCUMENTED = {module: flattened(documentation(module), "suboptions") for module in SPECS}
ACCEPTED = {module: flattened(spec(), "options") for module, spec in SPECS.items()}


def names(value: t.Any) -> str:
    """The last part of a module's name, and an option as it is."""
    return getattr(value, "__name__", str(value)).rsplit(".", 1)[-1]


@pytest.mark.parametrize("module", SPECS, ids=names)
def test_the_documentation_names_the_options_of_the_spec(module):
    assert sorted(DOCUMENTED[module]) == sorted(ACCEPTED[module])


@pytest.mark.parametrize("module, option", [(module, option) for module, accepted in ACCEPTED.items() for option in accepted], ids=names)
def test_an_option_is_documented_as_the_spec_has_it(module, option):
    assert DOCUMENTED[module].get(option) == ACCEPTED[module][option]


@pytest.mark.parametrize(
    "rows, besides",
    [(fields.ROWS, {"health_checks"}), (fields.DEPLOYMENT, set()), (fields.RUN_FIELDS, set())],
    ids=["job", "deployment", "run"],
)
def test_the_spec_has_the_options_of_the_table(rows, besides):
    accepted = flattened(argument_spec.job_spec(rows), "options")
    leaves = {option for option in accepted if not any(other.startswith(f"{option}.") for other in accepted)}
    assert leaves == {row.option.replace("[]", "") for row in rows} - besides


@pytest.mark.parametrize("option", ["wait_timeout", "poll_interval", "poll_interval_max"])
def test_the_documentation_names_the_upper_bound_of_a_wait(option):
    described = " ".join(documentation(northflank_manual_job_run)[option]["description"])
    assert f"at most {watch._MAX_SECONDS}" in described


def test_the_documentation_describes_each_key_of_a_job_that_is_returned():
    shown = {f"{row.option}_keys" if row.secret else row.option.partition(".")[0] for row in fields.JOB_FIELDS}
    described = block(northflank_manual_job, "RETURN")["job"]["contains"]
    assert set(described) == shown | set(facts.job({}, dict.fromkeys(("id", "name", "appId", "jobType")), "a-project"))


def test_a_key_that_is_also_an_option_has_its_type():
    described = block(northflank_manual_job, "RETURN")["job"]["contains"]
    options = documentation(northflank_manual_job)
    assert {name: key["type"] for name, key in described.items() if name in options} == {
        name: options[name]["type"] for name in described if name in options
    }


@pytest.mark.parametrize("option", sorted({"state", *(row.option.partition(".")[0] for row in fields.DEPLOYMENT)}))
def test_the_documentation_names_the_version_that_added_an_option(option):
    assert documentation(northflank_manual_job)[option]["version_added"] == "1.1.0"


@pytest.mark.parametrize("row", [row for row in fields.DEPLOYMENT if row.maximum or row.min_length], ids=lambda row: row.option)
def test_the_documentation_names_the_bounds_of_an_option_of_the_deployment(row):
    option = {"suboptions": documentation(northflank_manual_job)}
    for name in row.option.split("."):
        option = option["suboptions"][name]
    low, high = (row.minimum, row.maximum) if row.maximum else (row.min_length, row.max_length)
    described = " ".join(option["description"]).lower()
    assert f"from {low} to {high}" in described or low == high and f"{low} characters" in described


@pytest.mark.parametrize("row", [row for row in fields.JOB_FIELDS if row.required_with == fields.JOB], ids=lambda row: row.option)
def test_the_documentation_names_the_options_that_creating_a_job_requires(row):
    option = {"suboptions": documentation(northflank_manual_job)}
    for name in row.option.split("."):
        option = option["suboptions"][name]
    assert "Required to create a job" in " ".join(option["description"])
