# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directive ".. guides:: Title": a table of contents of the guides in this section of extra-docs.yml."""

from __future__ import annotations

from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

EXTRA_DOCS = Path(__file__).resolve().parents[1] / "extra-docs.yml"


class Guides(SphinxDirective):
    """A toctree whose caption is the title of the section."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The nodes of the toctree; an unknown section is an error."""
        title = self.arguments[0]
        self.env.note_dependency(str(EXTRA_DOCS))
        sections = yaml.safe_load(EXTRA_DOCS.read_text(encoding="utf-8"))["sections"]
        pages = next((section["toctree"] for section in sections if section["title"] == title), None)
        if pages is None:
            raise self.error(f"extra-docs.yml has no section {title!r}")
        entries = "".join(f"   docsite/{page}\n" for page in pages)
        return self.parse_text_to_nodes(f".. toctree::\n   :caption: {title}\n   :maxdepth: 1\n\n{entries}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("guides", Guides)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
