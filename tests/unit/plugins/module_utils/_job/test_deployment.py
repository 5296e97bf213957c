# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a deployment from the published responses, from the shapes of each API state, and from odd responses."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import deployment, fields
from harness.strategies import PROPERTY, junk
from hypothesis import given

EXAMPLES = pathlib.Path(__file__).resolve().parents[4] / "contract" / "examples"
REPOSITORY = "https://github.com/northflank/gatsby-with-northflank"
# The parts of a deployment that each response of get-job shows.
RUNTIME = {
    "region": "europe-west",
    "docker": {"configType": "default"},
    "storage": {"ephemeralStorage": {"storageSize": 1024}, "shmSize": 64},
}
VCS = {"projectUrl": REPOSITORY, "projectType": "github", "projectBranch": "main", "accountLogin": "example"}
EXTERNAL = {"imagePath": "registry.example.com/report:1.4", "credentials": "a-registry"}
INTERNAL = {"id": "a-service", "branch": "main", "buildSHA": "latest"}
FIXED = ("name", "infrastructure.architecture")
ALL_PATHS = {row.path for row in fields.DEPLOYMENT}
OF_PUT = {row.path for row in fields.DEPLOYMENT if row.path.startswith(("deployment.gpu.", "deployment.grace", "deployment.metadata."))}
IMAGES = {row.path for row in fields.DEPLOYMENT if row.path.startswith(("deployment.external.", "deployment.internal."))}
REPOSITORIES = {row.path for row in fields.DEPLOYMENT if row.path.startswith("deployment.vcs.")}


def example(name: str) -> dict[str, t.Any]:
    """The "data" of a published response."""
    found: dict[str, t.Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["data"]
    return found


def is_set(known: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The fields that have a value, without "deployment."."""
    return {path.removeprefix("deployment."): value for path, value in known.items() if value is not None}


class TestFromGetJob:
    """from_get_job()."""

    @pytest.mark.parametrize("name", ["get-job.response.json", "get-job.response-2026-10.json"])
    def test_the_published_responses_show_the_runtime_and_the_repository_under_its_older_name(self, name: str) -> None:
        known = deployment.from_get_job(example(name))
        assert is_set(known) == {
            "name": "Example Job",
            "docker.configType": "default",
            "docker.customCommand": "nginx -g",
            "buildpack.configType": "default",
            "storage.ephemeralStorage.storageSize": 1024,
            "vcs.projectUrl": REPOSITORY,
            "vcs.projectType": "github",
            "vcs.projectBranch": "master",
            "vcs.selfHostedVcsId": "example-team/self-hosted-vcs",
        }
        assert ALL_PATHS - set(known) == OF_PUT | {
            "infrastructure.architecture",
            "deployment.vcs.accountLogin",
            "deployment.vcs.vcsLinkId",
        }

    def test_a_job_of_an_image_shows_no_source_in_the_older_states(self) -> None:
        known = deployment.from_get_job({"name": "A job", "deployment": RUNTIME})
        assert is_set(known) == {
            "name": "A job",
            "docker.configType": "default",
            "storage.ephemeralStorage.storageSize": 1024,
            "storage.shmSize": 64,
        }
        assert ALL_PATHS - set(known) == {"infrastructure.architecture"} | OF_PUT | IMAGES | REPOSITORIES
        assert deployment.find_source(known) == ""

    @pytest.mark.parametrize(
        "source, shown",
        [("external", EXTERNAL), ("internal", INTERNAL), ("vcs", VCS)],
    )
    def test_a_response_with_a_source_shows_the_whole_deployment(self, source: str, shown: dict[str, t.Any]) -> None:
        rest = {"gracePeriodSeconds": 60, "metadata": {"labels": {"team": "reports"}}, "gpu": {"enabled": True}}
        data = {"name": "A job", "infrastructure": {"architecture": "arm"}, "deployment": {**RUNTIME, **rest, source: shown}}
        known = deployment.from_get_job(data)
        assert set(known) == ALL_PATHS
        assert {path: value for path, value in is_set(known).items() if path.startswith(f"{source}.")} == {
            f"{source}.{name}": value for name, value in shown.items()
        }
        assert is_set(known)["infrastructure.architecture"] == "arm"
        assert (known["deployment.gracePeriodSeconds"], known["deployment.metadata.labels"]) == (60, {"team": "reports"})
        assert (known["deployment.metadata.annotations"], known["deployment.gpu.configuration.gpuType"]) == (None, None)
        assert deployment.find_source(known) == f"deployment.{source}"

    def test_the_newer_place_of_the_repository_has_precedence(self) -> None:
        data = {"deployment": {**RUNTIME, "vcs": VCS}, "vcsData": {"projectUrl": "https://example.com/older", "projectBranch": "older"}}
        known = deployment.from_get_job(data)
        assert (known["deployment.vcs.projectUrl"], known["deployment.vcs.projectBranch"]) == (REPOSITORY, "main")

    def test_without_a_deployment_all_of_it_is_unknown(self) -> None:
        assert deployment.from_get_job({"name": "A job"}) == {"name": "A job"}
        assert deployment.from_get_job({"deployment": None}) == {}

    def test_a_runtime_that_is_missing_is_not_set(self) -> None:
        known = deployment.from_get_job({"deployment": {}})
        shown_in_each_state = ("deployment.docker.", "deployment.buildpack.", "deployment.storage.")
        assert known == {path: None for path in ALL_PATHS if path.startswith(shown_in_each_state)}

    def test_what_is_fixed_is_never_known_to_be_not_set(self) -> None:
        known = deployment.from_get_job({"deployment": {**RUNTIME, "external": EXTERNAL}})
        assert set(FIXED) & set(known) == set()

    @PROPERTY
    @given(data=junk())
    def test_no_response_makes_it_fail(self, data: t.Any) -> None:
        for shape in ({"deployment": data}, {"deployment": {**RUNTIME, "external": data}}, {"deployment": RUNTIME, "vcsData": data}):
            assert set(deployment.from_get_job(shape)) <= ALL_PATHS


class TestFromPatch:
    """from_patch()."""

    @pytest.mark.parametrize("name", ["create-manual-job", "put-job", "patch-manual-job"])
    @pytest.mark.parametrize("revision", ["", "-2026-10"])
    def test_a_published_response_leaves_only_the_architecture_unknown(self, name: str, revision: str) -> None:
        known = deployment.from_patch(example(f"{name}.response{revision}.json"))
        assert ALL_PATHS - set(known) == {"infrastructure.architecture"}
        assert known["name"] == "Example Job"
        assert known["deployment.vcs.accountLogin"] == "github-user"
        assert known["deployment.vcs.vcsLinkId"] is None

    def test_what_a_response_does_not_contain_is_not_set(self) -> None:
        known = deployment.from_patch({"name": "A job", "infrastructure": {"architecture": "x86"}, "deployment": {"external": EXTERNAL}})
        assert set(known) == ALL_PATHS
        assert is_set(known) == {
            "name": "A job",
            "infrastructure.architecture": "x86",
            "external.imagePath": EXTERNAL["imagePath"],
            "external.credentials": "a-registry",
        }

    def test_a_field_of_another_type_is_unknown(self) -> None:
        known = deployment.from_patch(
            {"deployment": {"external": {"imagePath": ["a"]}, "gracePeriodSeconds": "60", "metadata": {"labels": []}}}
        )
        assert ALL_PATHS - set(known) == {
            *FIXED,
            "deployment.external.imagePath",
            "deployment.gracePeriodSeconds",
            "deployment.metadata.labels",
        }

    @PROPERTY
    @given(data=junk())
    def test_no_response_makes_it_fail(self, data: t.Any) -> None:
        for shape in ({"deployment": data}, {"deployment": {"metadata": data, "storage": data}}, {"name": data}):
            assert set(deployment.from_patch(shape)) <= ALL_PATHS


class TestFromResource:
    """from_resource()."""

    @pytest.mark.parametrize("name", ["get-job-deployment.response.json", "get-job-deployment.response-2026-10.json"])
    def test_the_published_response_of_an_internal_source(self, name: str) -> None:
        known = deployment.from_resource(example(name), {})
        assert is_set(known) == {
            "docker.configType": "default",
            "docker.customCommand": "nginx -g",
            "buildpack.configType": "default",
            "storage.ephemeralStorage.storageSize": 1024,
            "internal.id": "example-service",
            "internal.branch": "master",
            "internal.buildSHA": "latest",
        }
        # The build came of "latest", and nobody has chosen it.
        assert known["deployment.internal.buildId"] is None
        assert {known[path] for path in REPOSITORIES} == {None}
        assert (known["deployment.external.imagePath"], known["deployment.external.credentials"]) == (None, None)

    def test_the_published_response_of_a_public_image(self) -> None:
        known = deployment.from_resource(example("get-job-deployment.response2.json"), {})
        assert is_set(known)["external.imagePath"] == "nginx:latest"
        assert known["deployment.external.credentials"] is None
        assert {known[path] for path in IMAGES if "internal" in path} == {None}

    @pytest.mark.parametrize("shown", [{"privateImage": True}, {}])
    def test_the_credentials_of_a_private_image_are_unknown(self, shown: dict[str, t.Any]) -> None:
        known = deployment.from_resource({"external": {"imagePath": "a:1", **shown}}, {})
        assert known["deployment.external.imagePath"] == "a:1"
        assert "deployment.external.credentials" not in known

    def test_a_chosen_build_is_known(self) -> None:
        shown = {"nfObjectId": "a-service", "branch": "main", "buildId": "build-7", "buildSHA": "0" * 40, "deployedSHA": "0" * 40}
        known = deployment.from_resource({"internal": shown}, {})
        assert (known["deployment.internal.buildId"], known["deployment.internal.buildSHA"]) == ("build-7", "0" * 40)

    def test_a_build_that_can_come_of_the_commit_is_left_out_of_a_copy(self) -> None:
        shown = {"nfObjectId": "a-service", "buildId": "build-7", "buildSHA": "0" * 40}
        known = deployment.from_resource({"internal": shown}, {})
        copied = deployment.without_unclear_build(known)
        assert set(known) - set(copied) == {"deployment.internal.buildId"}
        assert copied["deployment.internal.buildSHA"] == "0" * 40
        for name in ("buildId", "buildSHA"):
            of_one = deployment.from_resource({"internal": {**shown, name: None}}, {})
            assert deployment.without_unclear_build(of_one) == of_one

    def test_of_a_job_that_builds_from_a_repository_only_the_runtime_is_read(self) -> None:
        known = deployment.from_get_job(example("get-job.response.json"))
        read = deployment.from_resource(example("get-job-deployment.response.json"), known)
        assert set(read) == {
            "deployment.docker.configType",
            "deployment.docker.customCommand",
            "deployment.buildpack.configType",
            "deployment.storage.ephemeralStorage.storageSize",
        }

    def test_without_a_source_the_image_is_unknown(self) -> None:
        known = deployment.from_resource({"docker": {"configType": "default"}}, {})
        assert known == {"deployment.docker.configType": "default", "deployment.external.credentials": None}

    @PROPERTY
    @given(data=junk())
    def test_no_response_makes_it_fail(self, data: t.Any) -> None:
        for shape in ({"external": data}, {"internal": data}, {"external": {"imagePath": data, "privateImage": data}}, {"storage": data}):
            assert set(deployment.from_resource(shape, {})) <= ALL_PATHS


def test_an_object_of_the_deployment_has_its_rows() -> None:
    for part in ("docker", "buildpack", "storage", "gpu", "metadata", "external", "internal", "vcs"):
        rows = deployment.rows_of(f"deployment.{part}")
        assert rows
        assert {deployment.part_of(row) for row in rows} == {f"deployment.{part}"}
    assert deployment.rows_of("deployment.doc") == []
