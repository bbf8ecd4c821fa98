"""One finding of each id, as the checks themselves make it."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from functions.capacity.advice import advice
from functions.capacity.arrivals import Kind
from functions.capacity.clusters import Addon, Node
from functions.capacity.findings import CHECKS
from functions.capacity.findings.facts import Facts
from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.findings.own import Denied, events_missing, not_permitted, switch_unreadable, tripped
from functions.capacity.findings.subnet_numbers import place
from functions.capacity.findings.subnet_state import Situation, reserved, subnet_state
from functions.capacity.owners import Owner
from functions.capacity.pins import Holder, Newcomer
from functions.capacity.vpc_space import VpcSpace
from tests.builders import NOW, SUBNET, a_cluster, a_group, a_reservation, a_subnet, an_analysis, an_interface
from tests.unit.findings.nodes import NOTHING_SAID, a_node, days_ago, holding, nodes, own_ami, with_max_pods
from tests.unit.findings.test_commands import views
from tests.unit.findings.views import a_view, settings, with_settings

OURS = tuple(
    a_reservation(cidr, reservation_id=f"scr-0123456789abcdef{n}")
    for n, cidr in enumerate(["10.0.0.64/26", "10.0.0.128/27"])
)
OTHERS = [an_interface(f"10.0.0.{n}", interface_id=f"eni-{n}") for n in (5, 33, 37, 70, 200)]
NODE = an_interface("10.0.0.20", prefixes=["10.0.0.128/28"], instance_id="i-1", interface_id="eni-node")
STRAY = Newcomer(
    reservation_id=OURS[0].id,
    holder=Holder(address=int(IPv4Address("10.0.0.70")), interface_id="eni-70", owner=Owner.LAMBDA, primary=True),
)
SPACE = VpcSpace(
    vpc_id="vpc-0a1b2c3d4e5f60718", cidrs=(IPv4Network("10.0.0.0/16"),), subnets=(IPv4Network("10.0.0.0/24"),)
)
UNSEEN = "EC2 counts 200 available addresses, the interfaces and reservations that could be read explain 129 to 229"


def a_situation(*, mode: str = "ahead", desired: int = 2) -> Situation:
    """A subnet with a running node, a few other addresses and two reservations of ours; its group may have four."""
    subnet = replace(a_subnet(mode=mode, interfaces=[NODE, *OTHERS], reservations=OURS), vpc_id=SPACE.vpc_id)
    analysis = an_analysis(subnet, a_group(desired=desired, most=4, nodes=["i-1"]))
    return Situation(analysis=analysis, ours=OURS, why_not="the rest is needed for single addresses")


def of_subnets() -> Iterator[Finding]:
    now = a_situation()
    told = (each.replace("\n   ", "\n") for each in advice(now.analysis, SPACE))
    (shortage,) = subnet_state(now)
    yield replace(shortage, remedy=tuple(told), numbers={**shortage.numbers, "outlook": "not enough history"})
    partial = replace(now, analysis=replace(now.analysis, partial=UNSEEN))
    for each in (partial, replace(now, newcomers=(STRAY,))):
        yield next(subnet_state(each))
    made, _ = reserved(now, frozenset())
    assert made is not None
    yield made


def of_itself() -> Iterator[Finding]:
    yield tripped(SUBNET, "3 surprises in 6 hours: 10.0.0.64/26 vanished", place(a_situation().subnet))
    yield not_permitted(Denied(action="ec2:DescribeSubnets", resource="", message="UnauthorizedOperation: no"))
    yield switch_unreadable(
        "the switch /Headroom/switch says 'maybe', which is neither act nor observe", "/Headroom/switch"
    )
    yield events_missing(Kind.API_CALLS, Node(instance_id="i-1", subnet_id=SUBNET, launched_at=NOW))


def of_nodes() -> Iterator[Facts]:
    cluster = a_cluster(cni=settings(), addon=Addon(modified_at=days_ago(2)))
    two = ["m5.large", "c4.large"]
    for group, subnet in (
        (replace(a_group(), nodes=nodes("i-1")), holding(singles=20, prefixes=1)),
        (replace(a_group(), nodes=nodes("i-1")), holding(singles=9)),
        (replace(a_group(types=two), nodes=(a_node(), a_node("i-2", instance_type="c4.large"))), holding(prefixes=1)),
        (a_group(types=["c4.large"]), a_subnet()),
        (own_ami(with_max_pods(110), types=two), a_subnet()),
        (own_ami(with_max_pods(29)), a_subnet()),
        (own_ami(NOTHING_SAID), a_subnet()),
    ):
        yield a_view(group, cluster=cluster, subnets=[subnet])
    yield with_settings(a_group(most=20), prefix_delegation=False)


def samples() -> dict[FindingId, Finding]:
    """By id; of several the gravest, and of those the one with most to do."""
    found = [*of_subnets(), *of_itself()]
    found += [each for view in (*of_nodes(), *views()) for check in CHECKS for each in check(view)]
    rank = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.INFO: 1, Severity.UNKNOWN: 0}
    found.sort(key=lambda each: (rank[each.severity], len("".join(each.remedy)), each.title))
    return {each.id: each for each in found}


SAMPLES = samples()
