# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/export_jobs.yml writes the jobs of a project into a file that changes nothing when it is applied."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from emulator import Emulator
from harness import JOB, PROJECT
from harness.info_tasks import CRON, SECRET_VALUES, WHOLE
from harness.phases import job_of
from harness.playbooks import Ansible, Run
from harness.secret_values import find_secrets

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
NO_OPTIONS = {"id", "app_id", "project_id", "job_id", "job_type", "unknown_fields"}
TEMPLATES = {"expression": "{{ 1 + 1 }}", "statement": "{% set a = 1 %}", "comment": "a {# b #}"}
# Texts that YAML or Ansible could read as another type.
TEXTS = ["yes", "1.10", "null", "2001-01-01", "a: b #c", "- d", "[e]", "{f}", "*g", "!h", "'i", "j\n", " k", "ü", "{ { l } }", "%}"]
# Texts that YAML reads as the end of a line or as another type, or that it wraps or truncates.
TEXTS += [
    "m\u2028n",
    "o\u2029p",
    "q\x85r",
    "\u2028",
    "\ufeffs",
    "t\ufeff",
    "u\rv",
    "w\r\nx",
    "\x07",
    "\x7f",
    "\x9f",
    "\t",
    "y  ",
    "\n\n z\n",
]
TEXTS += ["😀", "word " * 45, "w" * 200, "true", "~", "0123", "1e3", "12:30:00", "---", "...", "=", "<<", "?", "\\u2028", "\\", '"', "'"]
# Texts that ansible-core before 2.19 reads as another type.
TYPES = {"list": "[1, 2]", "boolean": "True", "number": "1.10", "blanks": " a\u2028 ", "lines": "a\n\n b\n"}
DEPLOYMENT = {
    "external": {"imagePath": "registry.example.com/report:1.10"},
    "docker": {"configType": "customCommand", "customCommand": "report --day 0123\u2028 'a: b' #c"},
    "storage": {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64},
}
BUILDPACK = {"buildSettings": {"buildpack": {"builder": "HEROKU_24", "buildpackLocators": ["b", "a"], "buildContext": "/"}}}


@dataclass(frozen=True)
class Exported:
    """The file and the requests of the example, and the results of applying the file."""

    jobs: dict[str, dict[str, t.Any]]
    text: str
    written: Run
    applied: Run
    requests: list[tuple[str, str | None]]
    before: list[dict[str, t.Any]]
    after: list[dict[str, t.Any]]


def with_texts(job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A job whose lists contain these texts, with a deployment."""
    lists = {"buildConfiguration": {**job["buildConfiguration"], "pathIgnoreRules": TEXTS}}
    return {**job, **lists, "deployment": DEPLOYMENT, "infrastructure": {"architecture": "arm"}}


@pytest.fixture(scope="module", params=["current", "removed"])
def exported(request: pytest.FixtureRequest, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The jobs of a project in a state of the API, written into a file that is applied."""
    ansible = Ansible(collections, tmp_path_factory.mktemp("export"))
    file = ansible.folder / "jobs.yml"
    arguments = ["--extra-vars", f"northflank_project={PROJECT} northflank_jobs_file={file}"]
    kept = {JOB: with_texts(WHOLE), "bare": {}, "buildpack": BUILDPACK, **{name: {"description": text} for name, text in TYPES.items()}}
    with Emulator(state=request.param) as emulator:
        check = {**WHOLE["healthChecks"][0], "protocol": "CMD"}
        templates = {f"with-{name}": {"healthChecks": [{**check, "cmd": text}]} for name, text in TEMPLATES.items()}
        templates["with-command"] = {"deployment": {**DEPLOYMENT, "docker": {"configType": "customCommand", "customCommand": "{{ a }}"}}}
        for name, job in {**kept, "cron": CRON, **templates}.items():
            emulator.add_job(PROJECT, name, job_of(request.param, job))
        environment = {"NORTHFLANK_API_TOKEN": emulator.TOKEN, "NORTHFLANK_API_BASE_URL": emulator.url}
        before = [emulator.job(PROJECT, name) for name in kept]
        written = ansible.playbook(EXAMPLES / "export_jobs.yml", arguments, environment)
        requests = [(each.method, each.operation) for each in emulator.requests]
        applied = ansible.playbook(EXAMPLES / "many_jobs" / "by_loop.yml", ["--inventory", str(file), "--diff"], environment)
        after = [emulator.job(PROJECT, name) for name in kept]
        assert emulator.violations == []
    text = file.read_text(encoding="utf-8")
    jobs = {name: host["northflank_wanted"] for name, host in yaml.safe_load(text)["northflank_jobs"]["hosts"].items()}
    return Exported(jobs, text, written, applied, requests, before, after)


def test_it_writes_each_manual_job_under_its_name(exported: Exported) -> None:
    assert list(exported.jobs) == [f"{PROJECT}.{name}" for name in (JOB, "bare", "buildpack", *TYPES)]


def test_it_writes_options_only(exported: Exported) -> None:
    names = {name for job in exported.jobs.values() for name in job}
    assert (names & NO_OPTIONS, [name for name in names if name.endswith("_keys")]) == (set(), [])


def test_it_writes_values_as_they_are(exported: Exported) -> None:
    job = exported.jobs[f"{PROJECT}.{JOB}"]
    assert (job["build_configuration"]["path_ignore_rules"], job["active_deadline_seconds"], job["tags"]) == (TEXTS, 900, ["first-tag"])


def test_it_writes_what_creates_the_job(exported: Exported) -> None:
    job = exported.jobs[f"{PROJECT}.{JOB}"]
    assert (job["name"], job["infrastructure"]) == ("Example Job", {"architecture": "arm"})
    assert job["deployment"]["docker"] == {"config_type": "customCommand", "custom_command": DEPLOYMENT["docker"]["customCommand"]}
    assert job["deployment"]["external"]["image_path"] == "registry.example.com/report:1.10"
    assert job["deployment"]["storage"] == {"ephemeral_storage": {"storage_size": 2048}, "shm_size": 64}


@pytest.mark.parametrize("name", TYPES)
def test_it_writes_text_as_text(exported: Exported, name: str) -> None:
    assert exported.jobs[f"{PROJECT}.{name}"]["description"] == TYPES[name]


def test_it_writes_no_secret(exported: Exported) -> None:
    assert find_secrets(exported.text + exported.written.output, SECRET_VALUES.values()) == []


def test_it_leaves_out_and_names_jobs_whose_texts_ansible_would_take_for_templates(exported: Exported) -> None:
    named = ", ".join(f"with-{name}" for name in (*TEMPLATES, "command"))
    assert f"Not in the file, because a text of the job looks like a template: {named}" in exported.written.output


def test_the_file_changes_nothing_when_it_is_applied(exported: Exported) -> None:
    assert (exported.written.status, exported.applied.status, "changed=0" in exported.applied.output) == (0, 0, True), (
        exported.applied.output
    )
    assert exported.after == exported.before


def test_the_export_costs_a_list_and_at_most_three_reads_for_each_manual_job(exported: Exported) -> None:
    assert {method for method, operation in exported.requests} == {"GET"}
    operations = [operation for method, operation in exported.requests]
    jobs = len(exported.jobs) + len(TEMPLATES) + 1
    assert (operations.count("list-jobs"), operations.count("get-job"), len(operations) <= 1 + 3 * jobs) == (1, jobs, True)
