# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""What PATCH does to the stored truth, under both readings of the documentation."""

from __future__ import annotations

import pytest

DOCKERFILE = {"buildEngine": "buildkit", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}
BUILDPACK = {"builder": "HEROKU_24", "buildContext": "/"}
FILE = {"data": "AA==", "encoding": "utf-8"}


@pytest.fixture
def stored_after(emulator, patch):
    """stored_after(fields, body) is the stored truth about a job with these fields after a PATCH with this body."""

    def change(fields, body):
        emulator.add_job("default-project", "example-job", fields)
        patch(**body)
        assert emulator.violations == []
        return emulator.job("default-project", "example-job")

    return change


@pytest.mark.parametrize(
    "reading, expected",
    [
        ("replace", {"isAllowList": True}),
        ("merge", {"isAllowList": True, "dockerfileTarget": "final"}),
    ],
)
def test_an_object_is_replaced_or_merged(emulator, stored_after, reading, expected):
    emulator.objects = reading
    job = stored_after({"buildConfiguration": {"dockerfileTarget": "final"}}, {"buildConfiguration": {"isAllowList": True}})
    assert job["buildConfiguration"] == expected


@pytest.mark.parametrize(
    "reading, expected",
    [
        ("replace", {"enabled": True}),
        ("merge", {"enabled": True, "configuration": {"gpuType": "nvidia-l4"}}),
    ],
)
def test_an_object_is_replaced_or_merged_at_every_depth(emulator, stored_after, reading, expected):
    emulator.objects = reading
    gpu = {"enabled": False, "configuration": {"gpuType": "nvidia-l4"}}
    assert stored_after({"billing": {"gpu": gpu}}, {"billing": {"gpu": {"enabled": True}}})["billing"]["gpu"] == expected


@pytest.mark.parametrize("reading, expected", [("replace", "nf-compute-10"), ("merge", "nf-compute-50")])
def test_a_plan_that_is_lost_when_billing_is_replaced_becomes_another_one(emulator, stored_after, reading, expected):
    emulator.objects = reading
    job = stored_after({"billing": {"deploymentPlan": "nf-compute-50"}}, {"billing": {"buildPlan": "nf-compute-400-16"}})
    assert job["billing"] == {"buildPlan": "nf-compute-400-16", "deploymentPlan": expected}


@pytest.mark.parametrize("reading, expected", [("replace", ["new"]), ("merge", ["new", "old"])])
@pytest.mark.parametrize(
    "name, value",
    [
        ("runtimeEnvironment", "text"),
        ("buildArguments", "text"),
        ("dockerSecretMounts", FILE),
    ],
)
def test_a_map_is_replaced_or_merged(emulator, stored_after, name, value, reading, expected):
    emulator.maps = reading
    job = stored_after({name: {"old": value}}, {name: {"new": value}})
    assert sorted(job[name]) == expected


def test_the_two_readings_are_independent(emulator, stored_after):
    emulator.maps = "merge"
    fields = {"runtimeEnvironment": {"OLD": "1"}, "buildConfiguration": {"dockerfileTarget": "final"}}
    job = stored_after(fields, {"runtimeEnvironment": {"NEW": "2"}, "buildConfiguration": {"isAllowList": True}})
    assert (job["runtimeEnvironment"], job["buildConfiguration"]) == ({"OLD": "1", "NEW": "2"}, {"isAllowList": True})


@pytest.mark.parametrize("reading", ["replace", "merge"])
def test_a_list_is_replaced_as_a_whole(emulator, stored_after, reading):
    emulator.objects = reading
    job = stored_after(
        {"tags": ["old"], "buildConfiguration": {"pathIgnoreRules": ["old"]}},
        {"tags": ["new"], "buildConfiguration": {"pathIgnoreRules": ["new"]}},
    )
    assert (job["tags"], job["buildConfiguration"]["pathIgnoreRules"]) == (["new"], ["new"])


@pytest.mark.parametrize("name, value", [("stageId", "staging"), ("activeDeadlineSeconds", 600)])
def test_null_removes_a_value(stored_after, name, value):
    assert name not in stored_after({name: value}, {name: None})


@pytest.mark.parametrize("reading", ["replace", "merge"])
def test_null_removes_an_inline_dockerfile(emulator, stored_after, reading):
    emulator.objects = reading
    job = stored_after(
        {"buildSettings": {"dockerfile": {**DOCKERFILE, "dockerfileContents": "FROM scratch"}}},
        {"buildSettings": {"dockerfile": {**DOCKERFILE, "dockerfileContents": None}}},
    )
    assert job["buildSettings"] == {"dockerfile": DOCKERFILE}


@pytest.mark.parametrize("reading", ["replace", "merge"])
@pytest.mark.parametrize(
    "stored, sent, expected",
    [
        ({"dockerfile": DOCKERFILE}, {"buildpack": BUILDPACK}, {"buildpack": BUILDPACK}),
        ({"buildpack": BUILDPACK}, {"dockerfile": DOCKERFILE}, {"dockerfile": DOCKERFILE}),
        ({"buildpack": BUILDPACK}, {"dockerfile": DOCKERFILE, "buildpack": BUILDPACK}, {"dockerfile": DOCKERFILE}),
    ],
)
def test_dockerfile_and_buildpack_are_alternatives(emulator, stored_after, reading, stored, sent, expected):
    emulator.objects = reading
    assert stored_after({"buildSettings": stored}, {"buildSettings": sent})["buildSettings"] == expected


@pytest.mark.parametrize("sent", [{}, {"dockerfile": {}}])
def test_a_dockerfile_has_the_default_path_unless_the_job_has_another(stored_after, sent):
    job = stored_after({}, {"buildSettings": sent})
    assert job["buildSettings"] == {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}


def test_a_gpu_without_a_type_gets_one(stored_after):
    job = stored_after({}, {"billing": {"gpu": {"configuration": {"gpuCount": 1}}}})
    assert job["billing"]["gpu"]["configuration"] == {"gpuCount": 1, "gpuType": "nvidia-t4"}


@pytest.mark.parametrize(
    "stored, expected",
    [
        ({"billing": {"deploymentPlan": "nf-compute-50", "buildPlan": "kept"}}, "kept"),
        ({}, None),
    ],
)
def test_an_ignored_field_stays_as_it_was(emulator, stored_after, stored, expected):
    emulator.ignored_fields = {"billing.buildPlan"}
    job = stored_after(stored, {"billing": {"deploymentPlan": "nf-compute-100", "buildPlan": "ignored"}})
    assert (job["billing"]["deploymentPlan"], job["billing"].get("buildPlan")) == ("nf-compute-100", expected)


def test_the_response_is_the_whole_job(emulator, patch):
    fields = {"tags": ["tag"], "runOnSourceChange": "always", "runtimeEnvironment": {"KEY": "value"}}
    emulator.add_job("default-project", "example-job", fields)
    assert patch(description="Changed") == emulator.job("default-project", "example-job")


def test_an_empty_body_changes_nothing(emulator, patch):
    before = emulator.job("default-project", "example-job")
    assert patch() == before == emulator.job("default-project", "example-job")


def test_a_cron_job_is_refused(emulator, send):
    emulator.add_job("default-project", "example-job", {"jobType": "cron"})
    assert send("PATCH", "manual/example-job", json={"description": "Changed"}).status_code == 400


def test_a_test_reads_and_gives_a_copy_of_the_stored_job(emulator):
    fields = {"tags": ["tag"]}
    emulator.add_job("default-project", "example-job", fields)
    emulator.job("default-project", "example-job")["tags"].append("read")
    fields["tags"].append("given")
    assert emulator.job("default-project", "example-job")["tags"] == ["tag"]
