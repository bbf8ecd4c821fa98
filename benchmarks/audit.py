"""The audit of a saved snapshot: 50 subnets with 20,000 interfaces, from the file to the report.

The goal is 3 s and 300 MB for `headroom audit --snapshot`, Python's start included.
"""

from __future__ import annotations

import json
import random
import tempfile
from dataclasses import asdict
from ipaddress import IPv4Network
from typing import Any

from benchmarks.measured import HEADROOM, Measured, measured

SUBNETS, INTERFACES, CLUSTERS = 50, 400, 5  # interfaces of each subnet: half nodes', half others'
PREFIXES, ADDRESSES = 3, 6  # of a node's interface, and of another's
FORMS = ("json", "md", "html", "csv")
PROBLEMS = 2  # how it exits where something is wrong, which with so many singles it is


def run(seed: int = 1) -> list[dict[str, Any]]:
    """What the command takes for each form."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(saved(seed), file)
        file.flush()
        return [{"form": form} | asdict(_audit(file.name, form)) for form in FORMS]


def _audit(path: str, form: str) -> Measured:
    return measured([*HEADROOM, "audit", "--snapshot", path, "--format", form], exits=(PROBLEMS,))


def show(rows: list[dict[str, Any]]) -> None:
    """The table."""
    print(f"\naudit of {SUBNETS} subnets with {SUBNETS * INTERFACES:,} interfaces, from a file")
    print(f"  {'':<8}{'seconds':>10}{'of CPU':>10}{'MB':>8}{'characters':>14}")
    for row in rows:
        print(
            f"  {row['form']:<8}{row['seconds']:>10.2f}{row['cpu_seconds']:>10.2f}"
            f"{row['megabytes']:>8.0f}{row['characters']:>14,}"
        )


def saved(seed: int) -> dict[str, Any]:
    """A saved snapshot: /18s of five clusters, each with one group of nodes among functions and load balancers."""
    dice = random.Random(seed)
    networks = list(IPv4Network("10.0.0.0/12").subnets(new_prefix=18))[:SUBNETS]
    subnets = [_Subnet(number, network, dice) for number, network in enumerate(networks)]
    return {
        "takenAt": "2026-11-23T12:00:00+00:00",
        "subnets": [each.described for each in subnets],
        "networkInterfaces": [interface for each in subnets for interface in each.interfaces],
        "subnetCidrReservations": {each.id: {} for each in subnets},
        "instances": [instance for each in subnets for instance in each.instances],
        "instanceTypes": [_M5_LARGE],
        "clusters": [_cluster(number) for number in range(CLUSTERS)],
        "addons": [_addon(number) for number in range(CLUSTERS)],
        "nodegroups": [each.group for each in subnets],
        "autoScalingGroups": [],
        "launchTemplateVersions": [],
    }


class _Subnet:
    """One subnet's share of the snapshot."""

    def __init__(self, number: int, network: IPv4Network, dice: random.Random) -> None:
        self.id, self.network, self._dice = f"subnet-{number:017x}", network, dice
        self._cluster, self._group, self._number = f"c{number % CLUSTERS}", f"g{number}", number
        blocks = network.num_addresses // 16
        self._blocks = iter(dice.sample(range(blocks // 2, blocks - 1), INTERFACES // 2 * PREFIXES // 2))
        singles = INTERFACES // 2 * (1 + ADDRESSES)
        self._singles = iter(dice.sample(range(16, network.num_addresses // 2), singles))
        self.interfaces = [each for n in range(INTERFACES // 2) for each in (self._node(n), self._other(n))]
        self.instances = [self._instance(n) for n in range(INTERFACES // 2)]

    def _node(self, n: int) -> dict[str, Any]:
        prefixes = [next(self._blocks, None) for _ in range(PREFIXES)]
        return {
            **self._interface(f"a{n}", 1),
            "Description": f"aws-K8S-{self._instance_id(n)}",
            "Attachment": {"InstanceId": self._instance_id(n)},
            "Ipv4Prefixes": [{"Ipv4Prefix": f"{self.network[16 * each]}/28"} for each in prefixes if each is not None],
        }

    def _other(self, n: int) -> dict[str, Any]:
        kind = "lambda" if n % 3 else "network_load_balancer"
        return {**self._interface(f"b{n}", ADDRESSES), "InterfaceType": kind, "Description": kind}

    def _interface(self, name: str, addresses: int) -> dict[str, Any]:
        taken = [str(self.network[next(self._singles)]) for _ in range(addresses)]
        return {
            "NetworkInterfaceId": f"eni-{self._number}{name}",
            "SubnetId": self.id,
            "InterfaceType": "interface",
            "PrivateIpAddresses": [{"PrivateIpAddress": each} for each in taken],
        }

    def _instance(self, n: int) -> dict[str, Any]:
        tags = {"eks:cluster-name": self._cluster, "eks:nodegroup-name": self._group}
        return {
            "InstanceId": self._instance_id(n),
            "InstanceType": "m5.large",
            "SubnetId": self.id,
            "State": {"Name": "running"},
            "LaunchTime": "2026-10-01T00:00:00+00:00",
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    def _instance_id(self, n: int) -> str:
        return f"i-{self._number}x{n}"

    @property
    def described(self) -> dict[str, Any]:
        used = sum(len(i["PrivateIpAddresses"]) + 16 * len(i.get("Ipv4Prefixes", ())) for i in self.interfaces)
        return {
            "SubnetId": self.id,
            "VpcId": "vpc-1",
            "CidrBlock": str(self.network),
            "AvailabilityZone": f"us-east-1{'abc'[self._number % 3]}",
            "AvailableIpAddressCount": self.network.num_addresses - 5 - used,
            "Tags": [{"Key": "headroom:mode", "Value": ("steer", "ahead", "observe")[self._number % 3]}],
        }

    @property
    def group(self) -> dict[str, Any]:
        return {
            "clusterName": self._cluster,
            "nodegroupName": self._group,
            "subnets": [self.id],
            "instanceTypes": ["m5.large"],
            "amiType": "AL2023_x86_64_STANDARD",
            "scalingConfig": {"desiredSize": INTERFACES // 2, "maxSize": INTERFACES},
            "resources": {"autoScalingGroups": []},
        }


def _cluster(number: int) -> dict[str, Any]:
    return {
        "name": f"c{number}",
        "resourcesVpcConfig": {"vpcId": "vpc-1"},
        "kubernetesNetworkConfig": {"ipFamily": "ipv4"},
    }


def _addon(number: int) -> dict[str, Any]:
    settings = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    version = "v1.19.2-eksbuild.5"
    return {
        "clusterName": f"c{number}",
        "addonName": "vpc-cni",
        "addonVersion": version,
        "configurationValues": settings,
    }


_M5_LARGE = {
    "InstanceType": "m5.large",
    "Hypervisor": "nitro",
    "VCpuInfo": {"DefaultVCpus": 2},
    "NetworkInfo": {"Ipv4AddressesPerInterface": 10, "NetworkCards": [{"MaximumNetworkInterfaces": 3}]},
}
