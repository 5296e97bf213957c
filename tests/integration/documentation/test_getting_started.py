# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of the guide to getting started have the output that it shows."""

from __future__ import annotations

import json
import re

from docutils import nodes
from harness.documented_commands import Command, commands_of
from harness.example_runs import Stage
from harness.examples import JOBS, ROOT, Example, of_guide
from harness.guides import GUIDES, guide
from harness.messages import holds, templates

BLOCKS = of_guide(GUIDES / "getting_started.rst")
# The option that requests the password of a vault.
INTERACTIVE = "--ask-vault-pass"


def commands(block: Example) -> list[Command]:
    """What of a block is done with ansible-core."""
    return [
        command
        for command in (commands_of(block) if block.language == "console" else ())
        if command.words[0] == "ansible-playbook" and INTERACTIVE not in command.words
    ]


def test_the_guide_has_the_effect_that_it_describes(stage: Stage) -> None:
    folder = stage.ansible.folder
    for block in BLOCKS:
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        for command in commands(block):
            ended = stage.command(command.line, folder)
            text = " ".join(ended.output.split())
            assert holds(text, [" ".join(line.split()) for line in command.shown]), ended.output
            assert ended.status == 0
    assert [request.method for request in stage.emulator.requests].count("PATCH") == 1


def test_it_has_commands_and_their_output() -> None:
    assert [bool(command.shown) for block in BLOCKS for command in commands(block)] == [True] * 3


def test_the_emulator_has_the_address_and_the_behaviour_of_the_guide() -> None:
    (served,) = re.findall(r"^    serve = \[(.*)\]$", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    port = re.search(r"--port=(\d+)", served)
    text = (GUIDES / "getting_started.rst").read_text(encoding="utf-8")
    assert port and set(re.findall(r"http://127\.0\.0\.1:(\d+)", text)) == {port[1]}
    assert f"--jobs={JOBS.relative_to(ROOT).as_posix()}" in served
    assert "nightly-report" in json.loads(JOBS.read_text(encoding="utf-8"))["example-project"]


def test_the_token_of_the_emulator_is_the_one_of_the_guide(stage: Stage) -> None:
    assert f"export NORTHFLANK_API_TOKEN={stage.emulator.TOKEN}\n" in "".join(block.text for block in BLOCKS)


def permissions_in(part: nodes.Node) -> set[str]:
    """The permissions that a part of a guide names."""
    return {text.astext() for text in part.findall(nodes.literal) if text.astext().startswith("Project > ")}


def test_the_guide_to_permissions_names_those_that_the_collection_needs_and_this_one_links_to_it() -> None:
    assert permissions_in(guide("permissions")) >= {text for text in templates() if text.startswith("Project > ")}
    assert "permissions.rst" in {link["refuri"] for link in guide("getting_started").findall(nodes.reference) if "refuri" in link}


def test_it_names_the_permissions_of_the_role_that_keeps_the_configuration_of_jobs() -> None:
    (row,) = [row for row in guide("permissions").findall(nodes.row) if row.astext().startswith("Keep the configuration of jobs")]
    assert permissions_in(guide("getting_started")) == permissions_in(row)
