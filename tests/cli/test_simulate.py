"""`headroom simulate`: it says beforehand what happens when the nodes are really launched."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import pytest

from cli.instance_limits import FILE, known
from cli.simulating.runs import Survival, survive
from cli.simulating.steps import added
from ec2_rules.cni import CniSettings as NodeSettings
from ec2_rules.cni import InstanceLimits, Node
from functions.aws.saved import Saved, snapshot_of
from functions.capacity.model import InstanceType
from functions.capacity.nodes import max_pods
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from sandbox.ec2.node_port import Ec2NodeNetwork
from tests.builders import M5_LARGE, NOW, PREFIX_MODE, T3_SMALL
from tests.cli.instance_limits import limits
from tests.cli.program import headroom, started

T3_NANO = InstanceType(name="t3.nano", interfaces=2, addresses_per_interface=2, vcpus=2, nitro=True)
LAUNCHES = 4  # of the same layout, each with EC2 choosing otherwise
NODES = 4


@dataclass(frozen=True)
class Layout:
    """A subnet with single addresses, prefixes and a reservation in it, and the type of the nodes to come."""

    cidr: str
    singles: tuple[str, ...]
    prefixes: tuple[str, ...]
    reserved: str
    of: InstanceType


def layout(seed: int) -> Layout:
    rng = Random(seed)
    length = rng.choice([24, 24, 23])
    blocks = list(range(1, 2 ** (28 - length) - 1))
    held = rng.sample(blocks, rng.randrange(3))
    free = [n for n in blocks if n not in held]
    touched = rng.sample(free, rng.randrange(len(free) // rng.choice([2, 4])))
    reserved = rng.choice(["", "prefix 10.0.0.64/26", "explicit 10.0.0.32/27", "prefix 10.0.0.128/28"])
    return Layout(
        cidr=f"10.0.0.0/{length}",
        singles=tuple(f"10.0.{n // 16}.{16 * (n % 16) + rng.randrange(16)}" for n in touched),
        prefixes=tuple(f"10.0.{n // 16}.{16 * (n % 16)}/28" for n in held),
        reserved=reserved,
        of=rng.choice([M5_LARGE, T3_SMALL, T3_NANO, T3_NANO]),
    )


def built(of: Layout, seed: int) -> tuple[Any, str]:
    """The layout in an EC2 of its own."""
    ec2: Any = client(Ec2Api(seed=seed))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=of.cidr)["Subnet"]["SubnetId"]
    for address in of.singles:
        ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=address)
    for prefix in of.prefixes:
        # the interface's own address goes where no prefix can
        ec2.create_network_interface(
            SubnetId=subnet,
            PrivateIpAddress=f"10.0.0.{4 + of.prefixes.index(prefix)}",
            Ipv4Prefixes=[{"Ipv4Prefix": prefix}],
        )
    if of.reserved:
        kind, cidr = of.reserved.split()
        ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=cidr, ReservationType=kind)
    return ec2, subnet


def saved(ec2: Any, subnet: str) -> Saved:
    return Saved(
        subnets=ec2.describe_subnets(SubnetIds=[subnet])["Subnets"],
        networkInterfaces=ec2.describe_network_interfaces()["NetworkInterfaces"],
        subnetCidrReservations={subnet: ec2.get_subnet_cidr_reservations(SubnetId=subnet)},
    )


@cache
def survival(seed: int) -> Survival:
    """What is said beforehand of a layout."""
    of = layout(seed)
    ec2, subnet = built(of, seed)
    view = snapshot_of(saved(ec2, subnet), NOW)
    return survive(view, added(view, NODES, of.of, "", [subnet]), runs=20, headroom=False)


def really_launched(of: Layout, seed: int) -> int:
    """How many of the nodes get all they ask for when they come one after the other, each full at once."""
    ec2, subnet = built(of, seed)
    network, pods = Ec2NodeNetwork(ec2), max_pods(of.of, PREFIX_MODE)
    fit = 0
    for _ in range(NODES):
        try:
            instance = ec2.run_instances(
                ImageId="ami-1", InstanceType=of.of.name, SubnetId=subnet, MinCount=1, MaxCount=1
            )["Instances"][0]["InstanceId"]
        except ec2.exceptions.ClientError:
            continue
        node = Node(
            instance,
            subnet,
            network.primary_interface(instance),
            network,
            InstanceLimits(of.of.interfaces, of.of.addresses_per_interface),
            NodeSettings(max_pods=pods),
        )
        outcome = node.tick(0, pods)
        fit += outcome.held == outcome.wanted
    return fit


@pytest.mark.parametrize("seed", range(50))
def test_the_prediction_lies_in_the_range_of_what_really_happens(seed):
    told = survival(seed)
    really = [really_launched(layout(seed), 100 * seed + n) for n in range(LAUNCHES)]
    assert min(really) <= told.middle <= max(really), (told, really)
    assert told.least <= min(really) + 1
    assert told.most >= max(really) - 1


def test_the_layouts_are_of_every_kind():
    """Else the test above says little: from one node that fits to all of them."""
    assert {survival(seed).middle for seed in range(50)} == {*range(1, NODES + 1)}


# --- as a command ---------------------------------------------------------------------------------------------------


def an_interface(n: int, address: str, subnet: str, instance: str = "", prefixes: Sequence[str] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {
        "NetworkInterfaceId": f"eni-{n:017x}",
        "SubnetId": subnet,
        "InterfaceType": "interface",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
        "Ipv4Prefixes": [{"Ipv4Prefix": each} for each in prefixes],
    }
    if instance:
        found["Attachment"] = {"InstanceId": instance, "AttachmentId": "eni-attach-1", "Status": "attached"}
    return found


def two_zones(*, nodes: int, size: int, taken: int = 0) -> dict[str, Any]:
    """A cluster with one group over two /23s in two zones, its nodes full; `taken` single addresses in both."""
    zones = {"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}
    interfaces, instances = list[dict[str, Any]](), list[dict[str, Any]]()
    for n in range(nodes):
        subnet, third, place = ("subnet-a", 0, n // 2) if n % 2 == 0 else ("subnet-b", 2, n // 2)
        numbers = range(1 + 7 * place, 8 + 7 * place)
        blocks = [f"10.0.{third + number // 16}.{16 * (number % 16)}/28" for number in numbers]
        interfaces.append(an_interface(n, f"10.0.{third}.{5 + place}", subnet, f"i-{n:017x}", blocks))
        instances.append(
            {
                "InstanceId": f"i-{n:017x}",
                "InstanceType": "m5.large",
                "SubnetId": subnet,
                "State": {"Name": "running"},
                "Tags": [
                    {"Key": "eks:nodegroup-name", "Value": "workers"},
                    {"Key": "eks:cluster-name", "Value": "demo"},
                ],
            }
        )
    rng = Random(1)
    for n in range(taken):
        address = f"10.0.{1 + 2 * (n % 2)}.{16 * (n // 2 % 15) + rng.randrange(16)}"
        interfaces.append(an_interface(1000 + n, address, ("subnet-a", "subnet-b")[n % 2]))
    return {
        "takenAt": "2026-11-23T12:00:00Z",
        "subnets": [
            {
                "SubnetId": name,
                "CidrBlock": f"10.0.{2 * n}.0/23",
                "AvailabilityZone": zone,
                "VpcId": "vpc-1",
                "AvailableIpAddressCount": 507,
            }
            for n, (name, zone) in enumerate(zones.items())
        ],
        "networkInterfaces": interfaces,
        "subnetCidrReservations": {},
        "clusters": [{"name": "demo", "resourcesVpcConfig": {"vpcId": "vpc-1", "subnetIds": list(zones)}}],
        "addons": [
            {
                "clusterName": "demo",
                "addonName": "vpc-cni",
                "addonVersion": "v1.19.2-eksbuild.5",
                "configurationValues": '{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}',
            }
        ],
        "nodegroups": [
            {
                "clusterName": "demo",
                "nodegroupName": "workers",
                "subnets": list(zones),
                "instanceTypes": ["m5.large"],
                "scalingConfig": {"minSize": 0, "desiredSize": nodes, "maxSize": size},
                "resources": {"autoScalingGroups": [{"name": "asg-1"}]},
                "updateConfig": {"maxUnavailable": 1},
            }
        ],
        "autoScalingGroups": [
            {
                "AutoScalingGroupName": "asg-1",
                "VPCZoneIdentifier": ",".join(zones),
                "DesiredCapacity": nodes,
                "MaxSize": size,
                "Instances": [
                    {"InstanceId": each["InstanceId"], "LifecycleState": "InService", "InstanceType": "m5.large"}
                    for each in instances
                ],
            }
        ],
        "instances": instances,
        "instanceTypes": [
            {
                "InstanceType": "m5.large",
                "Hypervisor": "nitro",
                "BareMetal": False,
                "VCpuInfo": {"DefaultVCpus": 2},
                "NetworkInfo": {
                    "Ipv4AddressesPerInterface": 10,
                    "DefaultNetworkCardIndex": 0,
                    "NetworkCards": [{"NetworkCardIndex": 0, "MaximumNetworkInterfaces": 3}],
                },
            }
        ],
    }


@pytest.fixture
def file(tmp_path) -> Callable[[dict[str, Any]], str]:
    def written(view: dict[str, Any]) -> str:
        path = tmp_path / "snapshot.json"
        path.write_text(json.dumps(view))
        return str(path)

    return written


def simulate(path: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = headroom("simulate", "--snapshot", path, *arguments, "--json")
    assert not done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("view", "arguments", "asked", "fit"),
    [
        pytest.param(two_zones(nodes=0, size=4), ["--add", "6xm5.large"], 6, 6, id="six nodes in two empty /23s"),
        pytest.param(two_zones(nodes=0, size=4), ["--add", "9xm5.large"], 9, 6, id="and three more"),
        pytest.param(two_zones(nodes=2, size=4), ["--nodegroup", "workers", "--to", "6"], 4, 4, id="the group to 6"),
        pytest.param(
            two_zones(nodes=2, size=4),
            ["--nodegroup", "demo/workers", "--to", "10"],
            8,
            5,
            id="to 10: two share a block",
        ),
        pytest.param(two_zones(nodes=2, size=4), ["--nodegroup", "workers", "--to", "1"], 0, 0, id="to fewer"),
        pytest.param(two_zones(nodes=2, size=4), ["--upgrade", "workers"], 2, 2, id="an update, node by node"),
        pytest.param(two_zones(nodes=6, size=6), ["--upgrade", "workers"], 6, 4, id="an update of a full one"),
        pytest.param(two_zones(nodes=2, size=4), ["--lose-zone", "us-east-1a"], 1, 1, id="a zone lost, with room"),
        pytest.param(two_zones(nodes=6, size=6), ["--lose-zone", "us-east-1a"], 3, 1, id="a zone lost, without"),
        pytest.param(two_zones(nodes=2, size=2), ["--prefix-mode", "on"], 2, 2, id="new groups beside the old"),
        pytest.param(two_zones(nodes=0, size=4), ["--add", "2xc6g.xlarge"], 2, 2, id="a type that is not in view"),
        pytest.param(
            two_zones(nodes=0, size=4), ["--add", "5xm5.large", "--subnet", "subnet-b"], 5, 3, id="one subnet alone"
        ),
    ],
)
def test_it_says_how_many_fit(file, view, arguments, asked, fit):
    code, found = simulate(file(view), *arguments)
    assert (found["nodesAsked"], found["nodesThatFit"]) == (asked, fit)
    assert found["fits"] == (asked == fit) == (found["firstFailure"] is None)
    assert code == (0 if found["fits"] else 2)


def without(view: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key not in keys}


def miscounted(view: dict[str, Any]) -> dict[str, Any]:
    first, *others = view["subnets"]
    return {**view, "subnets": [{**first, "AvailableIpAddressCount": 3}, *others]}


@pytest.mark.parametrize(
    ("view", "arguments", "says"),
    [
        pytest.param(
            without(two_zones(nodes=2, size=4), "networkInterfaces"),
            ["--nodegroup", "workers", "--to", "4"],
            "its interfaces were not read",
            id="an unread subnet is not an empty one",
        ),
        pytest.param(
            without(two_zones(nodes=2, size=4), "subnetCidrReservations"),
            ["--add", "1xm5.large"],
            "its CIDR reservations were not read",
            id="nor one without reservations",
        ),
        pytest.param(
            miscounted(two_zones(nodes=2, size=4)),
            ["--nodegroup", "workers", "--to", "4"],
            "EC2 counts 3 available addresses",
            id="interfaces of others that cannot be seen",
        ),
        pytest.param(
            without({**two_zones(nodes=1, size=1), "subnets": two_zones(nodes=1, size=1)["subnets"][:1]}),
            ["--lose-zone", "us-east-1a"],
            "stands in that zone alone: 1 node will not come again",
            id="the only zone of a group is lost",
        ),
    ],
)
def test_what_cannot_be_proven_to_fit_is_no_fit(file, view, arguments, says):
    """A gate must not open on a view that is not whole."""
    code, found = simulate(file(view), *arguments)
    assert (code, found["fits"]) == (2, False)
    assert any(says in each for each in found["unfit"])


def test_the_first_failure_is_named(file):
    _, found = simulate(file(two_zones(nodes=0, size=4)), "--add", "9xm5.large")
    assert found["firstFailure"]["node"] == 7
    assert found["firstFailure"]["what"] == "prefix (/28)"
    assert found["firstFailure"]["subnetId"] in {"subnet-a", "subnet-b"}
    assert found["firstFailure"]["code"] in {"InsufficientCidrBlocks", "InvalidParameterValue"}


def test_with_headroom_node_addresses_do_not_spoil_blocks(file):
    """Each of these small nodes takes two blocks, and two single addresses of its own, which lie about."""
    view = file(two_zones(nodes=0, size=4))
    arguments = ["--add", "14xt3.nano", "--subnet", "subnet-a"]
    _, without = simulate(view, *arguments)
    _, with_it = simulate(view, *arguments, "--with-headroom")
    assert without["nodesThatFit"] < with_it["nodesThatFit"]
    assert without["otherwise"]["withHeadroom"] is True


def test_an_address_that_changed_its_interface_while_it_was_read_counts_once(file):
    view = two_zones(nodes=2, size=4)
    view["networkInterfaces"].append(an_interface(77, "10.0.0.5", "subnet-a", prefixes=["10.0.0.16/28"]))
    code, found = simulate(file(view), "--nodegroup", "workers", "--to", "4")
    assert (code, found["fits"]) == (0, True)


def test_the_same_question_has_the_same_answer(file):
    path = file(two_zones(nodes=2, size=9, taken=20))
    asked = ["simulate", "--snapshot", path, "--nodegroup", "workers", "--to", "9"]
    assert headroom(*asked).stdout == started(*asked).stdout  # and another seed of Python's hashes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name one of --add"),
        (["--add", "4xm5.large", "--upgrade", "workers"], "name one of --add"),
        (["--add", "many"], "as 20xm5.large"),
        (["--add", "0xm5.large"], "as 20xm5.large"),
        (["--add", "4xm5.huge"], "the limits of m5.huge are neither in the snapshot nor known"),
        (["--add", "4xm5.large", "--subnet", "subnet-z"], "subnet-z is not in view"),
        (["--add", "4xm5.large", "--cluster", "other"], "has no cluster 'other'; it has demo"),
        (["--nodegroup", "workers"], "wants --to"),
        (["--nodegroup", "nobody", "--to", "3"], "no node group 'nobody' is in view; there are: demo/workers"),
        (["--lose-zone", "us-east-1z"], "no subnet in view is in us-east-1z; there are us-east-1a, us-east-1b"),
        (["--prefix-mode", "off"], "--prefix-mode takes `on`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_users_error_is_one_line(file, arguments, says):
    done = headroom("simulate", "--snapshot", file(two_zones(nodes=1, size=2)), *arguments)
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 1, 1)
    assert says in done.stderr


def test_a_group_none_of_whose_nodes_is_in_view_is_not_updated_with_ease(file):
    done = headroom(
        "simulate", "--snapshot", file({**two_zones(nodes=2, size=2), "instances": []}), "--upgrade", "workers"
    )
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == "headroom: demo/workers wants 2 nodes and none is in view, so nothing can be replaced\n"


def test_the_limits_that_are_known_are_those_that_ec2_gives():
    assert json.loads(FILE.read_text()) == limits()
    assert known("m5.large") == M5_LARGE
    assert known("m5.huge") is None
