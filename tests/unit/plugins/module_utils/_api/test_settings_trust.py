# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates a connection trusts, by options and environment, and the warning about a token that is sent over plain HTTP."""

from __future__ import annotations

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._errors import OptionError

VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]


@pytest.fixture(name="connection_of")
def connection_of_options(connection_options):
    """connection_of(api_url=...) is the connection with these options."""
    return lambda **named: connection.from_options(connection_options(**named))


@pytest.fixture(name="bundles")
def files_of_certificates(tmp_path, monkeypatch):
    """Each variable names a file of its own; {variable: path}."""
    paths = {variable: str(tmp_path / variable) for variable in VARIABLES}
    for variable, path in paths.items():
        (tmp_path / variable).touch()
        monkeypatch.setenv(variable, path)
    return paths


@pytest.mark.parametrize("first", range(len(VARIABLES)))
def test_the_first_variable_that_is_set_is_used(connection_of, bundles, monkeypatch, first):
    for variable in VARIABLES[:first]:
        monkeypatch.delenv(variable)
    assert connection_of().verify == bundles[VARIABLES[first]]


def test_an_empty_variable_is_not_set(connection_of, bundles, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    assert connection_of().verify == bundles["CURL_CA_BUNDLE"]


def test_the_option_overrides_the_variables(connection_of, bundles, tmp_path):
    assert connection_of(ca_path=str(tmp_path)).verify == str(tmp_path)


def test_no_variable_makes_a_task_verify_with_validate_certs_false(connection_of, bundles):
    assert connection_of(validate_certs=False).verify is False


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_without_a_file_is_refused_by_name(connection_of, monkeypatch, variable):
    monkeypatch.setenv(variable, "/no/such.pem")
    with pytest.raises(OptionError, match=f"^the environment variable {variable}: /no/such.pem does not exist"):
        connection_of()


@pytest.mark.parametrize("options", [{"api_url": "http://127.0.0.1"}, {"validate_certs": False}], ids=str)
def test_a_variable_without_effect_is_not_read(connection_of, monkeypatch, options):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such.pem")
    connection_of(**options)


@pytest.mark.parametrize(
    "host",
    [
        "api.example.com",
        "192.0.2.1:8080",
        "[2001:db8::1]",
        "0.0.0.0",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "[fe80::1]",
        "user-127.0.0.1",
    ],
)
def test_plain_http_to_another_machine_is_warned_about(connection_of, host):
    text = connection_of(api_url=f"http://{host}/v1").warning
    assert text is not None and text.startswith("api_url: the token is sent to ") and " over plain HTTP" in text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.10:8080", "localhost", "LOCALHOST:8080", "api.localhost", "[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]"]
)
def test_plain_http_to_this_machine_is_not(connection_of, host):
    assert connection_of(api_url=f"http://{host}").warning is None


@pytest.mark.parametrize("options", [{}, {"validate_certs": False}], ids=str)
def test_tls_is_not_warned_about(connection_of, options):
    assert connection_of(api_url="https://api.example.com", **options).warning is None
