# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook can read each playbook for AWX, with the collection awx.awx there."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.playbooks import Ansible

PLAYBOOKS = ["playbooks/awx_setup.yml", "playbooks/awx_jobs.yml", "extensions/patterns/keep_manual_jobs/playbooks/keep_manual_jobs.yml"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_syntax_is_right(ansible: Ansible, collection: Path, playbook: str) -> None:
    run = ansible.playbook(collection / playbook, ["--syntax-check", "--inventory", "localhost,"])
    assert run.status == 0, run.output
    assert "WARNING" not in run.output


def test_the_pattern_runs_the_playbook_of_the_job_template(ansible: Ansible, collection: Path) -> None:
    tasks = [ansible.playbook(collection / playbook, ["--list-tasks", "--inventory", "localhost,"]).output for playbook in PLAYBOOKS[1:]]
    own, pattern = (output.partition("tasks:")[2] for output in tasks)
    assert "Set the parameters of the job" in own
    assert own == pattern
