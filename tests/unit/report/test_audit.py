"""What the report says: numbers against a count by hand, and what others get wrong about the same subnets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import netaddr  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings

from functions.capacity.clusters import Node, NodeGroup, Origin, Os
from functions.capacity.cni import CniSettings
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.model import Policy, Reservation, Snapshot, Subnet
from functions.capacity.owners import Owner
from functions.capacity.steering.samples import Sample
from functions.report.audit import Audit, audit
from functions.report.audit.facts import Record, shown
from functions.report.audit.severities import NO_FINDING
from tests.builders import (
    NOW,
    SUBNET,
    a_cluster,
    a_group,
    a_reservation,
    a_snapshot,
    a_subnet,
    an_interface,
    an_ipv6_reservation,
)
from tests.property.subnets import subnets
from tests.unit.report.fleet import SPACE, A, B, C, D, E, F, fleet, histories

POLICY = Policy()


def report_of(*found: Subnet, groups: Iterable[NodeGroup] = ()) -> Audit:
    groups = tuple(groups)
    recent = CniSettings(prefix_delegation=True, version=(1, 19, 2))
    return audit(a_snapshot(*found, groups=groups, cni={each.cluster: recent for each in groups}), policy=POLICY)


def only(records: Sequence[Record]) -> Record:
    (record,) = records
    return record


def of(report: Audit, id_: str) -> Record:
    return next(each for each in report.subnets if each.id == id_)


FLEET = audit(fleet(), policy=POLICY, histories=histories(), space=SPACE)


# --- counts, address by address ---


@settings(max_examples=60)
@given(subnets(shortest=23, longest=28))
def test_the_numbers_are_those_of_a_count_by_hand(subnet):
    facts = only(report_of(subnet).subnets)
    every = set(map(int, subnet.cidr))
    ordered = sorted(every)
    own = every - {*ordered[:4], ordered[-1]}
    prefixes = {int(p) for each in subnet.interfaces for p in each.prefixes}
    used = {a for each in subnet.interfaces for a in each.addresses} | {p + n for p in prefixes for n in range(16)}
    explicit = _covered(each for each in subnet.reservations if not each.reserves_prefixes)
    reserved = _covered(each for each in subnet.reservations if each.reserves_prefixes)
    free = own - used - explicit
    blocks = [set(range(n, n + 16)) for n in ordered[16:-16:16]]
    cover = netaddr.cidr_merge([netaddr.IPAddress(each) for each in free])
    assert facts["inUseAddresses"] == len(used & own)
    assert facts["freeAddresses"] == len(free)
    assert facts["allocatablePrefixes"] == len(blocks)
    assert facts["assignedPrefixes"] == len(prefixes)
    assert facts["freePrefixes"] == sum(each <= free for each in blocks)
    assert facts["reservedFreePrefixes"] == sum(each <= free & reserved for each in blocks)
    assert facts["freeCover"] == tuple(map(str, cover))
    widest = min(cover, key=lambda each: (each.prefixlen, each.first), default="")
    assert facts["largestFreeBlock"] == str(widest)


def _covered(reservations: Iterable[Reservation]) -> set[int]:
    return {int(address) for each in reservations for address in each.cidr}


def test_the_cover_by_size_sums_the_cover_up():
    facts = of(FLEET, A)
    cover, by_size = facts["freeCover"], facts["freeCoverBySize"]
    assert isinstance(cover, tuple)
    assert isinstance(by_size, dict)
    assert sum(by_size.values()) == len(cover)
    assert sum(n << (32 - int(size[1:])) for size, n in by_size.items()) == facts["freeAddresses"]


# --- what others get wrong ---


def test_explicit_reservations_are_not_free():
    """A /24 under two `explicit` /25s: EC2 assigns nothing there, however empty it is."""
    halves = [a_reservation(each, ours=False, kind="explicit") for each in ("10.0.0.0/25", "10.0.0.128/25")]
    facts = only(report_of(a_subnet(reservations=halves)).subnets)
    assert (facts["freeAddresses"], facts["freePrefixes"], facts["largestFreeBlock"]) == (0, 0, "")
    assert facts["problems"] == (
        "No /28 block is free: EC2 would refuse the next prefix (InsufficientCidrBlocks)",
        "No address is free: EC2 would refuse every new interface",
    )


def test_exhaustion_is_said_first_and_is_no_fine_score():
    full = a_subnet(interfaces=[an_interface(*(f"10.0.0.{n}" for n in range(4, 255)))])
    report = report_of(full, groups=[a_group(desired=2, most=2)])
    assert only(report.subnets)["worst"] == "critical"
    assert f"1 subnet has no free /28 at all ({SUBNET})." in report.verdict
    assert report.findings[0].id is FindingId.SHORTAGE
    assert report.calls_for_action


def test_a_subnet_without_any_node_that_is_full_is_told_all_the_same():
    full = a_subnet(interfaces=[an_interface(*(f"10.0.0.{n}" for n in range(4, 255)))])
    report = report_of(full)
    assert only(report.subnets)["worst"] == "info"
    assert only(report.subnets)["problems"] != ()


def test_interfaces_that_cannot_be_seen_make_the_subnet_unknown_and_never_fine():
    report = report_of(a_subnet(available=100), groups=[a_group(desired=2, most=2)])
    facts = only(report.subnets)
    assert (facts["worst"], facts["prefixesMissing"]) == ("unknown", None)
    assert "EC2 counts 100 available addresses" in str(facts["partial"])
    assert "not known" in str(facts["forecast"])
    assert FindingId.SHORTAGE not in {each.id for each in report.findings}
    assert {each.severity for each in report.findings if each.id is FindingId.PARTIAL} == {Severity.UNKNOWN}
    assert any(SUBNET in each for each in report.unknowns)
    assert report.calls_for_action


def test_a_view_that_is_not_whole_proves_no_shortage():
    full = a_subnet(interfaces=[an_interface(*(f"10.0.0.{n}" for n in range(4, 255)))], available=100)
    report = report_of(full, groups=[a_group(desired=2, most=2)])
    assert {FindingId.PARTIAL} <= {each.id for each in report.findings}
    assert FindingId.SHORTAGE not in {each.id for each in report.findings}
    assert "cannot hold" not in report.verdict


def test_what_a_snapshot_leaves_out_makes_its_subnets_unknown():
    report = report_of(replace(a_subnet(), unread="its reservations"))
    assert only(report.subnets)["worst"] == "unknown"
    assert any("its reservations were not read" in each for each in report.unknowns)


def test_what_is_free_in_part_of_a_view_is_not_added_to_what_is_free():
    report = report_of(a_subnet(available=100))
    assert only(report.subnets)["freePrefixes"] == 14
    assert {each.key: each.value for each in report.totals}["freePrefixes"] == 0


def test_scattered_singles_can_be_found_by_their_interfaces():
    """The way to free blocks names the interfaces to move, also where no block holds more than one of them."""
    scattered = [
        replace(an_interface(f"10.0.0.{16 * n + 5}", interface_id=f"eni-{n}"), owner=Owner.DATABASE) for n in range(16)
    ]
    report = report_of(a_subnet(interfaces=scattered), groups=[a_group(desired=1, most=1)])
    steps = "\n".join(step for each in report.findings for step in each.remedy)
    assert "RDS databases" in steps
    assert "eni-1 eni-2" in steps
    assert only(report.subnets)["pinnedBlocksByOwner"] == {"RDS database": 14}


def test_ipv6_is_told():
    subnet = a_subnet(
        interfaces=[an_interface("10.0.0.5", ipv6_prefixes=["2001:db8::1:0:0:0/80"], instance_id="i-1")],
        ipv6_cidr="2001:db8::/64",
        ipv6_reservations=[an_ipv6_reservation("2001:db8::8000:0:0:0/65")],
    )
    report = report_of(subnet)
    facts = only(report.subnets)
    assert facts["ipv6AllocatablePrefixes"] == 65534
    assert facts["ipv6AssignedPrefixes"] == 1
    assert facts["ipv6FreePrefixes"] == 65533
    assert facts["ipv6ReservedFreePrefixes"] == 32767
    assert facts["ipv6LargestFreeBlock"] == "2001:db8:0:0:4000::/66"
    reservation = only(report.reservations)
    assert (reservation["blocks"], reservation["freeBlocks"]) == (32768, 32767)


# --- what could not be read ---


@pytest.mark.parametrize(
    ("snapshot", "says"),
    [
        (a_snapshot(), "no subnet was read"),
        (a_snapshot(a_subnet()), "no cluster was read, so it is not known what will be asked of the subnets"),
        (
            replace(a_snapshot(a_subnet(), groups=[a_group()]), whole=frozenset()),
            "cluster demo: not all of its subnets",
        ),
        (
            replace(a_snapshot(a_subnet(), groups=[a_group()]), clusters={}, whole=frozenset()),
            "cluster demo: it was not",
        ),
        (replace(a_snapshot(a_subnet()), unknowns=("a page failed",)), "a page failed"),
        (
            a_snapshot(replace(a_subnet(), tags={"headroom:max-reservations": "many"})),
            f"subnet {SUBNET}: the subnet's tag headroom:max-reservations is 'many'",
        ),
    ],
    ids=["no subnets", "no clusters", "part of a cluster", "groups alone", "as the reader says", "a tag's mistake"],
)
def test_what_was_not_read_is_named(snapshot: Snapshot, says):
    report = audit(snapshot, policy=POLICY)
    assert [each for each in report.unknowns if says in each]
    assert "could not be read" in report.verdict
    assert report.calls_for_action


def test_a_group_of_which_nobody_knows_what_it_asks_makes_its_subnet_unknown():
    groups = [a_group(types=["x9.mystery"])]
    facts = only(report_of(a_subnet(), groups=groups).subnets)
    assert facts["demandUnknownOf"] == ("demo/workers",)
    assert facts["worst"] == "unknown"


def test_pods_whose_subnet_nobody_knows_are_named():
    apart = CniSettings(prefix_delegation=True, custom_networking=True)
    report = audit(a_snapshot(a_subnet(), groups=[a_group()], cni={"demo": apart}), policy=POLICY)
    assert any("ENIConfigs say it, and they were not read" in each for each in report.unknowns)


def test_settings_that_could_not_be_read_are_unknown_and_not_the_defaults():
    cluster = only(audit(_without_settings(), policy=POLICY).clusters)
    assert {cluster[key] for key in ("cniVersion", "prefixDelegation", "warmPrefixTarget", "customNetworking")} == {
        None
    }
    assert cluster["unknown"] == "vpc-cni's settings were not read"


def _without_settings() -> Snapshot:
    return replace(a_snapshot(a_subnet(), groups=[a_group()]), clusters={"demo": a_cluster(cni=None)})


def test_a_setting_that_nobody_made_is_told_apart_from_one_that_is_not_known():
    cluster = next(each for each in FLEET.clusters if each.id == "shop")
    assert (cluster["warmIpTarget"], cluster["warmPrefixTarget"]) == ("not set", 1)


# --- capacity, real and recommended ---


def test_a_group_says_the_pods_its_nodes_take_and_those_recommended():
    group = next(each for each in FLEET.node_groups if each.id == "shop/workers")
    assert (group["maxPods"], group["recommendedMaxPods"]) == (29, 29)
    assert group["recommendedPerType"] == {"c4.large": 29, "m5.large": 110}
    assert (group["podsNow"], group["podsRecommended"]) == (18 * 29, 18 * 110)
    assert (group["heldPrefixes"], group["heldInterfaces"]) == (18, 18)


def test_a_group_of_unknown_types_has_unknown_capacity_with_the_reasons():
    group = next(each for each in FLEET.node_groups if each.id == "ledger/default")
    assert {group[key] for key in ("maxPods", "recommendedMaxPods", "podsNow", "podsRecommended")} == {None}
    assert group["maxSize"] == "no bound known"
    assert "its launch template was deleted" in shown(group["unknown"])
    assert "the limits of x9.mystery are not known" in shown(group["unknown"])


@pytest.mark.parametrize(
    ("group", "pods"),
    [
        (a_group(), 110),
        (a_group(types=["m5.large", "c4.large"]), 29),
        (a_group(types=["m5.large", "x9.mystery"]), None),
        (replace(a_group(), os=Os.WINDOWS), 9),
        (replace(a_group(types=["m5.8xlarge"]), origin=Origin.AUTO_MODE), 110),
    ],
    ids=["prefixes", "the smallest of its types", "a type that is not known", "Windows without prefixes", "Auto Mode"],
)
def test_the_recommended_maximum_of_pods(group, pods):
    assert only(report_of(a_subnet(), groups=[group]).node_groups)["recommendedMaxPods"] == pods


def test_nodes_of_a_type_that_the_group_does_not_name_count_as_the_smallest():
    group = replace(a_group(), nodes=(Node(instance_id="i-1", subnet_id=SUBNET, instance_type="m6i.large"),))
    record = only(report_of(a_subnet(), groups=[group]).node_groups)
    assert record["podsNow"] == 110


# --- reservations, findings, outlook ---


def test_each_reservation_says_whose_it_is_and_what_is_in_it():
    told = {each.id: [each[key] for key in ("whose", "type", "blocks", "freeBlocks")] for each in FLEET.reservations}
    assert told["scr-0a140700"] == ["Headroom", "prefix", 8, 0]
    assert told["scr-0a1406c0"][:2] == ["others", "prefix"]
    assert told["scr-0a140800"] == ["others", "explicit", 8, 0]
    assert told["scr-06"] == ["Headroom", "prefix", 32768, 32767]


def test_a_reservation_says_what_keeps_it_from_draining():
    pinned = {each.id: each["pinnedBy"] for each in FLEET.reservations if each["pinnedBy"]}
    assert pinned == {"scr-0a140700": ("RDS database", "load balancer")}


def test_the_state_of_each_subnet():
    assert {each.id: each["worst"] for each in FLEET.subnets} == {
        A: "critical",
        B: NO_FINDING,
        C: "info",
        D: "unknown",
        E: NO_FINDING,
        F: "unknown",
    }


def test_findings_come_the_gravest_first():
    order = [each.severity for each in FLEET.findings]
    ranks = ["critical", "warning", "unknown", "info"]
    assert order == sorted(order, key=ranks.index)
    assert len(set(order)) > 1


def test_a_shortage_comes_with_a_way_out_in_the_vpc():
    (shortage,) = (each for each in FLEET.findings if each.id is FindingId.SHORTAGE)
    assert of(FLEET, A)["prefixesMissing"] == 91
    assert "lacks 91 of the 94 prefixes" in shortage.title
    assert any("create-subnet" in step and "10.20.16.0/20" in step for step in shortage.remedy)


def test_a_shortage_where_headroom_may_not_act_begins_with_letting_it():
    full = a_subnet(mode="", interfaces=[an_interface(*(f"10.0.0.{n}" for n in range(4, 255)))])
    report = report_of(full, groups=[a_group(desired=1, most=1)])
    (shortage,) = (each for each in report.findings if each.id is FindingId.SHORTAGE)
    assert "Key=headroom:mode,Value=ahead" in shortage.remedy[0]


def test_a_forecast_rests_on_the_history_that_was_given():
    assert "full today about 21:00 UTC" in str(of(FLEET, A)["forecast"])
    assert of(FLEET, A)["samples"] == 72
    assert of(FLEET, B)["forecast"] == "not enough history"
    assert of(FLEET, F)["forecast"] == "too small for any prefix"


def test_samples_from_after_the_snapshot_do_not_count():
    later = {A: (Sample(at=NOW + timedelta(hours=1), latest=0, singles=0, free=0),)}
    assert of(audit(fleet(), policy=POLICY, histories=later), A)["forecast"] == "not enough history"


def test_the_plan_is_what_headroom_would_do_now():
    facts = of(FLEET, A)
    planned = facts["plannedReservations"]
    assert isinstance(planned, tuple)
    assert planned
    assert all(IPv4Network(each).subnet_of(IPv4Network("10.20.4.0/22")) for each in planned)
    assert of(FLEET, C)["plan"] == "only watching: the subnet's tag does not ask for more"


def test_a_fine_subnet_of_a_fine_cluster_calls_for_nothing():
    node = an_interface("10.0.0.20", prefixes=["10.0.0.32/28"], instance_id="i-1")
    reserved = [a_reservation("10.0.0.64/26"), a_reservation("10.0.0.128/26")]
    node_of = Node(instance_id="i-1", subnet_id=SUBNET, instance_type="m5.large", launched_at=NOW - timedelta(days=9))
    group = replace(a_group(), nodes=(node_of,))
    report = report_of(a_subnet(interfaces=[node], reservations=reserved), groups=[group])
    assert [each.title for each in report.findings if each.severity is not Severity.INFO] == []
    assert report.unknowns == ()
    assert only(report.subnets)["worst"] == NO_FINDING
    assert not report.calls_for_action


def test_an_address_outside_the_subnet_is_not_its_own():
    inside, outside = "10.0.0.9", str(IPv4Address("100.64.0.9"))
    facts = only(report_of(a_subnet(interfaces=[an_interface(inside, outside)], available=250)).subnets)
    assert facts["inUseAddresses"] == 1
