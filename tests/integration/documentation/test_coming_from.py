# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for those who come from curl, the CLI or the JavaScript client shows the same change four times."""

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
from harness.guides import GUIDES
from harness.playbooks import Ansible

REAL = "https://api.northflank.com"
EXAMPLES = of_guide(GUIDES / "coming_from.rst")


def example(language: str, beginning: str = "") -> Example:
    """The only example in a language that begins so."""
    (found,) = (each for each in EXAMPLES if each.language == language and each.text.startswith(beginning))
    return found


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
    assert json.loads(example("json").text) == change.body


def test_the_command_of_the_cli_names_the_same_job(change: RecordedRequest) -> None:
    words = shlex.split(example("shell", "northflank").text)
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert words[:4] == ["northflank", "patch", "job", "manual"] and change.operation == "patch-manual-job"
    assert options == {"--project": change.project_id, "--job": change.job_id, "--file": example("json").file}


def test_the_client_sends_what_the_task_sends(change: RecordedRequest) -> None:
    (called,) = re.findall(r"client\.patch\.job\.manual\((.*)\);", example("javascript").text, re.DOTALL)
    assert as_json(called) == {"parameters": {"projectId": change.project_id, "jobId": change.job_id}, "data": change.body}


def as_json(literal: str) -> t.Any:
    """An object of JavaScript whose keys need no quotes."""
    quoted = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', literal)
    return json.loads(re.sub(r",(\s*})", r"\1", quoted))
