# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each text of a job can be read back from the file that docs/examples/export_jobs.yml writes, with any characters."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var
from harness.strategies import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

PLAYBOOK = Path(__file__).resolve().parents[3] / "docs" / "examples" / "export_jobs.yml"
ODD = "\u2028\u2029\x85\ufeff\r\n\t\x07\x7f\x9f\ufffe \\\"'#:-?,[]{}&*!|>%@`~=.0123456789"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=sorted(ODD), max_size=12),
    st.sampled_from(["True", "null", "1.10", "[1]", "---", "a " * 200, "$ANSIBLE_VAULT;1.1;AES256\n61"]),
)
JOB = st.fixed_dictionaries(
    {
        "name": TEXTS,
        "description": TEXTS,
        "tags": st.lists(TEXTS, max_size=3),
        "backoff_limit": st.integers(0, 9),
        "disabled_ci": st.booleans(),
        "deployment": st.fixed_dictionaries({"docker": st.fixed_dictionaries({"custom_command": TEXTS})}),
    }
)


def trusted(value: t.Any) -> t.Any:
    """The texts of the playbook, as templates for ansible-core."""
    try:
        from ansible.template import trust_as_template
    except ImportError:  # before ansible-core 2.19
        return value
    if isinstance(value, dict):
        return {name: trusted(inner) for name, inner in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


@pytest.fixture(scope="module", name="written")
def written_by_the_example() -> t.Callable[[t.Any], t.Any]:
    """written(job) is what a reader of the file finds of a job, None if it is left out."""
    tasks = {task["name"]: trusted(task) for task in yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]["tasks"]}
    left_out = tasks["Find the jobs with a text that looks like a template"]["ansible.builtin.set_fact"]["left_out"]
    write = tasks["Write the file"]

    def result(job: t.Any) -> t.Any:
        # As ansible-core registers a result.
        found = {"found": wrap_var({"jobs": [{"id": "job", "app_id": "/user/project/job", **job}]}), "northflank_project": "project"}
        templar = Templar(loader=DataLoader(), variables=found)
        templar.available_variables = {**found, **write["vars"], "left_out": templar.template(left_out)}
        read = DataLoader().load(str.__str__(templar.template(write["ansible.builtin.copy"]["content"])))
        hosts = read["northflank_jobs"]["hosts"] or {}
        return hosts["project.job"]["northflank_wanted"] if hosts else None

    return result


@PROPERTY
@given(JOB)
def test_each_text_is_read_back_or_the_job_is_left_out(written: t.Callable[[t.Any], t.Any], job: dict[str, t.Any]) -> None:
    texts = [job["name"], job["description"], *job["tags"], job["deployment"]["docker"]["custom_command"]]
    is_left_out = any(mark in text for text in texts for mark in ("{{", "{%", "{#"))
    assert written(job) == (None if is_left_out else job)


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "\x85", "\ufeffa", "a\rb", " a ", "True", "0123"])
def test_a_text_that_yaml_could_change_is_read_back(written: t.Callable[[t.Any], t.Any], text: str) -> None:
    assert written({"description": text}) == {"description": text}
