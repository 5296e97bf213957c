# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented text patterns of Northflank, each with its rule in words.

Northflank documents ECMAScript patterns. The collection matches them with fullmatch(), because "$" in Python also matches before
a final newline. A test compares each with the pattern of the contract.
"""

from __future__ import annotations

import re
import typing as t


class Pattern(t.NamedTuple):
    """A compiled pattern, and sentences of the messages about a text that does not match it.

    characters are all that a text can contain, for a character class of a regular expression. if_empty takes the place of the
    rule where the text is empty.
    """

    regex: re.Pattern[str]
    rule: str
    characters: str = ""
    if_empty: str = ""

    def find_wrong_character(self, text: str) -> int | None:
        """The index of the first character that no matching text contains, None if there is none or any character can be in one."""
        found = re.search(f"[^{self.characters}]", text) if self.characters else None
        return found.start() if found else None


# "\s" of ECMAScript, which contains other characters than "\s" of Python.
_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NAME_CHARACTERS = r"a-zA-Z0-9\-._"
_NAME = rf"[{_NAME_CHARACTERS}]"
# A path segment that is neither "." nor "..".
_FOLDERS = rf"/(?:(?!\.\.?/){_NAME}+/)*"
_NO_DOTS = r"(?!\.\.?\Z)"
# The documented query string is (k+(=k+)?)* for a name character k, for which a backtracking engine can need exponential
# time. This pattern matches the same texts, but each text in one way only.
_QUERY_PART = rf"(?:{_NAME}+(?:={_NAME}(?:{_NAME}+={_NAME})*{_NAME}*)?)?"

_IMAGE, _IMAGE_TAG = r"[a-zA-Z/-9.\-_]", r"[a-zA-Z/-9.\-_:]"

_DESCRIPTION = rf"""a-zA-Z0-9.,?{_SPACE}\\/'"()\[\];`%^&*\-_:!"""
DESCRIPTION = Pattern(
    re.compile(rf"[{_DESCRIPTION}]+"),
    "Use only white space, . , ? ! : ; - _ / \\ ' \" ` ( ) [ ] % ^ & *, and ASCII letters and digits",
    _DESCRIPTION,
    if_empty="The API documents no way to clear the description. Leave the option out to keep the current one",
)
SLUG = Pattern(
    re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*"),
    "Use ASCII letters and digits, in groups joined by single hyphens",
    r"a-zA-Z0-9\-",
)
IDENTIFIER = Pattern(re.compile(r"[A-Za-z0-9-]+"), "Use ASCII letters, digits and hyphens", r"A-Za-z0-9\-")
FILE_PATH = Pattern(
    re.compile(rf"{_FOLDERS}{_NO_DOTS}{_NAME}+"),
    "Use an absolute path of a file, of ASCII letters, digits and - . _ without . and .. as segments",
    rf"{_NAME_CHARACTERS}/",
)
FOLDER_PATH = Pattern(
    re.compile(rf"{_FOLDERS}{_NO_DOTS}{_NAME}*"),
    "Use an absolute path, of ASCII letters, digits and - . _ without . and .. as segments",
    rf"{_NAME_CHARACTERS}/",
)
CHECK_PATH = Pattern(
    re.compile(rf"/(?:{_NAME}+/)*{_NAME}*(?:\?{_QUERY_PART}(?:&{_QUERY_PART})*)?"),
    "Use an absolute path, of ASCII letters, digits and - . _ with an optional query string such as ?key=value&other",
    rf"{_NAME_CHARACTERS}/?=&",
)
BUILD_SHA = Pattern(re.compile(r".{40}|latest", re.DOTALL), "Use the 40 characters of a commit, or latest")
NAME = Pattern(
    re.compile(rf"[a-zA-Z](?:(?:-|[{_SPACE}])?[a-zA-Z0-9]+(?:(?:-|[{_SPACE}])[a-zA-Z0-9]+)*)?"),
    "Begin with an ASCII letter, and use ASCII letters and digits, in groups joined by single hyphens or spaces",
    rf"a-zA-Z0-9\-{_SPACE}",
)
# The documented pattern has parts that match the same texts, for which a backtracking engine can need quadratic time. These two match
# the same texts, but each text in one way only.
IMAGE_PATH = Pattern(
    re.compile(rf"{_IMAGE}+[:@]{_IMAGE_TAG}+|https?://[a-zA-Z0-9-]+\.[a-zA-Z0-9.\-]{_IMAGE}+@{_IMAGE_TAG}+"),
    "Use an image with its tag or its digest, such as registry.example.com/report:1.4",
    r"a-zA-Z/-9.\-_:@",
)
PROJECT_URL = Pattern(
    re.compile(r"(?:https://)?[a-zA-Z0-9\-]{2,}(?:\.[a-zA-Z0-9\-]{2,})+(?:/[a-zA-Z0-9\-._]{2,})+"),
    "Use the URL of a repository, such as https://github.com/example/report",
    r"a-zA-Z0-9\-._:/",
)
# The documented pattern has no group around its alternatives, so each text is valid that begins as the first or ends as the second.
SELF_HOSTED_ID = Pattern(re.compile(r"[A-Za-z0-9-].*|.*[0-9a-f]{24}", re.DOTALL), "Begin with an ASCII letter, a digit or a hyphen")
