# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a run is polled, and when polling ends, with a clock of the tests."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, OptionError, TransportError
from ansible_collections.northflank.cloud.plugins.module_utils._flows import watch as watches
from harness.client_data import TARGET
from harness.odd_server import Odd, api_error, too_many

LIMITS = {
    "wait": True,
    "wait_timeout": 3600,
    "poll_interval": 5,
    "poll_interval_max": 60,
    "log_lines": 20,
    "follow_logs": False,
    "abort_on_timeout": False,
}


def news(status="RUNNING", concluded=False, **headers):
    """A response of get-run-details."""
    return Odd(
        body={"data": {"id": "a-run", "status": status, "concluded": concluded}},
        headers={n.replace("_", "-"): v for n, v in headers.items()},
    )


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def monotonic(self):
        """The present moment, in seconds."""
        return self.now

    def sleep(self, seconds):
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(name="clock")
def own_clock(monkeypatch):
    """The clock of the watch."""
    clock = Clock()
    monkeypatch.setattr(watches, "time", clock)
    return clock


@pytest.fixture(name="watch_of")
def made_watch(odd_server, client_of, clock):
    """watch_of(responses, **limits) is the watch of a run with these responses of the API, and its progress lines."""

    def watch(*responses, **limits):
        odd_server.responses = list(responses)
        progress = []
        return watches.Watch(
            client_of(odd_server.url), TARGET._replace(run_id="a-run"), {**LIMITS, **limits}, {"id": "a-run"}, progress.append
        ), progress

    return watch


def test_the_time_between_polls_increases(watch_of, clock):
    watch, progress = watch_of(*[news()] * 8, news("SUCCESS", True))
    assert watch.wait_for_end()
    assert clock.slept == [5, 7.5, 11.25, 16.875, 25.3125, 37.96875, 56.953125, 60, 60]


def test_an_hour_takes_as_many_polls_as_documented(watch_of, odd_server):
    watch, progress = watch_of(news())
    assert not watch.wait_for_end()
    assert len(odd_server.paths) in range(60, 70)


def test_the_last_poll_is_when_the_time_is_over(watch_of, clock):
    watch, progress = watch_of(news(), wait_timeout=20)
    assert (watch.wait_for_end(), clock.slept) == (False, [5, 7.5, 7.5])


def test_the_longest_wait_is_not_shorter_than_the_first(watch_of, clock):
    watch, progress = watch_of(news(), news("SUCCESS", True), poll_interval=30, poll_interval_max=10)
    assert (watch.wait_for_end(), clock.slept) == (True, [30, 30])


def test_each_poll_is_reported(watch_of):
    watch, progress = watch_of(news(), news("SUCCESS", True))
    watch.wait_for_end()
    assert progress == [f"Run a-run of the job example-job: {news}" for news in ("started", "RUNNING after 5 s", "SUCCESS after 12 s")]


def test_a_response_without_a_status_does_not_keep_the_old_one(watch_of):
    watch, progress = watch_of(news(), Odd(body={"data": {"id": "a-run"}}), news("SUCCESS", True))
    watch.wait_for_end()
    assert progress[2] == "Run a-run of the job example-job: no status after 12 s"


@pytest.mark.parametrize("remaining, pause", [("100", 5), ("99", 20), ("10", 198), ("1", 1980), ("0", 1980)])
def test_the_last_of_the_quota_is_spread_over_the_time_until_it_resets(watch_of, clock, remaining, pause):
    watch, progress = watch_of(news(x_ratelimit_remaining=remaining, x_ratelimit_reset="1980"), news("SUCCESS", True), poll_interval_max=5)
    watch.wait_for_end()
    assert clock.slept == [5, pause]


def test_a_used_up_quota_is_waited_for_as_long_as_the_time_allows(watch_of, clock, odd_server):
    watch, progress = watch_of(too_many(x_ratelimit_reset="600", x_ratelimit_remaining="0"), news("SUCCESS", True))
    assert (watch.wait_for_end(), clock.slept) == (True, [5, 600])


@pytest.mark.parametrize(
    "headers", [{"x_ratelimit_reset": "600"}, {"retry_after": "600"}, {"retry_after": "600", "x_ratelimit_reset": "1"}]
)
def test_a_used_up_quota_is_waited_for_by_any_of_its_headers(watch_of, clock, headers):
    watch, progress = watch_of(too_many(**headers), news(), news("SUCCESS", True))
    assert (watch.wait_for_end(), clock.slept) == (True, [5, 600, 11.25])


def test_a_quota_that_stays_used_up_ends_in_time(watch_of, clock):
    watch, progress = watch_of(too_many(), wait_timeout=100)
    assert (watch.wait_for_end(), clock.now) == (False, 100)


@pytest.mark.parametrize(
    "trouble",
    [Odd(500, b"oh"), Odd(body=b"<html>"), api_error("not yet", 404), Odd(408, b"slow"), Odd(499, b""), Odd(body={"data": {"id": {}}})],
    ids=["500", "page", "404", "408", "499", "no id"],
)
def test_a_short_failure_does_not_end_the_watch(watch_of, trouble):
    watch, progress = watch_of(trouble, trouble, news(), trouble, trouble, news("SUCCESS", True))
    assert watch.wait_for_end()
    assert progress[1].startswith("Run a-run of the job example-job: the poll failed after 5 s: GET ")


def test_a_permanent_failure_ends_the_watch(watch_of, odd_server):
    watch, progress = watch_of(Odd(body=b"<html>"))
    with pytest.raises(TransportError, match="it is not JSON"):
        watch.wait_for_end()
    assert len(odd_server.paths) == 10


@pytest.mark.parametrize("limits", [{"poll_interval": 1, "poll_interval_max": 1}, {"poll_interval": 100}, {}], ids=str)
def test_failures_for_five_minutes_end_the_watch_however_frequent_the_polls_are(watch_of, clock, limits):
    longest = max(limits.get("poll_interval_max", 60), limits.get("poll_interval", 5))
    watch, progress = watch_of(news(), Odd(500, b"oh"), **limits)
    with pytest.raises(ApiError):
        watch.wait_for_end()
    first = sum(clock.slept[:2])
    assert first + 300 <= clock.now < first + 300 + longest


def test_two_failed_polls_do_not_end_the_watch_however_far_apart_they_are(watch_of, clock):
    watch, progress = watch_of(Odd(500, b"oh"), Odd(500, b"oh"), news("SUCCESS", True), poll_interval=1000)
    assert (watch.wait_for_end(), clock.slept) == (True, [1000, 1000, 1000])


def test_the_minutes_of_failed_polls_begin_again_after_each_response(watch_of, clock):
    trouble = [Odd(500, b"oh")] * 250
    watch, progress = watch_of(*trouble, news(), *trouble, news("SUCCESS", True), poll_interval=1, poll_interval_max=1)
    assert (watch.wait_for_end(), clock.now) == (True, 502)


def test_a_quota_that_is_used_up_does_not_count_as_a_failed_poll(watch_of, clock):
    watch, progress = watch_of(*[too_many()] * 10, news("SUCCESS", True))
    assert (watch.wait_for_end(), clock.now > 300) == (True, True)


def test_an_outage_of_some_minutes_does_not_end_the_watch(watch_of, clock):
    watch, progress = watch_of(*[Odd(503, b"busy")] * 9, news("SUCCESS", True))
    assert (watch.wait_for_end(), clock.now > 300) == (True, True)


def test_a_refusal_ends_the_watch_at_once(watch_of, odd_server):
    watch, progress = watch_of(api_error("no", 403))
    with pytest.raises(ApiError, match="Project > Jobs > General > Read"):
        watch.wait_for_end()
    assert len(odd_server.paths) == 1


@pytest.mark.parametrize(
    "run, ended",
    [
        ({"status": "SUCCESS", "concluded": True, "succeeded": 0}, True),
        ({"status": "FAILED", "concluded": False, "failed": 1}, False),
        ({"status": "RUNNING", "concluded": True}, True),
        ({"status": "RUNNING"}, False),
        ({"status": "RUNNING", "concludedAt": "2026-11-25T10:00:00Z"}, False),
        ({"status": "EVICTED", "concludedAt": "2026-11-25T10:00:00Z"}, True),
        ({"status": "EVICTED", "concludedAt": None}, False),
        ({"status": "FAILED"}, True),
        ({"status": "SUCCESS", "concluded": None}, True),
        ({}, False),
    ],
    ids=str,
)
def test_a_run_has_ended_when_the_api_returns_concluded(run, ended):
    assert watches.has_ended(run) is ended


@pytest.mark.parametrize(
    "name, value, rule",
    [
        *itertools.product(
            ["wait_timeout", "poll_interval", "poll_interval_max"], [0, -1, 604801], ["more than 0 and at most 604800 seconds"]
        ),
        *itertools.product(["log_lines"], [-1, 1001], ["from 0 to 1000"]),
    ],
)
def test_a_limit_that_is_not_a_usable_time_is_refused(name, value, rule):
    with pytest.raises(OptionError, match=f"^{name}: {value} is not allowed. It must be {rule}"):
        watches.check_limits({**LIMITS, name: value})


def test_following_the_log_needs_waiting():
    with pytest.raises(OptionError, match="^follow_logs: requires wait: true"):
        watches.check_limits({**LIMITS, "wait": False, "follow_logs": True})


def lines(*texts):
    """A response of get-job-logs."""
    return Odd(body={"data": [{"ts": f"2026-11-25T10:00:{number:02}Z", "log": text} for number, text in enumerate(texts)]})


@pytest.mark.parametrize("headers", [{"retry_after": "40"}, {"x_ratelimit_reset": "40", "x_ratelimit_remaining": "0"}], ids=str)
def test_a_quota_that_only_the_log_needs_is_waited_for_and_reported(watch_of, clock, headers):
    watch, progress = watch_of(news(), too_many(**headers), news("SUCCESS", True), lines("one"), follow_logs=True)
    assert (watch.wait_for_end(), clock.slept, watch.log, watch.log_problems) == (True, [5, 40], ["one"], [])
    assert progress[1].startswith("Run a-run of the job example-job: its log could not be read after 5 s: GET ")


def test_a_quota_for_the_log_at_the_end_is_waited_for_as_long_as_rate_limit_wait_allows(watch_of, waits):
    watch, progress = watch_of(news("SUCCESS", True), too_many(retry_after="40"), lines("one"), follow_logs=True)
    assert (watch.wait_for_end(), waits, watch.log, watch.log_problems) == (True, [40], ["one"], [])


def test_a_quota_that_stays_used_up_for_the_log_is_reported(watch_of, waits):
    watch, progress = watch_of(news("SUCCESS", True), too_many(retry_after="61"), follow_logs=True)
    (trouble,) = watch.log_problems if watch.wait_for_end() else ()
    assert trouble.startswith("The followed log may lack its last lines: GET ")
    assert waits == []


def test_the_log_at_the_last_poll_of_a_run_that_has_not_ended_does_not_wait_for_the_quota(watch_of, waits):
    watch, progress = watch_of(news(), too_many(retry_after="1"), follow_logs=True, wait_timeout=3)
    assert (watch.wait_for_end(), waits, len(watch.log_problems)) == (False, [], 1)


def test_a_log_that_one_poll_reads_in_part_is_read_completely_after_the_end(watch_of, monkeypatch):
    monkeypatch.setattr(watches.logs, "_MAX_BATCHES", 1)
    monkeypatch.setattr(watches.logs, "_FULL_BATCH", 2)
    texts = ["one", "two", "three", "four"]
    responses = [lines(*texts[:2]), lines(*texts[:3]), lines(*texts), lines(*texts)]
    watch, progress = watch_of(news("SUCCESS", True), *responses, follow_logs=True)
    assert (watch.wait_for_end(), watch.log, watch.log_problems) == (True, texts, [])


@pytest.mark.parametrize("limit", [{"wait_timeout": 5}, {"remaining": "99"}], ids=str)
def test_reading_a_log_ends_with_a_message_when_time_or_quota_are_used_up(watch_of, odd_server, monkeypatch, limit):
    monkeypatch.setattr(watches.logs, "_MAX_BATCHES", 1)
    monkeypatch.setattr(watches.logs, "_FULL_BATCH", 2)
    response = lines("one", "two")._replace(headers={"x-ratelimit-remaining": limit.get("remaining", "500")})
    watch, progress = watch_of(news("SUCCESS", True), response, follow_logs=True, wait_timeout=limit.get("wait_timeout", 3600))
    assert watch.wait_for_end()
    assert watch.log_problems == ["The followed log may lack its last lines: the API has more lines than could be read."]
    assert len(odd_server.paths) == 2


@pytest.mark.parametrize("responses, age, has_failed", [([news()], 0, False), ([news(), *[Odd(500, b"oh")] * 2], 15, True)])
def test_the_status_of_a_run_has_its_age_if_the_last_poll_failed(watch_of, responses, age, has_failed):
    watch, progress = watch_of(*responses, wait_timeout=20)
    assert not watch.wait_for_end()
    assert (round(watch.seconds_since_update), watch.last_error is not None) == (age, has_failed)


@pytest.mark.parametrize(
    "limits, slept",
    [({"poll_interval_max": 2}, [2, 2]), ({"poll_interval": 90}, [90, 90]), ({"poll_interval": 2, "poll_interval_max": 2.5}, [2, 2.5])],
    ids=str,
)
def test_the_default_of_the_two_intervals_is_adapted(watch_of, clock, limits, slept):
    watch, progress = watch_of(news(), news("SUCCESS", True), **limits)
    assert (watch.wait_for_end(), clock.slept) == (True, slept)


def test_a_log_without_permission_is_requested_once(watch_of, odd_server):
    watch, progress = watch_of(news(), api_error("no", 403), news("SUCCESS", True), follow_logs=True)
    assert watch.wait_for_end()
    assert (len(odd_server.paths), len(watch.warnings)) == (3, 1)
    assert watch.warnings[0].startswith("The log cannot be followed: GET ")


def test_what_a_response_leaves_out_stays_known(watch_of):
    watch, progress = watch_of(Odd(body={"data": {"id": "a-run", "runName": "name"}}), news("SUCCESS", True))
    watch.wait_for_end()
    assert watch.run == {"id": "a-run", "runName": "name", "status": "SUCCESS", "concluded": True}
