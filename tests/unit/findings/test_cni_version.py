from typing import Any

import pytest

from functions.capacity.clusters import Addon, Origin, Os
from functions.capacity.findings.cni_settings import cni_settings_unreadable
from functions.capacity.findings.cni_version import cni_downgrade, cni_too_old
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.model import InstanceType
from tests.builders import TYPES, a_cluster, a_group, a_subnet, an_interface
from tests.unit.findings.views import a_view, commands, group_with, only, settings, with_settings

METAL = InstanceType(name="m5.metal", interfaces=15, addresses_per_interface=50, vcpus=96, nitro=True, bare_metal=True)
ONE_NODE = a_group(nodes=["i-1"])
HELD = a_subnet(interfaces=[an_interface("10.0.0.4", prefixes=["10.0.0.16/28", "10.0.0.32/28"], instance_id="i-1")])
SINGLES = a_subnet(interfaces=[an_interface("10.0.0.4", "10.0.0.5", instance_id="i-1")])


def test_a_cni_below_the_floor_in_prefix_mode_is_a_trap_while_nothing_holds_prefixes():
    found = only(cni_too_old, with_settings(version=(1, 8, 9)))
    assert (found.id, found.severity) == (FindingId.CNI_TOO_OLD, Severity.WARNING)
    assert str(found.resource) == "cluster/demo"
    assert found.numbers == {"version": "v1.8.9", "floor": "v1.9.0", "nodesWithPrefixes": 0, "prefixes": 0}
    assert "single addresses" in found.means
    assert "aws eks update-addon --cluster-name demo --addon-name vpc-cni" in commands(found)


def test_it_is_critical_once_nodes_hold_prefixes():
    facts = a_view(ONE_NODE, cluster=a_cluster(cni=settings(version=(1, 8, 0))), subnets=[HELD])
    found = only(cni_too_old, facts)
    assert found.severity is Severity.CRITICAL
    assert (found.numbers["nodesWithPrefixes"], found.numbers["prefixes"]) == (1, 2)


def test_it_is_critical_in_ipv6_where_there_is_nothing_to_fall_back_to():
    found = only(cni_too_old, with_settings(version=(1, 10, 0), ipv6=True))
    assert (found.severity, found.numbers["floor"]) == (Severity.CRITICAL, "v1.10.1")


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"version": (1, 9, 0)}, id="the first version with prefixes"),
        pytest.param({"version": (1, 10, 1), "ipv6": True}, id="the first version that EKS allows in IPv6 clusters"),
        pytest.param({"version": (1, 8, 9), "prefix_delegation": False}, id="an old one without prefix mode"),
    ],
)
def test_a_version_that_can_is_no_finding(of):
    assert not list(cni_too_old(with_settings(**of)))


def test_bare_metal_needs_a_later_version_than_the_others_and_only_its_group_is_named():
    groups = a_group(name="metal", types=["m5.metal"]), a_group(name="others")
    cluster = a_cluster(cni=settings(version=(1, 10, 4)))
    found = only(cni_too_old, a_view(*groups, cluster=cluster, types={**TYPES, METAL.name: METAL}))
    assert (str(found.resource), found.severity) == ("nodegroup/demo/metal", Severity.WARNING)
    assert (found.numbers["floor"], found.numbers["bareMetalTypes"]) == ("v1.11.0", ["m5.metal"])


def test_bare_metal_under_the_first_version_that_can_is_no_finding():
    cluster = a_cluster(cni=settings(version=(1, 11, 0)))
    assert not list(cni_too_old(a_view(a_group(types=["m5.metal"]), cluster=cluster, types={METAL.name: METAL})))


def test_a_version_that_was_not_read_is_unknown_in_prefix_mode_and_does_not_matter_without():
    assert only(cni_too_old, with_settings(version=None)).severity is Severity.UNKNOWN
    assert not list(cni_too_old(with_settings(version=None, prefix_delegation=False)))


def test_a_self_managed_cni_is_sent_to_its_own_way_of_updating():
    found = only(cni_too_old, with_settings(cluster={"addon": None}, version=(1, 8, 0)))
    assert "vpc-add-on-self-managed-update" in commands(found)
    assert "update-addon" not in commands(found)


def downgrading(to, *, subnet=HELD, group=ONE_NODE, running=(1, 19, 2), **of: Any):
    addon = Addon(version=running, status="UPDATING", updating_to=to)
    cluster = a_cluster(cni=settings(**{"version": running} | of), addon=addon, ipv6=of.get("ipv6", False))
    return a_view(group, cluster=cluster, subnets=[subnet], types={**TYPES, METAL.name: METAL})


def test_a_downgrade_below_the_floor_is_critical_before_it_is_done_while_nodes_hold_prefixes():
    found = only(cni_downgrade, downgrading((1, 8, 0)))
    assert (found.id, found.severity) == (FindingId.CNI_DOWNGRADE, Severity.CRITICAL)
    assert found.numbers == {
        "from": "v1.19.2",
        "to": "v1.8.0",
        "floor": "v1.9.0",
        "nodesWithPrefixes": 1,
        "prefixes": 2,
    }
    assert "starts_with(addonVersion, 'v1.19.2-')" in commands(found)
    assert "aws eks wait addon-active --cluster-name demo --addon-name vpc-cni" in commands(found)


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        pytest.param(downgrading((1, 8, 0), subnet=SINGLES), "warning", id="prefix mode on, no node holds any"),
        pytest.param(downgrading((1, 8, 0), prefix_delegation=False), "critical", id="prefix mode off, still held"),
        pytest.param(downgrading((1, 10, 0), ipv6=True), "critical", id="below IPv6's floor"),
        pytest.param(
            downgrading((1, 10, 4), group=a_group(types=["m5.metal"], nodes=["i-1"])), "critical", id="below metal's"
        ),
        pytest.param(downgrading((1, 8, 0), running=None), "critical", id="from a version that is not known"),
    ],
)
def test_a_downgrade_is_judged_by_what_is_in_use(facts, severity):
    assert only(cni_downgrade, facts).severity == severity


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(downgrading((1, 9, 0)), id="to the floor itself"),
        pytest.param(downgrading(None), id="no update under way"),
        pytest.param(downgrading((1, 10, 4)), id="below metal's floor, but without bare metal"),
        pytest.param(downgrading((1, 8, 0), subnet=SINGLES, prefix_delegation=False), id="no prefixes at all"),
        pytest.param(downgrading((1, 8, 0), running=(1, 7, 5)), id="an upgrade that does not reach the floor"),
    ],
)
def test_an_update_that_takes_no_prefixes_away_is_no_finding(facts):
    assert not list(cni_downgrade(facts))


def test_a_downgrade_of_a_cluster_whose_mode_is_not_known_is_unknown_unless_nodes_hold_prefixes():
    cluster = a_cluster(cni=None, addon=Addon(version=(1, 19, 2), updating_to=(1, 8, 0)))
    assert only(cni_downgrade, a_view(ONE_NODE, cluster=cluster, subnets=[SINGLES])).severity is Severity.UNKNOWN
    assert only(cni_downgrade, a_view(ONE_NODE, cluster=cluster, subnets=[HELD])).severity is Severity.CRITICAL


def test_settings_that_were_not_read_are_unknown_with_the_reason():
    found = only(cni_settings_unreadable, a_view(ONE_NODE, cluster=a_cluster(cni=None)))
    assert (found.id, found.severity) == (FindingId.CNI_SETTINGS, Severity.UNKNOWN)
    assert "vpc-cni's settings were not read" in found.title
    assert found.numbers == {"nodeGroups": 1, "nodes": 1}


def test_a_self_managed_cni_is_shown_the_way_to_let_it_be_read():
    found = only(cni_settings_unreadable, a_view(ONE_NODE, cluster=a_cluster(cni=None, addon=None)))
    assert "docs/self-managed-cni.md" in commands(found)


def test_custom_networking_without_its_eni_configs_is_unknown_and_with_them_not():
    cni = settings(custom_networking=True)
    found = only(cni_settings_unreadable, a_view(ONE_NODE, cluster=a_cluster(cni=cni)))
    assert (found.severity, "ENIConfigs" in found.title) == (Severity.UNKNOWN, True)
    read = a_cluster(cni=cni, pod_subnets={"us-east-1a": "subnet-0aa1bb2cc3dd4ee5f"})
    assert not list(cni_settings_unreadable(a_view(ONE_NODE, cluster=read)))


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param((), id="no nodes to judge"),
        pytest.param((group_with(origin=Origin.AUTO_MODE),), id="EKS Auto Mode's nodes, which have a CNI of their own"),
    ],
)
def test_unread_settings_that_nothing_depends_on_are_no_finding(groups):
    assert not list(cni_settings_unreadable(a_view(*groups, cluster=a_cluster(cni=None))))


def test_windows_nodes_hold_prefixes_that_aws_node_has_no_part_in():
    facts = downgrading((1, 8, 0), group=group_with(ONE_NODE, os=Os.WINDOWS), prefix_delegation=False)
    assert not list(cni_downgrade(facts))
