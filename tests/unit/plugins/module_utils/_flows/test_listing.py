# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists page by page, however the API marks their end, and what the filters keep of a list of jobs."""

from __future__ import annotations

import typing as t
import urllib.parse

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations, pages
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.request import Target
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, TransportError
from ansible_collections.northflank.cloud.plugins.module_utils._flows import listing
from harness import PROJECT
from harness.odd_server import Odd, OddServer
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

TARGET = Target(PROJECT)
Entry = t.Dict[str, t.Any]
Listed = t.Callable[..., t.List[str]]


def page(*names: str, **pagination: t.Any) -> Odd:
    """A page of jobs, with the given pagination if there is any."""
    more = {"pagination": {"count": len(names), **pagination}} if pagination else {}
    return Odd(body={"data": {"jobs": [{"id": name} for name in names]}, **more})


def queries(server: OddServer) -> list[dict[str, str]]:
    """The queries of the requests."""
    return [dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query)) for path in server.paths]


@pytest.fixture
def listed(odd_server: OddServer, client_of: t.Callable[..., Client]) -> Listed:
    """listed(*responses) are the IDs of the entries of a list with these responses as pages."""

    def ids(*responses: Odd) -> list[str]:
        odd_server.responses = list(responses)
        return [entry["id"] for entry in pages.read_all(client_of(odd_server.url), operations.LIST_JOBS, TARGET)]

    return ids


def test_each_page_is_requested_by_its_number_and_with_its_full_size(listed: Listed, odd_server: OddServer) -> None:
    assert listed(page("a", "b", hasNextPage=True), page("c", hasNextPage=True), page("d", hasNextPage=False)) == ["a", "b", "c", "d"]
    assert queries(odd_server) == [{"per_page": "100"}, {"per_page": "100", "page": "2"}, {"per_page": "100", "page": "3"}]


def test_a_cursor_is_followed_if_the_response_announces_a_next_page(listed: Listed, odd_server: OddServer) -> None:
    pages = page("a", hasNextPage=True, cursor="x/y="), page("b", hasNextPage=True, cursor="z"), page("c", hasNextPage=False)
    assert listed(*pages) == ["a", "b", "c"]
    assert queries(odd_server)[1:] == [{"per_page": "100", "cursor": "x/y="}, {"per_page": "100", "cursor": "z"}]


@pytest.mark.parametrize("cursor", [None, "", 7, {}])
def test_an_invalid_cursor_is_not_sent(listed: Listed, odd_server: OddServer, cursor: t.Any) -> None:
    listed(page("a", hasNextPage=True, cursor=cursor), page("b", hasNextPage=False))
    assert queries(odd_server)[1] == {"per_page": "100", "page": "2"}


def test_an_empty_list_costs_one_request(listed: Listed, odd_server: OddServer) -> None:
    assert (listed(page(hasNextPage=False)), len(odd_server.paths)) == ([], 1)


FULL = [str(number) for number in range(100)]


@pytest.mark.parametrize("pagination", [{}, {"hasNextPage": None}, {"hasNextPage": "no"}], ids=str)
def test_a_full_page_has_a_next_one_if_the_response_does_not_contain_has_next_page(
    listed: Listed, odd_server: OddServer, pagination: dict[str, t.Any]
) -> None:
    assert listed(page(*FULL, **pagination), page("last", **pagination)) == [*FULL, "last"]
    assert len(odd_server.paths) == 2


def test_an_id_that_is_a_number_is_used_as_text(listed: Listed) -> None:
    assert listed(Odd(body={"data": {"jobs": [{"id": 1}, {"id": "1"}, {"id": "b"}]}})) == ["1", "b"]


@pytest.mark.parametrize("length", [50, 100])
def test_a_list_with_pages_of_any_size_and_without_pagination_is_read_to_its_end(listed: Listed, length: int) -> None:
    ids = [str(number) for number in range(2 * length + 3)]
    pages = [Odd(body={"data": {"jobs": [{"id": each} for each in ids[first : first + length]]}}) for first in range(0, len(ids), length)]
    assert listed(*pages) == ids


def test_a_cursor_is_followed_if_the_response_does_not_contain_has_next_page(listed: Listed, odd_server: OddServer) -> None:
    assert listed(page("a", cursor="further"), page("b")) == ["a", "b"]
    assert queries(odd_server)[1] == {"per_page": "100", "cursor": "further"}


@pytest.mark.parametrize("second", [page(*FULL), page(*FULL, cursor="same"), page(cursor="same")], ids=["full", "cursor", "empty"])
def test_a_page_without_new_entries_ends_the_list_if_no_next_page_was_announced(listed: Listed, odd_server: OddServer, second: Odd) -> None:
    assert listed(page(*FULL, cursor="same"), second) == FULL
    assert len(odd_server.paths) == 2


@pytest.mark.parametrize("pagination", [None, [], "no", 1], ids=str)
def test_pagination_of_another_shape_is_ignored(listed: Listed, odd_server: OddServer, pagination: t.Any) -> None:
    odd = Odd(body={"data": {"jobs": [{"id": "a"}]}, "pagination": pagination})
    assert (listed(odd), len(odd_server.paths)) == (["a"], 1)


def test_a_full_page_is_the_last_one_if_the_response_announces_no_next_page(listed: Listed, odd_server: OddServer) -> None:
    assert (listed(page(*FULL, hasNextPage=False)), len(odd_server.paths)) == (FULL, 1)


def test_a_repeated_entry_is_listed_once_as_it_was_first(odd_server: OddServer, client_of: t.Callable[..., Client]) -> None:
    first, again = {"id": "a", "name": "First"}, {"id": "a", "name": "Again"}
    odd_server.responses = [Odd(body={"data": {"jobs": [first, again, {"id": "b"}]}})]
    assert pages.read_all(client_of(odd_server.url), operations.LIST_JOBS, TARGET) == [first, {"id": "b"}]


def test_a_job_that_moves_to_the_next_page_between_two_requests_is_listed_once(listed: Listed) -> None:
    assert listed(page("a", "b", hasNextPage=True), page("b", "c", hasNextPage=False)) == ["a", "b", "c"]


@pytest.mark.parametrize("second", [page("a", hasNextPage=True), page(hasNextPage=True)], ids=["the same", "empty"])
def test_a_page_without_new_entries_that_announces_a_next_page_ends_the_list(listed: Listed, odd_server: OddServer, second: Odd) -> None:
    with pytest.raises(
        TransportError,
        match=f"^GET /v1/projects/{PROJECT}/jobs: page 2 of the list contains no new entry, although the response announces a next page. Try again later.",
    ):
        listed(page("a", hasNextPage=True), second)
    assert len(odd_server.paths) == 2


def test_a_last_page_without_new_entries_ends_the_list(listed: Listed) -> None:
    assert listed(page("a", hasNextPage=True), page(hasNextPage=False)) == ["a"]


@pytest.mark.parametrize(
    "jobs",
    [
        {},
        "jobs",
        [1],
        [None],
        [{}],
        [{"id": True}],
        [{"id": None}],
        [{"id": ""}],
        [{"id": {}}],
        [{"id": []}],
        [{"id": 1.5}],
        [{"id": "a"}, ["b"]],
    ],
    ids=str,
)
def test_an_entry_of_another_shape_is_an_error(listed: Listed, jobs: t.Any) -> None:
    with pytest.raises(TransportError, match=f"^GET /v1/projects/{PROJECT}/jobs: an entry of the list has no ID. Check api_url"):
        listed(Odd(body={"data": {"jobs": jobs}}))


@pytest.mark.parametrize("body", [{"data": {}}, {"data": {"jobs": None}}, {"data": {"projects": []}}], ids=str)
def test_the_list_of_something_else_is_an_error(listed: Listed, body: t.Any) -> None:
    with pytest.raises(TransportError, match="its data does not contain jobs"):
        listed(Odd(body=body))


def test_a_refused_page_ends_the_list(listed: Listed) -> None:
    refused = Odd(403, {"error": {"status": 403, "message": "Forbidden"}})
    with pytest.raises(ApiError, match='GET /v1/projects/default-project/jobs: 403 Forbidden: .*"Project > Jobs > General > Read"'):
        listed(page("a", hasNextPage=True), refused)


class Pages(t.NamedTuple):
    """The pages of a list as a client receives them: with cursors or page numbers, and with or without pagination."""

    pages: t.Sequence[t.Sequence[str]]
    by_cursor: bool
    is_told: bool

    def request(self, operation: operations.Operation, target: Target, query: t.Mapping[str, t.Any]) -> Entry:
        """A page."""
        assert set(query) <= ({"cursor"} if self.by_cursor else {"page"})
        number = int(query.get("cursor", query.get("page", 1)))
        found = self.pages[number - 1] if number <= len(self.pages) else []
        pagination = {
            "hasNextPage": number < len(self.pages),
            "count": len(found),
            **({"cursor": str(number + 1)} if self.by_cursor else {}),
        }
        return {
            "data": {operation.required_member: [{"id": name} for name in found]},
            **({"pagination": pagination} if self.is_told else {}),
        }


NAMES = st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=30)


@PROPERTY
@given(names=NAMES, borders=st.sets(st.integers(1, 29)), again=st.integers(0, 3), by_cursor=st.booleans())
def test_any_split_into_pages_yields_each_entry_once_and_in_order(names: list[str], borders: set[int], again: int, by_cursor: bool) -> None:
    ends = sorted(border for border in borders if border < len(names))
    # Each page begins with some that have moved there from the page before, and ends with a new one.
    split = [names[max(0, first - again) : last] for first, last in zip([0, *ends], [*ends, len(names)])]
    found = pages.read_all(t.cast(Client, Pages(split, by_cursor, True)), operations.LIST_JOBS, TARGET)
    assert [entry["id"] for entry in found] == names


@PROPERTY
@given(count=st.integers(0, 450))
def test_full_pages_yield_each_entry_without_pagination(count: int) -> None:
    names = [f"job-{number}" for number in range(count)]
    split = [names[first : first + 100] for first in range(0, count, 100)] or [[]]
    found = pages.read_all(t.cast(Client, Pages(split, False, False)), operations.LIST_JOBS, TARGET)
    assert [entry["id"] for entry in found] == names


TYPED = [
    {"id": "a", "jobType": "manual"},
    {"id": "b", "jobType": "cron"},
    {"id": "c"},
    {"id": "d", "jobType": "other"},
    {"id": "e", "jobType": None},
]


@pytest.mark.parametrize(
    "types, kept", [(["manual"], ["a", "c"]), (["cron"], ["b"]), (["manual", "cron"], ["a", "b", "c"]), ([], [])], ids=str
)
def test_jobs_are_those_of_the_requested_types(
    odd_server: OddServer, client_of: t.Callable[..., Client], types: list[str], kept: list[str]
) -> None:
    odd_server.responses = [Odd(body={"data": {"jobs": TYPED}})]
    assert [entry["id"] for entry in listing.list_jobs(client_of(odd_server.url), PROJECT, types)] == kept


def test_each_job_names_its_project(odd_server: OddServer, client_of: t.Callable[..., Client]) -> None:
    odd_server.responses = [Odd(body={"data": {"jobs": [{"id": "a"}, {"id": "b", "projectId": "other"}]}})]
    assert {entry["projectId"] for entry in listing.list_jobs(client_of(odd_server.url), PROJECT, ["manual"])} == {PROJECT}


class TestFilters:
    """What is kept of a list."""

    JOBS: t.ClassVar[list[Entry]] = [
        {"id": "nightly-report", "name": "Nightly Report", "tags": ["reports", "nightly"]},
        {"id": "weekly-report", "name": "Weekly Report", "tags": ["reports"]},
        {"id": "clean-up", "name": "Clean Up", "tags": []},
        {"id": "no-tags", "name": "Without Tags"},
        {"id": "odd", "name": None, "tags": "reports"},
    ]

    @pytest.fixture
    def kept(self, odd_server: OddServer, client_of: t.Callable[..., Client]) -> t.Callable[..., list[str]]:
        """kept(filters, *responses, jobs=...) are the IDs of the jobs that filters keep, if reads of jobs get these responses."""

        def keep(filters: t.Any, *responses: Odd, jobs: list[Entry] | None = None, into: listing.Responses | None = None) -> list[str]:
            odd_server.responses = list(responses) or [Odd(500)]
            listed = [{"projectId": PROJECT, **entry} for entry in (self.JOBS if jobs is None else jobs)]
            return [entry["id"] for entry in listing.filter_jobs(client_of(odd_server.url), listed, filters, into)]

        return keep

    @pytest.mark.parametrize("filters", [None, {}, {"tags": None, "name": None}, {"tags": [], "name": ""}, {"name": "*"}], ids=str)
    def test_filters_that_state_nothing_keep_all(self, kept: t.Callable[..., list[str]], filters: t.Any) -> None:
        assert kept(filters) == [entry["id"] for entry in self.JOBS]

    @pytest.mark.parametrize(
        "pattern, expected",
        [
            ("*-report", ["nightly-report", "weekly-report"]),
            ("* Report", ["nightly-report", "weekly-report"]),
            ("Weekly*", ["weekly-report"]),
            ("weekly*", ["weekly-report"]),
            ("WEEKLY*", []),
            ("clean-up", ["clean-up"]),
            ("clean", []),
            ("?lean[-+]up", ["clean-up"]),
            ("[!a-n]*", ["weekly-report", "odd", "nightly-report", "clean-up", "no-tags"]),
            ("None", []),
        ],
    )
    def test_a_name_is_matched_as_a_pattern_against_the_name_and_the_id(
        self, kept: t.Callable[..., list[str]], pattern: str, expected: list[str]
    ) -> None:
        assert sorted(kept({"name": pattern})) == sorted(expected)

    @pytest.mark.parametrize(
        "tags, expected",
        [
            (["reports"], ["nightly-report", "weekly-report"]),
            (["nightly", "reports"], ["nightly-report"]),
            (["reports", "reports"], ["nightly-report", "weekly-report"]),
            (["report"], []),
            (["Reports"], []),
        ],
        ids=str,
    )
    def test_a_job_has_all_of_the_tags(
        self, kept: t.Callable[..., list[str]], odd_server: OddServer, tags: list[str], expected: list[str]
    ) -> None:
        assert kept({"tags": tags}) == expected
        assert odd_server.paths == []

    def test_a_job_meets_both_the_tags_and_the_name(self, kept: t.Callable[..., list[str]]) -> None:
        assert kept({"tags": ["reports"], "name": "weekly*"}) == ["weekly-report"]

    WITHOUT: t.ClassVar[list[Entry]] = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "c", "name": "C"}]
    SHOWN: t.ClassVar[list[Odd]] = [Odd(body={"data": {"id": "a", "tags": ["x"]}}), Odd(body={"data": {"id": "b"}})]

    def test_jobs_that_match_the_name_are_read_if_no_tags_are_listed(self, kept: t.Callable[..., list[str]], odd_server: OddServer) -> None:
        assert kept({"tags": ["x"], "name": "[ab]"}, *self.SHOWN, jobs=self.WITHOUT) == ["a"]
        assert odd_server.paths == [f"/v1/projects/{PROJECT}/jobs/a", f"/v1/projects/{PROJECT}/jobs/b"]

    def test_no_job_is_read_without_a_filter_by_tags(self, kept: t.Callable[..., list[str]], odd_server: OddServer) -> None:
        kept({"name": "[ab]"}, jobs=self.WITHOUT)
        assert odd_server.paths == []

    def test_the_responses_of_such_reads_are_kept(self, kept: t.Callable[..., list[str]]) -> None:
        responses: listing.Responses = {}
        kept({"tags": ["x"], "name": "[ab]"}, *self.SHOWN, jobs=self.WITHOUT, into=responses)
        assert responses == {Target(PROJECT, "a"): {"id": "a", "tags": ["x"]}, Target(PROJECT, "b"): {"id": "b"}}

    def test_jobs_with_the_same_id_in_two_projects_are_different_hosts(self, kept: t.Callable[..., list[str]]) -> None:
        jobs = [{"id": "a", "projectId": "one"}, {"id": "a", "projectId": "two"}]
        shown = [Odd(body={"data": {"id": "a", "tags": ["x"]}}), Odd(body={"data": {"id": "a", "tags": []}})]
        assert kept({"tags": ["x"]}, *shown, jobs=jobs) == ["a"]

    def test_a_job_that_is_deleted_between_two_requests_is_left_out(self, kept: t.Callable[..., list[str]]) -> None:
        gone = Odd(404, {"error": {"status": 404, "message": "No such job"}})
        assert kept({"tags": ["x"]}, gone, self.SHOWN[0], gone, jobs=[*self.WITHOUT]) == ["b"]

    @pytest.mark.parametrize("status", [403, 410, 500])
    def test_a_read_that_is_refused_is_an_error(self, kept: t.Callable[..., list[str]], status: int) -> None:
        with pytest.raises(ApiError):
            kept({"tags": ["x"]}, Odd(status, {"error": {"status": status, "message": "No"}}), jobs=self.WITHOUT)


@pytest.mark.parametrize(
    "text, patterns, expected",
    [
        ("a", [], False),
        ("a", ["b", "a"], True),
        ("a-b", ["a-*"], True),
        ("A", ["a"], False),
        ("a\nb", ["a*"], True),
        ("[a]", ["[[]a]"], True),
    ],
    ids=str,
)
def test_a_text_is_one_of_some_patterns(text: str, patterns: list[str], expected: bool) -> None:
    assert listing.matches_any(text, patterns) is expected
