# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""The lines that runs log: when they exist, and which of them a query returns."""

from __future__ import annotations

import re

import pytest

VIEW = "Project > Jobs > Deployment > View Observability"
READ = "Project > Jobs > General > Read"


@pytest.fixture(name="lines")
def read_lines(send):
    """lines(direction="forward") is what get-job-logs shows."""
    return lambda **query: send("GET", "example-job/logs", params=query).json()["data"]


@pytest.fixture(name="logs")
def read_logs(lines):
    """logs(direction="forward") are the texts of these lines, the oldest first by default."""
    return lambda **query: [line["log"] for line in lines(**{"direction": "forward", **query})]


@pytest.fixture(name="run")
def run_to_its_end(emulator, start, read):
    """run("a", "b") runs the job, which logs these, to its end. Returns the ID of the run."""

    def act(*logged):
        emulator.plan_run(log=[logged])
        run_id = start()
        read(run_id)
        return run_id

    return act


def test_a_job_that_never_ran_has_no_lines(lines):
    assert lines() == []


def test_each_read_adds_the_next_lines_and_the_last_one_all_others(emulator, start, read, logs):
    emulator.plan_run(reads=3, log=[["a", "b"], ["c"], ["d"], ["e"]])
    run_id = start()
    there = [logs()]
    for attempt in range(4):
        read(run_id)
        there.append(logs())
    assert there == [[], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e"]]


def test_a_run_without_end_logs_group_by_group(emulator, start, read, logs):
    emulator.plan_run(reads=None, log=[["a"], [], ["b"]])
    run_id = start()
    there = [(read(run_id)["status"], logs()) for attempt in range(4)]
    assert there == [("RUNNING", ["a"]), ("RUNNING", ["a"]), ("RUNNING", ["a", "b"]), ("RUNNING", ["a", "b"])]


def test_an_abort_adds_all_other_lines(emulator, send, start, logs):
    emulator.plan_run(reads=None, log=[["a"], ["b"]])
    send("DELETE", f"example-job/runs/{start()}")
    assert logs() == ["a", "b"]


def test_a_read_of_the_list_of_runs_is_not_a_read_of_their_details(emulator, send, start, logs):
    emulator.plan_run(log=[["a"]])
    start()
    send("GET", "example-job/runs")
    assert logs() == []


def test_a_line_may_be_any_json(run, logs):
    values = ["text", "", 1, None, {"level": "info", "fields": [1]}, ["a"]]
    run(*values)
    assert logs() == values


def test_a_line_is_dated_and_names_its_container(run, lines):
    run("a")
    (line,) = lines()
    assert set(line) == {"ts", "log", "containerId"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
    assert line["containerId"].startswith("example-job-")


def test_containers_can_be_hidden(emulator, run, lines):
    emulator.shows_no_containers = True
    run("a")
    assert set(lines()[0]) == {"ts", "log"}


def test_each_line_is_later_than_the_one_before_in_any_run(run, lines):
    for attempt in range(3):
        run(*range(100))
    times = [line["ts"] for line in lines(direction="forward", lineLimit=1000)]
    assert (times, len(set(times))) == (sorted(times), 300)


def test_no_line_is_earlier_than_its_run(run, read, logs):
    run_id = run("a")
    assert logs(startTime=read(run_id)["startedAt"]) == ["a"]


def test_lines_are_listed_newest_first_by_default(run, logs):
    run("a", "b", "c")
    assert [logs(direction=direction) for direction in (None, "backward", "forward")] == [["c", "b", "a"], ["c", "b", "a"], ["a", "b", "c"]]


@pytest.mark.parametrize("direction, expected", [("backward", ["c", "b"]), ("forward", ["a", "b"])])
def test_the_limit_counts_from_the_end_that_comes_first(run, logs, direction, expected):
    run("a", "b", "c")
    assert logs(direction=direction, lineLimit=2) == expected


@pytest.mark.parametrize("limit, count", [(None, 100), (0, 0), (-1, 0), (2.5, 2), (1000, 150), ("1e300", 150)])
def test_the_limit_is_100_by_default(run, lines, limit, count):
    run(*range(150))
    assert len(lines(lineLimit=limit)) == count


def test_lines_can_be_requested_by_run(run, logs):
    first, second = run("a"), run("b")
    assert [logs(), logs(runId=first), logs(runId=second), logs(runId="other")] == [["a", "b"], ["a"], ["b"], []]


def test_lines_can_be_requested_by_time_both_ends_included(run, lines, logs):
    run("a", "b", "c", "d")
    times = [line["ts"] for line in lines(direction="forward")]
    assert [logs(startTime=times[1]), logs(endTime=times[1]), logs(startTime=times[1], endTime=times[2])] == [
        ["b", "c", "d"],
        ["a", "b"],
        ["b", "c"],
    ]


@pytest.mark.parametrize("fraction", ["", ".5", ".123", ".123456", ".123456789"])
def test_a_time_may_have_any_number_of_digits(run, logs, fraction):
    run("a")
    assert [logs(startTime=f"2000-01-01T00:00:00{fraction}Z"), logs(endTime=f"2000-01-01T00:00:00{fraction}Z")] == [["a"], []]


@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_what_is_not_a_time_is_refused(send, name):
    assert send("GET", "example-job/logs", params={name: "yesterday"}).status_code == 400


@pytest.mark.parametrize("types, expected", [("runtime", ["a"]), ("build", []), (["build", "runtime"], ["a"]), (["build", "mesh"], [])])
def test_only_the_type_of_runs_has_lines(run, logs, types, expected):
    run("a")
    assert logs(type=types) == expected


def test_each_type_must_be_one_of_the_contract(emulator, send):
    response = send("GET", "example-job/logs", params={"type": ["runtime", "other"]})
    assert (response.status_code, len(emulator.violations)) == (400, 1)


@pytest.mark.parametrize("query", ["containerName=a", "duration=60", "textIncludes=a", "regexNotIncludes=a"])
def test_a_parameter_that_is_not_supported_has_another_message_than_one_that_does_not_exist(emulator, send, query):
    assert (send("GET", f"example-job/logs?{query}").status_code, emulator.violations) == (501, [])


def test_logs_need_their_permission_and_no_other(emulator, send):
    emulator.add_token("able", permissions={VIEW})
    emulator.add_token("unable", permissions={READ})
    assert [send("GET", "example-job/logs", token=token).status_code for token in ("able", "unable")] == [200, 403]


def test_logs_keep_the_contract(emulator, send, run):
    run("a", None)
    send("GET", "example-job/logs?type=runtime&queryType=range&lineLimit=10&direction=forward", scope="/teams/my-team")
    assert (emulator.requests[-1].status, emulator.violations) == (200, [])
