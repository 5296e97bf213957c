# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The translation of single values: from the task and from a response to the canonical form, and to the wire."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths, values
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import File
from harness.strategies import PROPERTY, health_checks, junk, text
from hypothesis import given
from hypothesis import strategies as st

ROW = fields.BY_OPTION
CHECK = {
    "protocol": "HTTP",
    "type": "readinessProbe",
    "path": "/",
    "port": 80,
    "initialDelaySeconds": 10,
    "periodSeconds": 60,
    "timeoutSeconds": 1,
    "failureThreshold": 3,
}
WITHOUT_PORT = {name: value for name, value in CHECK.items() if name != "port"}


@pytest.mark.parametrize(
    "value, expected",
    [
        ("text", "text"),
        ("", ""),
        (" 007 ", " 007 "),
        ("True", "True"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-3, "-3"),
    ],
)
def test_a_variable_is_text_as_json_writes_it(value, expected):
    assert values.variable_text(value) == expected


def test_a_text_of_another_class_becomes_plain_text():
    class Tagged(str):
        """A text with a mark, such as ansible-core's."""

    assert not isinstance(values.variable_text(Tagged("text")), Tagged)


@pytest.mark.parametrize("value", [None, ["S3cret"], {"S3cret": 1}, 1.5, 1.0, float("nan"), float("inf"), b"S3cret", "S3cret\0"])
def test_what_has_no_text_is_refused_without_its_value(value):
    with pytest.raises(
        ValueError, match="the value is not text|the value is null|the value is a number with a decimal point|the value contains a NUL"
    ) as failure:
        values.variable_text(value)
    assert "S3cret" not in str(failure.value)


@PROPERTY
@given(st.binary(max_size=60), st.sampled_from(["\n", "\n  ", "\r\n", ""]), st.booleans())
def test_base64_is_read_with_line_breaks_and_without_padding(content, gap, padded):
    data = base64.b64encode(content).decode()
    data = data if padded else data.rstrip("=")
    assert values.decode(gap.join(data[start : start + 7] for start in range(0, len(data), 7))) == content


@pytest.mark.parametrize("data", ["a", "YQ==YQ==", "a secret!", "äöüß", "a-b_", "=YQ"])
def test_text_that_is_not_base64_is_refused(data):
    with pytest.raises(ValueError):
        values.decode(data)


def test_the_content_of_a_file_is_its_decoded_bytes():
    assert File("YQ").content == b"a"


def test_the_content_in_a_response_that_is_not_base64_is_its_text():
    assert File("no base64: ä").content == "no base64: ä".encode()


@pytest.mark.parametrize(
    "entry, expected",
    [
        ({"content": "ä"}, File("w6Q=", "utf-8", False)),
        ({"content": "ä", "encoding": None}, File("w6Q=", "utf-8", False)),
        ({"content": "ä", "encoding": "utf-8"}, File("w6Q=", "utf-8", True)),
        ({"content": "ä", "encoding": "latin-1"}, File("5A==", "latin-1", True)),
        ({"content": ""}, File("", "utf-8", False)),
        ({"data": "w6Q"}, File("w6Q=", None, False)),
        ({"data": "w6\nQ=", "encoding": "utf-8", "content": None}, File("w6Q=", "utf-8", True)),
        ({"data": ""}, File("", None, False)),
    ],
)
def test_a_file_of_the_task_becomes_base64_with_its_encoding(entry, expected):
    assert values.file_from_option(entry) == expected


@pytest.mark.parametrize(
    "entry, rule",
    [
        ({"data": "S3cret!"}, "not base64"),
        ({"content": "S3cret", "encoding": "S3cret"}, "the encoding is unknown to Python"),
        ({"content": "S3crét", "encoding": "ascii"}, "that its encoding does not have"),
    ],
)
def test_a_file_that_cannot_be_made_is_refused_without_its_value(entry, rule):
    with pytest.raises(ValueError, match=rule) as failure:
        values.file_from_option(entry)
    assert "S3cr" not in str(failure.value)


@PROPERTY
@given(text(), st.sampled_from(["utf-8", "utf-16", None]))
def test_a_file_on_the_wire_reads_back_as_the_same_bytes(content, encoding):
    row = ROW["runtime_files"]
    stated = values.from_option(row, {"/file": {"content": content, "encoding": encoding}})
    response = values.from_response(row, values.to_wire(row, stated))
    assert response["/file"].content.decode(encoding or "utf-8") == content


def test_a_file_on_the_wire_has_no_encoding_if_it_is_unknown():
    assert values.to_wire(ROW["runtime_files"], {"/a": File("YQ=="), "/b": File("YQ==", "utf-8")}) == {
        "/a": {"data": "YQ=="},
        "/b": {"data": "YQ==", "encoding": "utf-8"},
    }


@pytest.mark.parametrize(
    "option, value", [("active_deadline_seconds", 0), ("stage_id", ""), ("build_settings.dockerfile.dockerfile_contents", "")]
)
def test_the_value_that_clears_a_field_means_not_set(option, value):
    assert values.from_option(ROW[option], value) is None


@pytest.mark.parametrize(
    "option, value", [("backoff_limit", 0), ("description", ""), ("disabled_ci", False), ("tags", []), ("runtime_environment", {})]
)
def test_an_empty_value_of_another_field_stays_a_value(option, value):
    assert values.from_option(ROW[option], value) == value


def test_a_set_has_no_duplicates_and_keeps_its_order():
    assert values.from_option(ROW["tags"], ["b", "a", "b"]) == ["b", "a"]


def test_a_list_keeps_duplicates():
    assert values.from_option(ROW["build_configuration.path_ignore_rules"], ["*", "!a", "*"]) == ["*", "!a", "*"]


def test_variables_of_the_task_become_text():
    assert values.from_option(ROW["build_arguments"], {"A": True, "B": 1, "C": "c"}) == {"A": "true", "B": "1", "C": "c"}


@PROPERTY
@given(health_checks())
def test_health_checks_go_to_the_canonical_form_and_back(checks):
    row = ROW["health_checks"]
    assert values.to_option(row, values.from_option(row, checks)) == checks


@PROPERTY
@given(health_checks())
def test_health_checks_on_the_wire_read_back_as_they_were(checks):
    row = ROW["health_checks"]
    canonical = values.from_option(row, checks)
    assert values.from_response(row, values.to_wire(row, canonical)) == canonical


def test_a_member_of_a_health_check_that_is_not_set_is_left_out():
    assert values.from_option(ROW["health_checks"], [{"protocol": "TCP", "success_threshold": None}]) == [{"protocol": "TCP"}]


@pytest.mark.parametrize(
    "option, wrong",
    [
        ("description", [1, True, ["a"], {}]),
        ("disabled_ci", [0, "true", [], {}]),
        ("backoff_limit", [True, "1", [], {}, 1.5]),
        ("build_settings.dockerfile.buildkit.internal_cache_storage", [True, "1", [], {}]),
        ("tags", ["a", {}, 1, [1], [None]]),
        ("build_configuration.path_ignore_rules", ["a", {}, [{}]]),
        ("runtime_environment", ["a", [], 1]),
        ("runtime_files", ["a", [], {"/a": "YQ=="}, {"/a": {}}, {"/a": {"data": None}}, {"/a": {"data": "YQ==", "encoding": 8}}]),
        ("health_checks", [{}, "a", ["a"], [None], [[]], [{**CHECK, "type": ["readinessProbe"]}], [{**CHECK, "path": {}}]]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_response_of_another_shape_has_no_value(option, wrong):
    assert [value for value in wrong if values.from_response(ROW[option], value) is not paths.MISSING] == []


@PROPERTY
@given(st.sampled_from(fields.FIELDS), junk())
def test_no_response_makes_the_reading_crash(row, response):
    values.from_response(row, response)


@pytest.mark.parametrize(
    "option, value",
    [
        ("description", "a"),
        ("disabled_ci", False),
        ("backoff_limit", 0),
        ("tags", []),
        ("tags", ["a"]),
        ("runtime_environment", {}),
        ("health_checks", []),
        ("build_settings.dockerfile.buildkit.internal_cache_storage", 1.5),
    ],
)
def test_a_response_of_the_right_shape_has_its_value(option, value):
    assert values.from_response(ROW[option], value) == value


def test_variables_that_are_numbers_or_booleans_in_a_response_read_as_their_json_text():
    assert values.from_response(ROW["runtime_environment"], {"A": 1, "B": True, "C": "c", "D": 1.5}) == {
        "A": "1",
        "B": "true",
        "C": "c",
        "D": "1.5",
    }


def test_the_encoding_of_a_file_in_a_response_is_not_set_by_the_task():
    assert values.from_response(ROW["runtime_files"], {"/a": {"data": "YQ==", "encoding": "utf-8"}}) == {"/a": File("YQ==", "utf-8", False)}


@pytest.mark.parametrize(
    "ports",
    [
        {"httpPort": 80},
        {"httpPort": "80"},
        {"httpPort": 80, "tcpSocketPort": None},
        {"tcpSocketPort": 80},
        {"tcpSocketPort": "80", "httpPort": None},
        {"port": None, "httpPort": 80},
        {"port": 80, "httpPort": 81},
    ],
    ids=str,
)
def test_the_port_of_a_health_check_is_found_under_each_of_its_names(ports):
    assert values.from_response(ROW["health_checks"], [{**WITHOUT_PORT, **ports}]) == [CHECK]


def test_the_port_of_a_tcp_check_is_that_of_its_socket():
    response = {**WITHOUT_PORT, "protocol": "TCP", "httpPort": 81, "tcpSocketPort": 80}
    assert values.from_response(ROW["health_checks"], [response])[0]["port"] == 80


def test_nulls_of_a_health_check_are_left_out():
    response = {**CHECK, "cmd": None, "successThreshold": None, "httpPort": None}
    assert values.from_response(ROW["health_checks"], [response]) == [CHECK]


def test_a_threshold_that_is_text_in_a_response_reads_as_an_integer():
    assert values.from_response(ROW["health_checks"], [{**CHECK, "successThreshold": "2"}]) == [{**CHECK, "successThreshold": 2}]


def test_what_the_table_does_not_name_in_a_health_check_is_left_out():
    assert values.from_response(ROW["health_checks"], [{**CHECK, "id": "new"}]) == [CHECK]
