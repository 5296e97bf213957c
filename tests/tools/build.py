# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the archive of the collection, and shows what it contains: make build.

The same commit gives the same archive, wherever the clone lies. Another zlib may compress it to other bytes; the checksum of the content
is the same then, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools import archive, collection_tree

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Build into a folder with the ansible-galaxy that is named. What is wrong with the archive's content is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ansible_galaxy", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT)
    arguments = parser.parse_args()
    built = archive.Built.of(collection_tree.built(ROOT, arguments.folder, arguments.ansible_galaxy))
    print(f"{built.file}\n{built.file.stat().st_size} bytes\nsha256 {built.sha256}\nsha256 of the content {built.content_sha256}")
    if changes(ROOT):
        print("It holds changes that are in no commit.")
    wrong = archive.problems(archive.names(built.file))
    if wrong:
        parser.exit(1, "\n".join([*wrong, ""]))


def changes(root: Path) -> str:
    """What differs from the commit, as `git status` lists it."""
    return collection_tree.git(root, "status", "--porcelain")


if __name__ == "__main__":
    main()
