# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of Python that are on this machine, on the search path or installed by pyenv."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from . import sanity_environment


def interpreter(version: str) -> Path | None:
    """The interpreter of a version, as in "3.12", or None if there is none."""
    return next((path for path in _candidates(version) if os.access(path, os.X_OK)), None)


def present(versions: t.Iterable[str]) -> list[str]:
    """Those of some versions that are on this machine."""
    return [version for version in versions if interpreter(version)]


def _candidates(version: str) -> t.Iterator[Path]:
    name = f"python{version}"
    for folder in sanity_environment.search_path([]).split(os.pathsep):
        yield Path(folder, name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    for folder in sorted(pyenv.glob(f"{version}.*")):
        yield folder / "bin" / name
