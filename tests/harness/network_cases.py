# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that differ in the options of their connection and in their environment, and what they return."""

from __future__ import annotations

import typing as t

TOKEN = "token-of-this-test-0123456789"


class Case(t.NamedTuple):
    """One task: its options besides those that all tasks have, and its environment."""

    options: dict[str, t.Any]
    environment: dict[str, str] = {}


class Attempt(t.NamedTuple):
    """The result of each case, and the whole output of ansible-playbook."""

    results: dict[str, dict[str, t.Any]]
    output: str
