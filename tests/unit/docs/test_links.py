# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each link of README, guides and contributors' pages leads somewhere on GitHub, and the site leads the links of guides to its pages."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from harness import links
from harness.examples import ROOT
from harness.guides import GUIDES

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted(GUIDES.glob("*.rst"))]
LINKS = [(page, link) for page in PAGES for link in dict.fromkeys(links.links(page))]
SITE_ADDRESS = runpy.run_path(str(ROOT / "docs" / "docsite" / "site" / "links.py"))["site_address"]


def name(value: object) -> str:
    """The name of a page or a link in the name of a test."""
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("page", "link"), LINKS, ids=name)
def test_a_link_has_a_target_on_github(page: Path, link: str) -> None:
    assert links.problem(link, page) is None


@pytest.mark.parametrize("page", sorted(GUIDES.glob("*.rst")), ids=name)
def test_a_guide_has_no_role_which_github_shows_as_raw_text(page: Path) -> None:
    assert links.roles(page) == []


def test_links_are_found_in_each_kind_of_page() -> None:
    assert {page.suffix for page, link in LINKS if link.startswith(links.REPOSITORY)} == {".md", ".rst"}
    assert any(link.partition("#")[0].endswith(".rst") for page, link in LINKS if page.suffix == ".rst")


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("missing.rst", "there is no file missing.rst"),
        ("Errors.rst", "there is no file Errors.rst"),
        ("errors.rst#missing", "errors.rst has no heading with the anchor missing"),
        ("#missing", "getting_started.rst has no heading with the anchor missing"),
        (f"{links.REPOSITORY}/blob/main/missing.md", "there is no file missing.md"),
        (f"{links.REPOSITORY}/blob/main/docs/testing.md#missing", "testing.md has no heading with the anchor missing"),
        ("../../../../outside", "there is no file ../../../../outside"),
        ("", "it is empty"),
    ],
)
def test_a_link_without_a_target_is_noticed(link: str, why: str) -> None:
    assert links.problem(link, GUIDES / "getting_started.rst") == why


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What each error means", "what-each-error-means"),
        ("What's new, and why?", "whats-new-and-why"),
        ("Use `make test`", "use-make-test"),
    ],
)
def test_an_anchor_is_the_same_as_on_github(heading: str, anchor: str) -> None:
    assert links.slug(heading) == anchor


def test_an_anchor_of_a_guide_must_be_the_same_on_github_and_on_the_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("harness.guides.GUIDES", tmp_path)
    page = tmp_path / "anchors_of_a_guide.rst"
    page.write_text("Title\n=====\n\nOne thing\n---------\n\nIt's another\n------------\n\nText\n", encoding="utf-8")
    assert links.anchors(page) == {"title", "one-thing"}


def test_a_role_is_noticed_and_literal_text_is_not(tmp_path: Path) -> None:
    page = tmp_path / "page.rst"
    page.write_text("See :ref:`there`, :ansopt:`northflank.cloud.x#module:a`, and ``:doc:`here` ``.\n", encoding="utf-8")
    assert links.roles(page) == [":ref:", ":ansopt:"]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("limits.rst", "limits.html"),
        ("limits.rst#runs", "limits.html#runs"),
        ("../../../plugins/modules/northflank_manual_job.py", "../northflank_manual_job_module.html"),
        ("../../../plugins/inventory/northflank_jobs.py", "../northflank_jobs_inventory.html"),
        ("../../testing.md#the-kinds", f"{links.REPOSITORY}/blob/main/docs/testing.md#the-kinds"),
        ("https://northflank.com/limits.rst", "https://northflank.com/limits.rst"),
        ("mailto:limits.rst", "mailto:limits.rst"),
        ("#runs", "#runs"),
    ],
)
def test_the_site_turns_a_link_to_a_guide_into_a_link_to_its_page(link: str, address: str) -> None:
    assert SITE_ADDRESS(link, links.REPOSITORY) == address
