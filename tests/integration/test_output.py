# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The standard output is that of the callback plugin, and the lines about the progress of a run are on the standard error.

Those callback plugins that ansible-core does not have are in awx/test_output.py.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from harness.outputs import OF_CORE, Shown, run_with_each
from harness.playbooks import Ansible
from harness.selection import selected


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """What each of them has shown."""
    return run_with_each(OF_CORE, selected(request, "name"), lambda: Ansible(collections, tmp_path_factory.mktemp("output")))


@pytest.mark.parametrize("name", OF_CORE)
def test_only_the_callback_plugin_writes_to_the_standard_output(shown: t.Mapping[str, Shown], name: str) -> None:
    assert OF_CORE[name].read(shown[name].stdout)["changed"] is True
    assert [line for line in shown[name].news if line in shown[name].stdout] == []


@pytest.mark.parametrize("name", OF_CORE)
def test_the_lines_are_on_the_standard_error_while_a_task_waits(shown: t.Mapping[str, Shown], name: str) -> None:
    assert shown[name].stderr.splitlines() == shown[name].news
