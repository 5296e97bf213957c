# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts this repository where Ansible and Python find a collection: below ansible_collections/northflank/cloud.

The clone may lie in any folder with any name. Each function takes its root and returns the folder that holds
ansible_collections, which is what ANSIBLE_COLLECTIONS_PATH and PYTHONPATH want.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import archive

_COLLECTION = Path("ansible_collections", "northflank", "cloud")


def workspace(root: Path) -> Path:
    """The folder for all that is made: .cache, or one below the folder for temporary files if the clone's path has a blank.

    Neither ansible-test nor the interpreter of a module works in a path with a blank.
    """
    if not re.search(r"\s", str(root)):
        return root / ".cache"
    name = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"northflank-cloud-{os.getuid()}-{name}")


def linked(root: Path) -> Path:
    """A link to the clone, so that Python imports its present files."""
    collections = root / ".cache" / "collections"
    link = collections / _COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(root, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)
    return collections


def installed(root: Path, ansible_galaxy: Path, name: str) -> Path:
    """The collection as its users get it: built, and installed by ansible-galaxy. Each session of nox has its own copy, by its name."""
    collections = workspace(root) / f"installed-{name}"
    shutil.rmtree(collections, ignore_errors=True)
    collections.mkdir(parents=True)
    tarball = built(root, workspace(root) / f"built-{name}", ansible_galaxy)
    _galaxy(ansible_galaxy, collections, "install", str(tarball), "--offline", "--force", "--collections-path", str(collections))
    # The files are those that the archive lists, with the checksums that it lists.
    _galaxy(ansible_galaxy, collections, "verify", "northflank.cloud", "--offline", "--collections-path", str(collections))
    return collections


def built(root: Path, folder: Path, ansible_galaxy: Path) -> Path:
    """The archive of the collection as it is released, made of a copy of all files that git tracks or would track, in a folder."""
    with tempfile.TemporaryDirectory(prefix="northflank-cloud-") as made:
        tree, output = Path(made, "tree"), Path(made, "output")
        copy_files(root, tree)
        _galaxy(ansible_galaxy, Path(made), "build", str(tree), "--output-path", str(output))
        (tarball,) = output.glob("*.tar.gz")
        folder.mkdir(parents=True, exist_ok=True)
        return archive.repacked(tarball, folder / tarball.name, _date(root))


def copied(root: Path, name: str) -> Path:
    """A named copy of all files that git tracks or would track, for ansible-test. What ansible-test keeps in tests/output stays."""
    collections = workspace(root) / name
    tree = collections / _COLLECTION
    _empty(tree, kept=tree / "tests" / "output")
    copy_files(root, tree)
    # Without a repository of its own, ansible-test would use that of the clone, which ignores this folder.
    subprocess.run(["git", "init", "--quiet", str(tree)], check=True)
    return collections


def inside(collections: Path) -> Path:
    """The folder of the collection itself below a folder that one of the functions above has returned."""
    return collections / _COLLECTION


def _galaxy(ansible_galaxy: Path, collections: Path, *arguments: str) -> None:
    """Runs "ansible-galaxy collection", and shows its output only if it fails."""
    environment = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(collections))
    command = [str(ansible_galaxy), "collection", *arguments]
    done = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def copy_files(root: Path, tree: Path) -> None:
    """Copy all files that git tracks or would track."""
    for file in files(root):
        target = tree / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / file, target, follow_symlinks=False)


def _date(root: Path) -> int:
    """When the commit was made, in seconds since 1970, or the value of SOURCE_DATE_EPOCH."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if stated:
        return int(stated)
    return int(git(root, "log", "-1", "--format=%ct"))


def git(root: Path, *arguments: str) -> str:
    """The output of git in a clone."""
    return subprocess.run(["git", *arguments], check=True, cwd=root, capture_output=True, text=True).stdout


def files(root: Path) -> list[Path]:
    """The files that git tracks or would track, as paths below the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, cwd=root, capture_output=True).stdout
    files = sorted({Path(os.fsdecode(name)) for name in names.split(b"\0") if name})
    return [file for file in files if os.path.lexists(root / file)]


def _empty(folder: Path, kept: Path) -> None:
    """Removes everything in a folder except one folder."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path == kept:
            continue
        if path in kept.parents:
            _empty(path, kept)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
