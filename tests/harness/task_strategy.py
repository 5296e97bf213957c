# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hypothesis strategy: a job and a task on it that agree in part. Drawn apart, the two would hardly ever hold an equal value."""

from __future__ import annotations

import typing as t

from hypothesis import strategies as st
from unit.plugins.module_utils.options_strategy import options

Options = t.Dict[str, t.Any]

_MAPS = ("runtime_environment", "build_arguments")
_FILES = ("runtime_files", "build_files", "docker_secret_mounts")
# Lists that mean the same in any order.
_SETS = ("tags", "ci_ignore_flags", "docker_credentials", "health_checks")
_WAYS = ("dockerfile", "buildpack")
_AS_IS, _OTHERWISE, _NOT = "as it is", "otherwise", "not"


@st.composite
def jobs_and_tasks(draw: st.DrawFn) -> tuple[Options, Options]:
    """What a job holds and what a task states, both as options: each field as the job has it, otherwise, or not at all."""
    job, other = draw(options()), draw(options())
    apart = draw(st.booleans())
    return job, other if apart else _between(draw, job, other)


def _between(draw: st.DrawFn, job: Options, other: Options) -> Options:
    """Options of which each is the job's, the other's, or left out."""
    task: Options = {}
    for name in sorted({*job, *other}):
        if isinstance(job.get(name, other.get(name)), dict) and name not in (*_MAPS, *_FILES):
            task[name] = _between(draw, job.get(name, {}), other.get(name, {}))
            continue
        source = {_AS_IS: job, _OTHERWISE: other, _NOT: {}}[draw(st.sampled_from([_AS_IS, _AS_IS, _OTHERWISE, _NOT]))]
        if name in source:
            task[name] = _said(draw, name, source[name], other.get(name))
    if all(way in task for way in _WAYS):
        del task[draw(st.sampled_from(_WAYS))]
    return task


def _said(draw: st.DrawFn, name: str, value: t.Any, other: t.Any) -> t.Any:
    """A value in one of the ways in which a task may state it."""
    if name in _SETS and draw(st.booleans()):
        value = value[::-1]
    if name == "health_checks" and draw(st.booleans()):
        return [_without(check, "success_threshold") for check in value]
    if name in _FILES and draw(st.booleans()):
        # Without an encoding, data means what the job has, and text UTF-8.
        value = {key: _without(entry, "encoding") if "data" in entry else entry for key, entry in value.items()}
    if name in (*_MAPS, *_FILES) and draw(st.booleans()):
        return {**value, **(other or {})}
    return value


def _without(entry: t.Mapping[str, t.Any], name: str) -> dict[str, t.Any]:
    return {key: value for key, value in entry.items() if key != name}
