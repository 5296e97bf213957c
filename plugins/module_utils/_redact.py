# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may leave the collection. Secrets are hidden by structure: of a secret map the names show, the values never do.

Only a text that Northflank wrote, an error, is searched for values, since it may quote them anywhere.
"""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
import urllib.parse

from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils import _values as values

HIDDEN = "hidden"
HIDDEN_CHANGED = "hidden, changed"
MASK = "********"
DETAILS_DROPPED = "not shown, since they may quote a secret value that cannot be told from ordinary text"

# Shorter values, and plain words, cannot be told from ordinary text.
_DISTINCTIVE_LENGTH = 8
_DISTINCTIVE_WORD = 12
# What encodeURIComponent and encodeURI of JavaScript leave as it is, besides what quote() always does.
_AS_COMPONENT = "!'()*"
_AS_URI = _AS_COMPONENT + ";/?:@&=+$,#"


def is_distinctive(text: str) -> bool:
    """Whether a text is long and unusual enough to be searched for, and masked, wherever it stands."""
    return len(text) >= (_DISTINCTIVE_WORD if text.isalpha() else _DISTINCTIVE_LENGTH)


def shown_options(options: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Mapping[str, t.Any]], path: str = "") -> dict[str, t.Any]:
    """The options of a task as "invocation" may show them, by their argument spec.

    The values of secret maps, marked options and everything that is no option, such as a misspelt one, read "hidden".
    """
    return {name: _shown_option(value, spec.get(name), f"{path}.{name}".lstrip(".")) for name, value in options.items()}


def _shown_option(value: t.Any, rule: t.Mapping[str, t.Any] | None, path: str) -> t.Any:
    if value is None:
        return None
    row = fields.BY_OPTION.get(path)
    if row is not None and row.secret and isinstance(value, dict):
        return {name: HIDDEN for name in value}
    if rule is None or "no_log" in rule:
        return HIDDEN
    if "options" not in rule:
        return value if _is_plain(value) else HIDDEN
    if isinstance(value, dict):
        return shown_options(value, rule["options"], path)
    if isinstance(value, list):
        return [_shown_option(item, rule, f"{path}[]") for item in value]
    return HIDDEN


def _is_plain(value: t.Any) -> bool:
    return not isinstance(value, dict) and not (isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value))


def diff_of_map(before: dict[str, t.Any] | None, after: dict[str, t.Any] | None, same: t.Callable[[t.Any, t.Any], bool]) -> tuple[t.Any, t.Any]:
    """A secret map before and after, {name: "hidden" or "hidden, changed"}: the names tell what comes, changes and goes."""
    before, after = before or {}, after or {}
    return (
        {name: HIDDEN for name in before},
        {name: HIDDEN if name in before and same(value, before[name]) else HIDDEN_CHANGED for name, value in after.items()},
    )


class Secrets:
    """The secret values that a task knows of, to be masked in what Northflank writes about errors."""

    def __init__(self, *texts: str) -> None:
        self._texts: set[str] = set()
        for text in texts:
            self._add(text)

    def learn(self, known: t.Mapping[str, t.Any]) -> None:
        """Add the values of the secret maps among {path of a row: canonical value}."""
        for row in fields.FIELDS:
            if row.secret:
                for value in (known.get(row.path) or {}).values():
                    self._add_value(value)

    def _add_value(self, value: str | values.File) -> None:
        if isinstance(value, values.File):
            self._add(value.data)
            self._add(value.text)
        else:
            self._add(value)

    def _add(self, text: str) -> None:
        # An error may quote one line of a longer text.
        lines = {line for line in text.splitlines() if is_distinctive(line)}
        self._texts.update(part for part in {text, text.strip(), *lines} if part.strip())

    def mask(self, text: str) -> str:
        """The text with every secret masked: distinctive ones wherever they stand, others where they stand as a word."""
        spans = sorted(match.span() for pattern in self._patterns() for match in pattern.finditer(text))
        masked, end = "", 0
        for first, last in spans:
            if first >= end:
                masked += text[end:first] + MASK
            end = max(end, last)
        return masked + text[end:]

    def mask_details(self, details: t.Any) -> t.Any:
        """The details of an error masked at any depth, or dropped whole if they may hold a secret that is not distinctive."""
        dubious = [_pattern(spelling) for spelling in self._spellings() if not is_distinctive(spelling)]
        if any(pattern.search(text) for text in _texts_in(details) for pattern in dubious):
            return DETAILS_DROPPED
        return self._masked(details)

    def _spellings(self) -> set[str]:
        # Made when an error is masked, not when a secret is learnt: most tasks see no error.
        return {spelling for text in self._texts for spelling in _spellings(text)}

    def _patterns(self) -> list[re.Pattern[str]]:
        return [_pattern(spelling) for spelling in self._spellings()]

    def _masked(self, node: t.Any) -> t.Any:
        if isinstance(node, dict):
            return {self.mask(str(name)): self._masked(value) for name, value in node.items()}
        if isinstance(node, list):
            return [self._masked(value) for value in node]
        if isinstance(node, str):
            return self.mask(node)
        return MASK if json.dumps(node) in self._texts else node


def _spellings(text: str) -> set[str]:
    """A text in the encodings that an error may quote it in."""
    encoded = text.encode(errors="replace")
    return {
        text,
        *_as_json(text),
        *(inner for outer in _as_json(text) for inner in _as_json(outer)),
        html.escape(text),
        html.escape(text, quote=False),
        urllib.parse.quote(encoded, safe=""),
        urllib.parse.quote(encoded),
        urllib.parse.quote_plus(encoded),
        urllib.parse.quote(encoded, safe=_AS_COMPONENT),
        urllib.parse.quote(encoded, safe=_AS_URI),
        base64.b64encode(encoded).decode(),
        base64.b64encode(encoded).decode().rstrip("="),
        base64.urlsafe_b64encode(encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode().rstrip("="),
    }


def _as_json(text: str) -> set[str]:
    """A text as encoders of JSON write it: they differ in what they escape besides quotes and control characters."""
    plain, ascii_only = json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]
    in_capitals = re.sub(r"\\u[0-9a-f]{4}", lambda found: found[0].upper().replace("U", "u", 1), ascii_only)
    spellings = {plain, ascii_only, in_capitals}
    spellings |= {spelling.replace("/", "\\/") for spelling in spellings}
    return spellings | {_without_html(spelling) for spelling in spellings}


def _without_html(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _pattern(secret: str) -> re.Pattern[str]:
    found = re.escape(secret)
    return re.compile(found if is_distinctive(secret) else rf"(?<!\w){found}(?!\w)")


def _texts_in(node: t.Any) -> t.Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield str(name)
            yield from _texts_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts_in(value)
    else:
        yield node if isinstance(node, str) else json.dumps(node)
