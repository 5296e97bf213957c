# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leads references to ansible-core's documentation there, without asking its server: the site is built where nothing reaches that.

Each label that antsibull-docs writes, or a guide uses, has its page here. Sphinx warns of any other, and a warning ends the build.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

DOCS = "https://docs.ansible.com/projects/ansible/latest/"
SETTINGS = "ansible_configuration_settings"
# {label: (title of the page, its address)}
PAGES = {
    "action_plugins": ("Action plugins", "plugins/action.html"),
    "ansible_collections.ansible.builtin.jsonfile_cache": ("jsonfile cache", "collections/ansible/builtin/jsonfile_cache.html"),
    SETTINGS: ("Ansible Configuration Settings", "reference_appendices/config.html"),
    "common_return_values": ("Return Values", "reference_appendices/common_return_values.html"),
}


def link(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement) -> nodes.reference | None:
    """The reference for a label or an environment variable of ansible-core, None for any other label."""
    target = node["reftarget"]
    if node["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        return _reference(f"{PAGES[SETTINGS][1]}#envvar-{target}", content)
    if target not in PAGES:
        return None
    title, page = PAGES[target]
    return _reference(page, content if node["refexplicit"] else nodes.inline("", title))


def setup(app: Sphinx) -> dict[str, bool]:
    """Be asked about labels that no page of the site has."""
    app.connect("missing-reference", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _reference(page: str, content: nodes.Node) -> nodes.reference:
    return nodes.reference("", "", content, internal=False, refuri=DOCS + page)
