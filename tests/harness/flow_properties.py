# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For properties of the whole flow: each way in which the API may behave, a task on it, and what a stored job means."""

from __future__ import annotations

import contextlib
import copy
import typing as t
from dataclasses import dataclass

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult, reconcile
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import manual_job_spec
from ansible_collections.northflank.cloud.plugins.module_utils._options.validate import validate_options
from emulator import Emulator
from hypothesis import strategies as st

from harness import JOB, PROJECT, STATES
from harness.strategies import SOURCES
from harness.wire_format import body_of, camel, leaves

SETS = ("tags", "buildConfiguration.ciIgnoreFlags", "buildConfiguration.dockerCredentials")
# Nothing can change these. A job that does not show its architecture has one, too.
FIXED = ("name", "infrastructure.architecture")
LABELS = ("deployment.metadata.labels", "deployment.metadata.annotations")
SECRET_MAPS = ("runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts")
# Documented to have no effect, so that it never decides.
UNDECIDED = "buildSettings.dockerfile.useCache"
# What "not set" equals.
EMPTY = {
    "description": "",
    "buildConfiguration.dockerfileTarget": "",
    "buildConfiguration.isAllowList": False,
    "buildConfiguration.ciIgnoreFlagsEnabled": False,
    "buildConfiguration.ignoreEmptyCommits": False,
}
# In lean, these are shown under older names, with the default values if they are not set.
SHOWN_UNSET = {"buildSettings.dockerfile.dockerFilePath": "/Dockerfile", "buildSettings.dockerfile.dockerWorkDir": "/"}
# The contract requires them in a response, so the emulator adds them with the object around them.
FILLED = ("buildSettings.dockerfile.dockerFilePath", "buildSettings.dockerfile.dockerWorkDir", "billing.gpu.configuration.gpuType")

NEEDED_OF_REPOSITORY = {"project_url", "project_type", "project_branch"}
# A job has one of each group.
ALTERNATIVES = (
    ("buildSettings.dockerfile.", "buildSettings.buildpack."),
    tuple(f"deployment.{source}." for source in SOURCES),
    ("deployment.internal.buildSHA", "deployment.internal.buildId"),
)


@dataclass(frozen=True)
class Api:
    """How the API behaves, and the options of the task for it. units are those that are mixed as in other states."""

    state: str
    units: t.Mapping[str, str]
    objects: str
    maps: str
    strategy: str
    unreadable: str

    def has_no(self, unit: str) -> bool:
        """Whether the fields of a unit that are new in the state current do not exist yet."""
        return self.units.get(unit, self.state) == "lean"


def mixtures() -> st.SearchStrategy[dict[str, str]]:
    """Any units, each as any state has it."""
    return st.fixed_dictionaries({}, optional={unit: st.sampled_from(STATES) for unit in Emulator.UNITS})


def apis(**fixed: t.Any) -> st.SearchStrategy[Api]:
    """Each way in which the API may behave, except what is fixed to a value, or to several in a tuple."""
    choices: dict[str, st.SearchStrategy[t.Any]] = {
        "state": st.sampled_from(STATES),
        "units": st.one_of(st.just({}), mixtures()),
        "objects": st.sampled_from(["replace", "merge"]),
        "maps": st.sampled_from(["replace", "merge"]),
        "strategy": st.sampled_from(["replace", "merge"]),
        "unreadable": st.sampled_from(["probe", "apply", "skip"]),
    }
    values = {name: st.sampled_from(value if isinstance(value, tuple) else (value,)) for name, value in fixed.items()}
    return st.builds(Api, **{**choices, **values})


def validated(**options: t.Any) -> dict[str, t.Any]:
    """All options of a task on the job, as the module validates them."""
    stated = {"project_id": PROJECT, "job_id": JOB, **options}
    spec = manual_job_spec()
    assert validate_options(stated, spec) == []
    result = ArgumentSpecValidator(spec).validate(stated)
    assert result.error_messages == []
    return result.validated_parameters


def task(emulator: Emulator, api: Api, options: t.Mapping[str, t.Any], check_mode: bool = False) -> JobResult:
    """Run a task's options through the flow, as the module does."""
    stated = {"api_url": emulator.url, "api_token": emulator.TOKEN, "map_strategy": api.strategy, "unreadable": api.unreadable, **options}
    parameters = validated(**stated)
    with contextlib.closing(Session(connection.from_options(parameters))) as session:
        return reconcile(Client(session, Secrets(emulator.TOKEN)), parameters, check_mode)


def operations(emulator: Emulator) -> list[str | None]:
    """The operations that were requested, in order."""
    return [request.operation for request in emulator.requests]


def start(emulator: Emulator, api: Api, job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Store a job with the values of these options, and read it back."""
    emulator.state, emulator.objects, emulator.maps = api.state, api.objects, api.maps
    emulator.mix(api.units)
    # A probe needs a field that can be written as it is. The published responses of get-job always have this one.
    emulator.add_job(PROJECT, JOB, {"disabledCI": False, **body_of(without_new_fields(job, api))})
    return emulator.job(PROJECT, JOB)


def without_new_fields(options: t.Mapping[str, t.Any], api: Api) -> dict[str, t.Any]:
    """Options without the two that do not exist if their unit is as in the state lean."""
    result = copy.deepcopy(dict(options))
    if api.has_no("buildConfiguration.ignoreEmptyCommits"):
        result.get("build_configuration", {}).pop("ignore_empty_commits", None)
    if api.has_no("buildSettings"):
        result.get("build_settings", {}).get("dockerfile", {}).pop("dockerfile_contents", None)
    return result


def stated_leaves(options: t.Mapping[str, t.Any]) -> set[str]:
    """The paths of the fields that options state, cleared ones included."""
    marked = {"stage_id": "x", "active_deadline_seconds": 1}
    filled = {name: marked.get(name, value) for name, value in options.items()}
    dockerfile = filled.get("build_settings", {}).get("dockerfile", {})
    extra = {"buildSettings.dockerfile.dockerfileContents"} if "dockerfile_contents" in dockerfile else set()
    return set(leaves(body_of(filled))) | extra


def comparable(path: str, value: t.Any) -> t.Any:
    """A stored value in a form in which equal means the same."""
    if path in SETS:
        return set(value or [])
    if path == "healthChecks":
        return {check["type"]: check for check in value or []}
    if value is None:
        return EMPTY.get(path, [] if path.endswith(("Rules", "Locators")) else {} if path in (*SECRET_MAPS, *LABELS) else None)
    return value


def is_as_stated(path: str, stated: t.Any, stored: t.Any, strategy: str) -> bool:
    """Whether a stored value is what the task states."""
    stated, stored = comparable(path, stated), comparable(path, stored)
    if path == "healthChecks":
        return set(stated) == set(stored) and all(check.items() <= stored[kind].items() for kind, check in stated.items())
    if path in SECRET_MAPS:
        names = set(stated) if strategy == "merge" else set(stated) | set(stored)
        return all(name in stated and name in stored and same_entry(stated[name], stored[name]) for name in names)
    return stated == stored


def same_entry(stated: t.Any, stored: t.Any) -> bool:
    """Whether a variable or the data of a file is what the task states."""
    return stated["data"] == stored["data"] if isinstance(stated, dict) else stated == stored


def is_refused(job: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> bool:
    """Whether a task cannot be applied to this job: nothing can change its name and its architecture, and a repository must be complete."""
    stated, stored = leaves(body_of(options)), leaves(job)
    if any(path in stated and path in stored and stated[path] != stored[path] for path in FIXED):
        return True
    repository = options.get("deployment", {}).get("vcs", {})
    return bool(repository) and "vcs" not in job["deployment"] and not NEEDED_OF_REPOSITORY <= set(repository)


def is_creatable(options: t.Mapping[str, t.Any]) -> bool:
    """Whether a task sets everything that the contract requires to create a job, and a source of its image."""
    found = leaves(body_of(options))
    needed = {"billing.deploymentPlan", "backoffLimit"}
    if any(path.startswith("billing.gpu.configuration.") for path in found):
        needed.add("billing.gpu.configuration.gpuType")
    paths = {path for path in stated_leaves(options) if path in found}
    if any(path.startswith("buildSettings.dockerfile.") for path in paths):
        needed |= {"buildSettings.dockerfile.dockerFilePath", "buildSettings.dockerfile.dockerWorkDir"}
    elif any(path.startswith("buildSettings.") for path in paths) and not any(
        path.startswith("buildSettings.buildpack.") for path in paths
    ):
        return False
    sources = [name for name in SOURCES if options.get("deployment", {}).get(name)]
    if sources == ["vcs"]:
        needed |= {f"deployment.vcs.{camel(name)}" for name in NEEDED_OF_REPOSITORY}
    return bool(sources) and needed <= set(found)


def replaced(stated: t.Collection[str]) -> tuple[str, ...]:
    """The beginnings of the paths that a task may drop, because it sets their alternative."""
    dropped = [
        prefix
        for alternatives in ALTERNATIVES
        if any(path.startswith(alternatives) for path in stated)
        for prefix in alternatives
        if not any(path.startswith(prefix) for path in stated)
    ]
    return tuple(dropped) or ("\0",)


def options_of_facts(job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The facts of a job that are options."""
    return {name: copy.deepcopy(value) for name, value in job.items() if name in manual_job_spec()}


def check_that_it_is_predicted(predicted: JobResult, applied: JobResult) -> None:
    """A check predicts the run, unless it names unknown fields."""
    if predicted.unknown_fields:
        assert bool(predicted.warnings) or predicted.changed
        assert set(applied.changed_fields) <= set(predicted.changed_fields)
    else:
        # What is removed with the other build type may only be known to the run, from the response of its probe.
        assert (predicted.changed, predicted.changed_fields, predicted.diff["after"]) == (
            applied.changed,
            applied.changed_fields,
            applied.diff["after"],
        )
