# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules share: an AnsibleModule whose output contains no secret, and the function that runs it."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _task as task
from ._api import transport
from ._options import argument_spec


class NorthflankModule(AnsibleModule):
    """An AnsibleModule whose log, "invocation" and option errors contain no secret, and name each option with its whole path."""

    params: dict[str, t.Any]
    # The seconds until the time-out of the task, None if it has none.
    seconds_left: float | None = None

    def __init__(self, spec: argument_spec.Spec) -> None:
        self._options_problem: str | None = None
        super().__init__(argument_spec=spec, supports_check_mode=True)
        if self._options_problem:
            self.fail_json(msg=self._options_problem)

    def _load_params(self) -> None:
        super()._load_params()
        time_limit = self.params.get(task.TIME_LIMIT)
        # An option of this name that a user sets stays, and is reported as unknown.
        if isinstance(time_limit, dict) and set(time_limit) == {"seconds", "ends"}:
            del self.params[task.TIME_LIMIT]
            self.seconds_left = time_limit["seconds"] if time_limit["ends"] is None else time_limit["ends"] - time.time()
        self.params, self._options_problem = task.check_options(self.params, self.argument_spec)

    def _log_invocation(self) -> None:
        self.log(f"Invoked with {', '.join(sorted(name for name, value in self.params.items() if value is not None))}")

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail with an "invocation" without secrets. The message about the options replaces that of ansible-core."""
        shown = kwargs.pop("invocation", None) or task.describe_invocation(self.params, self.argument_spec)
        super().fail_json(msg=self._options_problem or msg, invocation=shown, **kwargs)


def run(spec: argument_spec.Spec, flow: task.Flow) -> None:
    """Run a module: options in, one JSON result out."""
    module = NorthflankModule(spec)
    if not transport.HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"))
    session_for = functools.partial(transport.Session, task_seconds=module.seconds_left)
    # Everything that can fail comes before the write, so that no failure hides the result of a write.
    invocation = task.describe_invocation(module.params, module.argument_spec)
    result, warnings = task.run_flow(flow, module.params, module.check_mode, module._diff, session_for)
    for warning in warnings:
        module.warn(warning)
    # Outside of all exception handlers, in which ansible-core would add a traceback to the failure.
    if result.pop("failed", False):
        module.fail_json(invocation=invocation, **result)
    module.exit_json(invocation=invocation, **result)
