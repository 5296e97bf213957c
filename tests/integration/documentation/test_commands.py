# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in guides and README name only things that exist, and ansible-doc shows each plugin that they name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from harness.documented_commands import Command, commands, problem
from harness.example_runs import PASSWORD, PLAYBOOKS, Stage
from harness.examples import examples
from harness.playbooks import Ansible

COMMANDS = commands()
# Files that the text before a command shows, without saying their names right before it.
WRITTEN = {("README.md", "report.yml")}
FOLDER = "many_jobs"


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_names_only_things_that_exist(command: Command) -> None:
    source = command.example.source
    written = {example.file for example in examples() if example.source == source and example.file}
    assert problem(command, written | {file for page, file in WRITTEN if page == source}) is None


def is_about_the_examples(command: Command) -> bool:
    """Whether a command runs the playbooks of docs/examples/many_jobs."""
    files = [word for word in command.words if word.endswith(".yml")]
    return command.words[0] == "ansible-playbook" and bool(files) and all((PLAYBOOKS / FOLDER / file).is_file() for file in files)


@pytest.mark.parametrize("command", [*filter(is_about_the_examples, COMMANDS)], ids=str)
def test_a_command_on_the_examples_has_the_effect_that_its_page_describes(stage: Stage, command: Command) -> None:
    ended = stage.command(command.line, stage.ansible.folder / FOLDER, "--extra-vars", f"report_database_password={PASSWORD}")
    writes = any(request.method == "PATCH" for request in stage.emulator.requests)
    assert (ended.status, writes) == (0, "--check" not in command.words), ended.output


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.words[0] == "ansible-doc"], ids=str)
def test_ansible_doc_shows_each_plugin(command: Command, collections: Path, tmp_path: Path) -> None:
    done = Ansible(collections, tmp_path).program(*command.words, stderr=subprocess.STDOUT)
    assert (done.returncode, "OPTIONS" in done.stdout, "EXAMPLES" in done.stdout) == (0, True, True), done.stdout


def test_commands_are_found_in_each_place() -> None:
    assert {"README.md", "docs/development.md", "docs/docsite/rst/getting_started.rst"} <= {command.example.source for command in COMMANDS}
