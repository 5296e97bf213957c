# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs against the API emulator, and the four phases that each integration step goes through."""

from __future__ import annotations

import os

# Whether this is a cell of the matrix that tries in full what `make test` tries in part.
WHOLE = bool(os.environ.get("NORTHFLANK_WHOLE"))

# The job that most tests are about.
PROJECT, JOB = "default-project", "example-job"

# The names of permissions, as the contract writes them.
READ, UPDATE = "Project > Jobs > General > Read", "Project > Jobs > General > Update"
SECRETS, GROUPS = "Project > Secrets > Jobs > Read", "Project > Secrets > General > Read"

# Those of the API emulator.
STATES = ("lean", "current", "rich", "removed")
