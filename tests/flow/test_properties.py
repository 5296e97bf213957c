# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the whole flow over HTTP: from any job, by any task, on the emulator in each state and mixture, by each reading of PATCH.

To make up a job and a task takes longer than to run the task. So each example is checked for all properties that hold where it is
from; what holds is said by the functions whose names begin with "check_".
"""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from emulator import Emulator
from harness import JOB, PROJECT
from harness.flow_properties import (
    FILLED,
    SECRET_MAPS,
    SHOWN_UNSET,
    UNDECIDED,
    Api,
    apis,
    check_that_it_is_predicted,
    is_as_stated,
    options_of_facts,
    start,
    stated_leaves,
    task,
    without_new_fields,
)
from harness.strategies import PROPERTY, Options, jobs_and_tasks
from harness.wire_format import body_of, leaves
from hypothesis import given

Pair = t.Tuple[Options, Options]


@pytest.fixture(scope="module", name="emulator")
def emulator_of_all_examples(endless_emulator: Emulator) -> Emulator:
    """The emulator has one job, which each example replaces."""
    return endless_emulator


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable="probe"))
def test_a_task_that_probes_for_unknown_fields(emulator: Emulator, pair: Pair, api: Api) -> None:
    applied, options, between = check_what_is_certain(emulator, pair, api)
    check_that_it_is_as_stated(api, options, between)
    check_that_a_second_run_changes_nothing(emulator, api, options, between)
    check_that_the_job_fed_back_changes_nothing(emulator, api, applied, between)


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable="skip"))
def test_a_task_that_skips_unknown_fields(emulator: Emulator, pair: Pair, api: Api) -> None:
    applied, options, between = check_what_is_certain(emulator, pair, api)
    check_that_a_second_run_changes_nothing(emulator, api, options, between)


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", strategy="replace", unreadable="apply"))
def test_a_task_that_applies_unknown_fields(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = start(emulator, api, job)
    options = without_new_fields(options, api)
    check_that_a_check_writes_nothing(emulator, api, options)
    task(emulator, api, options)
    between = emulator.job(PROJECT, JOB)
    check_that_it_is_as_stated(api, options, between)
    check_that_the_rest_is_left_alone(options, before, between)
    check_that_a_second_run_only_reports_what_it_does_not_know(emulator, api, options, between)


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", strategy="merge", unreadable="apply"))
def test_a_task_that_applies_and_merges(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = start(emulator, api, job)
    options = without_new_fields(options, api)
    with contextlib.suppress(StateError):  # It does not merge unknown values.
        check_that_a_check_writes_nothing(emulator, api, options)
        task(emulator, api, options)
        check_that_it_is_as_stated(api, options, emulator.job(PROJECT, JOB))
    check_that_the_rest_is_left_alone(options, before, emulator.job(PROJECT, JOB))


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="merge"))
def test_a_task_on_an_api_that_merges_maps(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = start(emulator, api, job)
    options = without_new_fields(options, api)
    outcome = None
    with contextlib.suppress(StateError):  # "apply" does not merge unknown values
        check_that_a_check_writes_nothing(emulator, api, options)
        outcome = task(emulator, api, options)
    check_that_the_rest_is_left_alone(options, before, emulator.job(PROJECT, JOB))
    if outcome and (api.strategy, api.unreadable) == ("replace", "probe"):
        check_that_a_key_that_cannot_be_removed_is_named(outcome, options, emulator.job(PROJECT, JOB))


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="merge", strategy="replace", unreadable="probe"))
def test_a_task_that_removes_keys_on_an_api_that_merges_maps(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    start(emulator, api, job)
    outcome = task(emulator, api, without_new_fields(options, api))
    check_that_a_key_that_cannot_be_removed_is_named(outcome, options, emulator.job(PROJECT, JOB))


def check_what_is_certain(emulator: Emulator, pair: Pair, api: Api) -> tuple[JobResult, Options, dict[str, t.Any]]:
    """A check predicts the run, and the run reports what it did to the job. Returns the outcome, the options, and the job afterwards.

    "apply" is another matter: it reports a change of what it does not know.
    """
    job, options = pair
    before = start(emulator, api, job)
    options = without_new_fields(options, api)
    predicted = check_that_a_check_writes_nothing(emulator, api, options)
    applied = task(emulator, api, options)
    between = emulator.job(PROJECT, JOB)
    check_that_it_is_predicted(predicted, applied)
    check_that_changed_means_that_the_job_differs(applied, before, between)
    check_that_the_rest_is_left_alone(options, before, between)
    check_that_what_differed_for_certain_is_another(applied, before, between)
    return applied, options, between


def check_that_a_check_writes_nothing(emulator: Emulator, api: Api, options: Options) -> JobResult:
    """In check mode, the job does not change, and only reads are sent. Returns the result of the check."""
    before, sent = emulator.job(PROJECT, JOB), len(emulator.requests)
    try:
        return task(emulator, api, options, check_mode=True)
    finally:
        assert emulator.job(PROJECT, JOB) == before
        assert {request.method for request in emulator.requests[sent:]} == {"GET"}


def check_that_it_is_as_stated(api: Api, options: Options, job: dict[str, t.Any]) -> None:
    """What the task states is so afterwards."""
    stated, stored = leaves(body_of(options)), leaves(job)
    wrong = [
        path
        for path in stated_leaves(options) - {UNDECIDED}
        if not is_as_stated(path, stated.get(path), stored.get(path, SHOWN_UNSET.get(path)), api.strategy)
    ]
    assert wrong == []


def check_that_the_rest_is_left_alone(options: Options, job_before: dict[str, t.Any], job_after: dict[str, t.Any]) -> None:
    """What the task does not state is as before."""
    before, after = leaves(job_before), leaves(job_after)
    stated = stated_leaves(options)
    ways = {way for way in ("dockerfile", "buildpack") if any(path.startswith(f"buildSettings.{way}.") for path in stated)}
    abandoned = tuple(f"buildSettings.{way}." for way in {"dockerfile", "buildpack"} - ways) if ways else ()
    touched = [
        path
        for path in set(before) | set(after)
        if path not in stated
        and before.get(path) != after.get(path)
        and not (abandoned and path.startswith(abandoned))
        and not (path in FILLED and path not in before)
    ]
    assert touched == []


def check_that_changed_means_that_the_job_differs(applied: JobResult, before: dict[str, t.Any], after: dict[str, t.Any]) -> None:
    """The result is changed exactly if the job differs from before."""
    assert applied.changed is (after != before)


def check_that_what_differed_for_certain_is_another(applied: JobResult, before: dict[str, t.Any], after: dict[str, t.Any]) -> None:
    """What is among changed_fields, and not among unknown_fields, is not what it was."""
    stored, stored_now = leaves(before), leaves(after)
    paths = {fields.BY_OPTION[option].path for option in set(applied.changed_fields) - set(applied.unknown_fields)}
    assert [path for path in paths if stored.get(path) == stored_now.get(path)] == []


def check_that_a_second_run_changes_nothing(emulator: Emulator, api: Api, options: Options, between: dict[str, t.Any]) -> None:
    """The same task again does not change the job, and reports that."""
    assert task(emulator, api, options).changed is False
    assert emulator.job(PROJECT, JOB) == between


def check_that_a_second_run_only_reports_what_it_does_not_know(
    emulator: Emulator, api: Api, options: Options, between: dict[str, t.Any]
) -> None:
    """The same task again does not change the job, although it reports a change of unknown fields."""
    again = task(emulator, api, options)
    assert (filled(emulator.job(PROJECT, JOB)), again.changed_fields) == (filled(between), again.unknown_fields)


def filled(job: dict[str, t.Any]) -> dict[str, t.Any]:
    """A job without empty lists and maps: if a first run has found none, a second one may send an empty one."""
    return {path: value for path, value in leaves(job).items() if value not in ([], {})}


def check_that_the_job_fed_back_changes_nothing(emulator: Emulator, api: Api, applied: JobResult, between: dict[str, t.Any]) -> None:
    """The shown fields of the result, set as options, do not change the job."""
    fed_back = options_of_facts(applied.job)
    assert task(emulator, api, fed_back).changed is False
    assert emulator.job(PROJECT, JOB) == between


def check_that_a_key_that_cannot_be_removed_is_named(outcome: JobResult, options: Options, stored: dict[str, t.Any]) -> None:
    """A warning names each key that should be removed and is not."""
    stated = body_of(options)
    stayed = {name for path in SECRET_MAPS if path in stated for name in set(stored.get(path, {})) - set(stated[path])}
    assert bool(outcome.warnings) is bool(stayed)
    assert all(name in outcome.warnings[0] for name in stayed)
