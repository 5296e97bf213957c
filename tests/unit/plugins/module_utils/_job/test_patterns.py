# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns of the collection allow the same texts as those of the contract, and need a limited time."""

from __future__ import annotations

import re
import sys
import time
import unicodedata

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import patterns
from harness.contract import Contract
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
    "name": (patterns.NAME, "CreateManualJobRequest", "name"),
    "image_path": (patterns.IMAGE_PATH, "ExternalInput", "imagePath"),
    "credentials": (patterns.IDENTIFIER, "ExternalInput", "credentials"),
    "project_url": (patterns.PROJECT_URL, "VcsInput", "projectUrl"),
    "project_url of build-source": (patterns.PROJECT_URL, "UpdateJobBuildSourceRequest", "projectUrl"),
    "self_hosted_vcs_id": (patterns.SELF_HOSTED_ID, "VcsInput", "selfHostedVcsId"),
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
# Texts that are nearly a name, an image, the URL of a repository, or the ID of a self-hosted one.
NAMES = st.lists(st.sampled_from(["a", "Z9", "1", "-", " ", "\t", "\u00a0", "_", "\n", "é"]), max_size=7).map("".join)
IMAGES = st.lists(
    st.sampled_from(
        ["http://", "https://", "https:", "a", "b1.c", "a-b.c", ".", "-", "_", "/", ":", "@", "1.4", "sha256:0f", " ", "\n", "é", "^"]
    ),
    max_size=7,
).map("".join)
URLS = st.lists(
    st.sampled_from(
        ["https://", "http://", "www", "www.", "ab", "a", "a-b", "ab.cd", ".", "/", "/ab", "/a", "/a_", "_", ".git", ":", "\n"]
    ),
    max_size=7,
).map("".join)
HEX = "0123456789abcdef"
SELF_HOSTED = st.one_of(
    st.tuples(st.text("aZ9-_ \n", max_size=3), st.text(HEX, min_size=22, max_size=26), st.sampled_from(["", "\n", "g"])).map("".join),
    st.text("aZ9-_ \n", max_size=4),
)
NEARLY = {"name": NAMES, "image_path": IMAGES, "project_url": URLS, "self_hosted_vcs_id": SELF_HOSTED}


@pytest.fixture(params=CASES.values(), ids=list(CASES), scope="module", name="both")
def both_patterns(request: pytest.FixtureRequest, contract) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A pattern of the collection, and that of the contract in Python's syntax."""
    return compiled(contract, *request.param)


def compiled(contract: Contract, pattern: patterns.Pattern, schema: str, path: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A pattern of the collection, and that of the contract in Python's syntax."""

    def translate(found: re.Match[str]) -> str:
        spaces = re.escape(ECMASCRIPT_SPACE)
        return {r"\s": f"[{spaces}]", "$": r"\Z"}.get(found[0], found[0].replace(r"\s", spaces))

    documented = (contract.at(contract.schemas[schema], path) or {})["pattern"]
    return pattern.regex, re.compile(re.sub(r"\[(?:\\.|[^\]\\])*\]|\\s|\$|\\.", translate, documented))


def agree(both: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> None:
    """Fail if one of the two allows a text that the other refuses."""
    ours, documented = both
    assert bool(ours.fullmatch(text)) == bool(documented.search(text)), repr(text)


@PROPERTY
@given(text=st.one_of(TEXTS, PATHS, SLUGS, PATHS.map(lambda path: "/" + path), st.characters()))
def test_each_pattern_allows_the_texts_that_the_contract_allows(both, text):
    agree(both, text)


@pytest.mark.parametrize("name", NEARLY)
@PROPERTY
@given(data=st.data())
def test_each_pattern_of_the_deployment_allows_what_the_contract_allows(contract: Contract, name: str, data: st.DataObject) -> None:
    both = compiled(contract, *CASES[name])
    for _repetition in range(10):
        agree(both, data.draw(NEARLY[name]))


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
        "a b-c",
        "a  b",
        "a- b",
        "1a",
        "nginx",
        "nginx:1",
        "nginx@sha256:0f",
        "a:b@c",
        "a@b:c",
        "a:",
        ":a",
        "https://registry.example.com/report:1",
        "https://registry.example.com/report@sha256:0f",
        "https://registry.example.com",
        "https://a.b:1",
        "https://a.b@1",
        "https://a.bc@1",
        "https://.a@1",
        "https://a@1",
        "http://a.b/c@d@e",
        "https://github.com/example/report",
        "github.com/example",
        "https://github.com",
        "https://github.com/a",
        "https://github.com/example/",
        "https://www.example.com/report",
        "www.example/report",
        "http://github.com/example",
        "https://gitlab.example.com:8443/example/report",
        "git@github.com:example/report",
        "0" * 24,
        "_" + "0" * 24,
        "_" + "0" * 23,
        "_" + "0" * 24 + "\n",
        "a\nb",
        "a\x1cb",
        "\ufeff",
    ],
)
def test_each_pattern_agrees_with_the_contract_about_the_edges(both, text):
    agree(both, text)


PATTERNS = [value for value in vars(patterns).values() if isinstance(value, patterns.Pattern)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_character_is_wrong_if_no_text_of_the_pattern_contains_it(pattern):
    places = (
        "{}",
        "a{}a",
        "/{}",
        "/{}a",
        "/?{}a",
        "/?a{}a",
        "{}" + "a" * 39,
        "a{}a:a",
        "aa{}aa.aa/aa",
        "aa.aa/aa{}aa",
        "https{}//aa.aa/aa",
        "aa.aa{}aa",
    )
    for character in [chr(point) for point in range(0x100)] + [*ECMASCRIPT_SPACE, *EDGES]:
        matches = any(pattern.regex.fullmatch(place.replace("{}", character)) for place in places)
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
        (patterns.NAME, "Example Job"),
        (patterns.IMAGE_PATH, "registry.example.com/report:1.4"),
        (patterns.PROJECT_URL, "https://github.com/example/report"),
        (patterns.SELF_HOSTED_ID, "_" + "0" * 24),
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


LONG = 20_000


@pytest.mark.parametrize(
    "pattern, text",
    [
        (patterns.NAME, "a" * LONG + "!"),
        (patterns.NAME, "a-" * LONG + "!"),
        (patterns.NAME, "a " * LONG + "-"),
        (patterns.IMAGE_PATH, "a" * LONG),
        (patterns.IMAGE_PATH, "a." * LONG),
        (patterns.IMAGE_PATH, "a/" * LONG + " "),
        (patterns.IMAGE_PATH, ":" * LONG + " "),
        (patterns.IMAGE_PATH, "a:" * LONG + " "),
        (patterns.IMAGE_PATH, "a@" * LONG + " "),
        (patterns.IMAGE_PATH, "https://" + "a." * LONG + " "),
        (patterns.IMAGE_PATH, "https://a." + "a" * LONG + " "),
        (patterns.IMAGE_PATH, "https://" * LONG + " "),
        (patterns.PROJECT_URL, "a" * LONG),
        (patterns.PROJECT_URL, "ab." * LONG + "/a"),
        (patterns.PROJECT_URL, "www." * LONG),
        (patterns.PROJECT_URL, "https://ab.cd" + "/ab" * LONG + "/"),
        (patterns.SELF_HOSTED_ID, "_" + "0" * LONG + "g"),
    ],
)
def test_a_long_text_is_checked_in_linear_time(pattern: patterns.Pattern, text: str) -> None:
    short = text[: len(text) // 8] + text[-2:]
    assert not pattern.regex.fullmatch(short)

    def time_of(checked: str) -> float:
        times = []
        for _attempt in range(5):
            started = time.perf_counter()
            pattern.regex.fullmatch(checked)
            times.append(time.perf_counter() - started)
        return min(times)

    # In quadratic time, eight times the text would take 64 times as long. The times of a short text are too short to compare.
    assert not pattern.regex.fullmatch(text)
    assert time_of(text) < 0.02 + 20 * time_of(short)


@pytest.mark.parametrize("pattern", [patterns.FILE_PATH, patterns.FOLDER_PATH, patterns.SLUG])
def test_a_hostile_text_is_checked_in_a_limited_time(pattern):
    assert not pattern.regex.fullmatch("/" + "a-" * 1000 + "!")
