"""The subnets of a snapshot as EC2 keeps them, and nodes that take what they need of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network
from itertools import chain
from random import Random

from ec2_rules import subnet as ec2
from ec2_rules.allocation import ReservationType
from ec2_rules.errors import Ec2Error
from functions.capacity.model import BLOCK, Interface, Reservation, Snapshot, Subnet
from functions.capacity.nodes import NodeDemand

ADDRESS, PREFIX, IPV6 = "address", "prefix (/28)", "prefix (/80)"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a node takes: `own` subnet for its primary interface, `pods` subnet for all else (mostly the same).

    `slots` are the prefixes or addresses that one more interface can hold beside its own address.
    """

    own: str
    pods: str
    demand: NodeDemand
    slots: int


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The first thing that a node was refused: what, where, and in EC2's words."""

    what: str
    subnet_id: str
    code: str
    message: str


@dataclass
class _Taken:
    """What a node holds in one subnet, to be given back when it goes."""

    subnet_id: str
    addresses: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)


class Account:
    """All subnets of a view. Its copies differ in nothing but what EC2 will choose next."""

    def __init__(self, view: Snapshot) -> None:
        self.view = {each.id: each for each in view.subnets}
        self._rng = Random(0)
        self._subnets = {each.id: _empty(each, self._rng) for each in view.subnets}
        self._nodes: dict[str, list[_Taken]] = {}
        self._others: list[_Taken] = []
        self._ours = {one.id for each in view.subnets for one in each.all_reservations if one.ours}
        for subnet in view.subnets:
            self._fill(subnet)

    def copy(self, seed: int) -> Account:
        """The same account, about to choose otherwise."""
        found = deepcopy(self)
        found._rng.seed(seed)  # noqa: SLF001 - the copy's own; its subnets draw from it
        return found

    def available(self, subnet_id: str) -> int:
        """EC2's AvailableIpAddressCount."""
        return self._subnets[subnet_id].available_ip_address_count

    def launch(self, node: str, needs: Needs) -> Refusal | None:
        """Give a node all it needs, until something is refused; what it got by then it keeps.

        A node without a primary address is none: it takes nothing.
        """
        own, pods = _Taken(subnet_id=needs.own), _Taken(subnet_id=needs.pods)
        for what, taken in _asks(needs, own, pods):
            try:
                self._take(what, taken)
            except Ec2Error as error:
                return Refusal(what=what, subnet_id=taken.subnet_id, code=error.code, message=error.message)
            self._nodes[node] = [own, pods]
        return None

    def stands(self, node: str) -> bool:
        """Whether the node has its primary address, and so is one."""
        return node in self._nodes

    def terminate(self, node: str) -> None:
        """All that it holds is free again."""
        for each in self._nodes.pop(node, ()):
            ec2.release_all(self._subnets[each.subnet_id], each.addresses, each.prefixes)

    def reserve(self, subnet_id: str, cidr: str) -> None:
        """CreateSubnetCidrReservation of type `prefix`, as ours."""
        reservation_id = f"scr-simulated-{len(self._ours)}"
        self._subnets[subnet_id].create_reservation(reservation_id, cidr, ReservationType.PREFIX)
        self._ours.add(reservation_id)

    def release(self, subnet_id: str, reservation_id: str) -> None:
        """DeleteSubnetCidrReservation."""
        self._subnets[subnet_id].delete_reservation(reservation_id)

    def as_read(self, subnet_id: str) -> Subnet:
        """The subnet as a look at it finds it now: all that is in use, under one interface."""
        now = self._subnets[subnet_id]
        held = [each for each in (*self._others, *chain(*self._nodes.values())) if each.subnet_id == subnet_id]
        everything = Interface(
            id="eni-all",
            subnet_id=subnet_id,
            instance_id=None,
            addresses=tuple(int(IPv4Address(one)) for each in held for one in each.addresses if ":" not in one),
            prefixes=tuple(_first(one) for each in held for one in each.prefixes if ":" not in one),
            ipv6_prefixes=tuple(_first(one) for each in held for one in each.prefixes if ":" in one),
        )
        return replace(
            self.view[subnet_id],
            interfaces=(everything,),
            reservations=tuple(self._reservation(subnet_id, each) for each in now.reservations if ":" not in each.cidr),
            available=(now.available_ip_address_count,),
        )

    def _reservation(self, subnet_id: str, made: ec2.Reservation) -> Reservation:
        return Reservation(
            id=made.reservation_id,
            subnet_id=subnet_id,
            cidr=IPv4Network(made.cidr),
            reserves_prefixes=made.reservation_type is ReservationType.PREFIX,
            ours=made.reservation_id in self._ours,
        )

    def _fill(self, subnet: Subnet) -> None:
        """With all that stands in it; what lies outside its CIDR is not its own and left out."""
        now = self._subnets[subnet.id]
        for interface in subnet.interfaces:
            held = self._taken(now, _held(subnet, interface))
            if interface.instance_id:
                self._nodes.setdefault(interface.instance_id, []).append(held)
            else:
                self._others.append(held)
        for reservation in subnet.all_reservations:
            kind = ReservationType.PREFIX if reservation.reserves_prefixes else ReservationType.EXPLICIT
            now.create_reservation(reservation.id, str(reservation.cidr), kind)

    def _taken(self, now: ec2.Subnet, held: _Taken) -> _Taken:
        """What of it is not another's already: between two pages of one read, an address can change its interface."""
        taken = _Taken(subnet_id=held.subnet_id)
        for address in held.addresses:
            with suppress(Ec2Error):
                taken.addresses.append((now.ipv6 if ":" in address else now.ipv4).take_address(address))
        for prefix in held.prefixes:
            with suppress(Ec2Error):
                taken.prefixes.append((now.ipv6 if ":" in prefix else now.ipv4).take_prefix(prefix))
        return taken

    def _take(self, what: str, taken: _Taken) -> None:
        subnet = self._subnets[taken.subnet_id]
        if what == ADDRESS:
            taken.addresses.append(subnet.ipv4.take_address())
        elif what == PREFIX:
            taken.prefixes += subnet.ipv4.take_prefixes(1)
        else:
            taken.prefixes += subnet.ipv6.take_prefixes(1)


def _asks(needs: Needs, own: _Taken, pods: _Taken) -> Iterator[tuple[str, _Taken]]:
    """In the VPC CNI's order: the primary address, then interface by interface, each filled before the next is made."""
    demand = needs.demand
    kinds = [PREFIX] * demand.prefixes + [ADDRESS] * demand.addresses + [IPV6] * demand.ipv6_prefixes
    yield ADDRESS, own
    if needs.own == needs.pods:  # else custom networking: the primary interface holds nothing for pods
        yield from ((what, pods) for what in kinds[: needs.slots])
        kinds = kinds[needs.slots :]
    for _ in range(demand.interfaces - 1):
        yield ADDRESS, pods
        yield from ((what, pods) for what in kinds[: needs.slots])
        kinds = kinds[needs.slots :]


def _empty(subnet: Subnet, rng: Random) -> ec2.Subnet:
    return ec2.Subnet(str(subnet.cidr), str(subnet.ipv6_cidr) if subnet.ipv6_cidr else None, rng=rng)


def _held(subnet: Subnet, interface: Interface) -> _Taken:
    base, size = int(subnet.cidr.network_address), subnet.cidr.num_addresses
    v4 = [str(IPv4Address(each)) for each in interface.addresses if 0 <= each - base < size]
    blocks = [f"{IPv4Address(each)}/28" for each in interface.prefixes if 0 <= each - base <= size - BLOCK]
    v6 = [str(IPv6Address(each)) for each in interface.ipv6_addresses] if subnet.ipv6_cidr else []
    wide = [f"{IPv6Address(each)}/80" for each in interface.ipv6_prefixes] if subnet.ipv6_cidr else []
    return _Taken(subnet_id=subnet.id, addresses=v4 + v6, prefixes=blocks + wide)


def _first(prefix: str) -> int:
    return int(ip_network(prefix).network_address)
