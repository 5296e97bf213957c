# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's archive: the same bytes from the same commit, and nothing in it that a user does not need.

`ansible-galaxy collection build` writes the time of the build into the archive, and the files in the order in which the disk lists
them. repack() writes the same files with a date that is given, in the order of their names.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

MANIFEST, FILES = "MANIFEST.json", "FILES.json"
# What is allowed at the top of the archive, and what is required there.
TOP_LEVEL = frozenset(
    {
        MANIFEST,
        FILES,
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "changelogs",
        "docs",
        "execution-environment.yml",
        "extensions",
        "meta",
        "playbooks",
        "plugins",
    }
)
# Below these, only what is named here may be in the archive.
_ONLY = {
    "changelogs": ("changelogs/changelog.yaml",),
    "docs": ("docs/docsite/extra-docs.yml", "docs/docsite/links.yml", "docs/docsite/rst/", "docs/examples/"),
}
_UNWANTED = (".pyc", ".retry", ".tar.gz", "~", ".swp")


@dataclass(frozen=True)
class Built:
    """An archive: its file, and two checksums (SHA-256, hexadecimal): of the file, and of what is compressed in it."""

    file: Path
    sha256: str
    content_sha256: str

    @classmethod
    def of(cls, file: Path) -> Built:
        """The archive in a file."""
        packed = file.read_bytes()
        return cls(file, _sha256(packed), _sha256(gzip.decompress(packed)))


def repacked(made: Path, target: Path, date: int) -> Path:
    """Write an archive of ansible-galaxy into another file that depends only on its files and a date in seconds since 1970."""
    members = _members(made)
    files = json.loads(members[FILES])
    # The first entry is the root of the collection.
    files["files"].sort(key=lambda entry: (entry["name"] != ".", entry["name"]))
    manifest = json.loads(members[MANIFEST])
    listed = _json(files)
    manifest["file_manifest_file"]["chksum_sha256"] = _sha256(listed)
    # What ansible-galaxy reads first comes first.
    contents = {MANIFEST: _json(manifest), FILES: listed}
    contents |= {entry["name"]: members[entry["name"]] for entry in files["files"] if entry["name"] != "."}
    target.write_bytes(_compressed(_tar(contents, date)))
    return target


def names(file: Path) -> list[str]:
    """The names of everything in an archive, folders without their slash, in its order."""
    with tarfile.open(file) as archive:
        return archive.getnames()


def problems(held: t.Iterable[str]) -> list[str]:
    """What is wrong with the names in an archive: too much, or too little."""
    found = sorted(held)
    top = {name.partition("/")[0] for name in found}
    missing = [f"{name} is missing" for name in sorted(TOP_LEVEL - top)]
    return missing + [f"{name} is nothing for users" for name in found if not _is_for_users(name)]


def _is_for_users(name: str) -> bool:
    """Whether a name may be in the archive: no hidden file, nothing that tools leave, and below some folders only what is listed."""
    parts = name.split("/")
    if parts[0] not in TOP_LEVEL or "__pycache__" in parts or any(part.startswith(".") for part in parts) or name.endswith(_UNWANTED):
        return False
    allowed = _ONLY.get(parts[0])
    # A folder above an allowed path, or an allowed path.
    return allowed is None or any(f"{each}/".startswith(f"{name}/") or name.startswith(each) for each in allowed)


def _members(file: Path) -> dict[str, bytes | None]:
    """The content of each file in an archive by its name, None for a folder."""
    with tarfile.open(file) as archive:
        found: dict[str, bytes | None] = {}
        for member in archive:
            if not member.isfile() and not member.isdir():
                raise ValueError(f"{member.name} in {file.name} is neither a file nor a folder")
            content = archive.extractfile(member)
            found[member.name] = content.read() if content else None
    return found


def _tar(contents: t.Mapping[str, bytes | None], date: int) -> bytes:
    """An archive without its owner, its time and its permissions. No file of a collection is a program."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.mtime = date
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            else:
                member.size, member.mode = len(content), 0o644
                archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _compressed(content: bytes) -> bytes:
    """Compressed without a name or a time. The bytes follow from the content and from zlib, which Python brings or finds."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as stream:
        stream.write(content)
    return packed.getvalue()


def _json(value: t.Any) -> bytes:
    """As ansible-galaxy writes it, in an order that does not depend on its version."""
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
