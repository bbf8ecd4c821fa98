"""AWS's answers to values of the model. Pure; the shapes are boto3's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from functions.capacity.model import (
    OWNER,
    OWNER_TAG,
    CniSettings,
    InstanceType,
    Interface,
    Node,
    NodeGroup,
    Reservation,
    Subnet,
)
from functions.capacity.nodes import cni_version

Answer = Mapping[str, Any]


class UnknownSettingsError(ValueError):
    """An add-on's settings that cannot be read as the VPC CNI's."""


def subnet(answer: Answer, interfaces: tuple[Interface, ...], reservations: tuple[Reservation, ...]) -> Subnet:
    """DescribeSubnets' item with what stands in the subnet."""
    return Subnet(
        id=answer["SubnetId"],
        cidr=IPv4Network(answer["CidrBlock"]),
        zone=answer["AvailabilityZone"],
        available=(answer["AvailableIpAddressCount"],),
        tags=tags(answer),
        interfaces=interfaces,
        reservations=reservations,
    )


def tags(answer: Answer) -> Mapping[str, str]:
    """EC2's list of tags as a mapping; no tags are an empty one."""
    return {each["Key"]: each["Value"] for each in answer.get("Tags", ())}


def interface(answer: Answer) -> Interface:
    """DescribeNetworkInterfaces' item. Prefixes stand apart from PrivateIpAddresses there."""
    return Interface(
        id=answer["NetworkInterfaceId"],
        subnet_id=answer["SubnetId"],
        instance_id=answer.get("Attachment", {}).get("InstanceId"),
        addresses=tuple(int(IPv4Address(each["PrivateIpAddress"])) for each in answer.get("PrivateIpAddresses", ())),
        prefixes=tuple(int(IPv4Network(each["Ipv4Prefix"]).network_address) for each in answer.get("Ipv4Prefixes", ())),
    )


def reservation(answer: Answer) -> Reservation:
    """GetSubnetCidrReservations' IPv4 item, and what CreateSubnetCidrReservation returns."""
    return Reservation(
        id=answer["SubnetCidrReservationId"],
        subnet_id=answer["SubnetId"],
        cidr=IPv4Network(answer["Cidr"]),
        reserves_prefixes=answer["ReservationType"] == "prefix",
        ours=tags(answer).get(OWNER_TAG) == OWNER,
    )


def instance_type(answer: Answer) -> InstanceType:
    """DescribeInstanceTypes' item. Bare metal has no Hypervisor and is Nitro-based."""
    network = answer["NetworkInfo"]
    card = network["NetworkCards"][network.get("DefaultNetworkCardIndex", 0)]
    return InstanceType(
        name=answer["InstanceType"],
        interfaces=card["MaximumNetworkInterfaces"],
        addresses_per_interface=network["Ipv4AddressesPerInterface"],
        vcpus=answer["VCpuInfo"]["DefaultVCpus"],
        nitro=answer.get("BareMetal", False) or answer.get("Hypervisor") == "nitro",
        bare_metal=answer.get("BareMetal", False),
    )


def node_group(answer: Answer, instances: Iterable[Answer]) -> NodeGroup:
    """DescribeNodegroup's `nodegroup`, with the instances of any group that carry EKS's tags for this one."""
    cluster, name = answer["clusterName"], answer["nodegroupName"]
    scaling = answer.get("scalingConfig", {})
    return NodeGroup(
        cluster=cluster,
        name=name,
        subnet_ids=tuple(answer.get("subnets", ())),
        instance_types=tuple(answer.get("instanceTypes", ())),
        desired_size=scaling.get("desiredSize", 0),
        max_size=scaling.get("maxSize", 0),
        nodes=tuple(
            Node(instance_id=each["InstanceId"], subnet_id=each["SubnetId"])
            for each in instances
            if tags(each).get("eks:cluster-name") == cluster and tags(each).get("eks:nodegroup-name") == name
        ),
    )


def cni_settings(addon: Answer) -> CniSettings:
    """DescribeAddon's `addon` for vpc-cni: its configurationValues, JSON text with an `env` of texts.

    Raises UnknownSettingsError where they are not that (the add-on takes YAML too, which is not read yet).
    """
    text = addon.get("configurationValues") or "{}"
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnknownSettingsError(f"vpc-cni's configurationValues are not JSON: {error}") from error
    env = values.get("env", {}) if isinstance(values, dict) else None
    if not isinstance(env, dict):
        raise UnknownSettingsError("vpc-cni's configurationValues have no object `env`")
    return CniSettings(
        version=_version(addon),
        prefix_delegation=_flag(env, "ENABLE_PREFIX_DELEGATION"),
        warm_prefix_target=_number(env, "WARM_PREFIX_TARGET") or CniSettings.warm_prefix_target,
        warm_ip_target=_number(env, "WARM_IP_TARGET"),
        minimum_ip_target=_number(env, "MINIMUM_IP_TARGET"),
        max_eni=_number(env, "MAX_ENI") or None,
        custom_networking=_flag(env, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"),
    )


def _version(addon: Answer) -> tuple[int, ...] | None:
    try:
        return cni_version(addon.get("addonVersion") or "")
    except ValueError:
        return None


def _flag(env: Mapping[str, Any], name: str) -> bool:
    """As the CNI reads it, by Go's strconv.ParseBool; what that refuses counts as the default, false."""
    return str(env.get(name, "")).strip() in {"1", "t", "T", "true", "TRUE", "True"}


def _number(env: Mapping[str, Any], name: str) -> int | None:
    """A whole number of at least 0, None where it is not set. The CNI reads -1 and less as 'not set' too."""
    if name not in env:
        return None
    try:
        value = int(str(env[name]).strip())
    except ValueError as error:
        raise UnknownSettingsError(f"vpc-cni's {name} is {env[name]!r:.60}, not a whole number") from error
    return value if value >= 0 else None
