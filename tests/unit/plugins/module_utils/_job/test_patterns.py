# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns of the collection allow the same texts as those of the contract, and need a limited time."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import patterns
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

HEALTH_CHECK = "HealthCheckInput"
BODY = "PatchManualJobRequest"
CASES = {
    "DESCRIPTION": (patterns.DESCRIPTION, BODY, "description"),
    "stage_id": (patterns.SLUG, BODY, "stageId"),
    "tags": (patterns.SLUG, BODY, "tags[]"),
    "deployment_plan": (patterns.IDENTIFIER, BODY, "billing.deploymentPlan"),
    "build_plan": (patterns.IDENTIFIER, BODY, "billing.buildPlan"),
    "docker_credentials": (patterns.IDENTIFIER, BODY, "buildConfiguration.dockerCredentials[]"),
    "docker_file_path": (patterns.FILE_PATH, BODY, "buildSettings.dockerfile.dockerFilePath"),
    "docker_work_dir": (patterns.FOLDER_PATH, BODY, "buildSettings.dockerfile.dockerWorkDir"),
    "build_context": (patterns.FOLDER_PATH, BODY, "buildSettings.buildpack.buildContext"),
    "path": (patterns.CHECK_PATH, HEALTH_CHECK, "path"),
}

# White space and line ends of ECMAScript, from its specification.
ECMASCRIPT_SPACE = "\t\v\f\ufeff\n\r\u2028\u2029" + "".join(
    chr(point) for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)) == "Zs"
)
EDGES = "\x1c\x1f\x85\u180e\u200b\u0661\u00e9\u0130\u212a#@+$<>{}|~"
TEXTS = st.text("aZ09-._/?=&, ;'\"()[]`%^*:!\\\n" + ECMASCRIPT_SPACE + EDGES, max_size=12)
# Texts that are nearly a path. They are short, because the pattern of the contract needs exponential time.
PATHS = st.lists(st.sampled_from(["/", ".", "..", "a", "bc", "-", "_", "?", "=", "&", "a=b", "\n", "é", " "]), max_size=9).map("".join)
SLUGS = st.lists(st.sampled_from(["-", "a", "Z9", "_", "\n", "é"]), max_size=8).map("".join)


@pytest.fixture(params=CASES.values(), ids=list(CASES), scope="module", name="both")
def both_patterns(request: pytest.FixtureRequest, contract) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A pattern of the collection, and that of the contract in Python's syntax."""
    pattern, schema, path = request.param
    documented = contract.at(contract.schemas[schema], path)["pattern"]
    return pattern.regex, re.compile(documented.replace("$", r"\Z").replace(r"\s", re.escape(ECMASCRIPT_SPACE)))


def agree(both: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> None:
    """Fail if one of the two allows a text that the other refuses."""
    ours, documented = both
    assert bool(ours.fullmatch(text)) == bool(documented.search(text)), repr(text)


@PROPERTY
@given(text=st.one_of(TEXTS, PATHS, SLUGS, PATHS.map(lambda path: "/" + path), st.characters()))
def test_each_pattern_allows_the_texts_that_the_contract_allows(both, text):
    agree(both, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        ".",
        "..",
        "/.",
        "/..",
        "/...",
        "/..a",
        "/.git",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "//",
        "/a//b",
        "a",
        "-",
        "a-",
        "-a",
        "a--b",
        "a-b",
        "/?",
        "/a?b=c",
        "/?b=c=d",
        "/?b=cd=e",
        "/?=a",
        "/?a=",
        "/&a",
        "/?&&",
        "/?a&b=c&",
        "/?a=b&c=dd=e",
        "/a?b?c",
        "/a/?b",
        "/?b/c",
        "/a?b c",
        "An example.",
        "#",
        "+",
        "a\u00a0b",
        "a\x1cb",
        "\ufeff",
    ],
)
def test_each_pattern_agrees_with_the_contract_about_the_edges(both, text):
    agree(both, text)


PATTERNS = [value for value in vars(patterns).values() if isinstance(value, patterns.Pattern)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_character_is_wrong_if_no_text_of_the_pattern_contains_it(pattern):
    places = ("{}", "a{}a", "/{}", "/{}a", "/?{}a", "/?a{}a", "{}" + "a" * 39)
    for character in [chr(point) for point in range(0x100)] + [*ECMASCRIPT_SPACE, *EDGES]:
        matches = any(pattern.regex.fullmatch(place.format(character)) for place in places)
        assert (pattern.find_wrong_character(character) is None) == matches, repr(character)


def test_the_first_wrong_character_is_found():
    assert [patterns.IDENTIFIER.find_wrong_character(text) for text in ("a b c", "-", "", "\n")] == [1, None, None, 0]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_rule_is_a_sentence_without_a_mark_at_its_end(pattern):
    for sentence in filter(None, (pattern.rule, pattern.if_empty)):
        assert sentence[0].isupper() and sentence[-1].isalnum()


@pytest.mark.parametrize("character", ECMASCRIPT_SPACE + EDGES)
def test_the_white_space_of_a_description_is_that_of_ecmascript(character):
    assert bool(patterns.DESCRIPTION.regex.fullmatch(character)) == (character in ECMASCRIPT_SPACE)


@pytest.mark.parametrize(
    "pattern, text",
    [
        (patterns.SLUG, "example-job"),
        (patterns.IDENTIFIER, "nf-compute-20"),
        (patterns.FILE_PATH, "/Dockerfile"),
        (patterns.FOLDER_PATH, "/"),
        (patterns.CHECK_PATH, "/health?full=1"),
    ],
)
def test_a_final_newline_is_refused(pattern, text):
    assert [bool(pattern.regex.fullmatch(each)) for each in (text, text + "\n")] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "/?" + "a" * 2000 + "!",
        "/?" + "a=bc" * 500 + "!",
        "/?" + "a=b&" * 500 + "!",
        "/" + "a/" * 1000 + "!",
        "/?" + "&" * 2000 + "!",
        "/?" + "aa=" * 660 + "=",
    ],
)
def test_a_hostile_path_is_read_in_a_limited_time(text):
    assert not patterns.CHECK_PATH.regex.fullmatch(text)


@pytest.mark.parametrize("pattern", [patterns.FILE_PATH, patterns.FOLDER_PATH, patterns.SLUG])
def test_a_hostile_text_is_checked_in_a_limited_time(pattern):
    assert not pattern.regex.fullmatch("/" + "a-" * 1000 + "!")
