"""What an IPv6 cluster cannot have: Windows nodes, and node subnets without an IPv6 block, or without enough of it.

Sources: EKS user guide, 'cni-ipv6' and 'cni-increase-ip-addresses'; EKS API reference, Issue
(Ec2SubnetMissingIpv6Assignment).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from functions.capacity.analyse import Analysis
from functions.capacity.clusters import Cluster, NodeGroup, Origin, Os
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity, unknown
from functions.capacity.findings.subnet_numbers import place
from functions.capacity.findings.vpc_cni import kubectl_of
from functions.capacity.ipv6_blocks import Ipv6Blocks
from functions.capacity.model import Subnet
from functions.capacity.wording import count


def windows_in_ipv6_cluster(facts: Facts) -> Iterator[Finding]:
    """A group of Windows nodes in an IPv6 cluster."""
    for each in facts.groups:
        if each.cluster.ipv6 and each.group.os is Os.WINDOWS:
            yield _windows(each)


def subnet_without_ipv6_prefixes(facts: Facts) -> Iterator[Finding]:
    """A subnet of an IPv6 cluster's nodes that has no IPv6 block to take a /80 from, or too few free ones in it."""
    for cluster in facts.clusters:
        if cluster.ipv6:
            groups = facts.groups_of(cluster.name)
            for subnet_id in sorted({each for group in groups for each in group.group.subnet_ids}):
                yield from _subnet(facts.analyses.get(subnet_id), subnet_id, cluster, groups)


def _windows(each: GroupFacts) -> Finding:
    group, nodes = each.group, len(each.group.nodes)
    return Finding(
        id=FindingId.WINDOWS_IN_IPV6,
        severity=Severity.CRITICAL,
        resource=each.resource,
        title=f"{group.label} has Windows nodes ({nodes} of at most {group.max_size}) in an IPv6 cluster",
        numbers={"nodes": nodes, "maxSize": group.max_size},
        means="IPv6 clusters give Windows pods no address: no pod starts on these nodes.",
        remedy=(
            f"Take the group away:\n{_removal(each.cluster, group)}",
            "Run Windows nodes in a cluster of the IPv4 family. A cluster's family cannot be changed.",
        ),
    )


def _removal(cluster: Cluster, group: NodeGroup) -> str:
    name = shlex.quote(group.name)
    if group.origin is Origin.MANAGED:
        return f"aws eks delete-nodegroup --cluster-name {shlex.quote(group.cluster)} --nodegroup-name {name}"
    if group.origin in (Origin.KARPENTER, Origin.AUTO_MODE):
        return f"{kubectl_of(cluster)}\nkubectl delete nodepool {name}"
    if group.auto_scaling_groups:
        return "\n".join(
            f"aws autoscaling update-auto-scaling-group --auto-scaling-group-name {shlex.quote(each)} "
            "--min-size 0 --desired-capacity 0 --max-size 0"
            for each in group.auto_scaling_groups
        )
    return f"aws ec2 terminate-instances --instance-ids {' '.join(each.instance_id for each in group.nodes)}"


def _subnet(
    analysis: Analysis | None, subnet_id: str, cluster: Cluster, groups: tuple[GroupFacts, ...]
) -> Iterator[Finding]:
    resource = Resource(kind=Kind.SUBNET, name=subnet_id, cluster=cluster.name)
    if analysis is None:
        yield unknown(
            FindingId.NO_IPV6_BLOCK,
            resource,
            f"{subnet_id} could not be read",
            f"See its blocks:\naws ec2 describe-subnets --subnet-ids {subnet_id} "
            "--query 'Subnets[].Ipv6CidrBlockAssociationSet[]'",
        )
    elif analysis.ipv6 is None:
        here = tuple(each for each in groups if subnet_id in each.group.subnet_ids)
        yield _without_block(analysis.subnet, resource, here)
    elif analysis.ipv6_missing:
        yield _too_few(analysis, analysis.ipv6, resource)
    elif analysis.partial and analysis.demand.ipv6_prefixes:
        yield unknown(FindingId.NO_IPV6_BLOCK, resource, f"{subnet_id}: {analysis.partial}", _holders(subnet_id))


def _too_few(analysis: Analysis, blocks: Ipv6Blocks, resource: Resource) -> Finding:
    subnet, demand = analysis.subnet, analysis.demand
    return Finding(
        id=FindingId.NO_IPV6_BLOCK,
        severity=Severity.CRITICAL if analysis.ipv6_missing_urgent else Severity.WARNING,
        resource=resource,
        title=(
            f"{subnet.id} lacks {analysis.ipv6_missing} of the {demand.ipv6_prefixes} /80 prefixes "
            "that may still be asked of it"
        ),
        where=place(subnet),
        numbers={
            "prefixesToCome": demand.ipv6_prefixes,
            "ofThemUrgent": demand.ipv6_urgent,
            "freePrefixes": blocks.free,
            "freePrefixesReserved": blocks.free_reserved,
            "assignedPrefixes": blocks.in_use,
            "drainingBlocks": blocks.draining,
        },
        means="Nodes beyond that get no /80 prefix: they do not become ready, and no pod starts on them.",
        remedy=(
            f"See what stands in its IPv6 block, single addresses and prefixes:\n{_holders(subnet.id)}",
            f"See what is reserved there; EC2 assigns nothing from what is `explicit`:\n{_reservations(subnet.id)}",
            "Or give the node groups more subnets, which for a managed group means a new group.",
        ),
    )


def _holders(subnet_id: str) -> str:
    return (
        f"aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={subnet_id} "
        "--query 'NetworkInterfaces[].[NetworkInterfaceId,Description,Ipv6Addresses[].Ipv6Address,"
        "Ipv6Prefixes[].Ipv6Prefix]' --output text"
    )


def _reservations(subnet_id: str) -> str:
    return (
        f"aws ec2 get-subnet-cidr-reservations --subnet-id {subnet_id} "
        "--query 'SubnetIpv6CidrReservations[].[Cidr,ReservationType,Description]' --output text"
    )


def _without_block(subnet: Subnet, resource: Resource, groups: tuple[GroupFacts, ...]) -> Finding:
    names = [each.group.name for each in groups]
    nodes = sum(1 for each in groups for node in each.group.nodes if node.subnet_id == subnet.id)
    return Finding(
        id=FindingId.NO_IPV6_BLOCK,
        severity=Severity.CRITICAL,
        resource=resource,
        title=(
            f"{subnet.id} has no IPv6 block, and {', '.join(names)} of the IPv6 cluster {resource.cluster} "
            f"may start nodes in it ({count(nodes, 'node')} now)"
        ),
        where=place(subnet),
        numbers={"nodes": nodes, "nodeGroups": names},
        means="A node there gets no /80 prefix: it does not become ready, and no pod starts on it.",
        remedy=(
            f"See the VPC's IPv6 blocks, and which /64 of them are taken:\n{_blocks_of_vpc(subnet)}",
            f"Give the subnet a free one:\nBLOCK=  # a /64 that is not in the second list\n{_association(subnet)}",
            "Or give the node groups other subnets, which for a managed group means a new group.",
        ),
    )


def _blocks_of_vpc(subnet: Subnet) -> str:
    query = "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock"
    return (
        f"{vpc_line(subnet)}\n"
        f"aws ec2 describe-vpcs --vpc-ids $VPC --query 'Vpcs[].{query}' --output text\n"
        f"aws ec2 describe-subnets --filters Name=vpc-id,Values=$VPC --query 'Subnets[].{query}' --output text"
    )


def _association(subnet: Subnet) -> str:
    return (
        f'aws ec2 associate-subnet-cidr-block --subnet-id {subnet.id} --ipv6-cidr-block "$BLOCK"\n'
        f"aws ec2 modify-subnet-attribute --subnet-id {subnet.id} --assign-ipv6-address-on-creation"
    )


def vpc_line(subnet: Subnet) -> str:
    """The line that puts the subnet's VPC into $VPC, looked up there where it is not known here."""
    if subnet.vpc_id:
        return f"VPC={subnet.vpc_id}"
    return f"VPC=$(aws ec2 describe-subnets --subnet-ids {subnet.id} --query 'Subnets[0].VpcId' --output text)"
