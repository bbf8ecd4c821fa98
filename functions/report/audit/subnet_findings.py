"""Findings about single subnets that alerts tell as incidents, and a report as they stand: shortage, partial view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.capacity.advice import advice, warm_returns
from functions.capacity.analyse import Analysis
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.model import MODE_TAG, Mode, Snapshot, Subnet
from functions.capacity.vpc_space import VpcSpace


def subnet_findings(snapshot: Snapshot, analysis: Analysis, spaces: Mapping[str, VpcSpace]) -> Iterator[Finding]:
    """What is so of one subnet. `spaces` are VPCs by their id, as far as they were read.

    A view that is not whole proves nothing about the rest, so there is no shortage then.
    """
    if analysis.partial:
        yield _partial(analysis)
    elif analysis.missing:
        yield _shortage(snapshot, analysis, spaces.get(analysis.subnet.vpc_id))


def _partial(analysis: Analysis) -> Finding:
    subnet = analysis.subnet
    return Finding(
        id=FindingId.PARTIAL,
        severity=Severity.UNKNOWN,
        resource=_resource(analysis),
        title=f"Not all of {subnet.id} can be seen, so its numbers are at best a part of the truth",
        means=f"{analysis.partial[:1].upper()}{analysis.partial[1:]}. What stands there unseen takes room too.",
        numbers={"availableIpAddressCount": [str(each) for each in subnet.available]},
        remedy=(
            f"See whose interfaces are missing from what this account may read:\n{_interfaces(subnet)}",
            "If the subnet is shared from another account, run the audit in the account that owns it.",
        ),
    )


def _shortage(snapshot: Snapshot, analysis: Analysis, space: VpcSpace | None) -> Finding:
    subnet, blocks, demand = analysis.subnet, analysis.blocks, analysis.demand
    return Finding(
        id=FindingId.SHORTAGE,
        severity=Severity.CRITICAL if analysis.missing_urgent else Severity.WARNING,
        resource=_resource(analysis),
        title=f"{subnet.id} lacks {analysis.missing} of the {demand.prefixes} prefixes that may still be asked of it",
        means="Nodes beyond that get InsufficientCidrBlocks, and their pods stay in ContainerCreating.",
        numbers={
            "prefixesToCome": demand.prefixes,
            "ofThemUrgent": demand.urgent,
            "missing": analysis.missing,
            "missingNow": analysis.missing_urgent,
            "freeInReservations": len(blocks.free_reserved),
            "freeOutside": len(blocks.free_open),
            "draining": len(blocks.draining),
            "assigned": len(blocks.held),
            "nodeGroups": sorted({each.name for each in demand.groups if each.prefixes}),
        },
        remedy=(*_let_headroom(subnet), *advice(analysis, space, warm_returns(analysis, snapshot))),
    )


def _let_headroom(subnet: Subnet) -> Iterator[str]:
    if subnet.mode is Mode.OBSERVE:
        yield (
            "Let Headroom reserve blocks in this subnet, before single addresses spoil more of them:\n"
            f"aws ec2 create-tags --resources {subnet.id} --tags Key={MODE_TAG},Value={Mode.AHEAD}"
        )


def _resource(analysis: Analysis) -> Resource:
    clusters = (each.group.cluster for each in analysis.demand.groups)
    return Resource(kind=Kind.SUBNET, name=analysis.subnet.id, cluster=min(clusters, default=""))


def _interfaces(subnet: Subnet) -> str:
    return (
        f"aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={subnet.id} "
        "--query 'NetworkInterfaces[].[PrivateIpAddress,InterfaceType,OwnerId,Description]' --output text"
    )
