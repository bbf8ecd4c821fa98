"""`headroom audit`: VPCs and trends, from AWS, from the table, from earlier snapshots; unknown where there are none."""

import json
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.process import ROOT
from tests.cli.program import headroom

EXAMPLE: dict[str, Any] = json.loads((ROOT / "docs" / "examples" / "snapshot.json").read_text())
SUBNET, VPC = EXAMPLE["subnets"][0]["SubnetId"], EXAMPLE["subnets"][0]["VpcId"]
VPCS: dict[str, Any] = {
    "vpcs": [
        {
            "VpcId": VPC,
            "CidrBlock": "10.0.0.0/16",
            "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
        }
    ],
    "vpcSubnets": [*EXAMPLE["subnets"], {"VpcId": VPC, "SubnetId": "subnet-1", "CidrBlock": "10.0.128.0/17"}],
}


def saved(folder: Any, name: str = "now.json", **changes: Any) -> str:
    file = folder / name
    file.write_text(json.dumps({**EXAMPLE, **changes}))
    return str(file)


def an_hour_ago(hours: int) -> dict[str, Any]:
    """The example as it was that long ago, with one interface less for each hour."""
    at = datetime.fromisoformat(EXAMPLE["takenAt"]) - timedelta(hours=hours)
    others = [each for each in EXAMPLE["networkInterfaces"] if each["SubnetId"] != SUBNET]
    here = [each for each in EXAMPLE["networkInterfaces"] if each["SubnetId"] == SUBNET]
    gone, kept = here[:hours], here[hours:]
    took = sum(len(each["PrivateIpAddresses"]) + 16 * len(each.get("Ipv4Prefixes", ())) for each in gone)
    subnets = deepcopy(EXAMPLE["subnets"])
    subnets[0]["AvailableIpAddressCount"] += took
    return {"takenAt": at.isoformat(), "networkInterfaces": others + kept, "subnets": subnets}


def reported(*arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    done = headroom("audit", *arguments, "--json", environment=environment)
    assert (done.returncode, done.stderr) == (2, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_saved_snapshot_with_its_vpcs_tells_their_room(tmp_path):
    vpc = reported("--snapshot", saved(tmp_path, **VPCS))["vpcs"][VPC]
    assert (vpc["cidrs"], vpc["subnetCount"], vpc["largestRangeInNoSubnet"]) == (["10.0.0.0/16"], 3, "10.0.64.0/18")


@pytest.mark.parametrize("keys", [[], ["vpcs"], ["vpcSubnets"]])
def test_without_one_of_the_keys_it_is_unknown(tmp_path, keys):
    vpc = reported("--snapshot", saved(tmp_path, **{each: VPCS[each] for each in keys}))["vpcs"][VPC]
    assert vpc.pop("subnetIds") == sorted(each["SubnetId"] for each in EXAMPLE["subnets"])
    assert set(vpc.values()) == {None}


@pytest.mark.parametrize("odd", [7, [7], [{}], [{"VpcId": VPC}]], ids=str)
def test_vpcs_that_are_none_are_an_error_in_one_line(tmp_path, odd):
    done = headroom("audit", "--snapshot", saved(tmp_path, **{**VPCS, "vpcs": odd}))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "cannot be read" in done.stderr


def test_a_series_of_snapshots_is_a_trend(tmp_path):
    earlier = [saved(tmp_path, f"{hours}.json", **an_hour_ago(hours)) for hours in (1, 3, 2)]
    named = [each for file in earlier for each in ("--earlier", file)]
    subnet = reported("--snapshot", saved(tmp_path), *named)["subnets"][SUBNET]
    assert subnet["samples"] == 3
    assert subnet["trendSince"] == an_hour_ago(3)["takenAt"]
    assert subnet["trendFreePrefixes"] > subnet["freePrefixes"]
    assert subnet["trend"].endswith("in 4 looks")
    html = headroom("audit", "--snapshot", saved(tmp_path), *named, "--format", "html").stdout
    assert f"Free /28s: {subnet['trend']}" in html


def test_a_single_snapshot_tells_no_trend(tmp_path):
    subnet = reported("--snapshot", saved(tmp_path))["subnets"][SUBNET]
    assert (subnet["trend"], subnet["trendSince"], subnet["samples"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"takenAt": EXAMPLE["takenAt"]}, "is not before the one to report on", id="the same time"),
        pytest.param({"takenAt": None}, "does not say when it was taken", id="a null"),
        pytest.param({"subnets": 7}, "is no snapshot", id="no snapshot"),
    ],
)
def test_an_earlier_snapshot_that_tells_no_past_is_an_error(tmp_path, changes, says):
    file = saved(tmp_path, "earlier.json", **changes)
    done = headroom("audit", "--snapshot", saved(tmp_path), "--earlier", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert says in done.stderr


def test_an_earlier_snapshot_without_its_time_is_an_error(tmp_path):
    file = tmp_path / "e.json"
    file.write_text(json.dumps({"subnets": []}))
    done = headroom("audit", "--snapshot", saved(tmp_path), "--earlier", str(file))
    assert (done.returncode, "does not say when it was taken" in done.stderr) == (1, True)
