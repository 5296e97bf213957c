# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""northflank_manual_job in the ansible-playbook process; the module of the same name has the documentation."""

from __future__ import annotations

from ..module_utils._flows.reconcile import reconcile
from ..module_utils._options.argument_spec import manual_job_spec
from ..plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action plugin that ansible-core loads."""

    spec = staticmethod(manual_job_spec)
    flow = staticmethod(reconcile)
