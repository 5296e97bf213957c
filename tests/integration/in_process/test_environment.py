# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyword environment in process and as a module: token, address, team, proxies and CAs. No item has the values of another."""

from __future__ import annotations

import dataclasses
import json
import shutil
import typing as t
from pathlib import Path

import pytest
from emulator import Emulator
from harness import JOB, PROJECT
from harness.both_ways import WAYS, Trial, TwoWays, agreement, run_trials
from harness.certificates import Certificates
from harness.playbooks import MODULE, Ansible, Task
from harness.proxies import Proxy

Variables = t.Any

TOKEN, OTHER_TOKEN, NO_TOKEN = (f"the-{number}-token-of-this-test-0123456789" for number in ("first", "second", "unknown"))
KNOWN = {"NORTHFLANK_API_TOKEN": TOKEN}
# Templates for a proxy and files. Variables have their values.
PROXY, RIGHT, WRONG, HOME = "{{ proxy_url }}", "{{ right_ca }}", "{{ wrong_ca }}", "{{ home }}"
BOTH = {"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY}
MISSING = "/no/such/ca.pem"
WORKS, FAILS = (("failed", False),), (("failed", True),)


def in_environment(
    variables: Variables, expected: t.Iterable[tuple[str, t.Any]] = WORKS, host: str = "127.0.0.1", **options: t.Any
) -> Trial:
    """A task in an environment, with the API's address by this name; a loop may be among the options."""
    loop = {"loop": options.pop("loop")} if "loop" in options else {}

    def task(emulator: Emulator) -> Task:
        ids = {"project_id": PROJECT, "job_id": JOB, "api_url": emulator.url.replace("127.0.0.1", host), "retries": 0}
        return {MODULE: {**ids, **options}, "environment": variables, **loop}

    def prepare(emulator: Emulator) -> None:
        emulator.add_token(TOKEN)
        emulator.add_token(OTHER_TOKEN)

    return Trial(task, dict(expected), prepare=prepare)


PLAIN = {
    "token": in_environment(KNOWN),
    "no token afterwards": in_environment({}, FAILS),
    "second name of the token": in_environment({"NORTHFLANK_API_TOKEN": "", "NF_API_TOKEN": TOKEN}),
    "token in a list": in_environment([{"NF_API_TOKEN": NO_TOKEN}, {"NF_API_TOKEN": TOKEN}]),
    "wrong token": in_environment({"NF_API_TOKEN": NO_TOKEN}, FAILS),
    "an option before the variable": in_environment({"NF_API_TOKEN": NO_TOKEN}, api_token=TOKEN),
    "a token for each item": in_environment("{{ item }}", FAILS, loop=[KNOWN, {}, {"NF_API_TOKEN": OTHER_TOKEN}, {"OTHER": "x"}, KNOWN]),
    "team as a number": in_environment({**KNOWN, "NORTHFLANK_TEAM_ID": 7}),
    "a team for each item": in_environment(
        {**KNOWN, "NORTHFLANK_TEAM_ID": "{{ item }}"}, {"changed": False}, loop=["one", "", "two", "one"]
    ),
    "no team afterwards": in_environment(KNOWN),
    "address": in_environment({**KNOWN, "NF_HOST": "http://127.0.0.1:9"}, FAILS, api_url="{{ omit }}"),
    "null": in_environment({**KNOWN, "NORTHFLANK_TEAM_ID": None}),
    "values of all kinds": in_environment({**KNOWN, "A": 'a\'b "c" $HOME `d`\ne', "B": True, "C": [1], "D": {"e": 1}, "lower": "ä"}),
    "no environment": in_environment("{{ [] }}", FAILS),
    "netrc": in_environment({**KNOWN, "NETRC": f"{HOME}/.netrc"}),
    "netrc at home": in_environment({**KNOWN, "HOME": HOME}),
    "proxy": in_environment({**KNOWN, "HTTP_PROXY": PROXY}, host="plain.example.com"),
    "proxy in lower case": in_environment({**KNOWN, "http_proxy": PROXY}, host="lower.example.com"),
    "proxy for all": in_environment({**KNOWN, "ALL_PROXY": PROXY}, host="all.example.com"),
    "around the proxy": in_environment({**KNOWN, **BOTH, "NO_PROXY": "127.0.0.1"}),
    "a proxy for some items": in_environment(
        "{{ item }}", {"changed": False}, loop=[{**KNOWN, **BOTH}, KNOWN, {**KNOWN, **BOTH, "no_proxy": "127.0.0.1"}, {**KNOWN, **BOTH}]
    ),
    "no proxy there": in_environment({**KNOWN, "HTTP_PROXY": "http://127.0.0.1:9"}, FAILS),
    "proxy without sense": in_environment({**KNOWN, "HTTP_PROXY": "nonsense://:"}, FAILS),
    "no CA is needed": in_environment({**KNOWN, "REQUESTS_CA_BUNDLE": MISSING}),
}
SECURE = {
    "proxy and CA": in_environment({**KNOWN, **BOTH, "REQUESTS_CA_BUNDLE": RIGHT}),
    "CA": in_environment({**KNOWN, "REQUESTS_CA_BUNDLE": RIGHT}),
    "CA of OpenSSL": in_environment({**KNOWN, "SSL_CERT_FILE": RIGHT}),
    "no CA": in_environment(KNOWN, FAILS),
    "missing CA": in_environment({**KNOWN, "REQUESTS_CA_BUNDLE": MISSING}, FAILS),
    "a CA for each item": in_environment(
        {**KNOWN, "REQUESTS_CA_BUNDLE": "{{ item }}"}, FAILS, loop=[RIGHT, WRONG, "", RIGHT, MISSING, RIGHT]
    ),
    "CA by the option": in_environment({**KNOWN, "REQUESTS_CA_BUNDLE": WRONG}, ca_path=RIGHT),
    "an option for each item": in_environment(KNOWN, FAILS, ca_path="{{ item }}", loop=[RIGHT, WRONG, RIGHT]),
    "unchecked for some items": in_environment(KNOWN, FAILS, validate_certs="{{ item }}", loop=[False, True, False]),
    "CA below a folder of the environment": in_environment({**KNOWN, "FOLDER": HOME}, ca_path="$FOLDER/ca.pem"),
    "CA at home": in_environment({**KNOWN, "HOME": HOME}, ca_path="~/ca.pem"),
    "CA at another home": in_environment(KNOWN, FAILS, ca_path="~/ca-of-this-test.pem"),
    # As a module, relative paths begin in the folder of the playbook.
    "CA beside the playbook": in_environment(KNOWN, ca_path="ca.pem"),
    "CA beside the playbook, by a variable": in_environment({**KNOWN, "SSL_CERT_FILE": "ca.pem"}),
}
TRIALS = {**PLAIN, **SECURE}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The CA of the emulators."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Path:
    """A home directory with a .netrc file that would replace the token, and a CA."""
    folder = tmp_path_factory.mktemp("home")
    (folder / ".netrc").write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    (folder / ".netrc").chmod(0o600)
    shutil.copy(certificates.file, folder / "ca.pem")
    return folder


@pytest.fixture(scope="module")
def notes() -> list[list[str]]:
    """The requests to the proxy in each way."""
    return []


@pytest.fixture(scope="module")
def two_ways(
    ansible_of: t.Callable[[str], Ansible],
    proxy: Proxy,
    certificates: Certificates,
    home: Path,
    notes: list[list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> TwoWays:
    """All outcomes in both ways."""
    wrong = Certificates(tmp_path_factory.mktemp("wrong")).file
    variables = {"proxy_url": proxy.url, "right_ca": str(certificates.file), "wrong_ca": str(wrong), "home": str(home)}
    context = certificates.context("127.0.0.1")
    trials = {**PLAIN, **{name: dataclasses.replace(trial, api={"ssl_context": context}) for name, trial in SECURE.items()}}
    ways = []
    for way in WAYS:
        ansible = ansible_of(way)
        shutil.copy(certificates.file, ansible.folder / "ca.pem")
        ways.append(run_trials(ansible, trials, way, arguments=["--extra-vars", json.dumps(variables)]))
        notes.append([note.rpartition(":")[0] for note in proxy.take_notes()])
    return TwoWays(*ways)


@pytest.mark.parametrize("name", TRIALS)
def test_the_environment_has_its_effect(two_ways: TwoWays, name: str) -> None:
    result = two_ways.in_process[name].result
    assert {key: result.get(key) for key in TRIALS[name].expected} == dict(TRIALS[name].expected), result.get("msg")


test_the_results_are_equal, test_the_requests_are_equal, test_the_jobs_are_equal_afterwards = agreement(TRIALS)


def test_the_proxy_gets_the_same_requests(two_ways: TwoWays, notes: list[list[str]]) -> None:
    assert sorted(set(notes[0])) == sorted(set(notes[1]))


def test_all_run_in_process(two_ways: TwoWays) -> None:
    assert set(two_ways.in_process.reasons) == {""}
