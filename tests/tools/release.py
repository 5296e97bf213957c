# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release needs, as functions of texts. Each returns what is missing, as a list of sentences.

Each sentence describes what to do. tests/tools/release_check.py reads the texts from the repository.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from . import archive

# The files that users expect in the repository of a collection.
FILES = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE", "MAINTAINERS.md", "README.md", "SECURITY.md")
LICENCE, LICENCE_TITLE = "GPL-3.0-or-later", "GNU GENERAL PUBLIC LICENSE"
# The time limit of `make test`, and the number of its slowest files that are named.
MOST_SECONDS, NAMED = 720, 10

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_ADDED = re.compile(r"^\s*version_added: ['\"]?([^'\"\s]+)", re.MULTILINE)
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]*)|^ *\[[^]]+\]: *(\S+)|\b(?:href|src)=[\"']([^\"']*)", re.MULTILINE)
_TESTED = re.compile(r"^Tested with ansible-core (.*?), with Python", re.MULTILINE | re.DOTALL)
_ARCHIVE = re.compile(r"northflank-cloud-([\w.]+?)\.tar\.gz")


def uncommitted(status: str) -> list[str]:
    """Whether `git status --porcelain` lists nothing."""
    listed = [line[3:] for line in status.splitlines()]
    return [f"{len(listed)} files differ from the commit, the first is {listed[0]}: commit or revert them"] if listed else []


def version(stated: str, tags: t.Iterable[str]) -> list[str]:
    """Whether the version of galaxy.yml is a new one for a release."""
    number = _number(stated)
    if number is None:
        return [f"{stated} is no version of three numbers: set version in galaxy.yml"]
    last = max((tagged for tag in tags if (tagged := _number(tag))), default=None)
    if last is None or number > last:
        return []
    return [f"{stated} is not above the last tag, {'.'.join(map(str, last))}: set version in galaxy.yml"]


def changelog(stated: str, recorded: t.Mapping[str, t.Any], shown: str, fragments: t.Iterable[str]) -> list[str]:
    """Whether changelogs/changelog.yaml and CHANGELOG.md have an entry of the version, and no fragment is left."""
    entry = (recorded.get("releases") or {}).get(stated)
    wrong = [f"{name} is not released: make changelog" for name in sorted(fragments)]
    if entry is None:
        return [*wrong, f"changelogs/changelog.yaml has no entry for {stated}: make changelog"]
    if not _is_date(entry.get("release_date")):
        wrong.append(f"the entry for {stated} has no release_date: write it into changelogs/changelog.yaml as in 2026-01-31")
    if f'<a id="v{stated.replace(".", "-")}"></a>' not in shown:
        wrong.append(f"CHANGELOG.md does not show {stated}: antsibull-changelog generate")
    return wrong


def version_added(stated: str, texts: t.Mapping[str, str]) -> list[str]:
    """Whether each version_added in plugins is a version, and not a later one. The texts are by the names of files."""
    limit = _number(stated)
    return [
        f"{name} has version_added: {added}: it must be at most {stated}"
        for name, text in sorted(texts.items())
        for added in _ADDED.findall(text)
        if not (number := _number(added)) or (limit and number > limit)
    ]


def tested_versions(readme: str, expected: t.Sequence[str]) -> list[str]:
    """Whether the README names the versions of ansible-core that the matrix has."""
    found = _TESTED.search(readme)
    named = re.findall(r"\d+\.\d+", found[1]) if found else []
    if named == list(expected):
        return []
    return [f"README.md names as tested {', '.join(named) or 'nothing'}: the matrix has {', '.join(expected)}"]


def archive_name(readme: str, stated: str) -> list[str]:
    """Whether the README names the archive of this version."""
    named = sorted(set(_ARCHIVE.findall(readme)))
    return [] if named == [stated] else [f"README.md names the archive of {', '.join(named) or 'no version'}: it must be that of {stated}"]


def links(readme: str) -> list[str]:
    """Whether each link of the README is absolute, because Galaxy shows only this file of the repository."""
    found = [next(filter(None, groups), "") for groups in _LINK.findall(_FENCED.sub("", readme))]
    return [f"README.md links to {link or 'nothing'}: write the whole address" for link in found if not link.startswith("https://")]


def requires_ansible(runtime: t.Mapping[str, t.Any], oldest: str) -> list[str]:
    """Whether meta/runtime.yml requires the oldest ansible-core that is tested."""
    stated, expected = runtime.get("requires_ansible"), f">={oldest}.0"
    return [] if stated == expected else [f"meta/runtime.yml requires {stated}: requires_ansible must be {expected}"]


def licence(text: str, stated: t.Iterable[str]) -> list[str]:
    """Whether LICENSE contains the licence that galaxy.yml names."""
    wrong = [] if list(stated) == [LICENCE] else [f"license in galaxy.yml must be {LICENCE}"]
    return wrong if LICENCE_TITLE in text else [*wrong, f"LICENSE does not contain the {LICENCE_TITLE}"]


def files(present: t.Container[str]) -> list[str]:
    """Whether the repository has all files that users expect."""
    return [f"{name} is missing: write it" for name in FILES if name not in present]


def reproducible(first: archive.Built, second: archive.Built) -> list[str]:
    """Whether the archive and one that was built in another clone of the same commit are equal."""
    if first.sha256 == second.sha256:
        return []
    return [f"{first.file.name} differs from the archive of a clone of the last commit: commit all changes, or find the cause"]


def speed_of_tests(noted: t.Mapping[str, t.Any] | None, commit: str) -> list[str]:
    """Whether `make test` has succeeded on this commit, and how long it took; noted is what tests/tools/lanes.py wrote, None if nothing."""
    if noted is None:
        return ["the time of make test is unknown: run it"]
    wrong = [] if noted["commit"] == commit else ["make test has run on another commit: run it"]
    if not noted["is_good"]:
        wrong.append("make test has failed: read its output, and fix the cause")
    if noted["seconds"] > MOST_SECONDS:
        wrong.append(
            f"make test took {noted['seconds']:.0f} s, and {MOST_SECONDS} s are the limit: see docs/testing.md for what belongs where"
        )
    return wrong


def slowest(noted: t.Mapping[str, t.Any] | None) -> list[str]:
    """The files of tests that took longest, each with its session of nox and its seconds."""
    files: t.Mapping[str, float] = noted["files"] if noted else {}
    longest = sorted(files, key=lambda name: files[name], reverse=True)[:NAMED]
    return [f"{files[name]:6.1f} s  {name}" for name in longest]


def _number(stated: str) -> tuple[int, ...] | None:
    """A version as numbers, None if it is not one for a release."""
    found = _VERSION.fullmatch(str(stated))
    return tuple(map(int, found.groups())) if found else None


def _is_date(value: t.Any) -> bool:
    try:
        return bool(datetime.date.fromisoformat(value))
    except (TypeError, ValueError):
        return False
