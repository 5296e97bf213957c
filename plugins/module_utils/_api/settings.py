# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection, checked before any request and translated for the client."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import typing as t
import urllib.parse

try:
    import requests.utils
except ImportError:  # the module fails with a message before it uses this
    requests = None  # type: ignore[assignment]

from .._errors import OptionError

TOKEN_VARIABLES = ("NORTHFLANK_API_TOKEN", "NF_API_TOKEN")
URL_VARIABLES = ("NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST")
TEAM_VARIABLES = ("NORTHFLANK_TEAM_ID",)

_MAX_RETRIES = 100
_MAX_SECONDS = 86400
# The variables of requests and OpenSSL. ca_path comes first, then the first one that is set. requests does not read the last one.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_WHITE_SPACE = re.compile(r"[\s\x00-\x1f]")


class ConnectionSettings(t.NamedTuple):
    """How to reach the API. base_url is the URL up to /v1 and the team. verify is the option of the package requests.

    proxies are pairs of a scheme and the URL of its proxy. Tasks with equal settings can share a session.
    """

    base_url: str
    token: str
    team_id: str
    verify: bool | str
    proxies: tuple[tuple[str, str], ...]
    timeout: float
    retries: int
    rate_limit_wait: float

    @property
    def warning(self) -> str | None:
        """The warning about these settings, None if there is none."""
        parts = urllib.parse.urlsplit(self.base_url)
        if parts.scheme == "https" or _is_loopback(parts.hostname or ""):
            return None
        return f"api_url: the token is sent to {parts.hostname} over plain HTTP, where others on the network can read it. Use https://."

    @property
    def url_without_team(self) -> str:
        """The URL up to /v1."""
        return self.base_url.rpartition("/teams/")[0] if self.team_id else self.base_url

    @property
    def proxy_advice(self) -> str:
        """The advice if the proxy does not work: which environment variables to check, first the one that sets it."""
        scheme = self.base_url.partition(":")[0]
        # In the order of requests and urllib, else the usual name.
        names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
        used = next((name for name in names if os.environ.get(name)), f"{scheme.upper()}_PROXY")
        return f"Check {used} and NO_PROXY in the environment."


def from_options(options: t.Mapping[str, t.Any]) -> ConnectionSettings:
    """The connection of the validated common options.

    :raises OptionError: if one is not valid. The message names the option and never contains the token.
    """
    if not 0 <= options["retries"] <= _MAX_RETRIES:
        raise OptionError(f"retries: {options['retries']} is not allowed. It must be from 0 to {_MAX_RETRIES}.")
    if not 0 <= options["rate_limit_wait"] <= _MAX_SECONDS:
        raise OptionError(f"rate_limit_wait: {options['rate_limit_wait']} is not allowed. It must be from 0 to {_MAX_SECONDS} seconds.")
    if not 0 < options["timeout"] <= _MAX_SECONDS:
        raise OptionError(f"timeout: {options['timeout']} is not allowed. It must be more than 0 and at most {_MAX_SECONDS} seconds.")
    base_url = _build_base_url(options["api_url"], options["team_id"])
    return ConnectionSettings(
        base_url=base_url,
        token=_check_token(options["api_token"]),
        team_id=options["team_id"] or "",
        verify=_find_certificates(options["validate_certs"], options["ca_path"], _CA_VARIABLES if base_url.startswith("https:") else ()),
        proxies=tuple(sorted(requests.utils.get_environ_proxies(base_url).items())),
        timeout=options["timeout"],
        retries=options["retries"],
        rate_limit_wait=options["rate_limit_wait"],
    )


def quote_segment(name: str, value: str) -> str:
    """An ID, percent-encoded as one segment of a path.

    :raises OptionError: if it is not a valid segment.
    """
    if not value.strip() or value in (".", ".."):
        raise OptionError(f"{name}: {json.dumps(value)} is not a valid ID. The ID of a project, a job or a team is the slug of its name.")
    try:
        return urllib.parse.quote(value, safe="")
    except UnicodeEncodeError as error:
        character = json.dumps(value[error.start])
        raise OptionError(f"{name}: the value is not a valid ID. It contains the character {character}, which is not allowed.") from None


def is_id(value: t.Any) -> bool:
    """Whether a value in a response can be an ID: a valid segment of a path, or an integer."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    try:
        return isinstance(value, str) and bool(quote_segment("id", value))
    except OptionError:
        return False


def _check_token(token: str | None) -> str:
    if not token:
        variables = " or ".join(TOKEN_VARIABLES)
        raise OptionError(f"api_token: is not set. Set the option, or the environment variable {variables}.")
    if not all("!" <= character <= "~" for character in token):
        raise OptionError(
            "api_token: contains white space or other characters that are not allowed in a token. "
            "Check whether it ends with a line break. The filter trim removes it."
        )
    return token


def _build_base_url(url: str, team_id: str | None) -> str:
    try:
        parts = urllib.parse.urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True) and not _WHITE_SPACE.search(url.strip())
    except ValueError:
        usable = False
    if not usable:
        # The message does not contain the value, which may contain a user name and a password.
        raise OptionError("api_url: is not a valid URL. Use a URL such as https://api.northflank.com.")
    if parts.username is not None or parts.query or parts.fragment:
        raise OptionError(
            "api_url: must not contain a user name, a query or a fragment. The API accepts only a token. Set it by api_token."
        )
    path = parts.path.rstrip("/")
    path = path[: -len("/v1")] if path.endswith("/v1") else path
    team = f"/teams/{quote_segment('team_id', team_id)}" if team_id else ""
    return f"{parts.scheme}://{parts.netloc}{path}/v1{team}"


def _find_certificates(validate_certs: bool, ca_path: str | None, variables: t.Iterable[str]) -> bool | str:
    if not validate_certs:
        return False
    named = {"ca_path": ca_path, **{f"the environment variable {variable}": os.environ.get(variable) for variable in variables}}
    source, path = next(((source, path) for source, path in named.items() if path), ("", None))
    if path is None:
        return True
    if not os.path.exists(path):
        raise OptionError(f"{source}: {path} does not exist. It must be a file or a directory of CA certificates.")
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
