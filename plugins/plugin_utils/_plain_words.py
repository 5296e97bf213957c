# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts of the API an inventory shows plainly, and the mark on all others, which ansible-core never evaluates.

A text without a mark is evaluated where a playbook asks for that, such as "when: '{{ northflank_job.description }}'". So a text is
plain only if that can do no harm.
"""

from __future__ import annotations

import functools
import re
import typing as t

import jinja2
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19, which shows texts plainly unless they are marked
    trust_as_template = str

_HARMLESS = re.compile(r"[A-Za-z0-9 ._/:-]*")
# As an expression: a number, a word, or the difference or the quotient of several. Neither reaches into a variable.
_WORDS = re.compile(r"[0-9]+(\.[0-9]+)?|[A-Za-z0-9]+([-/][A-Za-z0-9]+)*")
# What Jinja2 and ansible-core define under names without an underscore.
_DEFINED = frozenset(
    "true True false False none None not caller cycler dict environment groups hostvars item joiner kwargs lipsum lookup loop namespace "
    "now omit q query range self super undef varargs vars".split()
)
_JINJA = jinja2.Environment()


def marked(value: t.Any) -> t.Any:
    """A value for a variable of a host: its harmless texts are plain, and all others marked, at any depth."""
    if isinstance(value, t.Mapping):
        return {marked(name): marked(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [marked(inner) for inner in value]
    if isinstance(value, str) and is_harmless(value):
        # An unsafe text stays one in the hands of str() alone.
        return trust_as_template(str.__str__(str(value)))
    return wrap_var(value)


def is_harmless(text: str) -> bool:
    """Whether a text gives no more than itself or an error, or the values of variables whose names are its words, when it is evaluated."""
    return _HARMLESS.fullmatch(text) is not None and _is_harmless(str.__str__(str(text)))


@functools.lru_cache(maxsize=4096)
def _is_harmless(text: str) -> bool:
    if _WORDS.fullmatch(text):
        return text not in _DEFINED
    # ansible-core puts braces around a text, to which a minus sign at its ends belongs, or makes it the condition of an "if", which
    # may end with a colon.
    try:
        _JINJA.parse("{{ " + text.strip(" -:") + " }}")
    except jinja2.TemplateError:
        return True
    return False
