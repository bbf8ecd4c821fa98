"""A cluster whose node group grows: N nodes over three subnets in seven minutes."""

from __future__ import annotations

import time
from typing import Any

from sandbox.process import EmbeddedAws

STORM_SECONDS = 420
LARGEST = 16  # of an AWS subnet
ADDRESSES = 7 * 16 + 1  # that an m5.large can ask for: 110 pods


def build(aws: EmbeddedAws, nodes: int) -> str:
    """Three subnets with room for all that the nodes may ask for, as far as subnets go, and an empty node group."""
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for cidr in ("10.1.0.0/16", "10.2.0.0/16"):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=cidr)
    length = max(LARGEST, 32 - (nodes * ADDRESSES // 2).bit_length())
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{n}.0.0/{length}", AvailabilityZone=f"{aws.region}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("abc")
    ]
    ec2.create_tags(Resources=subnets, Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    role = iam.create_role(RoleName="storm-eks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name="storm", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    eks.create_addon(
        clusterName="storm",
        addonName="vpc-cni",
        addonVersion="v1.19.2-eksbuild.5",
        configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}}',
    )
    group = eks.create_nodegroup(
        clusterName="storm",
        nodegroupName="workers",
        nodeRole=role,
        subnets=subnets,
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 0, "maxSize": nodes, "desiredSize": 0},
    )["nodegroup"]
    name: str = group["resources"]["autoScalingGroups"][0]["name"]
    return name


def launch(aws: EmbeddedAws, group: str, nodes: int, speed: float) -> tuple[float, float]:
    """When the storm began (epoch), and how many seconds behind its plan it ended."""
    scaling, ec2 = aws.client("autoscaling"), aws.client("ec2")
    began, seconds = time.time(), STORM_SECONDS / speed
    ready, done, some = set[str](), 0, max(20, nodes // 50)
    while done < nodes:
        due = min(nodes, int((time.time() - began) / seconds * nodes) + 1)
        if due == done:
            time.sleep(0.05)
            continue
        scaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=due)
        done = due
        if done >= len(ready) + some or done == nodes:
            _take_prefixes(ec2, ready)
    return began, max(0.0, time.time() - began - seconds)


def _take_prefixes(ec2: Any, ready: set[str]) -> None:
    """Every interface that has none gets one: what the CNI of a new node does."""
    found = ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )
    for page in found:
        for instance in (each for held in page["Reservations"] for each in held["Instances"]):
            if instance["InstanceId"] not in ready:
                ready.add(instance["InstanceId"])
                interface = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
                ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, Ipv4PrefixCount=1)
