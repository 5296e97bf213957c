# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the output of mutmut is read, and when a run of it fails."""

from __future__ import annotations

import re

import pytest
from tools import mutation
from tools.mutation import Change

MODULE = "ansible_collections.northflank.cloud.plugins.module_utils"
RESULTS = f"""
    {MODULE}.compare.x__same_checks__mutmut_1: killed
    {MODULE}.compare.x_equal__mutmut_2: survived
    {MODULE}.fields.xǁRowǁpath_in__mutmut_10: no tests
"""
SHOWN = """# a.b.compare.x_equal__mutmut_2: survived
--- a/b/compare.py
+++ a/b/compare.py
@@ -1,3 +1,3 @@
 def equal(one, other):
-    return (
-        one == other)
+    return None
"""
ALIVE = Change("compare.equal", "return (\none == other)", "return None")


def test_the_results_are_read_by_name() -> None:
    assert mutation.results(RESULTS) == {
        f"{MODULE}.compare.x__same_checks__mutmut_1": "killed",
        f"{MODULE}.compare.x_equal__mutmut_2": "survived",
        f"{MODULE}.fields.xǁRowǁpath_in__mutmut_10": "no tests",
    }


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("compare.x_equal__mutmut_2", "compare.equal"),
        ("compare.x__same_checks__mutmut_1", "compare._same_checks"),
        ("fields.xǁRowǁpath_in__mutmut_10", "fields.Row.path_in"),
    ],
)
def test_the_name_of_a_change_contains_its_function(name: str, function: str) -> None:
    assert mutation.function_of(f"{MODULE}.{name}") == function


def test_a_change_is_its_function_and_the_lines_before_and_after() -> None:
    assert mutation.change(f"{MODULE}.compare.x_equal__mutmut_2", SHOWN) == ALIVE


def test_a_mutant_that_no_test_reaches_is_not_noticed() -> None:
    assert mutation.scores(mutation.results(RESULTS)) == {"compare": (1, 2), "fields": (0, 1)}


def test_a_run_with_a_good_score_and_listed_survivors_is_right() -> None:
    assert mutation.problems({"compare": (9, 10)}, [ALIVE], [ALIVE]) == []


@pytest.mark.parametrize(
    ("counted", "alive", "listed", "message"),
    [
        ({"compare": (8, 9)}, [ALIVE], [ALIVE], "compare: 8 of 9 changes are noticed"),
        ({"compare": (9, 10)}, [ALIVE], [], "the list does not name"),
        ({"compare": (10, 10)}, [], [ALIVE], "it does not live"),
        ({}, [], [], "changed nothing"),
    ],
)
def test_a_run_is_wrong(counted: dict[str, tuple[int, int]], alive: list[Change], listed: list[Change], message: str) -> None:
    (problem,) = mutation.problems(counted, alive, listed)
    assert message in problem


def test_a_survivor_is_not_listed_without_a_reason() -> None:
    with pytest.raises(ValueError, match="without a reason"):
        mutation.listed_survivors("[{function: a.b, line: c, becomes: d, reason: ' '}]")


def test_the_list_of_survivors_can_be_read() -> None:
    listed = mutation.listed_survivors(mutation.SURVIVORS.read_text(encoding="utf-8"))
    assert {survivor.function.partition(".")[0] for survivor in listed} <= {"compare", "fields", "invocation", "plan", "state"}


def test_each_file_of_tests_that_a_run_takes_exists() -> None:
    settings = (mutation.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    of_mutmut = re.findall(r'"(tests/.+\.py)"', settings)
    named = [*mutation.TESTS_OF_ROWS, *of_mutmut]
    assert of_mutmut and [path for path in named if not (mutation.ROOT / path).is_file()] == []
