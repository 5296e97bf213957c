# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check for a release finds what is missing, and is content with what is there."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest
from tools import archive, release, release_check

ENTRY = {"release_date": "2026-11-25"}
SHOWN = '<a id="v1-0-0"></a>\n## v1\\.0\\.0\n'
README = "Tested with ansible-core 2.16, 2.17\nand 2.18 (release candidate), with Python 3.10 to 3.13.\nnorthflank-cloud-1.0.0.tar.gz\n"
CORES = ["2.16", "2.17", "2.18"]
BUILT = archive.Built(Path("a.tar.gz"), "one", "content")


def test_a_clean_tree_is_right() -> None:
    assert release.uncommitted("") == []


def test_changes_are_counted_and_the_first_is_named() -> None:
    (missing,) = release.uncommitted(" M README.md\n?? new.txt\n")
    assert missing.startswith("2 files differ from the commit, the first is README.md: ")


@pytest.mark.parametrize("tags", [[], ["0.9.9"], ["v0.10.0", "0.9.0"], ["something", "nightly-2"]])
def test_a_version_above_all_tags_is_new(tags: list[str]) -> None:
    assert release.version("1.0.0", tags) == []


@pytest.mark.parametrize(
    ("stated", "tags", "message"),
    [
        ("1.0.0", ["1.0.0"], "1.0.0 is not above the last tag, 1.0.0"),
        ("1.0.0", ["v1.0.0"], "1.0.0 is not above the last tag, 1.0.0"),
        ("1.9.0", ["1.2.0", "1.10.0"], "1.9.0 is not above the last tag, 1.10.0"),
        ("1.0.0-dev0", [], "1.0.0-dev0 is no version of three numbers"),
        ("1.0", [], "1.0 is no version of three numbers"),
    ],
)
def test_a_version_that_is_not_new_is_missing(stated: str, tags: list[str], message: str) -> None:
    (missing,) = release.version(stated, tags)
    assert missing.startswith(f"{message}: ")


def test_an_entry_with_a_date_and_no_fragments_is_right() -> None:
    assert release.changelog("1.0.0", {"releases": {"1.0.0": ENTRY}}, SHOWN, []) == []


@pytest.mark.parametrize(
    ("recorded", "shown", "fragments", "message"),
    [
        ({"releases": {}}, SHOWN, [], "changelogs/changelog.yaml has no entry for 1.0.0"),
        ({"releases": None}, SHOWN, [], "changelogs/changelog.yaml has no entry for 1.0.0"),
        ({"releases": {"0.9.0": ENTRY}}, SHOWN, [], "changelogs/changelog.yaml has no entry for 1.0.0"),
        ({"releases": {"1.0.0": {}}}, SHOWN, [], "the entry for 1.0.0 has no release_date"),
        ({"releases": {"1.0.0": {"release_date": "soon"}}}, SHOWN, [], "the entry for 1.0.0 has no release_date"),
        ({"releases": {"1.0.0": ENTRY}}, "# Release Notes\n", [], "CHANGELOG.md does not show 1.0.0"),
        ({"releases": {"1.0.0": ENTRY}}, SHOWN, ["fragments/new.yml"], "fragments/new.yml is not released"),
    ],
)
def test_a_changelog_has_something_missing(recorded: dict[str, t.Any], shown: str, fragments: list[str], message: str) -> None:
    (missing,) = release.changelog("1.0.0", recorded, shown, fragments)
    assert missing.startswith(f"{message}: ")


@pytest.mark.parametrize("added", ["version_added: 1.0.0", "    version_added: '0.9.0'", 'version_added: "1.0.0"', "nothing"])
def test_a_version_added_up_to_this_version_is_right(added: str) -> None:
    assert release.version_added("1.0.0", {"plugin.py": added}) == []


@pytest.mark.parametrize("added", ["1.0.1", "1.1.0", "2.0.0", "10.0.0", "next"])
def test_a_version_added_that_is_later_or_missing_is_named(added: str) -> None:
    texts = {"plugin.py": f"version_added: 1.0.0\n    version_added: '{added}'\n"}
    assert release.version_added("1.0.0", texts) == [f"plugin.py has version_added: {added}: it must be at most 1.0.0"]


def test_a_readme_with_the_versions_of_the_matrix_is_right() -> None:
    assert release.tested_versions(README, CORES) == []


@pytest.mark.parametrize(
    "readme", [README.replace("2.17", "2.15"), README.replace("2.16, ", ""), "", README.replace("Tested", "Not tested")]
)
def test_a_readme_with_other_versions_fails_with_those_of_the_matrix(readme: str) -> None:
    (missing,) = release.tested_versions(readme, CORES)
    assert missing.endswith(": the matrix has 2.16, 2.17, 2.18")


def test_a_readme_with_the_name_of_the_archive_is_right() -> None:
    assert release.archive_name(README, "1.0.0") == []


@pytest.mark.parametrize("readme", ["", README.replace("1.0.0", "0.1.0"), f"{README}northflank-cloud-0.1.0.tar.gz"])
def test_a_readme_with_another_name_is_wrong(readme: str) -> None:
    (missing,) = release.archive_name(readme, "1.0.0")
    assert missing.endswith(": it must be that of 1.0.0")


@pytest.mark.parametrize(
    "text", ["[a](https://example.org/x)", "[a]: https://example.org", "```\n[a](x)\n```\n", '<a href="https://a.b">', "text"]
)
def test_absolute_links_and_code_are_right(text: str) -> None:
    assert release.links(text) == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[a](docs/a.md)", "docs/a.md"),
        ("![a](a.svg)", "a.svg"),
        ("[a](#part)", "#part"),
        ("[a](http://example.org)", "http://example.org"),
        ("[a]: CHANGELOG.md", "CHANGELOG.md"),
        ('<img src="a.png">', "a.png"),
        ("```\ncode\n```\n[a](b)\n```\ncode\n```\n", "b"),
    ],
)
def test_a_link_that_is_not_absolute_is_named(text: str, link: str) -> None:
    assert release.links(text) == [f"README.md links to {link}: write the whole address"]


def test_the_oldest_ansible_core_of_the_matrix_is_required() -> None:
    assert release.requires_ansible({"requires_ansible": ">=2.16.0"}, "2.16") == []


@pytest.mark.parametrize("runtime", [{}, {"requires_ansible": ">=2.15.0"}, {"requires_ansible": ">=2.16"}])
def test_another_requirement_is_named(runtime: dict[str, str]) -> None:
    (missing,) = release.requires_ansible(runtime, "2.16")
    assert missing.endswith("requires_ansible must be >=2.16.0")


def test_a_named_and_existing_licence_is_right() -> None:
    assert release.licence("  GNU GENERAL PUBLIC LICENSE\n", ["GPL-3.0-or-later"]) == []


@pytest.mark.parametrize(("text", "stated"), [("", ["GPL-3.0-or-later"]), ("GNU GENERAL PUBLIC LICENSE", ["MIT"])])
def test_a_missing_or_different_licence_is_named(text: str, stated: list[str]) -> None:
    assert len(release.licence(text, stated)) == 1


def test_a_file_that_is_missing_is_named() -> None:
    assert release.files(set(release.FILES)) == []
    assert release.files(set(release.FILES) - {"SECURITY.md"}) == ["SECURITY.md is missing: write it"]


def test_archives_of_two_clones_are_compared() -> None:
    assert release.reproducible(BUILT, BUILT) == []
    (missing,) = release.reproducible(BUILT, dataclasses.replace(BUILT, sha256="two"))
    assert missing.startswith("a.tar.gz differs from the archive of a clone of the last commit: ")


def test_a_line_contains_ok_or_what_is_missing() -> None:
    assert release_check.report(("it is there", [])) == "ok       it is there"
    assert release_check.report(("it is there", ["a: do b"])) == "missing  it is there\n         - a: do b"


NOTED = {"commit": "abc", "is_good": True, "seconds": 719.9, "files": {f"test_{number}.py (units)": float(number) for number in range(12)}}


def test_a_complete_run_of_this_commit_in_time_is_right() -> None:
    assert release.speed_of_tests(NOTED, "abc") == []


@pytest.mark.parametrize(
    ("noted", "message"),
    [
        (None, "the time of make test is unknown"),
        ({**NOTED, "commit": "def"}, "make test has run on another commit"),
        ({**NOTED, "is_good": False}, "make test has failed"),
        ({**NOTED, "seconds": 720.6}, "make test took 721 s, and 720 s are the limit"),
    ],
)
def test_a_missing_old_failed_or_slow_run_is_reported(noted: dict[str, t.Any] | None, message: str) -> None:
    (missing,) = release.speed_of_tests(noted, "abc")
    assert missing.startswith(message)


def test_the_ten_slowest_files_are_named_the_slowest_first() -> None:
    named = release.slowest(NOTED)
    assert [line.split()[2] for line in named] == [f"test_{number}.py" for number in range(11, 1, -1)]
    assert release.slowest(None) == []


def test_the_named_sessions_are_among_those_of_nox() -> None:
    noxfile = (release_check.ROOT / "noxfile.py").read_text(encoding="utf-8")
    ours = [session for session in release_check.SESSIONS.values() if f"def {session}(session: nox.Session)" in noxfile]
    settings = (release_check.ROOT / "antsibull-nox.toml").read_text(encoding="utf-8")
    theirs = [session for session in release_check.SESSIONS.values() if f"[sessions.{session.replace('-', '_')}]" in settings]
    assert sorted([*ours, *theirs]) == sorted(release_check.SESSIONS.values())
