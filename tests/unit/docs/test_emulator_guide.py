# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to the emulator, docs/docsite/rst/emulator.rst, is right: its code runs, and it has all operations and all faults."""

from __future__ import annotations

import json
import re

import requests
from docutils import nodes
from emulator import Emulator, _faults, _operations
from harness.guides import guide


def blocks(language: str) -> list[str]:
    """The code blocks of the guide in a language."""
    return [block.astext() for block in guide("emulator").findall(nodes.literal_block) if language in block["classes"]]


def test_the_python_of_the_guide_runs() -> None:
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "emulator.rst", "exec"), names)
    assert isinstance(names["emulator"], Emulator)


def test_the_emulator_accepts_the_jobs_of_the_guide() -> None:
    (jobs,) = blocks("json")
    with Emulator() as emulator:
        for project, fields_of in json.loads(jobs).items():
            for job, fields in fields_of.items():
                emulator.add_job(project, job, fields)
                response = requests.get(
                    f"{emulator.url}/v1/projects/{project}/jobs/{job}", headers={"Authorization": f"Bearer {emulator.TOKEN}"}, timeout=30
                )
                assert (response.json()["data"]["description"], emulator.violations) == (fields["description"], [])


def first_cells(head: str) -> list[str]:
    """All literals in the first column of the table whose first column has this head, sorted."""
    tables = [[row.children[0] for row in table.findall(nodes.row)] for table in guide("emulator").findall(nodes.table)]
    (cells,) = [rest for first, *rest in tables if first.astext() == head]
    return sorted(literal.astext() for cell in cells for literal in cell.findall(nodes.literal))


def test_the_table_of_the_guide_has_each_kind_of_fault() -> None:
    assert first_cells("Kind") == sorted(_faults.KINDS)


def test_the_table_of_the_guide_has_each_operation() -> None:
    assert first_cells("Operation") == sorted(_operations.HANDLERS)


def test_the_attributes_of_the_guide_exist() -> None:
    named = re.findall(r"^emulator\.(\w+) = ", "\n".join(blocks("python")), re.MULTILINE)
    with Emulator() as emulator:
        assert named and [name for name in named if not hasattr(emulator, name)] == []
