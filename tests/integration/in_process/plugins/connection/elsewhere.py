# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to this machine that appears to be one to another host."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

# The options of ansible.builtin.local.
DOCUMENTATION = """
name: elsewhere
short_description: This machine as if it were another
description: Does what ansible.builtin.local does.
author: Contributors to the northflank.cloud collection
extends_documentation_fragment:
  - connection_pipelining
options:
  become_success_timeout:
    description: As there.
    type: int
    default: 10
  become_strip_preamble:
    description: As there.
    type: bool
    default: true
"""


class Connection(LocalConnection):
    """The connection plugin."""

    transport = "elsewhere"
