"""Subnets worth a picture, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from functions.capacity.analyse import Analysis
from functions.capacity.model import Interface, Subnet
from functions.capacity.owners import Owner
from tests.builders import NOW, SUBNET, a_demand, a_reservation, a_subnet, an_ipv6_reservation, under_demand

HOSTILE = "</title></svg><script>alert(1)</script>\" onload='x' &amp;]]>\x00\x1b[31m\u202e\ud800\ufffe" + "W" * 256
TREND = "full on Thursday about 14:00 UTC at this rate (between Wednesday 22:00 and Saturday 03:00)"
SINCE = {"eni-lb": NOW - timedelta(days=40), "eni-node-0": NOW - timedelta(hours=3)}


def an_eni(
    id_: str,
    *addresses: int,
    prefixes: Iterable[int] = (),
    owner: Owner = Owner.NODE,
    ipv6_prefixes: Iterable[int] = (),
) -> Interface:
    return Interface(
        id=id_,
        subnet_id=SUBNET,
        instance_id=f"i-{id_}" if owner is Owner.NODE else None,
        addresses=addresses,
        prefixes=tuple(prefixes),
        ipv6_prefixes=tuple(ipv6_prefixes),
        owner=owner,
        cluster="shop" if owner is Owner.NODE else "",
    )


def named(subnet: Subnet, name: str) -> Subnet:
    return replace(subnet, tags={**subnet.tags, "Name": name})


def busy() -> Analysis:
    """A /22 with every state in it, where nodes ask for more than there is."""
    dice, base = random.Random(6), int(IPv4Address("10.20.4.0"))
    nodes = [
        an_eni(f"eni-node-{n}", base + 16 + n, prefixes=[base + 16 * (4 + n + (n > 8) * 9)], owner=Owner.NODE)
        for n in range(14)
    ]
    taken = {a for each in nodes for a in each.addresses}
    crowd = sorted(
        {base + dice.randrange(64, 20 * 16) for _ in range(20)}
        | {base + 16 * 34 + dice.randrange(100) for _ in range(46)}
    )
    held = {p // 16 for each in nodes for p in each.prefixes}
    others = [
        an_eni(f"eni-{n}", a, owner=Owner.LAMBDA) for n, a in enumerate(crowd) if a not in taken and a // 16 not in held
    ]
    fixed = [
        an_eni("eni-lb", base + 16 * 27 + 5, owner=Owner.LOAD_BALANCER),
        an_eni("eni-ep", base + 16 * 45 + 9, owner=Owner.ENDPOINT),
        an_eni("eni-db", *range(base + 16 * 30 + 1, base + 16 * 30 + 13), owner=Owner.DATABASE),
    ]
    subnet = a_subnet(
        "10.20.4.0/22",
        mode="steer",
        interfaces=[*nodes, *others, *fixed],
        reservations=[
            a_reservation("10.20.6.128/25"),
            a_reservation("10.20.6.64/26"),
            a_reservation("10.20.5.128/26"),
            a_reservation("10.20.7.192/27", kind="explicit", ours=False),
        ],
    )
    return under_demand(named(subnet, "shop-nodes-a"), a_demand(40, urgent=12))


def dual_stack() -> Analysis:
    """A /24 beside a /64 of which half is reserved, with sixty nodes in it."""
    dice = random.Random(7)
    cidr = IPv6Network("2001:db8:12:3400::/64")
    base, first = int(IPv4Address("10.0.0.0")), int(cidr.network_address)
    blocks = sorted(dice.sample(range(1, 65535), 90))
    nodes = [an_eni(f"eni-{n}", base + 20 + n, ipv6_prefixes=[first + (b << 48)]) for n, b in enumerate(blocks)]
    crowd = replace(
        an_eni("eni-x", base + 200, owner=Owner.LAMBDA),
        ipv6_addresses=tuple(first + (b << 48) + 9 for b in range(40000, 40400)),
    )
    subnet = a_subnet(
        "10.0.0.0/24",
        mode="ahead",
        interfaces=[*nodes, crowd],
        ipv6_cidr=cidr,
        ipv6_reservations=[
            an_ipv6_reservation("2001:db8:12:3400:8000::/65"),
            an_ipv6_reservation("2001:db8:12:3400:7000::/70", kind="explicit", ours=False),
        ],
    )
    return under_demand(named(subnet, "v6"), a_demand(0))


def large(cidr: str = "10.0.0.0/16", seed: int = 8) -> Analysis:
    """A /16 after a year: a thousand nodes, and single addresses all over the part that nobody reserved."""
    dice, network = random.Random(seed), IPv4Network(cidr)
    base, blocks = int(network.network_address), network.num_addresses // 16
    prefixes = set(dice.sample(range(blocks // 8, blocks - 1), blocks // 4))
    singles = {16 * dice.randrange(1, blocks // 2) + dice.randrange(16) for _ in range(blocks)}
    alone = sorted(a for a in singles if a // 16 not in prefixes)
    owners = [Owner.NODE] * 12 + [Owner.LAMBDA] * 6 + [Owner.LOAD_BALANCER]
    interfaces = [an_eni(f"eni-p{p}", prefixes=[base + 16 * p]) for p in sorted(prefixes)]
    interfaces += [an_eni(f"eni-s{a}", base + a, owner=dice.choice(owners)) for a in alone]
    halves = list(network.subnets(prefixlen_diff=3))
    subnet = a_subnet(
        cidr,
        mode="steer",
        interfaces=interfaces,
        reservations=[
            *map(a_reservation, (*halves[3:4], *halves[5:7])),
            a_reservation(next(halves[7].subnets(new_prefix=network.prefixlen + 6)), kind="explicit", ours=False),
        ],
    )
    return under_demand(named(subnet, "everything"), a_demand(0))


def tiny(cidr: str = "192.168.7.32/28") -> Analysis:
    """No block of it can be a prefix."""
    return under_demand(a_subnet(cidr, mode=""), a_demand(0))


def hostile() -> Analysis:
    """Every name in it tries to be markup."""
    base = int(IPv4Address("10.0.0.0"))
    eni = replace(an_eni(HOSTILE, base + 20, prefixes=[base + 48]), instance_id=HOSTILE, cluster=HOSTILE)
    subnet = a_subnet(interfaces=[eni], reservations=[a_reservation("10.0.0.64/26", reservation_id=HOSTILE)])
    return under_demand(named(replace(subnet, zone=HOSTILE), HOSTILE), a_demand(0), partial=HOSTILE)


def checkered() -> Analysis:
    """A /16 in which neighbours differ as much as they can: the largest picture there is."""
    base = int(IPv4Address("10.0.0.0"))
    owners = (Owner.LAMBDA, Owner.LOAD_BALANCER)
    interfaces = [
        an_eni(f"eni-{n}", *range(base + 16 * n, base + 16 * n + 1 + n * 7 % 16), owner=owners[n % 2])
        for n in range(1, 4095)
    ]
    reservations = [a_reservation(IPv4Network((base + 16 * n, 28))) for n in range(1, 4095, 3)]
    return under_demand(a_subnet("10.0.0.0/16", interfaces=interfaces, reservations=reservations), a_demand(0))
