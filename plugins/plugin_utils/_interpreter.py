# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a task is to run under a Python interpreter of its own."""

from __future__ import annotations

import os
import re
import sys
import typing as t

from ansible.plugins.action import ActionBase

VARIABLE = "ansible_python_interpreter"
# Values that let ansible-core look for an interpreter.
_DISCOVERY = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")
# How it is set to the interpreter of ansible-core.
_USUAL = re.compile(r"\s*\{\{\s*ansible_playbook_python\s*\}\}\s*")


def chosen(action: ActionBase, task_vars: t.Mapping[str, t.Any]) -> str | None:
    """The interpreter that somebody chose for a task, None if that is the one of this process, or if nobody did.

    It is the variable's, of the host that the task is delegated to if it is, else the configuration's.
    """
    delegate = action._task.delegate_to
    variables = task_vars.get("ansible_delegated_vars", {}).get(delegate, {}) if delegate else task_vars
    if VARIABLE not in variables:
        interpreter = _configured(action)
    elif _USUAL.fullmatch(str(variables[VARIABLE])):
        # To template it takes as long as a request, for each item.
        interpreter = task_vars["ansible_playbook_python"]
    else:
        interpreter = action._templar.template(variables[VARIABLE])
    interpreter = str(interpreter or "").strip()
    return None if interpreter in _DISCOVERY or _is_own(interpreter) else interpreter


def _configured(action: ActionBase) -> t.Any:
    """What ansible.cfg or the environment say; the lookup plugin is the way to ask without what is private to ansible-core."""
    if not _configuration:
        lookup = action._shared_loader_obj.lookup_loader.get("ansible.builtin.config", loader=action._loader, templar=action._templar)
        _configuration.extend(lookup.run(["INTERPRETER_PYTHON"], {}))
    return _configuration[0]


# Asked for once in a process, in which it does not change.
_configuration: list[t.Any] = []


def _is_own(interpreter: str) -> bool:
    """Whether a path leads to the interpreter of this process, in the same (virtual) environment."""
    folders = {os.path.realpath(os.path.dirname(path)) for path in (interpreter, sys.executable)}
    files = {os.path.realpath(path) for path in (interpreter, sys.executable)}
    return len(folders) == len(files) == 1
