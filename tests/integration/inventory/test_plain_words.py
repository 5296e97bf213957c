# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harmless texts are shown plainly, and no text of the API is evaluated if a playbook uses it as an expression."""

from __future__ import annotations

import typing as t

import pytest
from emulator import Emulator
from harness.inventories import MARK, Inventory, Listed, options

SECRET = "the-secret-of-this-test-7xQ"
DESCRIPTION = "{{ northflank_job.description }}"
# Each is an expression, and the first makes a file.
EXPRESSIONS = {
    "call": "lookup('ansible.builtin.pipe', 'touch {file}')",
    "query": "query('ansible.builtin.pipe', 'touch {file}') | length",
    "variable": "the_secret",
    "all-variables": "hostvars",
    "function": "lookup",
    "path": "login.password",
    "path-of-all": "hostvars.localhost.login",
    "test": "login is defined",
    "choice": "login if login else login",
    "minus-signs": "-login-",
    "blanks": " login ",
    "colon": "login:",
    "list": "[login]",
    "text": "'a' ~ login",
}
# As a template, because ansible-core quotes the task that fails.
CARRIED_OUT = "{{ 'was' }} carried out"
# The uses of a text in a playbook, in which a text is not an expression.
USES: dict[str, dict[str, t.Any]] = {
    "when": {"ansible.builtin.debug": {"msg": CARRIED_OUT}, "when": DESCRIPTION},
    "when, in a list": {"ansible.builtin.debug": {"msg": CARRIED_OUT}, "when": [DESCRIPTION]},
    "assert": {"ansible.builtin.assert": {"that": DESCRIPTION, "success_msg": CARRIED_OUT}},
    "assert, in a list": {"ansible.builtin.assert": {"that": [DESCRIPTION], "success_msg": CARRIED_OUT}},
    "debug": {"ansible.builtin.debug": {"var": DESCRIPTION}},
    "debug of the variable": {"ansible.builtin.debug": {"var": "northflank_job.description"}},
    "failed_when": {"ansible.builtin.debug": {"msg": "As it is"}, "failed_when": DESCRIPTION},
    "changed_when": {"ansible.builtin.debug": {"msg": "As it is"}, "changed_when": DESCRIPTION},
    "until": {"ansible.builtin.debug": {"msg": "As it is"}, "until": DESCRIPTION, "retries": 1, "delay": 0},
    "loop": {"ansible.builtin.debug": {"msg": "<{{ item }}>"}, "loop": [DESCRIPTION, "{{ northflank_job.name }}"]},
    "variable": {"ansible.builtin.debug": {"msg": "<{{ composed }}{{ again }}>"}, "vars": {"again": DESCRIPTION}},
    "fact": {"ansible.builtin.set_fact": {"kept": DESCRIPTION}},
    "fact, later": {"ansible.builtin.debug": {"msg": "<{{ kept }}>"}},
}


def test_names_ids_and_ordinary_texts_are_shown_plainly(listed: t.Callable[..., Listed]) -> None:
    shown = listed(compose={"ansible_connection": "'local'", "title": "northflank_job.name"}, team_id="example-team")
    assert shown.messages == ""
    assert MARK not in str(shown.marked)
    assert shown.marked["alpha.report"]["northflank_job"]["description"] == "The report of the day"
    assert shown.marked["alpha.report"]["ansible_connection"] == "local"


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "lookup('pipe', 'touch a')", "hostvars", "the_secret", "login.password", "Häufig"])
def test_all_other_texts_are_marked(listed: t.Callable[..., Listed], emulator: Emulator, text: str) -> None:
    emulator.add_job("alpha", "odd", {"description": text})
    shown = listed(compose={"composed": "northflank_job.description"})
    odd = shown.marked["alpha.odd"]
    assert (odd["northflank_job"]["description"], odd["composed"]) == ({MARK: text}, {MARK: text})
    assert shown.hosts["alpha.odd"]["composed"] == text


def test_no_text_is_evaluated(inventory: Inventory, emulator: Emulator) -> None:
    file = inventory.folder / "carried-out"
    for name, text in EXPRESSIONS.items():
        emulator.add_job("texts", name, {"description": text.format(file=file)})
    source = inventory.write(options(emulator, projects=["texts"], compose={"composed": "northflank_job.description"}))
    play = {
        "name": "Use the texts",
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "tasks": [{"name": name, **task, "ignore_errors": True} for name, task in USES.items()],
    }
    variables = inventory.write({"the_secret": SECRET, "login": {"password": SECRET}}, "variables.yml")
    run = inventory.playbook(inventory.write([play], "use.yml"), ["--inventory", str(source), "--extra-vars", f"@{variables}"])
    assert run.status == 0, run.output
    assert not file.exists()
    assert (SECRET in run.output, "was carried out" in run.output) == (False, False), run.output
    texts = [text.format(file=file) for text in EXPRESSIONS.values()]
    assert [text for text in texts if f'"msg": "<{text}>"' not in run.output] == [], run.output
