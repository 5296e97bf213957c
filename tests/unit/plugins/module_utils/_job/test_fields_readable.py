# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not in the contract about a field: in which state it is shown, which value means "not set", and whether order matters."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields, paths, state
from emulator import Emulator
from emulator._views import view
from harness import JOB, PROJECT
from harness.flow_properties import EMPTY, SETS, UNDECIDED
from harness.full_job import BUILDPACK, FULL
from harness.wire_format import leaves

# The name of each state of the table in the emulator, the oldest first.
STATES = {fields.ALL: "lean", fields.CURRENT: "current", fields.RICH: "rich"}
# Every state shows it, under one of its two names.
UNDER_EITHER_NAME = "activeDeadlineSeconds"
# What get-job showed in June only elsewhere: in vcsData, or in buildEngineConfiguration.
OLDER = (
    "buildSettings.dockerfile.buildEngine",
    "buildSettings.dockerfile.dockerFilePath",
    "buildSettings.dockerfile.dockerWorkDir",
    "buildSettings.dockerfile.buildkit.useCache",
    "buildSettings.dockerfile.buildkit.useInternalCache",
    "buildSettings.buildpack.builder",
    "buildSettings.buildpack.buildpackLocators",
    "buildSettings.buildpack.useCache",
)


@pytest.fixture(scope="module", name="jobs")
def stored_jobs() -> list[dict[str, t.Any]]:
    """Jobs in which each field is set, one for each build type."""
    by_buildpack = {**FULL, "buildSettings": {"buildpack": BUILDPACK}}
    jobs = []
    for job in (FULL, by_buildpack):
        with Emulator(state="rich") as emulator:
            emulator.add_job(PROJECT, JOB, job)
            jobs.append(emulator.job(PROJECT, JOB))
    return jobs


@pytest.fixture(scope="module", name="shown")
def paths_that_show(jobs: list[dict[str, t.Any]]) -> dict[str, set[str]]:
    """{state of the table: the paths that get-job shows in it}."""
    return {word: {path for job in jobs for path in leaves(view(name).get_job(job, PROJECT))} for word, name in STATES.items()}


@pytest.mark.parametrize("row", fields.FIELDS, ids=lambda row: row.option)
def test_a_field_is_shown_under_its_path_from_the_state_that_the_table_names(row: fields.Row, shown: dict[str, set[str]]) -> None:
    first = next(word for word in STATES if row.path in shown[word])
    assert row.readable_since == (fields.ALL if row.path == UNDER_EITHER_NAME else first)


@pytest.mark.parametrize("path", OLDER)
def test_the_oldest_state_shows_these_fields_under_older_names(path: str, jobs: list[dict[str, t.Any]]) -> None:
    (job,) = (job for job in jobs if path in leaves(job))
    assert state.from_get_job(view("lean").get_job(job, PROJECT))[path] == leaves(job)[path]


def test_what_not_set_equals_is_known_of_these_fields() -> None:
    known: dict[str, t.Any] = {row.path: row.default for row in fields.FIELDS if row.default is not paths.MISSING}
    assert known == EMPTY


def test_the_order_means_nothing_in_these_lists() -> None:
    assert {row.path for row in fields.FIELDS if row.kind == fields.SET} == set(SETS)


def test_an_option_without_effect_is_not_compared() -> None:
    assert [row.path for row in fields.FIELDS if not row.is_compared] == [UNDECIDED]
