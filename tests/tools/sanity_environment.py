# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What "ansible-test sanity --venv" needs around it on machines that reach no more than a package index."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import typing as t
import urllib.request
from pathlib import Path

# Replaces the script that ansible-test downloads to install pip into its virtual environment.
_STAND_IN = "import ensurepip\nensurepip.bootstrap(upgrade=True, default_pip=True)\n"
_SECONDS = 10


def search_path(first: list[Path]) -> str:
    """A PATH with these folders first, and without pyenv's shims: they claim each Python version, and exit with 127."""
    others = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder).name != "shims"]
    return os.pathsep.join([*map(str, first), *others])


@contextlib.contextmanager
def pip_bootstrap(site_packages: Path) -> t.Iterator[None]:
    """Makes sure that ansible-test finds its script to bootstrap pip: the real one, or a replacement until the end of the block."""
    url, cached = _script(site_packages / "ansible_test")
    if cached.exists() or _download(url, cached):
        yield
        return
    print(f"The script to bootstrap pip cannot be downloaded: {cached.name} uses ensurepip instead.", flush=True)
    cached.write_text(_STAND_IN, encoding="utf-8")
    try:
        yield
    finally:
        cached.unlink(missing_ok=True)


def out_of_reach(site_packages: Path) -> dict[str, str]:
    """The sanity tests that need a package from an address, not from the index, and cannot have it from here: that address by test."""
    wanted = {}
    for file in sorted((site_packages / "ansible_test" / "_data" / "requirements").glob("sanity.*.txt")):
        found = re.search(r"^\S+ @ (https://[^#\s]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        if found and not _responds(found.group(1)):
            wanted[file.name.split(".")[1]] = found.group(1)
    return wanted


def _responds(url: str) -> bool:
    """Whether an address can be read."""
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS):
            return True
    except (OSError, http.client.HTTPException):
        return False


def _script(ansible_test: Path) -> tuple[str, Path]:
    """The URL from which this ansible-test downloads its script, and the path where it keeps it."""
    setup = (ansible_test / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8")
    versions = (ansible_test / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    url = re.search(r"url = '(https://\S+-)%s\.py'", setup)
    version = re.search(r"pip='([\d.]+)'", versions)
    if not url or not version:
        raise RuntimeError("This ansible-test bootstraps pip in a way that tests/tools/sanity_environment.py does not support.")
    name = f"get_pip_{version.group(1).replace('.', '_')}.py"
    return f"{url.group(1)}{version.group(1)}.py", Path.home() / ".ansible" / "test" / "cache" / name


def _download(url: str, target: Path) -> bool:
    """Whether the script could be downloaded."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response, partial.open("wb") as file:
            shutil.copyfileobj(response, file)
    except (OSError, http.client.HTTPException):
        partial.unlink(missing_ok=True)
        return False
    partial.replace(target)
    return True
