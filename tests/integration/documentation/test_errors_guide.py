# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to errors explains each message that the collection can end with, and none that it cannot."""

from __future__ import annotations

import functools

import pytest
from docutils import nodes
from harness.guides import guide
from harness.messages import holds, pieces, templates

_VERBOSE, _PROGRESS, _SUCCESS, _VALUE = "only with -vvv", "a line of progress", "no failure", "a value, no message"
_PATTERN = "a pattern, no message"
# Messages of the collection that are neither failures nor warnings.
NO_MESSAGE = {
    "runs as a module: ...": _VERBOSE,
    "runs in the ansible-playbook process": _VERBOSE,
    "the task is asynchronous": _VERBOSE,
    "the task uses become": _VERBOSE,
    "the connection is ...": _VERBOSE,
    "on macOS a forked process cannot read the proxy settings of the system": _VERBOSE,
    "the Python of ansible-playbook has no package requests": _VERBOSE,
    "... is false": _VERBOSE,
    "... is ..., not ...": _VERBOSE,
    "its environment contains ..., which must be set before Python starts": _VERBOSE,
    "an option has a value that JSON cannot represent": _VERBOSE,
    "the ansible-playbook process cannot enter the folder of the playbook": _VERBOSE,
    "The cache cannot be read and is written again: ....": _VERBOSE,
    "Invoked with ...": "the system's log",
    "Run ... of the job ...: ...": _PROGRESS,
    "the poll failed after ...: ...": _PROGRESS,
    "its log could not be read after ...: ...": _PROGRESS,
    "The run ... of ... ended with the status ... after ....": _SUCCESS,
    "Would start a run of ....": _SUCCESS,
    "hidden, changed": _VALUE,
    "health checks": "a kind of field, no message",
    "letters, digits, '-' and '_'": _VALUE,
    "<!doctype html": _VALUE,
    "timed out": "reported in other words",
    "no status": _VALUE,
    "true True false False none None not caller cycler dict environment groups hostvars item joiner kwargs lipsum lookup loop namespace "
    "now omit q query range self super undef varargs vars": "names that Jinja2 and ansible-core define",
    r"<(?:built-in method|bound method|generator object) [\w .]+ at 0x[0-9a-fA-F]{8,}>+": _PATTERN,
    r"<[\w .'-]+ at 0x[0-9a-fA-F]{8,}>|dict_(?:keys|values|items)\(\[.*\]\)|\[?AnsibleUndefined(?:\(hint=.*\))?\]?": _PATTERN,
}
# Of the API with its statuses, and of ansible-core.
OF_OTHERS = {
    "...: 400 Bad Request: ...",
    "...: 409 Conflict: ...",
    "...: 422 ...: ...",
    "...: 500 Internal Server Error: ...",
    "...: 503 Service Unavailable: ...",
    "Failed to import the required Python library (requests) ...",
}
_PERMISSION = "Project > "


@functools.cache
def entries() -> dict[str, str]:
    """Each message of the guide, and its explanation."""
    return {
        " ".join(message.astext().split()): item.next_node(nodes.definition).astext()
        for item in guide("errors").findall(nodes.definition_list_item)
        for message in item.next_node(nodes.term).findall(nodes.literal)
    }


def explains(entry: str, template: str) -> bool:
    """Whether an entry has all that is fixed in a message, or the message all that the entry has."""
    return holds(entry, pieces(template)) or holds(template, pieces(entry))


@pytest.mark.parametrize("template", [text for text in sorted(templates() - set(NO_MESSAGE)) if not text.startswith(_PERMISSION)])
def test_a_message_is_explained(template: str) -> None:
    assert [entry for entry in entries() if explains(entry, template)], "tell in docs/docsite/rst/errors.rst what it means and what to do"


@pytest.mark.parametrize("entry", sorted(set(entries()) - OF_OTHERS))
def test_an_entry_is_about_a_message_that_exists(entry: str) -> None:
    assert [template for template in templates() if explains(entry, template)]


def test_the_messages_without_an_entry_exist() -> None:
    assert templates() >= set(NO_MESSAGE)
    assert set(entries()) >= OF_OTHERS


def test_each_entry_describes_what_to_do() -> None:
    assert [entry for entry, text in entries().items() if not text.strip()] == []
