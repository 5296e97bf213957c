# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that create a job and change its deployment: which one, with which body, by the contract, and what is known after it."""

from __future__ import annotations

import copy
import json
import pathlib
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api.operations import (
    CREATE_JOB,
    CREATE_MANUAL_JOB,
    PUT_JOB,
    SCALE_JOB,
    UPDATE_BUILD_SOURCE,
    UPDATE_DEPLOYMENT,
)
from ansible_collections.northflank.cloud.plugins.module_utils._job import deployment, fields, paths, patterns, state, values, writes
from emulator._contract import CheckedRequest, contract
from harness.strategies import PROPERTY, options
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

EXAMPLES = pathlib.Path(__file__).resolve().parents[4] / "contract" / "examples"
CONTRACT = contract()
ROWS = {row.option: row for row in fields.JOB_FIELDS}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SOURCES: dict[str, dict[str, t.Any]] = {
    "external": {"imagePath": "registry.example.com/report:1.4", "credentials": "a-registry"},
    "internal": {"id": "a-service", "branch": "main", "buildSHA": "latest"},
    "vcs": {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "main", "vcsLinkId": "a" * 24},
}
REST = {
    "docker": {"configType": "customCommand", "customCommand": "report --all"},
    "storage": {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 64},
    "gpu": {"enabled": False},
    "gracePeriodSeconds": 60,
    "metadata": {"labels": {"team": "reports"}, "annotations": {}},
}
JOB: dict[str, t.Any] = {
    "name": "Example Job",
    "description": "A job",
    "billing": {"deploymentPlan": "nf-compute-20"},
    "backoffLimit": 2,
    "activeDeadlineSeconds": 600,
    "runOnSourceChange": "never",
    "runtimeEnvironment": {"KEY": "value"},
}


def known_of(source: str = "external", **more: t.Any) -> state.JobState:
    """What a response with the whole job shows of a job with this source."""
    data = {**JOB, "deployment": {**REST, source: SOURCES[source]}, **more}
    return {**state.from_patch(data), **deployment.from_patch(data)}


def desired_of(**of_deployment: t.Any) -> state.JobState:
    """The values of a task that sets these options of the deployment."""
    return state.from_options({"deployment": of_deployment})


def rows_of(desired: state.JobState) -> list[fields.Row]:
    """The rows that a task sets."""
    return [row for row in fields.JOB_FIELDS if row.path in desired]


def write_of(desired: state.JobState, known: state.JobState, gone: t.Collection[t.Any] = ()) -> writes.Write:
    """The request for a task whose fields all differ."""
    return writes.next_write(rows_of(desired), desired, known, gone)


def problems(operation: operations.Operation, body: t.Any) -> list[str]:
    """What the contract does not allow in the body of a request."""
    path = "/v1" + operation.path.format(projectId="default-project", jobId="example-job")
    match, _path_is_known = CONTRACT.find(operation.method, path)
    assert match is not None
    headers = Headers({"Content-Type": "application/json", "Authorization": "Bearer a"})
    request = CheckedRequest(CONTRACT.base_url, operation.method, path, {}, headers, json.dumps(body).encode())
    return [f"{place}: {messages}" for place, messages in CONTRACT.request_errors(match, request, {}).items()]


class TestSlug:
    """slug_of()."""

    @pytest.mark.parametrize(
        "name, slug",
        [("Example Job", "example-job"), ("a", "a"), ("A-B c", "a-b-c"), ("Job\t1", "job-1"), ("Nightly\u00a0Report", "nightly-report")],
    )
    def test_the_id_is_the_name_in_lower_case_with_hyphens(self, name: str, slug: str) -> None:
        assert writes.slug_of(name) == slug

    @PROPERTY
    @given(name=st.from_regex(r"[a-zA-Z](?:[- ]?[a-zA-Z0-9]+(?:[- ][a-zA-Z0-9]+)*)?", fullmatch=True))
    def test_the_id_of_a_name_is_a_slug_and_its_own_id(self, name: str) -> None:
        slug = writes.slug_of(name)
        assert patterns.NAME.regex.fullmatch(name)
        assert patterns.SLUG.regex.fullmatch(slug)
        assert writes.slug_of(slug) == slug


# The source of the job, what the task sets, and the operation with the body that it leads to.
CHANGES: dict[str, tuple[str, dict[str, t.Any], operations.Operation, dict[str, t.Any]]] = {
    "another image": (
        "external",
        {"external": {"image_path": "a:2"}},
        UPDATE_DEPLOYMENT,
        {"external": {"imagePath": "a:2", "credentials": "a-registry"}, "docker": REST["docker"]},
    ),
    "an external image instead of a build": (
        "internal",
        {"external": {"image_path": "a:2"}},
        UPDATE_DEPLOYMENT,
        {"external": {"imagePath": "a:2"}, "docker": REST["docker"]},
    ),
    "a build instead of an external image": (
        "external",
        {"internal": {"id": "b", "build_sha": "latest"}},
        UPDATE_DEPLOYMENT,
        {"internal": {"id": "b", "buildSHA": "latest"}, "docker": REST["docker"]},
    ),
    "an external image instead of a repository": (
        "vcs",
        {"external": {"image_path": "a:2"}},
        UPDATE_DEPLOYMENT,
        {"external": {"imagePath": "a:2"}, "docker": REST["docker"]},
    ),
    "another commit": (
        "internal",
        {"internal": {"build_sha": COMMIT}},
        UPDATE_DEPLOYMENT,
        {"internal": {"id": "a-service", "branch": "main", "buildSHA": COMMIT}, "docker": REST["docker"]},
    ),
    "a build that is named": (
        "internal",
        {"internal": {"build_id": "build-7"}},
        UPDATE_DEPLOYMENT,
        {"internal": {"id": "a-service", "branch": "main", "buildId": "build-7"}, "docker": REST["docker"]},
    ),
    "another command": (
        "external",
        {"docker": {"config_type": "customCommand", "custom_command": "b"}},
        UPDATE_DEPLOYMENT,
        {"docker": {"configType": "customCommand", "customCommand": "b"}},
    ),
    "a command of a buildpack": (
        "vcs",
        {"buildpack": {"config_type": "default"}},
        UPDATE_DEPLOYMENT,
        {"docker": REST["docker"], "buildpack": {"configType": "default"}},
    ),
    "the runtime of a buildpack comes before an external image": (
        "internal",
        {"buildpack": {"config_type": "default"}, "external": {"image_path": "a:2"}},
        UPDATE_DEPLOYMENT,
        {"docker": REST["docker"], "buildpack": {"configType": "default"}},
    ),
    "another branch": (
        "vcs",
        {"vcs": {"project_branch": "b"}},
        UPDATE_BUILD_SOURCE,
        {"projectUrl": "https://github.com/example/report", "projectType": "github", "projectBranch": "b"},
    ),
    "more storage": (
        "external",
        {"storage": {"ephemeral_storage": {"storage_size": 4096}}},
        SCALE_JOB,
        {"storage": {"ephemeralStorage": {"storageSize": 4096}, "shmSize": 64}},
    ),
    "the storage comes before the image": (
        "external",
        {"storage": {"shm_size": 128}, "external": {"image_path": "a:2"}},
        SCALE_JOB,
        {"storage": {"ephemeralStorage": {"storageSize": 2048}, "shmSize": 128}},
    ),
}
BY_PUT = {
    "a repository instead of an image": (
        "external",
        {"vcs": {"project_url": "https://github.com/example/other", "project_type": "github", "project_branch": "main"}},
    ),
    "a GPU": ("external", {"gpu": {"enabled": True, "configuration": {"gpu_type": "a"}}}),
    "a period": ("external", {"grace_period_seconds": 90}),
    "labels": ("internal", {"metadata": {"labels": {"a": "b"}}}),
    "a link of a repository": ("vcs", {"vcs": {"vcs_link_id": "b" * 24}}),
    "a period, and what a narrower operation changes": ("external", {"grace_period_seconds": 90, "external": {"image_path": "a:2"}}),
}


class TestNextWrite:
    """next_write(), build_body() and state_after()."""

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_change_is_made_by_the_narrowest_operation_with_whole_objects(self, name: str) -> None:
        source, stated, operation, body = CHANGES[name]
        desired, known = desired_of(**stated), known_of(source)
        write = write_of(desired, known)
        assert (write.operation, writes.build_body(write, desired, known)) == (operation, body)
        assert problems(operation, body) == []
        assert writes.find_unknown(write, desired, known) == []
        assert set(write.rows) <= set(write.needed)

    @pytest.mark.parametrize("name", BY_PUT)
    def test_a_change_without_another_operation_is_a_put_of_the_whole_job(self, name: str) -> None:
        source, stated = BY_PUT[name]
        desired, known = desired_of(**stated), known_of(source)
        write = write_of(desired, known)
        assert (write.operation, write.rows, write.needed) == (PUT_JOB, rows_of(desired), list(fields.JOB_FIELDS))
        body = writes.build_body(write, desired, known)
        assert problems(PUT_JOB, body) == []
        assert body == expected_put(writes.state_after(write.rows, desired, known))
        assert "cron" not in body["settings"]
        assert len(set(body["deployment"]) & set(SOURCES)) == 1

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_put_takes_the_place_of_an_operation_that_is_gone_and_makes_all_changes(self, name: str) -> None:
        source, stated, operation, _body = CHANGES[name]
        desired, known = desired_of(**stated), known_of(source)
        write = write_of(desired, known, {operation})
        assert (write.operation, write.rows) == (PUT_JOB, rows_of(desired))
        body = writes.build_body(write, desired, known)
        assert problems(PUT_JOB, body) == []
        assert body == expected_put(writes.state_after(write.rows, desired, known))

    def test_an_operation_that_is_gone_and_not_needed_is_no_reason_for_a_put(self) -> None:
        desired = desired_of(external={"image_path": "a:2"})
        assert write_of(desired, known_of(), {SCALE_JOB, UPDATE_BUILD_SOURCE}).operation is UPDATE_DEPLOYMENT

    @pytest.mark.parametrize(
        "missing, operation",
        [
            ("deployment.external.credentials", UPDATE_DEPLOYMENT),
            ("deployment.docker.customCommand", UPDATE_DEPLOYMENT),
            ("deployment.gracePeriodSeconds", None),
            ("runtimeEnvironment", None),
            ("description", None),
        ],
    )
    def test_what_is_unknown_and_could_be_lost_is_found(self, missing: str, operation: operations.Operation | None) -> None:
        desired = desired_of(external={"image_path": "a:2"})
        known = {path: value for path, value in known_of().items() if path != missing}
        narrow, whole = write_of(desired, known), write_of(desired, known, {UPDATE_DEPLOYMENT})
        assert [row.path for row in writes.find_unknown(narrow, desired, known)] == ([missing] if operation is narrow.operation else [])
        assert [row.path for row in writes.find_unknown(whole, desired, known)] == [missing]

    def test_what_a_new_source_replaces_need_not_be_known(self) -> None:
        desired = desired_of(external={"image_path": "a:2"})
        known = {path: value for path, value in known_of("internal").items() if path != "deployment.internal.branch"}
        assert writes.find_unknown(write_of(desired, known, {UPDATE_DEPLOYMENT}), desired, known) == []

    def test_a_put_needs_no_architecture_that_no_response_contains(self) -> None:
        desired, known = desired_of(grace_period_seconds=90), known_of()
        assert "infrastructure.architecture" not in known
        assert writes.find_unknown(write_of(desired, known), desired, known) == []
        known = known_of(infrastructure={"architecture": "arm"})
        body = writes.build_body(write_of(desired, known), desired, known)
        assert body["infrastructure"] == {"architecture": "arm"}

    def test_a_desired_field_need_not_be_known(self) -> None:
        desired = desired_of(external={"image_path": "a:2", "credentials": "b"})
        known = {path: value for path, value in known_of().items() if path != "deployment.external.credentials"}
        assert writes.find_unknown(write_of(desired, known), desired, known) == []

    def test_an_empty_text_of_a_field_that_is_not_set_is_not_sent(self) -> None:
        desired, known = desired_of(grace_period_seconds=90), known_of(description="")
        body = writes.build_body(write_of(desired, known), desired, known)
        assert "description" not in body
        assert problems(PUT_JOB, body) == []

    @pytest.mark.parametrize(
        "before, stated, sha, build",
        [
            ({"buildSHA": "latest", "buildId": None}, {"build_sha": COMMIT}, COMMIT, None),
            ({"buildSHA": "latest", "buildId": None}, {"build_id": "b"}, None, "b"),
            ({"buildSHA": "latest", "buildId": None}, {"branch": "other"}, "latest", None),
            ({"buildSHA": None, "buildId": "a"}, {"branch": "other"}, None, "a"),
            ({"buildSHA": None, "buildId": "a"}, {"build_sha": "latest"}, "latest", None),
            # get-job-deployment shows both.
            ({"buildSHA": COMMIT, "buildId": "a"}, {"branch": "other"}, COMMIT, "a"),
        ],
    )
    def test_a_build_is_named_by_one_of_its_two_names(
        self, before: dict[str, t.Any], stated: dict[str, t.Any], sha: str | None, build: str | None
    ) -> None:
        desired = desired_of(internal=stated)
        known = {**known_of("internal"), **{f"deployment.internal.{name}": value for name, value in before.items()}}
        after = writes.state_after(rows_of(desired), desired, known)
        assert (after["deployment.internal.buildSHA"], after["deployment.internal.buildId"]) == (sha, build)

    @pytest.mark.parametrize(
        "shown, stated, ambiguous",
        [
            ({"buildSHA": COMMIT, "buildId": "a"}, {"internal": {"branch": "other"}}, True),
            ({"buildSHA": COMMIT, "buildId": "a"}, {"internal": {"build_id": "b"}}, False),
            ({"buildSHA": COMMIT, "buildId": "a"}, {"internal": {"build_sha": "latest"}}, False),
            ({"buildSHA": COMMIT, "buildId": "a"}, {"storage": {"shm_size": 128}}, False),
            ({"buildSHA": COMMIT, "buildId": "a"}, {"grace_period_seconds": 90}, True),
            ({"buildSHA": "latest", "buildId": None}, {"internal": {"branch": "other"}}, False),
            ({"buildSHA": None, "buildId": "a"}, {"internal": {"branch": "other"}}, False),
        ],
    )
    def test_which_of_two_names_of_a_build_was_chosen_is_unknown(
        self, shown: dict[str, t.Any], stated: dict[str, t.Any], ambiguous: bool
    ) -> None:
        desired = desired_of(**stated)
        known = {**known_of("internal"), **{f"deployment.internal.{name}": value for name, value in shown.items()}}
        assert writes.is_build_ambiguous(write_of(desired, known), desired, known) == ambiguous

    @pytest.mark.parametrize(
        "stated, lacking",
        [
            ({"vcs": {"project_branch": "main"}}, ["project_url", "project_type"]),
            ({"vcs": {"project_url": "https://github.com/example/a", "project_type": "github", "project_branch": "main"}}, []),
            ({"vcs": {"account_login": "a"}}, ["project_url", "project_type", "project_branch"]),
            ({"external": {"image_path": "a:1"}}, []),
        ],
    )
    def test_a_task_lacks_what_a_new_repository_requires(self, stated: dict[str, t.Any], lacking: list[str]) -> None:
        found = writes.find_lacking(desired_of(**stated))
        assert [row.option for row in found] == [f"deployment.vcs.{name}" for name in lacking]

    @pytest.mark.parametrize("name", [*CHANGES, *BY_PUT])
    def test_a_put_is_needed_only_if_no_other_operation_changes_a_row(self, name: str) -> None:
        source, stated, *_rest = {**CHANGES, **BY_PUT}[name]
        rows, known = rows_of(desired_of(**stated)), known_of(source)
        assert writes.is_put_needed(rows, known, ()) == (name in BY_PUT)
        narrow = {row.written_by for row in rows}
        assert writes.is_put_needed(rows, known, narrow)
        assert writes.is_put_needed([ROWS["name"]], known, narrow | {None}) is False

    def test_both_runtimes_are_sent_with_a_build(self) -> None:
        desired = desired_of(internal={"build_sha": COMMIT})
        known = {**known_of("internal"), "deployment.buildpack.configType": "customProcess", "deployment.buildpack.customProcess": "web"}
        body = writes.build_body(write_of(desired, known), desired, known)
        assert body["buildpack"] == {"configType": "customProcess", "customProcess": "web"}
        assert problems(UPDATE_DEPLOYMENT, body) == []

    def test_a_desired_field_that_is_unknown_is_sent_with_its_object_and_no_other_one(self) -> None:
        desired = desired_of(external={"image_path": "a:2", "credentials": "b"}, grace_period_seconds=60, storage={"shm_size": 1})
        unknown = ("deployment.external.credentials", "deployment.gracePeriodSeconds", "deployment.storage.shmSize")
        known = {path: value for path, value in known_of().items() if path not in unknown}
        write = writes.next_write([ROWS["deployment.external.image_path"]], desired, known, ())
        assert [row.path for row in write.rows] == ["deployment.external.imagePath", "deployment.external.credentials"]
        assert writes.build_body(write, desired, known)["external"] == {"imagePath": "a:2", "credentials": "b"}
        assert writes.find_unknown(write, desired, known) == []

    def test_a_desired_field_that_is_unknown_would_be_lost_by_a_put_that_does_not_send_it(self) -> None:
        desired = {**desired_of(grace_period_seconds=90), "backoffLimit": 3}
        known = {path: value for path, value in known_of().items() if path != "backoffLimit"}
        write = writes.next_write([ROWS["deployment.grace_period_seconds"]], desired, known, ())
        assert [row.path for row in writes.find_unknown(write, desired, known)] == ["backoffLimit"]

    def test_a_change_that_is_not_sent_now_is_not_in_the_state_after_it(self) -> None:
        desired, known = desired_of(storage={"shm_size": 128}, external={"image_path": "a:2"}), known_of()
        write = write_of(desired, known)
        after = writes.state_after(write.rows, desired, known)
        assert after == {**known, "deployment.storage.shmSize": 128}


def expected_put(after: state.JobState) -> dict[str, t.Any]:
    """The body of put-job for this state, by the contract: three fields have another place there."""
    body: dict[str, t.Any] = {}
    for row in fields.JOB_FIELDS:
        if after.get(row.path) is not None:
            in_settings = row.path in ("backoffLimit", "activeDeadlineSeconds", "runOnSourceChange")
            paths.put(body, f"settings.{row.path}" if in_settings else row.path, values.to_wire(row, after[row.path]))
    return body


DESIRED = {
    "deployment.external.image_path": ["a:1", "a:2"],
    "deployment.external.credentials": ["a", "b"],
    "deployment.internal.id": ["a", "b"],
    "deployment.internal.branch": ["a", "b"],
    "deployment.internal.build_sha": ["latest", COMMIT],
    "deployment.internal.build_id": ["a", "b"],
    "deployment.vcs.project_branch": ["a", "b"],
    "deployment.vcs.account_login": ["a", "b"],
    "deployment.vcs.vcs_link_id": ["a" * 24, "b" * 24],
    "deployment.docker.custom_command": ["a", "b"],
    "deployment.buildpack.config_type": ["default", "customCommand"],
    "deployment.storage.shm_size": [64, 128],
    "deployment.grace_period_seconds": [60, 90],
    "deployment.metadata.labels": [{"a": "b"}, {}],
}


@st.composite
def tasks(draw: st.DrawFn) -> state.JobState:
    """What a task sets of a deployment, with at most one source."""
    source = draw(st.sampled_from(["external", "internal", "vcs"]))
    others = [f"deployment.{other}." for other in SOURCES if other != source]
    names = [name for name in DESIRED if not name.startswith(tuple(others))]
    return {
        ROWS[name].path: draw(st.sampled_from(DESIRED[name])) for name in draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    }


@PROPERTY
@given(
    desired=tasks(),
    source=st.sampled_from(list(SOURCES)),
    gone=st.sets(st.sampled_from([UPDATE_DEPLOYMENT, UPDATE_BUILD_SOURCE, SCALE_JOB])),
)
def test_the_writes_of_a_task_end_with_all_of_it_and_nothing_else(desired: state.JobState, source: str, gone: set[t.Any]) -> None:
    known = before = known_of(source)
    left, sent = rows_of(desired), []
    while left:
        write = writes.next_write(left, desired, known, gone)
        assert write.rows and set(write.rows) <= set(left)
        assert write.operation not in gone
        assert problems_but_for_missing(write.operation, writes.build_body(write, desired, known)) == []
        known = writes.state_after(write.rows, desired, known)
        left = [row for row in left if row not in write.rows]
        sent.append(write.operation)
    assert len(sent) <= 4
    assert sent.count(PUT_JOB) <= 1
    one_name = {"deployment.internal.buildSHA", "deployment.internal.buildId"}
    new_source = deployment.find_source(desired)
    for row in fields.JOB_FIELDS:
        if row.path in desired:
            assert known[row.path] == desired[row.path]
        elif new_source and fields.image_source(row) not in ("", new_source):
            assert known[row.path] is None
        elif row.path not in one_name or not one_name & set(desired):
            assert known.get(row.path) == before.get(row.path)


def problems_but_for_missing(operation: operations.Operation, body: t.Any) -> list[str]:
    """The problems of a body, without those of a task that does not set what a new object requires."""
    return [] if is_incomplete(body) else problems(operation, body)


def is_incomplete(body: dict[str, t.Any]) -> bool:
    """Whether an object of the deployment lacks what the contract requires of it."""
    parts = body.get("deployment", body)
    required = {"external": "imagePath", "buildpack": "configType", "docker": "configType", "vcs": "projectUrl"}
    return any(name in parts and member not in parts[name] for name, member in required.items())


CREATION: dict[str, t.Any] = {
    "name": "Example Job",
    "deployment": {"external": {"image_path": "a:1"}, "docker": {"config_type": "default"}, "metadata": {"labels": {"a": "b"}}},
    "billing": {"deployment_plan": "nf-compute-20"},
    "backoff_limit": 0,
}


class TestCreation:
    """build_creation() and find_missing()."""

    @pytest.mark.parametrize("operation, name", [(CREATE_MANUAL_JOB, "create-manual-job"), (CREATE_JOB, "create-job")])
    @pytest.mark.parametrize("revision", ["", "-2026-10"])
    def test_the_published_body_is_made_of_the_options_that_it_shows(
        self, operation: operations.Operation, name: str, revision: str
    ) -> None:
        published = json.loads((EXAMPLES / f"{name}.request{revision}.json").read_text(encoding="utf-8"))
        published.get("settings", {}).pop("cron", None)
        # It contains both alternatives.
        if "dockerfile" in published.get("buildSettings", {}):
            published["buildSettings"].pop("buildpack", None)
        manual = {**published, **published.pop("settings", {})} if operation is CREATE_JOB else published
        desired = {
            path: value for path, value in {**state.from_patch(manual), **deployment.from_patch(manual)}.items() if value is not None
        }
        body = writes.build_creation(desired, operation)
        assert problems(operation, body) == []
        flat = {**body, **body.pop("settings", {})} if operation is CREATE_JOB else body
        assert {name: value for name, value in flat.items() if name != "settings"} == {
            name: value for name, value in manual.items() if name != "settings"
        }

    @pytest.mark.parametrize("operation", [CREATE_MANUAL_JOB, CREATE_JOB])
    def test_the_least_that_creating_requires_is_allowed_by_the_contract(self, operation: operations.Operation) -> None:
        desired = state.from_options(CREATION)
        assert writes.find_missing(desired) == []
        body = writes.build_creation(desired, operation)
        assert problems(operation, body) == []
        assert ("settings" in body) == (operation is CREATE_JOB)
        assert {"settings": {"backoffLimit": 0}, "backoffLimit": 0}.items() >= {
            name: value for name, value in body.items() if name in ("settings", "backoffLimit")
        }.items()

    def test_an_option_that_clears_a_field_is_not_sent(self) -> None:
        desired = state.from_options({**CREATION, "stage_id": "", "active_deadline_seconds": 0})
        body = writes.build_creation(desired, CREATE_MANUAL_JOB)
        assert {"stageId", "activeDeadlineSeconds"} & set(body) == set()

    @PROPERTY
    @given(stated=options(), operation=st.sampled_from([CREATE_MANUAL_JOB, CREATE_JOB]))
    def test_a_task_that_lacks_nothing_makes_a_body_that_the_contract_allows(
        self, stated: dict[str, t.Any], operation: operations.Operation
    ) -> None:
        whole = copy.deepcopy({**stated, "name": "Example Job", "backoff_limit": 1, "deployment": CREATION["deployment"]})
        whole.setdefault("billing", {})["deployment_plan"] = "nf-compute-20"
        desired = state.from_options(whole)
        if not writes.find_missing(desired):
            assert problems(operation, writes.build_creation(desired, operation)) == []

    @pytest.mark.parametrize(
        "options_of_task, missing",
        [
            ({}, ["deployment with external, internal or vcs", "billing.deployment_plan", "backoff_limit"]),
            ({**CREATION, "deployment": {"docker": {"config_type": "default"}}}, ["deployment with external, internal or vcs"]),
            (
                {**CREATION, "deployment": {"vcs": {"account_login": "a"}}},
                ["deployment.vcs.project_url", "deployment.vcs.project_type", "deployment.vcs.project_branch"],
            ),
            ({**CREATION, "billing": {"build_plan": "a"}}, ["billing.deployment_plan"]),
            (
                {**CREATION, "billing": {"deployment_plan": "a", "gpu": {"configuration": {"gpu_count": 1}}}},
                ["billing.gpu.configuration.gpu_type"],
            ),
            ({**CREATION, "billing": {"deployment_plan": "a", "gpu": {"enabled": False}}}, []),
            (
                {**CREATION, "build_settings": {"dockerfile": {"docker_file_path": "/Dockerfile"}}},
                ["build_settings.dockerfile.docker_work_dir"],
            ),
            (
                {**CREATION, "build_settings": {"storage": {"ephemeral_storage": {"storage_size": 16384}}}},
                ["build_settings.dockerfile or build_settings.buildpack"],
            ),
            ({**CREATION, "build_settings": {"buildpack": {"builder": "HEROKU_24"}}}, []),
            # This value of the option means that the field is not set.
            ({**CREATION, "build_settings": {"dockerfile": {"dockerfile_contents": ""}}}, []),
        ],
    )
    def test_what_a_task_must_also_set_is_named(self, options_of_task: dict[str, t.Any], missing: list[str]) -> None:
        assert writes.find_missing(state.from_options(options_of_task)) == missing
