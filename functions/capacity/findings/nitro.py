"""EC2 assigns prefixes on Nitro-based instances only: on others the CNI goes on with single addresses, unseen.

Source: EKS user guide, 'cni-increase-ip-addresses', prerequisites; amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go
(isConfigValid: on an instance that is not Nitro it falls back, and with IPv6 it ends).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from functions.capacity.clusters import Origin
from functions.capacity.findings.advertising import set_by_eks
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity, unknown
from functions.capacity.findings.rollout import Changes, pool_of, replace_nodes, step
from functions.capacity.wording import count

FALLS_BACK = (
    "Nodes of these types take single addresses without a word: they hold far fewer pods, "
    "and their addresses spoil /28 blocks that others need."
)
WHOLE_GROUP = " The group's maximum of pods is that of its smallest type, so the Nitro nodes lose as much."
NO_IPV6 = "The CNI does not start on these types in an IPv6 cluster: no pod with an address of its own can run there."

NITRO_ALONE = "- key: karpenter.k8s.aws/instance-hypervisor\n  operator: In\n  values: [nitro]"
LIST_NITRO = (
    "aws ec2 describe-instance-types --filters Name=hypervisor,Values=nitro Name=current-generation,Values=true "
    "--query 'sort(InstanceTypes[].InstanceType)' --output text"
)


def not_nitro_in_prefix_group(facts: Facts) -> Iterator[Finding]:
    """Some types of a group in prefix mode are not Nitro."""
    for of in _in_prefix_mode(facts):
        others = _not_nitro(of)
        if others and (len(others) < len(of.types) or of.missing_types):
            yield _some_not_nitro(of, others)
        elif of.missing_types:
            yield _unknown(FindingId.NOT_NITRO, of)


def no_nitro_type_in_group(facts: Facts) -> Iterator[Finding]:
    """None of a group's types is Nitro, though its cluster is in prefix mode."""
    for of in _in_prefix_mode(facts):
        others = _not_nitro(of)
        if len(others) < len(of.types):
            continue
        if of.missing_types:
            yield _unknown(FindingId.NO_NITRO, of)
        elif others:
            yield _none_nitro(of, others)


def _in_prefix_mode(facts: Facts) -> Iterator[GroupFacts]:
    """Auto Mode chooses its types itself, all of them Nitro (EKS user guide, 'automode-learn-instances')."""
    return (of for of in facts.groups if of.wants_prefixes and of.group.origin is not Origin.AUTO_MODE)


def _not_nitro(of: GroupFacts) -> tuple[str, ...]:
    return tuple(each.name for each in of.types if not each.nitro)


def _some_not_nitro(of: GroupFacts, others: tuple[str, ...]) -> Finding:
    nitro = [each.name for each in of.types if each.nitro]
    falls_back = FALLS_BACK + (WHOLE_GROUP if nitro and set_by_eks(of.group) else "")
    return Finding(
        id=FindingId.NOT_NITRO,
        severity=_severity(of),
        resource=of.resource,
        title=f"{', '.join(others)} in {of.group.label} gets no prefixes: not Nitro",
        means=NO_IPV6 if of.cluster.ipv6 else falls_back,
        numbers=_figures(of, others),
        remedy=_without(of, others, nitro),
    )


def _none_nitro(of: GroupFacts, others: tuple[str, ...]) -> Finding:
    return Finding(
        id=FindingId.NO_NITRO,
        severity=_severity(of),
        resource=of.resource,
        title=f"no type of {of.group.label} is Nitro, so none of its nodes gets prefixes: {', '.join(others)}",
        means=NO_IPV6 if of.cluster.ipv6 else FALLS_BACK,
        numbers=_figures(of, others),
        remedy=_without(of, others, []),
    )


def _severity(of: GroupFacts) -> Severity:
    return Severity.CRITICAL if of.cluster.ipv6 else Severity.WARNING


def _figures(of: GroupFacts, others: tuple[str, ...]) -> dict[str, Number]:
    return {
        "notNitro": others,
        "nitro": tuple(each.name for each in of.types if each.nitro),
        "nodesNotNitro": sum(each.instance_type in others for each in of.group.nodes),
        "nodes": len(of.group.nodes),
    }


def _without(of: GroupFacts, others: tuple[str, ...], nitro: list[str]) -> tuple[str, ...]:
    """The steps that leave those types out; which Nitro types come instead of all of them is somebody's choice."""
    if of.group.origin is Origin.KARPENTER:
        pool = shlex.quote(pool_of(of.group))
        return (step("Add to the node pool's requirements", f"kubectl edit nodepool {pool}", NITRO_ALONE),)
    if nitro:
        without = (
            f"Leave {', '.join(others)} out. The types of a group cannot be changed, so a new one takes its place."
        )
        return (without, *replace_nodes(of.group, Changes(types=nitro)))
    describe, *make = replace_nodes(of.group)
    put = "Put the types that you chose into new-group.json, or into the launch template where that names the type."
    return (step("See which Nitro types there are, and choose", LIST_NITRO), describe, put, *make)


def _unknown(id_: FindingId, of: GroupFacts) -> Finding:
    types = " ".join(map(shlex.quote, of.missing_types))
    return unknown(
        id_,
        of.resource,
        f"of {of.group.label}, nothing is known of {count(len(of.missing_types), 'type')}: {types}",
        f"See whether EC2 knows them in this region:\naws ec2 describe-instance-types --instance-types {types} "
        "--query 'InstanceTypes[].[InstanceType,Hypervisor,BareMetal]' --output text",
    )
