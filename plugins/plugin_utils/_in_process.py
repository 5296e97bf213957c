# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: a task runs in ansible-core's own worker process, with the result that the module would give.

No module is transferred, no Python is started, and the items of a loop share a session. Where the worker is not the place where
the module would run, or not like it, the task is handed over to the module.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils import _task as task
from ..module_utils._api import deadline, transport
from ..module_utils._errors import OptionError
from ..module_utils._options import argument_spec
from . import _interpreter as interpreter
from . import _raw_options as raw_options
from ._sessions import session_for

# A variable of this name, false, has the module run.
SWITCH = "northflank_in_process"
# A shell takes these names only, and these prefixes are for an interpreter that starts.
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOR_AN_INTERPRETER = ("PYTHON", "LD_", "OPENSSL_")

display = Display()

if transport.HAS_REQUESTS:
    # ansible-core loads this file before it forks: what takes long to make is then there in each worker.
    deadline.default_ssl_context()


class InProcessAction(ActionBase):
    """The action plugin of a module of the same name. A subclass has the module's argument spec and its flow."""

    TRANSFERS_FILES = False
    _supports_async = True  # by the module

    spec: t.Callable[[], argument_spec.Spec]
    flow: task.Flow

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Carry the task out, here or by the module; the result is the same."""
        started = time.time()
        super().run(tmp, task_vars)
        variables = task_vars or {}
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        # For the module too, which gets them as JSON.
        wrong = task.join_problems(raw_options.find_problems(self._task.args), self._task.args)
        if wrong:
            return task.failure(wrong)
        options = _as_json(self._task.args)
        try:
            reason = self._reason_to_hand_over(variables, environment, options)
        except OptionError as error:
            return task.failure(str(error))
        way = f"runs as a module: {reason}" if reason else "runs in the ansible-playbook process"
        display.vvv(f"{self._task.action} {way}", host=variables.get("inventory_hostname"))
        if reason or options is None:
            arguments = {**self._task.args, **self._time_limit(started)}
            result: dict[str, t.Any] = self._execute_module(module_args=arguments, task_vars=variables, wrap_async=self._task.async_val)
            return result
        # ansible-core starts modules in the folder of the playbook, on a local connection: paths such as ca_path may be relative.
        with _in_environment({name: str(value) for name, value in environment.items()}), _in_folder(self._loader.get_basedir()):
            return self._carry_out(options, variables)

    def _time_limit(self, started: float) -> dict[str, t.Any]:
        """What tells the module when its task ends. An asynchronous module goes on, as it is asked to."""
        seconds = self._task.timeout
        if not seconds or self._task.async_val:
            return {}
        return {task.TIME_LIMIT: {"seconds": seconds, "ends": started + seconds if self._connection.transport == "local" else None}}

    def show_progress(self, text: str) -> None:
        """Show a line to whoever waits for the task, unless the task is not to show what it does.

        It goes to the standard error: the standard output is that of the callback plugin, which may write JSON there.
        """
        if not self._task.no_log:
            display.display(text, stderr=True)

    def _reason_to_hand_over(self, variables: t.Mapping[str, t.Any], environment: t.Mapping[str, t.Any], options: t.Any) -> str | None:
        """Why the module has to run, None if it has not. The cheap questions come first."""
        if self._task.async_val:
            return "the task is asynchronous"
        if self._connection.transport != "local":
            return f"the connection is {self._connection.transport}"
        if self._connection.become:
            return "the task uses become"
        if sys.platform == "darwin":
            return "on macOS a forked process cannot read the proxy settings of the system"
        if not transport.HAS_REQUESTS:
            return "the Python of ansible-playbook has no package requests"
        if not self._is_switched_on(variables):
            return f"{SWITCH} is false"
        chosen = interpreter.chosen(self, variables)
        if chosen:
            return f"{interpreter.VARIABLE} is {chosen}, not {sys.executable}"
        for name, value in environment.items():
            if name.startswith(_FOR_AN_INTERPRETER) or not _SHELL_NAME.fullmatch(name) or not _can_be_set(str(value)):
                return f"its environment contains {name!r}, which must be set before Python starts"
        if not os.access(self._loader.get_basedir(), os.X_OK):
            return "the ansible-playbook process cannot enter the folder of the playbook"
        if options is None:
            return "an option has a value that JSON cannot represent"
        return None

    def _is_switched_on(self, variables: t.Mapping[str, t.Any]) -> bool:
        value = self._templar.template(variables.get(SWITCH, True))
        try:
            switched_on: bool = boolean(value)
        except TypeError:
            raise OptionError(f"{SWITCH}: {value!r} is not a boolean") from None
        return switched_on

    def _carry_out(self, arguments: task.Options, variables: dict[str, t.Any]) -> task.Result:
        try:
            spec = self.spec()
            stated, wrong = task.check_options(arguments, spec)
            validated = ArgumentSpecValidator(spec).validate(stated)
            options = validated.validated_parameters
            wrong = wrong or "; ".join(validated.error_messages)
            # All that can fail comes before the task may write, so that no failure costs a result that tells of a write.
            invocation = {"invocation": task.describe_invocation(options, spec)} if self._shows_invocation(variables) else {}
            warnings: list[str] = []
            if wrong:
                result = task.failure(wrong)
            else:
                result, warnings = task.run_flow(self.flow, options, self._task.check_mode, self._task.diff, session_for)
            if warnings:
                result["warnings"] = warnings
            return {**result, **invocation}
        except Exception as error:  # told without its text, which may hold a secret
            return task.failure(task.internal_error(error))

    def _shows_invocation(self, variables: dict[str, t.Any]) -> bool:
        """Whether modules return it: up to ansible-core 2.20 all do, later ones where they are told to."""
        told: dict[str, t.Any] = {}
        self._update_module_args(self._task.action, told, variables)
        return bool(told.get("_ansible_inject_invocation", True))


def _as_json(arguments: t.Mapping[str, t.Any]) -> task.Options | None:
    """The options as a module gets them, in plain types: vaulted, tagged and unsafe texts are no str. None if they cannot be."""
    try:
        options = json.loads(json.dumps(arguments, **raw_options.encoding()))
    except (TypeError, ValueError, RecursionError):
        return None
    return {name: value for name, value in options.items() if not name.startswith("_ansible_")}


@contextlib.contextmanager
def _in_environment(variables: t.Mapping[str, str]) -> t.Iterator[None]:
    """Set variables of this process's environment, and bring back what was there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _can_be_set(value: str) -> bool:
    """Whether an environment variable can have this value."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


@contextlib.contextmanager
def _in_folder(folder: str) -> t.Iterator[None]:
    """Work in a folder, and go back: but not to one that is gone, or that may not be entered again."""
    try:
        before = os.getcwd()
    except OSError:
        before = folder
    os.chdir(folder)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.chdir(before)
