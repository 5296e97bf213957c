# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the whole life of a job: from any job or none, by any task that may set its deployment, and removed at the end.

As in test_properties.py, each example is checked for all properties that hold where it is from.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import JobResult
from ansible_collections.northflank.cloud.plugins.module_utils._job import fields
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import RANDOM_FUNCTION
from emulator import Emulator
from harness import JOB, PROJECT, WHOLE
from harness.flow_properties import (
    FILLED,
    FIXED,
    LABELS,
    SHOWN_UNSET,
    UNDECIDED,
    Api,
    apis,
    check_that_it_is_predicted,
    comparable,
    is_as_stated,
    is_creatable,
    is_refused,
    options_of_facts,
    replaced,
    start,
    stated_leaves,
    task,
    without_new_fields,
)
from harness.strategies import EXPLORE, PROPERTY, QUICK, Options, lives
from harness.wire_format import body_of, leaves
from hypothesis import given, settings

Life = t.Tuple[t.Optional[Options], Options]
OTHER_JOB = "another-job"


@pytest.fixture(scope="module", name="emulator")
def emulator_of_all_examples(endless_emulator: Emulator) -> Emulator:
    """The emulator has the job of the example, or none, and another job that no task is about."""
    endless_emulator.add_job(PROJECT, OTHER_JOB)
    return endless_emulator


# An example is a whole life of a job, with up to ten tasks. The matrix tries more.
LIFE = PROPERTY if WHOLE or EXPLORE else settings(PROPERTY, max_examples=10 if QUICK else 30)


@LIFE
@given(life=lives(), api=apis(maps="replace", unreadable="probe"))
def test_a_life_with_probes(emulator: Emulator, life: Life, api: Api) -> None:
    before, options, applied = check_what_is_certain(emulator, life, api)
    if applied:
        check_that_it_is_as_stated(api, options, emulator.job(PROJECT, JOB))
        if not was_built(before) or was_built(emulator.job(PROJECT, JOB)):
            check_that_a_second_run_changes_nothing(emulator, api, options, applied)
            check_that_the_job_fed_back_changes_nothing(emulator, api, applied)
    check_that_removing_it_leaves_no_trace(emulator, api)


@LIFE
@given(life=lives(), api=apis(maps="replace", unreadable="skip"))
def test_a_life_that_skips_unknown_fields(emulator: Emulator, life: Life, api: Api) -> None:
    before, options, applied = check_what_is_certain(emulator, life, api)
    if applied:
        if before is None:
            check_that_it_is_as_stated(api, options, emulator.job(PROJECT, JOB))
        if not was_built(before) or was_built(emulator.job(PROJECT, JOB)):
            check_that_a_second_run_changes_nothing(emulator, api, options, applied)
    check_that_removing_it_leaves_no_trace(emulator, api)


@LIFE
@given(life=lives(), api=apis(maps="replace", strategy="replace", unreadable="apply"))
def test_a_life_that_applies_unknown_fields(emulator: Emulator, life: Life, api: Api) -> None:
    before, options, predicted, applied = run_first_task(emulator, life, api)
    if applied is None:
        return
    job = emulator.job(PROJECT, JOB)
    check_that_it_is_as_stated(api, options, job)
    check_that_the_rest_is_left_alone(options, before, job)
    again = run(emulator, api, options)
    assert again is not None
    assert set(again.changed_fields) <= {*again.unknown_fields, *with_random_values(options), *left_options(labels_left(options, job))}
    assert meaning(emulator.job(PROJECT, JOB)) == meaning(job)


def check_what_is_certain(emulator: Emulator, life: Life, api: Api) -> tuple[dict[str, t.Any] | None, Options, JobResult | None]:
    """A check predicts the run, and the run reports what it did to the job. Returns the job before, the options, and the result, if any."""
    before, options, predicted, applied = run_first_task(emulator, life, api)
    if applied is None:
        return before, options, None
    assert predicted is not None
    job = emulator.job(PROJECT, JOB)
    assert applied.changed is (job != before)
    check_that_it_is_predicted(predicted, applied)
    check_that_the_rest_is_left_alone(options, before, job)
    return before, options, applied


def run_first_task(emulator: Emulator, life: Life, api: Api) -> tuple[dict[str, t.Any] | None, Options, JobResult | None, JobResult | None]:
    """Check the task of an example, and run it. A refused one has a reason, and changes nothing. Returns the job before, the options, the
    prediction, and the result.
    """
    before = begin(emulator, api, life)
    options = without_new_fields(life[1], api)
    predicted = check_that_a_check_writes_nothing(emulator, api, options)
    applied = run(emulator, api, options)
    check_that_it_is_refused_for_a_reason(before, options, applied)
    check_that_a_refusal_is_predicted(predicted, applied)
    if applied is None:
        assert stored(emulator) == before
    return before, options, predicted, applied


def begin(emulator: Emulator, api: Api, life: Life) -> dict[str, t.Any] | None:
    """Store the job of an example, and read it back; or remove the one of the example before."""
    start(emulator, api, life[0] or {})
    if life[0] is None:
        emulator.remove_job(PROJECT, JOB)
    return stored(emulator)


def stored(emulator: Emulator) -> dict[str, t.Any] | None:
    """The job, if it exists. There is never a second one."""
    assert set(emulator.jobs_of(PROJECT)) <= {JOB, OTHER_JOB}
    assert emulator.violations == []
    return emulator.job(PROJECT, JOB) if emulator.has_job(PROJECT, JOB) else None


def run(emulator: Emulator, api: Api, options: Options, check_mode: bool = False) -> JobResult | None:
    """The result of a task, None if the job is not one that it can be applied to."""
    try:
        return task(emulator, api, options, check_mode)
    except (ApiError, StateError) as error:
        assert not isinstance(error, ApiError) or "the task must also set" in str(error), str(error)
        return None


def check_that_a_check_writes_nothing(emulator: Emulator, api: Api, options: Options) -> JobResult | None:
    """Check mode sends no write request."""
    before, sent = stored(emulator), len(emulator.requests)
    try:
        return run(emulator, api, options, check_mode=True)
    finally:
        assert {request.method for request in emulator.requests[sent:]} == {"GET"}
        assert stored(emulator) == before


def check_that_it_is_refused_for_a_reason(before: dict[str, t.Any] | None, options: Options, applied: JobResult | None) -> None:
    """A task is refused exactly if it cannot be applied."""
    assert (applied is None) is (not is_creatable(options) if before is None else is_refused(before, options))


def check_that_a_refusal_is_predicted(predicted: JobResult | None, applied: JobResult | None) -> None:
    """A check fails if the run fails, unless it cannot read what the run is refused for."""
    assert (predicted is None) is (applied is None) or (applied is None and predicted is not None and predicted.unknown_fields)


def check_that_it_is_as_stated(api: Api, options: Options, job: dict[str, t.Any]) -> None:
    """What the task sets is so afterwards."""
    stated, present = leaves(body_of(options)), leaves(job)
    unreadable = {path for path in FIXED if path not in present} | labels_left(options, job)
    wrong = [
        path
        for path in stated_leaves(options) - {UNDECIDED} - unreadable
        if not is_as_stated(path, stated.get(path), present.get(path, SHOWN_UNSET.get(path)), api.strategy)
    ]
    assert wrong == []


def check_that_the_rest_is_left_alone(options: Options, job_before: dict[str, t.Any] | None, job_after: dict[str, t.Any]) -> None:
    """What the task does not set is as before. A job that the task has created has nothing else."""
    before, after = leaves(job_before or {}), leaves(job_after)
    stated = stated_leaves(options)
    dropped = replaced(stated)
    touched = [
        path
        for path in set(before) | set(after)
        if path not in stated
        and comparable(path, before.get(path)) != comparable(path, after.get(path))
        and not path.startswith(dropped)
        and not (path in (*FILLED, *SHOWN_OF_BUILD) and path not in before)
        and not (job_before is None and path in MADE_BY_THE_API)
    ]
    assert touched == []


MADE_BY_THE_API = ("id", "appId", "name", "jobType", "status.build.status", "cluster.id", "cluster.name", "createdAt", "disabledCI")
# What get-job-deployment shows of an image that Northflank has built, set or not. It is sent with another one.
SHOWN_OF_BUILD = ("deployment.internal.branch", "deployment.internal.buildSHA")


def check_that_a_second_run_changes_nothing(emulator: Emulator, api: Api, options: Options, applied: JobResult) -> None:
    """The same task again does not change the job, and reports that. If labels cannot be removed, both runs warn of them."""
    job = emulator.job(PROJECT, JOB)
    again = run(emulator, api, options)
    assert again is not None
    assert set(again.changed_fields) <= left_options(labels_left(options, job))
    assert again.changed is bool(again.changed_fields)
    if again.changed:
        assert (api.objects, bool(applied.warnings), bool(again.warnings)) == ("merge", True, True)
    assert stored(emulator) == job


def check_that_the_job_fed_back_changes_nothing(emulator: Emulator, api: Api, applied: JobResult) -> None:
    """The shown fields of the result, set as options, do not change the job."""
    job = emulator.job(PROJECT, JOB)
    again = run(emulator, api, options_of_facts(applied.job))
    assert again is not None
    assert again.changed is False
    assert meaning(stored(emulator)) == meaning(job)


def labels_left(options: Options, job: dict[str, t.Any]) -> set[str]:
    """The maps of labels with a name that the task does not set: "Put job" may merge them."""
    stated, present = leaves(body_of(options)), leaves(job)
    return {path for path in LABELS if path in stated and present.get(path, {}).items() > stated[path].items()}


def left_options(paths: set[str]) -> set[str]:
    return {row.option for row in fields.DEPLOYMENT if row.path in paths}


def meaning(job: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """A job without what is equal to "not set". A probe writes it as it was read."""
    return {
        path: comparable(path, value) for path, value in leaves(job or {}).items() if value not in ([], {}, False, SHOWN_UNSET.get(path))
    }


def was_built(job: dict[str, t.Any] | None) -> bool:
    """Whether a job builds from a repository. Before it has another source, get-job may show the default settings of its build."""
    return job is not None and "vcs" in job["deployment"]


def with_random_values(options: Options) -> set[str]:
    """The options with a value that the API stores anew at each write."""
    return {name for name in ("runtime_environment", "build_arguments") if RANDOM_FUNCTION in str(options.get(name))}


def check_that_removing_it_leaves_no_trace(emulator: Emulator, api: Api) -> None:
    """A job is removed, and with it the change that a second removal would have to report."""
    was_there = emulator.has_job(PROJECT, JOB)
    predicted = check_that_a_check_writes_nothing(emulator, api, {"state": "absent"})
    removed = run(emulator, api, {"state": "absent"})
    assert predicted is not None
    assert removed is not None
    assert (predicted.changed, removed.changed, stored(emulator)) == (was_there, was_there, None)
    assert (predicted.job, predicted.diff) == (removed.job, removed.diff)
    assert bool(removed.diff["before"]) is was_there
    again = run(emulator, api, {"state": "absent"})
    assert again is not None
    assert (again.changed, again.job, again.diff) == (False, {}, {"before": {}, "after": {}})
