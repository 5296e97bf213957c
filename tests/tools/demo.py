# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the collection at work: docs/examples/manual_job.yml with the API emulator, and checks each step.

`make demo` runs it, with the installed collection in NORTHFLANK_COLLECTIONS. It ends non-zero if a step does something else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = ROOT / "docs" / "examples" / "manual_job.yml"
PROJECT, JOB = "example-project", "nightly-report"
TOKEN, PASSWORD = "demo-token", "demo-password"
# The job before the demonstration: as the playbook sets it.
BEFORE = {
    "description": "Writes the report of the day",
    "billing": {"deploymentPlan": "nf-compute-20", "buildPlan": "nf-compute-200-8"},
    "backoffLimit": 2,
    "activeDeadlineSeconds": 600,
    "tags": ["reports"],
    "runtimeEnvironment": {"LOG_LEVEL": "info", "DATABASE_PASSWORD": PASSWORD},
    "healthChecks": [
        {
            "protocol": "HTTP",
            "type": "readinessProbe",
            "path": "/ready",
            "port": 8080,
            "initialDelaySeconds": 10,
            "periodSeconds": 60,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
            "successThreshold": 1,
        }
    ],
}
# What is then changed by hand.
DRIFT = {"backoffLimit": 0, "runtimeEnvironment": {"LOG_LEVEL": "debug", "DATABASE_PASSWORD": PASSWORD}}


class StepFailed(Exception):
    """A step did not have the described effect."""


class Job:
    """The job, read and changed without the collection."""

    def __init__(self, url: str) -> None:
        self._jobs = f"{url}/v1/projects/{PROJECT}/jobs"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"

    def read(self) -> dict[str, t.Any]:
        """All that the API shows of it."""
        environment = self._call("GET", f"{self._jobs}/{JOB}/runtime-environment", params={"show": "this"})
        health_checks = self._call("GET", f"{self._jobs}/{JOB}/health-checks")
        return {"job": self._call("GET", f"{self._jobs}/{JOB}"), "environment": environment, "health_checks": health_checks}

    def change(self, fields: dict[str, t.Any]) -> None:
        """Changes it by hand, without the playbook."""
        self._call("PATCH", f"{self._jobs}/manual/{JOB}", json=fields)

    def _call(self, method: str, url: str, **arguments: t.Any) -> dict[str, t.Any]:
        response = self._session.request(method, url, timeout=10, **arguments)
        response.raise_for_status()
        return response.json()["data"]


class Ansible:
    """Runs the playbook with the ansible-playbook of this Python."""

    def __init__(self, url: str, home: Path, collections: str) -> None:
        settings = home / "ansible.cfg"
        settings.write_text("[defaults]\n", encoding="utf-8")
        self._command = [str(Path(sys.executable).parent / "ansible-playbook"), str(PLAYBOOK)]
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "NF_", "NORTHFLANK_"))}
        self._environment.update(
            ANSIBLE_COLLECTIONS_PATH=collections,
            ANSIBLE_CONFIG=str(settings),
            ANSIBLE_HOME=str(home),
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_LOCALHOST_WARNING="false",
            NORTHFLANK_API_BASE_URL=url,
            NORTHFLANK_API_TOKEN=TOKEN,
            REPORT_DATABASE_PASSWORD=PASSWORD,
        )

    def run(self, *options: str, changed: int) -> str:
        """Runs it, shows and returns its output, and checks the number of changed tasks."""
        print(f"$ ansible-playbook {PLAYBOOK.relative_to(ROOT)} {' '.join(options)}", flush=True)
        command = [*self._command, *options]
        done = subprocess.run(
            command,
            check=False,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(done.stdout, flush=True)
        expect(done.returncode == 0, "the playbook succeeds")
        recap = re.search(r"changed=(\d+)", done.stdout)
        expect(recap is not None and int(recap.group(1)) == changed, f"the recap says changed={changed}")
        expect(PASSWORD not in done.stdout and TOKEN not in done.stdout, "neither the password nor the token shows")
        return done.stdout


def main() -> int:
    """Runs all steps. The emulator is stopped however they end."""
    collections = os.environ.get("NORTHFLANK_COLLECTIONS")
    if not collections:
        print("NORTHFLANK_COLLECTIONS is not set. Run: make demo", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="northflank-demo-") as folder, emulator(Path(folder)) as url:
        try:
            demonstrate(Job(url), Ansible(url, Path(folder), collections))
        except (StepFailed, requests.RequestException) as error:
            print(f"\nThe demonstration failed: {error}", file=sys.stderr)
            return 1
    print("\nAll steps did what they say.")
    return 0


def demonstrate(job: Job, ansible: Ansible) -> None:
    """The five steps."""
    good = job.read()

    heading(1, "A job drifts: somebody changes it by hand")
    print(f"PATCH {json.dumps(dict(DRIFT, runtimeEnvironment={'LOG_LEVEL': 'debug', 'DATABASE_PASSWORD': '(as before)'}))}")
    job.change(DRIFT)
    drifted = job.read()
    expect(drifted != good, "the job is no longer as the playbook wants it")

    heading(2, "Check mode shows the difference, and writes nothing")
    output = ansible.run("--check", "--diff", changed=1)
    expect_diff(output)
    expect(job.read() == drifted, "the job still is as it was changed by hand")

    heading(3, "The playbook changes the job back")
    expect_diff(ansible.run("--diff", changed=1))
    expect(job.read() == good, "the job is as the playbook wants it")

    heading(4, "A second run changes nothing")
    ansible.run("--diff", changed=0)
    expect(job.read() == good, "the job stays as it is")

    heading(5, "The facts tell what the job is now")
    output = ansible.run("--tags", "all,facts", changed=0)
    expect(re.search(r'"backoff_limit": 2\b', output) is not None, "the facts hold the value that the API has")


def heading(number: int, text: str) -> None:
    """The title of a step."""
    print(f"\n=== {number}. {text} ===\n", flush=True)


def expect(holds: bool, what: str) -> None:
    """Shows that a condition is true, or ends the demonstration."""
    if not holds:
        raise StepFailed(f"it is not true that {what}")
    print(f"  ok: {what}", flush=True)


def expect_diff(output: str) -> None:
    """Checks that the output contains a diff of the field that was changed by hand."""
    lines = [line for line in output.splitlines() if "backoff_limit" in line]
    shown = [next((line for line in lines if re.match(rf"\{sign}.*\b{value}\b", line)), None) for sign, value in (("-", 0), ("+", 2))]
    expect(None not in shown, "the diff shows backoff_limit going from 0 to 2")


@contextlib.contextmanager
def emulator(folder: Path) -> t.Iterator[str]:
    """The URL of an emulator with the job, until the end of the block."""
    jobs = folder / "jobs.json"
    jobs.write_text(json.dumps({PROJECT: {JOB: BEFORE}}), encoding="utf-8")
    command = [sys.executable, "-m", "emulator", "--port", "0", "--state", "current", "--jobs", str(jobs), "--token", TOKEN]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "tests"))
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline().strip()
            found = re.fullmatch(r"Northflank API emulator listening on (http://\S+)", line)
            if not found:
                raise RuntimeError(f"The emulator did not start: {line!r}")
            print(line, flush=True)
            yield found.group(1)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
