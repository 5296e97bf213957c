# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""With a cache, no request is sent, unless other jobs are requested, or the cache cannot be used."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness.inventories import Inventory, options

# Long enough to differ from ordinary text.
TOKEN = "nf-token-of-the-cache-0123456789"


@pytest.fixture
def cached(inventory: Inventory, emulator: Emulator) -> t.Callable[..., Path]:
    """cached(**options) is a file with a cache, and these options."""
    emulator.add_token(TOKEN)
    emulator.add_token("another")
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(inventory.folder / "cache")}
    return lambda **rest: inventory.write(options(emulator, **{"api_token": TOKEN, **cache, **rest}))


def kept(inventory: Inventory) -> Path:
    """The only file of the cache."""
    (file,) = (inventory.folder / "cache").iterdir()
    return file


def test_a_cached_run_sends_no_request_and_shows_the_same(inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path]) -> None:
    first = inventory.listed(cached())
    emulator.requests.clear()
    assert inventory.listed(cached()) == first
    assert emulator.requests == []


def test_hosts_are_named_and_grouped_again_from_the_cache(inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path]) -> None:
    inventory.listed(cached())
    emulator.requests.clear()
    shown = inventory.listed(
        cached(hostname="northflank_project_id ~ '-' ~ northflank_job_id", groups={"daily": "'daily' in northflank_job.tags"})
    )
    assert (shown.group("daily"), emulator.requests) == (["alpha-clean-up", "alpha-report"], [])


@pytest.mark.parametrize(
    "changed, hosts",
    [
        ({"projects": ["beta"]}, ["beta.report"]),
        ({"job_type": "cron"}, ["alpha.clock"]),
        ({"filters": {"name": "clean-up"}}, ["alpha.clean-up"]),
        ({"team_id": "example-team"}, ["alpha.clean-up", "alpha.report", "beta.report"]),
    ],
    ids=lambda changed: next(iter(changed)) if isinstance(changed, dict) else "",
)
def test_the_cache_of_other_filters_is_not_used(
    inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path], changed: dict[str, t.Any], hosts: list[str]
) -> None:
    inventory.listed(cached())
    emulator.requests.clear()
    assert sorted(inventory.listed(cached(**changed)).hosts) == hosts
    assert len(emulator.requests) > 0


def test_what_is_left_out_is_reported_from_the_cache_too(inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path]) -> None:
    emulator.add_token("limited", projects=["beta"])
    messages = inventory.listed(cached(api_token="limited")).messages
    emulator.requests.clear()
    assert inventory.listed(cached(api_token="limited")).messages == messages
    assert (emulator.requests, "is left out" in messages) == ([], True)


@pytest.mark.parametrize("content", ["", "nonsense", "[1]", '{"jobs": []}', '{"selection": {}, "jobs": 5}'])
def test_a_cache_that_cannot_be_used_is_filled_again(inventory: Inventory, cached: t.Callable[..., Path], content: str) -> None:
    hosts = inventory.listed(cached()).hosts
    kept(inventory).write_text(content, encoding="utf-8")
    again = inventory.listed(cached())
    assert again.hosts == hosts
    assert "Traceback" not in again.messages
    assert kept(inventory).read_text(encoding="utf-8") != content


def test_the_cache_contains_no_token(inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path]) -> None:
    emulator.add_job("beta", "quotes", {"description": f"Uses {TOKEN}."})
    shown = inventory.listed(cached())
    assert shown.hosts["beta.quotes"]["northflank_job"]["description"] == "Uses ********."
    assert TOKEN not in kept(inventory).read_text(encoding="utf-8")


def test_a_playbook_can_have_the_cache_filled_again(inventory: Inventory, emulator: Emulator, cached: t.Callable[..., Path]) -> None:
    inventory.listed(cached())
    emulator.requests.clear()
    playbook = inventory.write([{"name": "Nothing", "hosts": "alpha", "gather_facts": False}], "nothing.yml")
    run = inventory.playbook(playbook, ["--inventory", str(cached())])
    assert (run.status, emulator.requests) == (0, [])
    inventory.playbook(playbook, ["--inventory", str(cached()), "--flush-cache"])
    assert len(emulator.requests) == 3
