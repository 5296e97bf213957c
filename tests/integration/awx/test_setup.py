# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook awx_setup makes in AWX what it should, changes nothing when run again, and never shows the token."""

from __future__ import annotations

import copy
import json
import re
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness.awx import FakeAwx
from harness.playbooks import Ansible, Run

TOKEN, NEW_TOKEN = "the-token-of-this-test-0123456789", "the-new-token-of-this-test-0123456789"
IMAGE = "example.org/northflank-ee:latest"
VARIABLES = {"northflank_team_id": "example-team", "awx_job_slice_count": 3, "awx_execution_environment_image": IMAGE}


@dataclass
class Setup:
    """An AWX, the playbook, and the runs of it so far."""

    awx: FakeAwx
    ansible: Ansible
    module_python: Path | None
    runs: list[Run] = field(default_factory=list)

    def run(self, *arguments: str, **variables: t.Any) -> Run:
        """Run the playbook with the arguments and extra variables."""
        # Seven modules of awx.awx at each run, which are others' to test.
        python = {"ansible_python_interpreter": str(self.module_python)} if self.module_python else {}
        environment = {"CONTROLLER_HOST": self.awx.url, "CONTROLLER_OAUTH_TOKEN": FakeAwx.TOKEN, "HOME": str(self.ansible.folder)}
        # In a file: with -vvvv ansible-playbook shows its own arguments.
        file = self.ansible.folder / "variables.json"
        file.write_text(json.dumps({**python, **variables}), encoding="utf-8")
        self.runs.append(self.ansible.playbook(Path("northflank.cloud.awx_setup"), ["--extra-vars", f"@{file}", *arguments], environment))
        return self.runs[-1]


@pytest.fixture
def setup(collections: Path, tmp_path: Path, module_python: Path | None) -> t.Iterator[Setup]:
    """An AWX without any items."""
    with FakeAwx() as awx:
        yield Setup(awx, Ansible(collections, tmp_path), module_python)


@pytest.fixture(scope="class")
def done(collections: Path, tmp_path_factory: pytest.TempPathFactory, module_python: Path | None) -> t.Iterator[Setup]:
    """An AWX in which the playbook has run, at -vvvv."""
    with FakeAwx() as awx:
        setup = Setup(awx, Ansible(collections, tmp_path_factory.mktemp("setup")), module_python)
        setup.run("-vvvv", northflank_api_token=TOKEN, **VARIABLES)
        yield setup


def changed(run: Run) -> int:
    """How many tasks have changed something, in a run that failed nowhere."""
    assert run.status == 0, run.output
    return int(re.findall(r"changed=(\d+)", run.output)[-1])


class TestWhatItMakes:
    """What is there after a first run, and after further ones."""

    def test_each_task_but_the_first_makes_something(self, done: Setup) -> None:
        assert changed(done.runs[0]) == 7

    def test_the_credential_type_is_the_definition(self, done: Setup, credential_type: dict[str, t.Any]) -> None:
        made = done.awx.only("credential_types")
        assert made["name"] == "Northflank"
        assert {key: made[key] for key in credential_type} == credential_type

    def test_the_credential_contains_the_token(self, done: Setup) -> None:
        credential = done.awx.only("credentials")
        assert credential["credential_type"] == done.awx.only("credential_types")["id"]
        assert credential["inputs"] == {"api_token": "$encrypted$", "api_url": "", "team_id": "example-team"}
        assert done.awx.secrets[credential["id"]] == {"api_token": TOKEN}

    def test_the_project_is_the_repository(self, done: Setup) -> None:
        project = done.awx.only("projects")
        assert (project["scm_type"], project["scm_url"]) == ("git", "https://github.com/northflank-cloud/northflank.cloud.git")

    def test_the_inventory_is_filled_from_the_project(self, done: Setup) -> None:
        source = done.awx.only("inventory_sources")
        assert source["inventory"] == done.awx.only("inventories")["id"]
        assert source["source_project"] == done.awx.only("projects")["id"]
        assert source["credential"] == done.awx.only("credentials")["id"]
        assert [source[key] for key in ("source", "overwrite", "update_on_launch")] == ["scm", True, True]

    def test_slices_share_an_update_of_the_inventory(self, done: Setup) -> None:
        assert done.awx.only("inventory_sources")["update_cache_timeout"] == 300

    def test_the_files_of_the_project_are_there(self, done: Setup, collection: Path) -> None:
        source, template = done.awx.only("inventory_sources"), done.awx.only("job_templates")
        assert (collection / source["source_path"]).is_file()
        assert (collection / template["playbook"]).is_file()

    def test_the_job_template_runs_on_the_inventory(self, done: Setup) -> None:
        template = done.awx.only("job_templates")
        assert template["inventory"] == done.awx.only("inventories")["id"]
        assert template["project"] == done.awx.only("projects")["id"]
        assert done.awx.credentials_of("job_templates") == [done.awx.only("credentials")["id"]]

    def test_the_job_template_has_the_survey(self, done: Setup, survey: dict[str, t.Any]) -> None:
        template = done.awx.only("job_templates")
        assert (template["survey_enabled"], template["survey"]) == (True, survey)

    def test_the_job_template_is_sliced(self, done: Setup) -> None:
        assert done.awx.only("job_templates")["job_slice_count"] == 3

    def test_the_execution_environment_is_used(self, done: Setup) -> None:
        environment = done.awx.only("execution_environments")
        assert environment["image"] == IMAGE
        assert {done.awx.only(kind)["execution_environment"] for kind in ("inventory_sources", "job_templates")} == {environment["id"]}

    def test_no_token_is_written(self, done: Setup) -> None:
        assert TOKEN not in done.runs[0].output

    def test_a_second_run_changes_nothing(self, done: Setup) -> None:
        before = copy.deepcopy(done.awx.items)
        assert changed(done.run(northflank_api_token=TOKEN, **VARIABLES)) == 0
        assert done.awx.items == before

    def test_a_new_token_replaces_the_old_one_on_request(self, done: Setup) -> None:
        run = done.run("-vvvv", northflank_api_token=NEW_TOKEN, awx_update_secrets=True, **VARIABLES)
        assert list(done.awx.secrets.values()) == [{"api_token": NEW_TOKEN}]
        assert NEW_TOKEN not in run.output


def test_each_launch_updates_the_inventory_on_request(setup: Setup) -> None:
    setup.run(northflank_api_token=TOKEN, awx_inventory_update_cache_timeout=0)
    assert setup.awx.only("inventory_sources")["update_cache_timeout"] == 0


def test_without_an_image_awx_chooses_the_execution_environment(setup: Setup) -> None:
    assert changed(setup.run(northflank_api_token=TOKEN)) == 6
    assert "execution_environment" not in setup.awx.only("job_templates")


@pytest.mark.parametrize("variables", [{}, {"northflank_api_token": ""}], ids=["missing", "empty"])
def test_without_a_token_nothing_is_made(setup: Setup, variables: dict[str, str]) -> None:
    run = setup.run(**variables)
    assert (run.status, setup.awx.writes) == (2, [])
    assert "Set northflank_api_token" in run.output


def test_a_failure_shows_no_token(setup: Setup) -> None:
    run = setup.run("-vvvv", northflank_api_token=TOKEN, awx_organization="Unknown")
    assert run.status == 2
    assert TOKEN not in run.output
