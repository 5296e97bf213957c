# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes how long the tests of each file took, if tests/tools/lanes.py requires it."""

from __future__ import annotations

import collections
import json
import os
from pathlib import Path

import pytest

# The file for the seconds, by the path of the file of tests.
VARIABLE = "NORTHFLANK_TEST_TIMES"


class Times:
    """Adds up the seconds of set-up, call and teardown by file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: collections.Counter[str] = collections.Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called three times for each test, with pytest-xdist in the process that collects."""
        self._seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the file, and add to what an earlier run of the same session of nox has left there."""
        if self._file.is_file():
            self._seconds.update(json.loads(self._file.read_text(encoding="utf-8")))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._seconds, indent=1), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Note the times in the process that was started, not in its workers."""
    if VARIABLE in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Times(Path(os.environ[VARIABLE])))
