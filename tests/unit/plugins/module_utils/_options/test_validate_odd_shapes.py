# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any other value instead of a dictionary is reported by its path, before ansible-core, which fails with some of them, gets it."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils import _task as task
from ansible_collections.northflank.cloud.plugins.module_utils._job.paths import put
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec, validate
from harness.strategies import PROPERTY, junk
from hypothesis import given

SPECS = {
    "northflank_manual_job": argument_spec.manual_job_spec,
    "northflank_manual_job_info": argument_spec.info_spec,
    "northflank_manual_job_run": argument_spec.run_spec,
}
ODD = (5, True, 1.5, "a", "a=1, b", [1], ["a"], [[]])


def dictionaries(spec: argument_spec.Spec, prefix: str = "") -> t.Iterator[str]:
    """The paths of the options that are a dictionary of further options."""
    for name, rule in spec.items():
        if rule["type"] == "dict" and "options" in rule:
            yield prefix + name
            yield from dictionaries(rule["options"], f"{prefix}{name}.")


PLACES = [(module, path) for module, spec in SPECS.items() for path in dictionaries(spec())]


def find_problems(module: str, path: str, value: t.Any) -> str | None:
    """The problems of options with a value at a path. The remaining options pass ansible-core's own validation."""
    spec = SPECS[module]()
    options: dict[str, t.Any] = {"project_id": "a-project", "job_id": "a-job"}
    put(options, path, value)
    stated, wrong = task.check_options(options, spec)
    ArgumentSpecValidator(spec).validate(stated)
    return wrong


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("module, path", PLACES)
def test_what_is_not_a_dictionary_is_reported_with_its_path(module: str, path: str, value: t.Any) -> None:
    assert f"{path}: " in (find_problems(module, path, value) or "")


@PROPERTY
@given(value=junk())
def test_no_value_makes_ansible_core_fail_without_a_message(value: t.Any) -> None:
    for module, path in [*PLACES, ("northflank_manual_job", "health_checks")]:
        find_problems(module, path, value)


@pytest.mark.parametrize("module, path", PLACES)
def test_valid_parts_beside_it_stay(module: str, path: str) -> None:
    spec = SPECS[module]()
    options: dict[str, t.Any] = {"project_id": 5, "no_such_option": [1]}
    put(options, path, {})
    assert validate.drop_malformed(options, spec) == options


def test_only_the_dictionaries_of_a_list_are_kept() -> None:
    spec = argument_spec.manual_job_spec()
    assert validate.drop_malformed({"health_checks": [5, {"port": 1}]}, spec) == {"health_checks": [{"port": 1}]}
    assert validate.drop_malformed({"health_checks": 5}, spec) == {}
