# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that starts a run of a job and waits for its end.

run-job, once: it is not repeated when it may have arrived -> get-run-details until the run has ended or the time is over -> of a
run that failed the last lines of its log.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import NorthflankError
from .._job import fields, paths, state, values
from . import watch as watches
from .watch import Progress, Run, Watch

SUCCESS = "SUCCESS"

# What the result shows of a run, by the names of the answer of get-run-details.
_RESULT_KEYS = {
    "runName": "run_name",
    "status": "status",
    "concluded": "concluded",
    "active": "active",
    "succeeded": "succeeded",
    "failed": "failed",
    "completions": "completions",
    "backoffLimit": "backoff_limit",
    "startedAt": "started_at",
    "concludedAt": "concluded_at",
}


class RunError(NorthflankError):
    """A run was started, and did not end as it should, or nobody knows how it ended."""


@dataclass
class RunResult:
    """What came of the run, or would come of it in check mode."""

    msg: str
    target: Target
    run: Run = field(default_factory=dict)
    log: list[str] | None = None
    warnings: list[str] = field(default_factory=list)

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, its warnings aside. There is never a diff."""
        return {"msg": self.msg, **_run_result(self.target, self.run, self.log)}


def run_job(client: Client, options: t.Mapping[str, t.Any], check_mode: bool, progress: Progress = lambda text: None) -> RunResult:
    """Start a run by the validated options of northflank_manual_job_run; progress shows a line while the task waits.

    :raises OptionError: if a limit cannot be used; no run was started.
    :raises ApiError: if the API refuses to start a run; with a status from 500 on, the run may have started.
    :raises TransportError: if no usable answer comes; its text says whether the run may have started.
    :raises RunError: of a run that was started: if it failed, outlasts the time, or cannot be watched.
    """
    watches.check_limits(options)
    overrides = state.from_options(options, fields.RUN_FIELDS)
    client.secrets.add(*state.secret_texts(overrides))
    target = Target(options["project_id"], options["job_id"])
    job = f"the job {target.job_id} of the project {target.project_id}"
    if check_mode:
        client.fetch(operations.GET_JOB, target)
        return RunResult(f"Would start a run of {job}.", target)
    run: Run = client.fetch(operations.RUN_JOB, target, build_body(overrides))
    target = target._replace(run_id=str(run["id"]))
    client.done = _run_result(target, run, None)
    if not options["wait"]:
        return RunResult(f"Started the run {run['id']} of {job}.", target, run)
    watch = Watch(client, target, options, run, progress)
    try:
        ended = watch.until_end()
    except NorthflankError as error:
        text = f"Started the run {run['id']} of {job}, but cannot tell how it ended, and did not abort it: {error}{_known_before(watch)}"
        raise _failure(text, watch, error) from None
    if not ended:
        _handle_timeout(client, options, watch, job)
    status = watches.status_of(watch.run)
    if not status:
        text = f"The run {run['id']} of {job} ended, but the API does not show with which status. Look at it in Northflank's dashboard."
        raise _failure(f"{text} {_log_of(options, watch)}", watch)
    if status != SUCCESS:
        raise _failure(f"The run {run['id']} of {job} ended with the status {status}. {_log_of(options, watch)}", watch)
    msg = f"The run {run['id']} of {job} ended with the status {SUCCESS} after {watch.elapsed}."
    return RunResult(msg, target, watch.run, watch.log, [*watch.warnings, *watch.log_problems])


def build_body(overrides: state.JobState) -> dict[str, t.Any] | None:
    """The body of run-job that has a run differ so from the job; None if it does not."""
    result: dict[str, t.Any] = {}
    for row in fields.RUN_FIELDS:
        if row.path in overrides:
            paths.put(result, row.path, values.to_wire(row, overrides[row.path]))
    return result or None


def _handle_timeout(client: Client, options: t.Mapping[str, t.Any], watch: Watch, job: str) -> None:
    """What is due when the time is over. It returns only if the run has just ended.

    :raises RunError: if it has not.
    """
    text = f"The run {watch.target.run_id} of {job} has not ended within {options['wait_timeout']:g} seconds (wait_timeout)."
    if not options["abort_on_timeout"]:
        goes_on = f"It was not aborted. The last look at it failed: {watch.last_error}{_known_before(watch)}" if watch.last_error else ""
        raise _failure(f"{text} {goes_on or f'It goes on; {_last_status(watch)}.'} {_log_of(options, watch)}", watch)
    try:
        client.fetch(operations.ABORT_RUN, watch.target, wait_for_quota=False)
        text = f"{text} The API has taken the request to abort it (abort_on_timeout)."
    except NorthflankError as error:
        text = f"{text} To abort it failed (abort_on_timeout): {error}"
    try:
        watch.poll()
    except NorthflankError as error:
        text = f"{text} Its status is not known: {error}{_known_before(watch)}"
    # Between the last look and this one it may have ended by itself.
    if not (watches.has_ended(watch.run) and watches.status_of(watch.run) == SUCCESS):
        raise _failure(f"{text} {_log_of(options, watch)}", watch)


def _last_status(watch: Watch) -> str:
    """What is known of the status of a run that goes on."""
    status = watches.status_of(watch.run)
    return f"its status was {status} {watch.age}".rstrip() if status else "no answer has shown its status"


def _known_before(watch: Watch) -> str:
    """The same as a sentence that follows an error, nothing if there is nothing to know."""
    return f" I{_last_status(watch)[1:]}." if watches.status_of(watch.run) else ""


def _log_of(options: t.Mapping[str, t.Any], watch: Watch) -> str:
    """The last lines of a run's log, for a message."""
    count = options["log_lines"]
    if not count:
        return ""
    try:
        lines = watch.last_lines(count)
    except NorthflankError as error:
        return f"Its log cannot be read: {error}"
    return "\n".join(["The last lines of its log:", *lines]) if lines else "Its log holds no lines."


def _failure(text: str, watch: Watch, cause: NorthflankError | None = None) -> RunError:
    error = RunError(text.rstrip(), **_run_result(watch.target, watch.run, watch.log), **(cause.shown if cause else {}))
    error.warnings += [*watch.warnings, *watch.log_problems]
    return error


def _run_result(target: Target, run: Run, log: list[str] | None) -> dict[str, t.Any]:
    """The changed, run and log of a result."""
    shown = {name: run[answered] for answered, name in _RESULT_KEYS.items() if run.get(answered) not in (None, "")}
    ids = {"project_id": target.project_id, "job_id": target.job_id, **({"id": target.run_id} if target.run_id else {})}
    return {
        "changed": True,
        "run": {**ids, **shown},
        **({} if log is None else {"log": log}),
    }
