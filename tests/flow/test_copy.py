# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What northflank_manual_job_info returns of a job creates the same job in another project, field by field."""

from __future__ import annotations

import base64
import copy
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths, values
from emulator import Emulator
from harness import JOB, PROJECT, STATES
from harness.flows import Flows
from harness.full_job import BUILDPACK
from harness.info_tasks import ALL, SECRET_VALUES, WHOLE, one_job
from harness.phases import job_of
from harness.playbooks import MODULE, connection

OTHER = "other-project"
# These belong to the place of a job, or to its past.
NOT_COPIED = {"appId", "uid", "createdAt", "projectId", "status", "cluster"}
# A job that does not set these has these values.
DEFAULTS: dict[str, t.Any] = {"tags": [], "disabledCI": False, "healthChecks": []}
ARCHITECTURE = {"infrastructure": {"architecture": "arm"}}
RUNTIME = {
    "docker": {"configType": "customEntrypointCustomCommand", "customEntrypoint": "sh", "customCommand": "report --all"},
    "storage": {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64},
}
REST = {
    "gpu": {"enabled": True, "configuration": {"gpuType": "nvidia-l4", "gpuCount": 1}},
    "gracePeriodSeconds": 60,
    "metadata": {"labels": {"team": "reports", "level": "1"}, "annotations": {"note": "a note"}},
}
VCS = {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "main"}
SOURCES: dict[str, dict[str, t.Any]] = {
    "a private image": {"external": {"imagePath": "registry.example.com/report:1.4", "credentials": "example-registry"}},
    "a public image": {"external": {"imagePath": "nginx:1.27"}},
    "a build of a branch": {"internal": {"id": "report-build", "branch": "main", "buildSHA": "latest"}},
    "a build of a commit": {"internal": {"id": "report-build", "branch": "main", "buildSHA": "0123456789" * 4}},
    "a repository": {"vcs": {**VCS, "accountLogin": "example", "vcsLinkId": "a" * 24}},
    "a self-hosted repository": {
        "vcs": {**VCS, "projectType": "self-hosted", "selfHostedVcsId": "6a7d2b50-0d59-4ed6-9f0b-2f9b1b1f0a11"},
    },
}
JOBS: dict[str, dict[str, t.Any]] = {
    **{name: {**WHOLE, "deployment": {**source, **RUNTIME, **REST}} for name, source in SOURCES.items()},
    "few fields": {"deployment": {"external": {"imagePath": "nginx:1.27"}, "docker": {"configType": "default"}}},
    "a buildpack": {
        "buildSettings": {"buildpack": BUILDPACK},
        "deployment": {
            "vcs": VCS,
            "buildpack": {"configType": "customProcess", "customProcess": "web"},
        },
    },
}
SECRETS: dict[str, dict[str, t.Any]] = {
    "runtime_environment": {"VARIABLE": SECRET_VALUES["variable"]},
    "runtime_files": {"/etc/file": {"content": SECRET_VALUES["file"], "encoding": "utf-8"}},
    "build_arguments": {"ARGUMENT": SECRET_VALUES["argument"]},
    "build_files": {"/etc/file": {"content": SECRET_VALUES["build-file"], "encoding": "utf-8"}},
    "docker_secret_mounts": {
        "/etc/file": {"data": base64.b64encode(SECRET_VALUES["mount"].encode()).decode(), "encoding": "utf-8"},
    },
}


def to_options(shown: t.Mapping[str, t.Any], job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What creates the job: what the module has returned of it, the secrets, and of the options that it calls unknown those of the job."""
    not_options = ("id", "app_id", "project_id", "job_type", "unknown_fields")
    options = {name: value for name, value in shown.items() if name not in not_options and not name.endswith("_keys")}
    for option in shown["unknown_fields"]:
        row = fields.BY_OPTION[option]
        value = paths.find(job, row.path)
        if value is not paths.MISSING and not row.secret:
            paths.put(options, option, values.to_option(row, value))
    return {**options, **(SECRETS if "runtimeEnvironment" in job else {})}


def as_stored(emulator: Emulator, project: str) -> dict[str, t.Any]:
    """A stored job without what is not part of a copy."""
    return {**DEFAULTS, **{name: value for name, value in emulator.job(project, JOB).items() if name not in NOT_COPIED}}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", JOBS)
def test_a_copy_equals_the_original_field_by_field(flows: Flows, emulator_of: t.Callable[[str], Emulator], state: str, kind: str) -> None:
    emulator = emulator_of(state)
    job = job_of(state, copy.deepcopy(JOBS[kind]))
    emulator.add_job(PROJECT, JOB, {**ARCHITECTURE, **job})
    emulator.add_project(OTHER)
    (shown,) = flows.run(one_job(emulator, gather=ALL)).result["jobs"]
    options = to_options(shown, job)
    created, again = flows.run(*[{MODULE: connection(emulator, project_id=OTHER, **options)}] * 2).results
    assert (created["failed"], created["changed"], created.get("warnings")) == (False, True, None), created
    assert (again["failed"], again["changed"], again.get("warnings")) == (False, False, None), again
    assert as_stored(emulator, OTHER) == as_stored(emulator, PROJECT)


def test_only_these_options_of_a_job_that_is_as_it_is_today_cannot_be_read(flows: Flows, emulator: Emulator) -> None:
    emulator.state = "current"
    emulator.add_job(PROJECT, JOB, {**ARCHITECTURE, **JOBS["a private image"]})
    (shown,) = flows.run(one_job(emulator, gather=ALL)).result["jobs"]
    assert {option.partition(".")[0] for option in shown["unknown_fields"]} == {
        "billing",
        "deployment",
        "docker_secret_mounts",
        "run_on_source_change",
    }
    assert {option.split(".")[1] for option in shown["unknown_fields"] if option.startswith("deployment.")} == {
        "external",
        "gpu",
        "grace_period_seconds",
        "metadata",
    }


@pytest.mark.parametrize("state", ["lean", "current"])
def test_of_a_build_by_its_id_the_commit_is_returned_and_the_id_is_unknown(
    flows: Flows, emulator_of: t.Callable[[str], Emulator], state: str
) -> None:
    emulator = emulator_of(state)
    emulator.add_job(PROJECT, JOB, {"deployment": {"internal": {"id": "report-build", "branch": "main", "buildId": "build-7"}}})
    (shown,) = flows.run(one_job(emulator, gather=ALL)).result["jobs"]
    assert "deployment.internal.build_id" in shown["unknown_fields"]
    assert len(shown["deployment"]["internal"].pop("build_sha")) == 40
    assert shown["deployment"]["internal"] == {"id": "report-build", "branch": "main"}
