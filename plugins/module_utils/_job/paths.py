# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dotted paths into nested dictionaries: "billing.gpu.enabled"."""

from __future__ import annotations

import enum
import typing as t


class Missing(enum.Enum):
    """The type of MISSING."""

    MISSING = "missing"


# There is no value at a path. None is a value: null in a response, and "known to be not set" in a state.
MISSING = Missing.MISSING


def find(data: t.Any, path: str) -> t.Any:
    """The value at a path, MISSING if there is none. A null at the end of the path is the value, a null before it has no members."""
    for name in path.split("."):
        if not isinstance(data, dict) or name not in data:
            return MISSING
        data = data[name]
    return data


def put(data: dict[str, t.Any], path: str, value: t.Any) -> None:
    """Put a value at a path, making the dictionaries on the way."""
    *parents, name = path.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
    data[name] = value


def prefixes(path: str) -> list[str]:
    """The paths of the objects around a path, the outermost first."""
    segments = path.split(".")
    return [".".join(segments[:count]) for count in range(1, len(segments))]


def name_of(path: str) -> str:
    """The last segment of a path."""
    return path.rsplit(".", 1)[-1]
