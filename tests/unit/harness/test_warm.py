# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The warm interpreter runs a file as a new Python would: with its arguments, folder, environment and streams, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
import zipfile
from pathlib import Path

import ansible.release
import pytest
from harness import warm

REPORT = """\
import json, os, sys
import ansible
print(json.dumps([sys.argv, os.getcwd(), dict(os.environ), sys.stdin.read(), __name__, ansible.__version__]))
print("an error", file=sys.stderr)
"""
# By status: a file that ends so.
ENDS = {0: "pass", 3: "import sys; sys.exit(3)", 1: "import sys; sys.exit('a reason')", 7: "import os; os._exit(7)"}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Path]:
    """The interpreter."""
    with warm.interpreter(tmp_path_factory.mktemp("warm"), ansible.release.__version__) as path:
        yield path


def run(python: str, folder: Path, text: str, *arguments: str, **options: t.Any) -> subprocess.CompletedProcess[str]:
    """Run a file with these lines in a folder."""
    (folder / "file.py").write_text(text, encoding="utf-8")
    command = [python, str(folder / "file.py"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, **options)


def test_a_program_gets_the_same_as_from_a_new_python(python: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "A": "ä b"}
    warmed, new = (
        run(program, tmp_path, REPORT, "one", "two words", env=environment, input="from outside\n")
        for program in (str(python), sys.executable)
    )
    assert json.loads(warmed.stdout) == json.loads(new.stdout)
    assert (warmed.stderr, warmed.returncode) == (new.stderr, new.returncode)


@pytest.mark.parametrize("status", [0, 3, 1])
def test_the_exit_status_is_that_of_the_program(python: Path, tmp_path: Path, status: int) -> None:
    done = run(str(python), tmp_path, ENDS[status])
    assert (done.returncode, "a reason" in done.stderr) == (status, status == 1)


def test_a_program_that_ends_without_a_result_has_failed(python: Path, tmp_path: Path) -> None:
    assert run(str(python), tmp_path, ENDS[7]).returncode == 255


def test_an_exception_is_shown(python: Path, tmp_path: Path) -> None:
    done = run(str(python), tmp_path, "raise RuntimeError('it broke')")
    assert (done.returncode, "RuntimeError: it broke" in done.stderr) == (1, True)


def test_a_program_has_no_effect_on_the_next_one(python: Path, tmp_path: Path) -> None:
    run(str(python), tmp_path, "import os, ansible; os.environ['LEFT'] = 'x'; os.chdir('/'); ansible.left = True")
    done = run(str(python), tmp_path, "import os, ansible; print(os.environ.get('LEFT'), os.getcwd(), hasattr(ansible, 'left'))")
    assert done.stdout.split() == ["None", str(tmp_path), "False"]


def test_a_program_is_not_a_controller_of_ansible(python: Path, tmp_path: Path) -> None:
    text = "import sys, ansible.module_utils.basic; print([name for name in sys.modules if name.startswith(('ansible._internal', 'ansible.parsing'))])"
    assert run(str(python), tmp_path, text).stdout == "[]\n"


def test_each_program_of_ansible_core_has_its_own_temporary_folder_which_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    text = "import os; from ansible import constants as C; print(C.DEFAULT_LOCAL_TMP, os.path.isdir(C.DEFAULT_LOCAL_TMP), C.DEFAULT_FORKS)"
    environment = {**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_FORKS": "3"}
    with warm.interpreter(folder, environment=environment) as python:
        shown = [run(str(python), tmp_path, text).stdout.split() for _time in range(2)]
    assert [(is_there, forks) for _path, is_there, forks in shown] == [("True", "3")] * 2
    assert (len({path for path, *rest in shown}), [path for path, *rest in shown if os.path.exists(path)]) == (2, [])


def test_the_server_ends_with_its_context(tmp_path: Path) -> None:
    with warm.interpreter(tmp_path, ansible.release.__version__) as python:
        pass
    assert "ConnectionRefusedError" in run(str(python), tmp_path, "pass").stderr


def test_a_file_in_a_zip_file_is_compiled_once_and_a_changed_one_again(python: Path, tmp_path: Path) -> None:
    program = "import sys\nsys.path.insert(0, sys.argv[1])\nimport packed\nprint(packed.VALUE)"
    values = []
    for name, value in (("first.zip", 1), ("second.zip", 1), ("third.zip", 2)):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("packed.py", f"VALUE = {value}\n")
        values.append(run(str(python), tmp_path, program, str(tmp_path / name)).stdout.strip())
    assert values == ["1", "1", "2"]
    assert len([file for file in python.parent.iterdir() if len(file.name) == 64]) == 2
