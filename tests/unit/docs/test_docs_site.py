# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the pages of the documentation site, and that the table of contents has all guides."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from tools import docs_site

DOCSITE = Path(__file__).resolve().parents[3] / "docs" / "docsite"
GUIDES = sorted(path.stem for path in (DOCSITE / "rst").glob("*.rst"))
SECTIONS = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
Site = t.Callable[..., t.List[str]]


@pytest.fixture(name="problems_of")
def problems_of_a_site(tmp_path: Path) -> Site:
    """problems_of(page, **files) is what is wrong with a site of this first page and of files by their names."""

    def problems_of(body: str, title: str = "A title", **files: str) -> list[str]:
        (tmp_path / "index.html").write_text(f"<html><head><title>{title}</title></head><body>{body}</body></html>", encoding="utf-8")
        for name, text in files.items():
            (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        return docs_site.problems(tmp_path)

    return problems_of


OTHER = '<title>Other</title><h1>Other</h1><p id="here">Text</p>'


def test_links_to_pages_and_anchors_that_are_there_are_no_problem(problems_of: Site) -> None:
    body = '<h1 id="top">One</h1><a href="#top"></a><a href="other.html"></a><a href="other.html#here"></a><a href="https://example.org/x"></a>'
    assert problems_of(body, other=OTHER) == []


@pytest.mark.parametrize(
    "wrong",
    ["missing.html", "other.html#gone", "#gone", "index.html#gone", "missing.html#here"],
)
def test_a_link_that_leads_nowhere_is_a_problem(wrong: str, problems_of: Site) -> None:
    assert problems_of(f'<h1>One</h1><a href="{wrong}">text</a>', other=OTHER) == [f"index.html: {wrong} leads nowhere"]


def test_a_drawing_that_is_missing_is_a_problem(problems_of: Site) -> None:
    assert problems_of('<h1>One</h1><img src="drawing.svg">') == ["index.html: drawing.svg leads nowhere"]


def test_a_page_without_a_title_is_a_problem(problems_of: Site) -> None:
    assert problems_of("<h1>One</h1>", title="") == ["index.html: no title"]


@pytest.mark.parametrize("body", ["<p>text</p>", "<h1>One</h1><h1>Two</h1>", "<h1> </h1>"], ids=["none", "two", "empty"])
def test_a_page_has_one_heading_of_the_first_level(body: str, problems_of: Site) -> None:
    (problem,) = problems_of(body)
    assert "headings of the first level" in problem


def test_a_site_without_pages_is_a_problem(tmp_path: Path) -> None:
    assert docs_site.problems(tmp_path) == [f"{tmp_path}: no pages"]


def test_each_guide_stands_once_in_the_table_of_contents() -> None:
    assert sorted(page for section in SECTIONS for page in section["toctree"]) == GUIDES


def test_each_section_of_guides_is_on_the_first_page() -> None:
    index = (DOCSITE / "site" / "index.rst").read_text(encoding="utf-8")
    titles = [line.partition(":: ")[2] for line in index.splitlines() if line.startswith(".. guides:: ")]
    assert titles == [section["title"] for section in SECTIONS]


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_can_be_referred_to_by_its_name(name: str) -> None:
    text = (DOCSITE / "rst" / f"{name}.rst").read_text(encoding="utf-8")
    assert f".. _ansible_collections.northflank.cloud.docsite.{name}:" in text
