# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret values that a test can search for, tasks that fail with them, and the search itself."""

from __future__ import annotations

import base64
import json
import typing as t
import urllib.parse

from . import JOB

TOKEN = "the-token-of-this-test-0123456789"

# Values that are nowhere else in an output, so that each can be searched for.
LONG = {
    "PASSWORD": "correct horse battery staple 42",
    "KEY": "-----BEGIN KEY-----\nlineOneOfTheKey11\nlineTwoOfTheKey22\n-----END KEY-----\n",
    "QUOTED": "say \"quoted\" and 'single' \\ backslash <braces>",
    "FOREIGN": "Schlüsselwörter-äöü-пароль-秘密",
}
# Values that are in other places too: a mask by value would find them everywhere.
SHORT = {"ONE": 1, "FALSE": False, "OK": "ok", "CHANGED": "changed", "KEYNAME": "PASSWORD", "ZERO": "0", "JOB": JOB}
FILE = "content-of-the-secret-file-7xQ\nsecond-line-of-it-7xQ"

OPTIONS: dict[str, t.Any] = {
    "runtime_environment": {**LONG, **SHORT},
    "build_arguments": {"ARGUMENT": "the-value-of-an-argument-7xQ"},
    "runtime_files": {"/etc/secret": {"content": FILE}},
    "build_files": {"/etc/data": {"data": base64.b64encode(b"bytes-of-a-build-file-7xQ").decode()}},
    "docker_secret_mounts": {"mount": {"content": "the-content-of-a-mount-7xQ"}},
}
SEARCHED = [TOKEN, *LONG.values(), "the-value-of-an-argument-7xQ", FILE, "bytes-of-a-build-file-7xQ", "the-content-of-a-mount-7xQ"]
PRESENT = {"runtimeEnvironment": {"PASSWORD": "the-present-password-7xQ", "GONE": "the-value-that-goes-7xQ"}}
SEARCHED_PRESENT = [*SEARCHED, "the-present-password-7xQ", "the-value-that-goes-7xQ"]


def spellings(secret: str) -> set[str]:
    """Each way in which an output may contain a secret: as it is, by line, in JSON, in base64, in a URL, and as Python writes it."""
    lines = [line for line in secret.splitlines() if len(line) > 7]
    return {
        spelling
        for text in (secret, *lines)
        for spelling in (
            text,
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            base64.b64encode(text.encode()).decode(),
            urllib.parse.quote(text),
            repr(text)[1:-1],
        )
    }


def find_secrets(output: str, secrets: t.Iterable[str]) -> list[str]:
    """The secrets that an output contains, in any spelling."""
    return [secret for secret in secrets if any(spelling in output for spelling in spellings(secret))]


# Options with secret values, each with a mistake.
FAILING = {
    "a wrong type": {"runtime_environment": {"PASSWORD": [LONG["PASSWORD"]]}},
    "not a map": {"runtime_environment": [LONG["PASSWORD"]]},
    "a misspelt option": {"runtime_enviroment": {"PASSWORD": LONG["PASSWORD"]}},
    "an unknown option of a file": {"runtime_files": {"/etc/secret": {"contents": FILE}}},
    "not base64": {"build_files": {"/etc/data": {"data": LONG["PASSWORD"]}}},
    "another option's problem": {"runtime_environment": LONG, "backoff_limit": "many"},
    "an unknown project": {"runtime_environment": LONG, "project_id": "no-such-project"},
}
