# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of a job's fields: one row for each leaf of the body of "Patch manual job", and of what only creating and deploying set.

Everything that is special about a field is in its row. The argument spec, the validation, the reading of responses, the
comparison, the body of PATCH and the list of reads are derived from it. To add a field that Northflank adds, add a row, and the
option to the documentation of the module (a test holds the two together).

What a kind means is in one file for each use: translation in values.py, comparison and merging in compare.py, validation in
_options/validate.py (maps: _options/maps.py), output in facts.py.

The columns of a row, Row(option, path, kind, readable_since, ...):

option, path    where the task and the body of PATCH have the field, with dots; "health_checks[].port" is a member of each item
kind            the type, and how values are compared:
                  TEXT, BOOLEAN, INTEGER, NUMBER  one value
                  SET, LIST      texts, without and with order; pattern, choices and lengths are those of the items
                  VARIABLES      name -> text
                  FILES          path -> file, compared by its decoded bytes
                  LABELS         name -> text, not secret, compared and sent whole
                  HEALTH_CHECKS  health checks, paired by pair_by; the rows of the members follow
readable_since  the first API state whose get-job shows the field under its PATCH path: ALL, CURRENT or RICH. A field that get-job
                does not show is not set where it is ALL, else it is unknown (see state.py, for the deployment deployment.py)
patch_job_path  the path in the body of the type-agnostic "Patch job" and in its response, where it differs from path; get-job
                shows the field there too
legacy_paths    other paths under which get-job shows it, in the order of preference; of a member of a health check, its other
                names in the sub-resource
legacy_name_by_protocol
                of a member of a health check, which of these names belongs to which protocol
resource        the sub-resource that shows it, an operation of _api/operations.py
resource_path   the path in the response of the sub-resource, where it differs from path (without "deployment.", if it is the deployment)
written_by      the operation that changes the field. None: PATCH
is_fixed        no operation changes the field once the job exists
required_with   creating a job requires the field: "job" always, else if the task sets a field of this object
unlisted_type   of the health checks, the type that the sub-resource is not documented to list
in_list_jobs    list-jobs shows it, too
default         the value that "not set" equals, if that is documented; for SET, LIST, HEALTH_CHECKS, VARIABLES and FILES it is
                always the empty one
cleared_by      the value of the option that clears the field, sent as null
pattern, choices, minimum, maximum, min_length, max_length, required
                the documented constraints; no number can be below 0, documented or not
required_by_protocol
                of a member of a health check, the protocols that require it
absolute_names  the names of a map of files are absolute paths
sane_maximum    a limit that is not documented, above which a value has no meaning
filled_by_api   the API sets a value if the task sets none, so the known one is sent along
pair_by         the member by which items are paired with those of the job
secret          results contain only the names of the keys, never the values
is_compared     False: only sent along with other changes of its object
probe_order     a probe can write the field unchanged if no option of the task can be used: 1 is tried first
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from . import paths, patterns

TEXT, BOOLEAN, INTEGER, NUMBER = "text", "boolean", "integer", "number"
SET, LIST, VARIABLES, FILES, LABELS, HEALTH_CHECKS = "set", "list", "variables", "files", "labels", "health checks"
ALL, CURRENT, RICH = "all", "current", "rich"
JOB = "job"

_EMPTY: dict[str, t.Any] = {SET: [], LIST: [], HEALTH_CHECKS: [], VARIABLES: {}, FILES: {}, LABELS: {}}

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
    """One field. The columns are described at the top of this file."""

    option: str
    path: str
    kind: str
    readable_since: str
    patch_job_path: str = ""
    legacy_paths: tuple[str, ...] = ()
    legacy_name_by_protocol: t.Mapping[str, str] = field(default_factory=dict)
    resource: operations.Operation | None = None
    resource_path: str = ""
    written_by: operations.Operation | None = None
    is_fixed: bool = False
    required_with: str = ""
    unlisted_type: str = ""
    in_list_jobs: bool = False
    default: t.Any = paths.MISSING
    cleared_by: t.Any = None
    pattern: patterns.Pattern | None = None
    choices: tuple[t.Any, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    required: bool = False
    required_by_protocol: tuple[str, ...] = ()
    absolute_names: bool = False
    sane_maximum: int | None = None
    filled_by_api: bool = False
    pair_by: str = ""
    secret: bool = False
    is_compared: bool = True
    probe_order: int = 0

    def path_in(self, operation: operations.Operation) -> str:
        """The path in the body of an operation that writes the whole job or fields of it."""
        return self.patch_job_path if self.patch_job_path and operation in operations.TYPE_AGNOSTIC else self.path

    @property
    def path_in_resource(self) -> str:
        """The path in the response of the sub-resource."""
        is_deployment = self.resource is operations.GET_DEPLOYMENT
        return self.resource_path or (self.path.partition(".")[2] if is_deployment else self.path)

    def parent_in(self, operation: operations.Operation) -> str:
        """The object in the body of this PATCH that is sent whole if the field differs: billing, settings, ... or empty."""
        head, dot, rest = self.path_in(operation).partition(".")
        return head if dot else ""

    @property
    def least(self) -> int:
        """The smallest number that the field accepts."""
        return self.minimum if self.minimum is not None else 0

    @property
    def most(self) -> int | None:
        """The largest number that the field accepts, None if there is no limit."""
        return self.maximum if self.maximum is not None else self.sane_maximum

    @property
    def empty(self) -> t.Any:
        """The value that "not set" equals: None if null clears the field, an empty list or map, or the documented default, else MISSING."""
        return None if self.cleared_by is not None else _EMPTY.get(self.kind, self.default)


# fmt: off
ROWS = (
    Row("description", "description", TEXT, ALL, in_list_jobs=True, default="", pattern=patterns.DESCRIPTION, max_length=200),
    Row("stage_id", "stageId", TEXT, CURRENT, in_list_jobs=True, cleared_by="", pattern=patterns.SLUG, min_length=3, max_length=100),
    Row("tags", "tags", SET, ALL, in_list_jobs=True, pattern=patterns.SLUG, min_length=1, max_length=100, probe_order=3),
    Row("billing.deployment_plan", "billing.deploymentPlan", TEXT, ALL, pattern=patterns.IDENTIFIER, required_with=JOB),
    Row("billing.build_plan", "billing.buildPlan", TEXT, RICH, pattern=patterns.IDENTIFIER),
    Row("billing.gpu.enabled", "billing.gpu.enabled", BOOLEAN, RICH),
    Row("billing.gpu.configuration.gpu_type", "billing.gpu.configuration.gpuType", TEXT, RICH, required_with="billing.gpu.configuration"),
    Row("billing.gpu.configuration.gpu_count", "billing.gpu.configuration.gpuCount", INTEGER, RICH),
    Row("billing.gpu.configuration.timesliced", "billing.gpu.configuration.timesliced", BOOLEAN, RICH),
    Row("backoff_limit", "backoffLimit", INTEGER, RICH, patch_job_path="settings.backoffLimit", probe_order=2, required_with=JOB),
    Row("run_on_source_change", "runOnSourceChange", TEXT, RICH, patch_job_path="settings.runOnSourceChange",
        choices=("never", "cd-promote", "always")),
    # Each API state shows it under one of its two names. A missing value means "no limit", as null does.
    Row("active_deadline_seconds", "activeDeadlineSeconds", INTEGER, ALL, patch_job_path="settings.activeDeadlineSeconds",
        cleared_by=0, minimum=1),
    Row("disabled_ci", "disabledCI", BOOLEAN, ALL, in_list_jobs=True, probe_order=1),

    Row("build_configuration.path_ignore_rules", "buildConfiguration.pathIgnoreRules", LIST, ALL, max_length=260),
    Row("build_configuration.is_allow_list", "buildConfiguration.isAllowList", BOOLEAN, ALL, default=False),
    Row("build_configuration.ci_ignore_flags_enabled", "buildConfiguration.ciIgnoreFlagsEnabled", BOOLEAN, ALL, default=False),
    Row("build_configuration.ci_ignore_flags", "buildConfiguration.ciIgnoreFlags", SET, ALL, max_length=72),
    Row("build_configuration.ignore_empty_commits", "buildConfiguration.ignoreEmptyCommits", BOOLEAN, CURRENT, default=False),
    Row("build_configuration.dockerfile_target", "buildConfiguration.dockerfileTarget", TEXT, ALL, default=""),
    Row("build_configuration.docker_credentials", "buildConfiguration.dockerCredentials", SET, ALL, pattern=patterns.IDENTIFIER),
    Row("build_configuration.include_git_folder", "buildConfiguration.includeGitFolder", BOOLEAN, ALL),
    Row("build_configuration.full_git_clone", "buildConfiguration.fullGitClone", BOOLEAN, ALL),
    Row("build_configuration.enable_git_lfs", "buildConfiguration.enableGitLfs", BOOLEAN, ALL),
    Row("build_configuration.storage.ephemeral_storage.storage_size",
        "buildConfiguration.storage.ephemeralStorage.storageSize", INTEGER, ALL, choices=STORAGE_SIZES),

    Row("build_settings.storage.ephemeral_storage.storage_size",
        "buildSettings.storage.ephemeralStorage.storageSize", INTEGER, CURRENT, choices=STORAGE_SIZES),
    Row("build_settings.dockerfile.build_engine", "buildSettings.dockerfile.buildEngine", TEXT, CURRENT,
        legacy_paths=("buildEngineConfiguration.buildEngine",), choices=("buildkit", "kaniko")),
    Row("build_settings.dockerfile.docker_file_path", "buildSettings.dockerfile.dockerFilePath", TEXT, CURRENT,
        legacy_paths=("vcsData.dockerFilePath",), pattern=patterns.FILE_PATH, required_with="buildSettings.dockerfile"),
    Row("build_settings.dockerfile.docker_work_dir", "buildSettings.dockerfile.dockerWorkDir", TEXT, CURRENT,
        legacy_paths=("vcsData.dockerWorkDir",), pattern=patterns.FOLDER_PATH, required_with="buildSettings.dockerfile"),
    Row("build_settings.dockerfile.dockerfile_contents", "buildSettings.dockerfile.dockerfileContents", TEXT, CURRENT, cleared_by=""),
    # The API documents it as without effect, and does not document that its older name means the same.
    Row("build_settings.dockerfile.use_cache", "buildSettings.dockerfile.useCache", BOOLEAN, CURRENT, is_compared=False),
    Row("build_settings.dockerfile.buildkit.use_cache", "buildSettings.dockerfile.buildkit.useCache", BOOLEAN, CURRENT,
        legacy_paths=("buildEngineConfiguration.buildkit.useCache",)),
    Row("build_settings.dockerfile.buildkit.cache_storage_size", "buildSettings.dockerfile.buildkit.cacheStorageSize",
        INTEGER, CURRENT),
    Row("build_settings.dockerfile.buildkit.use_internal_cache", "buildSettings.dockerfile.buildkit.useInternalCache",
        BOOLEAN, CURRENT, legacy_paths=("buildEngineConfiguration.buildkit.useInternalCache",)),
    # Its older name has a boolean, so the number cannot be read from it.
    Row("build_settings.dockerfile.buildkit.internal_cache_storage", "buildSettings.dockerfile.buildkit.internalCacheStorage",
        NUMBER, CURRENT),
    Row("build_settings.buildpack.builder", "buildSettings.buildpack.builder", TEXT, CURRENT,
        legacy_paths=("buildEngineConfiguration.buildpack.builder",), choices=BUILDERS),
    Row("build_settings.buildpack.buildpack_locators", "buildSettings.buildpack.buildpackLocators", LIST, CURRENT,
        legacy_paths=("buildEngineConfiguration.buildpack.buildpackLocators",)),
    Row("build_settings.buildpack.build_context", "buildSettings.buildpack.buildContext", TEXT, CURRENT, pattern=patterns.FOLDER_PATH),
    Row("build_settings.buildpack.use_cache", "buildSettings.buildpack.useCache", BOOLEAN, CURRENT,
        legacy_paths=("buildEngineConfiguration.buildpack.useCache",)),

    Row("runtime_environment", "runtimeEnvironment", VARIABLES, RICH, resource=operations.GET_RUNTIME_ENVIRONMENT, secret=True),
    Row("runtime_files", "runtimeFiles", FILES, RICH, resource=operations.GET_RUNTIME_ENVIRONMENT, absolute_names=True, secret=True),
    Row("build_arguments", "buildArguments", VARIABLES, RICH, resource=operations.GET_BUILD_ARGUMENTS, secret=True),
    Row("build_files", "buildFiles", FILES, RICH, resource=operations.GET_BUILD_ARGUMENTS, absolute_names=True, secret=True),
    Row("docker_secret_mounts", "dockerSecretMounts", FILES, RICH, secret=True),

    Row("health_checks", "healthChecks", HEALTH_CHECKS, RICH, resource=operations.GET_HEALTH_CHECKS,
        unlisted_type="startupProbe", pair_by="type"),
    Row("health_checks[].protocol", "healthChecks[].protocol", TEXT, RICH, choices=("HTTP", "CMD", "TCP"), required=True),
    Row("health_checks[].type", "healthChecks[].type", TEXT, RICH,
        choices=("livenessProbe", "readinessProbe", "startupProbe"), required=True),
    Row("health_checks[].path", "healthChecks[].path", TEXT, RICH, pattern=patterns.CHECK_PATH, required_by_protocol=("HTTP",)),
    Row("health_checks[].cmd", "healthChecks[].cmd", TEXT, RICH, required_by_protocol=("CMD",)),
    Row("health_checks[].port", "healthChecks[].port", INTEGER, RICH, legacy_paths=("httpPort", "tcpSocketPort"),
        legacy_name_by_protocol={"HTTP": "httpPort", "TCP": "tcpSocketPort"}, required_by_protocol=("HTTP", "TCP"), minimum=1, sane_maximum=65535),
    Row("health_checks[].initial_delay_seconds", "healthChecks[].initialDelaySeconds", INTEGER, RICH,
        minimum=1, maximum=180, required=True),
    Row("health_checks[].period_seconds", "healthChecks[].periodSeconds", INTEGER, RICH, minimum=10, maximum=600, required=True),
    Row("health_checks[].timeout_seconds", "healthChecks[].timeoutSeconds", INTEGER, RICH, minimum=1, maximum=60, required=True),
    Row("health_checks[].failure_threshold", "healthChecks[].failureThreshold", INTEGER, RICH,
        minimum=1, maximum=255, required=True),
    Row("health_checks[].success_threshold", "healthChecks[].successThreshold", INTEGER, RICH, minimum=1, maximum=255,
        filled_by_api=True),
)
# fmt: on

_DOCKER = ("default", "customEntrypoint", "customCommand", "customEntrypointCustomCommand")
_BUILDPACK = ("default", "customProcess", "customCommand", "customEntrypointCustomCommand", "originalEntrypointCustomCommand")
_SHOWN: dict[str, t.Any] = {"resource": operations.GET_DEPLOYMENT}
_DEPLOYED: dict[str, t.Any] = {"written_by": operations.UPDATE_DEPLOYMENT}
_SCALED: dict[str, t.Any] = {"written_by": operations.SCALE_JOB}
_SOURCE: dict[str, t.Any] = {"written_by": operations.UPDATE_BUILD_SOURCE}
_PUT: dict[str, t.Any] = {"written_by": operations.PUT_JOB}

# What PATCH cannot change: what the job is called, and what it runs.
# fmt: off
DEPLOYMENT = (
    Row("name", "name", TEXT, ALL, pattern=patterns.NAME, min_length=3, max_length=52, is_fixed=True),
    Row("infrastructure.architecture", "infrastructure.architecture", TEXT, RICH, choices=("x86", "arm"), is_fixed=True),

    Row("deployment.docker.config_type", "deployment.docker.configType", TEXT, ALL, required=True, choices=_DOCKER,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.docker.custom_entrypoint", "deployment.docker.customEntrypoint", TEXT, ALL,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.docker.custom_command", "deployment.docker.customCommand", TEXT, ALL,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.buildpack.config_type", "deployment.buildpack.configType", TEXT, ALL, required=True, choices=_BUILDPACK,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.buildpack.custom_process", "deployment.buildpack.customProcess", TEXT, ALL,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.buildpack.custom_entrypoint", "deployment.buildpack.customEntrypoint", TEXT, ALL,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.buildpack.custom_command", "deployment.buildpack.customCommand", TEXT, ALL,
        **_SHOWN, **_DEPLOYED),
    # The sub-resource does not show the first two.
    Row("deployment.storage.use_hdb_storage", "deployment.storage.useHdbStorage", BOOLEAN, ALL, **_SCALED),
    Row("deployment.storage.use_pd_ssd_storage", "deployment.storage.usePdSsdStorage", BOOLEAN, ALL, **_SCALED),
    Row("deployment.storage.ephemeral_storage.storage_size", "deployment.storage.ephemeralStorage.storageSize", INTEGER, ALL,
        **_SHOWN, **_SCALED),
    Row("deployment.storage.shm_size", "deployment.storage.shmSize", INTEGER, ALL, **_SHOWN, **_SCALED),
    Row("deployment.gpu.enabled", "deployment.gpu.enabled", BOOLEAN, RICH, **_PUT),
    Row("deployment.gpu.configuration.gpu_type", "deployment.gpu.configuration.gpuType", TEXT, RICH, required=True, **_PUT),
    Row("deployment.gpu.configuration.gpu_count", "deployment.gpu.configuration.gpuCount", INTEGER, RICH, **_PUT),
    Row("deployment.gpu.configuration.timesliced", "deployment.gpu.configuration.timesliced", BOOLEAN, RICH, **_PUT),
    Row("deployment.grace_period_seconds", "deployment.gracePeriodSeconds", INTEGER, RICH, minimum=15, maximum=600, **_PUT),
    Row("deployment.metadata.labels", "deployment.metadata.labels", LABELS, RICH, **_PUT),
    Row("deployment.metadata.annotations", "deployment.metadata.annotations", LABELS, RICH, **_PUT),

    Row("deployment.external.image_path", "deployment.external.imagePath", TEXT, RICH, required=True, pattern=patterns.IMAGE_PATH,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.external.credentials", "deployment.external.credentials", TEXT, RICH, pattern=patterns.IDENTIFIER, **_DEPLOYED),
    Row("deployment.internal.id", "deployment.internal.id", TEXT, RICH, resource_path="internal.nfObjectId", **_SHOWN, **_DEPLOYED),
    Row("deployment.internal.branch", "deployment.internal.branch", TEXT, RICH, **_SHOWN, **_DEPLOYED),
    Row("deployment.internal.build_sha", "deployment.internal.buildSHA", TEXT, RICH, pattern=patterns.BUILD_SHA,
        **_SHOWN, **_DEPLOYED),
    Row("deployment.internal.build_id", "deployment.internal.buildId", TEXT, RICH, **_SHOWN, **_DEPLOYED),
    Row("deployment.vcs.project_url", "deployment.vcs.projectUrl", TEXT, RICH, legacy_paths=("vcsData.projectUrl",),
        pattern=patterns.PROJECT_URL, required_with="deployment.vcs", **_SOURCE),
    Row("deployment.vcs.project_type", "deployment.vcs.projectType", TEXT, RICH, legacy_paths=("vcsData.projectType",),
        choices=("bitbucket", "gitlab", "github", "self-hosted", "azure", "origin"), required_with="deployment.vcs", **_SOURCE),
    Row("deployment.vcs.project_branch", "deployment.vcs.projectBranch", TEXT, RICH, legacy_paths=("vcsData.projectBranch",),
        required_with="deployment.vcs", **_SOURCE),
    Row("deployment.vcs.self_hosted_vcs_id", "deployment.vcs.selfHostedVcsId", TEXT, RICH, legacy_paths=("vcsData.selfHostedVcsId",),
        pattern=patterns.SELF_HOSTED_ID, **_SOURCE),
    Row("deployment.vcs.account_login", "deployment.vcs.accountLogin", TEXT, RICH, **_SOURCE),
    Row("deployment.vcs.vcs_link_id", "deployment.vcs.vcsLinkId", TEXT, RICH, min_length=24, max_length=24, **_PUT),
)
# fmt: on
# The overrides of a run: fields of the job, and most of its deployment.
_SHARED_WITH_RUN = ("runtime_environment", "runtime_files", "docker_secret_mounts", "billing.deployment_plan")
_PARTS_OF_RUN = ("docker", "buildpack", "storage", "gpu", "external", "internal")
RUN_FIELDS = (
    *(row for row in ROWS if row.option in _SHARED_WITH_RUN),
    *(row for row in DEPLOYMENT if row.path.startswith(tuple(f"deployment.{part}." for part in _PARTS_OF_RUN))),
)

# The build types. The API does not document which one it uses if both are set, so a task sets one, and the other is not sent.
BUILD_TYPES = ("buildSettings.dockerfile", "buildSettings.buildpack")
# Where the image of a job or of a run comes from. The contract allows one of them.
SOURCES = ("deployment.external", "deployment.internal", "deployment.vcs")
MEMBER = "[]."

FIELDS = tuple(row for row in ROWS if MEMBER not in row.path)
CHECK_MEMBERS = tuple(row for row in ROWS if MEMBER in row.path)
# What a task can set: PATCH first, because a run that a new image starts must have the new environment.
JOB_FIELDS = (*FIELDS, *DEPLOYMENT)
BY_OPTION = {row.option: row for row in (*ROWS, *DEPLOYMENT)}


def build_type(row: Row) -> str:
    """The build type that a row belongs to: one of BUILD_TYPES, or empty."""
    return next((each for each in BUILD_TYPES if row.path.startswith(each + ".")), "")


def image_source(row: Row) -> str:
    """The image source that a row belongs to: one of SOURCES, or empty."""
    return next((each for each in SOURCES if row.path.startswith(each + ".")), "")


def alternative(row: Row) -> str:
    """The build type or the image source that a row belongs to, or empty."""
    return build_type(row) or image_source(row)
