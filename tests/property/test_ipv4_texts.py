"""Addresses and prefixes of answers are read as `ipaddress` reads them, what is none included."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from hypothesis import example, given
from hypothesis import strategies as st

from functions.aws.answers import ipv4_address, ipv4_prefix

OCTETS = st.integers(0, 300).map(str) | st.sampled_from(["", "00", "007", "0x1", "+1", " 1", "1_0", "\u0661", "\x00"])
ADDRESSES = st.ip_addresses(v=4).map(str) | st.lists(OCTETS, min_size=3, max_size=5).map(".".join) | st.text(max_size=9)
LENGTHS = st.sampled_from(["/28", "/028", "/24", "/32", "", "/", "/28/28", "/255.255.255.240", "/ 28"])


def outcome(read: Callable[[str], int], text: str) -> int | str:
    """The number, or which error says what."""
    try:
        return read(text)
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


def the_start_of_a_block(text: str) -> int:
    network = IPv4Network(text)
    if network.prefixlen != 28:
        raise ValueError(f"a prefix of {network}, not a /28")
    return int(network.network_address)


@given(ADDRESSES)
@example("10.0.0.010")
@example("10.1")
@example("\ud800")
def test_an_address_is_what_ipaddress_takes_for_one(text):
    assert outcome(ipv4_address, text) == outcome(lambda each: int(IPv4Address(each)), text)


@given(st.tuples(ADDRESSES, LENGTHS).map("".join))
@example("10.0.0.8/28")
@example("10.0.0.16/28")
def test_a_prefix_is_what_ipaddress_takes_for_a_28(text):
    assert outcome(ipv4_prefix, text) == outcome(the_start_of_a_block, text)
