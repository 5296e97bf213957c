# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task of northflank_manual_job on one job that exists: what its steps share."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from .._api.client import Client
from .._api.request import Target
from .._errors import GONE_STATUSES, ApiError
from .._job import deployment, fields, state
from .._job.compare import Rows
from .._job.state import JobState
from . import plan
from .reading import SubResources
from .result import sorted_options, warn_of_leftovers


class OperationGone(Exception):
    """The API no longer has an operation, or with 404, the job may no longer exist."""

    def __init__(self, operation: operations.Operation, status: int) -> None:
        super().__init__(operation.operation_id)
        self.operation = operation
        self.status = status


@dataclass
class JobTask:
    """One task on one job: the situation that decides the next step, and the objects that carry out the steps.

    rows, unknown and warnings are about the writes so far. before are the fields before them, expected those after them.
    """

    client: Client
    target: Target
    situation: plan.Situation
    sub_resources: SubResources
    response: dict[str, t.Any]  # of get-job, updated by that of PATCH
    hidden: Rows = field(default_factory=list)  # maps that are treated as empty, although the token cannot read them
    rows: Rows = field(default_factory=list)
    unknown: Rows = field(default_factory=list)
    before: JobState = field(default_factory=dict)
    expected: JobState = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    may_be_removed: bool = False  # a response since the last one with the whole job was 404

    @property
    def shows_deployment(self) -> bool:
        """Whether the result contains the deployment: a task that sets none of it does not read it."""
        return any(row.path in self.situation.desired for row in fields.DEPLOYMENT)

    def set_known(self, known: JobState) -> None:
        self.situation.known = known
        self.client.secrets.add(*state.secret_texts(known))

    def patch(self, body: t.Mapping[str, t.Any], is_probe: bool = False) -> dict[str, t.Any]:
        operation = self.situation.operation
        try:
            response: dict[str, t.Any] = self.client.fetch(operation, self.target, body, is_probe=is_probe)
        except ApiError as error:
            if error.status not in GONE_STATUSES or operation is not operations.PATCH_MANUAL_JOB:
                raise
            raise OperationGone(operation, error.status) from None
        if operation is operations.PATCH_JOB:
            # Only after a success: if the job was deleted meanwhile, patch-job fails, too, and patch-manual-job may still exist.
            self.client.replacements[operations.PATCH_MANUAL_JOB] = operation
        return response

    def read_whole_job(self, response: dict[str, t.Any]) -> JobState:
        """The fields in a response of PATCH or PUT."""
        shown = {**state.from_patch(response), **(deployment.from_patch(response) if self.shows_deployment else {})}
        self.situation.absent = [row for row in fields.FIELDS if row.secret and shown.get(row.path) is None]
        return shown

    def note_write(self, rows: Rows, unknown: Rows, before: JobState, expected: JobState) -> None:
        """Note what a write has changed, for the result, also if a later step fails."""
        self.before, self.expected = before, {**self.expected, **expected}
        self.rows, self.unknown = [*self.rows, *rows], [*self.unknown, *unknown]
        self.client.result_of_write = {"changed": True, "changed_fields": sorted_options(self.rows)}

    def learn_from_write(self, response: dict[str, t.Any], rows: Rows, expected: JobState) -> None:
        """Read the whole job from the response to a write, and warn of what is not as it was sent."""
        situation = self.situation
        self.response = {**self.response, **response}
        sent = [row.path for row in rows]
        self.set_known(state.after_patch(expected, self.read_whole_job(response), sent))
        differing = [row for row in situation.compare().differing if row in rows or row in fields.FIELDS]
        self.warnings += warn_of_leftovers(differing, situation.desired, situation.known, situation.strategy)

    def describe(self, rows: Rows) -> str:
        """The options of these rows, each with the reason why it is unknown, if a response showed the reason."""
        return ", ".join(row.option + self._reason(row) for row in rows)

    def _reason(self, row: fields.Row) -> str:
        if row.resource is None or row.resource not in self.sub_resources.refusals:
            return ""
        if self.sub_resources.is_forbidden(row.resource):
            return f' (the token lacks the permission "{row.resource.permission}")'
        return f" (the API no longer has the operation {row.resource.operation_id})"
