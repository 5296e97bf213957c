# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mutants are made and chosen, which tests try them, and when a run of them is worse than an earlier one."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
from tools import mutant_copies, mutant_list, mutant_runs, mutants
from tools.mutant_list import Mutant

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted((ROOT / "plugins").rglob("*.py"))}
OF_FILES = {path: mutant_list.of_source(path, source) for path, source in SOURCES.items()}
SAMPLE = mutant_list.sample(ROOT)
DOCUMENTED = ("DOCUMENTATION", "EXAMPLES", "RETURN")

# A line, and the lines that it becomes.
EACH_KIND: dict[str, tuple[str, list[str]]] = {
    "comparison": ("a == (b) != c", ["a != (b) != c", "a == (b) == c"]),
    "comparison of order": ("a < b >= c", ["a <= b >= c", "a < b > c"]),
    "comparison of members": ("a not  in b", ["a in b"]),
    "comparison of identity": ("(a) is not b", ["(a) is b"]),
    "boolean operator": ("a and (b) and c", ["a or (b) and c", "a and (b) or c"]),
    "not": ("a = not(b)", ["a = (b)"]),
    "condition": ("a = b if c < d else e", ["a = b if (not (c < d)) else e", "a = b if c <= d else e"]),
    "condition that is swapped": ("a = b if c == d else e", ["a = b if c != d else e"]),
    "number": ("a = -1", ["a = -2"]),
    "true or false": ("a = True", ["a = False"]),
    "text": ("a['b'], r'\\w', b'c', 'for people'", ["a['Xb'], r'\\w', b'c', 'for people'", "a['b'], r'X\\w', b'c', 'for people'"]),
    "arithmetic": ("a = b // c", ["a = b * c"]),
    "statement": ("a.b(c)", ["pass"]),
    "augmented assignment": ("a += b", ["pass"]),
    "text beside a word of more bytes": ("ä = 'ü', b", ["ä = 'Xü', b"]),
}
IN_BLOCKS: dict[str, tuple[str, list[str]]] = {
    "return": ("def f():\n    return (\n        a\n    )", ["def f():\n    return (\n        None\n    )"]),
    "loop": ("for a in b:\n    break", ["for a in b:\n    continue"]),
    "except": (
        "try:\n    a\nexcept (B, C):\n    a",
        ["try:\n    a\nexcept (B,):\n    a", "try:\n    a\nexcept (C,):\n    a"],
    ),
    "only exception": ("try:\n    a\nexcept b.C as c:\n    a", ["try:\n    a\nexcept () as c:\n    a"]),
    "class attribute": ("class A:\n    b = c(d)", ["class A:\n    b = None"]),
}
LEFT_OUT = [
    '"""documentation"""',
    "DOCUMENTATION = r'name: a'",
    "ROWS = Row('a', True)",
    "from __future__ import annotations",
    "if t.TYPE_CHECKING:\n    a = 1",
    "def f(a: t.Literal['b']) -> t.Literal['c']: ...",
    "a: t.Literal['b']",
    "@a(1)\ndef f(): ...",
    "a = f'{b == 1}'",
    "return_none = None",
    "def f():\n    return None",
]


def result(noticed_by: str | None, stage: str = "all") -> dict[str, t.Any]:
    return {"path": "a.py", "line": 1, "noticed_by": noticed_by, "stage": stage, "seconds": 1}


def became(source: str) -> list[str]:
    return [mutant.applied(source) for mutant in mutant_list.of_source("a.py", source)]


@pytest.mark.parametrize(("source", "expected"), [*EACH_KIND.values(), *IN_BLOCKS.values()], ids=[*EACH_KIND, *IN_BLOCKS])
def test_a_kind_of_change(source: str, expected: list[str]) -> None:
    assert [changed for changed in became(source) if changed in expected] == expected
    assert all(ast.parse(changed) for changed in became(source))


def test_a_text_for_people_stays() -> None:
    assert became("a = 'b c'") == became("a = ''") == []


@pytest.mark.parametrize("source", LEFT_OUT)
def test_what_is_not_code_stays(source: str) -> None:
    assert became(source) == []


def test_each_mutant_is_valid_python_that_differs() -> None:
    for mutant in SAMPLE:
        changed = mutant.applied(SOURCES[mutant.path])
        assert ast.parse(changed) and changed != SOURCES[mutant.path]
        assert mutant.original != mutant.changed


def test_no_two_mutants_share_an_id() -> None:
    ids = [mutant.id for found in OF_FILES.values() for mutant in found]
    assert len(ids) == len(set(ids))


def test_each_file_with_code_is_in_the_sample() -> None:
    numbers = {path: sum(mutant.path == path for mutant in SAMPLE) for path in SOURCES if "/doc_fragments/" not in path and SOURCES[path]}
    assert {path: number for path, number in numbers.items() if number < min(2, len(OF_FILES[path])) or number == 0} == {}
    assert len(SAMPLE) >= 150


def test_no_mutant_touches_documentation() -> None:
    lines = {path: documented_lines(source) for path, source in SOURCES.items()}
    assert [mutant for found in OF_FILES.values() for mutant in found if mutant.line in lines[mutant.path]] == []


def documented_lines(source: str) -> set[int]:
    """The lines of docstrings, and of what Ansible reads as documentation."""
    nodes = list(ast.walk(ast.parse(source)))
    texts = [node for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    texts += [node for node in nodes if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) in DOCUMENTED]
    return {line for node in texts for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


@pytest.mark.parametrize("path", ["plugins/module_utils/_flows/watch.py", "plugins/inventory/northflank_jobs.py"])
def test_the_sample_stays_when_lines_move(path: str) -> None:
    source = SOURCES[path]
    moved = source.replace("\ndef ", "\n\n# A comment.\n\ndef ").replace("\n        return ", "\n\n        return ")
    before, after = (mutant_list.chosen(mutant_list.of_source(path, text)) for text in (source, moved))
    assert [mutant.id for mutant in before] == [mutant.id for mutant in after]
    assert [mutant.line for mutant in before] != [mutant.line for mutant in after]


@pytest.mark.parametrize(
    ("source", "lines"),
    [("if (\n    a < b\n):\n    c = d\n", (1, 3)), ("if a:\n    b(\n        c < d\n    )\n", (2, 4))],
)
def test_a_mutant_has_the_lines_of_its_statement_or_of_its_head(source: str, lines: tuple[int, int]) -> None:
    found = mutant_list.of_source("a.py", source)
    assert [(mutant.line, mutant.last_line) for mutant in found if mutant.kind == "comparison"] == [lines]


def test_the_quick_and_specific_test_files_come_first() -> None:
    executed = {
        "slow": {"seconds": 9, "lines": {"a.py": [1, 2]}},
        "general": {"seconds": 2, "lines": {"a.py": [1, 2], "b.py": list(range(98))}},
        "quick": {"seconds": 2, "lines": {"a.py": [1, 2]}},
        "elsewhere": {"seconds": 1, "lines": {"a.py": [1], "b.py": [2]}},
    }
    assert mutant_runs.ordered(executed, "a.py", 2, 3) == ["quick", "slow", "general"]


@pytest.mark.parametrize("path", [path for path in SOURCES if "/doc_fragments/" not in path])
def test_integration_tests_touch_each_file(path: str) -> None:
    found = mutant_runs.slow(ROOT, path)
    assert found and len(found) == len(set(found))


def test_the_table_names_the_most_relevant_first(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "integration"
    for name in ("in_process/test_run_as_module.py", "in_process/test_a.py", "in_process/asking.py", "test_b.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    found = mutant_runs.slow(tmp_path, "plugins/plugin_utils/_in_process.py")
    assert found == ["tests/integration/in_process/test_run_as_module.py", "tests/integration/in_process/test_a.py"]


@pytest.mark.parametrize(
    ("status", "output", "by"),
    [
        (0, "1 passed", None),
        (1, ".F\nFAILED tests/a.py::test_b[c d] - AssertionError: e - f\n1 failed", "tests/a.py::test_b[c d]"),
        (2, "ERROR tests/a.py\n1 error", "tests/a.py"),
        (4, "ImportError while loading conftest", "exit status 4 of pytest: ImportError while loading conftest"),
        (-11, "", "exit status -11 of pytest: "),
    ],
)
def test_the_first_test_that_fails_notices(status: int, output: str, by: str | None) -> None:
    assert mutant_copies.noticed_by(status, output) == by


def test_what_was_noticed_before_and_is_not_now_is_lost() -> None:
    before = {"a": result("t"), "b": result("t"), "c": result(None), "d": result("t")}
    now = {"a": result("u"), "b": result(None), "c": result(None), "e": result(None)}
    assert mutants.lost(before, now) == ["b"]
    assert mutants.against(before, now) == [
        "NO LONGER NOTICED: b a.py:1 NOT NOTICED (1 s); it was by t",
        "Not tried here: 1 of the 4 mutants there",
    ]
    assert mutants.against(now, now) == []


@pytest.mark.parametrize(
    ("known", "stage", "done"),
    [
        (None, "units", False),
        (result("t", "units"), "all", True),
        (result(None, "units"), "units", True),
        (result(None, "units"), "all", False),
        (result(None, "all"), "units", True),
        (result(None, "all"), "all", True),
    ],
)
def test_a_run_continues_where_an_earlier_one_ended(known: dict[str, t.Any] | None, stage: str, done: bool) -> None:
    assert mutants.is_done(known, stage) is done


def test_mutants_are_selected_by_path_and_id() -> None:
    one, *unused = found = mutants.selected(SAMPLE, "*/watch.py", None)
    assert {mutant.path for mutant in found} == {"plugins/module_utils/_flows/watch.py"}
    assert mutants.selected(SAMPLE, None, one.id) == [one]
    with pytest.raises(ValueError, match="no such mutant: 0000"):
        mutants.selected(SAMPLE, None, f"{one.id},0000")


def test_the_summary_counts_by_file() -> None:
    assert [line.split() for line in mutants.summary([result("t"), result(None)])] == [
        ["a.py", "1", "of", "2", "mutants", "noticed"],
        ["in", "all", "1", "of", "2", "mutants", "noticed"],
    ]


def test_a_copy_contains_a_mutant_only_while_it_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plugins").mkdir()
    file = tmp_path / "plugins" / "a.py"
    file.write_text("a = 1\n", encoding="utf-8")
    monkeypatch.setattr(mutant_copies.collection_tree, "files", lambda _: [Path("plugins/a.py")])
    copy = mutant_copies.Copy(tmp_path, tmp_path / "worker")
    (mutant,) = t.cast(t.List[Mutant], mutant_list.of_source("plugins/a.py", "a = 1\n"))
    held = copy.root / "plugins" / "a.py"
    with pytest.raises(KeyError), copy.with_mutant(mutant):
        assert held.read_text(encoding="utf-8") == "a = 2\n"
        raise KeyError
    assert held.read_text(encoding="utf-8") == file.read_text(encoding="utf-8") == "a = 1\n"
