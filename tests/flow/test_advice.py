# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The advice of messages is followed: then the task succeeds, and the job has the intended values.

What only a template can do, such as a filter, is in tests/integration/test_advice.py.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass, field

import pytest
from emulator import Emulator
from harness import JOB, PROJECT, READ
from harness.flows import Flows
from harness.health_check import CHECK, STATED_CHECK
from harness.playbooks import INFO_MODULE, MODULE, RUN_MODULE, Task, connection

# The job of all cases.
STORED: dict[str, t.Any] = {
    "description": "As it is",
    "backoffLimit": 3,
    "stageId": "staging",
    "activeDeadlineSeconds": 60,
    "runtimeEnvironment": {"KEPT": "1"},
    "buildSettings": {"dockerfile": {"dockerfileContents": "FROM scratch"}},
}
AS_STATED = {name: value for name, value in CHECK.items() if name != "successThreshold"}
CMD = {name: value for name, value in STATED_CHECK.items() if name != "port"}
LATIN = "äöü"


@dataclass(frozen=True)
class Advice:
    """Options that fail, a part of the message, the options that follow it, and the values of the job afterwards."""

    wrong: t.Mapping[str, t.Any]
    message: str
    right: t.Mapping[str, t.Any]
    holds: t.Mapping[str, t.Any] = field(default_factory=dict)
    module: str = MODULE
    state: str = "current"
    behaviour: t.Mapping[str, t.Any] = field(default_factory=dict)
    permissions: t.Collection[str] | None = None


def build(**dockerfile: t.Any) -> dict[str, t.Any]:
    """Options of a build from a Dockerfile."""
    return {"build_settings": {"dockerfile": dockerfile}}


def files(**entry: t.Any) -> dict[str, t.Any]:
    """Options with one file."""
    return {"runtime_files": {"/etc/app": entry}}


def variable(value: t.Any) -> dict[str, t.Any]:
    """Options with one variable."""
    return {"runtime_environment": {"A": value}}


def stored_file(data: bytes, encoding: str | None = "utf-8") -> dict[str, t.Any]:
    """A file as the job has it."""
    return {"/etc/app": {"data": base64.b64encode(data).decode(), **({"encoding": encoding} if encoding else {})}}


ADVICE = {
    "quote a number": Advice({"description": 83}, "Quote it", {"description": "0123"}, {"description": "0123"}),
    "quote a flag": Advice({"description": True}, "Quote it", {"description": "yes"}, {"description": "yes"}),
    "quote an item": Advice({"tags": [2024]}, "tags[0]: 2024 is not text. Quote it", {"tags": ["2024"]}, {"tags": ["2024"]}),
    "quote a version": Advice(variable(1.1), "Quote it", variable("1.10"), {"runtimeEnvironment": {"A": "1.10"}}),
    "quote null": Advice(variable(None), "Quote it, or leave the name out", variable(""), {"runtimeEnvironment": {"A": ""}}),
    "leave null out": Advice(variable(None), "or leave the name out", {"runtime_environment": {}}, {"runtimeEnvironment": {}}),
    "clear the stage": Advice({"stage_id": "x"}, 'To clear the field, use ""', {"stage_id": ""}, {"stageId": None}),
    "clear the deadline": Advice(
        {"active_deadline_seconds": -1}, "To clear the field, use 0", {"active_deadline_seconds": 0}, {"activeDeadlineSeconds": None}
    ),
    "a number in its bounds": Advice({"backoff_limit": -1}, "It must be 0 or more", {"backoff_limit": 0}, {"backoffLimit": 0}),
    "a longer stage": Advice({"stage_id": "ab"}, "At least 3 characters are required", {"stage_id": "abc"}, {"stageId": "abc"}),
    "a shorter description": Advice({"description": "a" * 201}, "At most 200 are allowed", {"description": "a" * 200}),
    "a character that is allowed": Advice(
        {"description": "Größe"}, 'the character "ö" (position 3) is not allowed', {"description": "Groesse"}, {"description": "Groesse"}
    ),
    "an option left out": Advice({"description": ""}, "Leave the option out to keep the current one", {}, {"description": "As it is"}),
    "a slug": Advice({"tags": ["my tag"]}, "in groups joined by single hyphens", {"tags": ["my-tag"]}, {"tags": ["my-tag"]}),
    "the option that is meant": Advice({"backof_limit": 2}, "Did you mean backoff_limit?", {"backoff_limit": 2}, {"backoffLimit": 2}),
    "the place that is meant": Advice(
        {"build_plan": "nf-1"}, "Did you mean billing.build_plan?", {"billing": {"build_plan": "nf-1"}}, {"billing.buildPlan": "nf-1"}
    ),
    "the choice that is meant": Advice(
        {"run_on_source_change": "allways"}, "Did you mean always?", {"run_on_source_change": "always"}, {"runOnSourceChange": "always"}
    ),
    "one way to build": Advice(
        {"build_settings": {"dockerfile": {"build_engine": "kaniko"}, "buildpack": {"builder": "HEROKU_24"}}},
        "Use the one that the job builds with",
        build(build_engine="kaniko"),
        {"buildSettings.dockerfile.buildEngine": "kaniko"},
    ),
    "what a protocol needs": Advice(
        {"health_checks": [CMD]},
        "health_checks[0].port: is required because protocol is TCP",
        {"health_checks": [STATED_CHECK]},
        {"healthChecks": [AS_STATED]},
    ),
    "one check of a type": Advice(
        {"health_checks": [STATED_CHECK, STATED_CHECK]},
        "type livenessProbe is already used by health_checks[0]. Use each type once",
        {"health_checks": [STATED_CHECK]},
        {"healthChecks": [AS_STATED]},
    ),
    "an absolute path": Advice(
        {"runtime_files": {"etc/app": {"content": "a"}}}, "It must begin with /", files(content="a"), {"runtimeFiles": stored_file(b"a")}
    ),
    "text as content": Advice(
        files(data="plain text!"),
        "For plain text, use content",
        files(content="plain text!"),
        {"runtimeFiles": stored_file(b"plain text!")},
    ),
    "bytes as data": Advice(
        files(content="a", encoding="no-such"),
        "Use data, with the bytes as base64",
        files(data=base64.b64encode(b"a").decode()),
        {"runtimeFiles": stored_file(b"a", None)},
    ),
    "an encoding that can write it": Advice(
        files(content=LATIN, encoding="ascii"),
        "characters that its encoding does not have. Leave encoding out",
        files(content=LATIN, encoding="latin-1"),
        {"runtimeFiles": stored_file(LATIN.encode("latin-1"), "latin-1")},
    ),
    "one of two": Advice(
        files(content="a", data="YQ=="),
        "content and data cannot be used together. Use content for text, or data for base64",
        files(content="a"),
        {"runtimeFiles": stored_file(b"a")},
    ),
    "a random value": Advice(
        variable("${fn.randomSecret(8)}"), "use unreadable: apply", {**variable("${fn.randomSecret(8)}"), "unreadable": "apply"}
    ),
    "no equals sign": Advice(
        {"runtime_environment": {"A=B": "c"}}, 'the name contains "="', variable("B=c"), {"runtimeEnvironment": {"A": "B=c"}}
    ),
    "a slug as an id": Advice(
        {"job_id": "Example Job", "description": "New"},
        "IDs are slugs of names: the job Example Job has the ID example-job.",
        {"job_id": "example-job", "description": "New"},
        {"description": "New"},
    ),
    "a URL": Advice(
        {"api_url": "127.0.0.1"}, "is not a valid URL. Use a URL such as https://", {"description": "New"}, {"description": "New"}
    ),
    "one more field for the probe": Advice(
        {"run_on_source_change": "never"},
        "Set one more option to the present value of the job, such as backoff_limit",
        {"run_on_source_change": "never", "description": "As it is"},
        {"runOnSourceChange": "never"},
        state="lean",
        behaviour={"gone": {"patch-manual-job"}},
    ),
    "skip with a token that may only read": Advice(
        {"run_on_source_change": "never"},
        "If the token can only read, use unreadable: skip",
        {"run_on_source_change": "never", "unreadable": "skip"},
        {"description": "As it is"},
        permissions=[READ],
    ),
    "no filters for one job": Advice(
        {"filters": {"tags": ["a"]}}, "Remove one of the two", {"gather": []}, {"description": "As it is"}, module=INFO_MODULE
    ),
    "a lower interval": Advice(
        {"poll_interval": 2, "poll_interval_max": 1},
        "Lower poll_interval",
        {"poll_interval": 0.05, "poll_interval_max": 1},
        module=RUN_MODULE,
    ),
    "where the image comes from": Advice(
        {"deployment": {"internal": {"id": "web"}, "external": {"image_path": "nginx:1.27"}}},
        "Use the one that the image comes from",
        {"deployment": {"external": {"image_path": "nginx:1.27"}}, "poll_interval": 0.05},
        module=RUN_MODULE,
    ),
}


def at(job: t.Any, path: str) -> t.Any:
    """The value of a job at a path, or None."""
    for name in path.split("."):
        job = (job or {}).get(name)
    return job


@pytest.mark.parametrize("name", ADVICE)
def test_the_advice_leads_to_the_intended_value(flows: Flows, emulator_of: t.Callable[[str], Emulator], name: str) -> None:
    advice = ADVICE[name]
    emulator = emulator_of(advice.state)
    emulator.add_job(PROJECT, JOB, STORED)
    for setting, value in advice.behaviour.items():
        setattr(emulator, setting, value)
    token = {}
    if advice.permissions is not None:
        emulator.add_token("a-narrow-token", advice.permissions)
        token = {"api_token": "a-narrow-token"}

    def task(options: t.Mapping[str, t.Any]) -> Task:
        return {"name": name, advice.module: {**connection(emulator, retries=0), **token, **options}}

    failed = flows.run(task(advice.wrong)).result
    assert failed["failed"] and advice.message in failed["msg"], failed["msg"]
    followed = flows.run(task(advice.right)).result
    assert not followed["failed"], followed["msg"]
    job = emulator.job(PROJECT, JOB)
    assert {path: at(job, path) for path in advice.holds} == dict(advice.holds)
