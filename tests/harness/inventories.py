# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads files of the inventory plugin with the ansible-inventory beside this Python, and returns what it shows."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from emulator import Emulator

from .playbooks import Ansible

PLUGIN = "northflank.cloud.northflank_jobs"
FILE = "northflank_jobs.yml"

# How ansible-inventory marks a text that is not to be templated.
MARK = "__ansible_unsafe"


@dataclass(frozen=True)
class Listed:
    """The output of ansible-inventory --list --export, and its messages."""

    status: int
    shown: dict[str, t.Any]
    messages: str

    @property
    def hosts(self) -> dict[str, dict[str, t.Any]]:
        """The variables of each host, without the marks of texts."""
        return unmarked(self.marked)

    @property
    def marked(self) -> dict[str, dict[str, t.Any]]:
        """The variables of each host, as they are shown."""
        return self.shown["_meta"]["hostvars"]

    def group(self, name: str) -> list[str]:
        """The hosts of a group, or none if the group does not exist."""
        return sorted(self.shown.get(name, {}).get("hosts", []))

    def reports(self, text: str) -> bool:
        """Whether a warning or an error contains a text, regardless of line breaks by ansible-core."""
        return "".join(text.split()) in "".join(self.messages.split())


@dataclass(frozen=True)
class Inventory(Ansible):
    """ansible-inventory, and a folder for the files that it reads."""

    def write(self, options: t.Any, name: str = FILE) -> Path:
        """A file with these options."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(options, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return file

    def listed(self, file: Path, *arguments: str, environment: t.Mapping[str, str] | None = None) -> Listed:
        """What ansible-inventory shows of a file."""
        done = self.program("ansible-inventory", "-i", str(file), "--list", "--export", *arguments, environment=environment)
        # With -v there is more before the JSON.
        messages, brace, shown = f"\n{done.stdout}".partition("\n{")
        return Listed(done.returncode, json.loads(brace + shown), messages + done.stderr)


def options(emulator: Emulator, **rest: t.Any) -> dict[str, t.Any]:
    """The options by which the plugin reaches an emulator, and the rest."""
    return {"plugin": PLUGIN, "api_url": emulator.url, "api_token": emulator.TOKEN, **rest}


def unmarked(value: t.Any) -> t.Any:
    """What ansible-inventory shows, without the marks of texts that are not to be templated."""
    if isinstance(value, dict):
        return value[MARK] if set(value) == {MARK} else {name: unmarked(inner) for name, inner in value.items()}
    return [unmarked(inner) for inner in value] if isinstance(value, list) else value


def paths(emulator: Emulator) -> list[str]:
    """The requests to an emulator."""
    return [request.path for request in emulator.requests]
