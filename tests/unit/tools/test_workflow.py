# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow of GitHub runs what the Makefile runs, has only read permissions, and uses nothing unpinned."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from harness.documented_commands import targets
from tools import matrix

ROOT = Path(__file__).resolve().parents[3]
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def workflow() -> dict[str, t.Any]:
    return yaml.safe_load(WORKFLOW)


def steps(workflow: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_each_command_is_one_of_the_makefile() -> None:
    commands = re.findall(r"\bmake (?:--silent )?([a-z-]+)", WORKFLOW)
    assert {"lint", "docs", "build", "integration", "print-matrix", "test-matrix"} <= set(commands) <= targets()


def test_each_variable_is_one_of_the_makefile() -> None:
    given = re.findall(r"\bmake [a-z -]*([A-Z]+)=", WORKFLOW)
    assert given == ["ONLY"]
    assert "\nONLY ?= matrix\n" in MAKEFILE


def test_each_step_is_a_command_of_make_or_an_action_of_github(workflow: dict[str, t.Any]) -> None:
    others = [step for step in steps(workflow) if not re.match(r"make |\$\{\{ matrix\.command \}\}$", step.get("run", "make "))]
    assert others == []
    assert {step["uses"].split("/")[0] for step in steps(workflow) if "uses" in step} == {"actions"}


def test_each_action_has_a_version(workflow: dict[str, t.Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [action for action in used if not re.search(r"@v\d+\.\d+\.\d+$", action)] == []


def test_it_may_only_read_and_has_no_secrets(workflow: dict[str, t.Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert [name for name, job in workflow["jobs"].items() if "permissions" in job] == []
    assert "secrets" not in WORKFLOW


def test_the_sessions_of_the_matrix_have_the_tags_that_it_names() -> None:
    assert "ONLY=matrix-${{ matrix.cell }}" in WORKFLOW
    assert [cell.name for cell in matrix.cells() if {f"matrix-{cell.name}"} - set.intersection(*map(set, cell.sessions().values()))] == []
