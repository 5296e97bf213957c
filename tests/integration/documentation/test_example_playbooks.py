# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in the first lines of the playbooks in docs/examples have the effect that is described there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from harness.example_runs import PASSWORD, PLAYBOOKS, Stage

_PLAY = re.compile(r"^- name: .*\n  hosts: ", re.MULTILINE)
_COMMAND = re.compile(r"^# [^:]+: +(ansible-playbook .*)$", re.MULTILINE)
# The example that writes no job.
_ONLY_READS = "export_jobs.yml"


def commands() -> dict[Path, list[str]]:
    """The commands of each playbook."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(PLAYBOOKS.rglob("*.yml"))}
    return {path: _COMMAND.findall(text) for path, text in texts.items() if _PLAY.search(text)}


@pytest.mark.parametrize(
    "path, command", [(path, line) for path, lines in commands().items() for line in lines], ids=lambda value: getattr(value, "stem", value)
)
def test_a_command_has_the_effect_that_its_page_describes(stage: Stage, path: Path, command: str) -> None:
    folder = stage.ansible.folder
    line = command.replace("/path/to", str(folder))
    ended = stage.command(line, folder / path.parent.relative_to(PLAYBOOKS), "--extra-vars", f"report_database_password={PASSWORD}")
    writes = any(request.method != "GET" for request in stage.emulator.requests)
    assert (ended.status, writes) == (0, "--check" not in command and path.name != _ONLY_READS), ended.output
    assert PASSWORD not in ended.output


def test_each_playbook_has_a_command() -> None:
    assert [path.name for path, lines in commands().items() if not lines] == []
    assert len(commands()) >= 4
