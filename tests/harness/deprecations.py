# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-core says it will take away is an error in all that the harness runs: a later ansible-core would fail there."""

from __future__ import annotations

import re
import typing as t

# As all versions of ansible-core begin it, and never break it over lines.
MARK = "[DEPRECATION WARNING]"
# Said since the harness saves whole results, with what ansible-core itself puts into them.
_ABOUT_HARNESS = re.compile(re.escape(MARK) + r": The (?:`timedout\.frame` task result key|'skipped_reason' value) is deprecated\.")


class Deprecated(AssertionError):
    """A program of ansible-core said that it, or a plugin, used what is deprecated."""


def refuse_in_output(output: str) -> None:
    """Raise Deprecated, with what was said, if the output of a program holds a deprecation."""
    before, mark, said = _ABOUT_HARNESS.sub("", output).partition(MARK)
    if mark:
        raise Deprecated(f"{mark}{said[:2000]}")


def refuse_in_results(results: t.Iterable[t.Any]) -> None:
    """Raise Deprecated if the registered result of a task, or of an item of its loop, holds deprecations."""
    for result in results:
        said = result.get("deprecations")
        if said:
            raise Deprecated(str(said))
        refuse_in_results(item for item in result.get("results") or [] if isinstance(item, dict))
