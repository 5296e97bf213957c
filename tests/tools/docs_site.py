# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site: what Sphinx makes it of, and whether its pages have titles and links that lead somewhere."""

from __future__ import annotations

import os
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_DOCSITE = Path("docs", "docsite")
# Its heading is written by a script.
_SEARCH = "search.html"
_LINKS = {"a": "href", "img": "src", "link": "href", "script": "src"}


def emptied(folder: Path) -> Path:
    """The folder, emptied. antsibull-docs requires one that others cannot write to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755, parents=True)
    return folder


def add_own_pages(root: Path, sources: Path) -> None:
    """Add what antsibull-docs does not copy to its pages: the first page instead of its own, and drawings."""
    shutil.copy2(root / _DOCSITE / "site" / "index.rst", sources)
    for drawing in (root / _DOCSITE / "rst").glob("*.svg"):
        shutil.copy2(drawing, sources / "docsite")


def settings(root: Path) -> Path:
    """The folder with Sphinx's settings."""
    return root / _DOCSITE / "site"


def problems(site: Path) -> list[str]:
    """What is wrong with the pages of a site: no title, not one heading of the first level, links to nothing within the site."""
    pages = {path: _Page(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else [f"{site}: no pages"]
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        if not page.title.strip():
            found.append(f"{name}: no title")
        if name != _SEARCH and (len(page.headings) != 1 or not page.headings[0].strip()):
            found.append(f"{name}: {len(page.headings)} headings of the first level: {page.headings}")
        found += [f"{name}: {link} leads nowhere" for link in page.links if not _leads_somewhere(link, path, pages)]
    return found


def _leads_somewhere(link: str, path: Path, pages: dict[Path, _Page]) -> bool:
    """Whether a link is right: it leads out of the site (not checked), or to an existing file and anchor."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
    if not parts.fragment:
        return target.is_file()
    return target in pages and unquote(parts.fragment) in pages[target].anchors


class _Page(HTMLParser):
    """The title, the headings of the first level, the anchors and the links of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.title = ""
        self.headings: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self._within: str | None = None
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes of a tag, and where its text belongs."""
        stated = dict(attrs)
        self.anchors |= {value for value in (stated.get("id"), stated.get("name")) if value}
        link = stated.get(_LINKS.get(tag, ""))
        if link and link != "#":
            self.links.append(link)
        # A drawing in the page has its own title.
        if tag == "h1" or (tag == "title" and not self.title):
            self._within = tag
            if tag == "h1":
                self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a title or heading."""
        if tag == self._within:
            self._within = None

    def handle_data(self, data: str) -> None:
        """Note the text of the title or of a heading."""
        if self._within == "title":
            self.title += data
        elif self._within == "h1":
            self.headings[-1] += data
