# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret that the API quotes in an error reaches the message or the data of the error."""

from __future__ import annotations

import json

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import DETAILS_DROPPED, MASK
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError
from harness.client_data import TOKEN
from harness.odd_server import Odd, api_error

SECRET = "S3c-value of a variable-7xQ"


@pytest.mark.parametrize(
    "response",
    [
        api_error(f"The value {SECRET} is wrong"),
        api_error(f"{json.dumps({'sent': SECRET})} is wrong"),
        api_error("wrong", id=SECRET),
        api_error("wrong", details={"runtimeEnvironment": [f"{SECRET} is wrong"]}),
        api_error("wrong", details={SECRET: 1}),
        api_error(["wrong", SECRET]),
        Odd(500, f"<html>{SECRET}</html>".encode()),
        Odd(500, {"unknown": SECRET}),
    ],
    ids=str,
)
def test_a_secret_that_an_error_quotes_is_masked(failure_of, response):
    failure = failure_of(ApiError, response, SECRET)
    assert SECRET not in f"{failure} {failure.error}" and MASK in f"{failure} {failure.error}"


@pytest.mark.parametrize("secret", ["S3c-two  blanks-7xQ", "S3c-a\ttab-7xQ", "S3c-x\n1\n2-7xQ"])
def test_a_secret_with_more_than_single_spaces_is_masked_in_an_error_that_is_not_json(failure_of, secret):
    failure = failure_of(ApiError, Odd(500, f"<html>{secret}</html>".encode()), secret)
    assert "7xQ" not in f"{failure} {failure.error}"


@pytest.mark.parametrize("offset", range(-len(SECRET), 3, 5))
def test_a_secret_at_the_cut_of_a_long_message_is_masked(failure_of, offset):
    failure = failure_of(ApiError, api_error("x " * ((1000 + offset) // 2) + SECRET + " and more" * 200), SECRET)
    assert "S3c" not in f"{failure} {failure.error}"


def test_a_long_message_is_shortened(failure_of):
    assert failure_of(ApiError, api_error("word " * 1000)).error["message"] == "word " * 200 + "..."


def test_a_token_that_an_error_quotes_is_masked(failure_of):
    assert TOKEN not in str(failure_of(ApiError, api_error(f"Bearer {TOKEN} is wrong")))


def test_details_that_may_quote_a_short_secret_are_replaced_by_a_note(failure_of):
    failure = failure_of(ApiError, api_error("wrong", details={"KEY": ["ok"]}), "ok")
    assert (failure.error["details"], DETAILS_DROPPED in str(failure)) == (DETAILS_DROPPED, True)
