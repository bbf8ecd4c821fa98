"""Pages read by our scanner against the same pages read by botocore's parser: equal, or refused."""

from collections.abc import Iterator

import pytest
from botocore.parsers import ResponseParserError

from functions.aws.interface_pages import Reading
from functions.aws.interface_xml import InterfaceXml
from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.owners import Owner
from tests.interface_pages import (
    a_page,
    addresses,
    an_item,
    by_botocore,
    in_pieces,
    ipv6_addresses,
    ipv6_prefixes,
    prefixes,
    tags,
)

NODE = "<attachment><instanceId>i-0123456789abcdef0</instanceId><instanceOwnerId>1</instanceOwnerId></attachment>"

READ = {
    "nothing but its id and subnet": [an_item()],
    "no interface at all": [],
    "an address": [an_item(addresses("10.0.0.5"))],
    "several, with their associations and names": [
        an_item(
            "<privateIpAddress>10.0.0.5</privateIpAddress><privateIpAddressesSet>"
            "<item><privateIpAddress>10.0.0.5</privateIpAddress><privateDnsName>ip-10-0-0-5</privateDnsName>"
            "<primary>true</primary><association><publicIp>3.3.3.3</publicIp></association></item>"
            "<item><privateIpAddress>10.0.0.9</privateIpAddress><primary>false</primary></item>"
            "</privateIpAddressesSet>"
        )
    ],
    "prefixes": [an_item(prefixes("10.0.0.16/28", "10.0.255.240/28"))],
    "prefixes with less before them than the others have": [
        an_item(prefixes("10.0.0.16/28", "10.0.0.32/28").replace("<item>", "<item> ")),
        an_item(prefixes("110.0.0.16/28")),
    ],
    "prefixes with less after them": [
        an_item(prefixes("10.0.0.16/28", "10.0.0.32/28").replace("</item>", " </item>")),
        an_item(prefixes("10.0.0.160/28")),
    ],
    "prefixes with something else among them": [
        an_item(prefixes("10.0.0.16/28", "10.0.0.32/28", "10.0.0.48/28").replace("</item>", "<a>1</a></item>", 1)),
        an_item(prefixes("10.0.1.16/28", "10.0.1.32/28")),
    ],
    "prefixes of both families": [
        an_item(
            prefixes("10.0.0.16/28"),
            ipv6_prefixes("2001:db8::/80", "2001:db8:0:0:ffff::/80", "2600:1f18:25c:cb01:5b5::/80"),
        )
    ],
    "IPv6 addresses, in every spelling": [
        an_item(ipv6_addresses("2001:db8::5", "2001:0DB8:0000:0000:0000:0000:0000:0006", "::ffff:10.0.0.5", "1::"))
    ],
    "IPv6 addresses with all that EC2 says of them": [
        an_item(
            "<ipv6AddressesSet><item><ipv6Address>2001:db8::5</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6>"
            "<publicIpv6DnsName>a.example</publicIpv6DnsName></item></ipv6AddressesSet>"
        )
    ],
    "IPv6 here and there, more than are read at once": [
        an_item(*([ipv6_addresses(f"2001:db8::{n}"), ipv6_prefixes(f"2001:db8:0:0:{n}::/80")] if n % 7 == 0 else []))
        for n in range(1, 130)
    ],
    "empty lists, written both ways": [
        an_item("<tagSet/><ipv4PrefixSet/><privateIpAddressesSet/><ipv6AddressesSet/><ipv6PrefixSet/>"),
        an_item("<tagSet></tagSet><ipv4PrefixSet> </ipv4PrefixSet><privateIpAddressesSet></privateIpAddressesSet>"),
        an_item("<ipv6AddressesSet>\n </ipv6AddressesSet><ipv6PrefixSet></ipv6PrefixSet>"),
    ],
    "empty texts, written both ways": [an_item("<description/>"), an_item("<description></description>")],
    "a node's": [an_item(NODE, "<description>aws-K8S-i-0123456789abcdef0</description>")],
    "nodes' in two clusters": [
        an_item(NODE, tags(**{"cluster.k8s.amazonaws.com__name": name, "node.k8s.amazonaws.com__createdAt": name}))
        for name in ("one", "two", "one")
    ],
    "two that differ in their instance only": [
        an_item(f"<attachment><instanceId>i-{n * 17}</instanceId></attachment>", tags(**{"eks:cluster-name": "one"}))
        for n in "ab"
    ],
    "a cluster with an instance's name": [an_item(NODE, tags(**{"eks:cluster-name": "x-i-0123456789abcdef0"}))],
    "an instance whose id is a common word": [
        an_item("<attachment><instanceId>i-</instanceId></attachment>", "<description>aws-K8S-i-1</description>")
    ],
    "a warm interface of the CNI's, attached to nothing": [
        an_item("<description>aws-K8S-i-0123456789abcdef0</description><attachment/>"),
        an_item(tags(**{"node.k8s.amazonaws.com__instance_id": "i-0123456789abcdef0"})),
    ],
    "a load balancer's": [
        an_item("<requesterId>amazon-elb</requesterId><description>ELB app/shop/1</description>"),
        an_item("<interfaceType>network_load_balancer</interfaceType>"),
        an_item("<attachment><instanceOwnerId>amazon-rds</instanceOwnerId></attachment>"),
    ],
    "texts with entities": [
        an_item(tags(**{"eks:cluster-name": "R&amp;D &lt;&gt; &quot;x&apos; &amp;lt;"})),
        an_item("<description>aws-K8S-i-&amp;</description>"),
    ],
    "texts beyond ASCII": [an_item(tags(**{"eks:cluster-name": "Zürich ☃"}))],
    "tags without values, and without keys": [
        an_item(
            "<tagSet><item><key>eks:cluster-name</key></item><item><value>x</value></item>"
            "<item><key>eks:eks-cluster-name</key><value/></item></tagSet>"
        )
    ],
    "a tag twice": [
        an_item(
            "<tagSet><item><key>eks:cluster-name</key><value>a</value></item>"
            "<item><key>eks:cluster-name</key><value>b</value></item></tagSet>"
        )
    ],
    "parts that nobody knows yet": [
        an_item("<novelty><deep><item>1</item><item>2</item></deep></novelty>", addresses("10.0.0.5"))
    ],
    "parts in another order here and there": [
        an_item("<vpcId>v</vpcId>", addresses("10.0.0.5")),
        an_item("<status>s</status><vpcId>v</vpcId>"),
        an_item("<status>s</status>", addresses("10.0.0.6"), "<zone>z</zone>"),
    ],
    "addresses that nothing has": [an_item(addresses("0.0.0.0"), ipv6_addresses("::"))],  # noqa: S104 - nothing is bound
    "an empty part that is full later on": [
        an_item("<attachment/>", "<description/>"),
        an_item("<attachment><instanceId>i-1</instanceId></attachment>", "<description>ELB a</description>"),
    ],
    "spread over lines": [f"\n {an_item(prefixes('10.0.0.16/28')).replace('><', '>{gap}<')}\n".format(gap="\n     ")],
}


@pytest.mark.parametrize("items", READ.values(), ids=READ.keys())
def test_read_as_botocore_reads_it(items):
    page = a_page(*items)
    found, rest = InterfaceXml().read(page)
    assert found == by_botocore(page)
    assert by_botocore(rest) == []
    assert b"<nextToken>more</nextToken>" in rest


REFUSED = {
    "a comment": a_page(an_item("<!-- x -->")),
    "CDATA": a_page(an_item("<description><![CDATA[ELB ]]></description>")),
    "a processing instruction": a_page(an_item("<?x y?>")),
    "an attribute": a_page(an_item('<vpcId a="b">v</vpcId>')),
    "a namespace": a_page(an_item("<x:vpcId>v</x:vpcId>")),
    "an entity by number": a_page(an_item("<description>&#69;LB app</description>")),
    "an entity of its own": a_page(an_item("<description>&nbsp;</description>")),
    "an ampersand alone": a_page(an_item("<description>R&D</description>")),
    "lines that end as in DOS": a_page(an_item("<description>a\r\nb</description>")),
    "bytes that are no UTF-8": a_page(an_item("<description>x</description>")).replace(b">x<", b">\xff<"),
    "a part twice": a_page(an_item("<subnetId>subnet-2</subnetId>")),
    "a closing tag of another": a_page(an_item("<vpcId>v</vpc>")),
    "a page cut short": a_page(an_item(), an_item("<vpcId>v</vpcId>"))[:-170],
    "an item cut short": a_page(an_item()).replace(b"</item>", b""),
    "no id": a_page("<item><subnetId>subnet-1</subnetId></item>"),
    "no subnet": a_page("<item><networkInterfaceId>eni-1</networkInterfaceId></item>"),
    "an empty interface": a_page("<item/>"),
    "an address that is none": a_page(an_item(addresses("10.0.0.256"))),
    "an address with zeros": a_page(an_item(addresses("10.0.0.05"))),
    "an item without its address": a_page(
        an_item("<privateIpAddressesSet><item><primary>true</primary></item></privateIpAddressesSet>")
    ),
    "an empty address": a_page(
        an_item("<privateIpAddressesSet><item><privateIpAddress/></item></privateIpAddressesSet>")
    ),
    "an empty item": a_page(an_item("<privateIpAddressesSet><item/></privateIpAddressesSet>")),
    "an address somewhere deeper": a_page(
        an_item(
            "<privateIpAddressesSet><item><a><privateIpAddress>10.0.0.1</privateIpAddress></a></item>"
            "</privateIpAddressesSet>"
        )
    ),
    "an address twice in an item": a_page(
        an_item(
            "<privateIpAddressesSet><item><privateIpAddress>10.0.0.1</privateIpAddress>"
            "<privateIpAddress>10.0.0.2</privateIpAddress></item></privateIpAddressesSet>"
        )
    ),
    "an address, and another deeper in the item": a_page(
        an_item(
            "<privateIpAddressesSet><item><privateIpAddress>10.0.0.1</privateIpAddress>"
            "<association><privateIpAddress>10.0.0.2</privateIpAddress></association></item></privateIpAddressesSet>"
        )
    ),
    "a tag's key twice, once deeper": a_page(
        an_item("<tagSet><item><key>a</key><value>b</value><c><key>d</key></c></item></tagSet>")
    ),
    "a list of something else": a_page(
        an_item("<privateIpAddressesSet><member><privateIpAddress>10.0.0.1</privateIpAddress></member>"
                "</privateIpAddressesSet>")
    ),
    "a prefix of another size": a_page(an_item(prefixes("10.0.0.0/27"))),
    "a prefix between the blocks": a_page(an_item(prefixes("10.0.0.8/28"))),
    "an IPv6 address that is none": a_page(an_item(ipv6_addresses("2001:db8::12345"))),
    "an IPv6 address with a zone": a_page(an_item(ipv6_addresses("fe80::1%eth0"))),
    "an IPv4 address for an IPv6 one": a_page(an_item(ipv6_addresses("10.0.0.5"))),
    "an item without its IPv6 address": a_page(
        an_item("<ipv6AddressesSet><item><isPrimaryIpv6>true</isPrimaryIpv6></item></ipv6AddressesSet>")
    ),
    "an IPv6 prefix of another size": a_page(an_item(ipv6_prefixes("2001:db8::/64"))),
    "an IPv6 prefix between the blocks": a_page(an_item(ipv6_prefixes("2001:db8::1/80"))),
    "an IPv6 prefix without a size": a_page(an_item(ipv6_prefixes("2001:db8::"))),
    "an item without its IPv6 prefix": a_page(an_item("<ipv6PrefixSet><item><a>b</a></item></ipv6PrefixSet>")),
    "an empty IPv6 prefix": a_page(an_item(ipv6_prefixes(""))),
    "a text with parts": a_page(an_item("<description>a<b>c</b></description>")),
    "an order that contradicts itself": a_page(an_item("<a/><b/>"), an_item("<b/><a/>")),
    "two sets": a_page(an_item(), after="<networkInterfaceSet></networkInterfaceSet>"),
    "something else before": a_page(an_item(), before="<x><y/></x>"),
    "another answer": b"<Response><Errors><Error><Code>x</Code></Error></Errors></Response>",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("page", REFUSED.values(), ids=REFUSED.keys())
def test_refused(page):
    with pytest.raises(UnexpectedXml):
        InterfaceXml().read(page)


def test_what_follows_the_interfaces_stays_botocores_to_judge():
    page = a_page(an_item())[:-20]
    _, rest = InterfaceXml().read(page)
    for each in (page, rest):
        with pytest.raises(ResponseParserError):
            by_botocore(each)


def test_interfaces_that_go_on_to_look_different_are_refused():
    wild = [an_item(f"<part{chr(97 + n // 26)}{chr(97 + n % 26)}/>") for n in range(600)]
    with pytest.raises(UnexpectedXml, match="different each time"):
        InterfaceXml().read(a_page(*wild))


def test_what_one_page_teaches_helps_with_the_next():
    reader = InterfaceXml()
    reader.read(a_page(*(an_item(addresses("10.0.0.5")) for _ in range(120))))
    learnt = reader.learnt
    found, _ = reader.read(a_page(*(an_item(addresses(f"10.0.0.{n + 5}"), id_=f"eni-{n}") for n in range(120))))
    assert learnt == reader.learnt == 1
    assert [each.id for each in found] == [f"eni-{n}" for n in range(120)]
    assert list(found[7].addresses) == [10 * 2**24 + 12]


def test_many_owners_are_told_apart_though_only_some_are_remembered():
    items = [
        an_item(f"<description>ELB app/{n}</description>", tags(**{"eks:cluster-name": str(n)})) for n in range(2500)
    ]
    page = a_page(*items)
    found, _ = InterfaceXml().read(page)
    assert found == by_botocore(page)
    assert {each.owner for each in found} == {Owner.LOAD_BALANCER}


# --- pages that come in pieces ---


def test_of_a_page_in_pieces_no_more_is_held_than_a_piece_and_an_interface():
    items = [an_item(addresses(f"10.0.0.{n + 5}"), id_=f"eni-{n}") for n in range(100)]
    page = a_page(*items)
    reading, seen = Reading(), list[int]()

    def arriving() -> Iterator[bytes]:
        for piece in in_pieces(page, 1000):
            seen.append(len(reading.found))
            yield piece

    rest = b"".join(reading.left_of(arriving()))
    assert len(rest) < 500
    assert by_botocore(rest) == []
    assert reading.found == by_botocore(page)
    assert all(found >= len(items) * n // len(seen) - 10 for n, found in enumerate(seen))


def test_what_is_not_as_expected_and_all_after_it_is_botocores():
    items = [an_item(addresses("10.0.0.5"), "<!-- x -->" if n == 50 else "", id_=f"eni-{n}") for n in range(100)]
    page = a_page(*items)
    reading = Reading()
    rest = b"".join(reading.left_of(in_pieces(page, 1000)))
    assert 40 < len(reading.found) <= 50
    assert reading.found + by_botocore(rest) == by_botocore(page)


@pytest.mark.parametrize("size", range(97, 120))
def test_a_piece_may_end_within_a_character_or_an_entity(size):
    page = a_page(*(an_item("<description>Zürich ☃ &amp;</description>", id_=f"eni-{n}") for n in range(20)))
    reading = Reading()
    rest = b"".join(reading.left_of(in_pieces(page, size)))
    assert reading.found == by_botocore(page)
    assert by_botocore(rest) == []


def test_interfaces_in_a_comment_are_none():
    inside = "".join(an_item(id_=f"eni-{n}") for n in range(20))
    page = a_page(
        *(an_item() for _ in range(3)), before=f"<!-- <networkInterfaceSet>{inside}</networkInterfaceSet> -->"
    )
    reading = Reading()
    rest = b"".join(reading.left_of(in_pieces(page, 300)))
    assert reading.found + by_botocore(rest) == by_botocore(page)


OF_ONE = {name: page for name, page in REFUSED.items() if page.count(b"<networkInterfaceId>") < 2}


@pytest.mark.parametrize("page", OF_ONE.values(), ids=OF_ONE.keys())
def test_a_refused_page_in_pieces_is_botocores_as_it_is(page):
    reading = Reading()
    assert b"".join(reading.left_of(in_pieces(page, 100))) == page
    assert reading.found == []
