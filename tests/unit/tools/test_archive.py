# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive is always the same, ansible-galaxy accepts it, and it contains what users need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import typing as t
from pathlib import Path

import pytest
from tools import archive, collection_tree

ROOT = Path(__file__).resolve().parents[3]
GALAXY = Path(sys.executable).with_name("ansible-galaxy")
DATE = 1_800_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> archive.Built:
    """The archive of this clone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(DATE))
        return archive.Built.of(collection_tree.built(ROOT, tmp_path_factory.mktemp("built"), GALAXY))


@pytest.fixture
def other_clone(tmp_path: Path) -> t.Iterator[Path]:
    """The same files in a path with a blank, copied in another order, at another time, with other rights."""
    clone = tmp_path / "another clone"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    names = {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
    before = os.umask(0o077)
    try:
        for name in sorted(names, reverse=True):
            if (ROOT / name).is_file():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, clone / name)
                os.utime(clone / name, (0, 0))
        (clone / ".cache").mkdir()
        (clone / "northflank-cloud-0.0.1.tar.gz").touch()
        subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
        yield clone
    finally:
        os.umask(before)


def test_another_clone_gives_the_same_bytes(
    built: archive.Built, other_clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(DATE))
    other = archive.Built.of(collection_tree.built(other_clone, tmp_path / "built", GALAXY))
    assert (other.sha256, other.content_sha256) == (built.sha256, built.content_sha256)


def test_another_content_gives_another_checksum(
    built: archive.Built, other_clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(DATE))
    (other_clone / "README.md").write_text("# Another\n", encoding="utf-8")
    other = archive.Built.of(collection_tree.built(other_clone, tmp_path / "built", GALAXY))
    assert other.sha256 != built.sha256
    assert other.content_sha256 != built.content_sha256


def test_the_date_is_that_of_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    committed = int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    with tarfile.open(collection_tree.built(ROOT, tmp_path, GALAXY)) as opened:
        assert {member.mtime for member in opened} == {committed}


def test_nothing_shows_who_built_it(built: archive.Built) -> None:
    with tarfile.open(built.file) as opened:
        members = opened.getmembers()
    assert {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in members} == {(0, 0, "", "", DATE)}
    assert {(member.isdir(), member.mode) for member in members} == {(True, 0o755), (False, 0o644)}


def test_the_files_are_in_the_order_of_their_names(built: archive.Built) -> None:
    first, second, *rest = archive.names(built.file)
    assert ([first, second], rest) == ([archive.MANIFEST, archive.FILES], sorted(rest))


def test_all_files_are_listed_with_their_checksums(built: archive.Built) -> None:
    with tarfile.open(built.file) as opened:
        listed = json.load(t.cast(t.IO[bytes], opened.extractfile(archive.FILES)))["files"]
    assert [entry["name"] for entry in listed] == [".", *archive.names(built.file)[2:]]


def test_the_top_of_the_archive_is_what_users_need(built: archive.Built) -> None:
    assert {name.partition("/")[0] for name in archive.names(built.file)} == archive.TOP_LEVEL


def test_there_is_nothing_else_in_it(built: archive.Built) -> None:
    assert archive.problems(archive.names(built.file)) == []


def test_all_plugins_playbooks_and_examples_are_in_it(built: archive.Built) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("plugins", "playbooks", "meta", "extensions", "docs/examples", "docs/docsite/rst")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert wanted - set(archive.names(built.file)) == set()


@pytest.mark.parametrize(
    "name",
    [
        "tests/emulator/_world.py",
        "noxfile.py",
        "Makefile",
        ".github/workflows/ci.yml",
        "plugins/.hidden",
        "plugins/modules/__pycache__",
        "plugins/modules/a.pyc",
        "changelogs/fragments",
        "changelogs/config.yaml",
        "docs/development.md",
        "docs/testing.md",
        "docs/vocabulary.md",
        "docs/docsite/site/conf.py",
        "REUSE.toml",
        "LICENSES/GPL-3.0-or-later.txt",
        "northflank-cloud-0.0.1.tar.gz",
        "requirements-test.txt",
    ],
)
def test_what_users_do_not_need_is_named(name: str) -> None:
    assert archive.problems([*archive.TOP_LEVEL, name]) == [f"{name} is nothing for users"]


@pytest.mark.parametrize(
    "name",
    [
        "docs/docsite",
        "docs/docsite/links.yml",
        "docs/docsite/rst",
        "docs/docsite/rst/awx.rst",
        "docs/examples",
        "changelogs/changelog.yaml",
    ],
)
def test_what_users_need_is_right(name: str) -> None:
    assert archive.problems([*archive.TOP_LEVEL, name]) == []


def test_what_is_missing_is_named() -> None:
    assert archive.problems(archive.TOP_LEVEL - {"LICENSE", "plugins"}) == ["LICENSE is missing", "plugins is missing"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "made.tar.gz", "w:gz") as made:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "README.md"
        made.addfile(link)
    with pytest.raises(ValueError, match="link in made.tar.gz is neither a file nor a folder"):
        archive.repacked(tmp_path / "made.tar.gz", tmp_path / "target.tar.gz", DATE)
