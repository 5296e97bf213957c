# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task from its options to its result, the same for a module and in process.

Only here, failures become results. How options arrive and results leave is in _module.py and in plugin_utils/_in_process.py.
"""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

from ._api import settings
from ._api.client import Client
from ._api.masking import Secrets, is_distinctive, replace_everywhere
from ._api.transport import Session
from ._errors import NorthflankError
from ._options import argument_spec, invocation, validate

Options = t.Dict[str, t.Any]
Result = t.Dict[str, t.Any]
# The option by which a module gets the keyword timeout of its task: {seconds, ends}. ansible-core ends the task then, but not the module.
# "ends" is a time of the clock of the control node, None if the module runs on another host.
TIME_LIMIT = "_northflank_time_limit"
SessionFor = t.Callable[[settings.ConnectionSettings], Session]


class FlowResult(t.Protocol):
    """What a flow returns: the result of the module, and its warnings."""

    warnings: list[str]

    def to_result(self, diff_mode: bool) -> Result:
        """The result without the warnings."""


Flow = t.Callable[[Client, t.Mapping[str, t.Any], bool], FlowResult]


def check_options(options: Options, spec: argument_spec.Spec) -> tuple[Options, str | None]:
    """The options that a task sets, without those that are null, and the message about what is wrong with them, None if nothing is.

    If the token is too short to be distinguished from ordinary text, this removes no_log of the token from the spec.
    """
    try:
        stated = validate.drop_nulls(options, spec)
        problem = _mask_token(join_problems(validate.validate_options(stated, spec), stated), stated)
        if problem:
            stated = validate.drop_malformed(stated, spec)
    except Exception as error:  # reported without its text, which may contain a secret
        stated, problem = options, internal_error(error)
    # ansible-core masks the values of no_log options at any place: for a token such as "ok", parts of any result.
    # Like the secret maps, such a short token is only left out of the keys that would contain it.
    if not is_distinctive(_token(stated)):
        spec["api_token"]["no_log"] = False
    return stated, problem


def run_flow(flow: Flow, options: Options, check_mode: bool, diff_mode: bool, session_for: SessionFor) -> tuple[Result, list[str]]:
    """The result of a task with validated options, and its warnings. A failure has "failed" and "msg".

    Both have "api". A failure by an error of the API has "error". A failure after a write has the keys about the write, too.
    """
    warnings: list[str] = []
    client = None
    try:
        connection = settings.from_options(options)
        if connection.warning:
            warnings.append(connection.warning)
        client = Client(session_for(connection), Secrets(connection.token))
        flow_result = flow(client, options, check_mode)
        warnings += [_append_job_name(warning, options) for warning in flow_result.warnings]
        result = flow_result.to_result(diff_mode)
    except NorthflankError as error:
        result = failure(_append_job_name(str(error), options), **{**_result_of_write(client), **error.shown})
        warnings += [_append_job_name(warning, options) for warning in error.warnings]
    except Exception as error:  # reported without its text, which may contain a secret
        result = _internal_failure(error, client)
    if client is not None:
        result["api"] = client.report()
    try:
        return _mask_token(result, options), _mask_token(warnings, options)
    except Exception as error:
        return _internal_failure(error, client), []


def _internal_failure(error: Exception, client: Client | None) -> Result:
    done = _result_of_write(client)
    return failure(f"{internal_error(error)}{' The write before this error succeeded.' if done else ''}", **done)


def _result_of_write(client: Client | None) -> Result:
    """The keys of the result about what the task has written, empty if it has written nothing."""
    return client.result_of_write if client is not None else {}


def describe_invocation(options: Options, spec: argument_spec.Spec) -> dict[str, t.Any]:
    """The "invocation" of a result, without secrets: {module_args}."""
    return {"module_args": _mask_token(invocation.hide_secrets(options, spec), options)}


def join_problems(problems: list[str], options: t.Mapping[str, t.Any]) -> str | None:
    """Problems of these options in one message, None if there are none."""
    if not problems:
        return None
    if len(problems) == 1:
        return _append_job_name(f"A problem with the options: {_end_sentence(problems[0])}", options)
    listed = " ".join(f"({number}) {_end_sentence(problem)}" for number, problem in enumerate(problems, 1))
    return _append_job_name(f"{len(problems)} problems with the options: {listed}", options)


def _end_sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _append_job_name(text: str, options: t.Mapping[str, t.Any]) -> str:
    """A message with the name of its job, because ansible-core shows equal warnings of a loop only once."""
    project_id, job_id = options.get("project_id"), options.get("job_id")
    if not isinstance(project_id, str) or not isinstance(job_id, (str, type(None))):
        return text
    named = f"job {job_id} of the project {project_id}" if job_id else f"the project {project_id}"
    if named in text or f"/projects/{project_id}/" in text:
        return text
    return f"{text.removesuffix('.')} ({named})."


def failure(msg: str, **rest: t.Any) -> Result:
    """The result of a task that failed."""
    return {"failed": True, "msg": msg, **rest}


def internal_error(error: Exception) -> str:
    """The message for an internal error: where it happened. It does not contain its text, which may contain a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"An internal error of the collection northflank.cloud: {type(error).__name__} in {os.path.basename(frame.filename)}, "
        f"line {frame.lineno}. Report it with the versions of the collection, ansible-core and Python."
    )


def _mask_token(value: t.Any, options: Options) -> t.Any:
    """A value with the token masked where the job or the task repeats it, as ansible-core does for modules."""
    token = _token(options)
    return replace_everywhere(value, token) if is_distinctive(token) else value


def _token(options: Options) -> str:
    try:
        return str(options.get("api_token") or argument_spec.first_set(*settings.TOKEN_VARIABLES))
    except AnsibleFallbackNotFound:
        return ""
