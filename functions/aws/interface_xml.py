"""A page of DescribeNetworkInterfaces, in XML as EC2 sends it, to values of the model: only what they are made of.

Equal to `answers.interface` over what botocore's parser makes of the page, and refused (UnexpectedXml) where that is
not certain. Texts that no value is made of are not looked at: a date that is none, say, passes here.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat

from functions.aws import xml_addresses
from functions.aws.attach_time import attach_time
from functions.aws.interface_owners import InterfaceOwners
from functions.aws.xml_shape import ITEM, Path, Shape, UnexpectedXml, text_of
from functions.capacity.model import Interface

_SET = b"networkInterfaceSet"
_HEAD = re.compile(  # all that may stand before the interfaces: nothing that has parts of its own
    rb"(?:<\?xml[^<>]*\?>)?\s*<DescribeNetworkInterfacesResponse(?:\s[^<>]*)?>"
    rb"(?:[^<]*<(requestId|nextToken)>[^<]*</\1>)*[^<]*<networkInterfaceSet>[^<]*"
)
_END = b"</networkInterfaceSet>"
_AT_ONCE = 50  # interfaces; more are no faster, and take more memory

# The names are the locationNames of botocore's ec2 model. Of a list the whole content is wanted.
_TEXTS: Mapping[Path, str] = {
    (b"networkInterfaceId",): "id",
    (b"subnetId",): "subnet",
    (b"attachment", b"instanceId"): "instance",
    (b"description",): "description",
    (b"interfaceType",): "kind",
    (b"requesterId",): "requester",
    (b"attachment", b"instanceOwnerId"): "instance_owner",
    (b"attachment", b"attachTime"): "attached",
}
_LISTS: Mapping[Path, str] = {
    (b"tagSet",): "tags",
    (b"privateIpAddressesSet",): "addresses",
    (b"ipv4PrefixSet",): "prefixes",
    (b"ipv6AddressesSet",): "ipv6_addresses",
    (b"ipv6PrefixSet",): "ipv6_prefixes",
}
_WANTED = {**_TEXTS, **_LISTS}
_OF_WHOM = ("instance", "description", "tags", "kind", "requester", "instance_owner")

# What is read of a list's items, and whether each item must have it.
_PARTS: Mapping[Path, Mapping[bytes, bool]] = {
    (b"tagSet",): {b"key": False, b"value": False},
    (b"privateIpAddressesSet",): {b"privateIpAddress": True},
    (b"ipv4PrefixSet",): {b"ipv4Prefix": True},
    (b"ipv6AddressesSet",): {b"ipv6Address": True},
    (b"ipv6PrefixSet",): {b"ipv6Prefix": True},
}

_LEARN_AT_ONCE = 5  # a new pattern costs as much as looking at some more interfaces
_LEARN_AT_MOST = 25  # times; interfaces that go on to look different are read faster by the ordinary parser


def starts_at(page: bytes) -> int:
    """Where the page's interfaces start. Raises UnexpectedXml if it does not begin as such pages do."""
    head = _HEAD.match(page)
    if head is None:
        raise UnexpectedXml("no set of interfaces where one is expected")
    return head.end()


@dataclass
class InterfaceXml:
    """Reads pages that look alike. What it learns of one helps with the next."""

    shape: Shape = field(default_factory=Shape)
    pattern: re.Pattern[bytes] | None = None
    learnt: int = 0
    owners: InterfaceOwners = field(default_factory=InterfaceOwners)

    def read(self, page: bytes) -> tuple[list[Interface], bytes]:
        """The page's interfaces in its order, and the page without them. Raises UnexpectedXml."""
        start = starts_at(page)
        end = page.find(_END, start)
        if page.find(_SET, end + len(_END)) >= 0 or end < 0:
            raise UnexpectedXml("a set of interfaces that does not end, or a second one")
        rest = page[:start] + page[end:]
        _check_text(rest, len(rest))
        return self.items(page, start, end), rest

    def items(self, page: bytes, position: int, end: int) -> list[Interface]:
        """The interfaces of a part of a page in which nothing else stands. Raises UnexpectedXml."""
        _check_text(page, end)
        found = list[Interface]()
        try:
            while position < end:
                rows, position = self._rows(page, position, end)
                found += self._values(rows) if rows else ()
                if len(rows) < _AT_ONCE and position < end:
                    self._learn(page, position, end)
        except (OSError, ValueError) as error:
            raise UnexpectedXml("a text that is no address") from error
        return found

    def _rows(self, page: bytes, position: int, end: int) -> tuple[list[tuple[bytes, ...]], int]:
        """What is wanted of the interfaces that start here, of so many and as long as they look as learnt."""
        rows = list[tuple[bytes, ...]]()
        while self.pattern and len(rows) < _AT_ONCE and (match := self.pattern.match(page, position, end)):
            rows.append(match.groups(b""))
            position = match.end()
        return rows, position

    def _learn(self, page: bytes, position: int, end: int) -> None:
        """Learn from the interfaces that start here."""
        self.learnt += 1
        if self.learnt > _LEARN_AT_MOST:
            raise UnexpectedXml("interfaces that look different each time")
        at = position
        for _ in range(_LEARN_AT_ONCE):
            at = page.find(b"<", self.shape.learn(ITEM, page, at), end)
            if at < 0:
                break
        self.pattern = _pattern(self.shape)
        if not self.pattern.match(page, position, end):
            raise UnexpectedXml("an interface unlike what was learnt from it")

    def _values(self, rows: list[tuple[bytes, ...]]) -> list[Interface]:
        """Column by column, which takes half the time of one interface after the other."""
        columns = dict(zip(self.pattern.groupindex if self.pattern else (), zip(*rows, strict=True), strict=True))
        if not all(columns["id"]) or not all(columns["subnet"]):
            raise UnexpectedXml("an interface without its id or its subnet")
        instances, owners, clusters = zip(*map(self.owners.of, *(columns[each] for each in _OF_WHOM)), strict=True)
        return _made(
            {
                "id": map(text_of, columns["id"]),
                "subnet_id": map(_same_text, columns["subnet"]),
                "instance_id": instances,
                "addresses": xml_addresses.ipv4_addresses(columns["addresses"]),
                "prefixes": xml_addresses.ipv4_prefixes(columns["prefixes"]),
                "ipv6_addresses": xml_addresses.ipv6_addresses(columns["ipv6_addresses"]),
                "ipv6_prefixes": xml_addresses.ipv6_prefixes(columns["ipv6_prefixes"]),
                "owner": owners,
                "cluster": clusters,
                "attached": map(_attached, columns["attached"]),
            },
            len(rows),
        )


def _made(columns: Mapping[str, Iterable[object]], count: int) -> list[Interface]:
    """What `Interface(...)` makes, slot by slot: as many calls of it take three times as long."""
    made = list(map(object.__new__, repeat(Interface, count)))
    for name, column in columns.items():
        deque(map(getattr(Interface, name).__set__, made, column), maxlen=0)
    return made


_same_text = lru_cache(maxsize=1024)(text_of)  # one text of each subnet, not one for each interface


@lru_cache(maxsize=4096)  # nodes that came together share it
def _attached(raw: bytes) -> int | None:
    return attach_time(text_of(raw)) if raw else None


def _pattern(shape: Shape) -> re.Pattern[bytes]:
    """The pattern of an interface. What no sample had is a group that never matches."""
    for path in _TEXTS:
        if (part := shape.at(path)) and part.children:
            raise UnexpectedXml(f"{path[-1]!r} is no text")
    for path, names in _PARTS.items():
        if part := shape.at(path):
            _check_list(part, names)
    unseen = (name for path, name in _WANTED.items() if not shape.says(path))
    never = b"".join(b"(?P<%b>(?!))?" % name.encode() for name in unseen)
    return re.compile(shape.pattern(ITEM, _WANTED) + never + b"[^<]*+")


def _check_list(shape: Shape, names: Mapping[bytes, bool]) -> None:
    """That a list has nothing but items, and what is read of an item is a text of it and of nothing deeper."""
    items = shape.children.get(ITEM, Shape())
    if shape.children.keys() - {ITEM} or items.seen_empty or items.count(ITEM):
        raise UnexpectedXml("a list of something else than items")
    for name, needed in names.items():
        part = items.children.get(name, Shape())
        if part.children or items.count(name) > 1 or (needed and part.seen - part.seen_empty != items.seen):
            raise UnexpectedXml(f"{name!r} is missing, no text, or in two places")


def _check_text(page: bytes, end: int) -> None:
    """That texts are what stands between the tags: UTF-8, no entities but those of every XML, no line ends of DOS.

    Of the page as far as `end`: what comes after it may be cut short.
    """
    if not page.isascii():
        try:
            page[:end].decode()
        except UnicodeDecodeError as error:
            raise UnexpectedXml("no UTF-8") from error
    known = (b"&lt;", b"&gt;", b"&quot;", b"&apos;", b"&amp;")
    first = page.find(b"&", 0, end)
    if page.find(b"\r", 0, end) >= 0 or (
        first >= 0 and page.count(b"&", first, end) != sum(page.count(each, first, end) for each in known)
    ):
        raise UnexpectedXml("characters written in another way")
