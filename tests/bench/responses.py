# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The responses of the stub, from the emulator. It is a process of its own, because the benchmark must stay small.

PYTHONPATH=tests python -m bench.responses
"""

from __future__ import annotations

import json
import sys
import typing as t

import requests
from emulator import Emulator
from harness import JOB, PROJECT
from harness.option_cases import CASES

from .target import PEER_PATH

# A job in which all is set.
_JOB = dict(CASES[0].job)
# What the measured task states: it differs in nothing, and the read of the job shows it all.
_OPTIONS = {
    "description": _JOB["description"],
    "stage_id": _JOB["stageId"],
    "tags": _JOB["tags"],
    "billing": {"deployment_plan": _JOB["billing"]["deploymentPlan"]},
    "backoff_limit": _JOB["backoffLimit"],
    "active_deadline_seconds": _JOB["activeDeadlineSeconds"],
    "build_configuration": {"path_ignore_rules": _JOB["buildConfiguration"]["pathIgnoreRules"], "is_allow_list": False},
}
# As the documentation of hetzner.hcloud.ssh_key_info has it.
_PEER = {
    "ssh_key": {
        "id": 1937415,
        "name": "my-ssh-key",
        "fingerprint": "0e:e0:bd:c7:2d:1f:69:49:94:44:91:f1:19:fd:35:f3",
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGpl/tnk74nnQJxxLAtutUApUZMRJxryKh7VXkNbd4g9 john@example.com",
        "labels": {},
        "created": "2016-01-30T23:55:00+00:00",
    }
}


def main() -> None:
    """Print the responses by the beginnings of their paths, and the data that a task needs."""
    jobs = f"/v1/projects/{PROJECT}/jobs/"
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB, _JOB)
        response = requests.get(f"{emulator.url}{jobs}{JOB}", headers={"Authorization": f"Bearer {emulator.TOKEN}"}, timeout=60)
    response.raise_for_status()
    peer = json.dumps(_PEER).encode()
    responses = {
        jobs: _http(response.headers, response.content),
        PEER_PATH: _http({"Content-Type": "application/json", "Content-Length": str(len(peer))}, peer),
    }
    json.dump({"responses": responses, "options": _OPTIONS, "project_id": PROJECT, "token": Emulator.TOKEN}, sys.stdout)


def _http(headers: t.Mapping[str, str], body: bytes) -> str:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n{body.decode()}"


if __name__ == "__main__":
    main()
