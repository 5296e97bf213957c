# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the responses of the emulator deliberately do not match the types of the SDK `northflank` 2.1.0, and why.

The contract decides: fields.md has the state that shows a field, facts.md the differences of the contract from the SDK. A test fails if
a response deviates in another way, or if a listed deviation no longer occurs.
"""

from __future__ import annotations

import typing as t

# The names of pydantic for a missing member, for one that the type does not name, and for a value that the type does not allow.
MISSING, UNNAMED, OTHER = "missing", "extra_forbidden", "literal_error"

LEAN, CURRENT, RICH, REMOVED = STATES = ("lean", "current", "rich", "removed")


class Difference(t.NamedTuple):
    """A place in the data of a response, as in "jobs[].uid", and what is wrong there."""

    place: str
    kind: str


class Deviation(t.NamedTuple):
    """Differences of the same kind in the response of an operation, in some states, for one reason."""

    operation: str
    states: tuple[str, ...]
    kind: str
    places: tuple[str, ...]
    reason: str

    def differences(self) -> list[Difference]:
        """The single differences."""
        return [Difference(place, self.kind) for place in self.places]


_LEANEST = "The state lean shows no more than the contract requires: the collection must do with that."
_PROMISED = "get-job of the states rich and removed shows the whole job, as the deprecation notices promise. The SDK knows that of October."

# Operations of the collection that the SDK does not have.
NOT_IN_THE_SDK = {"get-job-logs": "It reads the log lines of services only, and follows those of jobs by a WebSocket."}

DEVIATIONS = (
    Deviation("list-projects", (LEAN,), MISSING, ("projects[].uid", "projects[].lifecycleStatus"), _LEANEST),
    Deviation("list-jobs", (LEAN,), MISSING, ("jobs[].uid", "jobs[].tags"), _LEANEST),
    Deviation("get-job", (LEAN,), MISSING, ("uid", "createdAt", "tags", "disabledCI"), _LEANEST),
    Deviation(
        "get-job",
        (LEAN, CURRENT, REMOVED),
        MISSING,
        ("settings.activeDeadlineSeconds",),
        "The shape of a job without a limit is not documented. The SDK allows neither its absence nor null.",
    ),
    Deviation(
        "get-job",
        (RICH,),
        MISSING,
        ("settings",),
        "The state rich has the members at their own paths, without the older names. With these two fields of the state current "
        "(see mix()) it has settings.",
    ),
    Deviation(
        "get-job",
        STATES,
        UNNAMED,
        ("status",),
        "The contract has it as the responses of PATCH, POST and PUT do, whose shape the notices promise for get-job.",
    ),
    Deviation(
        "get-job",
        (LEAN, CURRENT),
        UNNAMED,
        ("buildEngineConfiguration.buildkit.useInternalCache", "buildEngineConfiguration.buildkit.internalCacheStorage"),
        "The pages of June and of October show both. SDK 2.1.0 no longer names them.",
    ),
    Deviation(
        "get-job",
        (LEAN, CURRENT, REMOVED),
        UNNAMED,
        ("settings.cron.suspended",),
        "The contract has one shape of a schedule. The SDK names this in the responses of PATCH only.",
    ),
    Deviation(
        "get-job",
        (RICH, REMOVED),
        UNNAMED,
        (
            "billing.buildPlan",
            "billing.gpu",
            "buildArguments",
            "buildFiles",
            "deployment.external",
            "deployment.vcs",
            "dockerSecretMounts",
            "healthChecks",
            "runtimeEnvironment",
            "runtimeFiles",
        ),
        _PROMISED,
    ),
    Deviation("get-job", (RICH,), UNNAMED, ("activeDeadlineSeconds", "backoffLimit", "runOnSourceChange"), _PROMISED),
    Deviation("get-job", (REMOVED,), UNNAMED, ("settings.runOnSourceChange",), _PROMISED),
    Deviation(
        "get-job-health-checks",
        (LEAN, CURRENT, RICH),
        OTHER,
        ("healthChecks[].type",),
        "A startup probe. The bodies and the guides have it, so the contract allows it in the response too.",
    ),
    *(
        Deviation(
            operation,
            STATES,
            OTHER,
            ("jobType",),
            'Pages and SDK have only the value "cron", but describe it as "manual or cron". A manual job is and stays one.',
        )
        for operation in ("patch-job", "create-job", "put-job")
    ),
)


def listed(operation: str, state: str) -> list[Difference]:
    """The expected differences in the responses of an operation in a state."""
    rows = [row for row in DEVIATIONS if row.operation == operation and state in row.states]
    return [difference for row in rows for difference in row.differences()]
