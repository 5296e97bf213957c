# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks as unsafe the texts of the API that could do harm if ansible-core evaluated them. It never evaluates marked texts.

A playbook can evaluate an unmarked text, such as by "when: '{{ northflank_job.description }}'". So only texts that are harmless when
they are evaluated stay unmarked.
"""

from __future__ import annotations

import functools
import re
import typing as t

import jinja2
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19, where texts are trusted unless they are marked
    trust_as_template = str

_HARMLESS = re.compile(r"[A-Za-z0-9 ._/:-]*")
# As an expression, this is a number, a name, or a difference or quotient of them. None of them reads inside a variable.
_WORDS = re.compile(r"[0-9]+(\.[0-9]+)?|[A-Za-z0-9]+([-/][A-Za-z0-9]+)*")
# The names without an underscore that Jinja2 and ansible-core define.
_DEFINED_NAMES = frozenset(
    "true True false False none None not caller cycler dict environment groups hostvars item joiner kwargs lipsum lookup loop namespace "
    "now omit q query range self super undef varargs vars".split()
)
_JINJA = jinja2.Environment()


def mark_unsafe_texts(value: t.Any) -> t.Any:
    """A value for a host variable: at any depth, harmless texts are not marked, and all others are marked as unsafe."""
    if isinstance(value, t.Mapping):
        return {mark_unsafe_texts(name): mark_unsafe_texts(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mark_unsafe_texts(inner) for inner in value]
    if isinstance(value, str) and is_harmless(value):
        # str() would keep an unsafe text unsafe.
        return trust_as_template(str.__str__(str(value)))
    return wrap_var(value)


def is_harmless(text: str) -> bool:
    """Whether evaluating a text only gives the text itself, an error, or the values of variables whose names are its words."""
    return _HARMLESS.fullmatch(text) is not None and _is_harmless(str.__str__(str(text)))


@functools.lru_cache(maxsize=4096)
def _is_harmless(text: str) -> bool:
    if _WORDS.fullmatch(text):
        return text not in _DEFINED_NAMES
    # ansible-core puts a text into braces, where a minus sign at an end is part of the braces, or makes it the condition of an "if",
    # which may end with a colon.
    try:
        _JINJA.parse("{{ " + text.strip(" -:") + " }}")
    except jinja2.TemplateError:
        return True
    return False
