# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an inventory file: documented as they are read, and checked together with those of ansible-core."""

from __future__ import annotations

import ast
import inspect
import typing as t

import pytest
import yaml
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.northflank.cloud.plugins.doc_fragments.northflank import ModuleDocFragment
from ansible_collections.northflank.cloud.plugins.inventory import northflank_jobs
from ansible_collections.northflank.cloud.plugins.module_utils._errors import OptionError
from ansible_collections.northflank.cloud.plugins.module_utils._options import argument_spec
from ansible_collections.northflank.cloud.plugins.plugin_utils import _inventory_options as options

# As ansible-core documents some of its own.
OF_CORE = {
    **{name: {"type": "str"} for name in ("plugin", "cache_plugin", "cache_connection")},
    **{name: {"type": "dict"} for name in ("compose", "groups")},
    "keyed_groups": {"type": "list", "elements": "dict"},
    "leading_separator": {"type": "boolean"},
    "strict": {"type": "bool"},
    "cache": {"type": "bool"},
    "cache_timeout": {"type": "int"},
    "cache_prefix": {},
}
TREE = ast.parse(inspect.getsource(northflank_jobs))
BLOCKS = {
    node.targets[0].id: ast.literal_eval(node.value)
    for node in TREE.body
    if isinstance(node, ast.Assign) and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES")
}
DOCUMENTED = {**yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"], **yaml.safe_load(BLOCKS["DOCUMENTATION"])["options"]}


def facts(option: t.Mapping[str, t.Any], nested: str) -> dict[str, t.Any]:
    """What spec and documentation share of an option."""
    return {
        **{name: option.get(name) for name in ("type", "elements", "choices", "default")},
        "within": {name: facts(inner, nested) for name, inner in option.get(nested, {}).items()},
    }


class Loader(yaml.SafeLoader):
    """A loader that reads inline vaulted texts as texts."""


Loader.add_constructor("!vault", Loader.construct_yaml_str)


@pytest.mark.parametrize("name", options.own_spec())
def test_an_option_is_documented_as_in_its_spec(name: str) -> None:
    assert facts(DOCUMENTED[name], "suboptions") == facts(options.own_spec()[name], "options")


def test_no_other_option_is_documented() -> None:
    assert set(DOCUMENTED) == {*options.own_spec(), "plugin"}


@pytest.mark.parametrize(
    "name, variables",
    [
        ("api_token", argument_spec.TOKEN_VARIABLES),
        ("api_url", argument_spec.URL_VARIABLES),
        ("team_id", argument_spec.TEAM_VARIABLES),
    ],
)
def test_the_variables_are_documented_in_the_order_in_which_ansible_core_uses_them(name: str, variables: tuple[str, ...]) -> None:
    documented = yaml.safe_load(ModuleDocFragment.PLUGIN)["options"][name]["env"]
    assert [entry["name"] for entry in documented] == list(reversed(variables))


def test_what_all_plugins_share_does_not_mention_tasks() -> None:
    assert "task" not in ModuleDocFragment.DOCUMENTATION + ModuleDocFragment.PLUGIN


@pytest.mark.parametrize("example", list(yaml.load_all(BLOCKS["EXAMPLES"], Loader)), ids="-".join)
def test_the_options_of_an_example_are_in_order(example: dict[str, t.Any]) -> None:
    options.validate_options(example, OF_CORE)


def test_what_is_left_out_is_as_documented() -> None:
    validated = options.validate_options({"plugin": northflank_jobs.InventoryModule.NAME, "team_id": None}, OF_CORE)
    assert validated == {
        **dict.fromkeys(options.own_spec()),
        **{name: rule["default"] for name, rule in options.own_spec().items() if "default" in rule},
    }


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"keyed_groups": [5]}, "keyed_groups[0]: 5 is not a dictionary"),
        ({"leading_separator": "perhaps"}, 'leading_separator: "perhaps" is not a boolean'),
        ({"hostnam": "x"}, "hostnam: unknown option. Did you mean hostname?"),
        ({"billing": {}}, "billing: unknown option."),
        ({"filters": {"tag": []}}, "filters.tag: unknown option. Did you mean filters.tags?"),
        ({"api_token": ["nf-secret"]}, "api_token: the value is not text"),
        ({"job_type": "batch"}, "Got no match for: batch"),
        ({"compose": {"number": 5}}, "compose.number: 5 is not text"),
        ({False: "a"}, "the options: the name false is not text: it is a boolean"),
        ({"groups": {"a": 10}}, "groups.a: 10 is not a condition. Quote it"),
        ({"keyed_groups": [{"key": "a", "prefix": False}]}, "keyed_groups[0].prefix: false is not text. Quote it"),
        ({"keyed_groups": [{"key": "a"}, {"key": 10}]}, "keyed_groups[1].key: 10 is not text. Quote it"),
        ({"keyed_groups": [{"key": "a", "separator": 1.1}]}, "keyed_groups[0].separator: 1.1 is not text. Quote it"),
        ({"keyed_groups": [{"key": "a", "parent_group": True}]}, "keyed_groups[0].parent_group: true is not text. Quote it"),
        ({"keyed_groups": [{"key": "a", "trailing_separator": 1}]}, "keyed_groups[0].trailing_separator: 1 is not a boolean"),
        ({"keyed_groups": [{"key": "a", "prefixx": "b"}]}, 'keyed_groups[0]: "prefixx" is not one of key, prefix, separator'),
        ({"keyed_groups": [{"key": "a", False: "b"}]}, "keyed_groups[0]: false is not one of key"),
        ({"compose": {True: "a"}}, "compose: the name true is not text: it is a boolean"),
        ({"groups": {83: "a"}}, "groups: the name 83 is not text: it is a number"),
        ({"projects": [83]}, "projects[0]: 83 is not text. Quote it"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_option_is_refused(wrong: dict[str, t.Any], message: str) -> None:
    with pytest.raises(OptionError) as raised:
        options.validate_options(wrong, OF_CORE)
    assert message in str(raised.value)
    assert "nf-secret" not in str(raised.value)


class Odd:
    """An object that becomes text only when it is used, as vaulted texts of older versions of ansible-core."""

    def __str__(self) -> str:
        return "text"


@pytest.mark.parametrize(
    "value, plain",
    [
        ({"a": [Odd(), wrap_var("b")], 5: (None, True, 1, 1.5)}, {"a": ["text", "b"], "5": [None, True, 1, 1.5]}),
        (wrap_var("{{ a }}"), "{{ a }}"),
    ],
)
def test_values_become_plain(value: t.Any, plain: t.Any) -> None:
    def types(node: t.Any) -> t.Any:
        if isinstance(node, dict):
            return [(type(name), types(inner)) for name, inner in node.items()]
        return [types(inner) for inner in node] if isinstance(node, list) else type(node)

    found = options.to_plain_types(value)
    assert (found, types(found)) == (plain, types(plain))
