# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds out whether a task sets another Python interpreter."""

from __future__ import annotations

import os
import re
import sys
import typing as t

from ansible.plugins.action import ActionBase

VARIABLE = "ansible_python_interpreter"
# Values by which ansible-core discovers an interpreter.
_DISCOVERY = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")
# The template that sets the interpreter of ansible-playbook.
_OWN_INTERPRETER = re.compile(r"\s*\{\{\s*ansible_playbook_python\s*\}\}\s*")


def find_explicit_interpreter(action: ActionBase, task_vars: t.Mapping[str, t.Any]) -> str | None:
    """The interpreter that a task sets, None if that is the one of this process, or if the task sets none.

    It is the value of the variable, for a delegated task that of the other host, else the value of the configuration.
    """
    delegate = action._task.delegate_to
    variables = task_vars.get("ansible_delegated_vars", {}).get(delegate, {}) if delegate else task_vars
    if VARIABLE not in variables:
        interpreter = _read_configuration(action)
    elif _OWN_INTERPRETER.fullmatch(str(variables[VARIABLE])):
        # Templating takes as long as a request, for each item.
        interpreter = task_vars["ansible_playbook_python"]
    else:
        interpreter = action._templar.template(variables[VARIABLE])
    interpreter = str(interpreter or "").strip()
    return None if interpreter in _DISCOVERY or _is_own(interpreter) else interpreter


def _read_configuration(action: ActionBase) -> t.Any:
    """The value of ansible.cfg or of the environment. The lookup plugin reads it without private parts of ansible-core."""
    if not _cached_configuration:
        lookup = action._shared_loader_obj.lookup_loader.get("ansible.builtin.config", loader=action._loader, templar=action._templar)
        _cached_configuration.extend(lookup.run(["INTERPRETER_PYTHON"], {}))
    return _cached_configuration[0]


# Read once in a process, in which it does not change.
_cached_configuration: list[t.Any] = []


def _is_own(interpreter: str) -> bool:
    """Whether a path leads to the interpreter of this process, in the same (virtual) environment."""
    folders = {os.path.realpath(os.path.dirname(path)) for path in (interpreter, sys.executable)}
    files = {os.path.realpath(path) for path in (interpreter, sys.executable)}
    return len(folders) == len(files) == 1
