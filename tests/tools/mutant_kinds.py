# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of deliberate faults: what of a file of plugins/ can be replaced by what, found by ast. mutant_list.py chooses from them."""

from __future__ import annotations

import ast
import re
import typing as t

# Texts for readers. The rows of the table in fields.py are changed by row_changes.py.
_LEFT_OUT_NAMES = {"DOCUMENTATION", "EXAMPLES", "RETURN", "ROWS"}

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
# Negating one of these conditions is the same as swapping it.
_OPPOSITES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
# A text with blanks is for people. What is left names a key, a status, a method, a pattern.
_WORD = re.compile(r"""(?P<start>[A-Za-z]*(?P<quotes>'''|\"\"\"|'|"))\S+(?P=quotes)""")


class Change(t.NamedTuple):
    """A replacement in a file: the bytes from start to end become a text."""

    kind: str
    start: int
    end: int
    becomes: str


class Found(t.NamedTuple):
    """A change, the function or class that it is in, and the lines of the statement, or of its head."""

    function: str
    line: int
    last_line: int
    change: Change


def changes(source: str) -> list[Found]:
    """All changes to a file, in its order."""
    visitor = _Visitor(source.encode())
    visitor.visit(ast.parse(source))
    return sorted(visitor.found, key=lambda found: found.change[1:])


class _Visitor(ast.NodeVisitor):
    """Collects the changes from the nodes of a file."""

    def __init__(self, raw: bytes) -> None:
        self.found: list[Found] = []
        self._raw = raw
        self._line_starts = [0, *(found.end() for found in re.finditer(rb"\n", raw))]
        self._names: list[str] = []
        self._is_class = False
        self._lines = (0, 0)

    def visit(self, node: ast.AST) -> None:
        """Visit a node without what is not code."""
        if self._is_left_out(node):
            return
        outer = self._lines
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            body = getattr(node, "body", None)
            head = max(node.lineno, body[0].lineno - 1) if body else (node.end_lineno or node.lineno)
            self._lines = node.lineno, head
        super().visit(node)
        self._lines = outer

    def generic_visit(self, node: ast.AST) -> None:
        """Visit the children of a node, without annotations and decorators."""
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "decorator_list", "type_comment", "type_params"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.visit(child)

    def _is_left_out(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Assign):
            return any(isinstance(target, ast.Name) and target.id in _LEFT_OUT_NAMES for target in node.targets)
        if isinstance(node, ast.AnnAssign):
            return isinstance(node.target, ast.Name) and node.target.id in _LEFT_OUT_NAMES
        if isinstance(node, ast.If):
            return self._text(node.test).rpartition(".")[2] == "TYPE_CHECKING"
        # Before Python 3.12, the positions of the parts of an f-string are not known.
        return isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr))

    def _within(self, node: ast.ClassDef | ast.FunctionDef, is_class: bool) -> None:
        outer, self._is_class = self._is_class, is_class
        self._names.append(node.name)
        self.generic_visit(node)
        self._names.pop()
        self._is_class = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._within(node, True)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(node, False)

    def visit_Compare(self, node: ast.Compare) -> None:
        for operator, before, after in zip(node.ops, [node.left, *node.comparators], node.comparators):
            self._swap("comparison", before, after, *_COMPARISONS[type(operator)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        swapped = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for before, after in zip(node.values, node.values[1:]):
            self._swap("boolean operator", before, after, *swapped)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start = self._span(node)[0]
            self._add("not", start, start + len(re.match(rb"not\s*", self._raw[start:])[0]), "")  # type: ignore[index]
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _ARITHMETIC:
            self._swap("arithmetic", node.left, node.right, *_ARITHMETIC[type(node.op)])
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._negate(condition)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        start, end = self._span(node)
        if isinstance(node.value, bool):
            self._add("true or false", start, end, str(not node.value))
        elif isinstance(node.value, (int, float)):
            self._add("number", start, end, str(node.value + 1))
        elif isinstance(node.value, (str, bytes)):
            found = _WORD.fullmatch(self._raw[start:end].decode())
            if found:
                self._add("text", start, end, f"{found['start']}X{found[0][len(found['start']) :]}")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and self._text(node.value) != "None":
            self._add("return", *self._span(node.value), "None")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self._is_class and isinstance(node.value, ast.Call):
            self._add("class attribute", *self._span(node.value), "None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._add("statement", *self._span(node), "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add("statement", *self._span(node), "pass")
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        self._add("loop", *self._span(node), "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add("loop", *self._span(node), "break")

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
        for left_out in caught:
            rest = "".join(f"{self._text(other)}, " for other in caught if other is not left_out)
            self._add("except", *self._span(node.type), f"({rest.rstrip()})")  # type: ignore[arg-type]
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        is_swapped = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], _OPPOSITES)
        if not is_swapped and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            self._add("condition", *self._span(test), f"(not ({self._text(test)}))")

    def _swap(self, kind: str, before: ast.expr, after: ast.expr, operator: str, other: str) -> None:
        start, end = self._span(before)[1], self._span(after)[0]
        # Between the two are blanks, brackets and the operator.
        pattern = re.escape(operator).replace(r"\ ", r"\s+")
        found = re.search(rf"\b{pattern}\b" if operator.isalpha() else pattern, self._raw[start:end].decode())
        if found:
            self._add(kind, start + found.start(), start + found.end(), other)

    def _add(self, kind: str, start: int, end: int, becomes: str) -> None:
        self.found.append(Found(".".join(self._names), *self._lines, Change(kind, start, end, becomes)))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The position of a node in bytes, as ast counts columns."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._line_starts[node.lineno - 1] + node.col_offset, self._line_starts[end_line - 1] + end_column

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self._raw[start:end].decode()
