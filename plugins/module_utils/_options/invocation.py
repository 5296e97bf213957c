# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hides secrets in the "invocation" of a result by the argument spec: a secret map shows its names, and never its values.

Only error texts of Northflank are searched for secret values, see _api/masking.py.
"""

from __future__ import annotations

import typing as t

from .._job import fields
from .._job.facts import HIDDEN


def hide_secrets(options: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Mapping[str, t.Any]], path: str = "") -> dict[str, t.Any]:
    """The options of a task as "invocation" can show them, by their argument spec.

    The values of secret maps, options with no_log and unknown options, such as a misspelled one, become "hidden".
    """
    return {name: _hide_secret(value, spec.get(name), f"{path}.{name}".lstrip(".")) for name, value in options.items()}


def _hide_secret(value: t.Any, rule: t.Mapping[str, t.Any] | None, path: str) -> t.Any:
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
        return hide_secrets(value, rule["options"], path)
    if isinstance(value, list):
        return [_hide_secret(item, rule, f"{path}[]") for item in value]
    return HIDDEN


def _is_plain(value: t.Any) -> bool:
    return not isinstance(value, dict) and not (isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value))
