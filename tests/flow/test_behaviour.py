# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees besides the options: facts, requests, teams, defaults, and the messages of failures."""

from __future__ import annotations

import socket
import typing as t

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flows import Flows
from harness.playbooks import MODULE, Run, connection

Runner = t.Callable[..., Run]


@pytest.fixture(autouse=True)
def job(emulator: Emulator) -> None:
    """A job with the values of the tasks, unless they set others."""
    emulator.add_job(PROJECT, JOB, {"description": "As it is", "tags": ["one"], "runtimeEnvironment": {"A": "1"}})


def test_the_job_is_returned_as_facts(run: Runner) -> None:
    result = run({"description": "New"}).result
    assert result["ansible_facts"] == {"northflank_manual_job": result["job"]}


def test_an_unchanged_task_of_fields_that_get_job_shows_costs_one_request(run: Runner, emulator: Emulator) -> None:
    result = run({"description": "As it is", "tags": ["one"], "backoff_limit": 0}).result
    assert (result["changed"], result["api"]) == (False, {"requests": 1, "rate_limit_remaining": emulator.quota - 1})


def test_an_unchanged_environment_costs_two_requests(run: Runner, emulator: Emulator) -> None:
    result = run({"runtime_environment": {"A": 1}}).result
    assert (result["changed"], result["api"]["requests"], len(emulator.requests)) == (False, 2, 2)


def test_inherited_values_are_not_the_jobs(run: Runner, emulator: Emulator) -> None:
    emulator.inherited = {"runtimeEnvironment": {"INHERITED": "from a group"}}
    assert run({"runtime_environment": {"A": 1}}).result["changed"] is False


def test_a_change_whose_siblings_are_known_costs_two_requests(run: Runner, emulator: Emulator) -> None:
    result = run({"description": "New"}).result
    assert (result["changed"], result["api"]["requests"], len(emulator.requests)) == (True, 2, 2)


def test_a_job_without_options_is_only_read(run: Runner, emulator: Emulator) -> None:
    result = run({}).result
    assert (result["changed"], result["job"]["description"], len(emulator.requests)) == (False, "As it is", 1)


def test_a_team_has_its_own_path(run: Runner, emulator: Emulator) -> None:
    run({"team_id": "my-team", "description": "New"})
    assert {request.team_id for request in emulator.requests} == {"my-team"}


def test_settings_come_from_the_environment_and_a_url_may_end_in_v1(flows: Flows, emulator: Emulator) -> None:
    environment = {
        "NORTHFLANK_API_TOKEN": "",
        "NF_API_TOKEN": emulator.TOKEN,
        "NF_HOST": f"{emulator.url}/v1/",
        "NORTHFLANK_TEAM_ID": "my-team",
    }
    run = flows.run({"name": "Use them", MODULE: {"project_id": PROJECT, "job_id": JOB}}, environment=environment)
    assert (run.result["changed"], emulator.requests[0].team_id) == (False, "my-team")


def test_a_diff_shows_only_what_changes(run: Runner) -> None:
    result = run({"description": "New", "tags": ["one"], "active_deadline_seconds": 60}, arguments=["--diff"]).result
    assert result["diff"] == {
        "before": {"description": "As it is", "active_deadline_seconds": 0},
        "after": {"description": "New", "active_deadline_seconds": 60},
    }


def test_without_diff_mode_there_is_no_diff(run: Runner) -> None:
    assert "diff" not in run({"description": "New"}).result


def test_another_build_type_replaces_the_present_one(run: Runner, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, JOB, {"buildSettings": {"dockerfile": {"buildEngine": "kaniko"}}})
    result = run({"build_settings": {"buildpack": {"builder": "HEROKU_24"}}}, arguments=["--diff"]).result
    assert emulator.job(PROJECT, JOB)["buildSettings"] == {"buildpack": {"builder": "HEROKU_24"}}
    assert result["diff"]["after"]["build_settings"] == {"buildpack": {"builder": "HEROKU_24"}}
    assert "dockerfile" in result["diff"]["before"]["build_settings"]


def test_the_cache_option_without_effect_is_never_compared(run: Runner, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, JOB, {"buildSettings": {"dockerfile": {"buildEngine": "kaniko", "useCache": False}}})
    task = {"build_settings": {"dockerfile": {"use_cache": True}}}
    assert (run(task).result["changed"], len(emulator.requests)) == (False, 1)


def test_a_cron_job_is_refused_before_any_write(run: Runner, emulator: Emulator) -> None:
    emulator.add_job(PROJECT, JOB, {"jobType": "cron", "cron": {"schedule": "0 8 * * *"}})
    result = run({"description": "New"}).result
    assert "cron job" in result["msg"]
    assert [request.method for request in emulator.requests] == ["GET"]


@pytest.mark.parametrize("state", ["rich", "removed"])
def test_the_same_task_works_on_the_api_that_is_announced(flows: Flows, emulator_of: t.Callable[[str], Emulator], state: str) -> None:
    announced = emulator_of(state)
    announced.add_job(PROJECT, JOB, {"disabledCI": False, "runtimeEnvironment": {"A": "1"}, "runOnSourceChange": "never"})
    options = {"runtime_environment": {"A": "2"}, "run_on_source_change": "always", "billing": {"build_plan": "a"}, "backoff_limit": 3}
    task = {"name": "State it", MODULE: connection(announced, **options)}
    results = flows.run({**task, "check_mode": True}, task, task).results
    assert [result["changed"] for result in results] == [True, True, False]
    assert results[0]["changed_fields"] == results[1]["changed_fields"] == sorted(["billing.build_plan", *options.keys() - {"billing"}])
    assert announced.job(PROJECT, JOB)["runOnSourceChange"] == "always"


WRONG = {
    "bounds": (
        {
            "health_checks": [
                {
                    "protocol": "TCP",
                    "type": "livenessProbe",
                    "port": 1,
                    "initial_delay_seconds": 1,
                    "period_seconds": 5,
                    "timeout_seconds": 1,
                    "failure_threshold": 1,
                }
            ]
        },
        ["health_checks[0].period_seconds", "5", "from 10 to 600"],
    ),
    "pattern": ({"tags": ["good", "not good"]}, ["tags[1]", 'the character " " (position 4)', "hyphens"]),
    "type": (
        {"billing": {"gpu": {"configuration": {"gpu_count": "many"}}}},
        ["billing.gpu.configuration.gpu_count", '"many"', "an integer"],
    ),
    "no dictionary": ({"billing": 5}, ["billing: 5 is not a dictionary"]),
    "no dictionary within": ({"build_settings": {"dockerfile": [1]}}, ["build_settings.dockerfile: [1] is not a dictionary"]),
    "choice": ({"run_on_source_change": "alway"}, ["run_on_source_change", '"alway"', "never, cd-promote, always", "Did you mean always?"]),
    "unknown": (
        {"build_settings": {"dockerfile": {"dockerFilePath": "/a"}}},
        ["build_settings.dockerfile.dockerFilePath", "unknown option", "docker_file_path"],
    ),
    "unknown at the top": ({"build_plan": "a"}, ["build_plan", "Did you mean billing.build_plan?"]),
    "two at once": ({"backoff_limit": True, "description": ""}, ["2 problems", "backoff_limit: true", "description: the value is empty"]),
    "environment": ({"runtime_environment": {"LIST": ["a"]}}, ["runtime_environment.LIST", "the filter string"]),
    "ways to build": (
        {"build_settings": {"dockerfile": {"build_engine": "kaniko"}, "buildpack": {"builder": "HEROKU_24"}}},
        ["build_settings", "dockerfile and buildpack cannot be used together"],
    ),
    "file": (
        {"runtime_files": {"/a": {"content": "a", "data": "YQ=="}}},
        ['runtime_files["/a"]', "content and data cannot be used together"],
    ),
    "id": ({"job_id": ".."}, ["job_id", "slug"]),
    "url": ({"api_url": "api.northflank.com"}, ["api_url", "https://api.northflank.com"]),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_reported_by_path_value_and_rule_before_any_request(
    run: Runner, emulator: Emulator, options: dict[str, t.Any], words: list[str]
) -> None:
    result = run(options).result
    assert result["failed"] is True
    assert [word for word in words if word not in result["msg"]] == []
    assert emulator.requests == []


def test_a_missing_token_is_reported(flows: Flows, emulator: Emulator) -> None:
    result = flows.run({"name": "Without", MODULE: {"project_id": PROJECT, "job_id": JOB, "api_url": emulator.url}}).result
    assert all(word in result["msg"] for word in ("api_token", "NORTHFLANK_API_TOKEN", "NF_API_TOKEN"))


def test_a_wrong_token_is_reported(run: Runner) -> None:
    result = run({"api_token": "a-token-that-nobody-knows"}).result
    assert (result["error"]["status"], "Check api_token, and whether the token has expired." in result["msg"]) == (401, True)


def test_an_unknown_job_is_reported_with_the_ids(run: Runner) -> None:
    result = run({"job_id": "Example Job"}).result
    assert (result["error"]["status"], result["error"]["request"]) == (404, f"GET /v1/projects/{PROJECT}/jobs/Example%20Job")
    assert "slugs of names" in result["msg"]


def test_an_error_of_the_api_keeps_its_words(run: Runner, emulator: Emulator) -> None:
    emulator.add_token("reader-token", {"Project > Jobs > General > Read"})
    result = run({"api_token": "reader-token", "description": "New"}).result
    assert result["error"]["message"] in result["msg"]
    assert (result["error"]["status"], result["error"]["request"]) == (403, f"PATCH /v1/projects/{PROJECT}/jobs/manual/{JOB}")


def test_a_refused_connection_is_reported(run: Runner) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    result = run({"api_url": f"http://127.0.0.1:{port}", "retries": 0}).result
    assert "the connection failed" in result["msg"] and "Connection refused" in result["msg"]
    assert "Traceback" not in str(result)
