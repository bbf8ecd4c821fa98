"""Any page of interfaces, whole, in pieces or damaged, is read as botocore reads it, or refused."""

import random
from ipaddress import IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from functions.aws.interface_pages import Reading
from functions.aws.interface_xml import InterfaceXml
from tests.interface_pages import a_page, an_item, by_botocore, in_pieces

# Every part present, missing or empty, in the order of the page.
TEXTS = st.sampled_from(["", "x", "i-0123456789abcdef0", "ELB app/a", "aws-K8S-i-0aaaaaaaaaaaaaaaa", "a &amp; b", "é"])
KEYS = st.sampled_from(
    ["node.k8s.amazonaws.com/instance_id", "node.k8s.amazonaws.com/createdAt", "cluster.k8s.amazonaws.com/name",
     "eks:cluster-name", "kubernetes.io/cluster/i-0123456789abcdef0", "Name", "a&lt;b"]
)  # fmt: skip
GAPS = st.sampled_from(["", "\n        ", " "])
IPS = st.integers(1, 254).map("10.0.3.{}".format)
BLOCKS = st.integers(0, 255).map(lambda n: f"10.0.{n}.{n % 16 * 16}/28")
IPV6 = st.integers(1, 2**128 - 1).flatmap(
    lambda n: st.sampled_from([str(IPv6Address(n)), IPv6Address(n).exploded, str(IPv6Address(n)).upper()])
)
IPV6_BLOCKS = st.integers(1, 2**80 - 1).map(lambda n: f"{IPv6Address(n << 48)}/80")


@st.composite
def elements(draw, name: str, text: st.SearchStrategy[str]) -> str:
    """An element, written either way where it is empty, or missing."""
    content = draw(text)
    form = draw(st.integers(0, 3))
    if form == 0:
        return ""
    return f"<{name}/>" if form == 1 and not content.strip() else f"<{name}>{content}</{name}>"


@st.composite
def listed(draw, name: str, item: st.SearchStrategy[str]) -> str:
    gap = draw(GAPS)
    items = st.lists(item.map(lambda each: f"<item>{gap}{each}{gap}</item>{gap}"), max_size=4)
    content = items.map(lambda found: gap + "".join(found))
    element: str = draw(elements(name, content))
    return element


@st.composite
def interfaces(draw) -> str:
    attachment = st.tuples(*(elements(name, TEXTS) for name in ("attachmentId", "instanceId", "instanceOwnerId"))).map(
        "".join
    )
    parts = [
        elements("vpcId", TEXTS),
        elements("description", TEXTS),
        elements("requesterId", st.sampled_from(["", "amazon-elb", "amazon-rds", "123"])),
        elements("attachment", attachment),
        listed("groupSet", elements("groupId", TEXTS)),
        listed("tagSet", st.tuples(elements("key", KEYS), elements("value", TEXTS)).map("".join)),
        listed("privateIpAddressesSet", IPS.map("<privateIpAddress>{}</privateIpAddress>".format)),
        listed("ipv4PrefixSet", BLOCKS.map("<ipv4Prefix>{}</ipv4Prefix>".format)),
        listed("ipv6AddressesSet", IPV6.map("<ipv6Address>{}</ipv6Address>".format)),
        listed("ipv6PrefixSet", IPV6_BLOCKS.map("<ipv6Prefix>{}</ipv6Prefix>".format)),
        elements("interfaceType", st.sampled_from(["interface", "lambda", "branch", ""])),
    ]
    gap: str = draw(GAPS)
    return gap.join(["", an_item(gap.join(draw(each) for each in parts)), ""])


@given(st.lists(interfaces(), max_size=8))
def test_any_page_of_known_parts_is_read_as_botocore_reads_it(items):
    page = a_page(*items)
    found, rest = InterfaceXml().read(page)
    assert found == by_botocore(page)
    assert by_botocore(rest) == []


@given(st.lists(interfaces(), max_size=8), st.integers(1, 700))
def test_any_page_in_pieces_is_read_as_botocore_reads_it(items, size):
    page = a_page(*items)
    reading = Reading()
    rest = b"".join(reading.left_of(in_pieces(page, size)))
    assert reading.found + by_botocore(rest) == by_botocore(page)


@given(
    st.lists(interfaces(), min_size=1, max_size=4),
    st.integers(0, 2**32),
    st.sampled_from(["cut", "drop", "swap"]),
    st.integers(1, 700),
)
def test_a_damaged_page_in_pieces_is_refused_or_read_as_botocore_reads_it(items, seed, damage, size):
    page = damaged(a_page(*items), random.Random(seed), damage)
    reading = Reading()
    try:
        found = by_botocore(b"".join(reading.left_of(in_pieces(page, size))))
    except Exception:  # noqa: BLE001 - whatever it was, the caller has it
        return
    assert reading.found + found == by_botocore(page)


@given(st.lists(interfaces(), min_size=1, max_size=4), st.integers(0, 2**32), st.sampled_from(["cut", "drop", "swap"]))
def test_a_damaged_page_is_refused_or_read_as_botocore_reads_it(items, seed, damage):
    """Where botocore refuses it too, it is ours to refuse."""
    page = damaged(a_page(*items), random.Random(seed), damage)
    try:
        found, rest = InterfaceXml().read(page)
        by_botocore(rest)
    except Exception:  # noqa: BLE001 - whatever it was, botocore's parser has the page then
        return
    assert found == by_botocore(page)


def damaged(page: bytes, rng: random.Random, damage: str) -> bytes:
    """The page without its end, without some of its tags, or with some in each other's place."""
    if damage == "cut":
        return page[: rng.randrange(len(page))]
    pieces = page.split(b"<")
    first, second = sorted(rng.sample(range(1, len(pieces)), 2))
    if damage == "drop":
        del pieces[first:second]
    else:
        pieces[first], pieces[second] = pieces[second], pieces[first]
    return b"<".join(pieces)
