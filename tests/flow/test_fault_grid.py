# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault with each kind of request. tests/harness/faults.py has what a user is promised in each cell."""

from __future__ import annotations

from emulator import Emulator
from harness import JOB, PROJECT
from harness.fault_grid import EachCell
from harness.faults import GOES_AWAY, STAYS, STORED, Cell
from harness.flows import Flows
from harness.phases import Observation
from harness.playbooks import MODULE, connection


class TestFaultThatGoesAway(EachCell):
    """A fault that goes away before the retry."""

    cells = GOES_AWAY

    def test_the_task_returns_the_same_as_without_the_fault(self, seen: Observation, cell: Cell) -> None:
        assert seen.result.get("failed") is not True, seen.result["msg"]
        assert (seen.result["changed"], seen.result.get("warnings", [])) == (cell.column.changed, [])
        assert seen.result["job"]["description"] == cell.stored["description"]


class TestFaultThatStays(EachCell):
    """A fault that stays."""

    cells = STAYS

    def test_the_task_fails_with_the_cause(self, seen: Observation, cell: Cell) -> None:
        assert seen.result.get("failed") is True
        assert cell.message.fullmatch(seen.result["msg"]), (seen.result["msg"], cell.message.pattern)

    def test_a_failure_does_not_claim_a_change(self, seen: Observation) -> None:
        assert not seen.result.get("changed")


def test_a_probe_shows_what_a_sub_resource_of_another_shape_leaves_unknown(flows: Flows) -> None:
    with Emulator() as emulator:
        emulator.add_job(PROJECT, JOB, STORED)
        emulator.order("answer", "get-job-runtime-environment", body={"data": {"name": "other"}})
        options = connection(emulator, runtime_environment=STORED["runtimeEnvironment"])
        result = flows.run({"name": "Probe", MODULE: options}).result
    assert (result["changed"], result["unknown_fields"]) == (False, [])
    assert [request.operation for request in emulator.requests] == ["get-job", "get-job-runtime-environment", "patch-manual-job"]
