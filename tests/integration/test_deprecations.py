# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness notices deprecations in a plugin. Without that, no test would fail because of one."""

from __future__ import annotations

import pytest
from harness.deprecations import Deprecated
from harness.playbooks import Ansible

MODULE = """\
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({})
module.deprecate("The old way goes away.", version="9.0.0", collection_name="northflank.cloud")
module.exit_json()
"""
ACTION = """\
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        Display().deprecated("The old way goes away.", version="9.0.0", collection_name="northflank.cloud")
        return {"changed": False}
"""
# An action needs a module of its name.
PLUGINS = {"module": {"library": MODULE}, "in ansible-core's process": {"library": MODULE, "action_plugins": ACTION}}


@pytest.mark.parametrize("way", PLUGINS)
def test_a_deprecation_of_a_plugin_is_an_error(ansible: Ansible, way: str) -> None:
    for folder, text in PLUGINS[way].items():
        (ansible.folder / folder).mkdir()
        (ansible.folder / folder / "deprecated.py").write_text(text, encoding="utf-8")
    with pytest.raises(Deprecated, match="The old way goes away"):
        ansible.run({"name": "Do it the old way", "deprecated": {}})
