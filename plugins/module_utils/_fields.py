# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of a job's fields: one row per leaf of the body of "Patch manual job", and of what a run may have in place of it.

Whatever the collection knows about a field stands in its row. The argument spec, the validation, the reading of answers,
the comparison, the body of PATCH, the redaction and the list of reads are all derived from it. To add a field that
Northflank adds, add a row, and the option to the documentation of the module (a test holds the two together).

What a kind means stands in one place each: how it is translated in _values.py, compared and merged in _compare.py, checked in
_validate.py (secret maps: _rules.py), and shown in _result.py (secret maps: _redact.py).

The grammar of a row, Row(option, path, kind, shown, ...):

option, path   where the task and the body of PATCH have the field, with dots; "health_checks[].port" is a member of each item
kind           how the value is typed and compared:
                 TEXT, FLAG, INTEGER, NUMBER  one value
                 SET, LIST      texts, without and with order; pattern, choices and lengths are those of the items
                 VARIABLES      name -> text
                 FILES          path -> file, compared by its decoded bytes
                 CHECKS         health checks, paired by type; the rows of the members follow
shown          the first state of the API whose get-job shows the field under its PATCH path: ALL, CURRENT or RICH.
               Absent from an answer of get-job means "not set" where it is ALL, else "unknown" (see _views.py)
agnostic       the path in the body of the type-agnostic "Patch job" and in its answer, where it differs from path; get-job
               shows the field there too
older          other paths under which get-job shows it, in the order of preference; of a member of a health check, its other
               names in the sub-resource
resource       the sub-resource that shows it, an operation of _endpoints.py
listed         list-jobs shows it, too
absent         the value that "not set" equals, where that is documented; for SET, LIST, CHECKS, VARIABLES and FILES it is
               always the empty one
clear          the value of the option that clears the field, sent as null
pattern, choices, minimum, maximum, min_length, max_length, required
               the documented constraints; no number may be below 0, documented or not
sane           a bound that is not documented, beyond which no value has a meaning
secret         values never leave the collection, only the names of keys do
decides        False: never compared, only sent along with other changes of its object
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.northflank.cloud.plugins.module_utils import _endpoints as endpoints
from ansible_collections.northflank.cloud.plugins.module_utils import _paths as paths
from ansible_collections.northflank.cloud.plugins.module_utils import _patterns as patterns

TEXT, FLAG, INTEGER, NUMBER = "text", "flag", "integer", "number"
SET, LIST, VARIABLES, FILES, CHECKS = "set", "list", "variables", "files", "checks"
ALL, CURRENT, RICH = "all", "current", "rich"

_EMPTY: dict[str, t.Any] = {SET: [], LIST: [], CHECKS: [], VARIABLES: {}, FILES: {}}

STORAGE_SIZES = (16384, 32768, 65536, 131072, 262144, 524288)
BUILDERS = (
    "HEROKU_24",
    "HEROKU_22",
    "HEROKU_22_CLASSIC",
    "HEROKU_20",
    "HEROKU_18",
    "GOOGLE_22",
    "GOOGLE_V1",
    "CNB_ALPINE",
    "CNB_BIONIC",
    "PAKETO_JAMMY_TINY",
    "PAKETO_JAMMY_BASE",
    "PAKETO_JAMMY_FULL",
    "PAKETO_TINY",
    "PAKETO_BASE",
    "PAKETO_FULL",
)


@dataclass(frozen=True, eq=False)
class Row:
    """One field; the grammar stands at the top of this file."""

    option: str
    path: str
    kind: str
    shown: str
    agnostic: str = ""
    older: tuple[str, ...] = ()
    resource: endpoints.Operation | None = None
    listed: bool = False
    absent: t.Any = paths.NOT_SHOWN
    clear: t.Any = None
    pattern: patterns.Pattern | None = None
    choices: tuple[t.Any, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    sane: int | None = None
    required: bool = False
    secret: bool = False
    decides: bool = True

    def path_in(self, operation: endpoints.Operation) -> str:
        """The path in the body of this PATCH."""
        return self.agnostic if self.agnostic and operation is endpoints.PATCH_JOB else self.path

    def parent_in(self, operation: endpoints.Operation) -> str:
        """The object of this PATCH's body that is sent whole when the field differs: billing, settings, ... or nothing."""
        head, dot, rest = self.path_in(operation).partition(".")
        return head if dot else ""

    @property
    def least(self) -> int:
        """The smallest number that the field takes."""
        return self.minimum if self.minimum is not None else 0

    @property
    def most(self) -> int | None:
        """The largest number that the field takes, None if nothing limits it."""
        return self.maximum if self.maximum is not None else self.sane

    @property
    def empty(self) -> t.Any:
        """The value that "not set" equals: null for what null clears, an empty list or map, or what is documented; else NOT_SHOWN."""
        return None if self.clear is not None else _EMPTY.get(self.kind, self.absent)


# fmt: off
ROWS = (
    Row("description", "description", TEXT, ALL, listed=True, absent="", pattern=patterns.DESCRIPTION, max_length=200),
    Row("stage_id", "stageId", TEXT, CURRENT, listed=True, clear="", pattern=patterns.SLUG, min_length=3, max_length=100),
    Row("tags", "tags", SET, ALL, listed=True, pattern=patterns.SLUG, min_length=1, max_length=100),
    Row("billing.deployment_plan", "billing.deploymentPlan", TEXT, ALL, pattern=patterns.IDENTIFIER),
    Row("billing.build_plan", "billing.buildPlan", TEXT, RICH, pattern=patterns.IDENTIFIER),
    Row("billing.gpu.enabled", "billing.gpu.enabled", FLAG, RICH),
    Row("billing.gpu.configuration.gpu_type", "billing.gpu.configuration.gpuType", TEXT, RICH),
    Row("billing.gpu.configuration.gpu_count", "billing.gpu.configuration.gpuCount", INTEGER, RICH),
    Row("billing.gpu.configuration.timesliced", "billing.gpu.configuration.timesliced", FLAG, RICH),
    Row("backoff_limit", "backoffLimit", INTEGER, RICH, agnostic="settings.backoffLimit"),
    Row("run_on_source_change", "runOnSourceChange", TEXT, RICH, agnostic="settings.runOnSourceChange",
        choices=("never", "cd-promote", "always")),
    # Each state shows it under one of its two names, and absent means "no limit" as null does.
    Row("active_deadline_seconds", "activeDeadlineSeconds", INTEGER, ALL, agnostic="settings.activeDeadlineSeconds",
        clear=0, minimum=1),
    Row("disabled_ci", "disabledCI", FLAG, ALL, listed=True),

    Row("build_configuration.path_ignore_rules", "buildConfiguration.pathIgnoreRules", LIST, ALL, max_length=260),
    Row("build_configuration.is_allow_list", "buildConfiguration.isAllowList", FLAG, ALL, absent=False),
    Row("build_configuration.ci_ignore_flags_enabled", "buildConfiguration.ciIgnoreFlagsEnabled", FLAG, ALL, absent=False),
    Row("build_configuration.ci_ignore_flags", "buildConfiguration.ciIgnoreFlags", SET, ALL, max_length=72),
    Row("build_configuration.ignore_empty_commits", "buildConfiguration.ignoreEmptyCommits", FLAG, CURRENT, absent=False),
    Row("build_configuration.dockerfile_target", "buildConfiguration.dockerfileTarget", TEXT, ALL, absent=""),
    Row("build_configuration.docker_credentials", "buildConfiguration.dockerCredentials", SET, ALL, pattern=patterns.IDENTIFIER),
    Row("build_configuration.include_git_folder", "buildConfiguration.includeGitFolder", FLAG, ALL),
    Row("build_configuration.full_git_clone", "buildConfiguration.fullGitClone", FLAG, ALL),
    Row("build_configuration.enable_git_lfs", "buildConfiguration.enableGitLfs", FLAG, ALL),
    Row("build_configuration.storage.ephemeral_storage.storage_size",
        "buildConfiguration.storage.ephemeralStorage.storageSize", INTEGER, ALL, choices=STORAGE_SIZES),

    Row("build_settings.storage.ephemeral_storage.storage_size",
        "buildSettings.storage.ephemeralStorage.storageSize", INTEGER, CURRENT, choices=STORAGE_SIZES),
    Row("build_settings.dockerfile.build_engine", "buildSettings.dockerfile.buildEngine", TEXT, CURRENT,
        older=("buildEngineConfiguration.buildEngine",), choices=("buildkit", "kaniko")),
    Row("build_settings.dockerfile.docker_file_path", "buildSettings.dockerfile.dockerFilePath", TEXT, CURRENT,
        older=("vcsData.dockerFilePath",), pattern=patterns.FILE_PATH),
    Row("build_settings.dockerfile.docker_work_dir", "buildSettings.dockerfile.dockerWorkDir", TEXT, CURRENT,
        older=("vcsData.dockerWorkDir",), pattern=patterns.FOLDER_PATH),
    Row("build_settings.dockerfile.dockerfile_contents", "buildSettings.dockerfile.dockerfileContents", TEXT, CURRENT, clear=""),
    # Without effect, says the API, and its older name is not promised to mean the same.
    Row("build_settings.dockerfile.use_cache", "buildSettings.dockerfile.useCache", FLAG, CURRENT, decides=False),
    Row("build_settings.dockerfile.buildkit.use_cache", "buildSettings.dockerfile.buildkit.useCache", FLAG, CURRENT,
        older=("buildEngineConfiguration.buildkit.useCache",)),
    Row("build_settings.dockerfile.buildkit.cache_storage_size", "buildSettings.dockerfile.buildkit.cacheStorageSize",
        INTEGER, CURRENT),
    Row("build_settings.dockerfile.buildkit.use_internal_cache", "buildSettings.dockerfile.buildkit.useInternalCache",
        FLAG, CURRENT, older=("buildEngineConfiguration.buildkit.useInternalCache",)),
    # Its older name holds a boolean, so it shows nothing.
    Row("build_settings.dockerfile.buildkit.internal_cache_storage", "buildSettings.dockerfile.buildkit.internalCacheStorage",
        NUMBER, CURRENT),
    Row("build_settings.buildpack.builder", "buildSettings.buildpack.builder", TEXT, CURRENT,
        older=("buildEngineConfiguration.buildpack.builder",), choices=BUILDERS),
    Row("build_settings.buildpack.buildpack_locators", "buildSettings.buildpack.buildpackLocators", LIST, CURRENT,
        older=("buildEngineConfiguration.buildpack.buildpackLocators",)),
    Row("build_settings.buildpack.build_context", "buildSettings.buildpack.buildContext", TEXT, CURRENT, pattern=patterns.FOLDER_PATH),
    Row("build_settings.buildpack.use_cache", "buildSettings.buildpack.useCache", FLAG, CURRENT,
        older=("buildEngineConfiguration.buildpack.useCache",)),

    Row("runtime_environment", "runtimeEnvironment", VARIABLES, RICH, resource=endpoints.GET_RUNTIME_ENVIRONMENT, secret=True),
    Row("runtime_files", "runtimeFiles", FILES, RICH, resource=endpoints.GET_RUNTIME_ENVIRONMENT, secret=True),
    Row("build_arguments", "buildArguments", VARIABLES, RICH, resource=endpoints.GET_BUILD_ARGUMENTS, secret=True),
    Row("build_files", "buildFiles", FILES, RICH, resource=endpoints.GET_BUILD_ARGUMENTS, secret=True),
    Row("docker_secret_mounts", "dockerSecretMounts", FILES, RICH, secret=True),

    Row("health_checks", "healthChecks", CHECKS, RICH, resource=endpoints.GET_HEALTH_CHECKS),
    Row("health_checks[].protocol", "healthChecks[].protocol", TEXT, RICH, choices=("HTTP", "CMD", "TCP"), required=True),
    Row("health_checks[].type", "healthChecks[].type", TEXT, RICH,
        choices=("livenessProbe", "readinessProbe", "startupProbe"), required=True),
    Row("health_checks[].path", "healthChecks[].path", TEXT, RICH, pattern=patterns.CHECK_PATH),
    Row("health_checks[].cmd", "healthChecks[].cmd", TEXT, RICH),
    Row("health_checks[].port", "healthChecks[].port", INTEGER, RICH, older=("httpPort", "tcpSocketPort"), minimum=1, sane=65535),
    Row("health_checks[].initial_delay_seconds", "healthChecks[].initialDelaySeconds", INTEGER, RICH,
        minimum=1, maximum=180, required=True),
    Row("health_checks[].period_seconds", "healthChecks[].periodSeconds", INTEGER, RICH, minimum=10, maximum=600, required=True),
    Row("health_checks[].timeout_seconds", "healthChecks[].timeoutSeconds", INTEGER, RICH, minimum=1, maximum=60, required=True),
    Row("health_checks[].failure_threshold", "healthChecks[].failureThreshold", INTEGER, RICH,
        minimum=1, maximum=255, required=True),
    Row("health_checks[].success_threshold", "healthChecks[].successThreshold", INTEGER, RICH, minimum=1, maximum=255),
)
# fmt: on

# What the body of "Run job" takes: fields of the job, and the deployment, which PATCH cannot change.
_SHARED = ("runtime_environment", "runtime_files", "docker_secret_mounts", "billing.deployment_plan")
# fmt: off
_DEPLOYMENT = (
    Row("deployment.docker.config_type", "deployment.docker.configType", TEXT, RICH, required=True,
        choices=("default", "customEntrypoint", "customCommand", "customEntrypointCustomCommand")),
    Row("deployment.docker.custom_entrypoint", "deployment.docker.customEntrypoint", TEXT, RICH),
    Row("deployment.docker.custom_command", "deployment.docker.customCommand", TEXT, RICH),
    Row("deployment.buildpack.config_type", "deployment.buildpack.configType", TEXT, RICH, required=True,
        choices=("default", "customProcess", "customCommand", "customEntrypointCustomCommand", "originalEntrypointCustomCommand")),
    Row("deployment.buildpack.custom_process", "deployment.buildpack.customProcess", TEXT, RICH),
    Row("deployment.buildpack.custom_entrypoint", "deployment.buildpack.customEntrypoint", TEXT, RICH),
    Row("deployment.buildpack.custom_command", "deployment.buildpack.customCommand", TEXT, RICH),
    Row("deployment.storage.use_hdb_storage", "deployment.storage.useHdbStorage", FLAG, RICH),
    Row("deployment.storage.use_pd_ssd_storage", "deployment.storage.usePdSsdStorage", FLAG, RICH),
    Row("deployment.storage.ephemeral_storage.storage_size", "deployment.storage.ephemeralStorage.storageSize", INTEGER, RICH),
    Row("deployment.storage.shm_size", "deployment.storage.shmSize", INTEGER, RICH),
    Row("deployment.gpu.enabled", "deployment.gpu.enabled", FLAG, RICH),
    Row("deployment.gpu.configuration.gpu_type", "deployment.gpu.configuration.gpuType", TEXT, RICH, required=True),
    Row("deployment.gpu.configuration.gpu_count", "deployment.gpu.configuration.gpuCount", INTEGER, RICH),
    Row("deployment.gpu.configuration.timesliced", "deployment.gpu.configuration.timesliced", FLAG, RICH),
    Row("deployment.internal.id", "deployment.internal.id", TEXT, RICH),
    Row("deployment.internal.branch", "deployment.internal.branch", TEXT, RICH),
    Row("deployment.internal.build_sha", "deployment.internal.buildSHA", TEXT, RICH, pattern=patterns.BUILD_SHA),
    Row("deployment.internal.build_id", "deployment.internal.buildId", TEXT, RICH),
    Row("deployment.external.image_path", "deployment.external.imagePath", TEXT, RICH, required=True),
    Row("deployment.external.credentials", "deployment.external.credentials", TEXT, RICH, pattern=patterns.IDENTIFIER),
)
# fmt: on
OVERRIDES = (*(row for row in ROWS if row.option in _SHARED), *_DEPLOYMENT)

# The two ways to build. The API documents no winner, so a task states one, and the other is then not sent with it.
WAYS_TO_BUILD = ("buildSettings.dockerfile", "buildSettings.buildpack")
MEMBER = "[]."

FIELDS = tuple(row for row in ROWS if MEMBER not in row.path)
CHECK_MEMBERS = tuple(row for row in ROWS if MEMBER in row.path)
BY_OPTION = {row.option: row for row in (*ROWS, *_DEPLOYMENT)}


def way_to_build(row: Row) -> str:
    """The way to build that a row belongs to: one of WAYS_TO_BUILD, or nothing."""
    return next((way for way in WAYS_TO_BUILD if row.path.startswith(way + ".")), "")
