"""Single addresses that stand in the way of prefixes: who holds the blocks, who of them will not leave, who came in.

A `prefix` reservation does not take away an address in use; its block is free once the last one is released
(VPC user guide, 'subnet-cidr-reservation'). How long that takes depends on whose the addresses are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass

from functions.capacity.blocks import BlockMap, blocks_of
from functions.capacity.model import BLOCK, PREFIX_LENGTH, Interface, Subnet
from functions.capacity.owners import Owner

# Their interfaces stay until somebody deletes or replaces the service itself; a node, a task or a function's
# interface goes with the load. A block that one of these holds does not count on becoming free.
RARELY_LEAVE = frozenset(
    {
        Owner.LOAD_BALANCER,
        Owner.NAT_GATEWAY,
        Owner.ENDPOINT,
        Owner.TRANSIT_GATEWAY,
        Owner.CONTROL_PLANE,
        Owner.DATABASE,
        Owner.CACHE,
        Owner.FILE_SYSTEM,
    }
)

SinglesByReservation = Mapping[str, frozenset[int]]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A single address in use, and whose it is. `primary`: the interface's own, which it keeps for life."""

    address: int
    interface_id: str
    owner: Owner
    primary: bool

    @property
    def pins(self) -> bool:
        """Whether it will hold its block until somebody acts."""
        return self.owner in RARELY_LEAVE


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """A single address that came into one of our reservations after that was made."""

    reservation_id: str
    holder: Holder


def holders(blocks: BlockMap, of: Collection[int] | None = None) -> Mapping[int, tuple[Holder, ...]]:
    """Who holds each of these blocks (of the draining ones, if none are named) with single addresses, by address."""
    wanted = blocks.draining if of is None else of
    found: dict[int, list[Holder]] = defaultdict(list)
    for number, holder in _singles(blocks.subnet, wanted):
        found[number].append(holder)
    return {n: tuple(sorted(found[n], key=lambda each: each.address)) for n in sorted(found)}


def pinned(blocks: BlockMap, of: Collection[int] | None = None) -> Mapping[int, frozenset[Owner]]:
    """Those of these blocks (of the draining ones, if none are named) that will not drain by themselves, and why."""
    owners = {n: frozenset(each.owner for each in held if each.pins) for n, held in holders(blocks, of).items()}
    return {n: pinning for n, pinning in owners.items() if pinning}


def singles_in_our_reservations(subnet: Subnet) -> SinglesByReservation:
    """The single addresses in use inside each of our `prefix` reservations: what to compare with next time."""
    found: dict[str, set[int]] = {id_: set() for id_ in _ours(subnet).values()}
    for id_, holder in _inside_ours(subnet):
        found[id_].add(holder.address)
    return {id_: frozenset(addresses) for id_, addresses in found.items()}


def newcomers(before: SinglesByReservation, subnet: Subnet) -> tuple[Newcomer, ...]:
    """Single addresses inside our reservations that were not there `before`, by reservation and address.

    Steering rests on there being none: that EC2 hands out nothing singly from a `prefix` reservation. Reports
    disagree whether it does so for interfaces' primary addresses. One newcomer alone proves nothing, since a caller may
    name the address it wants. A reservation that was not there before has none: what it holds then is its start.
    """
    came = (
        Newcomer(reservation_id=id_, holder=holder)
        for id_, holder in _inside_ours(subnet)
        if id_ in before and holder.address not in before[id_]
    )
    return tuple(sorted(came, key=lambda each: (each.reservation_id, each.holder.address)))


def _inside_ours(subnet: Subnet) -> Iterator[tuple[str, Holder]]:
    ours = _ours(subnet)
    return ((ours[number], holder) for number, holder in _singles(subnet, ours))


def _ours(subnet: Subnet) -> Mapping[int, str]:
    """Our reservation over each block; we make none smaller than a block."""
    ours = (r for r in subnet.reservations if r.ours and r.reserves_prefixes and r.cidr.prefixlen <= PREFIX_LENGTH)
    return {number: each.id for each in ours for number in blocks_of(each, subnet)}


def _singles(subnet: Subnet, of: Container[int]) -> Iterator[tuple[int, Holder]]:
    """Every single address in these blocks of the subnet, with the number of its block."""
    base = int(subnet.cidr.network_address)
    for interface in subnet.interfaces:
        for place, address in enumerate(interface.addresses):
            if (number := (address - base) // BLOCK) in of:
                yield number, _holder(interface, address, primary=place == 0)


def _holder(interface: Interface, address: int, *, primary: bool) -> Holder:
    return Holder(address=address, interface_id=interface.id, owner=interface.owner, primary=primary)
