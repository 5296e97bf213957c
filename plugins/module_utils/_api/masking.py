# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masking of secret values in what Northflank writes about errors, because an error may quote them in many spellings."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
import urllib.parse

MASK = "********"
DETAILS_DROPPED = "not shown, because they may contain a secret value that cannot be distinguished from ordinary text"

# Shorter values, and shorter plain words, cannot be distinguished from ordinary text.
_MIN_LENGTH = 8
_MIN_WORD_LENGTH = 12
# Longer texts of errors are not shown.
_MAX_TEXT_LENGTH = 65536
# The characters that are the same in every spelling of a text.
_PLAIN_PART = re.compile(r"[A-Za-z0-9]+")
# The characters that encodeURIComponent and encodeURI of JavaScript do not encode, apart from those that quote() never encodes.
_SAFE_IN_COMPONENT = "!'()*"
_SAFE_IN_URI = _SAFE_IN_COMPONENT + ";/?:@&=+$,#"


def is_distinctive(text: str) -> bool:
    """Whether a text is long and unusual enough to be masked at any place of another text."""
    return len(text) >= (_MIN_WORD_LENGTH if text.isalpha() else _MIN_LENGTH)


def replace_everywhere(value: t.Any, secret: str) -> t.Any:
    """The value with a secret masked in all of its texts, at any depth. Keys stay."""
    if isinstance(value, str):
        return value.replace(secret, MASK)
    if isinstance(value, dict):
        return {name: replace_everywhere(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [replace_everywhere(inner, secret) for inner in value]
    return value


class Secrets:
    """The known secret values of a task, to be masked in what Northflank writes about errors."""

    def __init__(self, *texts: str) -> None:
        # Each with its parts that are the same in every spelling, computed when they are first needed.
        self._texts: dict[str, tuple[str, ...]] = {}
        self.add(*texts)

    def add(self, *texts: str) -> None:
        """Add secret values, each as a text."""
        for text in texts:
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        # An error may quote one line of a longer text.
        lines = {line for line in text.splitlines() if is_distinctive(line)}
        for part in {text, text.strip(), *lines}:
            if part.strip():
                self._texts.setdefault(part, ())

    def mask(self, text: str) -> str:
        """The text with every secret masked: distinctive ones at any place, others only as a whole word."""
        if len(text) > _MAX_TEXT_LENGTH:
            return f"not shown, because the text is too long to be searched for secrets ({len(text)} characters)"
        return _mask_spellings(text, self._find_spellings(text))

    def mask_details(self, details: t.Any) -> t.Any:
        """The details of an error, masked at any depth, or DETAILS_DROPPED if they may contain a secret that is not distinctive."""
        texts = list(_iterate_texts(details))
        joined = "\n".join(texts)
        if len(joined) > _MAX_TEXT_LENGTH:
            return self.mask(joined)
        found = self._find_spellings(joined)
        indistinct = [_compile_pattern(spelling) for spelling in found if not is_distinctive(spelling)]
        if any(pattern.search(text) for text in texts for pattern in indistinct):
            return DETAILS_DROPPED
        return _mask_nested(details, found)

    def _find_spellings(self, text: str) -> list[str]:
        """The spellings of secrets that a text contains. A quick test comes first, because a large file has thousands of lines to find."""
        likely = [secret for secret in self._texts if len(secret) <= len(text) and self._may_be_in(secret, text)]
        return [spelling for secret in likely for spelling in _spellings(secret) if spelling in text]

    def _may_be_in(self, secret: str, text: str) -> bool:
        parts = self._texts[secret] = self._texts[secret] or _plain_parts(secret)
        return any(part in text for part in parts)


def _plain_parts(secret: str) -> tuple[str, ...]:
    """The longest parts of a secret that are the same in every spelling, as text and in base64."""
    encoded = base64.b64encode(secret.encode(errors="replace")).decode()
    return tuple(max(_PLAIN_PART.findall(spelling) or [""], key=len) for spelling in (secret, encoded))


def _mask_spellings(text: str, spellings: list[str]) -> str:
    spans = sorted(match.span() for spelling in spellings for match in _compile_pattern(spelling).finditer(text))
    masked, end = "", 0
    for first, last in spans:
        if first >= end:
            masked += text[end:first] + MASK
        end = max(end, last)
    return masked + text[end:]


def _mask_nested(node: t.Any, spellings: list[str]) -> t.Any:
    if isinstance(node, dict):
        return {_mask_spellings(str(name), spellings): _mask_nested(value, spellings) for name, value in node.items()}
    if isinstance(node, list):
        return [_mask_nested(value, spellings) for value in node]
    if isinstance(node, str):
        return _mask_spellings(node, spellings)
    return MASK if json.dumps(node) in spellings else node


def _spellings(text: str) -> set[str]:
    """A text in all encodings that an error may quote."""
    encoded = text.encode(errors="replace")
    return {
        text,
        *_json_spellings(text),
        *(inner for outer in _json_spellings(text) for inner in _json_spellings(outer)),
        html.escape(text),
        html.escape(text, quote=False),
        urllib.parse.quote(encoded, safe=""),
        urllib.parse.quote(encoded),
        urllib.parse.quote_plus(encoded),
        urllib.parse.quote(encoded, safe=_SAFE_IN_COMPONENT),
        urllib.parse.quote(encoded, safe=_SAFE_IN_URI),
        *_base64_spellings(base64.b64encode(encoded).decode()),
        *_base64_spellings(base64.urlsafe_b64encode(encoded).decode()),
    }


def _base64_spellings(text: str) -> set[str]:
    """A base64 text with and without its padding, and as JSON or a URL may write it."""
    plain = {text, text.rstrip("=")}
    return plain | {spelling.replace("/", "\\/") for spelling in plain} | {urllib.parse.quote(spelling, safe="") for spelling in plain}


def _json_spellings(text: str) -> set[str]:
    """A text as JSON encoders write it. They escape different characters apart from quotes and control characters."""
    plain, ascii_only = json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]
    in_capitals = re.sub(r"\\u[0-9a-f]{4}", lambda found: found[0].upper().replace("U", "u", 1), ascii_only)
    spellings = {plain, ascii_only, in_capitals}
    spellings |= {spelling.replace("/", "\\/") for spelling in spellings}
    return spellings | {_escape_html(spelling) for spelling in spellings}


def _escape_html(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _compile_pattern(secret: str) -> re.Pattern[str]:
    found = re.escape(secret)
    return re.compile(found if is_distinctive(secret) else rf"(?<!\w){found}(?!\w)")


def _iterate_texts(node: t.Any) -> t.Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield str(name)
            yield from _iterate_texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _iterate_texts(value)
    else:
        yield node if isinstance(node, str) else json.dumps(node)
