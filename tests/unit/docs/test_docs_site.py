# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the pages of the documentation site, and that the table of contents has all guides."""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

import pytest
import yaml
from harness.examples import PLAYS, ROOT, YAML, of_markdown
from tools import docs_site

DOCSITE = Path(__file__).resolve().parents[3] / "docs" / "docsite"
GUIDES = sorted(path.stem for path in (DOCSITE / "rst").glob("*.rst"))
INDEX = (DOCSITE / "site" / "index.rst").read_text(encoding="utf-8")
SECTIONS = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
Site = t.Callable[..., t.List[str]]


@pytest.fixture(name="problems_of")
def problems_of_a_site(tmp_path: Path) -> Site:
    """problems_of(page, **files) are the problems of a site with this first page, and files by their names."""

    def problems_of(body: str, title: str = "A title", **files: str) -> list[str]:
        (tmp_path / "index.html").write_text(f"<html><head><title>{title}</title></head><body>{body}</body></html>", encoding="utf-8")
        for name, text in files.items():
            (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        return docs_site.problems(tmp_path)

    return problems_of


OTHER = '<title>Other</title><h1>Other</h1><p id="here">Text</p>'


def test_links_to_existing_pages_and_anchors_are_right(problems_of: Site) -> None:
    body = '<h1 id="top">One</h1><a href="#top"></a><a href="other.html"></a><a href="other.html#here"></a><a href="https://example.org/x"></a>'
    assert problems_of(body, other=OTHER) == []


@pytest.mark.parametrize(
    "wrong",
    ["missing.html", "other.html#gone", "#gone", "index.html#gone", "missing.html#here"],
)
def test_a_link_without_a_target_is_a_problem(wrong: str, problems_of: Site) -> None:
    assert problems_of(f'<h1>One</h1><a href="{wrong}">text</a>', other=OTHER) == [f"index.html: {wrong} leads nowhere"]


def test_a_missing_drawing_is_a_problem(problems_of: Site) -> None:
    assert problems_of('<h1>One</h1><img src="drawing.svg">') == ["index.html: drawing.svg leads nowhere"]


def test_a_page_without_a_title_is_a_problem(problems_of: Site) -> None:
    assert problems_of("<h1>One</h1>", title="") == ["index.html: no title"]


@pytest.mark.parametrize("body", ["<p>text</p>", "<h1>One</h1><h1>Two</h1>", "<h1> </h1>"], ids=["none", "two", "empty"])
def test_a_page_has_one_heading_of_the_first_level(body: str, problems_of: Site) -> None:
    (problem,) = problems_of(body)
    assert "headings of the first level" in problem


def test_a_site_without_pages_is_a_problem(tmp_path: Path) -> None:
    assert docs_site.problems(tmp_path) == [f"{tmp_path}: no pages"]


def test_each_guide_is_once_in_the_table_of_contents() -> None:
    assert sorted(page for section in SECTIONS for page in section["toctree"]) == GUIDES


def test_each_section_of_guides_is_on_the_first_page() -> None:
    titles = [line.partition(":: ")[2] for line in INDEX.splitlines() if line.startswith(".. guides:: ")]
    assert titles == [section["title"] for section in SECTIONS]


def test_the_first_page_has_the_playbook_of_the_readme_and_how_to_install() -> None:
    blocks = re.findall(r"^\.\. code-block:: \w+\n\n((?:   .*\n)+)", INDEX, re.MULTILINE)
    (playbook,) = [block for block in of_markdown(ROOT / "README.md") if block.language in YAML and block.kind == PLAYS]
    assert textwrap.dedent(blocks[0]) == playbook.text
    assert "$ ansible-galaxy collection install northflank.cloud\n" in textwrap.dedent(blocks[1])


def test_the_first_page_has_the_limits_and_the_state_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    plain = " ".join(INDEX.replace("``", "`").split())
    for begins in ("**What it does not do:**", "**State:**"):
        (paragraph,) = re.findall(rf"^{re.escape(begins)}.*?(?=\n\n)", readme, re.MULTILINE | re.DOTALL)
        assert " ".join(paragraph.split()) in plain


def test_each_purpose_links_to_its_own_guide_and_each_plugin_to_its_reference() -> None:
    purposes = INDEX.partition("I want to ...")[2].partition("Modules and plugins")[0]
    used = [page for section in SECTIONS if section["title"] != "For contributors" for page in section["toctree"]]
    assert set(re.findall(r":doc:`docsite/(\w+)`", purposes)) == set(used) - {"speed"}
    plugins = {
        f"{path.stem}_{kind}"
        for folder, kind in (("modules", "module"), ("inventory", "inventory"))
        for path in (ROOT / "plugins" / folder).glob("*.py")
    }
    assert set(re.findall(r"^:doc:`\w+ <(\w+)>`", INDEX, re.MULTILINE)) == plugins


def test_the_pages_link_to_this_repository() -> None:
    links = yaml.safe_load((DOCSITE / "links.yml").read_text(encoding="utf-8"))
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    assert f"https://github.com/{links['edit_on_github']['repository']}" == repository
    own = [link["url"].removeprefix(f"{repository}/blob/main/") for link in links["extra_links"]]
    assert [path for path in own if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_can_be_referred_to_by_its_name(name: str) -> None:
    text = (DOCSITE / "rst" / f"{name}.rst").read_text(encoding="utf-8")
    assert f".. _ansible_collections.northflank.cloud.docsite.{name}:" in text
