# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""One case for each option of a job: set, change and, where the API allows it, clear."""

from __future__ import annotations

import base64
import typing as t
from types import MappingProxyType

from .health_check import CHECK
from .phases import REMOVED, Case, Step

# Each field is set, so that a field that is lost by the change of another is noticed.
_COMMON: dict[str, t.Any] = {
    "description": "The job to begin with",
    "stageId": "first-stage",
    "tags": ["first-tag"],
    "billing": {
        "deploymentPlan": "nf-compute-50",
        "buildPlan": "nf-compute-400-16",
        "gpu": {"enabled": True, "configuration": {"gpuType": "nvidia-a100", "gpuCount": 1, "timesliced": False}},
    },
    "disabledCI": False,
    "buildConfiguration": {
        "pathIgnoreRules": ["README.md", "!docs"],
        "isAllowList": False,
        "ciIgnoreFlagsEnabled": True,
        "ciIgnoreFlags": ["[skip ci]"],
        "ignoreEmptyCommits": True,
        "dockerfileTarget": "production",
        "dockerCredentials": ["first-credentials"],
        "includeGitFolder": True,
        "fullGitClone": False,
        "enableGitLfs": True,
        "storage": {"ephemeralStorage": {"storageSize": 16384}},
    },
    "runtimeEnvironment": {"FIRST": "value"},
    "runtimeFiles": {"/first": {"data": "Zmlyc3Q=", "encoding": "utf-8"}},
    "buildArguments": {"FIRST": "value"},
    "buildFiles": {"/first": {"data": "Zmlyc3Q=", "encoding": "utf-8"}},
    "dockerSecretMounts": {"first": {"data": "Zmlyc3Q=", "encoding": "utf-8"}},
    "healthChecks": [{**CHECK, "type": "startupProbe"}],
    "backoffLimit": 1,
    "runOnSourceChange": "cd-promote",
    "activeDeadlineSeconds": 900,
}
_DOCKERFILE = {
    **_COMMON,
    "buildSettings": {
        "storage": {"ephemeralStorage": {"storageSize": 16384}},
        "dockerfile": {
            "buildEngine": "kaniko",
            "dockerFilePath": "/build/Dockerfile",
            "dockerWorkDir": "/build",
            "dockerfileContents": "FROM scratch\n",
            "buildkit": {"useCache": True, "cacheStorageSize": 16384, "useInternalCache": False, "internalCacheStorage": 1024},
        },
    },
}
_BUILDPACK = {
    **_COMMON,
    "buildSettings": {
        "storage": {"ephemeralStorage": {"storageSize": 16384}},
        "buildpack": {"builder": "HEROKU_22", "buildpackLocators": ["https://example.com/first"], "buildContext": "/app", "useCache": True},
    },
}

# The requests of an unchanged task: only get-job, get-job and a sub-resource, or get-job and the probe.
_SHOWN = MappingProxyType({"lean": 1, "current": 1, "removed": 1})
_RESOURCE = _PROBE = MappingProxyType({"lean": 2, "current": 2, "removed": 1})
_NOT_IN_LEAN = MappingProxyType({"lean": 2, "current": 1, "removed": 1})


def _case(option: str, path: str, first: t.Any, second: t.Any, requests: t.Mapping[str, int] = _SHOWN, **rest: t.Any) -> Case:
    """A case of plain values, which are stored as they are stated; cleared=(value, stored) if the option can be cleared."""
    steps = [Step("set", first, first), Step("change", second, second)]
    if "cleared" in rest:
        steps.append(Step("clear", *rest.pop("cleared")))
    return Case(option, path, tuple(steps), requests, **{"job": _DOCKERFILE, **rest})


def _size(option: str, path: str, **rest: t.Any) -> Case:
    return _case(f"{option}.storage.ephemeral_storage.storage_size", f"{path}.storage.ephemeralStorage.storageSize", 32768, 524288, **rest)


def _variables(option: str, path: str) -> Case:
    steps = (
        Step(
            "set",
            {"NUMBER": 1, "FLAG": False, "TEXT": "ok", "REFERENCE": "${OTHER}"},
            {"NUMBER": "1", "FLAG": "false", "TEXT": "ok", "REFERENCE": "${OTHER}"},
        ),
        Step("change", {"NUMBER": -15, "TEXT": 'two\nlines "quoted" äöü'}, {"NUMBER": "-15", "TEXT": 'two\nlines "quoted" äöü'}),
        Step("clear", {}, {}),
    )
    return Case(option, path, steps, _RESOURCE, job=_DOCKERFILE)


def _files(option: str, path: str, key: str, requests: t.Mapping[str, int] = _RESOURCE, unreadable: tuple[str, ...] = ()) -> Case:
    latin = base64.b64encode("äöü".encode("latin-1")).decode()
    steps = (
        Step("set", {key: {"content": "a text"}}, {key: {"data": "YSB0ZXh0", "encoding": "utf-8"}}),
        Step(
            "change",
            {key: {"content": "äöü", "encoding": "latin-1"}, f"{key}2": {"data": "AP8"}},
            {key: {"data": latin, "encoding": "latin-1"}, f"{key}2": {"data": "AP8="}},
        ),
        Step("clear", {}, {}),
    )
    return Case(option, path, steps, requests, unreadable, job=_DOCKERFILE)


def _checks() -> Case:
    timing = {"initial_delay_seconds": 1, "period_seconds": 10, "timeout_seconds": 1, "failure_threshold": 255}
    timing_stored = {"initialDelaySeconds": 1, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 255}
    http = {"protocol": "HTTP", "type": "readinessProbe", "path": "/ready?full=1", "port": 8080}
    command = {"protocol": "CMD", "type": "livenessProbe", "cmd": "true"}
    tcp = {"protocol": "TCP", "type": "startupProbe", "port": 1}
    steps = (
        Step("set", [{**http, **timing}, {**tcp, **timing}], [{**http, **timing_stored}, {**tcp, **timing_stored, "successThreshold": 1}]),
        Step(
            "change",
            [{**tcp, **timing}, {**command, **timing, "success_threshold": 2}],
            [{**tcp, **timing_stored, "successThreshold": 1}, {**command, **timing_stored, "successThreshold": 2}],
        ),
        Step("clear", [], []),
    )
    return Case("health_checks", "healthChecks", steps, _RESOURCE, job=_DOCKERFILE)


_UNREADABLE = {"requests": _PROBE, "unreadable": ("lean", "current")}
_CURRENT_ONLY = {"requests": _NOT_IN_LEAN, "unreadable": ("lean",)}
_DOCKER, _DOCKER_PATH = "build_settings.dockerfile", "buildSettings.dockerfile"
_PACK, _PACK_PATH = "build_settings.buildpack", "buildSettings.buildpack"

CASES = (
    _case("description", "description", "A first text", "A second text, (with) [signs];\nand `lines`: 100 %!"),
    _case("stage_id", "stageId", "staging", "production-2", cleared=("", REMOVED), requests=_NOT_IN_LEAN, unreadable=("lean",)),
    _case("tags", "tags", ["one"], ["two", "one"], cleared=([], [])),
    _case("billing.deployment_plan", "billing.deploymentPlan", "nf-compute-20", "nf-compute-100"),
    _case("billing.build_plan", "billing.buildPlan", "nf-compute-200-8", "nf-compute-800-32", **_UNREADABLE),
    _case("billing.gpu.enabled", "billing.gpu.enabled", False, True, **_UNREADABLE),
    _case("billing.gpu.configuration.gpu_type", "billing.gpu.configuration.gpuType", "nvidia-l4", "nvidia-h100", **_UNREADABLE),
    _case("billing.gpu.configuration.gpu_count", "billing.gpu.configuration.gpuCount", 2, 3, **_UNREADABLE),
    _case("billing.gpu.configuration.timesliced", "billing.gpu.configuration.timesliced", True, False, **_UNREADABLE),
    _case("backoff_limit", "backoffLimit", 0, 5),
    _case("run_on_source_change", "runOnSourceChange", "never", "always", **_UNREADABLE),
    _case("active_deadline_seconds", "activeDeadlineSeconds", 1, 3600, cleared=(0, REMOVED)),
    _case("disabled_ci", "disabledCI", True, False),
    _case("build_configuration.path_ignore_rules", "buildConfiguration.pathIgnoreRules", ["*.md", "!a"], ["!a", "*.md"], cleared=([], [])),
    _case("build_configuration.is_allow_list", "buildConfiguration.isAllowList", True, False),
    _case("build_configuration.ci_ignore_flags_enabled", "buildConfiguration.ciIgnoreFlagsEnabled", False, True),
    _case("build_configuration.ci_ignore_flags", "buildConfiguration.ciIgnoreFlags", ["[no ci]"], ["a", "b"], cleared=([], [])),
    _case("build_configuration.ignore_empty_commits", "buildConfiguration.ignoreEmptyCommits", False, True, states=("current", "removed")),
    _case("build_configuration.dockerfile_target", "buildConfiguration.dockerfileTarget", "test", "stage", cleared=("", "")),
    _case("build_configuration.docker_credentials", "buildConfiguration.dockerCredentials", ["one"], ["two", "three"], cleared=([], [])),
    _case("build_configuration.include_git_folder", "buildConfiguration.includeGitFolder", False, True),
    _case("build_configuration.full_git_clone", "buildConfiguration.fullGitClone", True, False),
    _case("build_configuration.enable_git_lfs", "buildConfiguration.enableGitLfs", False, True),
    _size("build_configuration", "buildConfiguration"),
    _size("build_settings", "buildSettings", **_CURRENT_ONLY),
    _case(f"{_DOCKER}.build_engine", f"{_DOCKER_PATH}.buildEngine", "buildkit", "kaniko"),
    _case(f"{_DOCKER}.docker_file_path", f"{_DOCKER_PATH}.dockerFilePath", "/Dockerfile", "/.ci/Dockerfile.job"),
    _case(f"{_DOCKER}.docker_work_dir", f"{_DOCKER_PATH}.dockerWorkDir", "/", "/src"),
    _case(
        f"{_DOCKER}.dockerfile_contents",
        f"{_DOCKER_PATH}.dockerfileContents",
        "FROM alpine",
        "FROM alpine\nRUN ${X}\n",
        cleared=("", REMOVED),
        states=("current", "removed"),
    ),
    _case(f"{_DOCKER}.buildkit.use_cache", f"{_DOCKER_PATH}.buildkit.useCache", False, True),
    _case(f"{_DOCKER}.buildkit.cache_storage_size", f"{_DOCKER_PATH}.buildkit.cacheStorageSize", 1000, 32768, **_CURRENT_ONLY),
    _case(f"{_DOCKER}.buildkit.use_internal_cache", f"{_DOCKER_PATH}.buildkit.useInternalCache", True, False),
    _case(f"{_DOCKER}.buildkit.internal_cache_storage", f"{_DOCKER_PATH}.buildkit.internalCacheStorage", 0.5, 2048, **_CURRENT_ONLY),
    _case(f"{_PACK}.builder", f"{_PACK_PATH}.builder", "HEROKU_24", "PAKETO_FULL", job=_BUILDPACK),
    _case(
        f"{_PACK}.buildpack_locators",
        f"{_PACK_PATH}.buildpackLocators",
        ["https://example.com/b", "a"],
        ["a", "https://example.com/b"],
        cleared=([], []),
        job=_BUILDPACK,
    ),
    _case(f"{_PACK}.build_context", f"{_PACK_PATH}.buildContext", "/", "/source", job=_BUILDPACK, **_CURRENT_ONLY),
    _case(f"{_PACK}.use_cache", f"{_PACK_PATH}.useCache", False, True, job=_BUILDPACK),
    _variables("runtime_environment", "runtimeEnvironment"),
    _files("runtime_files", "runtimeFiles", "/etc/a.conf"),
    _variables("build_arguments", "buildArguments"),
    _files("build_files", "buildFiles", "/etc/a.conf"),
    _files("docker_secret_mounts", "dockerSecretMounts", "mount_1", _PROBE, ("lean", "current")),
    _checks(),
)
