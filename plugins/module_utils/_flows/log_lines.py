# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a log: their order, which of them are new, and their text for a terminal. All functions are pure."""

from __future__ import annotations

import collections
import datetime
import json
import typing as t

_FORMAT = "%Y-%m-%dT%H:%M:%S"
_DIGITS = 9
_SECOND = 10**_DIGITS


class Line(t.NamedTuple):
    """A line: its time stamp as the API wrote it, the ID of the container, the text."""

    stamp: str
    container: str
    text: str


Counts = t.Counter[Line]


def from_response(data: t.Iterable[t.Any], is_backward: bool) -> list[Line]:
    """The lines of a response of get-job-logs, the oldest first, in whatever order the response has them.

    For lines of the same time, only the direction of the request shows which one is the oldest.

    A line without a time stamp keeps its place: it gets that of the line before it, "" if there is none.
    """
    lines: list[Line] = []
    for entry in data:
        if isinstance(entry, dict):
            stamp = entry.get("ts")
            before = lines[-1].stamp if lines else ""
            lines.append(Line(before if stamp in (None, "") else str(stamp), str(entry.get("containerId")), _to_text(entry.get("log"))))
    first, last = (sort_key(lines[index].stamp) if lines else ("", "") for index in (0, -1))
    if first > last or is_backward and first == last:
        lines.reverse()
    return sorted(lines, key=lambda line: sort_key(line.stamp))


def sort_key(stamp: str) -> tuple[str, str]:
    """A key that sorts a time stamp by time, with any number of digits in its fraction."""
    whole, fraction = _split_stamp(stamp)
    return whole, fraction.rstrip("0")


def _split_stamp(stamp: str) -> tuple[str, str]:
    """The part of a time stamp before the decimal point, and the digits after it."""
    whole, dot, fraction = stamp.replace("+00:00", "Z").rstrip("Z").partition(".")
    return whole, fraction


def count_lines_at(lines: t.Iterable[Line], stamp: str) -> Counts:
    """How often each line is among those of one time."""
    return collections.Counter(line for line in lines if sort_key(line.stamp) == sort_key(stamp))


def find_new_lines(lines: t.Iterable[Line], since: str, seen: Counts) -> list[Line]:
    """The lines from a time on, without those of that time that were read (seen). A job can write the same text several times at once."""
    left = collections.Counter(seen)
    new = []
    for line in lines:
        if sort_key(line.stamp) == sort_key(since) and left[line] > 0:
            left[line] -= 1
        elif not since or sort_key(line.stamp) >= sort_key(since):
            new.append(line)
    return new


def last_digit_in_nanoseconds(stamp: str) -> int:
    """How many nanoseconds one unit of the last digit of a time stamp is: 1000000 for "12:00:00.123Z"."""
    whole, fraction = _split_stamp(stamp)
    nanoseconds: int = 10 ** max(0, _DIGITS - len(fraction))
    return nanoseconds


def add_nanoseconds(stamp: str, nanoseconds: int) -> str | None:
    """A time stamp plus nanoseconds, at most one second later. None if it is not a time."""
    whole, fraction = _split_stamp(stamp)
    try:
        second = datetime.datetime.strptime(whole, _FORMAT)
        total = int((fraction or "0").ljust(_DIGITS, "0")[:_DIGITS]) + min(nanoseconds, _SECOND)
    except ValueError:
        return None
    second += datetime.timedelta(seconds=total // _SECOND)
    return f"{second.strftime(_FORMAT)}.{total % _SECOND:0{_DIGITS}}Z"


def make_note(stamp: str, text: str) -> Line:
    """A line of the collection itself, for a place in a log where lines are missing."""
    return Line(stamp, "", f"[northflank_manual_job_run: {text}]")


def split_for_terminal(text: str) -> list[str]:
    """The lines of a text, with control characters replaced by spaces."""
    return [
        "".join(character if character.isprintable() or character == "\t" else " " for character in line)
        for line in text.splitlines() or [""]
    ]


def _to_text(log: t.Any) -> str:
    """The text of a line. The API documents no type for it."""
    return log if isinstance(log, str) else json.dumps(log, ensure_ascii=False)
