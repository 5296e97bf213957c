# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback plugin that measures the time of a play's only task, from its start to its last result."""

from __future__ import annotations

DOCUMENTATION = r"""
name: bench_clock
type: aggregate
short_description: Take the time of a task
description:
  - Writes to the file that the environment variable E(BENCH_CLOCK) names how long the task of a play took.
requirements:
  - Enable it.
"""

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Called by ansible-playbook in its own process, after the callback plugin that shows the results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_clock"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._began = self._ended = 0.0
        self._changed = False

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        """The task begins."""
        self._began = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """A host is done with the task, with all of its items."""
        self._ended = time.monotonic()
        self._changed = self._changed or result.is_changed()

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        """All is over."""
        with open(os.environ["BENCH_CLOCK"], "w", encoding="utf-8") as file:
            json.dump({"wall": self._ended - self._began, "changed": self._changed}, file)
