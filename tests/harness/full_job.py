# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job in which each field is set, as the emulator stores it, and parts of it. Written by hand from the table of fields."""

from __future__ import annotations

CHECK = {"type": "livenessProbe", "initialDelaySeconds": 10, "periodSeconds": 60, "timeoutSeconds": 1, "failureThreshold": 3}
CONFIGURATION = {
    "pathIgnoreRules": ["README.md"],
    "isAllowList": True,
    "ciIgnoreFlagsEnabled": True,
    "ciIgnoreFlags": ["[skip ci]"],
    "dockerfileTarget": "final",
    "dockerCredentials": ["credential"],
    "includeGitFolder": True,
    "fullGitClone": True,
    "enableGitLfs": True,
    "storage": {"ephemeralStorage": {"storageSize": 32768}},
}
DOCKERFILE = {
    "buildEngine": "kaniko",
    "dockerFilePath": "/docker/Dockerfile",
    "dockerWorkDir": "/docker",
    "dockerfileContents": "FROM scratch",
    "useCache": True,
    "buildkit": {"useCache": True, "cacheStorageSize": 32768, "useInternalCache": True, "internalCacheStorage": 100},
}
BUILDPACK = {"builder": "HEROKU_24", "buildpackLocators": ["heroku/nodejs"], "buildContext": "/app", "useCache": True}
FULL = {
    "description": "A job",
    "stageId": "staging",
    "tags": ["first", "second"],
    "billing": {
        "deploymentPlan": "nf-compute-50",
        "buildPlan": "nf-compute-400-16",
        "gpu": {"enabled": True, "configuration": {"gpuType": "nvidia-l4", "gpuCount": 1, "timesliced": True}},
    },
    "disabledCI": True,
    "buildConfiguration": {**CONFIGURATION, "ignoreEmptyCommits": True},
    "buildSettings": {"storage": {"ephemeralStorage": {"storageSize": 65536}}, "dockerfile": DOCKERFILE},
    "runtimeEnvironment": {"KEY": "value"},
    "runtimeFiles": {"/file": {"data": "AA==", "encoding": "utf-8"}},
    "buildArguments": {"KEY": "value"},
    "buildFiles": {"/file": {"data": "AA==", "encoding": "utf-8"}},
    "dockerSecretMounts": {"mount": {"data": "AA==", "encoding": "utf-8"}},
    "healthChecks": [{**CHECK, "protocol": "HTTP", "path": "/", "port": 80}],
    "backoffLimit": 3,
    "runOnSourceChange": "always",
    "activeDeadlineSeconds": 600,
}
