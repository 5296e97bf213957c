# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dotted paths into nested dictionaries: "billing.gpu.enabled"."""

from __future__ import annotations

import typing as t

# Nothing stands at a path. Not None, which is a value: null in an answer, and "known to be not set" in what is known.
NOT_SHOWN: t.Any = object()


def find(data: t.Any, path: str) -> t.Any:
    """The value at a path, NOT_SHOWN if there is none. A null on the way holds nothing, a null at its end is the value."""
    for name in path.split("."):
        if not isinstance(data, dict) or name not in data:
            return NOT_SHOWN
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
