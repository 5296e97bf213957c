# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the whole flow over HTTP: from any job, by any task, on the emulator in each state and mixture, by each reading of PATCH."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._argument_spec import manual_job_spec
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._result import Outcome
from emulator import Emulator
from hypothesis import given
from unit.plugins.module_utils.flow import (
    FILLED,
    JOB,
    PROJECT,
    SECRET_MAPS,
    SHOWN_UNSET,
    UNDECIDED,
    Api,
    apis,
    is_as_stated,
    start,
    stated_leaves,
    task,
    without_new_fields,
)
from unit.plugins.module_utils.options_strategy import PROPERTY
from unit.plugins.module_utils.task_strategy import Options, jobs_and_tasks
from unit.plugins.module_utils.wire import body_of, leaves

Pair = t.Tuple[Options, Options]
# "apply" reports a change of what it does not know, and merges nothing into it.
SURE = ("probe", "skip")


@pytest.fixture(scope="module")
def emulator() -> t.Iterator[Emulator]:
    """One server for all examples."""
    with Emulator() as running:
        running.quota = 10**9
        yield running
        assert running.violations == []


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable=("probe", "apply")))
def test_what_the_task_states_is_so_afterwards(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    start(emulator, api, job)
    options = without_new_fields(options, api)
    try:
        task(emulator, api, options)
    except StateError:
        assert (api.strategy, api.unreadable) == ("merge", "apply")  # which does not merge what it does not know
        return
    stated, stored = leaves(body_of(options)), leaves(emulator.job(PROJECT, JOB))
    wrong = [
        path
        for path in stated_leaves(options) - {UNDECIDED}
        if not is_as_stated(path, stated.get(path), stored.get(path, SHOWN_UNSET.get(path)), api.strategy)
    ]
    assert wrong == []


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis())
def test_what_the_task_does_not_state_is_left_alone(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = leaves(start(emulator, api, job))
    options = without_new_fields(options, api)
    with contextlib.suppress(StateError):  # "apply" does not merge what it does not know
        task(emulator, api, options)
    after = leaves(emulator.job(PROJECT, JOB))
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


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable=SURE))
def test_changed_means_that_the_job_differs(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = start(emulator, api, job)
    outcome = task(emulator, api, without_new_fields(options, api))
    assert outcome.changed is (emulator.job(PROJECT, JOB) != before)


def second_run(emulator: Emulator, pair: Pair, api: Api) -> tuple[dict[str, t.Any], Outcome]:
    """What a first run left, and what the same task says again."""
    job, options = pair
    start(emulator, api, job)
    options = without_new_fields(options, api)
    task(emulator, api, options)
    return emulator.job(PROJECT, JOB), task(emulator, api, options)


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable=SURE))
def test_a_second_run_changes_nothing(emulator: Emulator, pair: Pair, api: Api) -> None:
    between, again = second_run(emulator, pair, api)
    assert (again.changed, emulator.job(PROJECT, JOB)) == (False, between)


def filled(job: dict[str, t.Any]) -> dict[str, t.Any]:
    """What a job holds, less empty lists and maps: where a first run has seen that there is none, a second one may send an empty one."""
    return {path: value for path, value in leaves(job).items() if value not in ([], {})}


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", strategy="replace", unreadable="apply"))
def test_a_second_run_leaves_the_job_as_it_is_though_it_reports_what_it_does_not_know(emulator: Emulator, pair: Pair, api: Api) -> None:
    between, again = second_run(emulator, pair, api)
    assert (filled(emulator.job(PROJECT, JOB)), again.changed_fields) == (filled(between), again.unknown_fields)


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis())
def test_a_check_never_writes(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    before = start(emulator, api, job)
    sent = len(emulator.requests)
    task(emulator, api, without_new_fields(options, api), check_mode=True)
    assert emulator.job(PROJECT, JOB) == before
    assert {request.method for request in emulator.requests[sent:]} == {"GET"}


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable=SURE))
def test_a_check_predicts_the_run_unless_it_names_unknown_fields(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    start(emulator, api, job)
    options = without_new_fields(options, api)
    predicted = task(emulator, api, options, check_mode=True)
    applied = task(emulator, api, options)
    if predicted.unknown_fields:
        assert bool(predicted.warnings) or predicted.changed
        assert set(applied.changed_fields) <= set(predicted.changed_fields)
    else:
        # What goes with the other way to build may be seen by the run alone, in the answer of its probe.
        assert (predicted.changed, predicted.changed_fields, predicted.diff["after"]) == (
            applied.changed,
            applied.changed_fields,
            applied.diff["after"],
        )


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="replace", unreadable="probe"))
def test_the_job_fed_back_as_options_changes_nothing(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    start(emulator, api, job)
    shown = task(emulator, api, without_new_fields(options, api)).job
    fed_back = {name: value for name, value in shown.items() if name in manual_job_spec()}
    between = emulator.job(PROJECT, JOB)
    assert task(emulator, api, fed_back).changed is False
    assert emulator.job(PROJECT, JOB) == between


@PROPERTY
@given(pair=jobs_and_tasks(), api=apis(maps="merge", strategy="replace", unreadable="probe"))
def test_a_key_that_cannot_be_removed_is_named(emulator: Emulator, pair: Pair, api: Api) -> None:
    job, options = pair
    start(emulator, api, job)
    outcome = task(emulator, api, without_new_fields(options, api))
    stored, stated = emulator.job(PROJECT, JOB), body_of(options)
    stayed = {name for path in SECRET_MAPS if path in stated for name in set(stored.get(path, {})) - set(stated[path])}
    assert bool(outcome.warnings) is bool(stayed)
    assert all(name in outcome.warnings[0] for name in stayed)
