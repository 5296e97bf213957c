# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Faults that a test orders: which request meets one, and what is answered in place of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

from ._errors import ApiError

# The kinds, and what each may be told besides, with what holds if it is not.
KINDS: dict[str, dict[str, Any]] = {
    # The head is read, then the connection is reset.
    "reset before": {},
    # Carried out, then reset without a byte of the response.
    "reset after": {},
    # Carried out; the headers and half of the body, then the end of the connection.
    "cut body": {},
    # What something on the way says: an HTML page.
    "page": {"status": 502, "carried_out": False},
    # An error of the API, with these headers besides the usual ones; bare leaves out those that tell about the quota.
    "error": {"status": 500, "headers": {}, "bare": False, "message": "This was ordered.", "carried_out": False},
    # Any answer: a JSON value, or bytes as they are.
    "answer": {"status": 200, "body": {}, "content_type": "application/json", "carried_out": False},
    # Carried out at once, answered after a while.
    "late": {"seconds": 1.0},
    # Carried out at once; the head, or the body, comes a byte at a time, with so many seconds between them.
    "slow headers": {"interval": 0.2},
    "slow body": {"interval": 0.2},
    # To another address.
    "redirect": {"status": 302, "location": "https://example.com/"},
    # Answered as usual; then no connection is taken any more.
    "deaf": {},
}
NEVER_CARRIED_OUT = ("reset before", "redirect")
PAGE = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>A page of the gateway</h1></body></html>\n"


class Fault(NamedTuple):
    """What happens to a request; no kind stands for nothing unusual."""

    kind: str
    details: Mapping[str, Any] = {}

    @property
    def is_carried_out(self) -> bool:
        """Whether the API does what the request asks for."""
        return self.details.get("carried_out", self.kind not in NEVER_CARRIED_OUT)


NO_FAULT = Fault("")


def fault(kind: str, details: Mapping[str, Any]) -> Fault:
    """A fault of a known kind; what its details leave out is as KINDS says."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of fault {kind!r}, known are: {', '.join(KINDS)}")
    unknown = sorted(set(details) - set(KINDS[kind]))
    if unknown:
        raise ValueError(f"unknown details of the fault {kind!r}: {', '.join(unknown)}, known are: {', '.join(KINDS[kind]) or 'none'}")
    return Fault(kind, {**KINDS[kind], **details})


def stand_in(ordered: Fault, quota: Mapping[str, str]) -> Response | None:
    """What is answered in place of the API, None if the API answers; quota are the headers that usually tell about it."""
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
    """A fault for the requests that ask for this operation (None: for any), after some and for a number of times (None: for ever)."""

    fault: Fault
    operation: str | None
    skip: int
    times: int | None


class Orders:
    """The orders, in the order they were given: the first that is due takes the request, and every one counts it as passed."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        """Take an order."""
        self._orders.append(order)

    def take(self, operation: str | None) -> Fault:
        """What happens to the next request, which asks for this operation."""
        meant = [order for order in self._orders if order.operation in (None, operation)]
        due = next((order for order in meant if order.skip == 0 and order.times != 0), None)
        for order in meant:
            order.skip = max(0, order.skip - 1)
        if due is None:
            return NO_FAULT
        if due.times is not None:
            due.times -= 1
        return due.fault
