# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a log: in the order of their time, what is new among them, and fit for a terminal. Pure functions."""

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


def from_answer(data: t.Iterable[t.Any], is_backward: bool) -> list[Line]:
    """The lines of an answer of get-job-logs, the oldest first, whatever the order is that they came in.

    Of lines of one moment only the direction that was asked for tells which is the oldest.

    A line without a time stamp keeps its place: it gets that of the line before it, "" if there is none.
    """
    lines: list[Line] = []
    for entry in data:
        if isinstance(entry, dict):
            stamp = entry.get("ts")
            before = lines[-1].stamp if lines else ""
            lines.append(Line(before if stamp in (None, "") else str(stamp), str(entry.get("containerId")), _text(entry.get("log"))))
    first, last = (moment(lines[index].stamp) if lines else ("", "") for index in (0, -1))
    if first > last or is_backward and first == last:
        lines.reverse()
    return sorted(lines, key=lambda line: moment(line.stamp))


def moment(stamp: str) -> tuple[str, str]:
    """A time stamp as what sorts by time, however many digits its fraction has."""
    whole, fraction = _parts(stamp)
    return whole, fraction.rstrip("0")


def _parts(stamp: str) -> tuple[str, str]:
    """The seconds and the digits after the point of a time stamp in UTC."""
    whole, dot, fraction = stamp.replace("+00:00", "Z").rstrip("Z").partition(".")
    return whole, fraction


def of_moment(lines: t.Iterable[Line], stamp: str) -> Counts:
    """How often each line stands among those of one moment."""
    return collections.Counter(line for line in lines if moment(line.stamp) == moment(stamp))


def unseen(lines: t.Iterable[Line], since: str, seen: Counts) -> list[Line]:
    """The lines from a moment on, less those of that moment that were seen. A job may write one text several times at once."""
    left = collections.Counter(seen)
    new = []
    for line in lines:
        if moment(line.stamp) == moment(since) and left[line] > 0:
            left[line] -= 1
        elif not since or moment(line.stamp) >= moment(since):
            new.append(line)
    return new


def unit(stamp: str) -> int:
    """What the last digit of a time stamp counts, in nanoseconds."""
    whole, fraction = _parts(stamp)
    nanoseconds: int = 10 ** max(0, _DIGITS - len(fraction))
    return nanoseconds


def later(stamp: str, nanoseconds: int) -> str | None:
    """A time stamp that is later by so much, at most by a second; None if it is no time."""
    whole, fraction = _parts(stamp)
    try:
        second = datetime.datetime.strptime(whole, _FORMAT)
        total = int((fraction or "0").ljust(_DIGITS, "0")[:_DIGITS]) + min(nanoseconds, _SECOND)
    except ValueError:
        return None
    second += datetime.timedelta(seconds=total // _SECOND)
    return f"{second.strftime(_FORMAT)}.{total % _SECOND:0{_DIGITS}}Z"


def note(stamp: str, text: str) -> Line:
    """A line that the collection itself writes into a log, where lines of the job are missing."""
    return Line(stamp, "", f"[northflank_manual_job_run: {text}]")


def fit(text: str) -> list[str]:
    """A text line by line, without what a terminal would obey."""
    return [
        "".join(character if character.isprintable() or character == "\t" else " " for character in line)
        for line in text.splitlines() or [""]
    ]


def _text(log: t.Any) -> str:
    """A line as text: the API documents no type for it."""
    return log if isinstance(log, str) else json.dumps(log, ensure_ascii=False)
