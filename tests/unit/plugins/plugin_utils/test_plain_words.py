# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text without a mark reaches into nothing, however ansible-core makes an expression of it."""

from __future__ import annotations

import typing as t

import jinja2
import pytest
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.northflank.cloud.plugins.plugin_utils import _plain_words as plain_words
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from jinja2.defaults import DEFAULT_NAMESPACE

# As ansible-core does it in "debug: var", in conditions that are templates, and in "when".
FORMS = ("{{%s}}", "{{ %s }}", "{%% if %s %%}{%% endif %%}", "{%% set a = %s %%}")
OF_ANSIBLE = ("hostvars", "groups", "vars", "environment", "lookup", "query", "q", "now", "undef", "omit", "item", "True", "false", "none")
PARTS = ["a", "report", "1", "2.5", "hostvars", "lookup", "is", "in", "not", "and", "or", "if", "else", "defined", "_", "b_c"]
TEXTS = st.lists(st.sampled_from([*PARTS, *"   --//..::", "(", "'", "|", "{", "\n", "\u2028"]), max_size=8).map("".join)
HARMLESS_NODES = (nodes.Template, nodes.Output, nodes.If, nodes.Assign, nodes.Name, nodes.Const, nodes.Sub, nodes.Div, nodes.TemplateData)


def read(text: str) -> t.Iterator[nodes.Template]:
    """What Jinja2 reads in a text, for each form that makes something of it."""
    for form in FORMS:
        try:
            yield jinja2.Environment().parse(form % text)
        except jinja2.TemplateError:
            continue


@PROPERTY
@given(TEXTS)
def test_a_harmless_text_is_at_most_words_and_numbers(text: str) -> None:
    if plain_words.is_harmless(text):
        found = [node for tree in read(text) for node in (tree, *tree.find_all(nodes.Node))]
        assert [node for node in found if not isinstance(node, HARMLESS_NODES)] == []
        assert [node.name for node in found if isinstance(node, nodes.Name) and "_" in node.name] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "report",
        "nightly-report",
        "Nightly Report",
        "The report of the day",
        "/example-user/alpha/report",
        "https://github.com/example-user/a_b",
        "./Dockerfile",
        "src/app",
        "2026-01-01T10:00:00Z",
        "1.10",
        "nf-compute-20",
    ],
)
def test_what_people_call_their_jobs_is_harmless(text: str) -> None:
    assert plain_words.is_harmless(text)


@pytest.mark.parametrize("text", [*OF_ANSIBLE, *DEFAULT_NAMESPACE])
def test_what_has_a_meaning_in_every_playbook_is_not_harmless(text: str) -> None:
    assert not plain_words.is_harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "lookup('pipe', 'touch a')",
        "{{ a }}",
        "a_b",
        "login.password",
        "hostvars.localhost",
        "a is defined",
        "a or b",
        "-a",
        "a-",
        "a:",
        " a",
        "a\n",
        "[1]",
        "ü",
        "\u2028",
    ],
)
def test_what_could_be_an_expression_is_not_harmless(text: str) -> None:
    assert not plain_words.is_harmless(text)


def test_marks_are_set_at_any_depth() -> None:
    value = {"a": ["Nightly Report", "a_b"], "b": {"c": "{{ d }}"}, "e": None, "f": 1, "g": True}
    assert plain_words.mark_unsafe_texts(value) == value
    marked = plain_words.mark_unsafe_texts({"a": ["a_b", ("{{ b }}",)]})
    assert [type(marked["a"][0]), type(marked["a"][1][0])] == [type(wrap_var("a"))] * 2


def test_a_harmless_text_that_was_marked_has_no_mark_afterwards() -> None:
    assert type(plain_words.mark_unsafe_texts(wrap_var("report"))) is type(plain_words.trust_as_template("report"))
