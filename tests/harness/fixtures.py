# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests of the flow and of those with ansible-playbook. A conftest.py imports those that it needs."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from emulator import Emulator

EmulatorOf = t.Callable[[str], Emulator]


@pytest.fixture
def emulator_of() -> t.Iterator[EmulatorOf]:
    """Start an emulator in a state. At the end, no request and no response may have broken the contract."""
    with contextlib.ExitStack() as running:
        started: list[Emulator] = []

        def start(state: str) -> Emulator:
            started.append(running.enter_context(Emulator(state=state)))
            return started[-1]

        yield start
        assert [emulator.violations for emulator in started] == [[] for emulator in started]


@pytest.fixture(params=["lean", "current"])
def emulator(request: pytest.FixtureRequest, emulator_of: EmulatorOf) -> Emulator:
    """An emulator in each of the states."""
    return emulator_of(request.param)


@pytest.fixture(scope="module")
def endless_emulator() -> t.Iterator[Emulator]:
    """One server for all examples of properties, with a quota that they do not use up."""
    with Emulator() as running:
        running.quota = 10**9
        yield running
        assert running.violations == []
