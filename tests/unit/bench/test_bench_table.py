# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure parts of the benchmark: what is run, what an item costs, the bars, and the tables."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from bench.bars import bars
from bench.contestants import ACTION, CONTESTANTS, DEBUG, GET, MODULE, PEER, Setting, playbook
from bench.figures import Figure, Run, figures
from bench.plan import Plan
from bench.table import bar_table, figure_table
from docutils.core import publish_doctree

PLAN = Plan(CONTESTANTS, (1, 10, 1000), hosts=50, repeats=5, slow_limit=1000)


def run(contestant: str = "action", items: int = 10, **rest: t.Any) -> Run:
    costs = {"wall": 0.1, "cpu": 1.0, "peak": 51200, "requests": items, "connections": 1, "is_empty": False, "setting": Setting(items)}
    return Run(contestant, **{**costs, **rest})


def figure(wall: float, peak: float = 50, connections: float = 1) -> Figure:
    return Figure(wall, wall, peak, 100, connections, 5)


def met(found: dict[tuple[str, Setting], Figure], words: str) -> bool | None:
    """Whether the only bar with these words in its requirement is met."""
    (found_bar,) = [each for each in bars(found) if words in each.requirement]
    return found_bar.is_met


def turns(plan: Plan, name: str, setting: Setting) -> int:
    """How often a contestant runs in a setting."""
    return sum(
        (name, setting, False) == (contestant.name, where, is_empty) for round_ in plan.rounds() for contestant, where, is_empty in round_
    )


def test_an_item_costs_the_median_of_the_runs_divided_by_their_items() -> None:
    runs = [run(wall=wall, cpu=2 * wall) for wall in (0.3, 0.1, 0.9)] + [run(is_empty=True, cpu=0.4)]
    found = figures(runs)["action", Setting(10)]
    assert (found.wall, found.cpu, found.peak, found.repeats) == (pytest.approx(30), pytest.approx(20), 50, 3)


def test_the_processor_time_of_a_loop_is_compared_with_an_empty_loop_of_another_size() -> None:
    runs = [run(items=10, cpu=1.5), run(items=1, is_empty=True, cpu=1.0)]
    assert figures(runs)["action", Setting(10)].cpu == pytest.approx(50)


def test_the_processor_time_on_hosts_is_not_compared_with_an_empty_loop() -> None:
    hosts = Setting(10, on_hosts=True)
    runs = [run(setting=hosts, cpu=1.5), run(setting=hosts, is_empty=True, cpu=0.5), run(is_empty=True, cpu=1.5)]
    assert figures(runs)["action", hosts].cpu == pytest.approx(100)


def test_processor_time_that_is_lost_in_the_spread_is_not_shown() -> None:
    runs = [run(cpu=1.05), *(run(is_empty=True, cpu=cpu) for cpu in (0.9, 1.0, 1.1))]
    found = figures(runs)
    assert found["action", Setting(10)].cpu is None
    assert " – " in figure_table(found).splitlines()[3]


def test_contestants_do_not_share_figures() -> None:
    runs = [run(name, wall=wall, is_empty=is_empty) for name, wall in (("debug", 0.1), ("uri", 3)) for is_empty in (False, True)]
    assert {name: round(found.wall) for (name, setting), found in figures(runs).items()} == {"debug": 10, "uri": 300}


@pytest.mark.parametrize(("wall", "is_met"), [(6.9, True), (7.1, False)])
def test_an_item_may_cost_two_of_debug_and_a_get(wall: float, is_met: bool) -> None:
    found = {(DEBUG.name, Setting(10)): figure(3), (ACTION.name, Setting(10)): figure(wall), (GET.name, Setting(10)): figure(1)}
    assert met(found, "2 x debug") is is_met


def test_a_task_on_hosts_is_compared_with_a_get_on_a_connection_of_its_own() -> None:
    hosts = Setting(50, on_hosts=True)
    found = {
        (DEBUG.name, hosts): figure(3),
        (ACTION.name, hosts): figure(9),
        (GET.name, Setting(1)): figure(4),
        (GET.name, Setting(50)): figure(1),
    }
    assert met(found, "One task on 50 hosts") is True


@pytest.mark.parametrize(("wall", "is_met"), [(400, True), (399, False)])
def test_an_item_may_cost_a_fortieth_of_the_modules(wall: float, is_met: bool) -> None:
    found = {(MODULE.name, Setting(100)): figure(wall), (ACTION.name, Setting(100)): figure(10)}
    assert met(found, "1/40") is is_met


def test_a_short_loop_is_not_compared_with_the_module() -> None:
    found = {(MODULE.name, Setting(1)): figure(400), (ACTION.name, Setting(1)): figure(30)}
    assert met(found, "1/40") is None


@pytest.mark.parametrize(("connections", "is_met"), [(1, True), (200, False)])
def test_a_loop_of_200_may_open_one_connection(connections: int, is_met: bool) -> None:
    assert met({(ACTION.name, Setting(200)): figure(5, connections=connections)}, "one TCP connection") is is_met


@pytest.mark.parametrize(("wall", "is_met"), [(5.2, True), (5.3, False)])
def test_an_item_of_a_long_loop_may_take_no_longer(wall: float, is_met: bool) -> None:
    assert met({(ACTION.name, Setting(100)): figure(5), (ACTION.name, Setting(1000)): figure(wall)}, "no longer") is is_met


@pytest.mark.parametrize(("peak", "is_met"), [(130, True), (131, False)])
def test_a_long_loop_may_take_little_more_memory_than_debug(peak: float, is_met: bool) -> None:
    found = {(DEBUG.name, Setting(1000)): figure(4, peak=100), (ACTION.name, Setting(1000)): figure(5, peak=peak)}
    assert met(found, "peak memory") is is_met


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {each.verdict for each in bars({})} == {"not measured"}


def test_quick_contestants_run_in_each_round() -> None:
    assert [turns(PLAN, name, Setting(1000)) for name in ("debug", "action", "get")] == [5, 5, 5]


def test_slow_contestants_run_the_less_the_longer_the_loop_is() -> None:
    assert [turns(PLAN, PEER.name, setting) for setting in (Setting(1), Setting(10), Setting(1000), Setting(50, on_hosts=True))] == [
        5,
        3,
        1,
        3,
    ]


def test_slow_contestants_do_not_run_above_their_limit() -> None:
    plan = replace(PLAN, slow_limit=10)
    assert [turns(plan, MODULE.name, setting) for setting in (Setting(10), Setting(1000), Setting(50, on_hosts=True))] == [3, 0, 0]


def test_a_loop_of_200_is_run_for_its_connections() -> None:
    assert [turns(PLAN, contestant.name, Setting(200)) for contestant in CONTESTANTS] == [0, 1, 0, 0, 0, 0]


def test_each_round_begins_with_another_contestant() -> None:
    assert [next(iter(round_))[0].name for round_ in PLAN.rounds()] == ["debug", "action", "module", "uri", "peer"]


def test_each_contestant_with_figures_has_a_run_without_items() -> None:
    everything = [turn for round_ in PLAN.rounds() for turn in round_]
    full, empty = (
        {(contestant.name, setting.on_hosts) for contestant, setting, is_empty in everything if is_empty is wanted}
        for wanted in (False, True)
    )
    assert full == empty


def test_an_empty_loop_has_no_items() -> None:
    loops = [playbook({}, Setting(10), is_empty)[0]["tasks"][0]["loop"] for is_empty in (False, True)]
    assert loops == ["{{ range(1, 11) | list }}", "{{ range(1, 1) | list }}"]


def test_the_table_is_aligned() -> None:
    found = {(ACTION.name, Setting(1)): figure(30), (DEBUG.name, Setting(10)): figure(4), (ACTION.name, Setting(10)): figure(6)}
    assert figure_table(found).splitlines() == [
        "=====  =====================  ==========  =======  ==============  ========  ========  ===========",
        "items  contestant             ms an item  x debug  CPU ms an item  peak MiB  requests  connections",
        "=====  =====================  ==========  =======  ==============  ========  ========  ===========",
        "1      the action plugin           30.00        –           30.00        50       100            1",
        "10     ansible.builtin.debug        4.00     1.00            4.00        50       100            1",
        "10     the action plugin            6.00     1.50            6.00        50       100            1",
        "=====  =====================  ==========  =======  ==============  ========  ========  ===========",
    ]


def test_the_table_shows_loops_before_hosts_and_short_ones_before_long_ones() -> None:
    found = {(DEBUG.name, setting): figure(4) for setting in (Setting(50, on_hosts=True), Setting(1000), Setting(2))}
    assert [line.split("  ")[0] for line in figure_table(found).splitlines()[3:-1]] == ["2", "1000", "50 hosts"]


@pytest.mark.parametrize(
    "text",
    [
        figure_table({(ACTION.name, Setting(1)): figure(30), (DEBUG.name, Setting(50, on_hosts=True)): figure(4)}),
        bar_table(bars({})),
    ],
)
def test_the_tables_are_restructuredtext(text: str) -> None:
    document = publish_doctree(text, settings_overrides={"report_level": 2, "halt_level": 2, "warning_stream": False})
    assert [node.tagname for node in document.children] == ["table"]
