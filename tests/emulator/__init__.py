# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""An emulator of the Northflank jobs API, to test this collection against; it does not import `plugins/`.

with Emulator(state="lean") as emulator:
    emulator.add_job("default-project", "example-job", {"description": "An example"})
    requests.get(f"{emulator.url}/v1/projects/default-project/jobs/example-job", headers=...)
"""

from __future__ import annotations

from ._emulator import Emulator
from ._world import RecordedRequest

__all__ = ["Emulator", "RecordedRequest"]
