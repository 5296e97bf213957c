# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs examples of the documentation as they are written, on an emulator that has the jobs that they name."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import textwrap
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from emulator import Emulator

from .examples import INVENTORY, JOBS, PLAYS, PLUGIN, ROOT, TASKS, Example
from .playbooks import RUN_MODULE, Ansible

PLAYBOOKS = ROOT / "docs" / "examples"
PASSWORD = "the-password-of-the-examples-7xQ"

# The encrypted files that the examples name, and the file with their password.
VAULT, VAULT_OF_GUIDE, _PASSWORD_FILE = "copy_job.vault.yml", "invoices.vault.yml", "vault.password"
_VAULT_PASSWORD = "the-password-of-the-vaults"
SECRETS: dict[str, t.Any] = {
    "northflank_secrets": {"runtime_environment": {"LOG_LEVEL": "debug", "REPORT_VERSION": "1.9", "PASSWORD": PASSWORD}},
    "northflank_more": {"deployment": {"external": {"credentials": "example-registry"}}},
}

# The values that the examples read from encrypted files, and from their environment.
VARIABLES: dict[str, t.Any] = {
    "vault_northflank_api_token": Emulator.TOKEN,
    "vault_northflank_read_only_token": Emulator.TOKEN,
    "vault_nightly_report_database_url": "postgresql://reports:the-password@database/reports",
    "vault_nightly_report_keystore_base64": "a2V5c3RvcmU=",
    "vault_invoice_database_url": "postgresql://invoices:the-password@database/invoices",
    "vault_invoice_test_database_url": "postgresql://invoices:the-password@database/test",
    "vault_northflank_environments": {"nightly-report": {"LOG_LEVEL": "info"}, "weekly-report": {"LOG_LEVEL": "debug"}},
    "report_database_password": PASSWORD,
    "report_day": "2026-11-24",
    "invoice_release": "1.5",
    "model_training_gpu_type": "h100",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "job_ids": ["nightly-report", "weekly-report"],
    # Of the guide to many jobs.
    "northflank_names": ["example-project.nightly-report"],
}
# The emulator's runs have ended at the first poll.
_IMPATIENT = {RUN_MODULE: {"poll_interval": 0.05}}
_SETTINGS_TEMPLATE = "[report]\nday = {{ report_day }}\n"


def example_jobs(emulator: Emulator) -> None:
    """Store the projects and jobs that the examples name, as `make emulator` serves them."""
    for project_id, jobs in json.loads(JOBS.read_text(encoding="utf-8")).items():
        for job_id, job in jobs.items():
            emulator.add_job(project_id, job_id, job)


def write_vault(file: Path, variables: dict[str, t.Any]) -> None:
    """Write variables into an encrypted file."""
    text = VaultLib([("default", VaultSecret(_VAULT_PASSWORD.encode()))]).encrypt(yaml.safe_dump(variables))
    file.write_bytes(text)


def password_file(folder: Path) -> Path:
    """A file with the password of the encrypted files."""
    file = folder / _PASSWORD_FILE
    file.write_text(_VAULT_PASSWORD, encoding="utf-8")
    return file


@dataclass(frozen=True)
class Ended:
    """A program that has ended: which one on what, its exit status, and all that it wrote."""

    what: str
    status: int
    output: str


@dataclass(frozen=True)
class Stage:
    """A folder with the playbooks of docs/examples, an emulator, and the programs of ansible-core."""

    ansible: Ansible
    emulator: Emulator

    @classmethod
    def at(cls, ansible: Ansible, emulator: Emulator) -> Stage:
        """A stage with all that the examples expect around them."""
        example_jobs(emulator)
        folder = ansible.folder
        shutil.copytree(PLAYBOOKS, folder, dirs_exist_ok=True)
        (folder / "templates").mkdir()
        (folder / "templates" / "settings.ini.j2").write_text(_SETTINGS_TEMPLATE, encoding="utf-8")
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        surroundings = {"all": {"hosts": {"localhost": local}, "vars": VARIABLES}}
        (folder / "surroundings.yml").write_text(yaml.safe_dump(surroundings), encoding="utf-8")
        write_vault(folder / VAULT, SECRETS)
        write_vault(folder / VAULT_OF_GUIDE, {"vault_invoice_database_url": VARIABLES["vault_invoice_database_url"]})
        return cls(ansible, emulator)

    @property
    def environment(self) -> dict[str, str]:
        """The URL of the API, its token, and the values that the examples read from the environment."""
        return {
            "HOME": str(self.ansible.folder),
            "NORTHFLANK_API_BASE_URL": self.emulator.url,
            "NORTHFLANK_API_TOKEN": self.emulator.TOKEN,
            "REPORT_DATABASE_PASSWORD": PASSWORD,
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        }

    def run(self, examples: t.Sequence[Example]) -> list[Ended]:
        """Run examples of one source: its plays and tasks one after the other as one playbook, its inventories side by side."""
        ended = []
        played = [example for example in examples if example.kind in (PLAYS, TASKS)]
        if played:
            playbook = self._write("source.yml", "---\n" + "".join(map(_as_plays, played)))
            ended.append(self.playbook(playbook, played[0].source, "--inventory", str(self.ansible.folder / "many_jobs" / "jobs.yml")))
        plugged = [example for example in examples if example.kind == PLUGIN]
        if plugged:
            files = [self._write(f"{example.number}_northflank_jobs.yml", example.text) for example in plugged]
            ended.append(self.inventories(*files))
        for example in examples:
            if example.kind == INVENTORY:
                jobs = self._write("example_jobs.yml", example.text)
                ended.append(self.playbook(self.ansible.folder / "many_jobs" / "by_loop.yml", str(example), "--inventory", str(jobs)))
        return ended

    def playbook(self, playbook: Path, what: str, *arguments: str) -> Ended:
        """Run a playbook among the variables of the examples."""
        surroundings = ["--inventory", str(self.ansible.folder / "surroundings.yml")]
        run = self.ansible.playbook(playbook, ["--diff", *surroundings, *arguments], self.environment)
        return Ended(what, run.status, run.output)

    def inventories(self, *files: Path) -> Ended:
        """Have ansible-inventory read files."""
        sources = [word for file in files for word in ("--inventory", str(file))]
        extra = ["--extra-vars", json.dumps({"vault_northflank_api_token": self.emulator.TOKEN})]
        done = self.ansible.program("ansible-inventory", "--list", *sources, *extra, environment=self.environment)
        return Ended(", ".join(file.name for file in files), done.returncode, done.stdout + done.stderr)

    def command(self, line: str, folder: Path, *more: str) -> Ended:
        """Run a line of a shell that begins with a program of ansible-core. The files that it names are in a folder.

        The password of the encrypted files is read from a file, and not requested.
        """
        program, *words = shlex.split(line.replace("--ask-vault-pass", f"--vault-password-file {password_file(self.ansible.folder)}"))
        absolute = [str(folder / word) if (folder / word).is_file() else word for word in words]
        absolute = [f"@{folder / word[1:]}" if word.startswith("@") else word for word in absolute]
        done = self.ansible.program(program, *absolute, *more, environment=self.environment, stderr=subprocess.STDOUT)
        return Ended(line, done.returncode, done.stdout)

    def _write(self, name: str, text: str) -> Path:
        file = self.ansible.folder / name
        file.write_text(text, encoding="utf-8")
        return file


def _as_plays(example: Example) -> str:
    """The plays of an example, or its tasks as a play."""
    if example.kind == PLAYS:
        return f"# {example}\n{example.lines}"
    play = [{"name": str(example), "hosts": "localhost", "gather_facts": False, "module_defaults": _IMPATIENT}]
    return f"{yaml.safe_dump(play, sort_keys=False)}  tasks:\n{textwrap.indent(example.lines, '    ')}"
