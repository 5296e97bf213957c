# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of northflank_manual_job_info, and a job of which every field is set."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils._options.argument_spec import info_spec
from emulator import Emulator

from harness.option_cases import CASES
from harness.playbooks import INFO_MODULE, Task, connection

# All that an info task can gather.
ALL: list[str] = list(info_spec()["gather"]["choices"])

SECRET_VALUES = {name: f"the-secret-{name}-of-this-test-7xQ" for name in ("variable", "file", "argument", "build-file", "mount")}


def _file(name: str) -> dict[str, t.Any]:
    return {"/etc/file": {"data": base64.b64encode(SECRET_VALUES[name].encode()).decode(), "encoding": "utf-8"}}


WHOLE: dict[str, t.Any] = {
    **CASES[0].job,
    "runtimeEnvironment": {"VARIABLE": SECRET_VALUES["variable"]},
    "runtimeFiles": _file("file"),
    "buildArguments": {"ARGUMENT": SECRET_VALUES["argument"]},
    "buildFiles": _file("build-file"),
    "dockerSecretMounts": _file("mount"),
}
CRON = {"jobType": "cron", "cron": {"schedule": "0 8 * * *"}}


def all_jobs(emulator: Emulator, **options: t.Any) -> Task:
    """A task about the jobs of the project."""
    return one_job(emulator, **{"job_id": None, **options})


def one_job(emulator: Emulator, **options: t.Any) -> Task:
    """A task about the example job."""
    return {INFO_MODULE: connection(emulator, **options)}
