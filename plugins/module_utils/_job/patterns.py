# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented text patterns of Northflank, each with its rule in words.

Northflank documents ECMAScript patterns. Here they are matched with fullmatch(), since "$" of Python also matches before a
final newline. A test holds each against the pattern of the contract.
"""

from __future__ import annotations

import re
import typing as t


class Pattern(t.NamedTuple):
    """A compiled pattern and what to tell the user who breaks it."""

    regex: re.Pattern[str]
    rule: str


# "\s" of ECMAScript, which Python's "\s" differs from at the edges.
_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NAME = r"[a-zA-Z0-9\-._]"
# A path segment that is neither "." nor "..".
_FOLDERS = rf"/(?:(?!\.\.?/){_NAME}+/)*"
_NO_DOTS = r"(?!\.\.?\Z)"
# The documented query string is (k+(=k+)?)* for a name character k, which a backtracking engine can take exponential
# time for. This is the same set of texts, each character readable in one way only.
_QUERY_PART = rf"(?:{_NAME}+(?:={_NAME}(?:{_NAME}+={_NAME})*{_NAME}*)?)?"

DESCRIPTION = Pattern(
    re.compile(rf"""[a-zA-Z0-9.,?{_SPACE}\\/'"()\[\];`%^&*\-_:!]+"""),
    "it must not be empty, since the API documents no way to clear it, "
    "and takes letters and digits without accents, white space and . , ? \\ / ' \" ( ) [ ] ; ` % ^ & * - _ : !",
)
SLUG = Pattern(re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*"), "it must be letters and digits, in groups joined by single hyphens")
IDENTIFIER = Pattern(re.compile(r"[A-Za-z0-9-]+"), "it must be letters, digits and hyphens, at least one")
FILE_PATH = Pattern(
    re.compile(rf"{_FOLDERS}{_NO_DOTS}{_NAME}+"),
    "it must be an absolute path of a file, of letters, digits and - . _ without the segments . and ..",
)
FOLDER_PATH = Pattern(
    re.compile(rf"{_FOLDERS}{_NO_DOTS}{_NAME}*"),
    "it must be an absolute path, of letters, digits and - . _ without the segments . and ..",
)
CHECK_PATH = Pattern(
    re.compile(rf"/(?:{_NAME}+/)*{_NAME}*(?:\?{_QUERY_PART}(?:&{_QUERY_PART})*)?"),
    "it must be an absolute path of letters, digits and - . _ with an optional query string such as ?key=value&other",
)
BUILD_SHA = Pattern(re.compile(r".{40}|latest", re.DOTALL), "it must be the 40 characters of a commit, or latest")
