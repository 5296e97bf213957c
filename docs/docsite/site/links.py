# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the links of a guide to files of the repository, which GitHub follows, into links to pages of the site.

A guide becomes its page, the source of a module or plugin its reference, and any other file its page on GitHub.
"""

from __future__ import annotations

import posixpath
import re
import typing as t

from docutils import nodes

if t.TYPE_CHECKING:
    from sphinx.application import Sphinx

_GUIDES = "docs/docsite/rst"
_KINDS = {"modules": "module", "inventory": "inventory"}


def site_address(link: str, repository: str) -> str:
    """The address on the page of a guide for a link in the file of a guide; repository is the address of the repository at GitHub.

    A link that is not to a file of the repository stays as it is.
    """
    path, hash_sign, anchor = link.partition("#")
    if not path or "//" in link or ":" in path:
        return link
    file = posixpath.normpath(posixpath.join(_GUIDES, path))
    guide = re.fullmatch(rf"{_GUIDES}/(\w+)\.rst", file)
    if guide:
        return f"{guide[1]}.html{hash_sign}{anchor}"
    plugin = re.fullmatch(rf"plugins/({'|'.join(_KINDS)})/(\w+)\.py", file)
    if plugin:
        return f"../{plugin[2]}_{_KINDS[plugin[1]]}.html{hash_sign}{anchor}"
    return f"{repository}/blob/main/{file}{hash_sign}{anchor}"


def replace_links(app: Sphinx, document: nodes.document) -> None:
    """Replace the links of a guide that was just read."""
    if app.env.docname.startswith("docsite/"):
        for reference in document.findall(nodes.reference):
            if "refuri" in reference:
                address = site_address(reference["refuri"], app.config.html_theme_options["source_repository"])
                reference["refuri"], reference["internal"] = address, "://" not in address


def setup(app: Sphinx) -> dict[str, bool]:
    """Be called for each page that was read."""
    app.connect("doctree-read", replace_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
