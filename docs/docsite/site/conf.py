# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site of what antsibull-docs has written and of the guides; see the session docs in noxfile.py."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
GALAXY = yaml.safe_load((HERE.parents[2] / "galaxy.yml").read_text(encoding="utf-8"))

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
author = copyright = ", ".join(GALAXY["authors"])  # pylint: disable=redefined-builtin
version = release = GALAXY["version"]

extensions = ["sphinx_antsibull_ext", "ansible_core", "guides", "links"]
default_role = "any"
nitpicky = True
# No spelling of a quote or a dash but the author's: "--check" is an option.
smartquotes = False
pygments_style = "ansible"
pygments_dark_style = "github-dark"
highlight_language = "yaml+jinja"

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_sourcelink = False
html_use_index = False
# site.css has the colours of the reference, so that they follow the switch of the theme between light and dark.
antsibull_ext_color_scheme = "none"
html_theme_options = {
    "source_repository": GALAXY["repository"],
    "source_branch": "main",
    "top_of_page_buttons": [],
    "footer_icons": [],
}
