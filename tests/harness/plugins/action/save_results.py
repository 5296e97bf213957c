# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a value to a file, in the ansible-playbook process. ansible.builtin.copy runs two modules, which takes longer than most tests."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The action plugin. Arguments: content, a text in JSON or its parsed value, and dest."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Write the file, in check mode too."""
        content, dest = self._task.args["content"], self._task.args["dest"]
        # ansible-core may have parsed the result of a template that is valid JSON.
        text = content if isinstance(content, str) else json.dumps(content)
        pathlib.Path(dest).write_text(text, encoding="utf-8")
        return {"changed": True}
