"""Whose the interfaces of a page are, found out once for those that differ in nothing but their instance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from functions.aws.owners import cluster_of, node_of, owner_of
from functions.aws.xml_shape import text_of
from functions.capacity.owners import Owner

_LONG = 10  # an instance's id is at least as long, so what it is found in is no other word
_END = b"\0"  # of each fact; no text of XML has such a character,
_ANY = b"i-\1"  # nor this one, which stands for an instance's id
_ANY_TEXT = _ANY.decode()
# The CNI's, another on each interface; it says nothing of whose it is.
_CREATED_AT_TAG = re.compile(
    rb"<item>[^<]*<key>node\.k8s\.amazonaws\.com/createdAt</key>[^<]*<value>[^<]*</value>[^<]*</item>"
)
_KEY = re.compile(rb"<key>([^<]*)<")
_VALUE = re.compile(rb"<value>([^<]*)<")
_REMEMBERED = 1000

Whose = tuple[str | None, Owner, str]  # instance, owner, cluster


@dataclass
class InterfaceOwners:
    """Remembers what `functions.aws.owners` said."""

    known: dict[bytes, Whose] = field(default_factory=dict)

    def of(self, *facts: bytes) -> Whose:
        """Instance, owner and cluster.

        The facts are the instance, the description, the tagSet's content, the kind, the requester and the instance's
        owner. Whose it is does not depend on which instance it is, so the id is hidden wherever it stands, and shown
        again in what was found out.
        """
        instance, said = facts[0], _END.join(facts)
        if len(instance) < _LONG or not instance.startswith(b"i-"):
            return self._found_out(said)
        _, owner, cluster = self._found_out(said.replace(instance, _ANY))
        shown = instance.decode()
        return shown, owner, cluster.replace(_ANY_TEXT, shown)

    def _found_out(self, said: bytes) -> Whose:
        if (known := self.known.get(said)) is not None:
            return known
        said = _CREATED_AT_TAG.sub(b"", said)
        if (known := self.known.get(said)) is not None:
            return known
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        return self.known.setdefault(said, _whose(*said.split(_END)))


def _whose(instance: bytes, description: bytes, tags: bytes, *makers: bytes) -> Whose:
    kind, requester, instance_owner = map(text_of, makers)
    answer = {
        "InterfaceType": kind,
        "RequesterId": requester,
        "Description": text_of(description),
        "Attachment": {"InstanceId": text_of(instance), "InstanceOwnerId": instance_owner},
        "TagSet": list(_tags(tags)),
    }
    return node_of(answer), owner_of(answer), cluster_of(answer)


def _tags(content: bytes) -> Iterator[Mapping[str, str]]:
    """One without a value has an empty one."""
    for each in content.split(b"</item>"):
        key, value = _KEY.search(each), _VALUE.search(each)
        if key:
            yield {"Key": text_of(key[1]), "Value": text_of(value[1] if value else b"")}
