# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmark with the ansible-playbook beside this Python, and prints tables.

NORTHFLANK_COLLECTIONS=<folder of the installed collection> PYTHONPATH=tests python -m bench --sizes 1,10 --slow-limit 10
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from tools import collection_tree

from .bars import bars
from .contestants import CONTESTANTS, Setting
from .figures import Figures, Run, figures
from .plan import Plan
from .runs import Runner
from .stub import Stub
from .table import bar_table, figure_table
from .target import Target

_ROOT = Path(__file__).resolve().parents[2]
_NAMES = [contestant.name for contestant in CONTESTANTS]


def main() -> None:
    """Run all, print the tables, write the raw figures."""
    arguments = _arguments()
    chosen = tuple(contestant for contestant in CONTESTANTS if contestant.name in arguments.contestants)
    plan = Plan(chosen, arguments.sizes, arguments.hosts, arguments.repeats, arguments.slow_limit)
    runs = _run(plan, arguments.forks)
    found = figures(runs)
    machine = _machine()
    output = arguments.output or collection_tree.workspace(_ROOT) / "bench" / f"bench-{machine['ansible-core']}.json"
    _save(output, machine, arguments, runs, found)
    print(f"\n{', '.join(f'{name} {value}' for name, value in machine.items())}\n\n{figure_table(found)}\n\n{bar_table(bars(found))}\n")
    print(f"Raw figures: {output}")


def _run(plan: Plan, forks: int) -> list[Run]:
    """All runs of a plan, after one uncounted run of each contestant, which fills caches and shows early which one cannot run."""
    printed = subprocess.run([sys.executable, "-m", "bench.responses"], check=True, stdout=subprocess.PIPE, text=True).stdout
    target_data = json.loads(printed)
    runs = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Stub({prefix: response.encode() for prefix, response in target_data.pop("responses").items()}) as stub,
    ):
        target = Target(url=stub.url, **target_data)
        runner = Runner(os.environ["NORTHFLANK_COLLECTIONS"], Path(folder), stub, target, forks).learned()
        for contestant in plan.contestants:
            runner.run(contestant, Setting(1))
        for number, turns in enumerate(plan.rounds(), start=1):
            for contestant, setting, is_empty in turns:
                _tell(f"round {number} of {plan.repeats}: {contestant.title}, {'nothing' if is_empty else setting}")
                runs.append(runner.run(contestant, setting, is_empty))
    _tell("")
    return runs


def _tell(what: str) -> None:
    """Show progress on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _machine() -> dict[str, str]:
    """What the figures depend on, in general terms."""
    return {
        "ansible-core": metadata.version("ansible-core"),
        "Python": platform.python_version(),
        "requests": metadata.version("requests"),
        "system": f"{platform.system()} {platform.machine()}",
        "CPUs": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
    }


def _save(output: Path, machine: t.Mapping[str, str], arguments: argparse.Namespace, runs: list[Run], found: Figures) -> None:
    """Write all that was measured, and what was made of it."""
    content = {
        "machine": machine,
        "forks": arguments.forks,
        "runs": [asdict(run) for run in runs],
        "figures": [{"contestant": name, "setting": asdict(setting), **asdict(figure)} for (name, setting), figure in found.items()],
        "bars": [{**asdict(each), "verdict": each.verdict} for each in bars(found)],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what an item of a loop costs.")
    parser.add_argument("--sizes", type=_numbers, default="1,10,100,1000", help="the sizes of loops (default: %(default)s)")
    parser.add_argument("--hosts", type=int, default=50, help="the number of hosts, 0 for none (default: %(default)s)")
    parser.add_argument("--forks", type=int, default=10, help="how many hosts at once (default: %(default)s)")
    parser.add_argument(
        "--repeats", type=int, default=5, help="how often the quick ones run, and the slow ones at most (default: %(default)s)"
    )
    parser.add_argument(
        "--slow-limit", type=int, default=1000, help="the most items for the slow ones: module, uri, peer (default: %(default)s)"
    )
    parser.add_argument("--contestants", type=_names, default=",".join(_NAMES), help="who takes part (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="the file for the raw figures (default: .cache/bench/bench-<ansible-core>.json)")
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(_NAMES):
        raise argparse.ArgumentTypeError(f"known are {','.join(_NAMES)}")
    return names


if __name__ == "__main__":
    main()
