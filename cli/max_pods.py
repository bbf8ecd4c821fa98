"""`headroom max-pods`: how many pods EKS recommends for a node, in place of the calculator that AWS took away.

Same flags and the same output, one number, as awslabs/amazon-eks-ami's max-pods-calculator.sh. Beyond it: several
types (a managed node group takes the smallest), Windows, IPv6, and running on a saved DescribeInstanceTypes answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.access import Access, asking_aws
from cli.errors import UserError
from cli.files import json_of
from cli.options import Profile, Region
from functions.capacity.cni import CniSettings, cni_version
from functions.capacity.model import InstanceType
from functions.capacity.nodes import PODS_CAP_FEW, allowed_pods, max_pods, windows_allowed_pods


class Os(StrEnum):
    """The node's operating system."""

    LINUX = "linux"
    WINDOWS = "windows"


class IpFamily(StrEnum):
    """The cluster's."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


def command(
    instance_type: Annotated[list[str], typer.Option(help="As m5.large; may be given more than once.")],
    cni_version_: Annotated[
        str, typer.Option("--cni-version", help="As v1.19.2-eksbuild.5; left out, new enough for everything.")
    ] = "",
    cni_custom_networking_enabled: Annotated[
        bool, typer.Option("--cni-custom-networking-enabled", help="Pods get no address of the primary interface.")
    ] = False,
    cni_prefix_delegation_enabled: Annotated[
        bool, typer.Option("--cni-prefix-delegation-enabled", help="Nodes take /28 prefixes.")
    ] = False,
    cni_max_eni: Annotated[int | None, typer.Option(min=1, help="The CNI's MAX_ENI.")] = None,
    show_max_allowed: Annotated[
        bool, typer.Option("--show-max-allowed", help="What the addresses allow, without EKS's cap of 110 or 250.")
    ] = False,
    os: Annotated[Os, typer.Option(help="Of the nodes.")] = Os.LINUX,
    ip_family: Annotated[IpFamily, typer.Option(help="Of the cluster; ipv6 always takes prefixes.")] = IpFamily.IPV4,
    instance_types_file: Annotated[
        Path | None, typer.Option(help="A saved DescribeInstanceTypes answer; AWS is not asked then.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The smallest, and each type's.")] = False,
    profile: Profile = "",
    region: Region = "",
) -> None:
    """The recommended maximum of pods for nodes of these types; of several, the smallest."""
    ipv6 = ip_family is IpFamily.IPV6
    if ipv6 and os is Os.WINDOWS:
        raise UserError("an IPv6 cluster has no Windows nodes")
    if ipv6 and cni_custom_networking_enabled:
        raise UserError("an IPv6 cluster has no custom networking")
    cni = CniSettings(
        version=_version(cni_version_),
        prefix_delegation=cni_prefix_delegation_enabled or ipv6,
        custom_networking=cni_custom_networking_enabled,
        max_eni=cni_max_eni,
        ipv6=ipv6,
    )
    types = (
        _from_file(instance_types_file)
        if instance_types_file
        else _from_aws(instance_type, Access(profile=profile, region=region))
    )
    if unknown := [name for name in instance_type if name not in types]:
        raise UserError(f"no instance type {', '.join(unknown)} in {instance_types_file or 'this region'}")
    count = _counter(os, cni, show_max_allowed=show_max_allowed)
    per_type = {name: count(types[name]) for name in instance_type}
    smallest = min(per_type.values())
    typer.echo(json.dumps({"maxPods": smallest, "perType": per_type}) if as_json else smallest)


def _counter(os: Os, cni: CniSettings, *, show_max_allowed: bool) -> Callable[[InstanceType], int]:
    if os is Os.LINUX:
        return lambda of: (allowed_pods if show_max_allowed else max_pods)(of, cni)

    def windows(of: InstanceType) -> int:
        allowed = windows_allowed_pods(of, prefixes=cni.prefix_delegation)
        return allowed if show_max_allowed else min(PODS_CAP_FEW, allowed)  # 110 is the kubelet's default there

    return windows


def _version(text: str) -> tuple[int, ...] | None:
    if not text:
        return None
    try:
        return cni_version(text)
    except ValueError as error:
        raise UserError(str(error)) from error


def _from_aws(names: Iterable[str], access: Access) -> Mapping[str, InstanceType]:
    from functions.aws.subnets import instance_types

    with asking_aws():
        return instance_types(access.ec2(), names)


def _from_file(path: Path) -> Mapping[str, InstanceType]:
    """An answer of DescribeInstanceTypes, its list alone, or a saved snapshot that holds it."""
    from functions.aws.answers import instance_type

    found = json_of(path)
    if isinstance(found, dict):
        found = found.get("InstanceTypes", found.get("instanceTypes"))
    if not isinstance(found, list):
        raise UserError(f"{path} is no answer of DescribeInstanceTypes: it has no list InstanceTypes")
    try:
        return {each.name: each for each in map(instance_type, found)}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else "is another thing"
        raise UserError(f"{path} is no answer of DescribeInstanceTypes: an item {what}") from error
