# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a value to a file, in ansible-core's own process. ansible.builtin.copy does it by two modules, and takes longer than most tests."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The action plugin that ansible-core looks for. Arguments: content, a text in JSON or what it reads as, and dest."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Write the file, in check mode too."""
        content, dest = self._task.args["content"], self._task.args["dest"]
        # Where a template gives what reads as JSON, ansible-core may have read it.
        text = content if isinstance(content, str) else json.dumps(content)
        pathlib.Path(dest).write_text(text, encoding="utf-8")
        return {"changed": True}
