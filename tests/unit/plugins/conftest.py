# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For the tests of the plugins: an environment without settings, the contract, a client, servers, and the failure of a call."""

from __future__ import annotations

import pathlib
import time
import typing as t

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api import operations
from ansible_collections.northflank.cloud.plugins.module_utils._api import settings as connection
from ansible_collections.northflank.cloud.plugins.module_utils._api.client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import Secrets
from ansible_collections.northflank.cloud.plugins.module_utils._api.transport import Session
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec
from emulator import Emulator
from harness.certificates import Certificates
from harness.client_data import TARGET, TOKEN
from harness.contract import Contract
from harness.environment import without_settings
from harness.odd_server import Odd, OddServer


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests reaches the code under test."""
    without_settings(monkeypatch)


@pytest.fixture(scope="session", name="contract")
def published_contract() -> Contract:
    """The contract of the API."""
    return Contract.published()


@pytest.fixture(name="emulator")
def running_emulator() -> t.Iterator[Emulator]:
    """An emulator with one job and one token that may do everything."""
    with Emulator() as emulator:
        emulator.add_job(TARGET.project_id, TARGET.job_id, {"description": "An example"})
        emulator.add_token(TOKEN)
        yield emulator


@pytest.fixture(name="odd_server")
def running_odd_server() -> t.Iterator[OddServer]:
    """A running server for odd responses."""
    server = OddServer()
    yield server
    server.close()


@pytest.fixture(scope="session", name="certificates")
def private_certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA of the tests' own."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(name="connection_options")
def usable_connection_options() -> t.Callable[..., dict[str, t.Any]]:
    """connection_options(timeout=1) are validated options of a connection, with defaults for all that is not named."""

    def options(**named: t.Any) -> dict[str, t.Any]:
        defaults = {name: rule.get("default") for name, rule in argument_spec.connection_spec().items()}
        return {**defaults, "api_token": TOKEN, **named}

    return options


@pytest.fixture(name="client_of")
def made_client(connection_options: t.Callable[..., dict[str, t.Any]]) -> t.Iterator[t.Callable[..., Client]]:
    """client_of(url, *secrets, **options) is a client of the API there, which masks these secrets and its token."""
    sessions = []

    def client(url: str, *secrets: str, **options: t.Any) -> Client:
        named = connection_options(api_url=url, **{"retries": 0, "timeout": 10, **options})
        sessions.append(Session(connection.from_options(named)))
        return Client(sessions[-1], Secrets(named["api_token"], *secrets))

    yield client
    for session in sessions:
        session.close()


@pytest.fixture
def failure_of(odd_server: OddServer, client_of: t.Callable[..., Client]) -> t.Callable[..., t.Any]:
    """failure_of(kind, response, *secrets, **options) is the failure of a call with this response, by a client that masks the secrets."""

    def failure(
        kind: type[Exception], response: Odd, *secrets: str, operation: operations.Operation = operations.GET_JOB, **options: t.Any
    ) -> t.Any:
        odd_server.responses = [response]
        with pytest.raises(kind) as raised:
            client_of(odd_server.url, *secrets, **options).fetch(operation, TARGET, body=None if operation.method == "GET" else {})
        return raised.value

    return failure


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were slept, without sleeping."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An empty home directory for the code under test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
