# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions at the same time: all of them run, a failure is reported, and the times of all are shown."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from tools import collection_tree, lanes

ROOT = Path(__file__).resolve().parents[3]
# Replaces nox, which is not in the environment of the tests.
PROGRAM = """\
import os, sys

option, session, dashes, *arguments = sys.argv[1:]
print(f"this is {session}, in {os.environ['NORTHFLANK_PROCESSES']} processes more, told {arguments}")
sys.exit(session == "bad")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a program in the place of nox."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    collection_tree.git(tmp_path, "init", "--quiet")
    collection_tree.git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "a")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setattr(lanes, "NOX", (sys.executable, str(tmp_path / "program.py")))
    monkeypatch.setattr(lanes, "TIMES", tmp_path / "times")
    monkeypatch.setattr(lanes, "NOTED", tmp_path / "times" / "test.json")
    return tmp_path


def by_default() -> set[str]:
    """The sessions that nox runs by default: those of the noxfile without arguments, and those of antsibull-nox."""
    ours = re.findall(r"^@nox\.session\ndef (\w+)\(", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    theirs = re.findall(r"^\[sessions\.(\w+)\]", (ROOT / "antsibull-nox.toml").read_text(encoding="utf-8"), re.MULTILINE)
    return {*ours, *(name.replace("_", "-") for name in theirs)}


def test_each_session_of_a_set_runs_by_default() -> None:
    assert [session for sessions in lanes.SETS.values() for session in sessions if session not in by_default()] == []


def test_all_tests_are_what_runs_by_default() -> None:
    assert set(lanes.SETS["test"]) == by_default()


def test_all_sessions_run_and_their_output_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = lanes.run(["good", "bad", "other"], ["-k", "words"])
    assert [(each.session, each.is_good) for each in ended] == [("good", True), ("bad", False), ("other", True)]
    output = capsys.readouterr().out
    assert output.count("in 0 processes more, told ['-k', 'words']") == 3
    assert [session for session in ("good", "bad", "other") if f"this is {session}," not in output] == []


@pytest.mark.parametrize(("sessions", "status"), [(("good",), 0), (("good", "bad"), 1)])
def test_the_exit_status_shows_whether_all_succeeded(
    project: Path, monkeypatch: pytest.MonkeyPatch, sessions: tuple[str, ...], status: int
) -> None:
    monkeypatch.setitem(lanes.SETS, "test", sessions)
    monkeypatch.setattr(sys, "argv", ["lanes", "--set", "test"])
    with pytest.raises(SystemExit) as ended:
        lanes.main()
    noted = json.loads(lanes.NOTED.read_text(encoding="utf-8"))
    assert (ended.value.code, noted["is_good"]) == (status, status == 0)
    assert noted["commit"] == collection_tree.git(project, "rev-parse", "HEAD").strip()


def test_the_times_of_files_are_those_of_the_sessions_that_ran(project: Path) -> None:
    lanes.TIMES.mkdir()
    for session in ("good", "other"):
        (lanes.TIMES / f"{session}.json").write_text(json.dumps({"tests/test_a.py": 1.5}), encoding="utf-8")
    lanes.write_times([lanes.Ended("good", True, 2)], 3)
    noted = json.loads(lanes.NOTED.read_text(encoding="utf-8"))
    assert (noted["seconds"], noted["files"]) == (3, {"tests/test_a.py (good)": 1.5})


def test_the_table_begins_with_the_slowest() -> None:
    ended = [lanes.Ended("quick", True, 1), lanes.Ended("slow", False, 20)]
    lines = [line.split() for line in lanes.table(ended, 20.4).splitlines() if line]
    assert [line[-1] for line in lines[:2]] == ["slow", "quick"]
    assert (lines[0][2], lines[2][0]) == ("FAILED", "20")


def test_a_tag_selects_sessions_of_the_matrix_the_longest_kinds_first() -> None:
    found = lanes.of_matrix("matrix-2.21")
    assert [name.partition("-")[0] for name in found if name.endswith("2.21-3.12")] == ["awx_and_scale", "integration", "units", "sanity"]
    assert lanes.of_matrix(found[0]) == found[:1]


def test_a_tag_that_no_session_has_is_an_error(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["lanes", "--tag", "matrix-1.0"])
    with pytest.raises(SystemExit, match="2"):
        lanes.main()
    assert "no session of the matrix has the tag matrix-1.0" in capsys.readouterr().err
