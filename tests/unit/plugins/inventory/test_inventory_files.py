# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which paths are for the inventory plugin, and which get a warning about their name. Files by real runs: tests/integration/inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.northflank.cloud.plugins.inventory.northflank_jobs import InventoryModule

SAYS_PLUGIN = "plugin: northflank.cloud.northflank_jobs\n"


@pytest.mark.parametrize(
    "name, content, is_read, warnings",
    [
        ("northflank.yml", SAYS_PLUGIN, True, 0),
        ("hosts.yml", SAYS_PLUGIN, False, 1),
        ("hosts.yml", "all: {}\n", False, 0),
        ("folder", None, False, 0),
        ("missing.yml", "", False, 0),
    ],
)
def test_a_path_is_read_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None, is_read: bool, warnings: int
) -> None:
    shown: list[str] = []
    plugin = InventoryModule()
    monkeypatch.setattr(plugin.display, "warning", lambda text, **named: shown.append(text))
    path = tmp_path / name
    if content is None:
        path.mkdir()
    elif content:
        path.write_text(content, encoding="utf-8")
    assert (plugin.verify_file(str(path)), len(shown)) == (is_read, warnings)
