"""DynamoDB's expressions, the part of them that is used here. Anything else raises, since a guess would prove nothing.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

Value = Mapping[str, Any]  # {"S": ...}, {"N": ...}, {"B": ...}, ...
Item = dict[str, Value]
Values = Mapping[str, Value]
Names = Mapping[str, str]
Condition = Callable[[Item, Values, Names], bool]
Operand = Callable[[Item, Values, Names], "Value | None"]
Action = Callable[[Item, Item, Values, Names], None]  # old, new

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-]|:\w+|#\w+|[A-Za-z_]\w*)")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_FUNCTIONS = {"attribute_exists", "attribute_not_exists", "begins_with"}
_CLAUSES = {"SET", "ADD", "REMOVE"}


class ExpressionError(ValueError):
    """An expression that DynamoDB would refuse, or that is not modelled."""


@cache
def condition(text: str) -> Condition:
    """A condition or key condition."""
    tokens = Tokens(_tokens(text))
    found = _either(tokens)
    tokens.expect_end()
    return found


@dataclass(frozen=True)
class Update:
    """An update expression: what it does, and to which attributes."""

    actions: tuple[Action, ...]
    places: tuple[str, ...]

    def apply(self, item: Item, values: Values, names: Names) -> Item:
        """The item after it; every action sees the item as it was before."""
        changed = dict(item)
        for each in self.actions:
            each(item, changed, values, names)
        return changed

    def touched(self, names: Names) -> set[str]:
        """The attributes that it names."""
        return {_name(each, names) for each in self.places}


@cache
def update(text: str) -> Update:
    """An update expression."""
    tokens = Tokens(_tokens(text))
    actions, places = list[Action](), list[str]()
    while (clause := str(tokens.next() or "").upper()) in _CLAUSES:
        while True:
            places.append(tokens.peek())
            actions.append(_action(clause, tokens))
            if not tokens.accept(","):
                break
    if clause or not actions or len(set(places)) < len(places):
        raise ExpressionError(f"not understood: {text!r}")
    return Update(tuple(actions), tuple(places))


@cache
def mentioned(text: str) -> frozenset[str]:
    """The placeholders of values and names in it: DynamoDB refuses those that are given and not used."""
    return frozenset(each for each in _tokens(text) if each[0] in ":#")


@dataclass
class Tokens:
    """What is left to read."""

    left: list[str]

    def peek(self) -> str:
        return self.left[0] if self.left else ""

    def next(self) -> str | None:
        return self.left.pop(0) if self.left else None

    def accept(self, *words: str) -> str:
        if self.peek().upper() in words:
            return str(self.next())
        return ""

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise ExpressionError(f"expected {word}, found {self.peek()!r}")

    def expect_end(self) -> None:
        if self.left:
            raise ExpressionError(f"not understood: {' '.join(self.left)}")


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(f"not understood: {text[place:]!r}")
        found.append(match[1])
        place = match.end()
    return found


# --- conditions ---


def _either(tokens: Tokens) -> Condition:
    parts = [_both(tokens)]
    while tokens.accept("OR"):
        parts.append(_both(tokens))
    return parts[0] if len(parts) == 1 else lambda *given: any(each(*given) for each in parts)


def _both(tokens: Tokens) -> Condition:
    parts = [_negated(tokens)]
    while tokens.accept("AND"):
        parts.append(_negated(tokens))
    return parts[0] if len(parts) == 1 else lambda *given: all(each(*given) for each in parts)


def _negated(tokens: Tokens) -> Condition:
    if tokens.accept("NOT"):
        inner = _negated(tokens)
        return lambda *given: not inner(*given)
    if tokens.accept("("):
        inner = _either(tokens)
        tokens.expect(")")
        return inner
    return _function(tokens) if tokens.peek() in _FUNCTIONS else _comparison(tokens)


def _function(tokens: Tokens) -> Condition:
    name = tokens.next()
    tokens.expect("(")
    path = _operand(tokens)
    if name == "begins_with":
        tokens.expect(",")
        start = _operand(tokens)
        tokens.expect(")")
        return lambda *given: _begins(path(*given), start(*given))
    tokens.expect(")")
    if name == "attribute_exists":
        return lambda *given: path(*given) is not None
    return lambda *given: path(*given) is None


def _begins(value: Value | None, start: Value | None) -> bool:
    return value is not None and start is not None and "S" in value and str(value["S"]).startswith(start["S"])


def _comparison(tokens: Tokens) -> Condition:
    left = _operand(tokens)
    if tokens.accept("BETWEEN"):
        low = _operand(tokens)
        tokens.expect("AND")
        high = _operand(tokens)
        return lambda *given: _compare(">=", left(*given), low(*given)) and _compare("<=", left(*given), high(*given))
    sign = str(tokens.next())
    if sign not in _COMPARED:
        raise ExpressionError(f"no comparison: {sign!r}")
    right = _operand(tokens)
    return lambda *given: _compare(sign, left(*given), right(*given))


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    """An attribute that is not there, or of another type, is equal to nothing and in no order."""
    if left is None or right is None or left.keys() != right.keys():
        return sign == "<>"
    if "S" in left:  # UTF-8's order is that of the characters
        return _COMPARED[sign](left["S"], right["S"])
    return _COMPARED[sign](_plain(left), _plain(right))


def _plain(value: Value) -> Any:
    ((kind, content),) = value.items()
    if kind == "N":
        return Decimal(content)
    if kind in {"B", "BOOL", "NULL"}:
        return content
    raise ExpressionError(f"values of type {kind} are not compared here")


def _operand(tokens: Tokens) -> Operand:
    word = tokens.next()
    if word is None or not re.fullmatch(r"[:#]?\w+", word):
        raise ExpressionError(f"no operand: {word!r}")
    if word.startswith(":"):
        return lambda _item, values, _names: values[word]
    if word.startswith("#"):
        return lambda item, _values, names: item.get(names[word])
    return lambda item, _values, _names: item.get(word)


# --- updates ---


def _action(clause: str, tokens: Tokens) -> Action:
    place = str(tokens.next())
    if place.startswith(":"):
        raise ExpressionError(f"{place} is no attribute")
    match clause:
        case "REMOVE":
            return lambda _old, new, _values, names: _remove(new, _name(place, names))
        case "ADD":
            return _add(place, _operand(tokens))
    tokens.expect("=")
    value = _sum(tokens)
    return lambda old, new, values, names: _set(new, _name(place, names), value(old, values, names))


def _name(place: str, names: Names) -> str:
    return names[place] if place.startswith("#") else place


def _remove(item: Item, name: str) -> None:
    item.pop(name, None)


def _set(item: Item, name: str, value: Value | None) -> None:
    if value is None:
        raise ExpressionError(f"{name} is set to an attribute that the item does not have")
    item[name] = value


def _add(place: str, amount: Operand) -> Action:
    def add(old: Item, new: Item, values: Values, names: Names) -> None:
        name = _name(place, names)
        new[name] = _number(_decimal(old.get(name, {"N": "0"})) + _decimal(amount(old, values, names)))

    return add


def _sum(tokens: Tokens) -> Operand:
    first = _term(tokens)
    sign = tokens.accept("+", "-")
    if not sign:
        return first
    second = _term(tokens)
    return lambda *given: _number(_decimal(first(*given)) + (1 if sign == "+" else -1) * _decimal(second(*given)))


def _term(tokens: Tokens) -> Operand:
    if tokens.peek() != "if_not_exists":
        return _operand(tokens)
    tokens.next()
    tokens.expect("(")
    path = _operand(tokens)
    tokens.expect(",")
    other = _operand(tokens)
    tokens.expect(")")
    return lambda *given: other(*given) if (found := path(*given)) is None else found


def _decimal(value: Value | None) -> Decimal:
    if value is None or value.keys() != {"N"}:
        raise ExpressionError(f"{value} is no number")
    return Decimal(value["N"])


def _number(value: Decimal) -> Value:
    return {"N": f"{value.normalize():f}"}
