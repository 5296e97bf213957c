# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the selected tests, for a fixture that runs all of them at once."""

from __future__ import annotations

import typing as t

import pytest


def selected(request: pytest.FixtureRequest, name: str) -> list[t.Any]:
    """The values of a parameter in the selected tests of the fixture's class, or of its module if it is that of a module."""
    owner = {"class": lambda item: item.cls, "module": lambda item: item.path}[request.scope]
    items = [item for item in request.session.items if owner(item) == owner(request)]
    values = [item.callspec.params[name] for item in items if hasattr(item, "callspec") and name in item.callspec.params]
    return list({id(value): value for value in values}.values())
