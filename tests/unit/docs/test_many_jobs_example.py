# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of the example for many jobs passes each option of a job on, and refuses what is none."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import connection_spec, manual_job_spec

TASKS = Path(__file__).resolve().parents[3] / "docs" / "examples" / "many_jobs" / "tasks" / "manual_jobs.yml"
OF_A_JOB = set(manual_job_spec()) - set(connection_spec()) - {"project_id", "job_id"}


@pytest.fixture(name="tasks")
def tasks_of_the_example() -> list[dict[str, t.Any]]:
    """The two tasks."""
    return yaml.safe_load(TASKS.read_text(encoding="utf-8"))


def test_each_option_of_a_job_may_be_stated(tasks):
    assert set(tasks[0]["vars"]["options"]) == OF_A_JOB


def test_each_option_of_a_job_is_passed_on(tasks):
    passed = tasks[1]["northflank.cloud.northflank_manual_job"]
    assert set(passed) - {"project_id", "job_id", "rate_limit_wait"} == OF_A_JOB
    # ansible-core before 2.19 makes other types of some texts, unless the filter string keeps them.
    kept = {
        name: f"wanted.{name} | string if wanted.{name} | default(none) is string else " for name in ("name", "description", "stage_id")
    }
    assert [name for name in OF_A_JOB if passed[name] != f"{{{{ {kept.get(name, '')}wanted.{name} | default(omit) }}}}"] == []
