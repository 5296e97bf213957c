# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A become plugin that does not change the user, so that it works without sudo and passwords."""

from __future__ import annotations

from ansible.plugins.become import BecomeBase

DOCUMENTATION = """
name: plain
short_description: Become the same user
description: Runs a command as it is.
author: Contributors to the northflank.cloud collection
options:
  become_user:
    description: Not used.
    default: root
    vars:
      - name: ansible_become_user
  become_exe:
    description: Not used.
    default: plain
  become_flags:
    description: Not used.
    default: ''
  become_pass:
    description: Not used.
    vars:
      - name: ansible_become_password
"""


class BecomeModule(BecomeBase):
    """The become plugin."""

    name = "plain"

    def build_become_command(self, cmd, shell):
        """The command, with the mark of its beginning."""
        super().build_become_command(cmd, shell)
        return self._build_success_command(cmd, shell) if cmd else cmd
