# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to the life of a job: its commands have the output that it shows, and its tasks create, release, copy and remove the job."""

from __future__ import annotations

import typing as t

from harness.documented_commands import commands_of
from harness.example_runs import VARIABLES, Stage
from harness.examples import TASKS, YAML, of_guide
from harness.guides import GUIDES
from harness.messages import holds

BLOCKS = of_guide(GUIDES / "life.rst")
COMMANDS = [command for block in BLOCKS if block.language == "console" for command in commands_of(block)]
COPY, REMOVE = [block for block in BLOCKS if block.language in YAML and block.kind == TASKS]
PROJECT, OTHER, JOB = "example-project", "other-project", "invoice-report"
SECRETS = [value for name, value in VARIABLES.items() if name.startswith("vault_invoice")]


def write_files(stage: Stage) -> None:
    """Write the playbooks of the guide into the folder of the stage."""
    for block in BLOCKS:
        if block.file:
            (stage.ansible.folder / block.file).write_text(block.text, encoding="utf-8")


def writes_of(stage: Stage) -> list[str | None]:
    return [request.operation for request in stage.emulator.requests if request.method != "GET"]


def stored(stage: Stage, project: str = PROJECT) -> dict[str, t.Any]:
    return stage.emulator.job(project, JOB)


def test_the_job_lives_as_the_guide_describes(stage: Stage) -> None:
    write_files(stage)
    check, create, again, check_release, release = COMMANDS
    expected = [(check, []), (create, ["create-manual-job"]), (again, ["create-manual-job"]), (check_release, ["create-manual-job"])]
    released = ["create-manual-job", "patch-manual-job", "update-job-deployment", "run-job"]
    for command, writes in [*expected, (release, released)]:
        ended = stage.command(command.line, stage.ansible.folder)
        assert ended.status == 0, ended.output
        assert holds(" ".join(ended.output.split()), [" ".join(line.split()) for line in command.shown]), ended.output
        assert writes_of(stage) == writes
        assert [secret for secret in SECRETS if secret in ended.output] == []
    assert stored(stage)["deployment"]["external"] == {"imagePath": "registry.example.com/invoices:1.5"}
    assert stored(stage)["runtimeEnvironment"]["INVOICE_RELEASE"] == "1.5"

    for ended in stage.run([COPY]):
        assert ended.status == 0, ended.output
    assert stored(stage, OTHER)["deployment"] == stored(stage)["deployment"]
    assert (stored(stage, OTHER)["name"], stored(stage, OTHER)["billing"]) == ("Invoice Report", stored(stage)["billing"])

    for ended in stage.run([REMOVE]):
        assert ended.status == 0, ended.output
        assert "invoices --month" in ended.output
        # What the guide says that the result does not contain today.
        assert [text for text in ("registry.example.com", "LOG_LEVEL") if text in ended.output] == []
    assert (stage.emulator.has_job(OTHER, JOB), stage.emulator.has_job(PROJECT, JOB)) == (False, True)


def test_a_play_that_creates_and_runs_can_be_checked_with_the_condition_of_the_guide(stage: Stage) -> None:
    write_files(stage)
    (condition,) = {"not (ansible_check_mode and 'name' in release.changed_fields)"}
    text = (GUIDES / "life.rst").read_text(encoding="utf-8")
    assert f"``when: {condition}``" in text
    playbook = stage.ansible.folder / "invoices.yml"
    create, run = "register: release\n", "northflank.cloud.northflank_manual_job_run"
    playbook.write_text(
        f"{playbook.read_text(encoding='utf-8')}      {create}"
        f"    - name: Run the job\n      {run}:\n        project_id: {PROJECT}\n        job_id: {JOB}\n        poll_interval: 0.05\n"
        f"      when: {condition}\n",
        encoding="utf-8",
    )
    check, create_command, *_others = COMMANDS
    checked, created = (stage.command(command.line, stage.ansible.folder) for command in (check, create_command))
    assert (checked.status, "skipped=1" in checked.output) == (0, True), checked.output
    assert (created.status, "skipped=0" in created.output) == (0, True), created.output
    assert writes_of(stage) == ["create-manual-job", "run-job"]
