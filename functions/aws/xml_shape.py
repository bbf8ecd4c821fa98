"""Reading many XML elements that look alike: learn from a few how they look, then read the others by one pattern.

An XML parser spends its time on making an object of every element. Here a regular expression passes over an element
as a whole and hands out only the wanted parts. The expression says all there is between the element's start and its
end, so whatever does not look like what was learnt (a comment, an attribute, a part not seen before, one twice) does
not match, and is either learnt in its turn or refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

ITEM = b"item"  # what EC2 calls the elements of every list

Path = tuple[bytes, ...]

_TAG = re.compile(rb"([^<]*)<(/?)([A-Za-z][A-Za-z0-9]*)(/?)>")  # with attributes it is none of EC2's
_TEXT = rb"[^<]*+"
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}  # & last: it makes no others


class UnexpectedXml(Exception):  # noqa: N818 - the reader's word for 'not mine to read', no failure
    """What a pattern cannot read: the ordinary parser has to."""


@dataclass
class Shape:
    """What one element looked like each time it was seen: its children, and which of them came before which."""

    seen: int = 0
    seen_empty: int = 0  # of those times, written as one tag: `<description/>`
    spaced: bool = False  # anything stood in it that was no element: its text, or what it was indented with
    children: dict[bytes, Shape] = field(default_factory=dict)
    before: dict[bytes, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, name: bytes, body: bytes, start: int) -> int:
        """Take in the element of this name that starts here; says where it ends. Raises UnexpectedXml."""
        opening = _tag(body, start)
        if opening.group(2, 3) != (b"", name):
            raise UnexpectedXml(f"{opening[0]!r} where an element {name!r} was expected")
        return self.take(opening, body)

    def take(self, opening: re.Match[bytes], body: bytes) -> int:
        """The same of an element whose opening tag was found."""
        self.seen += 1
        if not opening[4]:
            return self._learn_content(opening[3], body, opening.end())
        self.seen_empty += 1
        return opening.end()

    def _learn_content(self, name: bytes, body: bytes, position: int) -> int:
        previous = list[bytes]()
        while True:
            tag = _tag(body, position)
            text, closing, child, empty = tag.groups()
            self.spaced |= text != b""
            if closing and child == name and not empty:
                return tag.end()
            if closing or (child in previous and child != ITEM):
                raise UnexpectedXml(f"{tag[0]!r} within {name!r}")
            if previous and child != ITEM:
                self.before[child].add(previous[-1])
            previous.append(child)
            position = self._child(child).take(tag, body)

    def _child(self, name: bytes) -> Shape:
        if name not in self.children:
            self.children[name] = Shape()
        return self.children[name]

    def pattern(self, name: bytes, wanted: Mapping[Path, str], path: Path = ()) -> bytes:
        """A regular expression for such an element; the wanted parts' texts are its groups.

        Raises UnexpectedXml when the samples put the same children in different orders.
        """
        if self.seen_empty == self.seen:
            return b"<" + name + b"/>"
        content = self._gap + b"".join(self._part(child, wanted, path) for child in self._order())
        group = wanted.get(path, "").encode()
        content = b"(?P<" + group + b">" + content + b")" if group else content
        whole = b"<" + name + b">" + content + b"</" + name + b">"
        return b"(?:" + whole + b"|<" + name + b"/>)" if self.seen_empty else whole

    def _part(self, child: bytes, wanted: Mapping[Path, str], path: Path) -> bytes:
        shape = self.children[child]
        pattern = shape.pattern(child, wanted, (*path, child)) + self._gap
        if child == ITEM:
            return b"(?:" + pattern + b")*+"
        return pattern if shape.seen == self.seen else b"(?:" + pattern + b")?"

    @property
    def _gap(self) -> bytes:
        """What may stand before and after the children. Nothing is passed over faster than what may be nothing."""
        return _TEXT if self.spaced or not self.children else b""

    def _order(self) -> list[bytes]:
        """The children in an order that agrees with all samples."""
        try:
            return list(TopologicalSorter({child: self.before[child] for child in self.children}).static_order())
        except CycleError as error:
            raise UnexpectedXml("parts in no fixed order") from error

    def at(self, path: Path) -> Shape | None:
        """The shape of a part, None if it was never seen."""
        shape: Shape | None = self
        for name in path:
            shape = shape.children.get(name) if shape else None
        return shape

    def says(self, path: Path) -> bool:
        """Whether a part was seen that is more than an empty tag."""
        shape = self.at(path)
        return shape is not None and shape.seen > shape.seen_empty

    def count(self, name: bytes) -> int:
        """In how many places below this one an element of this name was seen."""
        return sum((child == name) + shape.count(name) for child, shape in self.children.items())


def text_of(raw: bytes) -> str:
    """What a text in XML says. An element that is not there, or empty, says nothing."""
    text = raw.decode()
    if "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    return text


def _tag(body: bytes, position: int) -> re.Match[bytes]:
    """The next tag, with the text before it."""
    tag = _TAG.match(body, position)
    if tag is None:
        raise UnexpectedXml("neither an element's start nor its end")
    return tag
