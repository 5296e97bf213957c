# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may leave the collection, hidden by structure: of a secret map the names show, the values never do.

Only texts that Northflank wrote about an error are searched for values, see _secrets.py.
"""

from __future__ import annotations

import typing as t

from .._job import fields
from .._job.facts import HIDDEN


def hide_secrets(options: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Mapping[str, t.Any]], path: str = "") -> dict[str, t.Any]:
    """The options of a task as "invocation" may show them, by their argument spec.

    The values of secret maps, marked options and everything that is no option, such as a misspelt one, read "hidden".
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
