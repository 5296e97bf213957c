# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task from its options to its result: the messages of failures, and that no output contains the token."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils import _task as task
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._errors import StateError
from ansible_collections.northflank.cloud.plugins.module_utils._flows.reconcile import reconcile
from ansible_collections.northflank.cloud.plugins.module_utils._flows.run import run_job
from ansible_collections.northflank.cloud.plugins.module_utils._job import state
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import manual_job_spec, run_spec
from harness.client_data import IDS, TOKEN
from harness.flow_properties import validated


@pytest.fixture(name="result_of")
def result_of_a_flow(emulator: t.Any) -> t.Iterator[t.Callable[..., task.Result]]:
    """result_of(flow, **options) is the result of a task on the emulator's job."""
    sessions: list[Session] = []

    def result(flow: task.Flow, **options: t.Any) -> task.Result:
        def session_for(connection: t.Any) -> Session:
            sessions.append(Session(connection))
            return sessions[-1]

        stated = validated(api_url=emulator.url, **{"api_token": TOKEN, **options})
        return task.run_flow(flow, stated, False, False, session_for)[0]

    yield result
    for session in sessions:
        session.close()


def failing_with(error: Exception) -> task.Flow:
    """A flow that raises an error."""

    def flow(client: t.Any, options: t.Any, check_mode: bool) -> t.NoReturn:
        raise error

    return flow


def test_an_expected_failure_has_its_own_message(result_of):
    result = result_of(failing_with(StateError("The job is a cron job.")))
    expected = "The job is a cron job (job example-job of the project default-project)."
    assert (result["failed"], result["msg"], result["api"]["requests"]) == (True, expected, 0)


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/projects/default-project/jobs/example-job: 404 Not Found: No.",
        "The run 1 of the job example-job of the project default-project ended.",
    ],
)
def test_a_failure_that_names_the_job_names_it_once(result_of, text):
    assert result_of(failing_with(StateError(text)))["msg"] == text


def test_problems_of_options_name_the_job_or_the_project_if_they_are_text():
    spec = manual_job_spec()
    for ids, end in [
        ({"project_id": "a", "job_id": "b"}, " (job b of the project a)."),
        ({"project_id": "a"}, " (the project a)."),
        ({"project_id": ["a"], "job_id": "b"}, "."),
        ({"project_id": "a", "job_id": 5}, "."),
    ]:
        wrong = task.check_options({**ids, "tags": 5}, spec)[1]
        assert wrong.endswith(end) and re.sub(r"\(\d\) ", "", wrong).count("(") == end.count("(")


@pytest.mark.parametrize(
    "ids, end",
    [
        ({"project_id": "a", "job_id": "b"}, " (job b of the project a)."),
        ({"project_id": "a"}, " (the project a)."),
        ({}, ""),
    ],
)
def test_problems_of_options_end_with_one_mark(ids, end):
    question, statement = "x: unknown option. Did you mean y?", "z: is required"
    assert task.join_problems([question], ids) == f"A problem with the options: {question}{end}"
    assert task.join_problems([statement], ids) == f"A problem with the options: {statement}{end or '.'}"
    assert task.join_problems([question, statement], ids) == f"2 problems with the options: (1) {question} (2) {statement}{end or '.'}"
    assert task.join_problems([statement, question], ids) == f"2 problems with the options: (1) {statement}. (2) {question}{end}"
    assert task.join_problems([], ids) is None


def test_any_other_error_is_reported_by_its_place_without_its_text(result_of):
    result = result_of(failing_with(KeyError("S3cret")))
    assert (result["failed"], "S3cret" in result["msg"]) == (True, False)
    assert result["msg"].startswith("An internal error of the collection northflank.cloud: KeyError in test_task.py, line ")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_process_is_let_through(result_of, error):
    with pytest.raises(error):
        result_of(failing_with(error()))


def test_options_that_cannot_be_used_are_a_failure_without_requests(result_of):
    result = result_of(reconcile, timeout=0)
    assert (result["failed"], "api" in result) == (True, False)
    assert result["msg"].startswith("timeout: 0")


def test_a_token_that_the_job_repeats_is_masked(result_of, emulator):
    emulator.add_job(IDS["project_id"], IDS["job_id"], {"description": f"By {TOKEN}, see there", "tags": [TOKEN]})
    job = result_of(reconcile, **IDS)["job"]
    assert (job["description"], job["tags"]) == ("By ********, see there", ["********"])


def test_a_token_that_the_task_repeats_is_masked_in_problems_and_invocation():
    spec = manual_job_spec()
    options = {**IDS, "api_token": TOKEN, "description": TOKEN, "backoff_limit": f"as {TOKEN} says"}
    stated, wrong = task.check_options(options, spec)
    assert 'backoff_limit: "as ******** says" is not an integer' in wrong
    assert task.describe_invocation(stated, spec)["module_args"]["description"] == "********"


def test_a_short_token_masks_nothing(result_of, emulator):
    emulator.add_token("ok")
    emulator.add_job(IDS["project_id"], IDS["job_id"], {"description": "all ok"})
    assert result_of(reconcile, api_token="ok", **IDS)["job"]["description"] == "all ok"


class TestAWriteThatWasDone:
    """It is reported, whatever fails after it. Without "changed", the next run would do it again."""

    DONE: t.ClassVar = {"changed": True, "run": {"id": "run-1"}}

    class Unshowable:
        """The result of a flow, which cannot be shown."""

        warnings: t.ClassVar[list[str]] = []

        def to_result(self, diff_mode: bool) -> task.Result:
            raise RecursionError("S3cret")

    def flow(self, error: Exception | None) -> task.Flow:
        """A flow that has written, and then fails, or shows nothing."""

        def flow(client: t.Any, options: t.Any, check_mode: bool) -> t.Any:
            client.result_of_write = self.DONE
            if error:
                raise error
            return self.Unshowable()

        return flow

    @pytest.mark.parametrize("error", [KeyError("S3cret"), OSError("S3cret"), None])
    def test_an_error_of_the_collection_is_reported(self, result_of, error):
        result = result_of(self.flow(error))
        assert {**result, **self.DONE, "failed": True} == result
        assert "S3cret" not in result["msg"] and result["msg"].endswith(" The write before this error succeeded.")

    def test_an_expected_failure_is_reported(self, result_of):
        result = result_of(self.flow(StateError("The run failed.", log=["No"])))
        assert {
            **result,
            **self.DONE,
            "failed": True,
            "msg": "The run failed (job example-job of the project default-project).",
            "log": ["No"],
        } == result

    def test_a_result_that_cannot_be_masked_is_reported(self, result_of, monkeypatch):
        def without(value, token):
            raise RecursionError

        monkeypatch.setattr(task, "replace_everywhere", without)
        result = result_of(self.flow(StateError("The run failed.")))
        assert {**result, **self.DONE, "failed": True} == result

    def test_a_patch_is_noted_at_once(self, result_of, emulator, monkeypatch):
        def fail(*arguments, **named):
            raise ZeroDivisionError

        monkeypatch.setattr(state, "from_patch", fail)
        result = result_of(reconcile, **IDS, description="New")
        assert (result["failed"], result["changed"], result["changed_fields"]) == (True, True, ["description"])
        assert emulator.job(IDS["project_id"], IDS["job_id"])["description"] == "New"

    def test_a_run_is_noted_at_once(self, result_of, emulator):
        def fail(text):
            raise ZeroDivisionError

        def flow(client: t.Any, options: t.Any, check_mode: bool) -> t.Any:
            limits = {name: rule["default"] for name, rule in run_spec().items() if "default" in rule}
            return run_job(client, {**options, **limits}, check_mode, progress=fail)

        result = result_of(flow, **IDS)
        (run,) = emulator.runs_of(*IDS.values())
        assert (result["failed"], result["changed"], result["run"]["id"]) == (True, True, run.id)
