# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/copy_job.yml writes a job into another project, with the secrets of a vault, and shows none of them."""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, STATES
from harness.example_runs import PLAYBOOKS, VAULT, password_file, write_vault
from harness.info_tasks import SECRET_VALUES, WHOLE
from harness.phases import job_of
from harness.playbooks import Ansible, Run
from harness.secret_values import find_secrets

OTHER = "other-project"
# Texts that look like templates, or that YAML or Ansible could read as another type.
TEXTS = ["{{ 1 + 1 }}", "{% if %}", "{# a #}", "yes", "1.10", "0123", "[1]", "a\u2028b", "'", " a "]
JOB_BEFORE = {
    **WHOLE,
    "name": "Example Job",
    "description": "True",
    "buildConfiguration": {**WHOLE["buildConfiguration"], "pathIgnoreRules": TEXTS},
    "infrastructure": {"architecture": "arm"},
    "deployment": {
        "external": {"imagePath": "registry.example.com/report:1.4", "credentials": "example-registry"},
        "docker": {"configType": "customCommand", "customCommand": "echo '{{ 1 + 1 }}'"},
        "storage": {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64},
        "gracePeriodSeconds": 60,
        "metadata": {"labels": {"team": "reports"}, "annotations": {"note": "a note"}},
    },
}
SECRETS = {
    "runtime_environment": {"VARIABLE": SECRET_VALUES["variable"]},
    "runtime_files": {"/etc/file": {"content": SECRET_VALUES["file"], "encoding": "utf-8"}},
    "build_arguments": {"ARGUMENT": SECRET_VALUES["argument"]},
    "build_files": {"/etc/file": {"content": SECRET_VALUES["build-file"], "encoding": "utf-8"}},
    "docker_secret_mounts": {"/etc/file": {"data": base64.b64encode(SECRET_VALUES["mount"].encode()).decode(), "encoding": "utf-8"}},
}
GPU = {"gpu_type": "nvidia-a100", "gpu_count": 1, "timesliced": False}
# What no request that reads returns today.
MORE = {
    "billing": {"build_plan": "nf-compute-400-16", "gpu": {"enabled": True, "configuration": GPU}},
    "run_on_source_change": "cd-promote",
    "deployment": {
        "external": {"credentials": "example-registry"},
        "grace_period_seconds": 60,
        "metadata": {"labels": {"team": "reports"}, "annotations": {"note": "a note"}},
    },
}
# What the API of the first documentation does not return either.
MORE_IN_LEAN = {
    **MORE,
    "stage_id": "first-stage",
    "build_settings": {
        "storage": {"ephemeral_storage": {"storage_size": 16384}},
        "dockerfile": {
            "docker_file_path": "/build/Dockerfile",
            "docker_work_dir": "/build",
            "buildkit": {"cache_storage_size": 16384, "internal_cache_storage": 1024},
        },
    },
}


@dataclass(frozen=True)
class Copies:
    """An emulator with a job, and the example beside its vault."""

    ansible: Ansible
    emulator: Emulator

    def run(self, *arguments: str, more: t.Mapping[str, t.Any], secrets: t.Mapping[str, t.Any]) -> Run:
        """Run the example with the content of its vault."""
        folder = self.ansible.folder
        write_vault(folder / VAULT, {"northflank_secrets": dict(secrets), "northflank_more": dict(more)})
        vault = ["--extra-vars", f"@{folder / VAULT}", "--vault-password-file", str(password_file(folder))]
        projects = ["--extra-vars", f"northflank_from={PROJECT} northflank_to={OTHER} northflank_job={JOB}"]
        environment = {"NORTHFLANK_API_TOKEN": Emulator.TOKEN, "NORTHFLANK_API_BASE_URL": self.emulator.url}
        return self.ansible.playbook(PLAYBOOKS / "copy_job.yml", [*vault, *projects, *arguments], environment)

    @property
    def writes(self) -> list[str]:
        """The methods of the requests that are not reads."""
        return [request.method for request in self.emulator.requests if request.method != "GET"]


@pytest.fixture
def copies(collections: Path, tmp_path: Path, emulator_of: t.Callable[[str], Emulator]) -> t.Callable[[str], Copies]:
    """copies(state) has the job in one project of an API in this state, and another project."""

    def started(state: str) -> Copies:
        emulator = emulator_of(state)
        emulator.add_job(PROJECT, JOB, job_of(state, JOB_BEFORE))
        emulator.add_project(OTHER)
        return Copies(Ansible(collections, tmp_path), emulator)

    return started


@pytest.mark.parametrize("state", STATES)
def test_the_copy_is_as_the_original_and_no_secret_is_shown(copies: t.Callable[[str], Copies], state: str) -> None:
    example = copies(state)
    run = example.run("--diff", "-v", more=MORE_IN_LEAN if state == "lean" else MORE, secrets=SECRETS)
    assert run.status == 0, run.output
    original, written = (example.emulator.job(project, JOB) for project in (PROJECT, OTHER))
    assert (written.pop("appId"), original.pop("appId")) == (f"/example-user/{OTHER}/{JOB}", f"/example-user/{PROJECT}/{JOB}")
    for name in ("createdAt", "uid"):
        written.pop(name, None)
        original.pop(name, None)
    assert written == original
    assert find_secrets(run.output, SECRET_VALUES.values()) == []


def test_a_second_run_changes_nothing_and_check_mode_writes_nothing(copies: t.Callable[[str], Copies]) -> None:
    example = copies("rich")
    check = example.run("--check", more={}, secrets=SECRETS)
    assert (check.status, "changed=1" in check.output, example.writes) == (0, True, []), check.output
    first, second = (example.run(more={}, secrets=SECRETS) for _run in range(2))
    assert ("changed=1" in first.output, "changed=0" in second.output, example.writes) == (True, True, ["POST"]), second.output


def test_a_secret_without_a_value_is_named_before_anything_is_written(copies: t.Callable[[str], Copies]) -> None:
    example = copies("current")
    run = example.run(more=MORE, secrets={**SECRETS, "runtime_files": {}, "build_arguments": {"OTHER": "a value"}})
    assert run.status != 0
    assert "northflank_secrets.runtime_files has no value for: /etc/file" in run.output
    assert "northflank_secrets.build_arguments has no value for: ARGUMENT" in run.output
    assert example.writes == []
