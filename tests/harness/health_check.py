# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check, as the API has it and as a task states it."""

from __future__ import annotations

CHECK = {
    "protocol": "TCP",
    "type": "livenessProbe",
    "port": 80,
    "initialDelaySeconds": 5,
    "periodSeconds": 20,
    "timeoutSeconds": 2,
    "failureThreshold": 3,
    "successThreshold": 1,
}
STATED_CHECK = {
    "protocol": "TCP",
    "type": "livenessProbe",
    "port": 80,
    "initial_delay_seconds": 5,
    "period_seconds": 20,
    "timeout_seconds": 2,
    "failure_threshold": 3,
}
