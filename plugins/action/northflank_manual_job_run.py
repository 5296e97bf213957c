# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""northflank_manual_job_run in the ansible-playbook process, where it can show how the run gets on; the module has the documentation."""

from __future__ import annotations

import functools
import typing as t

from ..module_utils._flows.run import run_job
from ..module_utils._options.argument_spec import run_spec
from ..plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action plugin that ansible-core loads."""

    spec = staticmethod(run_spec)

    def __init__(self, *arguments: t.Any, **named: t.Any) -> None:
        super().__init__(*arguments, **named)
        # With lines about the progress of the run.
        self.flow = functools.partial(run_job, progress=self.show_progress)
