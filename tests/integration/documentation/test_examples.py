# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each YAML example in guides, README and documentation of modules and plugins is run, and has the described effect."""

from __future__ import annotations

import pytest
from harness.example_runs import Stage
from harness.examples import YAML, Example, examples

# Examples that are not run, by their source and a line in them, each with the reason.
NOT_RUN = {
    ("docs/docsite/rst/requests.rst", "\"{{ jobs.results | map(attribute='api.requests') | sum }}\""): "an expression",
    ("README.md", "- name: northflank.cloud"): "a file for ansible-galaxy",
    ("plugins/inventory/northflank_jobs.py", "api_token: !vault |"): "the vaulted text is shortened",
}

IN_YAML = [example for example in examples() if example.language in YAML]


def reason_not_to_run(example: Example) -> str | None:
    """Why an example is not run, None if it is."""
    lines = {line.strip() for line in example.text.splitlines()}
    return next((reason for (source, line), reason in NOT_RUN.items() if source == example.source and line in lines), None)


RUN = [example for example in IN_YAML if reason_not_to_run(example) is None]
SOURCES = list(dict.fromkeys(example.source for example in RUN))


@pytest.mark.parametrize("source", SOURCES)
def test_the_examples_of_a_source_run(stage: Stage, source: str) -> None:
    for ended in stage.run([example for example in RUN if example.source == source]):
        assert ended.status == 0, f"{ended.what}:\n{ended.output}"
    assert stage.emulator.requests


@pytest.mark.parametrize("example", RUN, ids=str)
def test_an_example_shows_the_collection(example: Example) -> None:
    assert example.uses_the_collection, "put it on the list NOT_RUN, with a reason, if it is not to be run"


def test_each_entry_of_the_list_is_one_example() -> None:
    assert [reason_not_to_run(example) for example in IN_YAML if reason_not_to_run(example)] == list(NOT_RUN.values())


def test_examples_are_found_in_each_place() -> None:
    places = {source.rpartition("/")[0] for source in SOURCES}
    assert places == {"", "docs/docsite/rst", "plugins/modules", "plugins/inventory"}
