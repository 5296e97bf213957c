# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README has what Galaxy, certification and the community package require, and is right about this repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from tools import matrix, release, release_check

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The files for people whose links may be read elsewhere, too.
TEXTS = ("README.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "MAINTAINERS.md", "SECURITY.md")
OURS = re.compile(r"https://github\.com/northflank-cloud/northflank\.cloud/(?:blob|tree)/main/([^)\s#]+)")
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def section(title: str) -> str:
    """The text below a heading of the second level."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_it_has_the_sections_of_a_certified_collection_in_their_order() -> None:
    titles = re.findall(r"^## (.*)$", README, re.MULTILINE)
    wanted = ["Description", "Requirements", "Installation", "Use Cases", "Testing", "Contributing", "Support"]
    wanted += ["Release Notes and Roadmap", "Related Information", "License Information"]
    assert [title for title in titles if title in wanted] == wanted


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Requirements", "ansible-core 2.16"),
        ("Requirements", "requests"),
        ("Installation", "ansible-galaxy collection install northflank.cloud\n"),
        ("Installation", "requirements.yml"),
        ("Installation", f"northflank-cloud-{VERSION}.tar.gz"),
        ("Testing", "never been tested against the live API"),
        ("Testing", "make test"),
        ("Contributing", "code_of_conduct"),
        ("Support", "SECURITY.md"),
        ("Support", "forum.ansible.com"),
        ("Release Notes and Roadmap", "CHANGELOG.md"),
        ("License Information", "GNU General Public License v3.0 or later"),
    ],
)
def test_a_section_contains_what_it_must_contain(title: str, words: str) -> None:
    assert words in section(title)


def test_the_first_screen_has_what_a_new_user_needs() -> None:
    first = README.partition("\n## ")[0]
    assert len(first.splitlines()) <= 80
    wanted = [
        "cron jobs",
        "does not rename jobs",
        "does not disable continuous",
        "never been tested against the live API",
        "```yaml",
        "--check --diff\n",
    ]
    wanted += ["ansible-galaxy collection install", "make demo", "make test", "permissions.rst", "getting_started.rst"]
    assert [words for words in wanted if words not in first] == []


@pytest.mark.parametrize("name", TEXTS)
def test_all_links_are_absolute(name: str) -> None:
    assert release.links((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", TEXTS)
def test_links_into_this_repository_lead_to_what_it_has(name: str) -> None:
    linked = OURS.findall((ROOT / name).read_text(encoding="utf-8"))
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_the_guides_for_users_are_linked() -> None:
    for_contributors = {"structure", "fields", "emulator"}
    guides = {path.stem for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst")} - for_contributors
    assert guides - set(re.findall(r"docsite/rst/(\w+)\.rst", README)) == set()


def test_the_versions_are_those_of_the_matrix_and_the_archive_is_that_of_the_version() -> None:
    assert release.tested_versions(README, [core.name for core in matrix.CORES]) == []
    assert release.archive_name(README, VERSION) == []


def test_no_version_added_is_after_this_version() -> None:
    assert release.version_added(VERSION, release_check.plugins()) == []


def test_all_plugins_are_named() -> None:
    names = {path.stem for kind in ("modules", "inventory") for path in (ROOT / "plugins" / kind).glob("*.py")}
    assert {name for name in names if f"`northflank.cloud.{name}`" not in section("Description")} == set()
