# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide to runs shows while a task waits is what a task shows."""

from __future__ import annotations

import re

from harness.example_runs import Stage
from harness.examples import of_guide
from harness.guides import GUIDES

BLOCKS = of_guide(GUIDES / "runs.rst")
(FOLLOWED,) = [block for block in BLOCKS if "follow_logs: true" in block.text]
(SHOWN,) = [block for block in BLOCKS if block.language == "text"]
LOG = [[line.partition(" | ")[2]] for line in SHOWN.text.splitlines() if " | " in line]


def without_chance(text: str) -> list[str]:
    """The lines about runs, without what differs from run to run."""
    lines = re.findall(r"^ *((?:Run \S+ of the job|nightly-report \|) .*)$", text, re.MULTILINE)
    return [re.sub(r"after \d+ s", "after N s", re.sub(r"Run \S+", "Run ID", line)) for line in lines]


def test_a_task_that_follows_a_log_shows_what_the_guide_shows(stage: Stage) -> None:
    stage.emulator.plan_run(reads=len(LOG), log=LOG)
    (ended,) = stage.run([FOLLOWED])
    assert ended.status == 0, ended.output
    assert len(LOG) == 2
    assert without_chance(SHOWN.text) == without_chance(ended.output)
