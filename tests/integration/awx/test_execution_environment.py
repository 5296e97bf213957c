# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-builder finds what the collection needs, and makes a build context from the example."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml


def ansible_builder(*arguments: str) -> str:
    """The output of ansible-builder."""
    command = [str(Path(sys.executable).parent / "ansible-builder"), *arguments]
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout


def test_the_python_packages_of_the_collection_are_found(collections: Path) -> None:
    found = yaml.safe_load(ansible_builder("introspect", str(collections)))
    assert [name.partition("#")[0].strip() for name in found["python"]] == ["requests", "urllib3>=1.26"]
    assert all("northflank.cloud" in name for name in found["python"])


def test_no_package_of_the_system_is_needed(collections: Path) -> None:
    assert yaml.safe_load(ansible_builder("introspect", str(collections)))["system"] == []


def test_the_example_makes_a_context(collection: Path, tmp_path: Path) -> None:
    example = collection / "execution-environment.yml"
    ansible_builder("create", "--file", str(example), "--context", str(tmp_path), "--output-filename", "Containerfile")
    requirements = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    containerfile = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert requirements == {"collections": [{"name": "northflank.cloud"}]}
    assert yaml.safe_load(example.read_text(encoding="utf-8"))["images"]["base_image"]["name"] in containerfile
