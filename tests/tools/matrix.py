# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests run with which version of ansible-core, each on the oldest and the newest Python that it supports.

Run as a program, this prints the list for .github/workflows/ci.yml, as a line that GITHUB_OUTPUT takes.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

# The oldest Python on a managed host.
TARGET_PYTHON = "3.9"


@dataclass(frozen=True)
class Core:
    """A minor version of ansible-core, what pip installs of it, and the oldest and the newest Python of its package's metadata."""

    name: str
    requirement: str
    oldest: str
    newest: str


# The last one is not released yet: a release candidate.
CORES = (
    Core("2.16", "ansible-core~=2.16.0", "3.10", "3.12"),
    Core("2.17", "ansible-core~=2.17.0", "3.10", "3.12"),
    Core("2.18", "ansible-core~=2.18.0", "3.11", "3.13"),
    Core("2.19", "ansible-core~=2.19.0", "3.11", "3.13"),
    Core("2.20", "ansible-core~=2.20.0", "3.12", "3.14"),
    Core("2.21", "ansible-core~=2.21.0", "3.12", "3.14"),
    Core("2.22", "ansible-core==2.22.0rc1", "3.13", "3.15"),
)
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
# The folders of tests/integration that run with the newest ansible-core only, and in sessions of their own: their tests hardly depend
# on the version, and take long, or need more than ansible-core.
AWX_AND_SCALE = ("awx", "many_jobs")
# What depends on the version, below tests/integration: `make test` runs it with the oldest ansible-core, too, the matrix with all.
OLDEST_TESTS = (
    "in_process/test_values.py",
    "inventory/test_never_templated.py",
    "test_advice.py",
    "test_as_in_flow.py",
    "test_behaviour.py",
    "test_output.py",
    "test_recorded_arguments.py",
    "test_secrets.py",
)


@dataclass(frozen=True)
class Cell:
    """An ansible-core on a Python. A cell that replaces a Python that is not on this machine names that one."""

    core: Core
    python: str
    stands_in_for: str = ""

    @property
    def name(self) -> str:
        """As in "2.19-3.11"."""
        return f"{self.core.name}-{self.python}"

    def sessions(self) -> dict[str, tuple[str, ...]]:
        """The sessions of nox for this cell, each with its tags: `make test-matrix ONLY=tag`."""
        return {
            f"{kind}-{self.name}": ("matrix", f"matrix-{kind}", f"matrix-{self.core.name}", f"matrix-{self.name}", f"{kind}-{self.name}")
            for kind in self.kinds
        }

    @property
    def is_whole(self) -> bool:
        """Whether everything is tried, also what does not depend on ansible-core, with a new process for each program and module.

        That takes twice as long, and depends little on the version. So the first ansible-core does it, the newest one, and the last.
        """
        return self._is_at_an_end or self._is_newest

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is run: the modules on the oldest Python of a target only by the first and the last ansible-core, and only once.

        What concerns AWX, and a thousand jobs, only by the newest one that is released.
        """
        return (
            "sanity",
            "units",
            "integration",
            *(("target",) if self._is_at_an_end else ()),
            *(("awx_and_scale",) if self._is_newest else ()),
        )

    @property
    def _is_at_an_end(self) -> bool:
        return self.core in (CORES[0], CORES[-1]) and self.python == self.core.oldest

    @property
    def _is_newest(self) -> bool:
        return self.core == CORES[-2] and self.python == self.core.oldest


def cells(present: t.Collection[str] | None = None) -> list[Cell]:
    """The whole matrix. With the Python versions that are present, as in "3.12", also those that replace newer ones."""
    found = []
    for core in CORES:
        found += [Cell(core, core.oldest), Cell(core, core.newest)]
        if present is not None and core.newest not in present:
            between = [python for python in present if _number(core.oldest) < _number(python) < _number(core.newest)]
            found += [Cell(core, python, core.newest) for python in sorted(between, key=_number)[-1:]]
    return found


def newest_core(python: str) -> Core:
    """The newest released ansible-core that runs on a Python, or is likely to."""
    return [core for core in CORES[:-1] if _number(core.oldest) <= _number(python)][-1]


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def main() -> None:
    """Print the matrix for GitHub: the cells, and the Python versions that each needs."""
    found = [{"cell": cell.name, "python": cell.python, "target": TARGET_PYTHON} for cell in cells()]
    print(f"matrix={json.dumps({'include': found})}")


if __name__ == "__main__":
    main()
