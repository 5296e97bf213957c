# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of northflank_manual_job_info in each state of the API: what it shows, what it leaves unknown, and which requests it sends."""

from __future__ import annotations

import base64
import itertools
import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, OptionError, StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows import info
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import info_spec
from ansible_collections.northflank.cloud.plugins.module_utils._options.validate import validate_options
from emulator import Emulator
from emulator._life_operations import COMMIT
from harness import JOB, PROJECT, READ, SECRETS, STATES
from harness.flow_properties import Api, apis, mixtures, operations, start, task, without_new_fields
from harness.info_tasks import ALL, CRON, SECRET_VALUES, WHOLE
from harness.phases import job_of
from harness.strategies import PROPERTY, Options, options
from hypothesis import given
from hypothesis import strategies as st

LIST, GET = "list-jobs", "get-job"
CHECKS, ENVIRONMENT, ARGUMENTS = "get-job-health-checks", "get-job-runtime-environment", "get-job-build-arguments"
RESOURCES = {"health_checks": CHECKS, "runtime_environment": ENVIRONMENT, "build_arguments": ARGUMENTS}
NARROW = "a-token-that-may-not-read-secrets"
SPELLINGS = [spelling for value in SECRET_VALUES.values() for spelling in (value, base64.b64encode(value.encode()).decode())]

Info = t.Callable[..., info.InfoResult]


def read(emulator: Emulator, check_mode: bool = False, **stated: t.Any) -> info.InfoResult:
    """Run a task's options through the flow, as the module does."""
    stated = {"api_url": emulator.url, "api_token": emulator.TOKEN, "project_id": PROJECT, **stated}
    assert validate_options(stated, info_spec()) == []
    validated = ArgumentSpecValidator(info_spec()).validate(stated)
    assert validated.error_messages == []
    session = Session(connection.from_options(validated.validated_parameters))
    try:
        return info.read_jobs(Client(session, Secrets(stated["api_token"])), validated.validated_parameters, check_mode)
    finally:
        session.close()


@pytest.fixture(name="started")
def api_in_a_state() -> t.Iterator[t.Callable[..., Emulator]]:
    """started(state, job_id=fields) is an emulator in a state, with these jobs. All requests to it must be reads."""
    running: list[Emulator] = []

    def start_one(state: str, **jobs: t.Mapping[str, t.Any]) -> Emulator:
        running.append(Emulator(state=state))
        running[-1].__enter__()
        running[-1].add_project(PROJECT)
        for job_id, job in jobs.items():
            running[-1].add_job(PROJECT, job_id, job_of(state, job))
        running[-1].add_token(NARROW, {READ})
        running[-1].add_token(Emulator.TOKEN)
        return running[-1]

    yield start_one
    for emulator in running:
        emulator.__exit__(None, None, None)
    assert {request.method for emulator in running for request in emulator.requests} <= {"GET"}
    assert [emulator.violations for emulator in running] == [[]] * len(running)


def shown(job: t.Mapping[str, t.Any]) -> set[str]:
    """The options that are known for a job of the result."""
    names = {row.option: f"{row.option}_keys" if row.secret else row.option for row in fields.JOB_FIELDS}
    return {option for option, name in names.items() if paths.find(job, name) is not paths.MISSING}


GATHERED = [list(chosen) for count in range(5) for chosen in itertools.combinations(info_spec()["gather"]["choices"], count)]
IN_STATES = pytest.mark.parametrize("state", STATES)
GATHER = pytest.mark.parametrize("gather", GATHERED, ids=lambda gather: "+".join(gather) or "nothing")


@IN_STATES
@GATHER
def test_one_job_costs_a_request_and_one_for_each_sub_resource_that_the_read_of_the_job_does_not_show(started, state, gather):
    emulator = started(state, job=WHOLE)
    read(emulator, job_id="job", gather=gather)
    further = [RESOURCES[name] for name in RESOURCES if name in gather] if state in ("lean", "current") else []
    assert operations(emulator) == [GET, *further]


@IN_STATES
@GATHER
def test_what_is_shown_and_what_is_unknown_together_are_all_options(started, state, gather):
    (job,) = read(started(state, job=WHOLE), job_id="job", gather=gather).jobs
    # The job builds from a Dockerfile, so nothing of a buildpack and no cache option without effect is set.
    not_set = {row.option for row in fields.FIELDS if fields.build_type(row) == fields.BUILD_TYPES[1] or not row.is_compared}
    unknown = set(job["unknown_fields"])
    assert shown(job) & unknown == set()
    assert {row.option for row in fields.FIELDS} - shown(job) - unknown <= not_set


@IN_STATES
def test_the_unknown_fields_of_a_whole_job_are_those_that_cannot_be_read(started, state):
    (job,) = read(started(state, job=WHOLE), job_id="job", gather=ALL).jobs
    # It has no architecture, and no state says so. It builds from a repository, so nothing of another source is set.
    always = {"infrastructure.architecture"}
    not_read = {row.option for row in fields.JOB_FIELDS if row.readable_since == fields.RICH and row.resource is None}
    of_older_names = {row.option for row in fields.DEPLOYMENT if row.legacy_paths}
    hidden = not_read - {"backoff_limit", "deployment.external.credentials"} - of_older_names
    in_lean = {
        row.option
        for row in fields.FIELDS
        if row.readable_since == fields.CURRENT and not row.legacy_paths and fields.build_type(row) != fields.BUILD_TYPES[1]
    }
    assert set(job["unknown_fields"]) == {"lean": hidden | in_lean, "current": hidden}.get(state, always)


DEPLOYMENTS: dict[str, dict[str, t.Any]] = {
    "external": {"external": {"image_path": "nginx:1", "credentials": "a-registry"}, "docker": {"config_type": "default"}},
    "public": {"external": {"image_path": "nginx:1"}},
    "latest": {"internal": {"id": "a-service", "branch": "main", "build_sha": "latest"}, "storage": {"shm_size": 64}},
    "build": {"internal": {"id": "a-service", "build_id": "build-7"}, "buildpack": {"config_type": "default"}},
    "vcs": {"vcs": {"project_url": "https://github.com/example/report", "project_type": "github", "project_branch": "main"}},
}


@IN_STATES
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_deployment_is_shown_as_a_task_sets_it(started, state, name):
    desired = DEPLOYMENTS[name]
    stored = {}
    for row in fields.DEPLOYMENT:
        if paths.find({"deployment": desired}, row.option) is not paths.MISSING:
            paths.put(stored, row.path, paths.find({"deployment": desired}, row.option))
    emulator = started(state, job=stored)
    (job,) = read(emulator, job_id="job", gather=["deployment"]).jobs
    is_read = state in ("lean", "current")
    assert operations(emulator) == [GET, *(["get-job-deployment"] if is_read and name != "vcs" else [])]
    # These can only be read from get-job.
    expected = json.loads(json.dumps(desired))
    if is_read and name == "external":
        del expected["external"]["credentials"]
    if is_read and name == "build":
        # The sub-resource also shows the commit of the build, and not which of the two has been chosen.
        expected["internal"] = {"id": "a-service", "branch": "main", "build_sha": COMMIT}
    assert job["deployment"] == expected
    assert ("deployment.external.credentials" in job["unknown_fields"]) == (is_read and name == "external")
    assert ("deployment.internal.build_id" in job["unknown_fields"]) == (is_read and name == "build")
    assert ("deployment.grace_period_seconds" in job["unknown_fields"]) == is_read


@IN_STATES
def test_secret_maps_show_names_and_no_values(started, state):
    found = read(started(state, job=WHOLE), job_id="job", gather=ALL)
    (job,) = found.jobs
    assert (job["runtime_environment_keys"], job["build_files_keys"]) == (["VARIABLE"], ["/etc/file"])
    assert [spelling for spelling in SPELLINGS if spelling in json.dumps(found.to_result(True)) + str(found.warnings)] == []


@IN_STATES
def test_check_mode_and_diff_mode_make_no_difference(started, state):
    emulator = started(state, job=WHOLE)
    results = [
        read(emulator, check_mode, job_id="job", gather=ALL).to_result(diff) for check_mode in (False, True) for diff in (False, True)
    ]
    assert results == [results[0]] * 4
    assert (results[0]["changed"], "diff" in results[0]) == (False, False)


@IN_STATES
def test_all_sub_resources_of_a_job_without_values_are_read_because_a_missing_field_is_unknown(started, state):
    emulator = started(state, job={})
    found = read(emulator, job_id="job", gather=ALL)
    assert operations(emulator) == [GET, CHECKS, ENVIRONMENT, ARGUMENTS]
    known = state != "removed"
    assert ("health_checks" in found.jobs[0], found.jobs[0].get("runtime_environment_keys")) == (known, [] if known else None)
    assert len(found.warnings) == (0 if known else 3)


def test_inherited_values_are_not_the_jobs(started):
    emulator = started("current", job=WHOLE)
    emulator.inherited = {"runtimeEnvironment": {"INHERITED": "from a group"}}
    assert read(emulator, job_id="job", gather=["runtime_environment"]).jobs[0]["runtime_environment_keys"] == ["VARIABLE"]


def test_a_startup_probe_that_the_sub_resource_hides_is_missing(started):
    emulator = started("current", job=WHOLE)
    emulator.hides_startup_probes = True
    assert read(emulator, job_id="job", gather=["health_checks"]).jobs[0]["health_checks"] == []


def test_a_cron_job_is_refused(started):
    with pytest.raises(StateError, match="The job job of the project default-project is a cron job"):
        read(started("current", job={"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}), job_id="job", gather=ALL)


def test_a_job_that_does_not_exist_is_an_error(started):
    with pytest.raises(ApiError, match='404 Not Found: .*project_id "default-project", job_id "other"'):
        read(started("current", job={}), job_id="other")


@pytest.mark.parametrize("filters", [{}, {"name": "*"}, {"tags": []}], ids=str)
def test_filters_cannot_be_combined_with_job_id(started, filters):
    emulator = started("current", job={})
    with pytest.raises(OptionError, match="filters: cannot be used together with job_id, which names one job. Remove one of the two"):
        read(emulator, job_id="job", filters=filters)
    assert emulator.requests == []


class TestList:
    """All jobs of a project."""

    LISTED: t.ClassVar[set[str]] = {"name", "description", "stage_id", "tags", "disabled_ci"}

    @IN_STATES
    def test_a_list_costs_one_request_and_leaves_cron_jobs_out(self, started, state):
        emulator = started(state, a=WHOLE, b=CRON, c=WHOLE)
        assert [job["id"] for job in read(emulator).jobs] == ["a", "c"]
        assert operations(emulator) == [LIST]

    @IN_STATES
    def test_a_list_shows_the_fields_that_it_is_documented_to_show(self, started, state):
        (job,) = read(started(state, a=WHOLE)).jobs
        assert shown(job) <= self.LISTED
        assert shown(job) | set(job["unknown_fields"]) == {"name", *(row.option for row in fields.FIELDS)}

    def test_a_project_without_jobs_shows_none(self, started):
        assert read(started("current")).to_result(False) == {"changed": False, "jobs": [], "unknown_fields": []}

    def test_a_project_that_does_not_exist_is_an_error(self, started):
        with pytest.raises(ApiError, match='404 Not Found: .*project_id "no-such-project"'):
            read(started("current"), project_id="no-such-project")

    @IN_STATES
    @pytest.mark.parametrize("gather", [["job"], ["health_checks"], ALL], ids="+".join)
    def test_each_gathered_job_is_the_same_as_when_it_is_read_alone(self, started, state, gather):
        emulator = started(state, a=WHOLE, b={"description": "Other"})
        alone = [read(emulator, job_id=name, gather=gather).jobs[0] for name in ("a", "b")]
        assert read(emulator, gather=gather).jobs == alone

    def test_a_gathered_job_costs_as_many_requests_as_a_single_one(self, started):
        emulator = started("current", a=WHOLE, b=WHOLE)
        read(emulator, gather=["health_checks", "build_arguments"])
        assert operations(emulator) == [LIST, *[GET, CHECKS, ARGUMENTS] * 2]

    def test_the_unknown_fields_are_those_of_any_job(self, started):
        emulator = started(
            "rich", a=WHOLE, b={name: value for name, value in WHOLE.items() if name not in ("stageId", "runOnSourceChange")}
        )
        found = read(emulator, gather=["job"])
        assert [job["unknown_fields"] for job in found.jobs] == [[], ["run_on_source_change", "stage_id"]]
        assert found.to_result(False)["unknown_fields"] == ["run_on_source_change", "stage_id"]

    @pytest.mark.parametrize("hides", [False, True])
    def test_filters_choose_among_the_jobs(self, started, hides):
        emulator = started("current", **{"one-a": {"tags": ["x", "y"]}, "one-b": {"tags": ["x"]}, "two": {"tags": ["x", "y"]}})
        emulator.hides_tags_in_lists = hides
        assert [job["id"] for job in read(emulator, filters={"name": "one-*", "tags": ["y", "x"]}).jobs] == ["one-a"]
        assert operations(emulator) == [LIST, *[GET, GET] * hides]

    def test_what_a_filter_has_read_is_shown_and_not_requested_again(self, started):
        emulator = started("current", a=WHOLE, b=WHOLE)
        emulator.hides_tags_in_lists = True
        filtered = read(emulator, filters={"tags": ["first-tag"]})
        assert operations(emulator) == [LIST, GET, GET]
        assert filtered.jobs == read(emulator, gather=["job"]).jobs

    def test_what_a_filter_has_read_is_gathered_without_a_second_read(self, started):
        emulator = started("current", a=WHOLE, b={"tags": []})
        emulator.hides_tags_in_lists = True
        read(emulator, filters={"tags": ["first-tag"]}, gather=["job", "health_checks"])
        assert operations(emulator) == [LIST, GET, GET, CHECKS]

    def test_a_job_that_is_deleted_after_the_list_was_read_is_left_out(self, started):
        emulator = started("current", a={}, b={}, c={})
        emulator.order("error", GET, skip=1, status=404)
        assert [job["id"] for job in read(emulator, gather=["job"]).jobs] == ["a", "c"]

    @pytest.mark.parametrize("status", [403, 410, 500])
    def test_a_job_that_is_refused_is_an_error(self, started, status):
        emulator = started("current", a={}, b={})
        emulator.order("error", GET, skip=1, status=status)
        with pytest.raises(ApiError):
            read(emulator, gather=["job"])

    def test_a_job_that_has_become_a_cron_job_is_left_out(self, started):
        emulator = started("current", a={}, b={})
        cron = {"id": "a", "jobType": "cron"}
        emulator.order("answer", GET, body={"data": cron})
        assert [job["id"] for job in read(emulator, gather=["job"]).jobs] == ["b"]


class TestRefusals:
    """Sub-resources that the API does not show: what stays unknown, what is still requested, and the warning."""

    NAMES = ("a", "b", "c", "d", "e")

    @pytest.fixture
    def emulator(self, started: t.Callable[..., Emulator]) -> Emulator:
        """An API with some jobs."""
        return started("current", **dict.fromkeys(self.NAMES, WHOLE))

    def test_a_sub_resource_without_permission_is_requested_once(self, emulator):
        found = read(emulator, api_token=NARROW, gather=ALL)
        assert operations(emulator) == [LIST, GET, CHECKS, ENVIRONMENT, *[GET, CHECKS] * 4]
        assert {"runtime_environment", "runtime_files", "build_arguments", "build_files"} <= set(found.jobs[0]["unknown_fields"])
        assert all("health_checks" in job for job in found.jobs)

    def test_a_missing_permission_is_named_for_all_fields_that_it_hides(self, emulator):
        assert read(emulator, api_token=NARROW, gather=ALL).warnings == [
            f'runtime_environment, runtime_files: not read, because the token lacks the permission "{SECRETS}".',
            f'build_arguments, build_files: not read, because the token lacks the permission "{SECRETS}".',
        ]

    @pytest.mark.parametrize("status, times", [(404, 2), (405, 1), (410, 1)])
    def test_a_removed_sub_resource_is_requested_once(self, emulator, status, times):
        emulator.gone, emulator.gone_status = {CHECKS}, status
        found = read(emulator, gather=ALL)
        assert operations(emulator).count(CHECKS) == times
        assert found.warnings == [
            "health_checks: not read, because the API no longer has the operation get-job-health-checks, or the job was deleted in the meantime. "
            "If the job exists, update the collection, or remove health_checks from gather."
        ]

    def test_a_removed_sub_resource_hides_no_other_field(self, emulator):
        emulator.gone = {CHECKS}
        found = read(emulator, gather=ALL)
        assert [job["runtime_environment_keys"] for job in found.jobs] == [["VARIABLE"]] * len(self.NAMES)
        assert ["health_checks" in job["unknown_fields"] for job in found.jobs] == [True] * len(self.NAMES)

    def test_one_deleted_job_does_not_hide_the_others(self, emulator):
        emulator.order("error", CHECKS, status=404)
        found = read(emulator, gather=["health_checks"])
        assert ["health_checks" in job for job in found.jobs] == [False, True, True, True, True]
        assert found.warnings == [
            "health_checks: not read, because the job was probably deleted in the meantime (number of jobs: 1). Run the task again to check."
        ]

    def test_several_deleted_jobs_do_not_hide_the_others(self, emulator):
        emulator.order("error", CHECKS, skip=1, times=3, status=404)
        found = read(emulator, gather=["health_checks"])
        assert ["health_checks" in job for job in found.jobs] == [True, False, False, False, True]
        assert found.warnings == [
            "health_checks: not read, because the job was probably deleted in the meantime (number of jobs: 3). Run the task again to check."
        ]

    @pytest.mark.parametrize("status", [400, 401, 500])
    def test_any_other_refusal_is_an_error(self, emulator, status):
        emulator.order("error", ENVIRONMENT, status=status)
        with pytest.raises(ApiError):
            read(emulator, gather=["runtime_environment"])

    def test_a_response_of_another_shape_leaves_its_fields_unknown(self, emulator):
        emulator.order("answer", ENVIRONMENT, body={"data": {"runtimeEnvironment": [1], "runtimeFiles": {}}})
        job = read(emulator, gather=["runtime_environment"]).jobs[0]
        assert ("runtime_environment" in job["unknown_fields"], job["runtime_files_keys"]) == (True, [])

    def test_an_error_that_quotes_a_secret_is_masked(self, emulator):
        emulator.order("error", ARGUMENTS, status=500, message=f"This is wrong: {SECRET_VALUES['variable']}")
        with pytest.raises(ApiError) as raised:
            read(emulator, gather=ALL)
        assert "This is wrong: ********" in str(raised.value)


def without_unknown(job: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What northflank_manual_job shows of a job, too."""
    return {name: value for name, value in job.items() if name != "unknown_fields"}


@st.composite
def readings(draw: st.DrawFn) -> Api:
    """The API in a state or a mixture."""
    units = draw(st.one_of(st.just({}), mixtures()))
    return draw(apis(units=t.cast(t.Any, (units,)), objects="replace", maps="replace", strategy="replace", unreadable="skip"))


@PROPERTY
@given(job=options(), api=readings())
def test_a_job_is_as_northflank_manual_job_shows_it(endless_emulator: Emulator, job: Options, api: Api) -> None:
    start(endless_emulator, api, job)
    (found,) = read(endless_emulator, job_id=JOB).jobs
    assert without_unknown(found) == task(endless_emulator, api, {}).job


@PROPERTY
@given(job=options(), api=readings(), gather=st.lists(st.sampled_from(info_spec()["gather"]["choices"]), unique=True))
def test_the_shown_fields_of_a_job_as_options_change_nothing(endless_emulator: Emulator, job: Options, api: Api, gather: list[str]) -> None:
    start(endless_emulator, api, job)
    before = endless_emulator.job(PROJECT, JOB)
    (found,) = read(endless_emulator, job_id=JOB, gather=gather).jobs
    names = {row.option.split(".")[0] for row in fields.FIELDS}
    stated = without_new_fields({name: value for name, value in found.items() if name in names}, api)
    outcome = task(endless_emulator, api, stated)
    assert (outcome.changed, outcome.changed_fields, endless_emulator.job(PROJECT, JOB)) == (False, [], before)


@PROPERTY
@given(job=options(), api=readings(), gather=st.lists(st.sampled_from(info_spec()["gather"]["choices"]), unique=True))
def test_no_field_is_both_shown_and_unknown_and_nothing_is_written(
    endless_emulator: Emulator, job: Options, api: Api, gather: list[str]
) -> None:
    start(endless_emulator, api, job)
    sent = len(endless_emulator.requests)
    (found,) = read(endless_emulator, job_id=JOB, gather=gather).jobs
    assert shown(found) & set(found["unknown_fields"]) == set()
    assert {request.method for request in endless_emulator.requests[sent:]} == {"GET"}
