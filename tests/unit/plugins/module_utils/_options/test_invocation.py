# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets never leave: what is shown of options and diffs is chosen by structure."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import masking
from ansible_collections.northflank.cloud.plugins.module_utils._job import facts, fields
from ansible_collections.northflank.cloud.plugins.module_utils._job.facts import HIDDEN, HIDDEN_CHANGED
from ansible_collections.northflank.cloud.plugins.module_utils._options import invocation
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import manual_job_spec
from harness.strategies import PROPERTY, options
from hypothesis import given

MARKER = "S3c-marker-7xQ"


def shown(**stated: t.Any) -> dict[str, t.Any]:
    """The options of a task as the invocation shows them."""
    return invocation.hide_secrets(stated, manual_job_spec())


@pytest.mark.parametrize("option", ["runtime_environment", "runtime_files", "build_arguments", "build_files", "docker_secret_mounts"])
def test_a_secret_map_shows_its_names_and_not_its_values(option):
    assert shown(**{option: {"KEY": MARKER, "/file": {"content": MARKER}}}) == {option: {"KEY": HIDDEN, "/file": HIDDEN}}


@pytest.mark.parametrize("value", [MARKER, [MARKER], [{"KEY": MARKER}], 5])
def test_a_secret_map_of_another_type_is_hidden_completely(value):
    assert shown(runtime_environment=value) == {"runtime_environment": HIDDEN}


def test_the_token_is_hidden():
    assert shown(api_token=MARKER) == {"api_token": HIDDEN}


@pytest.mark.parametrize(
    "stated, expected",
    [
        ({"runtime_enviroment": {"KEY": MARKER}}, {"runtime_enviroment": HIDDEN}),
        ({"Xruntime_environment": {"KEY": MARKER}}, {"Xruntime_environment": HIDDEN}),
        ({"billing": {"runtime_environment": {"KEY": MARKER}}}, {"billing": {"runtime_environment": HIDDEN}}),
        ({"billing": {"gpu": {"token": MARKER}}}, {"billing": {"gpu": {"token": HIDDEN}}}),
        ({"health_checks": [{"cmd": "true", "secret": [MARKER]}]}, {"health_checks": [{"cmd": "true", "secret": HIDDEN}]}),
        ({"billing": MARKER}, {"billing": HIDDEN}),
        ({"health_checks": [MARKER]}, {"health_checks": [HIDDEN]}),
        ({"description": {"KEY": MARKER}}, {"description": HIDDEN}),
        ({"tags": [{"KEY": MARKER}]}, {"tags": HIDDEN}),
    ],
    ids=str,
)
def test_what_is_not_an_option_is_hidden_at_each_level(stated, expected):
    assert shown(**stated) == expected


@pytest.mark.parametrize(
    "option, stated",
    [
        ("outer.inner", {"outer": {"inner": {"KEY": MARKER}}}),
        ("outer[].inner", {"outer": [{"inner": {"KEY": MARKER}}]}),
    ],
)
def test_a_secret_map_inside_an_option_is_hidden_too(option, stated, monkeypatch):
    row = fields.Row(option, option, fields.VARIABLES, fields.RICH, secret=True)
    monkeypatch.setitem(fields.BY_OPTION, option, row)
    spec = {"outer": {"options": {"inner": {"type": "dict"}}}}
    inner = {"inner": {"KEY": HIDDEN}}
    assert invocation.hide_secrets(stated, spec) == {"outer": [inner] if "[]" in option else inner}


def test_other_options_are_shown_as_they_are():
    stated = {"backoff_limit": 0, "tags": ["a"], "billing": {"gpu": {"enabled": False}}, "stage_id": None, "health_checks": [{"port": 80}]}
    assert shown(**stated) == stated


@PROPERTY
@given(options())
def test_the_shown_options_differ_from_those_of_the_task_only_in_secret_maps(stated):
    secret = {"runtime_environment", "runtime_files", "build_arguments", "build_files", "docker_secret_mounts"}
    expected = {name: dict.fromkeys(value, HIDDEN) if name in secret else value for name, value in stated.items()}
    assert shown(**stated) == expected


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ({"A": "1"}, {"A": "1"}, ({"A": HIDDEN}, {"A": HIDDEN})),
        ({"A": "1"}, {"A": "2"}, ({"A": HIDDEN}, {"A": HIDDEN_CHANGED})),
        ({}, {"A": "1"}, ({}, {"A": HIDDEN_CHANGED})),
        ({"A": "1"}, {}, ({"A": HIDDEN}, {})),
        (None, {"A": "1"}, ({}, {"A": HIDDEN_CHANGED})),
        ({"A": "1"}, None, ({"A": HIDDEN}, {})),
        (None, None, ({}, {})),
    ],
)
def test_the_diff_of_a_secret_map_shows_what_is_added_changed_and_removed(before, after, expected):
    assert facts.diff_of_map(before, after) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("all of S3cret", "all of ********"),
        (["S3cret", 1, None], ["********", 1, None]),
        ({"S3cret": {"a": "S3cret"}}, {"S3cret": {"a": "********"}}),
        (True, True),
    ],
    ids=str,
)
def test_a_secret_is_masked_in_all_texts_and_in_no_key(value, expected):
    assert masking.replace_everywhere(value, "S3cret") == expected
