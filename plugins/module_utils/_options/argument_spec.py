# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs: the options of the connection, of the task, and of the job. Those of the job are made from the field table."""

from __future__ import annotations

import functools
import os
import pickle
import typing as t

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

from .._api import operations
from .._api.settings import TEAM_VARIABLES, TOKEN_VARIABLES, URL_VARIABLES
from .._job import fields
from .._job.compare import MERGE, REPLACE

Spec = t.Dict[str, t.Dict[str, t.Any]]

PRESENT, ABSENT = "present", "absent"
PROBE, APPLY, SKIP = "probe", "apply", "skip"
DEFAULT_POLL_INTERVAL = 5
# The sub-resources that gather can name, besides the job itself.
GATHERED = {
    "health_checks": operations.GET_HEALTH_CHECKS,
    "runtime_environment": operations.GET_RUNTIME_ENVIRONMENT,
    "build_arguments": operations.GET_BUILD_ARGUMENTS,
    "deployment": operations.GET_DEPLOYMENT,
}

_TYPES = {
    fields.TEXT: "str",
    fields.BOOLEAN: "bool",
    fields.INTEGER: "int",
    fields.NUMBER: "float",
    fields.VARIABLES: "dict",
    fields.FILES: "dict",
    fields.LABELS: "dict",
}


def first_set(*names: str) -> str:
    """The first of these environment variables that is set and not empty, in the order of Northflank's SDK.

    A fallback function for ansible-core, whose own env_fallback also uses empty variables.

    :raises AnsibleFallbackNotFound: if none is set.
    """
    value = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if value is None:
        raise AnsibleFallbackNotFound
    return value


def connection_spec() -> Spec:
    """The options that all modules have. The documentation fragment northflank.cloud.northflank describes them."""
    return {
        "api_token": {"type": "str", "no_log": True, "fallback": (first_set, list(TOKEN_VARIABLES))},
        "api_url": {"type": "str", "default": "https://api.northflank.com", "fallback": (first_set, list(URL_VARIABLES))},
        "team_id": {"type": "str", "fallback": (first_set, list(TEAM_VARIABLES))},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30},
        "retries": {"type": "int", "default": 3},
        "rate_limit_wait": {"type": "float", "default": 60},
    }


def manual_job_spec() -> Spec:
    """The argument spec of northflank_manual_job, a new one for each call."""
    return {
        **connection_spec(),
        **_ids_spec(),
        "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
        "map_strategy": {"type": "str", "choices": [REPLACE, MERGE], "default": REPLACE},
        "unreadable": {"type": "str", "choices": [PROBE, APPLY, SKIP], "default": PROBE},
        **job_spec((*fields.ROWS, *fields.DEPLOYMENT)),
    }


def info_spec() -> Spec:
    """The argument spec of northflank_manual_job_info, a new one for each call."""
    return {
        **connection_spec(),
        **_ids_spec(job_required=False),
        "filters": filters_spec(),
        "gather": {"type": "list", "elements": "str", "choices": ["job", *GATHERED], "default": []},
    }


def filters_spec() -> dict[str, t.Any]:
    """The option that filters a list of jobs."""
    return {"type": "dict", "options": {"tags": {"type": "list", "elements": "str"}, "name": {"type": "str"}}}


def run_spec() -> Spec:
    """The argument spec of northflank_manual_job_run, a new one for each call."""
    return {
        **connection_spec(),
        **_ids_spec(),
        **job_spec(fields.RUN_FIELDS),
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 3600},
        "poll_interval": {"type": "float", "default": DEFAULT_POLL_INTERVAL},
        "poll_interval_max": {"type": "float", "default": 60},
        "log_lines": {"type": "int", "default": 20},
        "follow_logs": {"type": "bool", "default": False},
        "abort_on_timeout": {"type": "bool", "default": False},
    }


def _ids_spec(job_required: bool = True) -> Spec:
    return {"project_id": {"type": "str", "required": True}, "job_id": {"type": "str", **({"required": True} if job_required else {})}}


def job_spec(rows: tuple[fields.Row, ...] = fields.ROWS) -> Spec:
    """The options of these fields, nested as the API nests them, a new object for each call."""
    spec: Spec = pickle.loads(_pickled_job_spec(rows))
    return spec


@functools.lru_cache(maxsize=None)
def _pickled_job_spec(rows: tuple[fields.Row, ...]) -> bytes:
    """The spec of job_spec(), from which a copy is made in a tenth of the time that the spec takes: each item of a loop needs one."""
    spec: Spec = {}
    for row in rows:
        *parents, name = row.option.split(".")
        level = spec
        for parent in parents:
            if parent.endswith("[]"):
                level = level[parent[:-2]].setdefault("options", {})
            else:
                level = level.setdefault(parent, {"type": "dict", "options": {}})["options"]
        level[name] = _option_spec(row)
    return pickle.dumps(spec)


def _option_spec(row: fields.Row) -> dict[str, t.Any]:
    if row.kind == fields.HEALTH_CHECKS:
        return {"type": "list", "elements": "dict"}
    if row.kind in (fields.SET, fields.LIST):
        return {"type": "list", "elements": "str"}
    option: dict[str, t.Any] = {"type": _TYPES[row.kind]}
    if row.choices:
        option["choices"] = list(row.choices)
    if row.required:
        option["required"] = True
    if row.secret:
        # no_log would mask the value everywhere in the result: a variable "1" would turn numbers into text.
        option["no_log"] = False
    return option
