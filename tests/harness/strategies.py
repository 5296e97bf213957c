# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies: options of a task, secret texts, and junk. Written by hand from the constraints of the contract.

jobs_and_tasks() makes a job and a task on it that agree in part. If they were drawn separately, they would hardly ever have an equal value.
"""

from __future__ import annotations

import base64
import functools
import os
import string
import typing as t

from hypothesis import settings
from hypothesis import strategies as st

Strategy = st.SearchStrategy[t.Any]
Options = t.Dict[str, t.Any]

# For all properties: the same examples at each run, unless EXPLORE is set in the environment: then new ones, and many.
# Runs leave no database behind, and a slow machine is not a failure.
EXPLORE = bool(os.environ.get("EXPLORE"))
# `make check` tries a quarter of them, and so do the cells of the matrix that are not complete.
QUICK = bool(os.environ.get("NORTHFLANK_QUICK"))
PROPERTY = settings(max_examples=1000 if EXPLORE else 20 if QUICK else 80, derandomize=not EXPLORE, deadline=None, database=None)

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_NAME_CHARACTERS = _LETTERS_AND_DIGITS + "-._"
_SIZES = st.sampled_from([16384, 32768, 65536, 131072, 262144, 524288])
_BUILDERS = st.sampled_from(
    "HEROKU_24 HEROKU_22 HEROKU_22_CLASSIC HEROKU_20 HEROKU_18 GOOGLE_22 GOOGLE_V1 CNB_ALPINE CNB_BIONIC PAKETO_JAMMY_TINY "
    "PAKETO_JAMMY_BASE PAKETO_JAMMY_FULL PAKETO_TINY PAKETO_BASE PAKETO_FULL".split()
)
_INTEGERS = st.integers(0, 2**53)
_NUMBERS = st.one_of(_INTEGERS, st.floats(min_value=0, allow_nan=False, allow_infinity=False))

_MAPS = ("runtime_environment", "build_arguments")
_FILES = ("runtime_files", "build_files", "docker_secret_mounts")
_LABELS = ("labels", "annotations")
# Lists that mean the same in any order.
_SETS = ("tags", "ci_ignore_flags", "docker_credentials", "health_checks")
_WAYS = ("dockerfile", "buildpack")
SOURCES = ("external", "internal", "vcs")
# The members without which a task cannot set an object of the deployment.
_NEEDED = {"external": "image_path", "docker": "config_type", "buildpack": "config_type", "configuration": "gpu_type"}
_AS_IS, _OTHERWISE, _NOT = "as it is", "otherwise", "not"

# For strategies that are made while an example is drawn, because making one takes longer than drawing from it.
made_once = functools.lru_cache(maxsize=None)


def some(**members: Strategy) -> Strategy:
    """A dictionary of any of these members, perhaps none."""
    return st.fixed_dictionaries({}, optional=members)


def text(max_size: int | None = 40) -> Strategy:
    """Any text that UTF-8 can encode."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=max_size)


def slug(min_size: int = 1) -> Strategy:
    """Letters and digits in groups, joined by single hyphens."""
    word = st.text(_LETTERS_AND_DIGITS, min_size=1, max_size=12)
    return st.lists(word, min_size=1, max_size=4).map("-".join).filter(lambda made: len(made) >= min_size)


def identifier() -> Strategy:
    """Letters, digits and hyphens in any order."""
    return st.text(_LETTERS_AND_DIGITS + "-", min_size=1, max_size=30)


def segment() -> Strategy:
    """A part of a path that is neither "." nor ".."."""
    return st.text(_NAME_CHARACTERS, min_size=1, max_size=10).filter(lambda made: made not in (".", ".."))


def file_path() -> Strategy:
    """The absolute path of a file."""
    return st.lists(segment(), min_size=1, max_size=4).map(lambda segments: "/" + "/".join(segments))


def folder_path() -> Strategy:
    """The absolute path of a folder, with or without a slash at its end."""
    return st.one_of(st.just("/"), file_path(), file_path().map(lambda path: path + "/"))


def check_path() -> Strategy:
    """The path that a health check requests, perhaps with a query string."""
    word = st.text(_NAME_CHARACTERS, min_size=1, max_size=8)
    pair = st.one_of(st.just(""), word, st.tuples(word, word).map("=".join))
    query = st.lists(pair, max_size=3).map(lambda pairs: "?" + "&".join(pairs) if pairs else "")
    return st.tuples(st.one_of(st.just("/"), file_path()), query).map("".join)


def description() -> Strategy:
    """A description in the documented characters."""
    return st.text(_LETTERS_AND_DIGITS + " \t\n.,?\\/'\"()[];`%^&*-_:!", min_size=1, max_size=200)


def variables() -> Strategy:
    """A map of variables. Booleans and integers become text."""
    name = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="={\x7f", min_codepoint=32), min_size=1, max_size=40)
    whole_numbers = st.integers(-(2**53), 2**53)
    value = st.one_of(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1), max_size=40), st.booleans(), whole_numbers)
    return st.dictionaries(name, value, max_size=4)


def secret_file() -> Strategy:
    """A file as a task states it: text or base64, with or without its encoding."""
    encoding = some(encoding=st.sampled_from(["utf-8", "utf-16", "UTF-8"]))
    content = text().map(lambda made: {"content": made})
    data = st.binary(max_size=40).map(lambda made: {"data": base64.b64encode(made).decode()})
    return st.tuples(st.one_of(content, data), encoding).map(lambda parts: {**parts[0], **parts[1]})


def files(name: Strategy) -> Strategy:
    """A map of files under such names."""
    return st.dictionaries(name, secret_file(), max_size=3)


@made_once
def health_check(kind: str) -> Strategy:
    """A health check of this type, of any protocol, with what the protocol needs."""
    needed = {
        "HTTP": {"path": check_path(), "port": st.integers(1, 65535)},
        "CMD": {"cmd": text()},
        "TCP": {"port": st.integers(1, 65535)},
    }
    common = {
        "type": st.just(kind),
        "initial_delay_seconds": st.integers(1, 180),
        "period_seconds": st.integers(10, 600),
        "timeout_seconds": st.integers(1, 60),
        "failure_threshold": st.integers(1, 255),
    }
    return st.one_of(
        st.fixed_dictionaries({"protocol": st.just(protocol), **members, **common}, optional={"success_threshold": st.integers(1, 255)})
        for protocol, members in needed.items()
    )


def health_checks() -> Strategy:
    """Health checks of different types."""
    kinds = st.lists(st.sampled_from(["livenessProbe", "readinessProbe", "startupProbe"]), unique=True)
    return kinds.flatmap(lambda chosen: st.tuples(*map(health_check, chosen)).map(list))


def build_settings() -> Strategy:
    """The ways to build, one of them at most."""
    dockerfile = some(
        build_engine=st.sampled_from(["buildkit", "kaniko"]),
        docker_file_path=file_path(),
        docker_work_dir=folder_path(),
        dockerfile_contents=text(),
        use_cache=st.booleans(),
        buildkit=some(
            use_cache=st.booleans(), cache_storage_size=_INTEGERS, use_internal_cache=st.booleans(), internal_cache_storage=_NUMBERS
        ),
    )
    buildpack = some(
        builder=_BUILDERS, buildpack_locators=st.lists(text(), max_size=3), build_context=folder_path(), use_cache=st.booleans()
    )
    return st.one_of(some(storage=storage(), dockerfile=dockerfile), some(storage=storage(), buildpack=buildpack))


def storage() -> Strategy:
    """The storage of a build."""
    return some(ephemeral_storage=some(storage_size=_SIZES))


@made_once
def options() -> Strategy:
    """The options of a job that a task may state (those of the connection, project_id and job_id are not among them)."""
    return some(
        description=description(),
        stage_id=st.one_of(st.just(""), slug(min_size=3)),
        tags=st.lists(slug(), max_size=4),
        billing=some(
            deployment_plan=identifier(),
            build_plan=identifier(),
            gpu=some(enabled=st.booleans(), configuration=some(gpu_type=text(), gpu_count=_INTEGERS, timesliced=st.booleans())),
        ),
        backoff_limit=_INTEGERS,
        run_on_source_change=st.sampled_from(["never", "cd-promote", "always"]),
        active_deadline_seconds=st.integers(0, 2**53),
        disabled_ci=st.booleans(),
        build_configuration=some(
            path_ignore_rules=st.lists(text(260), max_size=3),
            is_allow_list=st.booleans(),
            ci_ignore_flags_enabled=st.booleans(),
            ci_ignore_flags=st.lists(text(72), max_size=3),
            ignore_empty_commits=st.booleans(),
            dockerfile_target=text(),
            docker_credentials=st.lists(identifier(), max_size=3),
            include_git_folder=st.booleans(),
            full_git_clone=st.booleans(),
            enable_git_lfs=st.booleans(),
            storage=storage(),
        ),
        build_settings=build_settings(),
        runtime_environment=variables(),
        runtime_files=files(file_path()),
        build_arguments=variables(),
        build_files=files(file_path()),
        docker_secret_mounts=files(st.text(_NAME_CHARACTERS, min_size=1, max_size=20)),
        health_checks=health_checks(),
    )


def image_path() -> Strategy:
    """An image with its tag or its digest."""
    repository = st.lists(segment().filter(lambda made: "/" not in made), min_size=1, max_size=3).map("/".join)
    return st.tuples(repository, st.sampled_from(":@"), segment()).map("".join)


def source(name: str, is_new: bool = False) -> Strategy:
    """Where the image comes from. is_new: with everything that a job needs that has another source."""
    if name == "external":
        return st.fixed_dictionaries({"image_path": image_path()}, optional={"credentials": identifier()})
    if name == "internal":
        build = {"build_sha": st.sampled_from(["latest", "0" * 40, "1" * 40])}, {"build_id": slug()}, {}
        members = {"id": slug()} if is_new else {}
        rest = {"branch": text()} if is_new else {"id": slug(), "branch": text()}
        return st.one_of(st.fixed_dictionaries(members, optional={**rest, **each}) for each in build)
    needed = {
        "project_url": st.tuples(st.sampled_from(["", "https://"]), slug(min_size=2)).map(
            lambda made: f"{made[0]}git.example.com/{made[1]}"
        ),
        "project_type": st.sampled_from(["bitbucket", "gitlab", "github", "self-hosted", "azure", "origin"]),
        "project_branch": text(),
    }
    rest = {"self_hosted_vcs_id": slug(), "account_login": text(), "vcs_link_id": st.sampled_from(["a" * 24, "b" * 24])}
    return st.fixed_dictionaries(needed, optional=rest) if is_new else some(**needed, **rest)


@made_once
def deployment(is_whole: bool = False) -> Strategy:
    """The option deployment: any part of it. is_whole: with everything that the source of a job needs."""
    labels = st.dictionaries(
        st.text(_NAME_CHARACTERS, min_size=1, max_size=10),
        st.one_of(text(10).filter(lambda made: "\0" not in made), st.booleans(), _INTEGERS),
    )
    parts = {
        "docker": st.fixed_dictionaries(
            {"config_type": st.sampled_from(["default", "customEntrypoint", "customCommand", "customEntrypointCustomCommand"])},
            optional={"custom_entrypoint": text(), "custom_command": text()},
        ),
        "buildpack": st.fixed_dictionaries(
            {"config_type": st.sampled_from(["default", "customProcess", "customCommand", "originalEntrypointCustomCommand"])},
            optional={"custom_process": text(), "custom_entrypoint": text(), "custom_command": text()},
        ),
        "storage": some(
            use_hdb_storage=st.booleans(),
            use_pd_ssd_storage=st.booleans(),
            ephemeral_storage=some(storage_size=_INTEGERS),
            shm_size=_INTEGERS,
        ),
        "gpu": some(
            enabled=st.booleans(),
            configuration=st.fixed_dictionaries({"gpu_type": text()}, optional={"gpu_count": _INTEGERS, "timesliced": st.booleans()}),
        ),
        "grace_period_seconds": st.integers(15, 600),
        "metadata": some(labels=labels, annotations=labels),
    }
    sources = [st.fixed_dictionaries({name: source(name, is_whole)}, optional=parts) for name in SOURCES]
    return st.one_of(sources if is_whole else [*sources, some(**parts)])


def secret_text() -> Strategy:
    """A secret that differs from ordinary text, with any characters in its middle."""
    return text(30).map(lambda middle: f"S3c-{middle}-7xQ")


def junk() -> Strategy:
    """Any value of JSON, with NaN and infinity."""
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text())
    return st.recursive(
        plain, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text(10), inner, max_size=3)), max_leaves=8
    )


@st.composite
def jobs_and_tasks(draw: st.DrawFn) -> tuple[Options, Options]:
    """A job and a task, both as options. The task sets each field to the same value, to another value, or not at all."""
    job, other = draw(options()), draw(options())
    apart = draw(st.booleans())
    return job, other if apart else _between(draw, job, other)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Options | None, Options]:
    """A job, or none, and a task that may set its deployment, its name and its architecture. Both as options."""
    job, task = draw(jobs_and_tasks())
    architectures = some(infrastructure=st.fixed_dictionaries({"architecture": st.sampled_from(["x86", "arm"])}))
    job = {**job, "deployment": draw(deployment(True)), **draw(architectures)}
    if not job.get("build_settings", {}).get("buildpack", True):
        del job["build_settings"]  # "Put job" accepts no storage of a build without a way to build
    if draw(st.booleans()):
        return None, {**task, **draw(some(**_needed_to_create()) if draw(st.booleans()) else _creations()), **draw(architectures)}
    # Each refusal ends a task early, so most tasks set what cannot change as it is.
    fixed = (
        draw(architectures)
        if draw(st.integers(0, 9)) == 0
        else {**({"infrastructure": job["infrastructure"]} if "infrastructure" in job else {})}
    )
    named = {"name": draw(st.sampled_from(["Example Job"] * 9 + ["example-job"]))} if draw(st.booleans()) else {}
    return job, {**task, **_deployment_between(draw, job["deployment"]), **named, **fixed}


def _needed_to_create() -> dict[str, Strategy]:
    return {
        "name": st.sampled_from(["Example Job", "Example-Job", "example job"]),
        "deployment": st.one_of(deployment(True), deployment()),
        "billing": st.fixed_dictionaries({"deployment_plan": identifier()}, optional={"build_plan": identifier()}),
        "backoff_limit": _INTEGERS,
    }


@made_once
def _creations() -> Strategy:
    needed = _needed_to_create()
    named = {"name": needed.pop("name")}
    dockerfile = st.fixed_dictionaries(
        {"docker_file_path": file_path(), "docker_work_dir": folder_path()}, optional={"use_cache": st.booleans()}
    )
    settings = st.fixed_dictionaries({"dockerfile": dockerfile}, optional={"storage": storage()})
    return st.fixed_dictionaries({**needed, "deployment": deployment(True), "build_settings": settings}, optional=named)


def _deployment_between(draw: st.DrawFn, job: Options) -> Options:
    """The option deployment of a task on a job with this one: each part as it is, another, or left out."""
    how = draw(st.sampled_from([_AS_IS, _OTHERWISE, _NOT, _AS_IS, _OTHERWISE, _OTHERWISE]))
    if how == _NOT:
        return {}
    other = draw(deployment(draw(st.booleans())))
    if how == _OTHERWISE and draw(st.booleans()):
        return {"deployment": other}
    made = _between(draw, job, other)
    stated = [name for name in SOURCES if name in made]
    for name in stated[1:]:
        del made[name]
    _add_needed(made, other, job)
    return {"deployment": made}


def _add_needed(made: Options, *sources: Options) -> None:
    """Add to each object of the deployment the members without which a task cannot set it."""
    for name, member in made.items():
        if isinstance(member, dict) and name not in _LABELS:
            found = [each[name] for each in sources if name in each]
            if name in _NEEDED and _NEEDED[name] not in member:
                member[_NEEDED[name]] = found[0][_NEEDED[name]]
            _add_needed(member, *found)
    if "build_sha" in made and "build_id" in made:
        del made["build_sha"]


def _between(draw: st.DrawFn, job: Options, other: Options) -> Options:
    """Options of which each is the job's, the other's, or left out."""
    task: Options = {}
    for name in sorted({*job, *other}):
        if isinstance(job.get(name, other.get(name)), dict) and name not in (*_MAPS, *_FILES, *_LABELS):
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
