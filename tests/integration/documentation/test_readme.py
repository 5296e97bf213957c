# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the README shows exactly the output that the README shows below it."""

from __future__ import annotations

from harness.documented_commands import Command, commands_of
from harness.example_runs import Stage
from harness.examples import PLAYS, ROOT, YAML, of_markdown

BLOCKS = of_markdown(ROOT / "README.md")
(PLAYBOOK,) = [block for block in BLOCKS if block.language in YAML and block.kind == PLAYS]
(CONSOLE,) = [block for block in BLOCKS if block.language == "console"]


def command() -> Command:
    """The command of the README that has its output below it."""
    (result,) = commands_of(CONSOLE)
    return result


def test_the_readme_shows_what_its_playbook_shows(stage: Stage) -> None:
    program, file, *arguments = command().words
    playbook = stage.ansible.folder / file
    playbook.write_text(PLAYBOOK.text, encoding="utf-8")
    done = stage.ansible.program(program, str(playbook), *arguments, environment=stage.environment)
    assert done.returncode == 0, done.stderr
    # ansible-core ends the last line with spaces.
    really = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    assert CONSOLE.text.splitlines()[1:] == really
    assert {request.method for request in stage.emulator.requests} == {"GET"}


def test_its_command_only_shows_what_would_change() -> None:
    assert command().words == ["ansible-playbook", "report.yml", "--check", "--diff"]
