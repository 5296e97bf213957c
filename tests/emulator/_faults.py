# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Faults that a test orders: which request has one, and what the emulator returns instead of the usual response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

from ._errors import ApiError

# The kinds, and the details of each with their defaults.
KINDS: dict[str, dict[str, Any]] = {
    # The head is read, then the connection is reset.
    "reset before": {},
    # The request takes effect, then the connection is reset without a byte of the response.
    "reset after": {},
    # The request takes effect. The headers and half of the body are sent, then the connection ends.
    "cut body": {},
    # An HTML page, as a gateway sends it.
    "page": {"status": 502, "carried_out": False},
    # An error of the API, with these headers besides the usual ones. bare leaves out the headers about the quota.
    "error": {"status": 500, "headers": {}, "bare": False, "message": "This was ordered.", "carried_out": False},
    # Any response: a JSON value, or bytes as they are.
    "answer": {"status": 200, "body": {}, "content_type": "application/json", "carried_out": False},
    # The request takes effect at once, and the response is sent later.
    "late": {"seconds": 1.0},
    # The request takes effect at once. The head or the body is sent byte by byte, with this interval in seconds.
    "slow headers": {"interval": 0.2},
    "slow body": {"interval": 0.2},
    # To another address.
    "redirect": {"status": 302, "location": "https://example.com/"},
    # The usual response; afterwards no connection is accepted.
    "deaf": {},
}
NEVER_CARRIED_OUT = ("reset before", "redirect")
PAGE = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>A page of the gateway</h1></body></html>\n"


class Fault(NamedTuple):
    """What happens to a request. An empty kind means no fault."""

    kind: str
    details: Mapping[str, Any] = {}

    @property
    def is_carried_out(self) -> bool:
        """Whether the request takes effect."""
        return self.details.get("carried_out", self.kind not in NEVER_CARRIED_OUT)


NO_FAULT = Fault("")


def fault(kind: str, details: Mapping[str, Any]) -> Fault:
    """A fault of a known kind, with the defaults of KINDS for missing details. Raises ValueError for an unknown kind or detail."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of fault {kind!r}, known are: {', '.join(KINDS)}")
    unknown = sorted(set(details) - set(KINDS[kind]))
    if unknown:
        raise ValueError(f"unknown details of the fault {kind!r}: {', '.join(unknown)}, known are: {', '.join(KINDS[kind]) or 'none'}")
    return Fault(kind, {**KINDS[kind], **details})


def stand_in(ordered: Fault, quota: Mapping[str, str]) -> Response | None:
    """The response instead of the usual one, or None for the usual one. quota: the usual headers about the quota."""
    details = ordered.details
    if ordered.kind == "page":
        return Response(PAGE.format(**details), details["status"], content_type="text/html")
    if ordered.kind == "redirect":
        return Response("", details["status"], {"Location": details["location"]}, content_type="text/html")
    if ordered.kind == "error":
        body = ApiError(details["status"], "ordered", details["message"]).body()
        headers = {**({} if details["bare"] else quota), **details["headers"]}
        return Response(json.dumps(body), details["status"], headers, content_type="application/json")
    if ordered.kind == "answer":
        content = details["body"] if isinstance(details["body"], bytes) else json.dumps(details["body"])
        return Response(content, details["status"], dict(quota), content_type=details["content_type"])
    return None


@dataclass
class Order:
    """A fault for requests of an operation (None: of any), after `skip` of them, for `times` of them (None: for all)."""

    fault: Fault
    operation: str | None
    skip: int
    times: int | None


class Orders:
    """The orders, as they were given. The first that is due applies to the request, and each one counts it."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        """Add an order."""
        self._orders.append(order)

    def take(self, operation: str | None) -> Fault:
        """What happens to the next request, which is of this operation."""
        meant = [order for order in self._orders if order.operation in (None, operation)]
        due = next((order for order in meant if order.skip == 0 and order.times != 0), None)
        for order in meant:
            order.skip = max(0, order.skip - 1)
        if due is None:
            return NO_FAULT
        if due.times is not None:
            due.times -= 1
        return due.fault
