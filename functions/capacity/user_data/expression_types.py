"""The types of a CEL expression over whole numbers, found before it is evaluated, as cel-go does.

The library that evaluates is dynamic: `true ? 110 : 'x'` is 110 to it, while cel-go refuses it and nodeadm takes the
standard value. So an expression is checked here first, over the part of CEL that sizes need: int and double, booleans,
arithmetic, comparison, logic, `?:`, int() and double(). Anything beyond (text, lists, macros that may run long,
functions) is told apart as what Headroom does not evaluate. Bounds keep a native library from deep recursion.

Grammar and types: https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import re
from itertools import pairwise

from functions.capacity.user_data.settings import Unreadable

LONGEST, DEEPEST, MOST_CHOICES = 1000, 30, 30
_INT64 = 2**63
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n\f]+|//[^\n]*)
      | (?P<double>(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)(?![\w.]))
      | (?P<int>(?:0x[0-9a-fA-F]+|[0-9]+)(?![\w.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:()])""",
    re.VERBOSE | re.ASCII,
)
_VARIABLES = {"default_enis": "int", "ips_per_eni": "int", "max_pods": "int", "true": "bool", "false": "bool"}
_CONVERSIONS = ("int", "double")
# Names that mean something to CEL, or may (langdef.md, 'Standard Definitions' and reserved words).
_CELS_OWN = re.compile(
    "in|null|null_type|type|bool|bytes|string|uint|list|map|dyn|size|has|matches|duration|timestamp|google|cel"
    "|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while"
)
_BINARY = (("||",), ("&&",), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/", "%"))
_END = ("end", "")


class Ill(Exception):  # noqa: N818 - no fault of ours: cel-go refuses the expression
    """The expression is not well-formed or well-typed: nodeadm does not take it."""


def check(expression: str) -> str:
    """The type: int, double or bool. Raises Ill where cel-go refuses, Unreadable where Headroom does not look."""
    if len(expression) > LONGEST:
        raise Unreadable(f"has a maxPodsExpression of more than {LONGEST} characters")
    tokens = _tokens(expression)
    _refuse_foreign_names(tokens)
    if [text for _, text in tokens].count("?") > MOST_CHOICES:
        raise Unreadable(f"has a maxPodsExpression with more than {MOST_CHOICES} choices")
    typing = _Typing(tokens)
    found = typing.choice()
    typing.expect("")
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    """Kind and text of each token."""
    tokens, at = [], 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if not match:
            raise Unreadable(f"has a maxPodsExpression with {expression[at]!r}, which Headroom does not evaluate")
        if match.lastgroup != "blank":
            tokens.append((match.lastgroup or "", match.group()))
        at = match.end()
    return [*tokens, _END]


def _refuse_foreign_names(tokens: list[tuple[str, str]]) -> None:
    """What CEL has and we don't evaluate is told before a parse could call it ill."""
    for (kind, text), (_, after) in pairwise(tokens):
        called, converts = after == "(", text in _CONVERSIONS
        if kind == "name" and (called != converts or _CELS_OWN.fullmatch(text)):
            raise Unreadable(f"has a maxPodsExpression with {text:.40}, which Headroom does not evaluate")


class _Typing:
    """A walk over the tokens by CEL's grammar, which yields types where an evaluator yields values."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def expect(self, text: str) -> None:
        if self._take()[1] != text:
            raise Ill

    def choice(self) -> str:
        """`condition ? one : other`, both of one type."""
        condition = self._binary(0)
        if self._next() != "?":
            return condition
        self._take()
        one = self._binary(0)
        self.expect(":")
        other = self.choice()
        return _same(one, other) if condition == "bool" else _ill()

    def _binary(self, level: int) -> str:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._next() in _BINARY[level]:
            operator = self._take()[1]
            left = _operation(operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> str:
        """Any number of ! or of -, not mixed."""
        operator = self._next()
        if operator not in ("!", "-"):
            return self._primary()
        while self._next() == operator:
            self._take()
        operand = self._primary()
        return operand if (operand == "bool") == (operator == "!") else _ill()

    def _primary(self) -> str:
        kind, text = self._take()
        if kind in _CONVERSIONS:
            return _literal(kind, text)
        if text == "(":
            return self._inside()
        if text in _CONVERSIONS:
            self.expect("(")
            return text if self._inside() in _CONVERSIONS else _ill()
        return _VARIABLES.get(text) or _ill()

    def _inside(self) -> str:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(f"has a maxPodsExpression that nests more than {DEEPEST} deep")
        found = self.choice()
        self.expect(")")
        self._depth -= 1
        return found

    def _next(self) -> str:
        return self._tokens[self._at][1]

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _literal(kind: str, text: str) -> str:
    """Its type. Beyond 64 bits the sign before it matters to cel-go, and nobody sizes nodes by such numbers."""
    number = float(text) if kind == "double" else int(text, 16 if text.startswith("0x") else 10)
    if number >= _INT64:
        raise Unreadable(f"has a maxPodsExpression with the number {text:.40}")
    return kind


def _operation(operator: str, left: str, right: str) -> str:
    """CEL never mixes types: 1 + 1.0 has no overload, and neither has 1 < 1.0 in cel-go without an option."""
    operands = _same(left, right)
    if operator in ("||", "&&"):
        return "bool" if operands == "bool" else _ill()
    if operator in _BINARY[2]:
        return "bool"
    return operands if operands == "int" or (operands == "double" and operator != "%") else _ill()


def _same(one: str, other: str) -> str:
    return one if one == other else _ill()


def _ill() -> str:
    raise Ill
