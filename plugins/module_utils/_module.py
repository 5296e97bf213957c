# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules share: an AnsibleModule that keeps secrets by structure, and a task's way through it."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _task as task
from ._api import transport
from ._options import argument_spec


class NorthflankModule(AnsibleModule):
    """An AnsibleModule whose log, "invocation" and argument errors hold no secret, and name an option by its whole path."""

    params: dict[str, t.Any]
    # How long the task goes on, None if that has no end.
    seconds_left: float | None = None

    def __init__(self, spec: argument_spec.Spec) -> None:
        self._wrong: str | None = None
        super().__init__(argument_spec=spec, supports_check_mode=True)
        if self._wrong:
            self.fail_json(msg=self._wrong)

    def _load_params(self) -> None:
        super()._load_params()
        limit = self.params.get(task.TIME_LIMIT)
        # One that a user has stated stays, and is told as an option that does not exist.
        if isinstance(limit, dict) and set(limit) == {"seconds", "ends"}:
            del self.params[task.TIME_LIMIT]
            self.seconds_left = limit["seconds"] if limit["ends"] is None else limit["ends"] - time.time()
        self.params, self._wrong = task.check_options(self.params, self.argument_spec)

    def _log_invocation(self) -> None:
        self.log(f"Invoked with {', '.join(sorted(name for name, value in self.params.items() if value is not None))}")

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail, with an "invocation" that is free of secrets. What is wrong with the options takes the place of what ansible-core says."""
        shown = kwargs.pop("invocation", None) or task.describe_invocation(self.params, self.argument_spec)
        super().fail_json(msg=self._wrong or msg, invocation=shown, **kwargs)


def run(spec: argument_spec.Spec, flow: task.Flow) -> None:
    """Run a module: options in, one JSON result out."""
    module = NorthflankModule(spec)
    if not transport.HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"))
    session_for = functools.partial(transport.Session, task_seconds=module.seconds_left)
    # All that can fail comes before the task may write, so that no failure costs a result that tells of a write.
    invocation = task.describe_invocation(module.params, module.argument_spec)
    result, warnings = task.run_flow(flow, module.params, module.check_mode, module._diff, session_for)
    for warning in warnings:
        module.warn(warning)
    # Outside of all handlers of exceptions, where ansible-core would add a traceback to a failure.
    if result.pop("failed", False):
        module.fail_json(invocation=invocation, **result)
    module.exit_json(invocation=invocation, **result)
