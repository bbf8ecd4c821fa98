"""Random subnets as EC2 could have them: nothing assigned twice, reservations that do not overlap."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from hypothesis import strategies as st

from functions.capacity.clusters import NodeGroup
from functions.capacity.model import BLOCK, Interface, Reservation, Subnet
from tests.builders import a_group, a_reservation, a_subnet, an_interface

BASE = int(IPv4Address("10.0.0.0"))
KINDS = ("ours", "a person's", "explicit")


def address(offset: int) -> str:
    return str(IPv4Address(BASE + offset))


def network(first: int, length: int) -> IPv4Network:
    return IPv4Network((BASE + first, length))


@st.composite
def subnets(draw, shortest: int = 20, longest: int = 26) -> Subnet:
    """Subnets from 10.0.0.0/<shortest> to /<longest>, in mode `ahead`, empty, full or fragmented."""
    length = draw(st.integers(shortest, longest))
    size = 2 ** (32 - length)
    prefixes = draw(st.sets(st.integers(1, max(1, size // BLOCK - 2)), max_size=12)) if size > 2 * BLOCK else set()
    singles = {offset for offset in draw(_singles(size)) if offset // BLOCK not in prefixes}
    return a_subnet(
        f"10.0.0.0/{length}",
        interfaces=_interfaces(sorted(singles), sorted(prefixes)),
        reservations=draw(_reservations(size)),
    )


@st.composite
def _singles(draw, size: int) -> set[int]:
    """Some addresses anywhere, and one stretch in which every n-th is in use."""
    usable = st.integers(4, size - 2)
    start, stop = sorted((draw(usable), draw(usable)))
    step = draw(st.sampled_from([1, 3, 16, 40]))
    scattered: set[int] = draw(st.sets(usable, max_size=20))
    return scattered | set(range(start, stop, step))


def _interfaces(singles: list[int], prefixes: list[int]) -> Iterable[Interface]:
    for n, offset in enumerate(singles):
        yield an_interface(address(offset), interface_id=f"eni-{n}")
    if prefixes:
        blocks = [str(network(n * BLOCK, 28)) for n in prefixes]
        yield an_interface(prefixes=blocks, instance_id="i-1", interface_id="eni-node")


@st.composite
def _reservations(draw, size: int) -> list[Reservation]:
    found: list[Reservation] = []
    wanted = st.tuples(st.integers(24, 30), st.integers(0, size - 1), st.sampled_from(KINDS))
    for length, offset, kind in draw(st.lists(wanted, max_size=6)):
        span = 2 ** (32 - length)
        cidr = network(offset - offset % span, length)
        if span <= size and not any(cidr.overlaps(each.cidr) for each in found):
            found.append(a_reservation(cidr, ours=kind == "ours", kind="explicit" if kind == "explicit" else "prefix"))
    return found


def groups() -> st.SearchStrategy[list[NodeGroup]]:
    """Up to two node groups; the first has one node, which may hold prefixes already."""
    sizes = st.integers(0, 12)
    group = st.builds(
        a_group,
        desired=sizes,
        most=sizes,
        types=st.sampled_from([("m5.large",), ("t3.small",), ("m5.8xlarge",), ("m5.large", "c4.large")]),
        nodes=st.sampled_from([(), ("i-1",)]),
        name=st.sampled_from(["workers", "batch"]),
    )
    return st.lists(group, max_size=2)
