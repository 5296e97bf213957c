# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log lines of a run: the last ones, and those that are new since the last poll, without secrets and control characters."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._flows import logs
from harness.client_data import TARGET
from harness.odd_server import Odd

RUN = TARGET._replace(run_id="a-run")


def line(second, log, **more):
    """A line as get-job-logs shows it."""
    return {"ts": f"2026-11-25T10:00:{second:02}.000Z", "log": log, **more}


def response(*lines):
    """A response of get-job-logs."""
    return Odd(body={"data": list(lines)})


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_the_newest_of_the_last_lines_is_the_last(odd_server, client_of, order):
    odd_server.responses = [response(*[line(1, "one"), line(2, "two"), line(3, "three")][::order])]
    assert logs.last_lines(client_of(odd_server.url), RUN, 2) == ["two", "three"]


def test_the_newest_of_the_last_lines_of_one_moment_is_the_last(odd_server, client_of):
    odd_server.responses = [response(line(1, "three"), line(1, "two"), line(1, "one"))]
    assert logs.last_lines(client_of(odd_server.url), RUN, 3) == ["one", "two", "three"]


def test_the_last_lines_are_requested_by_the_run_and_their_number(odd_server, client_of):
    odd_server.responses = [response()]
    assert logs.last_lines(client_of(odd_server.url), RUN, 20) == []
    assert odd_server.paths == ["/v1/projects/default-project/jobs/example-job/logs?runId=a-run&direction=backward&lineLimit=20"]


@pytest.mark.parametrize(
    "log, shown",
    [
        ("stdout F a line", ["stdout F a line"]),
        ("two\nlines\n", ["two", "lines"]),
        ("", [""]),
        ({"level": "info", "text": "ä"}, ['{"level": "info", "text": "ä"}']),
        (12, ["12"]),
        (None, ["null"]),
        ("\x1b[31mred\x1b[0m\tand\x07", [" [31mred [0m\tand "]),
        ("the value S3cret-and-long stands here", ["the value ******** stands here"]),
    ],
    ids=repr,
)
def test_a_line_is_shown_as_text_that_a_terminal_only_shows(odd_server, client_of, log, shown):
    odd_server.responses = [response(line(1, log))]
    assert logs.last_lines(client_of(odd_server.url, "S3cret-and-long"), RUN, 20) == shown


def test_entries_that_are_not_lines_are_left_out(odd_server, client_of):
    odd_server.responses = [response("text", None, line(1, "one"))]
    assert logs.last_lines(client_of(odd_server.url), RUN, 20) == ["one"]


class TestFollowing:
    """The new lines of each poll."""

    def follow(self, odd_server, client_of, *responses):
        """The new lines of each poll, one for each response."""
        odd_server.responses = list(responses)
        follower = logs.Follower(client_of(odd_server.url), RUN)
        return [follower.new_lines("2026-11-25T09:59:59Z") for _poll in responses]

    def test_each_line_comes_once(self, odd_server, client_of):
        one, two, also_two, three = line(1, "one"), line(2, "two"), line(2, "also two"), line(3, "three")
        assert self.follow(odd_server, client_of, response(one, two), response(two, also_two), response(also_two, two, three)) == [
            ["one", "two"],
            ["also two"],
            ["three"],
        ]

    def test_equal_lines_of_two_containers_or_moments_are_two_lines(self, odd_server, client_of):
        lines = [line(1, "same", containerId="a"), line(1, "same", containerId="b"), line(2, "same", containerId="a")]
        assert self.follow(odd_server, client_of, response(*lines)) == [["same"] * 3]

    def test_a_server_that_returns_all_lines_each_time_is_read_correctly(self, odd_server, client_of):
        one, two, three = line(1, "one"), line(2, "two"), line(3, "three")
        assert self.follow(odd_server, client_of, response(one, two), response(one, two, three)) == [["one", "two"], ["three"]]

    def test_the_next_poll_begins_where_the_last_one_stopped(self, odd_server, client_of):
        self.follow(odd_server, client_of, response(line(1, "one")), response())
        first, second = (path.partition("startTime=")[2] for path in odd_server.paths)
        assert (first, second) == ("2026-11-25T09%3A59%3A59Z", "2026-11-25T10%3A00%3A01.000Z")

    def test_more_lines_than_one_request_shows_are_read_at_once(self, odd_server, client_of, monkeypatch):
        monkeypatch.setattr(logs, "_FULL_BATCH", 2)
        odd_server.responses = [
            response(line(1, "one"), line(2, "two")),
            response(line(2, "two"), line(3, "three")),
            response(line(3, "three")),
        ]
        assert logs.Follower(client_of(odd_server.url), RUN).new_lines(None) == ["one", "two", "three"]
        assert len(odd_server.paths) == 3

    def test_a_moment_with_more_lines_than_one_response_contains_ends_the_poll(self, odd_server, client_of, monkeypatch):
        monkeypatch.setattr(logs, "_FULL_BATCH", 2)
        monkeypatch.setattr(logs, "_BATCH", 2)
        odd_server.responses = [response(line(1, "one"), line(1, "two"))]
        follower = logs.Follower(client_of(odd_server.url), RUN)
        assert (follower.new_lines(None), follower.is_behind) == (["one", "two"], True)
        assert len(odd_server.paths) == 2

    def test_a_server_that_returns_fewer_lines_than_requested_is_read_again(self, odd_server, client_of):
        lines = [line(number // 60, str(number)) for number in range(110)]
        odd_server.responses = [response(*lines[:60]), response(*lines[50:])]
        follower = logs.Follower(client_of(odd_server.url), RUN)
        assert (follower.new_lines(None), follower.is_behind) == ([str(number) for number in range(110)], False)

    def test_fractions_of_seconds_may_have_any_length(self, odd_server, client_of):
        stamps = ["00Z", "00.5Z", "00.75Z", "01Z", "01.000001Z"]
        lines = [{**line(1, stamp), "ts": f"2026-11-25T10:00:{stamp}"} for stamp in stamps]
        assert self.follow(odd_server, client_of, response(*lines[:2]), response(*lines[1:4]), response(*lines[3:][::-1])) == [
            stamps[:2],
            stamps[2:4],
            stamps[4:],
        ]

    @pytest.mark.parametrize("started_at", [None, "", 12], ids=repr)
    def test_a_run_without_a_start_time_is_followed_from_the_beginning(self, odd_server, client_of, started_at):
        odd_server.responses = [response()]
        logs.Follower(client_of(odd_server.url), RUN).new_lines(started_at)
        assert "startTime" not in odd_server.paths[0]
