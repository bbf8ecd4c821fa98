"""Who was refused addresses, as CloudTrail tells it: the subnets and the interfaces that the refused calls name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from functions.capacity.model import Subnet
from functions.capacity.routes import API_CALL
from functions.capacity.scope import Scope

Failures = Counter[str]  # calls by the id of a subnet or an interface

# EC2 API reference, 'Error codes'; CloudTrail puts `Client.` before them. No prefix, and no single address.
_NO_ROOM = frozenset({"InsufficientCidrBlocks", "InsufficientFreeAddressesInSubnet"})
# EC2's words with an InvalidParameterValue, as people met them; those for IPv6 are unproven.
_EXHAUSTED = re.compile("sufficient free Ipv[46] addresses or prefixes", re.IGNORECASE)


def failures(event: Mapping[str, Any], where: Scope) -> Failures:
    """The call of this event if EC2 had no room for it, under each subnet and interface of its scope `where`."""
    if event.get("detail-type") != API_CALL or not _for_lack_of_room(event["detail"]):
        return Counter()
    return Counter(where.subnets or where.network_interfaces)


def _for_lack_of_room(detail: Mapping[str, Any]) -> bool:
    code, words = detail.get("errorCode"), detail.get("errorMessage")
    if not isinstance(code, str):
        return False
    return code.removeprefix("Client.") in _NO_ROOM or (isinstance(words, str) and bool(_EXHAUSTED.search(words)))


def failures_in(subnet: Subnet, seen: Failures) -> int:
    """Those in one subnet. An interface that is gone meanwhile is nobody's."""
    if not seen:
        return 0
    return seen[subnet.id] + sum(seen[each.id] for each in subnet.interfaces if each.id in seen)
