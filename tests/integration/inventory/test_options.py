# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as templates, vaulted, from the environment, and wrong ones, with the messages of a task, and without the token."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from emulator import Emulator
from harness.both_ways import Vaulted
from harness.inventories import PLUGIN, Inventory, Listed, options, paths

ListedBy = t.Callable[..., Listed]
TOKEN = "nf-token-of-the-inventory-0123456789"
PASSWORD = "a password"


def vaulted(text: str) -> Vaulted:
    """A text as `ansible-vault encrypt_string` writes it."""
    return Vaulted(VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(text).decode())


@pytest.fixture
def decrypting(inventory: Inventory) -> tuple[str, str]:
    """The arguments that have ansible-inventory read vaulted texts."""
    file = inventory.folder / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    return "--vault-password-file", str(file)


def test_options_can_be_templates(inventory: Inventory, emulator: Emulator) -> None:
    emulator.add_token(TOKEN)
    file = inventory.write(
        {
            "plugin": PLUGIN,
            "api_token": "{{ lookup('ansible.builtin.env', 'A_TOKEN') }}",
            "api_url": "{{ url }}",
            "team_id": "{{ 'example' ~ '-team' }}",
            "projects": "{{ ['be' ~ 'ta'] }}",
            "timeout": "{{ 10 + 10 }}",
            "filters": {"tags": ["{{ 'reports' }}"]},
        }
    )
    shown = inventory.listed(file, "--extra-vars", json.dumps({"url": emulator.url}), environment={"A_TOKEN": TOKEN})
    assert shown.messages == ""
    assert list(shown.hosts) == ["beta.report"]
    assert paths(emulator) == ["/v1/teams/example-team/projects/beta/jobs"]


def test_options_can_be_vaulted(inventory: Inventory, emulator: Emulator, decrypting: tuple[str, str]) -> None:
    emulator.add_token(TOKEN)
    file = inventory.write(
        {
            "plugin": PLUGIN,
            "api_token": vaulted(TOKEN),
            "api_url": vaulted(emulator.url),
            "team_id": vaulted("example-team"),
            "projects": [vaulted("beta")],
        }
    )
    # From 2.22 on, ansible-core masks the vaulted texts in all that it shows, the names of hosts included.
    shown = inventory.listed(file, *decrypting)
    assert (shown.messages, len(shown.hosts)) == ("", 1)
    assert paths(emulator) == ["/v1/teams/example-team/projects/beta/jobs"]


def test_a_vaulted_option_without_its_password_is_an_error(listed: ListedBy) -> None:
    shown = listed(api_token=vaulted(TOKEN))
    assert shown.reports("api_token: the template cannot be evaluated:"), shown.messages
    assert shown.reports("no vault secrets found"), shown.messages


def test_a_template_without_a_value_is_an_error(listed: ListedBy) -> None:
    shown = listed(api_token="{{ nowhere }}")
    assert shown.reports("api_token: the template cannot be evaluated: 'nowhere' is undefined"), shown.messages


@pytest.mark.parametrize(
    "environment",
    [
        {"NORTHFLANK_API_TOKEN": TOKEN, "NF_API_TOKEN": "wrong"},
        {"NORTHFLANK_API_TOKEN": "", "NF_API_TOKEN": TOKEN},
    ],
    ids=["the first is used", "an empty one is not"],
)
def test_the_environment_is_read_in_the_documented_order(inventory: Inventory, emulator: Emulator, environment: dict[str, str]) -> None:
    emulator.add_token(TOKEN)
    urls = {"NORTHFLANK_API_BASE_URL": "", "NF_API_HOST": emulator.url, "NF_HOST": "http://127.0.0.1:1", "NORTHFLANK_TEAM_ID": ""}
    shown = inventory.listed(inventory.write({"plugin": PLUGIN}), environment={**urls, **environment})
    assert len(shown.hosts) == 3, shown.messages


def test_the_file_overrides_the_environment(listed: ListedBy) -> None:
    environment = {"NORTHFLANK_API_TOKEN": "wrong", "NORTHFLANK_API_BASE_URL": "http://127.0.0.1:1", "NORTHFLANK_TEAM_ID": "wrong"}
    shown = listed(team_id="example-team", projects=["beta"], environment=environment)
    assert shown.hosts["beta.report"]["northflank_team_id"] == "example-team"


@pytest.mark.parametrize(
    "wrong, error",
    [
        ({"api_token": ""}, "api_token: is not set. Set the option, or the environment variable NORTHFLANK_API_TOKEN or NF_API_TOKEN."),
        ({"api_url": "api.northflank.com"}, "api_url: is not a valid URL. Use a URL such as https://api.northflank.com."),
        ({"timeout": 0}, "timeout: 0.0 is not allowed. It must be more than 0"),
        ({"retries": "often"}, 'A problem with the options: retries: "often" is not an integer.'),
        ({"job_type": ["batch"]}, "value of job_type must be one or more of: manual, cron. Got no match for: batch"),
        ({"projects": []}, "projects: the list is empty. Add a project, or leave the option out to list all projects."),
        ({"projects": ["Alpha Project"]}, 'projects: "Alpha Project" is neither an ID nor a pattern.'),
        ({"project": ["alpha"]}, "A problem with the options: project: unknown option. Did you mean projects?"),
        ({"tags": ["daily"]}, "A problem with the options: tags: unknown option. Did you mean filters.tags?"),
        ({"filters": {"tag": ["daily"]}}, "A problem with the options: filters.tag: unknown option. Did you mean filters.tags?"),
        ({"strict": "perhaps"}, 'A problem with the options: strict: "perhaps" is not a boolean.'),
        ({"compose": {"number": 5}}, "compose.number: 5 is not text. Quote the Jinja2 expression"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_option_fails_with_the_message_of_a_task(listed: ListedBy, emulator: Emulator, wrong: dict[str, t.Any], error: str) -> None:
    shown = listed(**wrong)
    assert shown.reports(error), shown.messages
    assert "Traceback" not in shown.messages
    assert (shown.hosts, emulator.requests) == ({}, [])


def test_a_missing_package_requests_is_an_error(inventory: Inventory, emulator: Emulator) -> None:
    (inventory.folder / "requests.py").write_text("raise ImportError", encoding="utf-8")
    shown = inventory.listed(inventory.write(options(emulator)), environment={"PYTHONPATH": str(inventory.folder)})
    assert shown.reports("Failed to import the required Python library (requests)"), shown.messages


@pytest.mark.parametrize(
    "rest", [{}, {"projects": ["gamma"]}, {"timeout": "never"}, {"hostname": "nothing"}], ids=["well", "api", "option", "host"]
)
def test_the_token_is_not_in_the_output(listed: ListedBy, emulator: Emulator, rest: dict[str, t.Any]) -> None:
    emulator.add_token(TOKEN)
    emulator.add_job("beta", "quotes", {"description": f"Uses {TOKEN}."})
    shown = listed("-vvvv", api_token=TOKEN, **rest)
    assert bool(shown.hosts) == (not rest)
    assert TOKEN not in shown.messages + json.dumps(shown.shown)
