# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may leave the collection, hidden by structure: of a secret map the names show, the values never do.

Only texts that Northflank wrote about an error are searched for values, see _secrets.py.
"""

from __future__ import annotations

import typing as t

from ansible_collections.northflank.cloud.plugins.module_utils import _fields as fields
from ansible_collections.northflank.cloud.plugins.module_utils._secrets import MASK

HIDDEN = "hidden"
HIDDEN_CHANGED = "hidden, changed"


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


def without(value: t.Any, secret: str) -> t.Any:
    """A value with a secret masked in all the texts that it holds, at any depth. Keys stay."""
    if isinstance(value, str):
        return value.replace(secret, MASK)
    if isinstance(value, dict):
        return {name: without(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [without(inner, secret) for inner in value]
    return value


def diff_of_map(
    before: dict[str, t.Any] | None, after: dict[str, t.Any] | None, same: t.Callable[[t.Any, t.Any], bool]
) -> tuple[t.Any, t.Any]:
    """A secret map before and after, {name: "hidden" or "hidden, changed"}: the names tell what comes, changes and goes."""
    before, after = before or {}, after or {}
    return (
        {name: HIDDEN for name in before},
        {name: HIDDEN if name in before and same(value, before[name]) else HIDDEN_CHANGED for name, value in after.items()},
    )
