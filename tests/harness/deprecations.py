# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deprecation warnings of ansible-core are errors in everything that the harness runs, because a later ansible-core would fail."""

from __future__ import annotations

import re
import typing as t

# Each version of ansible-core begins the warning with this, on one line.
MARK = "[DEPRECATION WARNING]"
# These occur because the harness saves whole results, with keys that ansible-core adds.
_ABOUT_HARNESS = re.compile(re.escape(MARK) + r": The (?:`timedout\.frame` task result key|'skipped_reason' value) is deprecated\.")


class Deprecated(AssertionError):
    """A program of ansible-core reported a deprecation of its own or of a plugin."""


def refuse_in_output(output: str) -> None:
    """Raise Deprecated with the message if the output of a program contains a deprecation."""
    before, mark, message = _ABOUT_HARNESS.sub("", output).partition(MARK)
    if mark:
        raise Deprecated(f"{mark}{message[:2000]}")


def refuse_in_results(results: t.Iterable[t.Any]) -> None:
    """Raise Deprecated if the registered result of a task, or of an item of its loop, contains deprecations."""
    for result in results:
        message = result.get("deprecations")
        if message:
            raise Deprecated(str(message))
        refuse_in_results(item for item in result.get("results") or [] if isinstance(item, dict))
