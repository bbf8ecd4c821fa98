"""What people are told to do for a subnet that cannot hold its demand."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from functions.capacity.advice import LISTED, WarmReturn, advice, warm_returns
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.clusters import NodeGroup, Origin, Os
from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.model import Interface, Subnet
from functions.capacity.owners import Owner
from functions.capacity.vpc_space import VpcSpace
from tests.builders import SUBNET, a_group, a_reservation, a_snapshot, a_subnet, an_analysis, an_interface
from tests.unit.findings.test_commands import problems

MANY = a_group(desired=2, most=40)  # 40 full m5.large: 280 prefixes and 40 single addresses, a /19
TAKEN = IPv4Network("10.0.0.0/24"), IPv4Network("10.0.64.0/18")
ROOM = VpcSpace(vpc_id="vpc-1", cidrs=(IPv4Network("10.0.0.0/16"),), subnets=TAKEN)
NO_ROOM = replace(ROOM, subnets=(IPv4Network("10.0.0.0/17"), IPv4Network("10.0.128.0/17")))


def owned(owner: Owner, *addresses: str, interface_id: str) -> Interface:
    return replace(an_interface(*addresses, interface_id=interface_id), owner=owner)


def lacking(
    *groups: NodeGroup, interfaces: Iterable[Interface] = (), mode: str = "ahead", cidr: str = "10.0.0.0/24"
) -> Analysis:
    subnet = replace(a_subnet(cidr, interfaces=interfaces, mode=mode), vpc_id="vpc-1")
    return an_analysis(subnet, *(groups or (MANY,)))


def words(steps: Iterable[str]) -> list[str]:
    return [step.partition("\n")[0] for step in steps]


def commands(steps: Iterable[str], starts: str) -> list[str]:
    lines = (line.strip() for step in steps for line in step.splitlines()[1:])
    return [line for line in lines if line.startswith(starts)]


def test_where_nothing_is_missing_there_is_nothing_to_do():
    assert advice(lacking(a_group(most=1)), ROOM) == ()


def test_of_a_view_that_is_not_whole_nothing_is_said():
    assert advice(replace(lacking(), partial="EC2 counts 9"), ROOM) == ()


# --- a new subnet ---


def test_a_new_subnet_has_a_free_range_of_the_right_size_in_the_same_zone():
    steps = advice(lacking(), ROOM)
    assert steps[0] == (
        f"Make a new subnet in the VPC's free space, with new node groups and {SUBNET}'s route table:\n"
        "   aws ec2 create-subnet --vpc-id vpc-1 --cidr-block 10.0.32.0/19 --availability-zone us-east-1a "
        "--tag-specifications 'ResourceType=subnet,Tags=[{Key=headroom:mode,Value=steer}]'"
    )


def test_where_the_vpc_has_no_room_it_gets_a_range_with_room_for_more():
    (step, *_) = advice(lacking(), NO_ROOM)
    assert "routes, peerings and networks beyond the VPC were not checked" in step
    assert "allowed by default" not in step
    assert [line.split("--tag")[0].strip() for line in commands([step], "aws ec2")] == [
        "aws ec2 associate-vpc-cidr-block --vpc-id vpc-1 --cidr-block 100.64.0.0/17",
        "aws ec2 create-subnet --vpc-id vpc-1 --cidr-block 100.64.0.0/19 --availability-zone us-east-1a",
    ]


def test_demand_that_no_one_subnet_holds_gets_several():
    thousand = a_group(most=1000)  # 7,000 prefixes; a /16 has 4,094 blocks for them
    (added, *_) = advice(lacking(thousand), ROOM)
    assert re.findall(r"(associate|create).* --cidr-block (\S+)", added) == [
        ("associate", "100.64.0.0/16"),
        ("associate", "100.65.0.0/16"),
        ("create", "100.64.0.0/16"),
        ("create", "100.65.0.0/16"),
    ]
    assert "2 new subnets in it" in added
    large = replace(ROOM, cidrs=(IPv4Network("10.8.0.0/16"), IPv4Network("10.9.0.0/16")))
    assert words(advice(lacking(thousand), large))[0].startswith("Make 2 new subnets in the VPC's free space")


def test_where_only_a_part_fits_the_part_that_is_missing_gets_its_place():
    """14 prefixes for two nodes, of which 3 are missing: a /27 and its edges' /28s would do."""
    small = replace(
        NO_ROOM, subnets=(IPv4Network("10.0.0.0/17"), IPv4Network("10.0.128.0/18"), *_all_but("10.0.255.0/25"))
    )
    analysis = lacking(a_group(desired=2, most=2), interfaces=[*BALANCERS, DATABASE])
    (step, *_) = advice(analysis, small)
    assert step.startswith("Make a new subnet in the VPC's free space for what is missing, with new node groups")
    assert "--cidr-block 10.0.255.0/25 " in step


def _all_but(cidr: str) -> Iterable[IPv4Network]:
    return IPv4Network("10.0.192.0/18").address_exclude(IPv4Network(cidr))


def test_where_no_wide_range_can_be_added_one_that_just_fits_will_do():
    taken = [IPv4Network("100.64.0.0/10"), *IPv4Network("10.0.0.0/8").address_exclude(IPv4Network("10.7.32.0/19"))]
    (step, *_) = advice(lacking(), replace(NO_ROOM, unsettled=tuple(taken)))
    assert re.findall(r"--cidr-block (\S+)", step) == ["10.7.32.0/19", "10.7.32.0/19"]


def test_a_vpc_with_its_quota_of_ranges_needs_a_larger_one():
    full = tuple(IPv4Network(f"10.{n}.0.0/24") for n in range(5))
    (step, *_) = advice(lacking(), replace(NO_ROOM, cidrs=full, subnets=full))
    assert "more than the 5 that are allowed by default" in step


def test_a_vpc_that_cannot_grow_is_said_to_be_full():
    nowhere = replace(NO_ROOM, unsettled=(IPv4Network("100.64.0.0/10"), IPv4Network("10.0.0.0/8")))
    assert words(advice(lacking(), nowhere))[0] == (
        "Make new node groups in another VPC: this one has no room for a /19, and no range to grow by."
    )


def test_where_the_vpc_was_not_read_the_range_is_left_open():
    steps = advice(lacking(), None)
    assert words(steps)[0].endswith("find a free range, none was read:")
    assert commands(steps, "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-1 ")
    assert '--cidr-block "$CIDR" ' in commands(steps, "aws ec2 create-subnet")[0]


# --- single addresses ---

BALANCERS = [owned(Owner.LOAD_BALANCER, f"10.0.0.{16 * n}", interface_id=f"eni-lb{n}") for n in (2, 3)]
DATABASE = owned(Owner.DATABASE, "10.0.0.64", interface_id="eni-db")
NODE = owned(Owner.NODE, "10.0.0.65", "10.0.0.80", interface_id="eni-node")  # beside the database, and alone


def pins(*interfaces: Interface, group: NodeGroup = MANY, cidr: str = "10.0.0.0/24") -> str:
    steps = advice(lacking(group, interfaces=interfaces, cidr=cidr), ROOM)
    return next(each for each in steps if each.startswith("Move"))


def test_owners_are_told_with_the_blocks_they_hold_and_what_to_move():
    assert pins(*BALANCERS, DATABASE, NODE) == (
        "Move single addresses: 2 blocks are held by load balancers, 2 by nodes, 1 by RDS databases. 4 blocks need "
        "only 4 interfaces moved:\n   aws ec2 describe-network-interfaces --network-interface-ids eni-lb2 eni-lb3 "
        "eni-db eni-node --query 'NetworkInterfaces[].[NetworkInterfaceId,PrivateIpAddress,InterfaceType,Description]' "
        "--output text"
    )


def test_no_more_are_moved_than_blocks_are_missing():
    group = a_group(most=2)  # 14 prefixes of 14 blocks, of which three are spoilt
    assert "3 blocks need only 3 interfaces moved" in pins(*BALANCERS, DATABASE, group=group)
    one = a_group(most=2, types=["m5.large"], nodes=["i-1"])  # 7 of the 14 are held
    held = an_interface(prefixes=[f"10.0.0.{16 * n}/28" for n in range(8, 15)], instance_id="i-1", interface_id="eni-1")
    assert "2 blocks need only 2 interfaces moved" in pins(*BALANCERS, held, group=one)


def test_blocks_beyond_those_that_are_missing_are_left():
    crowd = [owned(Owner.LOAD_BALANCER, f"10.0.0.{16 * n}", interface_id=f"eni-{n}") for n in range(1, 6)]
    step = pins(*crowd, group=a_group(most=4), cidr="10.0.0.0/23")  # 28 prefixes; 25 of 30 blocks are free
    assert "5 blocks are held by load balancers. 3 blocks need only 3 interfaces moved" in step


def test_those_that_stay_are_moved_first_and_alone():
    beside = owned(Owner.NODE, "10.0.0.66", interface_id="eni-beside")
    alone = owned(Owner.NODE, "10.0.0.16", interface_id="eni-alone")
    both = [owned(Owner.LOAD_BALANCER, f"10.0.0.{n}", interface_id=f"eni-{n}") for n in (33, 34)]
    step = pins(beside, alone, DATABASE, *both)
    assert re.findall(r"eni-\S+", step) == ["eni-db", "eni-33", "eni-34", "eni-alone"]


def test_an_interface_in_several_blocks_is_named_once():
    many = owned(Owner.ENDPOINT, "10.0.0.32", "10.0.0.48", "10.0.0.64", interface_id="eni-many")
    assert "3 blocks need only 1 interface moved" in pins(many)


def test_a_long_list_is_cut():
    crowd = [owned(Owner.TASK, f"10.0.0.{16 * n}", interface_id=f"eni-{n}") for n in range(1, 15)]
    step = pins(*crowd)
    assert "14 blocks are held by ECS tasks. 8 blocks need only 8 interfaces moved" in step
    assert len(re.findall(r"eni-\d+", step)) == LISTED


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (Owner.LAMBDA, "Lambda functions"),
        (Owner.NAT_GATEWAY, "NAT gateways"),
        (Owner.POD, "pods with security groups of their own"),
        (Owner.INSTANCE, "instances outside any cluster"),
        (Owner.CONTROL_PLANE, "the EKS control plane"),
        (Owner.OTHER, "others"),
    ],
)
def test_owners_are_named_as_many(owner, words):
    assert f"1 block is held by {words}. 1 block needs only 1 interface" in pins(
        owned(owner, "10.0.0.64", interface_id="eni-1")
    )


# --- warm pools ---

NODES = [
    an_interface(
        f"10.0.0.{4 + n}",
        prefixes=[f"10.0.0.{16 * (5 * n + k)}/28" for k in range(1, 6)],
        instance_id=f"i-{n}",
        interface_id=f"eni-{n}",
    )
    for n in range(2)
]
GENEROUS = CniSettings(prefix_delegation=True, warm_prefix_target=5)


def returns(cni: CniSettings | None = GENEROUS, group: NodeGroup | None = None) -> list[tuple[str, int]]:
    group = group or a_group(desired=2, most=9, nodes=["i-0", "i-1"])
    snapshot = a_snapshot(a_subnet(interfaces=NODES), groups=[group], cni={"demo": cni} if cni else {})
    (analysis,) = analyse(snapshot)
    return [(each.group, each.blocks) for each in warm_returns(analysis, snapshot)]


def test_a_generous_warm_pool_would_return_blocks():
    assert returns() == [("demo/workers", 8)]


def test_no_more_than_the_nodes_hold_here():
    lavish = replace(GENEROUS, warm_prefix_target=7)  # just set: 12 more are to come, but those there are 10
    assert returns(lavish) == [("demo/workers", 8)]


@pytest.mark.parametrize(
    ("cni", "group"),
    [
        pytest.param(CniSettings(prefix_delegation=True), None, id="the default"),
        pytest.param(None, None, id="settings that are not known"),
        pytest.param(GENEROUS, a_group(most=9), id="no nodes yet"),
        pytest.param(GENEROUS, a_group(types=["no.such"], nodes=["i-0"]), id="a type that is not known"),
        pytest.param(
            GENEROUS, replace(a_group(nodes=["i-0"]), origin=Origin.AUTO_MODE), id="a pool that cannot be set"
        ),
    ],
)
def test_what_returns_nothing_is_not_named(cni, group):
    assert returns(cni, group) == []


def test_windows_has_its_own_settings():
    cni = CniSettings(windows=WindowsSettings(prefix_delegation=True, warm_prefix_target=4))
    group = replace(a_group(desired=2, most=9, nodes=["i-0", "i-1"]), os=Os.WINDOWS)
    snapshot = a_snapshot(a_subnet(interfaces=NODES), groups=[group], cni={"demo": cni})
    (analysis,) = analyse(snapshot)
    (found,) = warm_returns(analysis, snapshot)
    assert "kubectl patch configmap amazon-vpc-cni" in found.change


def test_settings_that_return_all_that_is_missing_come_first():
    few = WarmReturn(group="demo/workers", blocks=3, change="Set it:\nset it")
    enough = replace(few, blocks=400)
    assert [each.split()[0] for each in advice(lacking(interfaces=[DATABASE]), ROOM, [few])] == [
        "Make",
        "Up",
        "Move",
        "Or",
    ]
    steps = advice(lacking(interfaces=[DATABASE]), ROOM, [few, enough])
    assert [each.split()[0] for each in steps] == ["Up", "Make", "Up", "Move", "Or"]
    assert steps[0] == "Up to 400 blocks back from idle nodes of demo/workers: set it:\n   set it"


def test_of_what_is_not_enough_the_sooner_comes_first():
    few = WarmReturn(group="demo/workers", blocks=1, change="Set it:\nset it")
    assert [each.split()[0] for each in advice(lacking(interfaces=[*BALANCERS, DATABASE]), ROOM, [few])] == [
        "Make",
        "Up",
        "Move",
        "Or",
    ]


# --- limits to growth ---


def bounds(group: NodeGroup) -> list[str]:
    return [each for each in advice(lacking(group), ROOM) if each.startswith(("Or bound", "Or stop"))]


def test_a_managed_group_can_be_bounded():
    (step,) = bounds(MANY)
    assert step == (
        "Or bound what demo/workers may ask for, 266 prefixes less than now:\n   aws eks update-nodegroup-config "
        "--cluster-name demo --nodegroup-name workers --scaling-config maxSize=2"
    )


def test_no_group_is_told_to_be_smaller_than_it_is():
    assert bounds(a_group(desired=2, most=40, nodes=["i-1", "i-2", "i-3"]))[0].endswith("maxSize=3")


def test_a_group_that_asks_for_all_that_it_may_can_be_stopped_at_the_nodes_that_are_there():
    (step,) = bounds(a_group(desired=40, most=40, nodes=["i-1", "i-2", "i-3"]))
    assert step.startswith("Or stop demo/workers at the nodes that are there")
    assert step.endswith("--nodegroup-name workers --scaling-config maxSize=3,desiredSize=3")


def test_a_group_that_asks_for_nothing_is_left_alone():
    none = a_group(name="none", most=0, desired=0)
    assert [each for each in advice(lacking(MANY, none), ROOM) if "demo/none" in each] == []


def test_a_self_managed_one_too():
    own = replace(MANY, origin=Origin.SELF_MANAGED, auto_scaling_groups=("my nodes",))
    assert commands(bounds(own), "aws") == [
        "aws autoscaling update-auto-scaling-group --auto-scaling-group-name 'my nodes' --max-size 2"
    ]


@pytest.mark.parametrize("origin", [Origin.KARPENTER, Origin.AUTO_MODE, Origin.ALONE])
def test_others_have_no_maximum_that_aws_knows(origin):
    assert bounds(replace(MANY, origin=origin)) == []


# --- the commands ---

WARM = WarmReturn(group="demo/workers", blocks=3, change="Set it:\naws eks list-clusters")


@pytest.mark.parametrize("space", [ROOM, NO_ROOM, None], ids=["room", "no room", "not read"])
@pytest.mark.parametrize("mode", ["ahead", ""])
@pytest.mark.parametrize("origin", [Origin.MANAGED, Origin.SELF_MANAGED])
def test_every_command_exists_and_every_script_parses(space, mode, origin):
    group = replace(MANY, origin=origin, auto_scaling_groups=("a b",), name="x'; rm -rf / #\ny")
    steps = advice(lacking(group, interfaces=[*BALANCERS, DATABASE], mode=mode), space, [WARM])
    assert len(steps) == 4
    assert not list(problems("\n".join(steps)))
    for step in steps:
        assert all(line.startswith("   ") for line in step.splitlines()[1:])
        shell = subprocess.run(
            ["bash", "-n"], input=step.partition("\n")[2], text=True, capture_output=True, check=False
        )
        assert not shell.stderr


@pytest.mark.parametrize("cni", [GENEROUS, replace(GENEROUS, warm_ip_target=60, minimum_ip_target=60)])
def test_so_do_those_of_warm_pools(cni):
    group = a_group(desired=2, most=9, nodes=["i-0", "i-1"])
    snapshot = a_snapshot(a_subnet(interfaces=NODES), groups=[group], cni={"demo": cni})
    (analysis,) = analyse(snapshot)
    (first, *_) = [
        each for each in advice(analysis, ROOM, warm_returns(analysis, snapshot)) if each.startswith("Up to")
    ]
    assert not list(problems(first))
    assert "update-addon" in first


def test_a_subnet_that_headroom_only_watches_gets_a_new_one_to_act_in():
    subnet: Subnet = a_subnet(mode="", reservations=[a_reservation("10.0.0.64/26")])
    (step, *_) = advice(an_analysis(subnet, MANY), ROOM)
    assert "Value=steer" in step
