# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: a task runs in the ansible-playbook process, with the same result as by the module.

No module is transferred, no Python is started, and the items of a loop share a session. If the module would run in another place or in
another environment, the module does the task.
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

# If the variable of this name is false, the module does the task.
IN_PROCESS_VARIABLE = "northflank_in_process"
# The names that a shell allows, and the prefixes of variables that Python reads when it starts.
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INTERPRETER_PREFIXES = ("PYTHON", "LD_", "OPENSSL_")

display = Display()

if transport.HAS_REQUESTS:
    # ansible-core loads this file before it forks, so each worker gets the context, which takes long to create.
    deadline.default_ssl_context()


class InProcessAction(ActionBase):
    """The action plugin of a module of the same name. A subclass has the module's argument spec and its flow."""

    TRANSFERS_FILES = False
    _supports_async = True  # by the module

    spec: t.Callable[[], argument_spec.Spec]
    flow: task.Flow

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task in process or by the module. The result is the same."""
        started = time.time()
        super().run(tmp, task_vars)
        variables = task_vars or {}
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        # Before the module, too, because the module gets the options as JSON.
        problem = task.join_problems(raw_options.find_problems(self._task.args), self._task.args)
        if problem:
            return task.failure(problem)
        options = _to_plain_types(self._task.args)
        try:
            reason = self._reason_to_use_module(variables, environment, options)
        except OptionError as error:
            return task.failure(str(error))
        how = f"runs as a module: {reason}" if reason else "runs in the ansible-playbook process"
        display.vvv(f"{self._task.action} {how}", host=variables.get("inventory_hostname"))
        if reason or options is None:
            arguments = {**self._task.args, **self._time_limit(started)}
            result: dict[str, t.Any] = self._execute_module(module_args=arguments, task_vars=variables, wrap_async=self._task.async_val)
            return result
        # On a local connection, ansible-core starts modules in the folder of the playbook. Paths such as ca_path may be relative to it.
        with _set_environment({name: str(value) for name, value in environment.items()}), _change_folder(self._loader.get_basedir()):
            return self._run_in_process(options, variables)

    def _time_limit(self, started: float) -> dict[str, t.Any]:
        """The option with the time-out of the task for the module, empty if there is none. An asynchronous module has none."""
        seconds = self._task.timeout
        if not seconds or self._task.async_val:
            return {}
        return {task.TIME_LIMIT: {"seconds": seconds, "ends": started + seconds if self._connection.transport == "local" else None}}

    def show_progress(self, text: str) -> None:
        """Show a line about the progress of the task, unless the task has no_log.

        The line goes to the standard error, because the callback plugin may write JSON to the standard output.
        """
        if not self._task.no_log:
            display.display(text, stderr=True)

    def _reason_to_use_module(self, variables: t.Mapping[str, t.Any], environment: t.Mapping[str, t.Any], options: t.Any) -> str | None:
        """Why the module must do the task, None if the task can run in process. The fast checks come first."""
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
        if not self._is_in_process_enabled(variables):
            return f"{IN_PROCESS_VARIABLE} is false"
        explicit_interpreter = interpreter.find_explicit_interpreter(self, variables)
        if explicit_interpreter:
            return f"{interpreter.VARIABLE} is {explicit_interpreter}, not {sys.executable}"
        for name, value in environment.items():
            if name.startswith(_INTERPRETER_PREFIXES) or not _VARIABLE_NAME.fullmatch(name) or not _is_valid_in_environment(str(value)):
                return f"its environment contains {name!r}, which must be set before Python starts"
        if not os.access(self._loader.get_basedir(), os.X_OK):
            return "the ansible-playbook process cannot enter the folder of the playbook"
        if options is None:
            return "an option has a value that JSON cannot represent"
        return None

    def _is_in_process_enabled(self, variables: t.Mapping[str, t.Any]) -> bool:
        value = self._templar.template(variables.get(IN_PROCESS_VARIABLE, True))
        try:
            is_enabled: bool = boolean(value)
        except TypeError:
            raise OptionError(f"{IN_PROCESS_VARIABLE}: {value!r} is not a boolean") from None
        return is_enabled

    def _run_in_process(self, arguments: task.Options, variables: dict[str, t.Any]) -> task.Result:
        try:
            spec = self.spec()
            stated, problem = task.check_options(arguments, spec)
            validated = ArgumentSpecValidator(spec).validate(stated)
            options = validated.validated_parameters
            problem = problem or "; ".join(validated.error_messages)
            # Everything that can fail comes before the write, so that no failure hides the result of a write.
            invocation = {"invocation": task.describe_invocation(options, spec)} if self._returns_invocation(variables) else {}
            warnings: list[str] = []
            if problem:
                result = task.failure(problem)
            else:
                result, warnings = task.run_flow(self.flow, options, self._task.check_mode, self._task.diff, session_for)
            if warnings:
                result["warnings"] = warnings
            return {**result, **invocation}
        except Exception as error:  # reported without its text, which may contain a secret
            return task.failure(task.internal_error(error))

    def _returns_invocation(self, variables: dict[str, t.Any]) -> bool:
        """Whether modules return "invocation". Up to ansible-core 2.20 all do, later ones only if a setting enables it."""
        module_arguments: dict[str, t.Any] = {}
        self._update_module_args(self._task.action, module_arguments, variables)
        return bool(module_arguments.get("_ansible_inject_invocation", True))


def _to_plain_types(arguments: t.Mapping[str, t.Any]) -> task.Options | None:
    """The options as a module gets them, in plain types, not as vaulted, tagged or unsafe text. None if JSON cannot represent them."""
    try:
        options = json.loads(json.dumps(arguments, **raw_options.json_encoding()))
    except (TypeError, ValueError, RecursionError):
        return None
    return {name: value for name, value in options.items() if not name.startswith("_ansible_")}


@contextlib.contextmanager
def _set_environment(variables: t.Mapping[str, str]) -> t.Iterator[None]:
    """Set environment variables of this process, and restore the earlier ones."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _is_valid_in_environment(value: str) -> bool:
    """Whether an environment variable can have this value."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


@contextlib.contextmanager
def _change_folder(folder: str) -> t.Iterator[None]:
    """Change to a folder, and back, unless the earlier folder no longer exists or cannot be entered."""
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
