# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs: which options are read from the environment, and which are marked as secrets."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec

SECRET_MAPS = ["runtime_environment", "runtime_files", "build_arguments", "build_files", "docker_secret_mounts"]
IDS = {"project_id": "example-project", "job_id": "example-job"}
FALLBACKS = {
    "api_token": ["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"],
    "api_url": ["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"],
    "team_id": ["NORTHFLANK_TEAM_ID"],
}


@pytest.fixture(name="validated")
def validated_options():
    """validated(option=value) are the options after ansible-core's own validation."""

    def validate(**stated):
        result = ArgumentSpecValidator(argument_spec.manual_job_spec()).validate({**IDS, **stated})
        assert not result.error_messages
        return result.validated_parameters

    return validate


@pytest.mark.parametrize("option, variable", [(option, variable) for option, variables in FALLBACKS.items() for variable in variables])
def test_each_variable_of_the_environment_sets_its_option(validated, monkeypatch, option, variable):
    monkeypatch.setenv(variable, "from-the-environment")
    assert validated()[option] == "from-the-environment"


@pytest.mark.parametrize("option, variables", FALLBACKS.items())
def test_the_first_variable_of_the_environment_is_used(validated, monkeypatch, option, variables):
    for variable in variables:
        monkeypatch.setenv(variable, f"from-{variable}")
    assert validated()[option] == f"from-{variables[0]}"


@pytest.mark.parametrize("option, variables", [(option, variables) for option, variables in FALLBACKS.items() if len(variables) > 1])
def test_an_empty_variable_is_skipped(validated, monkeypatch, option, variables):
    monkeypatch.setenv(variables[0], "")
    monkeypatch.setenv(variables[1], "from-the-second")
    assert validated()[option] == "from-the-second"


@pytest.mark.parametrize("option, variables", FALLBACKS.items())
def test_empty_variables_leave_the_default(validated, monkeypatch, option, variables):
    for variable in variables:
        monkeypatch.setenv(variable, "")
    assert validated()[option] == argument_spec.connection_spec()[option].get("default")


@pytest.mark.parametrize("option", FALLBACKS)
def test_an_option_of_the_task_wins_over_the_environment(validated, monkeypatch, option):
    monkeypatch.setenv(FALLBACKS[option][0], "from-the-environment")
    assert validated(**{option: "from-the-task"})[option] == "from-the-task"


def test_a_variable_that_is_not_set_raises_the_exception_of_ansible_core():
    with pytest.raises(AnsibleFallbackNotFound):
        argument_spec.first_set("NORTHFLANK_API_TOKEN")


@pytest.mark.parametrize("option", SECRET_MAPS)
def test_a_secret_map_sets_no_log_to_false(option):
    assert argument_spec.manual_job_spec()[option]["no_log"] is False


def test_the_token_is_hidden_by_ansible_core():
    assert argument_spec.manual_job_spec()["api_token"]["no_log"] is True


def test_only_the_token_and_the_secret_maps_are_marked():
    assert sorted(name for name, rule in argument_spec.manual_job_spec().items() if "no_log" in rule) == sorted(["api_token", *SECRET_MAPS])


def test_each_call_returns_a_new_spec():
    argument_spec.manual_job_spec()["billing"]["options"].clear()
    assert argument_spec.manual_job_spec()["billing"]["options"]


@pytest.mark.parametrize(
    "option, default",
    [
        ("api_url", "https://api.northflank.com"),
        ("validate_certs", True),
        ("timeout", 30),
        ("retries", 3),
        ("rate_limit_wait", 60),
        ("map_strategy", "replace"),
        ("unreadable", "probe"),
    ],
)
def test_the_defaults_are_the_designed_ones(validated, option, default):
    assert validated()[option] == default
