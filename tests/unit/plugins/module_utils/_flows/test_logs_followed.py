# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No line of a followed log is lost without a note, however few lines the API returns at once, and how many requests that costs."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._errors import TransportError
from ansible_collections.northflank.cloud.plugins.module_utils._flows import logs
from harness.client_data import TARGET
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

RUN = TARGET._replace(run_id="a-run")
BEGAN = "2026-11-25T10:00:00Z"


class Api:
    """The log of a run, from an API that returns at most this number of lines at once, with times of this precision.

    digits is the number of digits of its time stamps. exact is how many of them it compares with startTime (None: it ignores startTime).
    The requests with the numbers in fails get no response.
    """

    def __init__(self, most: int = 1000, digits: int = 3, exact: int | None = 3, fails: t.Collection[int] = ()) -> None:
        self.most, self.digits, self.exact, self.fails = most, digits, exact, fails
        self.secrets = Secrets("a-token-0123456789")
        self.lines: list[dict[str, t.Any]] = []
        self.queries: list[dict[str, t.Any]] = []

    def write(self, *moments: float) -> None:
        """Add a line for each moment, in milliseconds."""
        for moment in moments:
            fraction = f"{moment / 1000 % 60:0{self.digits + 3}.{self.digits}f}" if self.digits else f"{int(moment) // 1000 % 60:02}"
            stamp = f"2026-11-25T10:{int(moment) // 60000:02}:{fraction}Z"
            self.lines.append({"ts": stamp, "log": f"line {len(self.lines)}", "containerId": "a"})

    @property
    def texts(self) -> list[str]:
        """All lines that were written."""
        return [line["log"] for line in self.lines]

    def fetch(self, operation: t.Any, target: t.Any, query: dict[str, t.Any], wait_for_quota: bool) -> list[dict[str, t.Any]]:
        """A response of get-job-logs."""
        self.queries.append(query)
        if len(self.queries) in self.fails:
            raise TransportError("no response")
        start = self.cut(query.get("startTime", "")) if self.exact is not None else ""
        there = [line for line in self.lines if not line.get("ts") or self.cut(line["ts"]) >= start]
        number = min(query["lineLimit"], self.most)
        return there[:number] if query["direction"] == "forward" else there[::-1][:number]

    def cut(self, stamp: str) -> str:
        """A time with the precision with which the API compares it."""
        whole, dot, fraction = stamp.rstrip("Z").partition(".")
        return f"{whole}.{fraction[: self.exact].ljust(self.exact or 0, '0')}" if stamp else ""


def follower_of(api: Api) -> logs.Follower:
    """A follower of this log."""
    return logs.Follower(t.cast("t.Any", api), RUN)


def read_whole(follower: logs.Follower) -> list[str]:
    """The new lines of the last poll of a run, and of the polls that are needed after it."""
    found = follower.new_lines(BEGAN, is_last=True)
    while follower.is_behind and not follower.has_given_up:
        found += follower.new_lines(BEGAN, is_last=True)
    return found


def is_note(line: str) -> bool:
    """Whether a line is a note and not a line of the job."""
    return line.startswith("[northflank_manual_job_run: Lines ")


@pytest.mark.parametrize("number", [9_999, 10_001, 25_000])
def test_lines_that_one_poll_cannot_read_are_left_for_the_next_one_with_a_message(number: int) -> None:
    api = Api(most=500)
    api.write(*range(number))
    follower = follower_of(api)
    first = follower.new_lines(BEGAN, is_last=True)
    # Each request except the first requests the last line of the one before again.
    assert (len(first) == number, follower.is_behind) == (number < 9_981, number > 9_980)
    assert first + read_whole(follower) == api.texts


@pytest.mark.parametrize("most", [10, 20, 30, 49, 50, 100])
@pytest.mark.parametrize("number", [9, 10, 49, 50, 100, 333])
def test_an_api_that_returns_few_lines_at_once_is_read_to_the_end_at_the_last_poll(most: int, number: int) -> None:
    api = Api(most=most)
    api.write(*range(0, number * 3, 3))
    assert read_whole(follower_of(api)) == api.texts


@pytest.mark.parametrize("most", [10, 20, 49])
def test_an_api_that_returns_few_lines_at_once_is_read_to_the_end_after_other_polls_too(most: int) -> None:
    api = Api(most=most)
    follower = follower_of(api)
    found = []
    for poll in range(5):
        api.write(*range(poll * 1000, poll * 1000 + 120))
        found += follower.new_lines(BEGAN)
    assert found + read_whole(follower) == api.texts


@pytest.mark.parametrize("most", [12, 40, 100, 500])
@pytest.mark.parametrize("digits, exact", [(3, 3), (9, 9), (9, 3), (6, 0), (0, 0)])
def test_a_moment_with_more_lines_than_the_api_returns_is_reported_at_its_place(most: int, digits: int, exact: int) -> None:
    api = Api(most, digits, exact)
    api.write(1, *[5000] * (most + 90), *range(9000, 19000, 2500))
    follower = follower_of(api)
    found = read_whole(follower)
    (note,) = [line for line in found if is_note(line)]
    assert note == (
        f"[northflank_manual_job_run: Lines are missing here: the API returns at most {most} lines with the time {api.lines[1]['ts']}.]"
    )
    place = found.index(note)
    assert found[:place] == api.texts[:place]
    assert found[place + 1 :] == api.texts[-4:]
    assert (follower.gaps, follower.is_behind) == (1, False)


def test_a_moment_with_many_lines_is_read_completely_if_the_api_returns_more_on_request() -> None:
    api = Api(most=5000)
    api.write(1, *[5] * 1200, 7)
    follower = follower_of(api)
    assert (read_whole(follower), follower.gaps) == (api.texts, 0)


def test_a_moment_with_as_many_lines_as_one_response_contains_is_complete() -> None:
    api = Api(most=500)
    api.write(*[5] * 500)
    follower = follower_of(api)
    assert (read_whole(follower), follower.gaps, follower.is_behind) == (api.texts, 0, False)


def test_lines_after_a_moment_with_too_many_are_read_at_later_polls() -> None:
    api = Api(most=100)
    api.write(*[5] * 150)
    follower = follower_of(api)
    found = follower.new_lines(BEGAN)
    for second in range(1, 4):
        api.write(second * 1000)
        found += follower.new_lines(BEGAN)
    assert [line for line in found if not is_note(line)] == [*api.texts[:100], *api.texts[150:]]
    assert follower.gaps == 1


def test_following_ends_with_a_message_if_the_api_ignores_the_time_and_returns_too_few_lines() -> None:
    api = Api(most=60, exact=None)
    api.write(*range(500))
    follower = follower_of(api)
    found = read_whole(follower)
    assert ([line for line in found if not is_note(line)], follower.is_behind, follower.has_given_up) == (api.texts[:60], True, True)
    before = len(api.queries)
    assert read_whole(follower) == []
    assert len(api.queries) == before + 1


def test_following_ends_if_a_time_is_not_valid() -> None:
    api = Api(most=60)
    api.lines = [{"ts": "yesterday", "log": str(number)} for number in range(90)]
    follower = follower_of(api)
    assert (len(read_whole(follower)), follower.has_given_up, follower.is_behind) == (60, True, True)


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_failed_request_loses_no_lines(failing: int) -> None:
    api = Api(most=100, fails=[failing])
    api.write(*range(350))
    follower = follower_of(api)
    found = follower.new_lines(BEGAN)
    assert (str(follower.last_error), len(found) > 0) == ("no response", failing > 1)
    assert found + follower.new_lines(BEGAN) == api.texts
    assert follower.last_error is None


def test_equal_lines_of_one_moment_are_as_many_as_the_job_has_written() -> None:
    api = Api()
    follower = follower_of(api)
    found = []
    for number in (2, 0, 1, 3):
        api.lines += [{"ts": "2026-11-25T10:00:01.000Z", "log": "again", "containerId": "a"}] * number
        found.append(len(follower.new_lines(BEGAN)))
    assert found == [2, 0, 1, 3]


@pytest.mark.parametrize("stamp", [None, ""], ids=repr)
def test_lines_without_a_time_keep_their_place(stamp: str | None) -> None:
    api = Api()
    api.write(1, 2, 3)
    api.lines[1]["ts"] = stamp
    follower = follower_of(api)
    assert follower.new_lines(BEGAN) == api.texts
    del api.lines[1]
    api.write(4)
    assert follower.new_lines(BEGAN) == api.texts[-1:]
    assert [query["startTime"] for query in api.queries] == [BEGAN, "2026-11-25T10:00:00.003Z"]


def test_lines_none_of_which_has_a_time_come_once() -> None:
    api = Api(exact=None)
    follower = follower_of(api)
    found = []
    for text in ("one", "two", "two"):
        api.lines.append({"log": text})
        found += follower.new_lines(BEGAN)
    assert found == ["one", "two", "two"]


def test_lines_that_come_container_by_container_are_put_in_the_order_of_their_times() -> None:
    api = Api()
    api.write(1, 4, 2, 3)
    assert follower_of(api).new_lines(BEGAN) == ["line 0", "line 2", "line 3", "line 1"]


class TestTheRequests:
    """The number of requests. See also the guide about requests."""

    @pytest.mark.parametrize("number, requests", [(0, 1), (9, 1), (10, 2), (49, 2), (50, 2), (499, 2), (500, 2), (999, 3)])
    def test_a_run_that_has_ended_at_the_first_poll(self, number: int, requests: int) -> None:
        api = Api()
        api.write(*range(number))
        read_whole(follower_of(api))
        assert len(api.queries) == requests

    def test_a_poll_of_a_run_that_has_not_ended_takes_one_request_below_50_lines(self) -> None:
        api = Api()
        follower = follower_of(api)
        for poll in range(6):
            api.write(*range(poll * 1000, poll * 1000 + 48))
            follower.new_lines(BEGAN)
        assert len(api.queries) == 6

    def test_the_last_poll_takes_one_request_if_an_earlier_response_was_longer(self) -> None:
        api = Api()
        follower = follower_of(api)
        api.write(*range(30))
        follower.new_lines(BEGAN)
        api.write(*range(100, 120))
        assert (read_whole(follower), len(api.queries)) == (api.texts[30:], 2)

    def test_a_job_that_writes_many_lines_at_once_and_then_none_takes_one_request_for_each_poll(self) -> None:
        api = Api()
        api.write(*[5] * 40)
        follower = follower_of(api)
        found = [len(follower.new_lines(BEGAN)) for poll in range(6)]
        assert (found, len(api.queries), follower.gaps) == ([40, 0, 0, 0, 0, 0], 6, 0)


class TestTheLastLines:
    """What a message shows of a log that was followed in part."""

    def read(self, before: int, after: int, count: int, most: int = 1000) -> tuple[list[str], Api, logs.Follower]:
        api = Api(most)
        follower = follower_of(api)
        api.write(*range(before))
        follower.new_lines(BEGAN)
        api.write(*range(1000, 1000 + after))
        return follower.last_lines(count), api, follower

    def test_last_lines_that_continue_what_was_read_are_complete(self) -> None:
        lines, api, follower = self.read(3, 4, 5)
        assert (lines, follower.gaps, follower.is_behind) == (api.texts[3:], 0, False)

    @pytest.mark.parametrize("count, most", [(4, 1000), (9, 4)])
    def test_last_lines_that_may_be_incomplete_have_a_note_before_them(self, count: int, most: int) -> None:
        lines, api, follower = self.read(3, 6, count, most)
        assert lines == ["[northflank_manual_job_run: Lines may be missing here.]", *api.texts[-4:]]
        assert follower.gaps == 1

    def test_the_last_lines_of_an_unread_log_are_complete_if_they_are_fewer_than_requested(self) -> None:
        lines, api, follower = self.read(0, 4, 5)
        assert (lines, follower.gaps) == (api.texts, 0)

    def test_the_last_lines_of_an_unread_log_may_be_incomplete(self) -> None:
        lines, api, follower = self.read(0, 6, 5)
        assert (is_note(lines[0]), lines[1:], follower.gaps) == (True, api.texts[1:], 1)

    @pytest.mark.parametrize("before", [0, 3])
    def test_there_may_be_no_new_lines(self, before: int) -> None:
        lines, api, follower = self.read(before, 0, 5)
        assert (lines, follower.gaps) == ([], 0)


@PROPERTY
@given(
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60), st.booleans()), max_size=12),
    most=st.integers(10, 70),
    exact=st.integers(0, 6),
    digits=st.sampled_from([0, 3, 6]),
)
def test_a_line_that_is_missing_is_reported(steps: list[tuple[int, int, bool]], most: int, exact: int, digits: int) -> None:
    """Groups of lines at different times, some with a poll directly after them."""
    api = Api(most, digits, exact)
    follower = follower_of(api)
    found, now = [], 0
    for pause, number, polls in steps:
        now += pause * 400
        api.write(*[now] * number)
        if polls:
            found += follower.new_lines(BEGAN)
    found += read_whole(follower)
    read = [line for line in found if not is_note(line)]
    assert read == sorted(set(read), key=api.texts.index)
    assert len(found) - len(read) == follower.gaps
    if not follower.gaps and not follower.is_behind:
        assert read == api.texts
