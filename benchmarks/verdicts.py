"""Small subnets of which one can say by hand what is true, and which the nearest peer (benchmarks/peer.py) gets wrong.

Each is EC2's emulation behind a local endpoint. What Headroom says of them is a test; beside the peer they are shown
where its file is.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from benchmarks.endpoint import endpoint, environment
from benchmarks.measured import HEADROOM, ROOT
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client

CIDR = "10.0.9.0/24"  # 16 blocks, of which 14 can be prefixes
BLOCKS = [str(each) for each in IPv4Network(CIDR).subnets(new_prefix=28)][1:-1]
_DENIED = (
    b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this "
    b"operation.</Message></Error></Errors><RequestID>r</RequestID></Response>"
)
_EXPIRED = (
    b"<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors>"
    b"<RequestID>r</RequestID></Response>"
)
_BAD, _FORBIDDEN = 400, 403

_TAKEN_AT = re.compile(r'"takenAt": "[^"]*"')

Answer = tuple[int, bytes]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command printed and how it ended, for two seeds of Python's hashes."""

    exit: int
    output: str
    again: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """Of the one subnet; empty where nothing was said."""
        found = json.loads(self.output or "[]")
        each = [*found["subnets"].values()] if isinstance(found, dict) else found
        return each[0] if each else {}


Reading = Callable[[Said], str]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A subnet, what is true of it, and where in either tool's answer that stands."""

    name: str
    make: Callable[[Any, str], None]
    truth: str
    ours: Reading
    theirs: Reading
    spoil: Callable[[bytes, Answer], Answer] = lambda _, answer: answer


def _under_explicit(ec2: Any, subnet: str) -> None:
    for half in ("10.0.9.0/25", "10.0.9.128/25"):
        ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=half, ReservationType="explicit")


def _one_left(ec2: Any, subnet: str) -> None:
    prefixes = [{"Ipv4Prefix": each} for each in BLOCKS[:13]]
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.9.4", Ipv4Prefixes=prefixes)


def _a_single_in_each(ec2: Any, subnet: str) -> None:
    for each in IPv4Network(CIDR).subnets(new_prefix=28):
        if str(each) in BLOCKS:
            ec2.create_network_interface(
                SubnetId=subnet, PrivateIpAddress=str(each[5]), Description="AWS Lambda VPC ENI-orders"
            )


def _with_ipv6(ec2: Any, subnet: str) -> None:
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.9.4", Ipv6PrefixCount=2)


def _denied(body: bytes, answer: Answer) -> Answer:
    return (_FORBIDDEN, _DENIED) if b"Action=GetSubnetCidrReservations" in body else answer


def second_page_fails(operation: str) -> Callable[[bytes, Answer], Answer]:
    """As where somebody's credentials end while the pages of this operation are read."""

    def spoil(body: bytes, answer: Answer) -> Answer:
        status, page = answer
        if f"Action={operation}&".encode() not in body:
            return answer
        end = f"</{operation}Response>".encode()
        return (
            (_BAD, _EXPIRED)
            if b"NextToken=" in body
            else (status, page.replace(end, b"<nextToken>2</nextToken>" + end))
        )

    return spoil


def _counted_lower(_: bytes, answer: Answer) -> Answer:
    """As where another account's interfaces have 40 addresses: /24 less AWS's five, less the 14 that can be seen."""
    status, body = answer
    counted = b"<availableIpAddressCount>%d</availableIpAddressCount>"
    return status, body.replace(counted % (256 - 5 - 14), counted % (256 - 5 - 14 - 40))


def _disagreement(partial: str) -> str:
    words = partial.split()
    return f"EC2 counts {words[2]}, {words[-1]} explained" if partial else "not said"


def _compared(said: Said) -> str:
    """But for when it was asked."""
    first, second = (_TAKEN_AT.sub("", each) for each in (said.output, said.again))
    return "the same" if first == second else "another answer"


def _owners(said: Said) -> str:
    return "functions" if said.facts["singleAddressesByOwner"] == {"Lambda function": len(BLOCKS)} else "others"


SCENES = (
    Scene(
        name="all of it under `explicit` reservations",
        make=_under_explicit,
        truth="0 free /28",
        ours=lambda said: f"{said.facts['freePrefixes']} free /28",
        theirs=lambda said: f"{said.facts['analysis']['free_blocks']} free /28",
    ),
    Scene(
        name="13 of 14 prefixes assigned",
        make=_one_left,
        truth="1 of 14 left",
        ours=lambda said: f"{said.facts['freePrefixes']} of {said.facts['allocatablePrefixes']} left",
        theirs=lambda said: f"score {said.facts['analysis']['fragmentation_score']} %: healthy",
    ),
    Scene(
        name="GetSubnetCidrReservations is denied",
        make=_under_explicit,
        spoil=_denied,
        truth="exit 1",
        ours=lambda said: f"exit {said.exit}",
        theirs=lambda said: f"exit {said.exit}",
    ),
    Scene(
        name="the second page of its reservations fails",
        make=_under_explicit,
        spoil=second_page_fails("GetSubnetCidrReservations"),
        truth="exit 1",
        ours=lambda said: f"exit {said.exit}",
        theirs=lambda said: f"exit {said.exit}",
    ),
    Scene(
        name="another account's interfaces, not to be seen",
        make=_a_single_in_each,
        spoil=_counted_lower,
        truth="EC2 counts 197, 237 explained",
        ours=lambda said: _disagreement(said.facts["partial"]),
        theirs=lambda said: "EC2 counts 197, 237 explained" if ": 197" in said.output else "not said",
    ),
    Scene(
        name="two /80 prefixes of IPv6",
        make=_with_ipv6,
        truth="2 /80 assigned",
        ours=lambda said: f"{said.facts['ipv6AssignedPrefixes']} /80 assigned",
        theirs=lambda said: "2 /80 assigned" if "/80" in said.output else "left out",
    ),
    Scene(
        name="the same asked twice",
        make=_a_single_in_each,
        truth="the same",
        ours=_compared,
        theirs=_compared,
    ),
    Scene(
        name="a function's address in each block",
        make=_a_single_in_each,
        truth="14 blocks spoilt by functions",
        ours=lambda said: f"{said.facts['spoiledPrefixes']} blocks spoilt by {_owners(said)}",
        theirs=lambda said: f"{len(said.facts['node_recommendations'])} nodes to drain",
    ),
)


class Account:
    """An account with the scene's subnet alone."""

    def __init__(self, scene: Scene) -> None:
        self._api, self._scene = Ec2Api(seed=1), scene
        ec2: Any = client(self._api)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
        ipv6 = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
        made = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock=CIDR, Ipv6CidrBlock=ipv6)
        self.subnet: str = made["Subnet"]["SubnetId"]
        ec2.create_tags(Resources=[self.subnet], Tags=[{"Key": "headroom:mode", "Value": "observe"}])
        scene.make(ec2, self.subnet)

    def answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Status and XML."""
        made = self._api.handle(body, headers)
        return self._scene.spoil(body, (made.status, made.body))


def ours(scene: Scene) -> str:
    """What Headroom's audit says."""
    with endpoint(Account(scene), 0) as url:
        return scene.ours(_said((*HEADROOM, "audit", "--format", "json"), url))


def theirs(scene: Scene, peer: Path) -> str:
    """What the peer says."""
    account = Account(scene)
    command = (sys.executable, str(peer.resolve()), "--subnet-id", account.subnet, "--json", "--node-recs")
    with endpoint(account, 0) as url:
        return scene.theirs(_said(command, url))


def _said(command: tuple[str, ...], url: str) -> Said:
    first, second = (_run(command, url, seed) for seed in ("1", "2"))
    return Said(exit=first.returncode, output=first.stdout, again=second.stdout)


def _run(command: tuple[str, ...], url: str, seed: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, **environment(url), "PYTHONHASHSEED": seed}
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


def run(peer: Path) -> list[dict[str, str]]:
    """Both verdicts on each scene."""
    return list(_rows(peer))


def _rows(peer: Path) -> Iterator[dict[str, str]]:
    for each in SCENES:
        yield {"scene": each.name, "truth": each.truth, "headroom": ours(each), "peer": theirs(each, peer)}


def show(rows: list[dict[str, str]]) -> None:
    """The table."""
    print(f"\n{'verdicts':<46}{'true is':<32}{'headroom audit':<32}subnet_frag.py")
    for row in rows:
        print(f"  {row['scene']:<44}{row['truth']:<32}{row['headroom']:<32}{row['peer']}")
