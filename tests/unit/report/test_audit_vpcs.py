"""What the report says of VPCs, and of where subnets come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from functions.capacity.model import Policy
from functions.capacity.steering.samples import Sample
from functions.capacity.vpc_space import VpcSpace
from functions.report.audit import audit
from functions.report.audit.facts import Record
from functions.report.audit.trends import trend_of
from tests.builders import NOW, a_snapshot, a_subnet


def space(*subnets: str, cidrs: tuple[str, ...] = ("10.0.0.0/16",), unsettled: tuple[str, ...] = ()) -> VpcSpace:
    return VpcSpace(
        vpc_id="vpc-1",
        cidrs=tuple(map(IPv4Network, cidrs)),
        subnets=tuple(map(IPv4Network, subnets)),
        unsettled=tuple(map(IPv4Network, unsettled)),
    )


def vpc(found: VpcSpace | None) -> Record:
    snapshot = a_snapshot(replace(a_subnet(), vpc_id="vpc-1"))
    (record,) = audit(snapshot, policy=Policy(), space={"vpc-1": found} if found else {}).vpcs
    return record


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            space("10.0.0.0/17", "10.0.128.0/18"),
            {
                "subnetCount": 2,
                "addresses": 65536,
                "addressesInNoSubnet": 16384,
                "largestRangeInNoSubnet": "10.0.192.0/18",
                "rangesInNoSubnetBySize": {"/18": 1},
                "cidrsWithinQuota": 4,
                "rangeToAdd": "100.64.0.0/16",
            },
            id="a quarter is left",
        ),
        pytest.param(
            space("10.0.0.0/16"),
            {"addressesInNoSubnet": 0, "largestRangeInNoSubnet": "", "rangesInNoSubnetBySize": {}},
            id="nothing is left",
        ),
        pytest.param(
            space("10.0.0.0/24", "10.1.0.0/17", cidrs=("10.0.0.0/16", "10.1.0.0/16")),
            {
                "addressesInNoSubnet": 65536 - 256 + 32768,
                "largestRangeInNoSubnet": "10.0.128.0/17",
                "rangesInNoSubnetBySize": {"/17": 2} | {f"/{n}": 1 for n in range(18, 25)},
                "cidrsWithinQuota": 3,
            },
            id="over two CIDRs, the lowest of the largest",
        ),
        pytest.param(
            space(unsettled=("100.64.0.0/16",)),
            {"unsettledCidrs": ("100.64.0.0/16",), "cidrsWithinQuota": 3, "rangeToAdd": "100.65.0.0/16"},
            id="a CIDR that is being added counts towards the quota and is not proposed",
        ),
    ],
)
def test_the_room_in_a_vpc(found, expected):
    record = vpc(found)
    assert {key: record[key] for key in expected} == expected


def test_of_a_vpc_that_was_not_read_all_but_its_subnets_here_is_unknown():
    record = vpc(None)
    assert record["subnetIds"] == (a_subnet().id,)
    assert {each.value for each in record.facts if each.key != "subnetIds"} == {None}
    assert [each.key for each in record.facts] == [each.key for each in vpc(space()).facts]


def test_a_subnet_that_names_no_vpc_makes_no_record():
    assert audit(a_snapshot(replace(a_subnet(), vpc_id="")), policy=Policy()).vpcs == ()


def looks(*free: int) -> tuple[Sample, ...]:
    return tuple(
        Sample(at=NOW - timedelta(hours=len(free) - n), latest=0, singles=0, free=each) for n, each in enumerate(free)
    )


def subnet_with(history: tuple[Sample, ...]) -> Record:
    (record,) = audit(a_snapshot(a_subnet()), policy=Policy(), histories={a_subnet().id: history}).subnets
    return record


def test_a_trend_is_told_in_numbers_and_in_words():
    record, now = subnet_with(looks(9, 12)), 14
    assert record["freePrefixes"] == now
    assert record["trend"] == f"9 on 2026-11-23 10:00 UTC, {now} now, at most {now}, in 3 looks"
    assert record["trendSince"] == (NOW - timedelta(hours=2)).isoformat()
    assert (record["trendFreePrefixes"], record["trendMostFreePrefixes"]) == (9, 14)


def test_where_nobody_looked_before_the_trend_is_unknown_and_not_flat():
    record = subnet_with(())
    assert {record[key] for key in ("trend", "trendSince", "trendFreePrefixes", "trendMostFreePrefixes")} == {None}


def test_a_look_at_the_same_moment_or_later_is_no_past():
    later = Sample(at=NOW + timedelta(minutes=1), latest=0, singles=0, free=1)
    assert trend_of((replace(later, at=NOW), later), 3, NOW) is None
