# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in the shell blocks of the documentation, and whether what they name exists in this repository."""

from __future__ import annotations

import functools
import re
import shlex
import typing as t
from dataclasses import dataclass

from .examples import ROOT, SHELL, Example, examples

COLLECTION = "northflank.cloud"

# Programs of others. Whether they accept these words cannot be checked here.
_OF_OTHERS = {"ansible-builder", "ansible-vault", "curl", "export", "git", "northflank", "pip", "python3", "unset", "."}
_ARCHIVE = re.compile(r"northflank-cloud-\d+\.\d+\.\d+\.tar\.gz")


@dataclass(frozen=True)
class Command:
    """A line of a shell, without its prompt, and its output according to the block."""

    example: Example
    line: str
    shown: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.example}: {self.line}"

    @property
    def words(self) -> list[str]:
        """The words without the settings of variables before the program."""
        words = shlex.split(self.line, comments=True)
        return words[next(number for number, word in enumerate(words) if "=" not in word) :] if "=" in words[0] else words


def commands() -> list[Command]:
    """All of them."""
    return [command for example in examples() if example.language in SHELL for command in commands_of(example)]


def commands_of(example: Example) -> t.Iterator[Command]:
    """Those of a block: each line of a shell, or each line with a prompt of a console, with the lines that follow it."""
    lines = example.text.replace("\\\n", " ").splitlines()
    if example.language != "console":
        # A text in quotes may go over several lines.
        yield from (Command(example, line) for line in _whole(lines) if line.strip() and not line.startswith("#"))
        return
    prompts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for number, end in zip(prompts, [*prompts[1:], len(lines)], strict=True):
        yield Command(example, lines[number][2:], tuple(line for line in lines[number + 1 : end] if line.strip()))


def _whole(lines: t.Iterable[str]) -> t.Iterator[str]:
    begun = ""
    for line in lines:
        begun = f"{begun}\n{line}" if begun else line
        try:
            shlex.split(begun, comments=True)
        except ValueError:
            continue
        yield begun
        begun = ""


def problem(command: Command, written: t.Collection[str]) -> str | None:
    """What is wrong with what a command names, None if nothing; written are the files that the same page has shown before."""
    program, *rest = command.words
    if program == "make":
        return _missing(rest, _is_target)
    if program == "cd":
        return None if rest == [COLLECTION] else f"no folder {rest}"
    if program == "ansible-doc":
        return _missing([word for word in rest if word.startswith(COLLECTION)], _is_plugin)
    if program == "ansible-galaxy":
        return _missing(rest, lambda word: not word.endswith(".tar.gz") or _ARCHIVE.fullmatch(word) is not None)
    if program in ("ansible-playbook", "ansible-inventory"):
        files = [word for word in rest if word.endswith(".yml") or word.startswith(f"{COLLECTION}.")]
        return _missing(files, lambda word: word in written or _is_playbook(word))
    return None if program in _OF_OTHERS else f"unknown program {program}: add it to tests/harness/documented_commands.py"


def _missing(words: t.Iterable[str], exists: t.Callable[[str], bool]) -> str | None:
    missing = [word for word in words if not exists(word)]
    return f"there is no {', '.join(missing)}" if missing else None


@functools.cache
def targets() -> frozenset[str]:
    """The commands of the Makefile."""
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _is_target(word: str) -> bool:
    return word in targets() or re.match(r"[A-Z]+=", word) is not None


def _is_plugin(word: str) -> bool:
    name = word.removeprefix(f"{COLLECTION}.")
    return any((ROOT / "plugins" / kind / f"{name}.py").is_file() for kind in ("modules", "inventory"))


def _is_playbook(word: str) -> bool:
    """Whether a file is among the examples, a vaulted file of the reader's own, or a playbook of the collection."""
    if word.startswith(f"{COLLECTION}."):
        return (ROOT / "playbooks" / f"{word.removeprefix(f'{COLLECTION}.')}.yml").is_file()
    return word.endswith("vault.yml") or any((ROOT / "docs" / "examples").rglob(word.rpartition("/")[2]))
