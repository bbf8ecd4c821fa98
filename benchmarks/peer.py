"""`headroom audit` beside the nearest peer on the same work, against one local EC2 endpoint, in one run.

    python -m benchmarks.peer path/to/subnet_frag.py

The peer is `subnet_frag.py` of awslabs/aws-support-tools (EKS/subnet-fragmentation). It is no part of this project:
without its path it is not run. It is given the subnets' names; Headroom finds them by their tags.

The endpoint answers each call with what EC2's emulation answered when it was first asked that: both read the same bytes
and neither waits for them to be made. Memory counts above a bare boto3 start, which both begin with.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from benchmarks import verdicts
from benchmarks.endpoint import endpoint, environment
from benchmarks.measured import HEADROOM, ROOT, Measured, measured
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client

OUTPUT = ROOT / "build" / "bench" / "peer.json"
NAME = "subnet_frag.py"
INTERFACES, SUBNETS, LATENCY = 7000, 60, 0.060
RUNS = 3  # of each; the quickest counts, for both: what is slower is the machine's other work
BARE = (sys.executable, "-c", "import boto3; boto3.Session().client('ec2')")
GOALS = {"large": (4, 0.5), "many": (10, None)}  # times faster, share of the peer's memory

# As the VPC CNI makes them for an m5.large in secondary IP mode, and as Lambda has them.
_OF_A_NODE = {
    "Description": "aws-K8S-i-0123456789abcdef0",
    "SecondaryPrivateIpAddressCount": 9,
    "TagSpecifications": [
        {
            "ResourceType": "network-interface",
            "Tags": [
                {"Key": "node.k8s.amazonaws.com/instance_id", "Value": "i-0123456789abcdef0"},
                {"Key": "cluster.k8s.amazonaws.com/name", "Value": "demo"},
            ],
        }
    ],
}
_OF_ANOTHER = {"Description": "AWS Lambda VPC ENI-demo"}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Both on one account."""

    what: str
    bare: Measured
    peer: Measured
    headroom: Measured

    @property
    def faster(self) -> float:
        """How many times."""
        return self.peer.seconds / self.headroom.seconds

    @property
    def faster_above_bare(self) -> float:
        """How many times, without the start that both have."""
        return (self.peer.seconds - self.bare.seconds) / (self.headroom.seconds - self.bare.seconds)

    @property
    def memory(self) -> float:
        """Headroom's share of what the peer takes, above boto3's start."""
        return (self.headroom.megabytes - self.bare.megabytes) / (self.peer.megabytes - self.bare.megabytes)


def absent(path: Path | None) -> str | None:
    """Why nothing is compared, or None where the peer is there."""
    if path is not None and path.is_file():
        return None
    return f"Beside the nearest peer: NOT RUN, {NAME} is absent; `python -m benchmarks.peer PATH` takes its path"


def run(peer: Path) -> dict[str, Compared]:
    """The two accounts of the goals. Raises RuntimeError where either tool does not end well."""
    large = _compared(
        f"a /16 with {INTERFACES:,} interfaces", Account(subnets=1, length=16, interfaces=INTERFACES), peer, latency=0
    )
    many = _compared(
        f"{SUBNETS} subnets at {1000 * LATENCY:.0f} ms a call",
        Account(subnets=SUBNETS, length=24, interfaces=5),
        peer,
        latency=LATENCY,
    )
    return {"large": large, "many": many}


def show(found: dict[str, Compared]) -> None:
    """The tables."""
    for name, each in found.items():
        times, share = GOALS[name]
        print(f"\n{each.what:<32}{'seconds':>10}{'of CPU':>10}{'MB':>8}")
        for tool, row in (("bare boto3", each.bare), (NAME, each.peer), ("headroom audit", each.headroom)):
            print(f"  {tool:<30}{row.seconds:>10.2f}{row.cpu_seconds:>10.2f}{row.megabytes:>8.0f}")
        goal = f"at least {times} times" + (f", at most {share:.0%}" if share else "")
        print(f"  {each.faster:.1f} times faster, {each.faster_above_bare:.1f} times above boto3's start;", end=" ")
        print(f"{each.memory:.0%} of the memory above boto3's (goal: {goal})")


def as_json(found: dict[str, Compared]) -> dict[str, Any]:
    """For a file."""
    return {
        name: {
            **asdict(each),
            "timesFaster": each.faster,
            "timesFasterAboveBare": each.faster_above_bare,
            "memoryShareAboveBare": each.memory,
        }
        for name, each in found.items()
    }


class Account:
    """An account's EC2 with such subnets, tagged for Headroom, and what it answered, by the question.

    One at a time: the emulation keeps one account's state in a process.
    """

    def __init__(self, *, subnets: int, length: int, interfaces: int) -> None:
        self._api, self._known = Ec2Api(seed=1), dict[bytes, tuple[int, bytes]]()
        ec2: Any = client(self._api)
        self.subnets = [self._subnet(ec2, IPv4Network(f"10.{n}.0.0/{length}"), interfaces) for n in range(subnets)]

    def _subnet(self, ec2: Any, cidr: IPv4Network, interfaces: int) -> str:
        vpc = ec2.create_vpc(CidrBlock=str(cidr))["Vpc"]["VpcId"]
        made: str = ec2.create_subnet(VpcId=vpc, CidrBlock=str(cidr))["Subnet"]["SubnetId"]
        ec2.create_tags(Resources=[made], Tags=[{"Key": "headroom:mode", "Value": "observe"}])
        for n in range(interfaces):
            ec2.create_network_interface(SubnetId=made, **(_OF_A_NODE if n % 2 else _OF_ANOTHER))
        last = list(cidr.subnets(new_prefix=28))[-2]
        ec2.create_subnet_cidr_reservation(SubnetId=made, Cidr=str(last), ReservationType="explicit")
        return made

    def answer(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and XML."""
        if body not in self._known:
            made = self._api.handle(body, headers)
            self._known[body] = (made.status, made.body)
        return self._known[body]


def _compared(what: str, account: Account, peer: Path, *, latency: float) -> Compared:
    asked = {
        "peer": ((sys.executable, str(peer.resolve()), "--subnet-id", *account.subnets), (0,)),
        "headroom": ((*HEADROOM, "audit"), (0, 2)),  # 2: something is wrong
        "bare": (BARE, (0,)),
    }
    with endpoint(account, 0) as url:  # once, so that every answer is there
        for command, exits in asked.values():
            measured(command, exits=exits, environment=environment(url))
    with endpoint(account, latency) as url:
        rounds = [
            {
                tool: measured(command, exits=exits, environment=environment(url))
                for tool, (command, exits) in asked.items()
            }
            for _ in range(RUNS)
        ]
    best = {tool: min((each[tool] for each in rounds), key=lambda one: one.seconds) for tool in asked}
    return Compared(what=what, **best)


def main() -> None:
    """Measure, print, write."""
    path = Path(sys.argv[1]) if sys.argv[1:] else None
    if why := absent(path):
        sys.exit(why)
    assert path is not None  # noqa: S101 - absent() says so
    show(found := run(path))
    verdicts.show(said := verdicts.run(path))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({**as_json(found), "verdicts": said}, indent=2) + "\n")


if __name__ == "__main__":
    main()
