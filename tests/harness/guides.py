# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides in docs/docsite/rst, for tests that check whether they are true."""

from __future__ import annotations

import functools
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst"


@functools.cache
def guide(name: str) -> nodes.document:
    """A guide by the name of its file, parsed; anything wrong in it is an error."""
    text = (GUIDES / f"{name}.rst").read_text(encoding="utf-8")
    return publish_doctree(text, settings_overrides={"report_level": 2, "halt_level": 2, "warning_stream": False})
