"""Filters of the Describe calls: values are alternatives, filters add up, `*` and `?` are wildcards.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from ec2_rules.errors import Ec2Error
from sandbox.ec2.resources import Tags
from sandbox.ec2.wire import Params

T = TypeVar("T")
Values = Callable[[T], Iterable[str]]  # what a filter looks at


def select(
    items: Iterable[T], filters: list[Params], values: Mapping[str, Values[T]], tags: Callable[[T], Tags]
) -> list[T]:
    """The items that pass all filters. Raises Ec2Error for a filter that the call does not know."""
    tests = [(_lookup(one.get("Name", ""), values, tags), _pattern(one.get("Values", []))) for one in filters]
    return [item for item in items if all(any(map(wanted.fullmatch, look(item))) for look, wanted in tests)]


def _lookup(name: str, values: Mapping[str, Values[T]], tags: Callable[[T], Tags]) -> Values[T]:
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda item: [tags(item)[key]] if key in tags(item) else []
    if name == "tag-key":
        return tags
    if name not in values:
        raise Ec2Error("InvalidParameterValue", f"The filter '{name}' is invalid")
    return values[name]


def _pattern(alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_regex(text)})" for text in alternatives) or r"(?!)", re.DOTALL)


def _regex(text: str) -> str:
    """One value as a regular expression; a backslash makes a wildcard literal."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return "".join({"*": ".*", "?": "."}.get(part, re.escape(part[-1])) for part in parts)
