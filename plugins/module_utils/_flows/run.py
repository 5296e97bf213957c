# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow that starts a run of a job and waits for its end.

1. run-job, without a retry if the API may have received the request.
2. get-run-details, until the run has ended or wait_timeout seconds have passed.
3. get-job-logs, for the last lines of the log of a failed run.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import NorthflankError, format_seconds
from .._job import fields, paths, state, values
from . import watch as watches
from .watch import Progress, Run, Watch

SUCCESS = "SUCCESS"

# The members of the response of get-run-details that the result contains, and their names in the result.
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
    """A run was started, and it did not succeed, or its end is unknown."""


@dataclass
class RunResult:
    """The result of a started run, or the prediction in check mode. log is None if no log was read."""

    msg: str
    target: Target
    run: Run = field(default_factory=dict)
    log: list[str] | None = None
    warnings: list[str] = field(default_factory=list)

    def to_result(self, diff_mode: bool) -> dict[str, t.Any]:
        """The result as the module returns it, without warnings. It never contains a diff."""
        return {"msg": self.msg, **_run_result(self.target, self.run, self.log)}


def run_job(client: Client, options: t.Mapping[str, t.Any], check_mode: bool, progress: Progress = lambda text: None) -> RunResult:
    """Start a run by the validated options of northflank_manual_job_run. The task calls progress with each progress line while it waits.

    :raises OptionError: if a limit cannot be used; no run was started.
    :raises ApiError: if the API refuses to start a run; with a status from 500 on, the run may have started.
    :raises TransportError: if there is no usable response; its text contains whether the run may have started.
    :raises RunError: if a started run failed, did not end in time, or cannot be polled.
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
    client.result_of_write = _run_result(target, run, None)
    if not options["wait"]:
        return RunResult(f"Started the run {run['id']} of {job}.", target, run)
    watch = Watch(client, target, options, run, progress)
    try:
        has_ended = watch.wait_for_end()
    except NorthflankError as error:
        text = f"Started the run {run['id']} of {job}, but its status cannot be read, and it was not aborted: {error} {_describe_known_status(watch)}"
        raise _make_error(text, watch, error) from None
    if not has_ended:
        _require_end_at_timeout(client, options, watch, job)
    status = watches.read_status(watch.run)
    if not status:
        text = f"The run {run['id']} of {job} ended, but the API did not return its status. Check the run in Northflank's dashboard."
        raise _make_error(f"{text} {_describe_log(options, watch)}", watch)
    if status != SUCCESS:
        raise _make_error(f"The run {run['id']} of {job} ended with the status {status}. {_describe_log(options, watch)}", watch)
    msg = f"The run {run['id']} of {job} ended with the status {SUCCESS} after {watch.elapsed}."
    return RunResult(msg, target, watch.run, watch.log, [*watch.warnings, *watch.log_problems])


def build_body(overrides: state.JobState) -> dict[str, t.Any] | None:
    """The body of run-job with the overrides of this run, None if there are none."""
    result: dict[str, t.Any] = {}
    for row in fields.RUN_FIELDS:
        if row.path in overrides:
            paths.put(result, row.path, values.to_wire(row, overrides[row.path]))
    return result or None


def _require_end_at_timeout(client: Client, options: t.Mapping[str, t.Any], watch: Watch, job: str) -> None:
    """Abort the run after wait_timeout seconds if abort_on_timeout is set. Return only if the run has just succeeded.

    :raises RunError: if it has not.
    """
    text = f"The run {watch.target.run_id} of {job} has not ended within {format_seconds(options['wait_timeout'])} (wait_timeout)."
    if not options["abort_on_timeout"]:
        poll = f"The last poll failed: {watch.last_error} " if watch.last_error else ""
        status = _describe_known_status(watch) or ("" if watch.last_error else "No response has contained its status.")
        raise _make_error(f"{text} It was not aborted. {poll}{status}".rstrip() + f" {_describe_log(options, watch)}", watch)
    try:
        client.fetch(operations.ABORT_RUN, watch.target, wait_for_quota=False)
        text = f"{text} The API accepted the request to abort it (abort_on_timeout)."
    except NorthflankError as error:
        text = f"{text} The request to abort it failed (abort_on_timeout), so it may continue: {error}"
    try:
        watch.poll()
    except NorthflankError as error:
        text = f"{text} Its status is unknown: {error} {_describe_known_status(watch)}".rstrip()
    # The run may have ended by itself since the previous poll.
    if not (watches.has_ended(watch.run) and watches.read_status(watch.run) == SUCCESS):
        raise _make_error(f"{text} {_describe_log(options, watch)}", watch)


def _describe_known_status(watch: Watch) -> str:
    """The last known status and, if polls have failed since then, its age. "" if no response contained a status."""
    status = watches.read_status(watch.run)
    if not status:
        return ""
    if not watch.last_error:
        return f"Its last known status is {status}."
    return f"Its status was {status} {format_seconds(round(watch.seconds_since_update))} ago. Each poll since then failed."


def _describe_log(options: t.Mapping[str, t.Any], watch: Watch) -> str:
    """The last lines of the log, or why it cannot be read, as text for a message. "" if log_lines is 0."""
    count = options["log_lines"]
    if not count:
        return ""
    try:
        lines = watch.last_lines(count)
    except NorthflankError as error:
        return f"Its log cannot be read: {error}"
    return "\n".join(["The last lines of its log:", *lines]) if lines else "Its log contains no lines."


def _make_error(text: str, watch: Watch, cause: NorthflankError | None = None) -> RunError:
    error = RunError(text.rstrip(), **_run_result(watch.target, watch.run, watch.log), **(cause.shown if cause else {}))
    error.warnings += [*watch.warnings, *watch.log_problems]
    return error


def _run_result(target: Target, run: Run, log: list[str] | None) -> dict[str, t.Any]:
    """The members changed, run and log of a result."""
    members = {name: run[api_name] for api_name, name in _RESULT_KEYS.items() if run.get(api_name) not in (None, "")}
    ids = {"project_id": target.project_id, "job_id": target.job_id, **({"id": target.run_id} if target.run_id else {})}
    return {
        "changed": True,
        "run": {**ids, **members},
        **({} if log is None else {"log": log}),
    }
