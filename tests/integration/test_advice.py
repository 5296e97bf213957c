# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The advice of messages about what templates and YAML yield, followed to its end on each ansible-core. The rest: tests/flow/test_advice.py."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.playbooks import MODULE, Ansible, Run, Task, connection

# A service account key: text that reads as JSON.
KEY = '{"type": "service_account", "private_key": "S3cret-of-the-key"}\n'
LOOKUP = "lookup('ansible.builtin.file', folder ~ '/key.json', rstrip=false)"
ITSELF = f"{{{{ {LOOKUP} | string }}}}"
# What to write instead of values that an earlier ansible-core read as another type, and the values of the job afterwards.
FOLLOWED: dict[str, tuple[dict[str, t.Any], str, t.Any]] = {
    "a key as a variable": ({"runtime_environment": {"KEY": ITSELF}}, "runtimeEnvironment", {"KEY": KEY}),
    "a key as a build argument": ({"build_arguments": {"KEY": ITSELF}}, "buildArguments", {"KEY": KEY}),
    "a key as a text": (
        {"build_settings": {"dockerfile": {"dockerfile_contents": ITSELF}}},
        "buildSettings",
        {"dockerfile": {"dockerfileContents": KEY, "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}},
    ),
    "a key in a list": (
        {"build_configuration": {"path_ignore_rules": [ITSELF]}},
        "buildConfiguration",
        {"pathIgnoreRules": [KEY]},
    ),
    "data as a variable": (
        {"runtime_environment": {"KEY": "{{ data | to_json }}"}},
        "runtimeEnvironment",
        {"KEY": json.dumps({"A": "1"})},
    ),
    "a number as a text": ({"description": "{{ number | string }}"}, "description", "2024"),
    "a number in a list": ({"tags": ["{{ number | string }}"]}, "tags", ["2024"]),
    "text as a dictionary": ({"runtime_environment": "{{ text_of_map | from_json }}"}, "runtimeEnvironment", {"A": "1"}),
    "a survey's answer as a dictionary": ({"runtime_environment": "{{ survey | from_yaml }}"}, "runtimeEnvironment", {"A": "x", "B": "y"}),
    "text as a list": ({"tags": "{{ text_of_list | from_json }}"}, "tags", ["sh", "c"]),
    "a list with a condition": ({"tags": "{{ ['a'] + (['b'] if wanted else []) }}"}, "tags", ["a"]),
    "a name by a template": ({"runtime_environment": "{{ {name: 'a'} }}"}, "runtimeEnvironment", {"NAME": "a"}),
    "a method that is called": ({"tags": "{{ data.keys() | map('lower') | list }}"}, "tags", ["a"]),
    "quoted names": ({"runtime_environment": {"NO": "norway", "ON": "a"}}, "runtimeEnvironment", {"NO": "norway", "ON": "a"}),
}
VARIABLES: dict[str, t.Any] = {
    "data": {"A": "1"},
    "number": 2024,
    "text_of_map": '{"A": "1"}',
    "survey": "A: x\nB: y\n",
    "text_of_list": '["sh", "c"]',
    "wanted": False,
    "name": "NAME",
}
# What leads to the advice on some ansible-cores at least, and a part of the message.
WRONG: dict[str, tuple[dict[str, t.Any], str]] = {
    "a key as a variable": ({"runtime_environment": {"KEY": f"{{{{ {LOOKUP} }}}}"}}, "For text that reads as JSON, use the filter string"),
    "a key as a text": (
        {"build_settings": {"dockerfile": {"dockerfile_contents": f"{{{{ {LOOKUP} }}}}"}}},
        "For text that reads as JSON, use the filter string",
    ),
    "text as a dictionary": ({"runtime_environment": "{{ text_of_map }}"}, "For text that contains JSON, use the filter from_json"),
    "text as a list": ({"tags": "{{ text_of_list }}"}, "For text that contains JSON, use the filter from_json"),
    "a placeholder": ({"tags": ["a", "b{{ omit }}"]}, "To leave out a part of a list or of a text, use a condition"),
}


@pytest.fixture(scope="module")
def tried(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[dict[str, dict[str, t.Any]], dict[str, t.Any]]]:
    """The result of each task in one playbook, and the jobs afterwards. Each has a job of its own."""
    ansible = Ansible(collections, tmp_path_factory.mktemp("advice"))
    (ansible.folder / "key.json").write_text(KEY, encoding="utf-8")
    stated = {
        **{f"follow-{name}": options for name, (options, *_rest) in FOLLOWED.items()},
        **{f"wrong-{name}": options for name, (options, _told) in WRONG.items()},
    }
    with Emulator(state="rich") as emulator:
        tasks: list[Task] = []
        for number, (name, options) in enumerate(stated.items()):
            emulator.add_job(PROJECT, f"{JOB}-{number}", {})
            tasks.append(
                {
                    "name": name,
                    MODULE: {**connection(emulator), "job_id": f"{JOB}-{number}", **options},
                    "vars": {**VARIABLES, "folder": str(ansible.folder)},
                }
            )
        run: Run = ansible.run(*tasks)
        jobs = {name: emulator.job(PROJECT, f"{JOB}-{number}") for number, name in enumerate(stated)}
        assert emulator.violations == []
        yield dict(zip(stated, run.results)), jobs


@pytest.mark.parametrize("name", FOLLOWED)
def test_the_advice_leads_to_the_intended_value(tried: tuple[dict[str, t.Any], dict[str, t.Any]], name: str) -> None:
    results, jobs = tried
    assert not results[f"follow-{name}"]["failed"], results[f"follow-{name}"]["msg"]
    _options, field, value = FOLLOWED[name]
    assert jobs[f"follow-{name}"][field] == value


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_is_not_read_as_intended_gets_the_advice(tried: tuple[dict[str, t.Any], dict[str, t.Any]], name: str) -> None:
    result = tried[0][f"wrong-{name}"]
    assert not result["failed"] or WRONG[name][1] in result["msg"], result["msg"]
    assert "S3cret-of-the-key" not in json.dumps(result) or "runtime_environment" not in WRONG[name][0]


def test_an_ad_hoc_command_accepts_all_options_as_one_json_object(ansible: Ansible) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB, {})
        options = connection(emulator, runtime_environment={"NO": "1"})
        listing = ansible.program(
            "ansible", "localhost", "-m", MODULE, "-a", 'runtime_environment=\'{"NO": "1"}\' project_id=a job_id=b api_token=c'
        )
        assert "In an ad-hoc command, write all options as one JSON object" in listing.stdout
        done = ansible.program("ansible", "localhost", "-m", MODULE, "-a", json.dumps(options))
        assert (done.returncode, emulator.job(PROJECT, JOB)["runtimeEnvironment"]) == (0, {"NO": "1"}), done.stdout


@pytest.mark.parametrize("given", ['env={"A": "1"}', '{"env": {"A": "1"}}'], ids=["text", "data"])
def test_a_dictionary_from_the_command_line_is_accepted_as_data_or_with_the_filter(ansible: Ansible, given: str) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB, {})
        value = "{{ env | from_json }}" if given.startswith("env") else "{{ env }}"
        argument = f"env={json.dumps(given.partition('=')[2])}" if given.startswith("env") else given
        run = ansible.run({"name": "State", MODULE: connection(emulator, runtime_environment=value)}, arguments=["--extra-vars", argument])
        assert (run.result["failed"], emulator.job(PROJECT, JOB)["runtimeEnvironment"]) == (False, {"A": "1"}), run.output
