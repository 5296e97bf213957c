# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of commands, docs/development.md, has those of the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# "help" shows the others, and "print-matrix" is only for the workflow.
NOT_DAILY = {"help", "print-matrix"}


def test_the_page_has_each_command_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    documented = re.findall(r"^\| `make ([a-z-]+)` \|", (ROOT / "docs" / "development.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == [target for target in targets if target not in NOT_DAILY]
