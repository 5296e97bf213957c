# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a connection: what they become, and what is refused without showing a secret."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._errors import OptionError

ROOT = "https://api.example.com/v1"


@pytest.fixture(name="root_of")
def root_of_options(connection_options):
    """root_of(api_url=...) is the root of the connection with these options."""
    return lambda **named: connection.from_options(connection_options(**named)).base_url


@pytest.fixture(name="refusal_of")
def refusal_of_options(connection_options):
    """refusal_of(timeout=0) is the text by which these options are refused."""

    def refusal(**named) -> str:
        with pytest.raises(OptionError) as failure:
            connection.from_options(connection_options(**named))
        return str(failure.value)

    return refusal


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com/v1",
        "https://api.example.com/v1/",
        " https://api.example.com\n",
    ],
)
def test_the_root_ends_with_the_version_once(root_of, url):
    assert root_of(api_url=url) == ROOT


@pytest.mark.parametrize(
    "url, root",
    [
        ("https://example.com/northflank", "https://example.com/northflank/v1"),
        ("https://example.com/northflank/v1/", "https://example.com/northflank/v1"),
        ("https://example.com/apiv1", "https://example.com/apiv1/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("HTTPS://api.example.com", ROOT),
    ],
)
def test_a_url_may_have_a_path_a_port_or_an_ipv6_address(root_of, url, root):
    assert root_of(api_url=url) == root


@pytest.mark.parametrize("team, path", [("my-team", "/teams/my-team"), ("a/b c", "/teams/a%2Fb%20c"), (None, ""), ("", "")])
def test_a_team_makes_the_root_that_of_the_team(root_of, team, path):
    assert root_of(api_url="https://api.example.com", team_id=team) == ROOT + path


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https:///v1",
        "https://api.example.com:port",
        "https://[::1",
        "https://api.example.com:99999",
        "https://api example.com",
        "user:S3cret@api.example.com",
    ],
)
def test_what_is_not_a_url_is_refused(refusal_of, url):
    assert refusal_of(api_url=url).startswith("api_url: is not a valid URL. Use a URL such as https://api.northflank.com.")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:S3cret@api.example.com",
        "https://S3cret@api.example.com",
        "https://api.example.com?token=S3cret",
        "https://api.example.com/#S3cret",
    ],
)
def test_a_url_with_more_than_an_address_is_refused_without_showing_it(refusal_of, url):
    text = refusal_of(api_url=url)
    assert text.startswith("api_url: must not contain a user name") and "S3cret" not in text


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_refused_with_the_names_of_the_variables(refusal_of, token):
    assert (
        refusal_of(api_token=token)
        == "api_token: is not set. Set the option, or the environment variable NORTHFLANK_API_TOKEN or NF_API_TOKEN."
    )


@pytest.mark.parametrize("token", ["S3cret\n", " S3cret", "S3 cret", "S3crét", "S3cret\x00", "S3cret\u200b"])
def test_a_token_with_white_space_or_unusual_characters_is_refused_without_showing_it(refusal_of, token):
    text = refusal_of(api_token=token)
    assert text.startswith("api_token: ") and "S3" not in text


@pytest.mark.parametrize(
    "name, value",
    [
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("retries", -1),
        ("rate_limit_wait", -0.5),
        ("rate_limit_wait", float("nan")),
    ],
)
def test_a_number_out_of_its_bounds_is_refused(refusal_of, name, value):
    assert refusal_of(**{name: value}).startswith(f"{name}: {value} is not allowed. It must be ")


@pytest.mark.parametrize("name, value", [("timeout", 0.1), ("retries", 0), ("rate_limit_wait", 0)])
def test_a_number_at_its_bound_is_accepted(connection_options, name, value):
    assert getattr(connection.from_options(connection_options(**{name: value})), name) == value


def test_a_missing_file_of_certificates_is_refused_by_name(refusal_of):
    assert refusal_of(ca_path="/no/such.pem").startswith("ca_path: /no/such.pem does not exist")


@pytest.mark.parametrize(
    "validate_certs, named, verify", [(True, False, True), (False, False, False), (True, True, "path"), (False, True, False)]
)
def test_the_certificates_are_verified_as_the_options_require(connection_options, tmp_path, validate_certs, named, verify):
    options = connection_options(validate_certs=validate_certs, ca_path=str(tmp_path) if named else None)
    assert connection.from_options(options).verify == (str(tmp_path) if verify == "path" else verify)


def test_a_missing_file_of_certificates_is_ignored_if_certificates_are_not_verified(connection_options):
    assert connection.from_options(connection_options(validate_certs=False, ca_path="/no/such.pem")).verify is False


@pytest.mark.parametrize("name", ["project_id", "job_id", "team_id"])
@pytest.mark.parametrize("value", ["", " ", ".", "..", "\n"])
def test_an_id_that_would_change_the_path_is_refused_by_name(name, value):
    with pytest.raises(OptionError, match=f"^{name}: "):
        connection.quote_segment(name, value)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("example-job", "example-job"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("ä b", "%C3%A4%20b"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("a\nb", "a%0Ab"),
        ("{jobId}", "%7BjobId%7D"),
    ],
)
def test_an_id_is_percent_encoded(value, expected):
    assert connection.quote_segment("job_id", value) == expected
