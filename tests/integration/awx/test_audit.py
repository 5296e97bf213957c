# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries with which AWX counts the jobs that it manages, on results of the modules."""

from __future__ import annotations

import typing as t
from pathlib import Path

import jq
import pytest
import yaml
from emulator import Emulator
from harness import JOB, PROJECT
from harness.playbooks import INFO_MODULE, MODULE, RUN_MODULE, Ansible, connection

Result = t.Dict[str, t.Any]
OTHER_JOB = "other-job"
NODE = {"name": f"{PROJECT}/{JOB}", "canonical_facts": {"project_id": PROJECT, "job_id": JOB}}


@pytest.fixture(scope="module")
def queries(collections: Path) -> dict[str, str]:
    """The queries, by module."""
    file = collections / "ansible_collections/northflank/cloud/extensions/audit/event_query.yml"
    return {module: entry["query"] for module, entry in yaml.safe_load(file.read_text(encoding="utf-8")).items()}


@pytest.fixture(scope="module")
def results(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The results of tasks, by what they do."""
    with Emulator(state="current") as emulator:
        for job in (JOB, OTHER_JOB):
            emulator.add_job(PROJECT, job)
        options = connection(emulator)
        tasks = {
            MODULE: {MODULE: options},
            INFO_MODULE: {INFO_MODULE: options},
            RUN_MODULE: {RUN_MODULE: {**options, "wait": False}},
            "list": {INFO_MODULE: {name: value for name, value in options.items() if name != "job_id"}},
            "failure": {MODULE: {**options, "job_id": "no-such-job"}},
            "loop": {MODULE: {**options, "job_id": "{{ item }}"}, "loop": [JOB, OTHER_JOB]},
        }
        run = Ansible(collections, tmp_path_factory.mktemp("audit")).run(*({"name": name, **task} for name, task in tasks.items()))
        return dict(zip(tasks, run.results, strict=True))


def nodes(query: str, result: Result) -> list[Result]:
    """What AWX counts, without facts that do not matter to it."""
    return [{key: node[key] for key in NODE} for node in jq.compile(query).input_value(result).all()]


def test_each_module_has_its_query(queries: dict[str, str], collections: Path) -> None:
    modules = (collections / "ansible_collections/northflank/cloud/plugins/modules").glob("northflank_*.py")
    assert sorted(queries) == sorted(f"northflank.cloud.{module.stem}" for module in modules)


@pytest.mark.parametrize("module", [MODULE, INFO_MODULE, RUN_MODULE])
def test_a_job_is_the_same_node_to_all_modules(queries: dict[str, str], results: dict[str, Result], module: str) -> None:
    assert nodes(queries[module], results[module]) == [NODE]


def test_each_job_of_a_list_is_a_node(queries: dict[str, str], results: dict[str, Result]) -> None:
    assert [node["canonical_facts"]["job_id"] for node in nodes(queries[INFO_MODULE], results["list"])] == [JOB, OTHER_JOB]


@pytest.mark.parametrize("name", ["failure", "loop"])
def test_what_is_not_a_job_is_not_a_node(queries: dict[str, str], results: dict[str, Result], name: str) -> None:
    assert nodes(queries[MODULE], results[name]) == []


def test_each_item_of_a_loop_is_a_node(queries: dict[str, str], results: dict[str, Result]) -> None:
    found = [node for item in results["loop"]["results"] for node in nodes(queries[MODULE], item)]
    assert [node["canonical_facts"]["job_id"] for node in found] == [JOB, OTHER_JOB]


def test_the_facts_contain_the_whole_id(queries: dict[str, str], results: dict[str, Result]) -> None:
    (node,) = jq.compile(queries[MODULE]).input_value(results[MODULE]).all()
    assert node["facts"]["app_id"] == f"/example-user/{PROJECT}/{JOB}"
