# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for those who come from curl, the CLI or the JavaScript client shows the same change four times,
and the same job created, released, run and removed by four tools."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import typing as t
from pathlib import Path

import pytest
import requests
from emulator import Emulator, RecordedRequest
from harness.example_runs import Stage, example_jobs
from harness.examples import Example, of_guide
from harness.flows import Flows
from harness.guides import GUIDES
from harness.playbooks import Ansible, connection

REAL = "https://api.northflank.com"
EXAMPLES = of_guide(GUIDES / "coming_from.rst")


def example(language: str, beginning: str = "") -> Example:
    """The only example in a language that begins so."""
    (found,) = (each for each in EXAMPLES if each.language == language and each.text.startswith(beginning))
    return found


def file_named(name: str) -> t.Any:
    """The content of the example of a JSON file with this name."""
    (found,) = (each for each in EXAMPLES if each.language == "json" and each.file == name)
    return json.loads(found.text)


@pytest.fixture(name="change", scope="module")
def change_of_the_task(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> RecordedRequest:
    """The only request by which the task of the guide changes the job."""
    with Emulator() as emulator:
        (ended,) = Stage.at(Ansible(collections, tmp_path_factory.mktemp("task")), emulator).run([example("yaml")])
    assert (ended.status, emulator.violations) == (0, []), ended.output
    (request,) = (request for request in emulator.requests if request.method != "GET")
    return request


def arguments_of_curl(line: str) -> argparse.Namespace:
    """The request of a command line of curl."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--request")
    parser.add_argument("--header", action="append")
    parser.add_argument("--data")
    program, *words = shlex.split(line.replace("\\\n", " "))
    assert program == "curl"
    return parser.parse_args(words)


def test_curl_sends_what_the_task_sends(change: RecordedRequest) -> None:
    curl = arguments_of_curl(example("shell", "curl").text)
    with Emulator() as emulator:
        example_jobs(emulator)
        headers = dict(header.replace("$NORTHFLANK_API_TOKEN", emulator.TOKEN).split(": ") for header in curl.header)
        response = requests.request(curl.request, curl.url.replace(REAL, emulator.url), headers=headers, data=curl.data, timeout=10)
        (sent,) = emulator.requests
    assert (response.status_code, emulator.violations) == (200, [])
    assert (sent.method, sent.path, sent.body) == (change.method, change.path, change.body)


def test_the_file_of_the_cli_contains_what_the_task_sends(change: RecordedRequest) -> None:
    assert file_named("patch.json") == change.body


def test_the_command_of_the_cli_names_the_same_job(change: RecordedRequest) -> None:
    words = shlex.split(example("shell", "northflank patch").text)
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert words[:4] == ["northflank", "patch", "job", "manual"] and change.operation == "patch-manual-job"
    assert options == {"--project": change.project_id, "--job": change.job_id, "--file": "patch.json"}


def test_the_client_sends_what_the_task_sends(change: RecordedRequest) -> None:
    (called,) = re.findall(r"client\.patch\.job\.manual\((.*)\);", example("javascript").text, re.DOTALL)
    assert as_json(called) == {"parameters": {"projectId": change.project_id, "jobId": change.job_id}, "data": change.body}


def as_json(literal: str) -> t.Any:
    """An object of JavaScript whose keys need no quotes."""
    quoted = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', literal)
    return json.loads(re.sub(r",(\s*})", r"\1", quoted))


# The operations of the CLI by their words.
CLI = {
    ("create", "job", "manual"): "create-manual-job",
    ("update", "job", "deployment"): "update-job-deployment",
    ("start", "job", "run"): "run-job",
    ("delete", "job"): "delete-job",
}


class Sent(t.NamedTuple):
    """A request that is not a read."""

    method: str
    path: str
    body: t.Any


@pytest.fixture(name="life", scope="module")
def life_of_the_tasks() -> list[RecordedRequest]:
    """The requests by which the tasks of the guide create, release, run and remove the job."""
    create, run, remove = example("yaml+jinja").content
    with Emulator() as emulator:
        emulator.add_project("example-project")
        tasks = []
        for task, release in ((create, "1.4"), (create, "1.5"), (run, ""), (remove, "")):
            name, module = task
            options = json.loads(json.dumps(task[module]).replace("{{ invoice_release }}", release))
            quick = {"poll_interval": 0.05} if module.endswith("_run") else {}
            tasks.append({"name": task[name], module: connection(emulator, **options, **quick)})
        results = Flows().run(*tasks).results
    assert [(result["failed"], result["changed"]) for result in results] == [(False, True)] * 4
    assert emulator.violations == []
    return [request for request in emulator.requests if request.method != "GET"]


def as_sent(requests_: t.Iterable[RecordedRequest]) -> list[Sent]:
    """The requests, with an empty body as none."""
    return [Sent(request.method, request.path, request.body or None) for request in requests_]


def test_the_files_contain_what_the_tasks_send(life: list[RecordedRequest]) -> None:
    assert [request.body for request in life] == [file_named("job.json"), file_named("release.json"), None, None]


def test_the_commands_of_the_cli_are_the_operations_of_the_tasks(life: list[RecordedRequest]) -> None:
    found = []
    for line in example("shell", "northflank create").text.splitlines():
        program, *words = shlex.split(line)
        first = next(number for number, word in enumerate(words) if word.startswith("--"))
        options = dict(zip(words[first::2], words[first + 1 :: 2], strict=True))
        assert program == "northflank"
        found.append((CLI[tuple(words[:first])], options["--project"], options.get("--job")))
    assert found == [(request.operation, request.project_id, request.job_id) for request in life]


def test_the_sdk_sends_what_the_tasks_send(life: list[RecordedRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("job.json", "release.json"):
        (tmp_path / name).write_text(json.dumps(file_named(name)), encoding="utf-8")
    with Emulator() as emulator:
        emulator.add_project("example-project")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("NORTHFLANK_API_BASE_URL", emulator.url)
        monkeypatch.setenv("NORTHFLANK_API_TOKEN", emulator.TOKEN)
        exec(compile(example("python").text, "coming_from.rst", "exec"), {})
    assert as_sent(emulator.requests) == as_sent(life)


def test_the_node_of_the_template_is_the_job_of_the_file() -> None:
    (node,) = (json.loads(each.text) for each in EXAMPLES if each.language == "json" and not each.file)
    assert (node["kind"], node["spec"]) == ("ManualJob", file_named("job.json"))
