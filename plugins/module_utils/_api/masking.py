# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masking of secret values in what Northflank writes about errors, since it may quote them anywhere and in many spellings."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
import urllib.parse

MASK = "********"
DETAILS_DROPPED = "not shown, because they may contain a secret value that cannot be distinguished from ordinary text"

# Shorter values, and plain words, cannot be told from ordinary text.
_DISTINCTIVE_LENGTH = 8
_DISTINCTIVE_WORD = 12
# Longer texts of errors are not shown.
_LONGEST_TEXT = 65536
# What every spelling of a text leaves as it is.
_UNALTERED = re.compile(r"[A-Za-z0-9]+")
# What encodeURIComponent and encodeURI of JavaScript leave as it is, besides what quote() always does.
_AS_COMPONENT = "!'()*"
_AS_URI = _AS_COMPONENT + ";/?:@&=+$,#"


def is_distinctive(text: str) -> bool:
    """Whether a text is long and unusual enough to be searched for, and masked, wherever it stands."""
    return len(text) >= (_DISTINCTIVE_WORD if text.isalpha() else _DISTINCTIVE_LENGTH)


def replace_everywhere(value: t.Any, secret: str) -> t.Any:
    """The value with a secret masked in all the texts that it holds, at any depth. Keys stay."""
    if isinstance(value, str):
        return value.replace(secret, MASK)
    if isinstance(value, dict):
        return {name: replace_everywhere(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [replace_everywhere(inner, secret) for inner in value]
    return value


class Secrets:
    """The secret values that a task knows of, to be masked in what Northflank writes about errors."""

    def __init__(self, *texts: str) -> None:
        # Each with its parts that no spelling alters, once they were needed.
        self._texts: dict[str, tuple[str, ...]] = {}
        self.add(*texts)

    def add(self, *texts: str) -> None:
        """Add secret values, each as a text."""
        for text in texts:
            self._add(text)

    def _add(self, text: str) -> None:
        # An error may quote one line of a longer text.
        lines = {line for line in text.splitlines() if is_distinctive(line)}
        for part in {text, text.strip(), *lines}:
            if part.strip():
                self._texts.setdefault(part, ())

    def mask(self, text: str) -> str:
        """The text with every secret masked: distinctive ones wherever they stand, others where they stand as a word."""
        if len(text) > _LONGEST_TEXT:
            return f"not shown, because the text is too long to be searched for secrets ({len(text)} characters)"
        return _masked(text, self._found_in(text))

    def mask_details(self, details: t.Any) -> t.Any:
        """The details of an error masked at any depth, or dropped whole if they may hold a secret that is not distinctive."""
        texts = list(_texts_in(details))
        joined = "\n".join(texts)
        if len(joined) > _LONGEST_TEXT:
            return self.mask(joined)
        found = self._found_in(joined)
        dubious = [_pattern(spelling) for spelling in found if not is_distinctive(spelling)]
        if any(pattern.search(text) for text in texts for pattern in dubious):
            return DETAILS_DROPPED
        return _masked_at_any_depth(details, found)

    def _found_in(self, text: str) -> list[str]:
        """The spellings of secrets that a text holds. A quick look first: a large file has thousands of lines to look for."""
        likely = [secret for secret in self._texts if len(secret) <= len(text) and self._may_stand_in(secret, text)]
        return [spelling for secret in likely for spelling in _spellings(secret) if spelling in text]

    def _may_stand_in(self, secret: str, text: str) -> bool:
        parts = self._texts[secret] = self._texts[secret] or _unaltered_parts(secret)
        return any(part in text for part in parts)


def _unaltered_parts(secret: str) -> tuple[str, ...]:
    """The longest parts of a secret that no spelling alters, plain and in base64."""
    encoded = base64.b64encode(secret.encode(errors="replace")).decode()
    return tuple(max(_UNALTERED.findall(spelling) or [""], key=len) for spelling in (secret, encoded))


def _masked(text: str, spellings: list[str]) -> str:
    spans = sorted(match.span() for spelling in spellings for match in _pattern(spelling).finditer(text))
    masked, end = "", 0
    for first, last in spans:
        if first >= end:
            masked += text[end:first] + MASK
        end = max(end, last)
    return masked + text[end:]


def _masked_at_any_depth(node: t.Any, spellings: list[str]) -> t.Any:
    if isinstance(node, dict):
        return {_masked(str(name), spellings): _masked_at_any_depth(value, spellings) for name, value in node.items()}
    if isinstance(node, list):
        return [_masked_at_any_depth(value, spellings) for value in node]
    if isinstance(node, str):
        return _masked(node, spellings)
    return MASK if json.dumps(node) in spellings else node


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
        *_as_base64(base64.b64encode(encoded).decode()),
        *_as_base64(base64.urlsafe_b64encode(encoded).decode()),
    }


def _as_base64(text: str) -> set[str]:
    """A base64 text with and without its padding, and as JSON or a URL may write it."""
    plain = {text, text.rstrip("=")}
    return plain | {spelling.replace("/", "\\/") for spelling in plain} | {urllib.parse.quote(spelling, safe="") for spelling in plain}


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
