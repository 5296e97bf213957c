# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between options, and for the entries of secret maps."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec, validate

IDS = {"project_id": "example-project", "job_id": "example-job"}
COMMON = {"type": "readinessProbe", "initial_delay_seconds": 10, "period_seconds": 60, "timeout_seconds": 1, "failure_threshold": 3}
TCP = {**COMMON, "protocol": "TCP", "port": 80}
VARIABLES = pytest.mark.parametrize("option", ["runtime_environment", "build_arguments"])
PATHS = pytest.mark.parametrize("option", ["runtime_files", "build_files"])
RANDOM = "a-${fn.randomSecret(32)}"
SECRET_MAPS = ("runtime_environment", "build_arguments", "runtime_files", "build_files", "docker_secret_mounts")
WITH_A_POINT = (
    "the value is a number with a decimal point, and YAML does not keep its digits (1.10 becomes 1.1). "
    "Quote it, or use the filter string in a template"
)


def problems(**stated: t.Any) -> list[str]:
    """The problems of a task with these options."""
    return validate.validate_options({**IDS, **stated}, argument_spec.manual_job_spec())


def problems_of_file(**entry: t.Any) -> list[str]:
    """The problems of one file with these keys."""
    return problems(runtime_files={"/file": entry})


@pytest.mark.parametrize("protocol, missing", [("HTTP", ["path", "port"]), ("CMD", ["cmd"]), ("TCP", ["port"])])
def test_a_protocol_needs_its_members(protocol, missing):
    expected = [f"health_checks[0].{name}: is required because protocol is {protocol}" for name in missing]
    assert problems(health_checks=[{**COMMON, "protocol": protocol}]) == expected


@pytest.mark.parametrize(
    "check",
    [
        {"protocol": "HTTP", "path": "/", "port": 80},
        {"protocol": "CMD", "cmd": "true"},
        {"protocol": "TCP", "port": 80},
    ],
    ids=lambda check: check["protocol"],
)
def test_a_protocol_needs_only_its_members(check):
    assert problems(health_checks=[{**COMMON, **check}]) == []


def test_a_required_member_of_a_protocol_is_not_replaced_by_none():
    assert problems(health_checks=[{**TCP, "port": None}]) == ["health_checks[0].port: is required because protocol is TCP"]


def test_each_type_of_health_check_is_allowed_once():
    checks = [TCP, {**TCP, "type": "livenessProbe"}, {**TCP, "port": 81}]
    assert problems(health_checks=checks) == [
        "health_checks[2].type: type readinessProbe is already used by health_checks[0]. Use each type once"
    ]


def test_a_dockerfile_and_a_buildpack_exclude_each_other():
    found = problems(build_settings={"dockerfile": {"docker_file_path": "/Dockerfile"}, "buildpack": {"builder": "HEROKU_24"}})
    assert found == ["build_settings: dockerfile and buildpack cannot be used together. Use the one that the job builds with"]


@pytest.mark.parametrize("dockerfile", [None, {}, {"docker_file_path": None}, {"buildkit": {"use_cache": None}}])
def test_an_empty_build_type_excludes_no_other(dockerfile):
    assert problems(build_settings={"dockerfile": dockerfile, "buildpack": {"builder": "HEROKU_24"}}) == []


@pytest.mark.parametrize(
    "stated",
    [
        {"build_settings": {"dockerfile": {"docker_file_path": "/Dockerfile"}, "buildpack": {"builder": "HEROKU_24"}}},
        {"runtime_environment": {"KEY": RANDOM}},
    ],
    ids=list,
)
def test_a_dictionary_that_is_written_as_text_is_refused(stated):
    ((name, value),) = stated.items()
    (problem,) = problems(**{name: json.dumps(value)})
    assert problem.startswith(f"{name}: ") and " is not a dictionary. For text that contains JSON, use the filter from_json" in problem


def test_a_health_check_that_is_written_as_text_is_refused():
    (problem,) = problems(health_checks=[json.dumps({**COMMON, "protocol": "TCP"})])
    assert problem.startswith("health_checks[0]: ") and " is not a dictionary. For text that contains JSON, use the filter" in problem


def test_a_secret_map_that_is_written_as_pairs_is_refused_without_its_value():
    (problem,) = problems(runtime_environment="KEY=S3cret")
    assert problem.startswith("runtime_environment: the value is not a dictionary. Write it as ") and "S3cret" not in problem


@pytest.mark.parametrize(
    "entry, rule",
    [
        ({}, "content or data is required. Use content for text, or data for base64"),
        ({"encoding": "utf-8"}, "content or data is required. Use content for text, or data for base64"),
        ({"content": None}, "content or data is required. Use content for text, or data for base64"),
        ({"content": "a", "data": "YQ=="}, "content and data cannot be used together. Use content for text, or data for base64"),
    ],
)
def test_a_file_has_either_content_or_data(entry, rule):
    assert problems_of_file(**entry) == [f'runtime_files["/file"]: {rule}']


def test_a_file_may_be_empty():
    assert problems(runtime_files={"/a": {"content": ""}, "/b": {"data": ""}}) == []


def test_data_that_is_not_base64_is_refused():
    assert problems_of_file(data="a secret text!") == ['runtime_files["/file"].data: the value is not base64. For plain text, use content']


def test_an_unknown_encoding_is_refused():
    assert problems_of_file(content="a", encoding="no-such") == [
        'runtime_files["/file"].content: the encoding is unknown to Python. Use data, with the bytes as base64'
    ]


def test_content_that_its_encoding_cannot_write_is_refused():
    assert problems_of_file(content="ä", encoding="ascii") == [
        'runtime_files["/file"].content: the content has characters that its encoding does not have. Leave encoding out, or use data'
    ]


@pytest.mark.parametrize("encoding", ["base64", "rot13", "undefined", "idna", "a\0b", "\ud800", "utf-8 ", "../etc"])
def test_no_encoding_makes_the_validation_crash(encoding):
    assert all(isinstance(problem, str) for problem in problems_of_file(content="a." * 40, encoding=encoding))


def test_an_empty_encoding_is_refused():
    assert problems_of_file(content="a", encoding="") == [
        'runtime_files["/file"].encoding: the value is empty. Leave the option out, or use one such as utf-8'
    ]


def test_an_unknown_key_of_a_file_is_refused():
    assert problems_of_file(content="a", mode="0600") == [
        'runtime_files["/file"].mode: unknown option. A file has content or data, and encoding'
    ]


@pytest.mark.parametrize("entry", ["text", ["text"], 1, None])
def test_a_file_that_is_not_a_dictionary_is_refused(entry):
    assert problems(runtime_files={"/file": entry}) == ['runtime_files["/file"]: the value is not a dictionary with content or data']


@pytest.mark.parametrize("key", ["content", "data"])
def test_a_number_as_content_is_refused_with_the_advice_to_quote_it(key):
    assert problems_of_file(**{key: 123}) == [
        f'runtime_files["/file"].{key}: the value is not text. Quote it, or use the filter string in a template'
    ]


def test_a_parsed_document_as_content_is_refused_with_the_advice_to_filter_it():
    (problem,) = problems_of_file(content={"a": 1})
    assert problem.startswith('runtime_files["/file"].content: the value is not text. ') and "to_json" in problem


@PATHS
def test_the_name_of_a_file_is_an_absolute_path(option):
    found = problems(**{option: {"etc/file": {"content": "a"}}})
    assert found == [f'{option}["etc/file"]: the name is not an absolute path. It must begin with /']


def test_the_name_of_a_secret_mount_is_not_a_path():
    assert problems(docker_secret_mounts={"mount_1": {"content": "a"}}) == []


@pytest.mark.parametrize("option", SECRET_MAPS)
def test_an_empty_name_is_refused(option):
    assert problems(**{option: {"": "a"}}) == [f"{option}: a name is empty. Write a name, or remove the entry"]


@pytest.mark.parametrize("option", SECRET_MAPS)
@pytest.mark.parametrize("name, shown", [("/a\nb", r"/a\nb"), ("/a\0", r"/a\u0000"), ("/\x7f", r"/\u007f")])
def test_a_control_character_in_a_name_is_refused(option, name, shown):
    assert problems(**{option: {name: "a"}}) == [
        f'{option}: the name "{shown}" contains a control character, such as a line break. Remove it, in a template with the filter trim'
    ]


@VARIABLES
def test_the_name_of_a_variable_contains_no_equals_sign(option):
    assert problems(**{option: {"A=B": "a"}}) == [f'{option}.A=B: the name contains "=", which is not allowed in the name of a variable']


def test_the_name_of_a_file_may_contain_an_equals_sign():
    assert problems(runtime_files={"/etc/a=b": {"content": "a"}}) == []


@VARIABLES
@pytest.mark.parametrize(
    "value, reason",
    [
        (None, "the value is null, not text. Quote it, or leave the name out"),
        (["a"], "the value is not text. For text that reads as JSON, use the filter string. For data, use the filter to_json"),
        ({"a": 1}, "the value is not text. For text that reads as JSON, use the filter string. For data, use the filter to_json"),
        (1.5, WITH_A_POINT),
        (float("nan"), WITH_A_POINT),
        ("a\0b", "the value contains a NUL character, which no environment variable can contain. Use a file, with data"),
    ],
    ids=str,
)
def test_a_value_that_is_not_text_is_refused_with_the_advice_to_quote_it(option, value, reason):
    assert problems(**{option: {"KEY": value}}) == [f"{option}.KEY: {reason}"]


@VARIABLES
@pytest.mark.parametrize("value", ["text", "", "${NAME}", True, False, 0, 15, -3, "${fn.other(1)}"])
def test_a_value_that_reads_as_text_has_no_problem(option, value):
    assert problems(**{option: {"KEY": value}}) == []


@VARIABLES
@pytest.mark.parametrize("unreadable", [{}, {"unreadable": "probe"}, {"unreadable": "skip"}])
def test_a_function_with_a_random_result_is_refused(option, unreadable):
    (problem,) = problems(**{option: {"KEY": RANDOM}}, **unreadable)
    assert problem.startswith(f"{option}.KEY: ") and "unreadable" in problem


@VARIABLES
def test_a_function_with_a_random_result_is_allowed_if_unknown_fields_are_applied(option):
    assert problems(**{option: {"KEY": RANDOM}}, unreadable="apply") == []


@pytest.mark.parametrize("name", ["Example Job", "example-job", "EXAMPLE-job", "Example\u00a0Job"])
def test_a_name_that_leads_to_the_id_has_no_problem(name):
    assert problems(name=name) == []


@pytest.mark.parametrize("name, slug", [("Example Jobs", "example-jobs"), ("Example", "example"), ("ExampleJob", "examplejob")])
def test_a_name_that_leads_to_another_id_is_refused_with_both(name, slug):
    assert problems(name=name) == [f'name: a job with this name has the ID "{slug}", and job_id is "example-job". Change one of the two']


@pytest.mark.parametrize("name", [7, None, ["a"], {"a": "b"}])
def test_a_name_that_is_not_text_is_not_compared_with_the_id(name):
    assert [problem for problem in problems(name=name) if "has the ID" in problem] == []


SOURCES = {
    "external": {"image_path": "nginx:1"},
    "internal": {"id": "a-service"},
    "vcs": {"project_url": "https://github.com/example/report", "project_type": "github", "project_branch": "main"},
}


@pytest.mark.parametrize("names", [["external", "internal"], ["external", "vcs"], ["internal", "vcs"], ["external", "internal", "vcs"]])
def test_an_image_comes_from_one_source(names):
    assert problems(deployment={name: SOURCES[name] for name in names}) == [
        f"deployment: {' and '.join(names)} cannot be used together. Use the one that the image comes from"
    ]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_without_values_is_not_a_second_one(name):
    others = {other: dict.fromkeys(values) for other, values in SOURCES.items() if other != name}
    found = problems(deployment={name: SOURCES[name], **others})
    assert [problem for problem in found if "together" in problem] == []


def test_both_runtimes_can_be_set():
    assert problems(deployment={"docker": {"config_type": "default"}, "buildpack": {"config_type": "default"}}) == []


@pytest.mark.parametrize(
    "deployment, option",
    [
        ({"external": {"credentials": "a"}}, "external.image_path"),
        ({"docker": {"custom_command": "a"}}, "docker.config_type"),
        ({"buildpack": {"custom_command": "a"}}, "buildpack.config_type"),
        ({"gpu": {"configuration": {"gpu_count": 1}}}, "gpu.configuration.gpu_type"),
    ],
)
def test_what_an_object_of_the_deployment_requires_is_named(deployment, option):
    assert problems(deployment=deployment) == [f"deployment.{option}: is required"]


@pytest.mark.parametrize(
    "deployment, problem",
    [
        ({"external": {"image_path": "nginx"}}, 'external.image_path: "nginx" is not allowed. Use an image with its tag or its digest'),
        ({"vcs": {"project_url": "git@github.com:a/b"}}, 'vcs.project_url: the character "@" (position 4) is not allowed.'),
        ({"vcs": {"vcs_link_id": "a"}}, 'vcs.vcs_link_id: "a" is too short. At least 24 characters are required'),
        ({"vcs": {"project_type": "git"}}, 'vcs.project_type: "git" is not one of bitbucket, gitlab, github'),
        ({"grace_period_seconds": 14}, "grace_period_seconds: 14 is not allowed. It must be from 15 to 600"),
        ({"internal": {"build_sha": "abc"}}, 'internal.build_sha: "abc" is not allowed. Use the 40 characters of a commit, or latest'),
        ({"storage": {"shm_size": -1}}, "storage.shm_size: -1 is not allowed. It must be 0 or more"),
    ],
)
def test_a_value_of_the_deployment_is_checked_by_the_contract(deployment, problem):
    (found,) = problems(deployment=deployment)
    assert found.startswith(f"deployment.{problem}")
