# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to the emulator, docs/docsite/rst/emulator.rst, is right: its code runs, and it has all faults."""

from __future__ import annotations

import json

import requests
from docutils import nodes
from emulator import Emulator, _faults
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


def test_the_table_of_the_guide_has_each_kind_of_fault() -> None:
    cells = [row.children[0] for row in guide("emulator").findall(nodes.row)]
    assert sorted(kind.astext() for cell in cells for kind in cell.findall(nodes.literal)) == sorted(_faults.KINDS)
