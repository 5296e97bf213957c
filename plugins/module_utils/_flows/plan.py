# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of northflank_manual_job, decided from what is known of the job: pure, without any request.

The order keeps the number of requests low. A sub-resource is read only while a desired field is unknown, and one after the other: if
one of them leaves a field unknown, a probe may be necessary, and its response shows what the others would show. A probe is sent if only
the response to PATCH shows a field, or if an object must be sent whole and parts of it are unknown. One PATCH then sends all differences.

What PATCH cannot change follows: a run that a new image starts must have the new environment already. If only "Put job" can change it,
the whole job must be known, and whatever could refuse the task is found out before the first write.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import operations
from .._job import compare, fields, writes
from .._job.compare import Rows
from .._job.state import JobState
from .._options.argument_spec import APPLY, PROBE


class Read(t.NamedTuple):
    """Read this sub-resource, because it can show a desired field that is unknown."""

    resource: operations.Operation


class ReadToken(t.NamedTuple):
    """Read the permissions of the token, because no response contains some secret maps: there may be none, or they may be hidden."""


class Probe(t.NamedTuple):
    """Read the whole job from the response to a PATCH that changes nothing. rows are known to differ."""

    rows: Rows


class TreatAsEmpty(t.NamedTuple):
    """Treat these maps as empty, because neither the probe nor a sub-resource contained an entry. The token cannot read the hidden ones."""

    rows: Rows
    hidden: Rows


class RefuseMerge(t.NamedTuple):
    """Fail, because these maps are to be merged into values that cannot be read."""

    rows: Rows


class RefuseShapes(t.NamedTuple):
    """Fail, because the API returns these fields with a type that the collection does not support."""

    rows: Rows


class Patch(t.NamedTuple):
    """Send these rows. The previous values of the unknown ones could not be read."""

    rows: Rows
    unknown: Rows


class RefuseFixed(t.NamedTuple):
    """Fail, because these fields differ, and no operation changes them once the job exists."""

    rows: Rows


class RefusePut(t.NamedTuple):
    """Fail, because only "Put job" can make the change. It needs the whole job, and these fields are unknown."""

    rows: Rows


class RefuseIncomplete(t.NamedTuple):
    """Fail, because the job has another image source, and the task does not set these fields, which the new source requires."""

    rows: Rows


class Deploy(t.NamedTuple):
    """Send this request, which changes the deployment. The previous values of the unknown rows could not be read."""

    write: writes.Write
    unknown: Rows


class Done(t.NamedTuple):
    """Nothing is left to read or to send. unknown are the desired fields that could not be read."""

    unknown: Rows


Refusal = t.Union[RefuseMerge, RefuseShapes, RefuseFixed, RefusePut, RefuseIncomplete]
Action = t.Union[Read, ReadToken, Probe, TreatAsEmpty, Refusal, Patch, Deploy]
Step = t.Union[Action, Done]


@dataclass
class Situation:
    """Everything that decides the next step.

    desired are the values that the task sets, known the values that responses have shown, both {path of a row: canonical value}. strategy
    and policy are the options map_strategy and unreadable. operation is the PATCH to use. tried are the sub-resources that were read or
    refused, refused only the latter, forbidden those that the token cannot read. reads_secrets is whether the token has the permission to
    read secrets, None if that is unknown. gone are operations that change the deployment and no longer exist, deployed the rows that were
    sent by the others.
    """

    desired: JobState
    strategy: str
    policy: str
    is_check: bool
    operation: operations.Operation
    known: JobState = field(default_factory=dict)
    tried: set[operations.Operation] = field(default_factory=set)
    refused: set[operations.Operation] = field(default_factory=set)
    forbidden: set[operations.Operation] = field(default_factory=set)
    has_read_token: bool = False
    reads_secrets: bool | None = None
    gone: set[operations.Operation] = field(default_factory=set)
    has_probed: bool = False
    has_patched: bool = False
    deployed: Rows = field(default_factory=list)
    # With unreadable: apply, the fields that could not be read before the probe. They are sent whatever the response to the probe contains.
    unreadable_before_probe: Rows = field(default_factory=list)
    # The secret maps that are missing in the response to the probe: they are empty, or hidden from the token.
    unconfirmed: Rows = field(default_factory=list)
    # All secret maps that are missing in the last response with the whole job.
    absent: Rows = field(default_factory=list)

    def compare(self) -> compare.Comparison:
        """The desired fields that differ, and those that are unknown."""
        return compare.compare(self.desired, self.known, self.strategy)

    def is_forbidden(self, row: fields.Row) -> bool:
        """Whether the token lacks the permission for the sub-resource that shows a field."""
        return row.resource is not None and row.resource in self.forbidden

    def find_unreadable(self, unknown: Rows) -> Rows:
        """Those of the unknown fields that no sub-resource can show that was not tried yet."""
        return [row for row in unknown if row.resource is None or row.resource in self.tried]


def next_step(situation: Situation) -> Step:
    """What to do next. In check mode, only Read, RefuseFixed, RefuseIncomplete and Done."""
    compared = situation.compare()
    fixed = [row for row in compared.differing if row.is_fixed]
    if fixed:
        return RefuseFixed(fixed)
    incomplete = writes.find_lacking(situation.desired)
    lacking = [row for row in incomplete if row.path in situation.known and situation.known[row.path] is None]
    if lacking:
        return RefuseIncomplete(lacking)
    unread = _find_unread(situation, compared.unknown)
    if situation.is_check:
        return Read(unread[0]) if unread else Done(compared.unknown)
    if not situation.has_patched:
        step_of_phase = _step_after_probe if situation.has_probed else _step_before_probe
        step = step_of_phase(situation, compared, unread)
        if isinstance(step, Done):
            step = _step_of_deployment(situation, compared)
        return _check_before_first_write(situation, compared, step, incomplete)
    return _step_of_deployment(situation, compared)


def _check_before_first_write(situation: Situation, compared: compare.Comparison, step: Step, incomplete: Rows) -> Step:
    """The step, or one that must come before it: if the task may have to be refused, that must not happen after the first write."""
    if not isinstance(step, (Patch, Deploy)) or situation.deployed:
        return step
    decisive = [*incomplete, *(row for row in compared.unknown if row.is_fixed)]
    deployed = [row for row in compared.differing if row in fields.DEPLOYMENT]
    is_put_needed = writes.is_put_needed(deployed, situation.known, situation.gone)
    if not situation.has_probed:
        is_unclear = is_put_needed or any(row.path not in situation.known for row in decisive)
        return Probe(step.rows if isinstance(step, Patch) else step.write.rows) if is_unclear else step
    before = _step_before_put(situation) if is_put_needed else None
    return step if before is None else before


def _step_before_probe(situation: Situation, compared: compare.Comparison, unread: list[operations.Operation]) -> Step:
    unknown = situation.find_unreadable(compared.unknown)
    unmergeable = [row for row in unknown if situation.policy == APPLY and compare.is_unknown_merge(row, {}, situation.strategy)]
    if unmergeable:
        return RefuseMerge(unmergeable)
    rows = _rows_to_send(situation, compared.differing, unknown)
    if _needs_probe(situation, rows, unknown):
        return Probe(rows)
    if rows:
        # The response to PATCH shows the deployment.
        unread = [resource for resource in unread if resource is not operations.GET_DEPLOYMENT]
    if unread:
        return Read(unread[0])
    return Patch(rows, [row for row in unknown if row in fields.FIELDS]) if rows else Done(unknown)


def _step_after_probe(situation: Situation, compared: compare.Comparison, unread: list[operations.Operation]) -> Step:
    if situation.unconfirmed:
        if unread:
            return Read(unread[0])
        forbidden = [row for row in situation.unconfirmed if situation.is_forbidden(row)]
        unmergeable = [row for row in forbidden if compare.is_unknown_merge(row, {}, situation.strategy)]
        if unmergeable:
            return RefuseMerge(unmergeable)
        return TreatAsEmpty(situation.unconfirmed, [row for row in forbidden if not situation.desired[row.path]])
    unsupported = _find_unsupported_shapes(situation)
    if unsupported:
        return RefuseShapes(unsupported)
    unreadable = [row for row in situation.unreadable_before_probe if row in fields.FIELDS]
    rows = [row for row in fields.FIELDS if row in compared.differing or row in unreadable]
    return Patch(rows, unreadable) if rows else Done(unreadable)


def _step_of_deployment(situation: Situation, compared: compare.Comparison) -> Step:
    """The next step after everything that PATCH can change is as desired, or cannot be read."""
    unknown = [*situation.unreadable_before_probe, *compared.unknown]
    rows = [
        row
        for row in fields.DEPLOYMENT
        if not row.is_fixed
        and row not in situation.deployed
        and (row in compared.differing or situation.policy == APPLY and row in unknown)
    ]
    if not rows:
        return Done(unknown)
    write = writes.next_write(rows, situation.desired, situation.known, situation.gone)
    needed = writes.find_unknown(write, situation.desired, situation.known)
    is_whole = situation.has_probed or situation.has_patched
    is_ambiguous = writes.is_build_ambiguous(write, situation.desired, situation.known)
    if not is_whole and (needed or is_ambiguous or write.operation is operations.PUT_JOB):
        return Probe(rows)
    if needed:
        return RefusePut(needed) if write.operation is operations.PUT_JOB else RefuseShapes(needed)
    before = _step_before_put(situation) if write.operation is operations.PUT_JOB else None
    return Deploy(write, [row for row in write.rows if row in unknown]) if before is None else before


def _step_before_put(situation: Situation) -> Step | None:
    """What must come before the whole job is replaced, None if nothing can be lost.

    If a response with the whole job does not contain a secret map, the job has none, or the API hides it from this token. That is not
    documented, so this reads the sub-resource, and if that no longer exists, what the token may read.
    """
    is_set = situation.desired if situation.strategy == compare.REPLACE else {}
    hidden = [row for row in situation.absent if row.path not in is_set]
    unread = [row.resource for row in hidden if row.resource is not None and row.resource not in situation.tried]
    if unread:
        return Read(unread[0])
    unconfirmed = [row for row in hidden if row.resource is None or row.resource in situation.refused]
    # The response has hidden what a sub-resource shows, so it can also hide what has none.
    is_hidden = bool(situation.forbidden) or any(situation.known.get(row.path) for row in hidden)
    if not is_hidden and any(row.resource is not None for row in unconfirmed):
        if not situation.has_read_token:
            return ReadToken()
        is_hidden = situation.reads_secrets is False
    return RefusePut(unconfirmed) if unconfirmed and is_hidden else None


def _find_unread(situation: Situation, unknown: Rows) -> list[operations.Operation]:
    """The sub-resources that were not tried yet and can show the unknown fields."""
    wanted = [row.resource for row in unknown if row.resource is not None]
    return [resource for resource in dict.fromkeys(wanted) if resource not in situation.tried]


def _rows_to_send(situation: Situation, differing: Rows, unknown: Rows) -> Rows:
    """The fields to send by PATCH with what is known so far."""
    is_due = any(row in fields.FIELDS for row in differing) or situation.policy == APPLY
    return [row for row in fields.FIELDS if row in differing or is_due and row in unknown]


def _needs_probe(situation: Situation, rows: Rows, unknown: Rows) -> bool:
    if not rows:
        return bool(unknown) and situation.policy == PROBE
    return compare.needs_unknown_siblings(rows, situation.desired, situation.known, situation.strategy, situation.operation)


def _find_unsupported_shapes(situation: Situation) -> Rows:
    """The fields of the desired objects that are unknown although a response contained the whole job."""

    def name_sent_object(row: fields.Row) -> str:
        return row.parent_in(situation.operation) or row.path

    desired = {name_sent_object(row) for row in fields.FIELDS if row.path in situation.desired}
    unknown = [row for row in fields.FIELDS if row.path not in situation.known and name_sent_object(row) in desired]
    deployed = [row for row in fields.DEPLOYMENT if row.path in situation.desired and not row.is_fixed]
    return [*unknown, *(row for row in deployed if row.path not in situation.known)]
