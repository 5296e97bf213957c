# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the items of a loop share in process, and what they never share: a session, by everything that makes it different."""

from __future__ import annotations

import contextlib
import threading
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import PROJECT
from harness.both_ways import AS_MODULE, IN_PROCESS, IN_PROCESS_VARIABLE, reasons
from harness.certificates import Certificates
from harness.playbooks import MODULE, Ansible

JOBS = tuple(f"job-{number}" for number in range(6))
TOKENS = ("the-first-token-of-this-test-0123456789", "the-second-token-of-this-test-0123456789")


class Attentive(Emulator):
    """An API that notes the token of each request, by its connection."""

    def __init__(self, **rest: t.Any) -> None:
        super().__init__(**rest)
        self.seen: list[str] = []

    def permissions_of(self, token: str) -> frozenset[str] | None:
        """Called for each request."""
        self.seen.append(token)
        return super().permissions_of(token)

    def end_connections_soon(self) -> None:
        """End each connection a moment after it was opened, without saying so."""
        opened = self._server.opened

        def open_for_a_moment(connection: t.Any) -> int:
            threading.Timer(0.2, self._server.shutdown_request, [connection]).start()
            return opened(connection)

        self._server.opened = open_for_a_moment

    @property
    def connections(self) -> list[int]:
        """The connection of each request."""
        return [request.connection for request in self.requests]


@pytest.fixture
def api_of() -> t.Iterator[t.Callable[..., Attentive]]:
    """Start an emulator that has the jobs and accepts both tokens."""
    with contextlib.ExitStack() as running:
        started: list[Attentive] = []

        def start(**rest: t.Any) -> Attentive:
            emulator = running.enter_context(Attentive(**rest))
            for job in JOBS:
                emulator.add_job(PROJECT, job, {"description": "As it is", "runtimeEnvironment": {"A": "1"}})
            for token in TOKENS:
                emulator.add_token(token)
            started.append(emulator)
            return emulator

        yield start
        assert [emulator.violations for emulator in started] == [[] for emulator in started]


@pytest.fixture
def loop(ansible: Ansible) -> t.Callable[..., list[dict[str, t.Any]]]:
    """loop(items, **options) is what the items registered: each is a dictionary of options."""

    def run(
        items: t.Sequence[t.Mapping[str, t.Any]], way: str = IN_PROCESS, keywords: t.Mapping[str, t.Any] | None = None, **options: t.Any
    ) -> list[dict[str, t.Any]]:
        common = {"project_id": PROJECT, "api_token": TOKENS[0], "retries": 0, **options}
        named = {name: f"{{{{ item.{name} | default(omit) }}}}" for item in items for name in item}
        task = {"name": "Try", MODULE: {**common, **named}, "loop": [dict(item) for item in items], **(keywords or {})}
        done = ansible.run({**task, "vars": {IN_PROCESS_VARIABLE: way == IN_PROCESS}}, arguments=["-vvv"])
        assert {bool(reason) for reason in reasons(done.output)} == {way != IN_PROCESS}
        return done.result["results"]

    return run


Loop = t.Callable[..., t.List[t.Dict[str, t.Any]]]


def ids(*jobs: str, **rest: t.Any) -> list[dict[str, t.Any]]:
    """Items of these jobs."""
    return [{"job_id": job, **rest} for job in jobs]


def test_a_loop_opens_one_connection(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    loop(ids(*JOBS), api_url=api.url, description="New")
    assert (len(api.connections), set(api.connections)) == (2 * len(JOBS), {1})


def test_retries_of_a_task_use_the_same_connection(api_of: t.Callable[..., Attentive], ansible: Ansible) -> None:
    api = api_of()
    api.order("error", "get-job", times=2)
    options = {"project_id": PROJECT, "job_id": JOBS[0], "api_url": api.url, "api_token": TOKENS[0]}
    ansible.run({"name": "Try", MODULE: options, "until": "result_0 is succeeded", "retries": 3, "delay": 0})
    assert api.connections == [1, 1, 1]


def test_the_module_opens_one_connection_for_each_item(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    loop(ids(*JOBS[:3]), AS_MODULE, api_url=api.url)
    assert api.connections == [1, 2, 3]


def test_the_results_of_a_loop_are_those_of_the_module(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    in_process, module = (
        loop(ids(*JOBS), way, api_url=api_of().url, description="New", runtime_environment={"A": 2}) for way in (IN_PROCESS, AS_MODULE)
    )
    assert [without_address(result) for result in in_process] == [without_address(result) for result in module]


def without_address(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A result without the address of the API, and without what ansible-core adds to that of a module."""
    return {name: value for name, value in result.items() if name not in ("invocation", "ansible_parsed")}


def test_a_removed_operation_is_requested_once_in_a_loop(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    api.gone = {"patch-manual-job"}
    results = loop(ids(*JOBS[:3]), api_url=api.url, description="New")
    assert [(result["changed"], result["api"]["requests"]) for result in results] == [(True, 3), (True, 2), (True, 2)]


def test_the_module_requests_a_removed_operation_for_each_item(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    api.gone = {"patch-manual-job"}
    results = loop(ids(*JOBS[:3]), AS_MODULE, api_url=api.url, description="New")
    assert [(result["changed"], result["api"]["requests"]) for result in results] == [(True, 3)] * 3


def test_the_next_task_requests_a_removed_operation_again(api_of: t.Callable[..., Attentive], ansible: Ansible) -> None:
    api = api_of()
    api.gone = {"patch-manual-job"}
    options = {"project_id": PROJECT, "api_url": api.url, "api_token": TOKENS[0], "description": "New"}
    done = ansible.run(*({"name": job, MODULE: {**options, "job_id": job}} for job in JOBS[:2]))
    assert [result["api"]["requests"] for result in done.results] == [3, 3]


def test_each_token_is_sent_only_for_its_own_items(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    wanted = [TOKENS[number] for number in (0, 1, 0, 1, 1, 0)]
    loop([{"job_id": job, "api_token": token} for job, token in zip(JOBS, wanted)], api_url=api.url)
    assert api.seen == wanted
    assert set(zip(wanted, api.connections)) == {(TOKENS[0], 1), (TOKENS[1], 2)}


def test_each_address_gets_its_own_items_and_no_other_token(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    apis = api_of(), api_of()
    items = [{"job_id": job, "api_url": apis[number % 2].url, "api_token": TOKENS[number % 2]} for number, job in enumerate(JOBS)]
    loop(items)
    assert [set(api.seen) for api in apis] == [{token} for token in TOKENS]
    assert [[request.job_id for request in api.requests] for api in apis] == [list(JOBS[::2]), list(JOBS[1::2])]


def test_each_team_gets_its_own_items(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    loop([{"job_id": job, "team_id": f"team-{number % 2}"} for number, job in enumerate(JOBS)], api_url=api.url)
    assert [request.team_id for request in api.requests] == ["team-0", "team-1"] * 3


def test_an_unverified_connection_is_not_used_by_an_item_that_verifies(
    api_of: t.Callable[..., Attentive], loop: Loop, tmp_path: Path
) -> None:
    certificates = Certificates(tmp_path / "right")
    api = api_of(ssl_context=certificates.context("127.0.0.1"))
    right, wrong = str(certificates.file), str(Certificates(tmp_path / "wrong").file)
    trusts = [
        {"validate_certs": False},
        {"ca_path": wrong},
        {"ca_path": right},
        {"validate_certs": True},
        {"ca_path": wrong},
        {"ca_path": right},
    ]
    results = loop([{"job_id": job, **trust} for job, trust in zip(JOBS, trusts)], api_url=api.url)
    assert [bool(result.get("failed")) for result in results] == [False, True, False, True, True, False]


def test_a_connection_that_the_server_closed_is_replaced(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    api.order("cut body", "get-job", skip=1)
    api.order("reset after", "get-job", skip=3)
    results = loop(ids(*JOBS), api_url=api.url, retries=1)
    assert [(bool(result.get("failed")), result["api"]["requests"]) for result in results] == [
        (False, 1),
        (False, 2),
        (False, 2),
        *[(False, 1)] * 3,
    ]
    assert len(set(api.connections)) == 3


def test_a_connection_that_the_server_closes_between_items_is_not_a_failure_even_without_retries(
    api_of: t.Callable[..., Attentive], loop: Loop
) -> None:
    api = api_of()
    api.end_connections_soon()
    results = loop(ids(*JOBS[:3]), api_url=api.url, keywords={"loop_control": {"pause": 0.5}})
    assert [(bool(result.get("failed")), result["api"]["requests"]) for result in results] == [(False, 1)] * 3
    assert api.connections == [1, 2, 3]


def test_more_tokens_than_sessions_are_kept_all_work(api_of: t.Callable[..., Attentive], loop: Loop) -> None:
    api = api_of()
    tokens = [f"token-{number}-of-this-test-0123456789" for number in range(12)]
    for token in tokens:
        api.add_token(token)
    loop([{"job_id": JOBS[0], "api_token": token} for token in [*tokens, *tokens]], api_url=api.url)
    assert api.seen == [*tokens, *tokens]


@pytest.mark.parametrize("state", ["current", "removed"])
def test_the_items_that_create_jobs_share_a_session(
    loop: t.Callable[..., list[dict[str, t.Any]]], api_of: t.Callable[..., Attentive], state: str
) -> None:
    emulator = api_of(state=state)
    names = [f"new-job-{number}" for number in range(3)]
    options = {
        "api_url": emulator.url,
        "billing": {"deployment_plan": "nf-compute-20"},
        "backoff_limit": 1,
        "deployment": {"external": {"image_path": "registry.example.com/report:1.4"}},
    }
    first, again = (loop([{"job_id": name} for name in names], **options) for run in range(2))
    assert [result["changed"] for result in [*first, *again]] == [True] * len(names) + [False] * len(names)
    assert set(emulator.jobs_of(PROJECT)) == {*JOBS, *names}
    created = [request for request in emulator.requests if request.method == "POST"]
    # Only the first item tries an operation that is removed.
    assert [request.status for request in created] == ([404] if state == "removed" else []) + [200] * len(names)
    # A request that must not be sent twice gets a new connection, and the read of the next item uses it.
    of_first = [request.connection for request in emulator.requests[: len(names) + len(created)]]
    assert len(set(of_first)) == 1 + len(created)
