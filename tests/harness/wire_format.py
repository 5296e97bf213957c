# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second translation of options into the shape of the API, made without the field table, to compare with the first one."""

from __future__ import annotations

import base64
import json
import re
import typing as t

MAPS = ("runtimeEnvironment", "buildArguments", "labels", "annotations")
FILES = ("runtimeFiles", "buildFiles", "dockerSecretMounts")
# Options whose value clears the field.
CLEARING: dict[str, t.Any] = {"stageId": "", "activeDeadlineSeconds": 0, "dockerfileContents": ""}


def camel(name: str) -> str:
    """An option's name as the API writes it."""
    return {"disabled_ci": "disabledCI", "build_sha": "buildSHA"}.get(name) or re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def body_of(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The body of PATCH that states the same as these options; what they clear is left out."""
    return _object(options)


def _object(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    members = {camel(name): value for name, value in options.items()}
    return {name: _member(name, value) for name, value in members.items() if not (name in CLEARING and value == CLEARING[name])}


def _member(name: str, value: t.Any) -> t.Any:
    if name in MAPS:
        return {key: text if isinstance(text, str) else json.dumps(text) for key, text in value.items()}
    if name in FILES:
        return {key: _file(entry) for key, entry in value.items()}
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [_object(item) if isinstance(item, dict) else item for item in value]
    return value


def _file(entry: t.Mapping[str, t.Any]) -> dict[str, str]:
    encoding = {"encoding": entry["encoding"]} if "encoding" in entry else {}
    if "data" in entry:
        return {"data": entry["data"], **encoding}
    content = entry["content"].encode(entry.get("encoding", "utf-8"))
    return {"data": base64.b64encode(content).decode(), "encoding": "utf-8", **encoding}


def leaves(body: t.Mapping[str, t.Any], path: str = "") -> dict[str, t.Any]:
    """{dotted path: value} of everything in a body. Lists and maps with free keys are leaves."""
    found: dict[str, t.Any] = {}
    for name, value in body.items():
        where = f"{path}.{name}" if path else name
        if isinstance(value, dict) and name not in (*MAPS, *FILES):
            found.update(leaves(value, where))
        else:
            found[where] = value
    return found
