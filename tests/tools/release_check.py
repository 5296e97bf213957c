# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what a release needs, and shows what is missing: make release-check.

It changes nothing, makes no tag and publishes nothing. It reads how long the last `make test` took, so run that first.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import yaml

from tools import archive, build, collection_tree, lanes, matrix, release

ROOT = Path(__file__).resolve().parents[2]
# The checks that are sessions of nox, by what they find.
SESSIONS = {
    "the changelog is well-formed": "changelog",
    "Galaxy would import the archive": "build-import-check",
    "the documentation builds without a warning": "docs",
}
_OK, _MISSING = "ok", "missing"

Check = t.Tuple[str, t.List[str]]  # what must be true, and what is missing for that


def main() -> None:
    """Print a line for each check. With anything missing the exit status is 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ansible_galaxy", type=Path)
    arguments = parser.parse_args()
    missing = 0
    for check in checks(arguments.ansible_galaxy):
        missing += bool(check[1])
        print(report(check), flush=True)
    print("\n".join(["The slowest files of tests:", *release.slowest(times()), ""]))
    print(f"{missing} of these are missing." if missing else "Nothing is missing. Tag the commit, and publish the archive.")
    sys.exit(bool(missing))


def report(check: Check) -> str:
    """The lines about a check: what must be true, and what to do if it is not."""
    name, missing = check
    return "\n".join([f"{_MISSING if missing else _OK:<8} {name}", *(f"{'':<9}- {each}" for each in missing)])


def checks(ansible_galaxy: Path) -> t.Iterator[Check]:
    """All checks, the quick ones first."""
    galaxy = yaml.safe_load(text("galaxy.yml"))
    version, readme = galaxy["version"], text("README.md")
    cores = [core.name for core in matrix.CORES]
    yield "all changes are committed", release.uncommitted(build.changes(ROOT))
    yield f"version {version} is new", release.version(version, collection_tree.git(ROOT, "tag", "--list").split())
    yield "the changelog describes this version", changelog(version)
    yield "version_added is at most this version", release.version_added(version, plugins())
    yield "the README names the versions that are tested", release.tested_versions(readme, cores)
    yield "the README names the archive of this version", release.archive_name(readme, version)
    yield "the README has absolute links only", release.links(readme)
    yield "the oldest ansible-core that is required is tested", release.requires_ansible(yaml.safe_load(text("meta/runtime.yml")), cores[0])
    yield "the licence is there", release.licence(text("LICENSE"), galaxy["license"])
    yield "the files that users expect exist", release.files({path.name for path in ROOT.iterdir()})
    noted = times()
    yield (
        "make test is quick enough that people run it",
        release.speed_of_tests(noted, collection_tree.git(ROOT, "rev-parse", "HEAD").strip()),
    )
    yield from archives(ansible_galaxy)
    for name, session in SESSIONS.items():
        yield name, outcome(session)


def times() -> dict[str, t.Any] | None:
    """What `make test` has noted about its last complete run, or None if it has never run."""
    return json.loads(lanes.NOTED.read_text(encoding="utf-8")) if lanes.NOTED.is_file() else None


def changelog(version: str) -> list[str]:
    """What is missing in the changelog."""
    fragments = [path.relative_to(ROOT).as_posix() for path in (ROOT / "changelogs" / "fragments").glob("*.y*ml")]
    return release.changelog(version, yaml.safe_load(text("changelogs/changelog.yaml")), text("CHANGELOG.md"), fragments)


def plugins() -> dict[str, str]:
    """The texts of all plugins by the names of their files."""
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py")}


def archives(ansible_galaxy: Path) -> t.Iterator[Check]:
    """The archive of this clone, and the one of another clone of its last commit."""
    with tempfile.TemporaryDirectory(prefix="northflank-cloud-release-") as folder:
        clone = Path(folder, "another", "clone")
        collection_tree.git(ROOT, "clone", "--quiet", "--shared", "--no-tags", str(ROOT), str(clone))
        built = archive.Built.of(collection_tree.built(ROOT, Path(folder, "first"), ansible_galaxy))
        other = archive.Built.of(collection_tree.built(clone, Path(folder, "second"), ansible_galaxy))
        yield "the archive holds what users need, and nothing else", archive.problems(archive.names(built.file))
        yield "the archive follows from the commit", release.reproducible(built, other)


def outcome(session: str) -> list[str]:
    """What is missing according to a session of nox. Its output is written to a file."""
    log = collection_tree.workspace(ROOT) / f"release-{session}.log"
    with log.open("w", encoding="utf-8") as written:
        command = [sys.executable, "-m", "nox", "--session", session]
        done = subprocess.run(command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT)
    return [f"{' '.join(command[1:])} fails: see {log}"] if done.returncode else []


def text(name: str) -> str:
    """The text of a file, empty if there is none."""
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    main()
