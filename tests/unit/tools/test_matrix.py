# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of ansible-core and Python is complete, and shows what is missing on this machine."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import pytest
from tools import matrix

ROOT = Path(__file__).resolve().parents[3]


def names(*present: str, core: str) -> list[str]:
    return [cell.name for cell in matrix.cells(present) if cell.core.name == core]


def test_the_row_of_this_ansible_core_is_as_in_its_package() -> None:
    package = importlib.metadata.metadata("ansible-core")
    minor = ".".join(package["Version"].split(".")[:2])
    pythons = re.findall(r"^Programming Language :: Python :: (3\.\d+)$", "\n".join(package.get_all("Classifier")), re.MULTILINE)
    (row,) = [core for core in matrix.CORES if core.name == minor]
    assert (row.oldest, row.newest) == (pythons[0], pythons[-1])


def test_the_first_row_is_the_oldest_that_the_collection_supports() -> None:
    runtime = (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
    assert re.findall(r"^requires_ansible: ['\"]?>=([0-9]+\.[0-9]+)", runtime, re.MULTILINE) == [matrix.CORES[0].name]


def test_the_oldest_python_of_a_target_is_the_one_that_ansible_test_checks() -> None:
    assert f'python_requires: ">={matrix.TARGET_PYTHON}"' in (ROOT / "tests" / "config.yml").read_text(encoding="utf-8")


def test_each_ansible_core_has_its_oldest_and_its_newest_python() -> None:
    assert names("3.10", "3.11", "3.12", core="2.16") == ["2.16-3.10", "2.16-3.12"]


def test_a_missing_newest_python_stays_listed_beside_its_replacement() -> None:
    assert names("3.12", "3.13", core="2.20") == ["2.20-3.12", "2.20-3.14", "2.20-3.13"]


def test_a_missing_oldest_python_has_no_replacement() -> None:
    assert names("3.11", "3.12", core="2.16") == ["2.16-3.10", "2.16-3.12"]


def test_a_python_that_runs_anyway_is_not_a_replacement() -> None:
    assert names("3.13", core="2.22") == ["2.22-3.13", "2.22-3.15"]


def test_modules_run_on_the_oldest_target_by_the_first_and_the_last_ansible_core() -> None:
    assert [cell.name for cell in matrix.cells() if "target" in cell.kinds] == ["2.16-3.10", "2.22-3.13"]


def test_the_oldest_the_newest_and_2_22_are_complete() -> None:
    assert [cell.name for cell in matrix.cells() if cell.is_whole] == ["2.16-3.10", "2.21-3.12", "2.22-3.13"]


@pytest.mark.parametrize("python, newest", [("3.11", "2.19"), ("3.12", "2.21"), ("3.13", "2.21")])
def test_the_newest_released_ansible_core_of_a_python(python: str, newest: str) -> None:
    assert matrix.newest_core(python).name == newest


def test_the_workflow_gets_the_whole_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    matrix.main()
    name, _equals, value = capsys.readouterr().out.partition("=")
    assert (name, [each["cell"] for each in json.loads(value)["include"]]) == ("matrix", [cell.name for cell in matrix.cells()])
