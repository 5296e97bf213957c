# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the guides, the README and the documentation of modules and plugins, for the tests that run them.

An example is a code block, or one of the documents in the EXAMPLES of a plugin. A new example needs no change here.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes

from .guides import GUIDES, guide

ROOT = Path(__file__).resolve().parents[2]
JOBS = Path(__file__).with_name("examples.json")

YAML, SHELL = ("yaml", "yaml+jinja"), ("shell", "console", "bash")
PLAYS, TASKS, PLUGIN, INVENTORY, FRAGMENT = "plays", "tasks", "plugin", "inventory", "fragment"
COLLECTION = "northflank.cloud."

# This marks EXAMPLES as several documents for ansible-test, which does not read them as YAML.
_FORMAT = "# fmt: code"
_FENCE = re.compile(r"^( *)```([a-z+]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_DOCUMENTED = ("modules/*.py", "inventory/*.py")


class _Loader(yaml.SafeLoader):
    """YAML with the tags of ansible-core."""


for _tag in ("!vault", "!unsafe"):
    _Loader.add_constructor(_tag, _Loader.construct_yaml_str)


@dataclass(frozen=True)
class Example:
    """One example: its file, its number there from 1 on, its language, and the name of the file that it represents, if it has one."""

    source: str
    number: int
    language: str
    text: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.source} #{self.number}"

    @property
    def content(self) -> t.Any:
        """The parsed YAML."""
        return yaml.load(self.text, _Loader)

    @property
    def kind(self) -> str:
        """The kind of the YAML: plays, tasks, the file of an inventory plugin, an inventory, or none of these."""
        content = self.content
        if isinstance(content, list) and all(isinstance(entry, dict) for entry in content):
            return PLAYS if all({"hosts", "import_playbook"} & set(entry) for entry in content) else TASKS
        if isinstance(content, dict):
            if "plugin" in content:
                return PLUGIN
            return (
                INVENTORY if all(isinstance(group, dict) and {"hosts", "children"} & set(group) for group in content.values()) else FRAGMENT
            )
        return FRAGMENT

    @property
    def uses_the_collection(self) -> bool:
        """Whether a module, an action group, a playbook or the inventory plugin of the collection is in it."""
        return self.kind == INVENTORY or any(COLLECTION in text for text in _names(self.content))

    @property
    def lines(self) -> str:
        """The text without the mark of a document, at the left margin."""
        return textwrap.dedent(re.sub(r"\A---\n", "", self.text)).strip("\n") + "\n"


def _names(content: t.Any) -> t.Iterator[str]:
    """The keys at any depth, and what names a plugin or a playbook."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield str(name)
            if name in ("plugin", "import_playbook"):
                yield str(value)
            yield from _names(value)
    elif isinstance(content, list):
        for value in content:
            yield from _names(value)


@functools.cache
def examples() -> tuple[Example, ...]:
    """All of them, in all languages."""
    guides = [example for path in sorted(GUIDES.glob("*.rst")) for example in of_guide(path)]
    texts = [example for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) for example in of_markdown(path)]
    plugins = [example for pattern in _DOCUMENTED for path in sorted((ROOT / "plugins").glob(pattern)) for example in of_plugin(path)]
    return (*guides, *texts, *plugins)


def of_guide(path: Path) -> list[Example]:
    """The code blocks of a guide. A block represents the file that the paragraph before it names last, if that ends with a colon."""
    blocks = [block for block in guide(path.stem).findall(nodes.literal_block) if "code" in block["classes"]]
    return [
        Example(_name(path), number, _language(block), f"{block.astext()}\n", _file_of(block))
        for number, block in enumerate(blocks, start=1)
    ]


def of_markdown(path: Path) -> list[Example]:
    """The fenced blocks of a Markdown file."""
    found = _FENCE.findall(path.read_text(encoding="utf-8"))
    return [Example(_name(path), number, language, textwrap.dedent(text)) for number, (margin, language, text) in enumerate(found, start=1)]


def of_plugin(path: Path) -> list[Example]:
    """The documents in the EXAMPLES of a module or plugin."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (text,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES"
    )
    documents = [document for document in re.split(r"^---\n", text.strip().removeprefix(_FORMAT), flags=re.MULTILINE) if document.strip()]
    return [Example(_name(path), number, "yaml", document) for number, document in enumerate(documents, start=1)]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _language(block: nodes.literal_block) -> str:
    return next((name for name in block["classes"] if name != "code"), "")


def _file_of(block: nodes.literal_block) -> str:
    siblings = block.parent.children
    before = siblings[siblings.index(block) - 1] if siblings.index(block) else None
    if not isinstance(before, nodes.paragraph) or not before.astext().endswith(":"):
        return ""
    named = [literal.astext() for literal in before.findall(nodes.literal)]
    return (
        named[-1]
        if named and re.fullmatch(r"[\w./-]+\.(yml|json|ini|cfg)", named[-1]) and before.astext().endswith(f"{named[-1]}:")
        else ""
    )
