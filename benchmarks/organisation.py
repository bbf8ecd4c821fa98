"""An audit of 500 accounts and regions: how many AWS calls, how long, how much memory the merging takes.

    python -m benchmarks.organisation

The product's own functions run, with boto3's real clients, whose requests are answered in this process: EC2 by the
embedded one, EKS, Auto Scaling, STS and S3 by answers kept here. No answer waits. Time is modelled: a place takes what
it takes of the processor here, and 60 ms for each of its calls, one after the other, as it makes them. Read in
sequence, the places' times add up; by the map, 40 at once are taken in order, each by the first that is free. Left out
are Step Functions' own time, the start of Lambda's processes, and that a Lambda's processor is another one.
"""

from __future__ import annotations

import heapq
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from benchmarks.measured import measured
from benchmarks.merging import FOLDER, NOW, a_client, a_response, as_xml, stored
from functions.aws.clients import Keys
from functions.aws.elsewhere import NotPermittedError
from functions.aws.reports import Reports
from functions.aws.waiting_parts import Waiting
from functions.capacity.model import Policy
from functions.capacity.places import Place, places
from functions.handlers.organisation_place import placed
from functions.settings import PlaceSettings
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client as ec2_client

PLACES, REGIONS = 500, 5
OCCUPIED = 2  # of five regions that an account has clusters in
LATENCY, AT_ONCE = 0.060, 40
SUBNETS, INTERFACES = 3, 100  # of an occupied place; interfaces of each subnet
OUTPUT = Path(__file__).parent.parent / "build" / "bench" / "organisation.json"
DENIED = "000000000007"
EC2_REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2")

START = "import benchmarks.merging"  # what the merging's process takes before it begins


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One place: its calls, and how long it took of the processor."""

    calls: int
    seconds: float

    @property
    def modelled(self) -> float:
        """With the time that its calls are under way."""
        return self.seconds + self.calls * LATENCY


@dataclass
class World:
    """AWS as all accounts have it: the same in each, since names are unique in their place only."""

    folder: Path
    calls: Counter[str] = field(default_factory=Counter)
    furnished: Ec2Api = field(default_factory=lambda: Ec2Api(seed=1))
    subnets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        ec2: Any = ec2_client(self.furnished)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for n in range(SUBNETS):
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{4 * n}.0/22")["Subnet"]["SubnetId"]
            self.subnets.append(made)
            for _ in range(INTERFACES):
                ec2.create_network_interface(SubnetId=made)
        self.empty = Ec2Api(seed=1, first=False, account_id="999999999999")

    def make(self, service: str, region: str, keys: Keys) -> Any:
        """A client in a place; an account's key is its id."""
        account = keys.access_key
        occupied = EC2_REGIONS.index(region) < OCCUPIED
        if service == "ec2":
            return self.counted(_ec2(self.furnished if occupied else self.empty, region), lambda _: None)
        answers = _eks(self.subnets, account, region) if occupied else {"/clusters": {"clusters": []}}
        if service == "eks":
            return self.counted(a_client(service, region), lambda request: _json(answers[_path(request)]))
        return self.counted(a_client(service, region), lambda _: as_xml(_NO_GROUPS))

    def sts(self) -> Any:
        """Lets in everywhere but into one account."""
        return self.counted(a_client("sts", "us-east-1"), _assumed)

    def s3(self) -> Any:
        """Keeps objects as files."""
        return self.counted(a_client("s3", "us-east-1"), lambda request: stored(request, self.folder))

    def counted(self, client: Any, answer: Any) -> Any:
        """The client, with each of its requests counted and answered here."""

        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
            found: AWSResponse | None = answer(request)
            return found

        client.meta.events.register("before-call", lambda model, **_: self.calls.update([model.name]))
        client.meta.events.register("before-send", send)
        return client


def run(number: int = PLACES) -> dict[str, Any]:
    """All of it, for so many accounts and regions."""
    with tempfile.TemporaryDirectory() as scratch:
        world = World(Path(scratch))
        taken = _read(world, _places(number))
        some = json.loads((world.folder / FOLDER / "places.json").read_text())
        merged = {}
        for part in (number // 10, number):
            (world.folder / FOLDER / "places.json").write_text(json.dumps(some[:part]))
            merged[part] = measured([sys.executable, "-m", "benchmarks.merging", scratch])
        start = measured([sys.executable, "-c", START])
        sizes = {each.name: each.stat().st_size for each in (world.folder / FOLDER).glob("report.*")}
    in_sequence, by_the_map = sum(each.modelled for each in taken), at_once([each.modelled for each in taken], AT_ONCE)
    return {
        "places": len(taken),
        "latency": LATENCY,
        "calls": dict(world.calls.most_common()),
        "callsInAll": sum(world.calls.values()),
        "callsOfAPlace": {"least": min(t.calls for t in taken), "most": max(t.calls for t in taken)},
        "cpuSeconds": round(sum(each.seconds for each in taken), 1),
        "inSequence": round(in_sequence, 1),
        "byTheMap": round(by_the_map, 1),
        "ratio": round(in_sequence / by_the_map, 1),
        "merge": {
            str(part): {"cpuSeconds": round(each.cpu_seconds, 2), "megabytes": round(each.megabytes)}
            for part, each in merged.items()
        },
        "startMegabytes": round(start.megabytes),
        "bytes": sizes,
    }


def at_once(durations: Sequence[float], workers: int) -> float:
    """How long it takes so many workers to do these in order."""
    free = [0.0] * workers
    for each in durations:
        heapq.heappush(free, heapq.heappop(free) + each)
    return max(free)


def show(found: Mapping[str, Any]) -> None:
    """As a table."""
    print(f"\n{found['places']} accounts and regions, {LATENCY * 1000:.0f} ms a call (modelled), {AT_ONCE} at once")
    least, most = found["callsOfAPlace"]["least"], found["callsOfAPlace"]["most"]
    print(f"  AWS calls {found['callsInAll']:,} in all, {least} to {most} of a place; {found['cpuSeconds']} s of CPU")
    print(f"  in sequence {found['inSequence']} s, by the map {found['byTheMap']} s: {found['ratio']}x")
    for number, each in found["merge"].items():
        print(f"  merging {number}: {each['cpuSeconds']} s of CPU, {each['megabytes']} MB", end="")
        print(f" ({found['startMegabytes']} MB are the start)")
    print("  " + ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sorted(found["bytes"].items())))


def _places(number: int) -> tuple[Place, ...]:
    return places((f"{n:012}" for n in range(number // REGIONS)), EC2_REGIONS)


def _read(world: World, found: tuple[Place, ...]) -> list[Taken]:
    config = PlaceSettings(bucket="b", role="arn:aws:iam::{account}:role/Reads", policy=Policy(), external_id="bench")
    to: Any = type("Clients", (), {"sts": staticmethod(world.sts), "s3": staticmethod(world.s3)})
    Waiting(reports=Reports(s3=world.s3(), bucket="b"), folder=FOLDER).ask(found)
    return [_taken(world, place, config, to) for place in found]


def _taken(world: World, place: Place, config: PlaceSettings, to: Any) -> Taken:
    before, began = sum(world.calls.values()), time.process_time()
    event = {"account": place.account, "region": place.region, "folder": FOLDER, "run": "bench"}
    try:
        placed(event, config, to, now=NOW, make=world.make)
    except NotPermittedError as error:
        cause = json.dumps({"errorMessage": str(error)})
        failed = json.dumps({"error": "NotPermittedError", "cause": cause})
        Reports(s3=world.s3(), bucket="b").put(f"{FOLDER}/{place}/failed.json", failed, "application/json")
    return Taken(calls=sum(world.calls.values()) - before, seconds=time.process_time() - began)


# --- what answers ---


def _ec2(api: Ec2Api, region: str) -> Any:
    return ec2_client(api, region)


def _json(value: Any) -> AWSResponse:
    return a_response(200, "application/json", json.dumps(value).encode())


def _path(request: AWSPreparedRequest) -> str:
    return unquote(urlsplit(str(request.url)).path)


_NO_GROUPS = (
    '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
    "<DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult>"
    "</DescribeAutoScalingGroupsResponse>"
)


def _assumed(request: AWSPreparedRequest) -> AWSResponse:
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    account = unquote(body).partition("arn:aws:iam::")[2][:12]
    if account == DENIED:
        said = f"not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{account}:role/Reads"
        text = f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{said}</Message></Error></ErrorResponse>"
        return as_xml(text, 403)
    keys = f"<AccessKeyId>{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    return as_xml(
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"{keys}<Expiration>2026-11-28T07:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )


def _eks(subnets: Sequence[str], account: str, region: str) -> dict[str, Any]:
    """One cluster in prefix mode with two node groups that may ask for much."""
    groups = ("blue", "green")
    settings = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    found: dict[str, Any] = {
        "/clusters": {"clusters": ["shop"]},
        "/clusters/shop": {
            "cluster": {
                "name": "shop",
                "arn": f"arn:aws:eks:{region}:{account}:cluster/shop",
                "resourcesVpcConfig": {"vpcId": "vpc-1", "subnetIds": list(subnets)},
                "kubernetesNetworkConfig": {"ipFamily": "ipv4"},
            }
        },
        "/clusters/shop/addons/vpc-cni": {
            "addon": {
                "clusterName": "shop",
                "addonName": "vpc-cni",
                "addonVersion": "v1.19.2-eksbuild.5",
                "configurationValues": settings,
                "status": "ACTIVE",
            }
        },
        "/clusters/shop/node-groups": {"nodegroups": list(groups)},
    }
    for name in groups:
        found[f"/clusters/shop/node-groups/{name}"] = {
            "nodegroup": {
                "clusterName": "shop",
                "nodegroupName": name,
                "subnets": list(subnets),
                "instanceTypes": ["m5.large"],
                "amiType": "AL2023_x86_64_STANDARD",
                "scalingConfig": {"minSize": 0, "maxSize": 40, "desiredSize": 0},
                "resources": {"autoScalingGroups": []},
            }
        }
    return found


def main() -> None:
    """Measure, print, write."""
    show(found := run())
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
