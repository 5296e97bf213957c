# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What noxfile.py, the integration tests and the demonstration share. Nothing in here imports from plugins/."""

from __future__ import annotations
