# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links of Markdown files and guides, and the anchors of headings, as GitHub shows them."""

from __future__ import annotations

import functools
import re
import typing as t
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from docutils import nodes

from .examples import ROOT
from .guides import guide

REPOSITORY = "https://github.com/northflank-cloud/northflank.cloud"

_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
# [text](address), [name]: address, and what HTML has.
_MARKDOWN_LINK = re.compile(r"\]\(([^)\s]*)[^)]*\)|^ *\[[^]]+\]: *(\S+)|\b(?:href|src)=[\"']([^\"']*)", re.MULTILINE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} +(.*?)(?: +#+)? *$", re.MULTILINE)
_HTML_ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
_MARKDOWN_MARKS = re.compile(r"`|\*|\[([^]]*)\]\([^)]*\)")
_ROLE = re.compile(r":[a-zA-Z][\w:+.-]*:(?=`)")
_LITERAL = re.compile(r"``.+?``", re.DOTALL)


def links(path: Path) -> list[str]:
    """The addresses that a Markdown file or a guide links to, and those of its images."""
    if path.suffix == ".rst":
        document = guide(path.stem)
        references = [node["refuri"] for node in document.findall(nodes.reference) if "refuri" in node]
        return references + [node["uri"] for node in document.findall(nodes.image)]
    text = _CODE.sub("", _FENCED.sub("", path.read_text(encoding="utf-8")))
    return [next(filter(None, groups), "") for groups in _MARKDOWN_LINK.findall(text)]


def problem(link: str, source: Path) -> str | None:
    """Why a link in a file leads nowhere on GitHub, None if it leads somewhere; links out of the repository are not followed."""
    own = re.match(rf"{re.escape(REPOSITORY)}/(?:blob|tree)/main/", link)
    if not own and re.match(r"[a-z]+:", link):
        return None
    address, mark, anchor = link[own.end() if own else 0 :].partition("#")
    if not address and not anchor:
        return "it is empty"
    file = (ROOT if own else source.parent) / unquote(address) if address else source
    if not _is_in_repository(file.resolve()):
        return f"there is no file {address}"
    if anchor and unquote(anchor) not in anchors(file.resolve()):
        return f"{file.name} has no heading with the anchor {anchor}"
    return None


@functools.cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of the headings of a file. Of a guide, only those that are the same on GitHub and on the site."""
    if path.suffix == ".rst":
        titles = [title for title in guide(path.stem).findall(nodes.title) if isinstance(title.parent, (nodes.document, nodes.section))]
        by_github = _numbered(slug(title.astext()) for title in titles)
        return frozenset(anchor for anchor, title in zip(by_github, titles, strict=True) if anchor in title.parent["ids"])
    if path.suffix == ".md":
        text = _FENCED.sub("", path.read_text(encoding="utf-8"))
        by_github = _numbered(slug(_MARKDOWN_MARKS.sub(r"\1", heading)) for heading in _MARKDOWN_HEADING.findall(text))
        return frozenset([*by_github, *_HTML_ANCHOR.findall(text)])
    return frozenset()


def slug(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def roles(path: Path) -> list[str]:
    """The roles in a guide, such as ":ref:". GitHub shows those of Sphinx as raw text."""
    return _ROLE.findall(_LITERAL.sub("", path.read_text(encoding="utf-8")))


def _numbered(slugs: t.Iterable[str]) -> list[str]:
    """The anchors of headings: of equal ones, the second gets -1, the third -2."""
    seen: Counter[str] = Counter()
    result = []
    for name in slugs:
        result.append(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return result


def _is_in_repository(path: Path) -> bool:
    """Whether a file or folder with exactly this name exists, also if the file system ignores case."""
    if path == ROOT:
        return True
    return ROOT in path.parents and path.exists() and path.name in {entry.name for entry in path.parent.iterdir()}
