# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of options name the whole path, the value if it is not secret, and the rule."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec, validate
from harness.strategies import PROPERTY, junk, options
from hypothesis import given
from hypothesis import strategies as st

IDS = {"project_id": "example-project", "job_id": "example-job"}
CHECK = {
    "protocol": "HTTP",
    "type": "readinessProbe",
    "path": "/health",
    "port": 8080,
    "initial_delay_seconds": 10,
    "period_seconds": 60,
    "timeout_seconds": 1,
    "failure_threshold": 3,
}
OTHER_CHECK = {**CHECK, "type": "livenessProbe"}
SECRET_ROWS = [row for row in fields.FIELDS if row.secret]
MARKER = "S3c-marker-7xQ"
# What to do about it.
QUOTE_IT = ". Quote it, or use the filter string in a template"
STRING = ". For text that reads as JSON, use the filter string"
A_DICTIONARY = ". Write it as a dictionary, such as {name: value}"
A_LIST = ". Write it as a list, such as [a, b]"
MAY_BE_EMPTY = ". If it may be empty, use the filter default(omit, true)"
FROM_JSON = ". For text that contains JSON, use the filter from_json. In an ad-hoc command, write all options as one JSON object"


def problems(stated: t.Mapping[str, t.Any]) -> list[str]:
    """The problems of a task with these options, beside those that it must have."""
    return validate.validate_options({**IDS, **stated}, argument_spec.manual_job_spec())


def only_problem(**stated: t.Any) -> str:
    """The one problem of a task with these options."""
    found = problems(stated)
    assert len(found) == 1, found
    return found[0]


def nested(path: str, value: t.Any) -> dict[str, t.Any]:
    """Options that set one option by its dotted path. An option of a health check is in a check that is valid otherwise."""
    first, _dot, rest = path.partition(".")
    if first == "health_checks[]":
        return {"health_checks": [{**CHECK, rest: value}]}
    return {first: nested(rest, value) if rest else value}


def without_unset(value: t.Any) -> t.Any:
    """Options without those that ansible-core filled in as None."""
    if isinstance(value, dict):
        return {name: without_unset(item) for name, item in value.items() if item is not None}
    return [without_unset(item) for item in value] if isinstance(value, list) else value


def test_a_task_with_only_the_required_options_has_no_problem():
    assert problems({}) == []


@pytest.mark.parametrize("name", ["project_id", "job_id"])
def test_a_missing_required_option_is_named(name):
    assert validate.validate_options({**IDS, name: None}, argument_spec.manual_job_spec()) == [f"{name}: is required"]


@pytest.mark.parametrize(
    "stated, expected",
    [
        (
            {"health_checks": [CHECK, {**OTHER_CHECK, "period_seconds": 5}]},
            "health_checks[1].period_seconds: 5 is not allowed. It must be from 10 to 600",
        ),
        ({"health_checks": [{**CHECK, "port": 0}]}, "health_checks[0].port: 0 is not allowed. It must be from 1 to 65535"),
        (
            {"health_checks": [{**CHECK, "success_threshold": 256}]},
            "health_checks[0].success_threshold: 256 is not allowed. It must be from 1 to 255",
        ),
        ({"health_checks": [{**CHECK, "protocol": "UDP"}]}, 'health_checks[0].protocol: "UDP" is not one of HTTP, CMD, TCP'),
        ({"health_checks": ["HTTP"]}, f'health_checks[0]: "HTTP" is not a dictionary{A_DICTIONARY}'),
        ({"billing": {"gpu": {"configuration": {"gpu_count": "many"}}}}, 'billing.gpu.configuration.gpu_count: "many" is not an integer'),
        ({"billing": {"gpu": {"enabled": "perhaps"}}}, 'billing.gpu.enabled: "perhaps" is not a boolean'),
        ({"billing": ["nf-compute-20"]}, f'billing: ["nf-compute-20"] is not a dictionary{A_DICTIONARY}'),
        ({"run_on_source_change": False}, "run_on_source_change: false is not one of never, cd-promote, always"),
        ({"unreadable": True}, "unreadable: true is not one of probe, apply, skip"),
        ({"backoff_limit": ""}, f'backoff_limit: "" is not an integer{MAY_BE_EMPTY}'),
        ({"disabled_ci": ""}, f'disabled_ci: "" is not a boolean{MAY_BE_EMPTY}'),
        ({"tags": " "}, f'tags: " " is not a list{MAY_BE_EMPTY}'),
        ({"billing": ""}, f'billing: "" is not a dictionary{MAY_BE_EMPTY}'),
        ({"runtime_environment": ""}, f"runtime_environment: the value is not a dictionary{MAY_BE_EMPTY}"),
        ({"runtime_environment": "A=1 B=2"}, f"runtime_environment: the value is not a dictionary{A_DICTIONARY}"),
        ({"runtime_environment": '{"A": 1}'}, f"runtime_environment: the value is not a dictionary{FROM_JSON}"),
        ({"tags": {"a": 1}}, f'tags: {{"a": 1}} is not a list{A_LIST}'),
        ({"tags": 0o123}, f"tags: 83 is not a list{A_LIST}"),
        ({"timeout": "long"}, 'timeout: "long" is not a number'),
        ({"backoff_limit": 1.5}, "backoff_limit: 1.5 is not an integer"),
        ({"backoff_limit": True}, "backoff_limit: true is not an integer"),
        ({"timeout": float("nan")}, "timeout: NaN is not a number"),
        ({"description": True}, f"description: true is not text{QUOTE_IT}"),
        ({"description": 1.10}, f"description: 1.1 is not text{QUOTE_IT}"),
        ({"description": 0o123}, f"description: 83 is not text{QUOTE_IT}"),
        ({"stage_id": 5349}, f"stage_id: 5349 is not text{QUOTE_IT}"),
        ({"team_id": 7}, f"team_id: 7 is not text{QUOTE_IT}"),
        ({"ca_path": 7}, f"ca_path: 7 is not text{QUOTE_IT}"),
        ({"run_on_source_change": 1}, "run_on_source_change: 1 is not one of never, cd-promote, always"),
        ({"description": ["a"]}, f'description: ["a"] is not text{STRING}'),
        (
            {"build_settings": {"dockerfile": {"dockerfile_contents": {"a": 1}}}},
            f'build_settings.dockerfile.dockerfile_contents: {{"a": 1}} is not text{STRING}',
        ),
        ({"health_checks": [{**CHECK, "cmd": ["a"]}]}, f'health_checks[0].cmd: ["a"] is not text{STRING}'),
        ({"billing": '{"deployment_plan": "a"}'}, f'billing: "{{\\"deployment_plan\\": \\"a\\"}}" is not a dictionary{FROM_JSON}'),
        ({"tags": '["a", "b"]'}, f'tags: "[\\"a\\", \\"b\\"]" is not a list{FROM_JSON}'),
        ({"backoff_limit": -1}, "backoff_limit: -1 is not allowed. It must be 0 or more"),
        (
            {"billing": {"gpu": {"configuration": {"gpu_count": -1}}}},
            "billing.gpu.configuration.gpu_count: -1 is not allowed. It must be 0 or more",
        ),
        ({"health_checks": [{**CHECK, "port": 70000}]}, "health_checks[0].port: 70000 is not allowed. It must be from 1 to 65535"),
        ({"tags": ["one", None]}, "tags[1]: null is not text"),
        ({"tags": ["one", False]}, f"tags[1]: false is not text{QUOTE_IT}"),
        ({"active_deadline_seconds": -1}, "active_deadline_seconds: -1 is not allowed. It must be 1 or more. To clear the field, use 0"),
        ({"stage_id": "ab"}, 'stage_id: "ab" is too short. At least 3 characters are required. To clear the field, use ""'),
        ({"description": "a" * 201}, f'description: "{"a" * 79}... has 201 characters. At most 200 are allowed'),
        (
            {"build_configuration": {"ci_ignore_flags": ["a", "b" * 73]}},
            f'build_configuration.ci_ignore_flags[1]: "{"b" * 73}" has 73 characters. At most 72 are allowed',
        ),
        ({"map_strategy": "keep"}, 'map_strategy: "keep" is not one of replace, merge'),
        (
            {"run_on_source_change": "cd_promote"},
            'run_on_source_change: "cd_promote" is not one of never, cd-promote, always. Did you mean cd-promote?',
        ),
    ],
    ids=lambda value: value.partition(" is ")[0][:60] if isinstance(value, str) else "",
)
def test_a_problem_names_the_path_the_value_and_the_rule(stated, expected):
    assert only_problem(**stated) == expected


@pytest.mark.parametrize(
    "stated, path",
    [
        (
            {"tags": ["one", "-two"]},
            'tags[1]: "-two" is not allowed. Use ASCII letters and digits, in groups joined by single hyphens',
        ),
        (
            {"description": ""},
            "description: the value is empty. The API documents no way to clear the description. Leave the option out to keep the current one",
        ),
        ({"description": "a#b"}, 'description: the character "#" (position 2) is not allowed. Use only white space, . , '),
        ({"description": "Größe, Ü"}, 'description: the character "ö" (position 3) is not allowed. Use only'),
        ({"description": "no\u00a0break\u200b"}, 'description: the character "\\u200b" (position 9) is not allowed. Use only'),
        ({"description": "e\u0301"}, 'description: the character "\\u0301" (position 2) is not allowed. Use only'),
        (
            {"tags": ["a", "my-tag\n"]},
            'tags[1]: the character "\\n" (position 7) is not allowed. Use ASCII letters and digits, in ',
        ),
        ({"tags": [""]}, "tags[0]: the value is empty. Use ASCII letters and digits, in groups joined by single hyphens"),
        ({"stage_id": "my stage"}, 'stage_id: the character " " (position 3) is not allowed. Use ASCII letters'),
        ({"billing": {"build_plan": "plan 1"}}, 'billing.build_plan: the character " " (position 5) is not allowed. Use ASCII letters'),
        (
            {"build_settings": {"dockerfile": {"docker_file_path": "/a/../b"}}},
            'build_settings.dockerfile.docker_file_path: "/a/../b" is not allowed. Use an absolute path of a file',
        ),
        ({"health_checks": [{**CHECK, "path": "health"}]}, 'health_checks[0].path: "health" is not allowed. Use an absolute path'),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_text_out_of_its_pattern_is_refused_with_the_rule_in_words(stated, path):
    assert only_problem(**stated).startswith(path)


@pytest.mark.parametrize(
    "stated, expected",
    [
        ({"backof_limit": 1}, "backof_limit: unknown option. Did you mean backoff_limit?"),
        ({"backoffLimit": 1}, "backoffLimit: unknown option. Did you mean backoff_limit?"),
        ({"disabledCI": True}, "disabledCI: unknown option. Did you mean disabled_ci?"),
        ({"billing": {"deploymentPlan": "a"}}, "billing.deploymentPlan: unknown option. Did you mean billing.deployment_plan?"),
        ({"deployment_plan": "a"}, "deployment_plan: unknown option. Did you mean billing.deployment_plan?"),
        ({"deploymentPlan": "a"}, "deploymentPlan: unknown option. Did you mean billing.deployment_plan?"),
        ({"deployments": {}}, "deployments: unknown option. Did you mean deployment?"),
        ({"image_path": "a:1"}, "image_path: unknown option. Did you mean deployment.external.image_path?"),
        ({"deployment": {"imagePath": "a:1"}}, "deployment.imagePath: unknown option. Did you mean deployment.external.image_path?"),
        ({"billing": {"backoff_limit": 1}}, "billing.backoff_limit: unknown option. Did you mean backoff_limit?"),
        (
            {"health_checks": [{**CHECK, "periodSeconds": 10}]},
            "health_checks[0].periodSeconds: unknown option. Did you mean health_checks[0].period_seconds?",
        ),
        ({"zzz": 1}, "zzz: unknown option"),
    ],
    ids=lambda value: value.partition(":")[0] if isinstance(value, str) else "",
)
def test_an_unknown_option_is_refused_by_name_with_the_nearest_one(stated, expected):
    assert only_problem(**stated) == expected


def test_the_value_of_an_unknown_option_is_not_shown():
    assert MARKER not in only_problem(runtime_enviroment={"KEY": MARKER})


@pytest.mark.parametrize("name", ["initial_delay_seconds", "period_seconds", "timeout_seconds", "failure_threshold", "type", "protocol"])
def test_a_missing_required_member_of_a_health_check_is_named(name):
    check = {key: value for key, value in CHECK.items() if key != name}
    assert only_problem(health_checks=[OTHER_CHECK, check] if name != "type" else [check]).endswith(f"].{name}: is required")


def test_several_problems_are_all_listed():
    found = problems(
        {
            "backof_limit": 1,
            "tags": ["-"],
            "billing": {"gpu": {"enabled": "x"}},
            "health_checks": [{**CHECK, "port": 0, "timeout_seconds": 61}],
        }
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "backof_limit",
        "tags[0]",
        "billing.gpu.enabled",
        "health_checks[0].port",
        "health_checks[0].timeout_seconds",
    ]


def test_internal_keys_of_ansible_are_ignored():
    assert problems({"_ansible_check_mode": True, "_ansible_no_log": False}) == []


def test_an_option_that_is_none_is_not_set():
    assert problems({"tags": None, "billing": {"gpu": None}, "health_checks": None, "runtime_environment": None}) == []


OPTIONAL = [row.option for row in fields.ROWS if not row.required] + [*argument_spec.connection_spec(), "map_strategy", "unreadable"]


@pytest.mark.parametrize("path", OPTIONAL)
def test_an_option_that_is_null_is_not_set_for_ansible_core_either(path):
    spec = argument_spec.manual_job_spec()
    stated = validate.drop_nulls({**IDS, **nested(path, None)}, spec)
    assert ArgumentSpecValidator(spec).validate(stated).error_messages == []


@pytest.mark.parametrize(
    "path, value",
    [
        ("active_deadline_seconds", 0),
        ("stage_id", ""),
        ("build_settings.dockerfile.dockerfile_contents", ""),
        ("tags", []),
        ("health_checks", []),
        ("runtime_environment", {}),
        ("build_configuration.path_ignore_rules", []),
        ("build_configuration.dockerfile_target", ""),
    ],
)
def test_the_value_that_clears_an_option_has_no_problem(path, value):
    assert problems(nested(path, value)) == []


@pytest.mark.parametrize("row", SECRET_ROWS, ids=lambda row: row.option)
def test_a_secret_map_of_another_type_is_refused_without_its_value(row):
    assert only_problem(**{row.option: [MARKER]}) == f"{row.option}: the value is not a dictionary{A_DICTIONARY}"


def test_a_token_of_another_type_is_refused_without_its_value():
    assert only_problem(api_token=[MARKER]) == f"api_token: the value is not text{STRING}"


@pytest.mark.parametrize("row", [row for row in fields.ROWS if row.maximum is not None], ids=lambda row: row.option)
@pytest.mark.parametrize("offset", [0, 1])
def test_both_bounds_of_a_number_are_allowed_and_nothing_beyond(row, offset):
    values = (row.minimum - offset, row.maximum + offset)
    assert [bool(problems(nested(row.option, value))) for value in values] == [bool(offset)] * 2


@pytest.mark.parametrize(
    "path",
    [
        "backoff_limit",
        "billing.gpu.configuration.gpu_count",
        "build_settings.dockerfile.buildkit.internal_cache_storage",
        "timeout",
    ],
)
@pytest.mark.parametrize("value", [float("inf"), "Infinity", "-inf"])
def test_an_infinite_number_is_a_problem_and_not_a_crash(path, value):
    assert len(problems(nested(path, value))) == 1


def test_an_integer_that_is_too_large_for_a_float_is_a_problem_and_not_a_crash():
    assert len(problems({"timeout": 10**400})) == 1


@PROPERTY
@given(options())
def test_options_that_the_contract_allows_have_no_problem(stated):
    assert problems(stated) == []


@PROPERTY
@given(options())
def test_options_without_a_problem_pass_ansible_core_and_stay_as_they_are(stated):
    result = ArgumentSpecValidator(argument_spec.manual_job_spec()).validate({**IDS, **stated})
    assert result.error_messages == []
    assert {name: without_unset(result.validated_parameters[name]) for name in stated} == stated


def junk_options() -> st.SearchStrategy[dict[str, t.Any]]:
    """Options of which some, at any level, have junk as their value."""
    spoilt = st.sampled_from([row.option for row in fields.FIELDS] + list(argument_spec.connection_spec()) + ["billing", "build_settings"])
    some = st.tuples(spoilt, junk()).map(lambda made: nested(*made))
    member = st.tuples(st.sampled_from([row.option for row in fields.CHECK_MEMBERS]), junk()).map(lambda made: nested(*made))
    anywhere = st.dictionaries(st.sampled_from(list(argument_spec.manual_job_spec())), junk())
    return st.one_of(some, member, anywhere, st.dictionaries(st.text(max_size=20), junk(), max_size=3))


@PROPERTY
@given(junk_options())
def test_no_junk_makes_the_validation_crash(stated):
    assert all(isinstance(problem, str) for problem in problems(stated))


@PROPERTY
@given(junk_options())
def test_junk_without_a_problem_passes_ansible_core(stated):
    spec = argument_spec.manual_job_spec()
    if not problems(stated):
        assert ArgumentSpecValidator(spec).validate(validate.drop_nulls({**IDS, **stated}, spec)).error_messages == []


def maps_with_a_marker() -> st.SearchStrategy[t.Any]:
    """Junk in the place of a secret map, with the marker at any place but the keys."""
    leaf = st.one_of(
        st.just(MARKER), st.just([MARKER]), st.just({"content": MARKER}), st.just({"data": MARKER}), st.just({"encoding": MARKER}), junk()
    )
    names = st.sampled_from(["", "KEY", "/etc/file", "content", "data", "encoding", "other"])
    holder = st.recursive(
        leaf, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)), max_leaves=6
    )
    return st.one_of(holder, st.dictionaries(names, holder, max_size=4))


@PROPERTY
@given(st.sampled_from(SECRET_ROWS), maps_with_a_marker(), st.sampled_from(["probe", "apply"]))
def test_no_value_of_a_secret_map_is_in_a_problem(row, value, unreadable):
    assert MARKER not in " ".join(problems({row.option: value, "unreadable": unreadable}))


@pytest.mark.parametrize("length, shown", [(78, f'"{"a" * 78}"'), (79, f'"{"a" * 79}...')])
def test_a_value_is_shown_completely_up_to_80_characters(length: int, shown: str) -> None:
    assert validate.quote_value("a" * length) == shown


@pytest.mark.parametrize(
    "stated",
    [
        {"build_configuration": {"ci_ignore_flags": "[skip ci]"}},
        {"build_configuration": {"path_ignore_rules": "[a-z]*.md,docs"}},
        {"build_configuration": {"ci_ignore_flags": ["[skip ci]", "[ci skip]"]}},
    ],
    ids=str,
)
def test_a_text_that_begins_like_json_and_is_not_json_is_accepted(stated):
    assert problems(stated) == []
