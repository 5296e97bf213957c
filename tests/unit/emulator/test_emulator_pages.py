# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Lists come in pages, by number or by cursor."""

from __future__ import annotations

import pytest

JOBS = "/projects/default-project/jobs"
RUNS = f"{JOBS}/example-job/runs"
LISTS = [("/projects", "projects"), (JOBS, "jobs"), (RUNS, "runs")]


@pytest.fixture(name="page")
def read_page(call):
    """page(path, per_page=2) is the ids on a page and its pagination."""

    def read(path, **query):
        response = call("GET", path, params=query).json()
        return [entry["id"] for entries in response["data"].values() for entry in entries], response["pagination"]

    return read


@pytest.fixture(autouse=True)
def five_of_each(emulator, start):
    """Five projects, jobs and runs."""
    for number in range(4):
        emulator.add_project(f"project-{number}")
        emulator.add_job("default-project", f"job-{number}")
    for attempt in range(5):
        start()


@pytest.mark.parametrize("path, name", LISTS)
def test_a_list_is_named_as_documented(call, path, name):
    assert len(call("GET", path).json()["data"][name]) == 5


@pytest.mark.parametrize("path, name", LISTS)
def test_pages_can_be_requested_by_number(page, path, name):
    every = page(path)[0]
    assert [page(path, per_page=2, page=number) for number in (1, 2, 3, 4)] == [
        (every[:2], {"hasNextPage": True, "count": 2}),
        (every[2:4], {"hasNextPage": True, "count": 2}),
        (every[4:], {"hasNextPage": False, "count": 1}),
        ([], {"hasNextPage": False, "count": 0}),
    ]


@pytest.mark.parametrize("path, name", LISTS)
def test_pages_can_be_requested_by_cursor(emulator, page, path, name):
    emulator.pages_by = "cursor"
    seen, pagination = page(path, per_page=2)
    while pagination["hasNextPage"]:
        assert len(pagination["cursor"]) == 24
        ids, pagination = page(path, per_page=2, cursor=pagination["cursor"])
        seen = seen + ids
    assert (seen, pagination) == (page(path)[0], {"hasNextPage": False, "count": 1})


def test_a_cursor_works_if_responses_contain_none(emulator, page):
    emulator.pages_by = "cursor"
    cursor = page(JOBS, per_page=4)[1]["cursor"]
    emulator.pages_by = "page"
    assert page(JOBS, cursor=cursor) == (["job-3"], {"hasNextPage": False, "count": 1})


def test_a_cursor_works_after_the_list_has_changed(emulator, page, start):
    emulator.pages_by = "cursor"
    ids, pagination = page(RUNS, per_page=2)
    start()
    assert page(RUNS, cursor=pagination["cursor"])[0] == page(RUNS)[0][3:]


@pytest.mark.parametrize("path", [JOBS, "/projects/other/jobs", "/projects"])
def test_a_cursor_that_the_list_has_not_given_is_refused(emulator, call, page, path):
    emulator.add_job("other", "example-job")
    emulator.pages_by = "cursor"
    cursor = "0" * 24 if path == JOBS else page(JOBS, per_page=1)[1]["cursor"]
    assert (call("GET", path, params={"cursor": cursor}).status_code, emulator.violations) == (400, [])


@pytest.mark.parametrize("query", ["per_page=0", "per_page=101", "page=0", "page=one"])
def test_what_the_contract_does_not_allow_is_refused(emulator, call, query):
    assert (call("GET", f"{JOBS}?{query}").status_code, len(emulator.violations)) == (400, 1)


def test_a_page_has_50_entries_by_default_and_100_at_most(emulator, page):
    for number in range(200):
        emulator.add_job("default-project", f"more-{number}")
    assert [len(page(JOBS)[0]), len(page(JOBS, per_page=100)[0])] == [50, 100]


@pytest.mark.parametrize("by", ["page", "cursor"])
def test_more_than_a_thousand_jobs_are_listed_page_by_page(emulator, page, by):
    emulator.pages_by = by
    for number in range(1195):
        emulator.add_job("default-project", f"more-{number}", {"tags": ["one"], "runtimeEnvironment": {"KEY": "value" * 1000}})
    ids, pagination = page(JOBS, per_page=100)
    for number in range(2, 13):
        new, pagination = page(JOBS, per_page=100, **({"cursor": pagination["cursor"]} if by == "cursor" else {"page": number}))
        ids += new
    assert (len(set(ids)), pagination["hasNextPage"]) == (1200, False)


def test_unknown_kinds_of_pages_are_refused(emulator):
    with pytest.raises(ValueError, match="unknown pages_by 'offset', known are: page, cursor"):
        emulator.pages_by = "offset"
