"""What has to be so before prefix mode: a CNI that knows prefixes, and Nitro nodes that can hold them.

EKS user guide, 'cni-increase-ip-addresses', considerations and prerequisites.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.clusters import NodeGroup, Origin, Os
from functions.capacity.cni import PREFIXES_ON_METAL_SINCE, PREFIXES_SINCE, Enforcing
from functions.capacity.findings.nitro import LIST_NITRO, NITRO_ALONE
from functions.capacity.findings.rollout import pool_of
from functions.capacity.findings.vpc_cni import kubectl_of, text_of, update_to_default
from functions.capacity.migration.groups import chosen_limits, chosen_types, old_groups
from functions.capacity.migration.situation import Situation
from functions.capacity.migration.steps import Call, State, Step

# The current generation of the types that are not Nitro, by family; the size keeps its name where there is such.
# https://aws.amazon.com/ec2/previous-generation/
SUCCESSORS = {"t1": "t3", "t2": "t3", "m1": "m5", "m3": "m5", "m4": "m5", "c1": "c5", "c3": "c5", "c4": "c5"} | {
    "m2": "r5",
    "r3": "r5",
    "r4": "r5",
    "i2": "i3en",
    "i3": "i3en",
    "d2": "d3",
    "x1": "x2idn",
}


def cni_version(of: Situation) -> Step:
    """The add-on, or the self-managed CNI, is new enough for prefixes; an update of it has ended."""
    metal = any(each.bare_metal for group in old_groups(of) for each in chosen_limits(of, group))
    floor = PREFIXES_ON_METAL_SINCE if metal else PREFIXES_SINCE
    version, addon = of.cni.version, of.cluster.addon
    why = f"prefixes need {text_of(floor)} or later; the cluster runs {text_of(version)}"
    if addon and addon.status in {"UPDATING", "CREATING"}:
        return _version_step(State.WAITING, f"{why}; EKS is changing the add-on now")
    if addon and addon.status != "ACTIVE":
        said = "; ".join(f"{each.code}: {each.message}" for each in addon.issues)
        return _version_step(State.BLOCKED, f"the vpc-cni add-on is {addon.status}{said and f' ({said})'}")
    if version is None:
        look = (kubectl_of(of.cluster), "kubectl describe daemonset aws-node -n kube-system | grep Image")
        return _version_step(State.OPEN, why, by_hand=look, visible=False)
    if version >= floor:
        return _version_step(State.DONE, why)
    if addon and of.default_version:
        return _version_step(State.OPEN, why, calls=(_update(of),))
    return _version_step(State.OPEN, why, by_hand=tuple(update_to_default(of.cluster, floor).splitlines()[1:]))


def nitro(of: Situation) -> Iterator[Step]:
    """Each group has Nitro types; where it has none, somebody chooses others, or leaves the group as it is."""
    for group in old_groups(of):
        others = tuple(each.name for each in of.types_of(group) if not each.nitro)
        if others or len(of.types_of(group)) < len(group.instance_types) or not group.instance_types:
            yield _nitro(of, group, others)


def notes(of: Situation) -> Iterator[str]:
    """What changes beside the addresses, or does not and should be known."""
    floor = text_of(PREFIXES_SINCE)
    yield (
        f"Once nodes hold prefixes, the CNI must not go below {floor} without removing all nodes of all groups first."
    )
    yield (
        "The way back, as long as an old group stands: scale it up and uncordon it, set ENABLE_PREFIX_DELEGATION to "
        "false, delete the new groups, replace the old nodes that took prefixes meanwhile (docs/migration.md)."
    )
    if of.cni.custom_networking:
        yield from _custom_networking(of)
    if of.cni.pod_eni:
        yield _pod_security_groups(of)
    if of.cni.warm_ip_target or of.cni.minimum_ip_target:
        yield from _targets(of)


def _version_step(
    state: State, why: str, calls: tuple[Call, ...] = (), by_hand: tuple[str, ...] = (), *, visible: bool = True
) -> Step:
    return Step(
        id="cni-version",
        title="A VPC CNI that knows prefixes",
        state=state,
        why=why,
        calls=calls,
        by_hand=by_hand,
        check="the add-on is ACTIVE at that version" if visible else "the image's version is high enough",
        visible=visible,
    )


def _update(of: Situation) -> Call:
    return Call(
        service="eks",
        operation="update_addon",
        arguments={
            "clusterName": of.cluster.name,
            "addonName": "vpc-cni",
            "addonVersion": of.default_version,
            "resolveConflicts": "PRESERVE",
        },
    )


def _nitro(of: Situation, group: NodeGroup, others: tuple[str, ...]) -> Step:
    chosen = chosen_types(of, group)
    unknown = [name for name in chosen or group.instance_types if name not in of.snapshot.instance_types]
    wrong = [each.name for each in chosen_limits(of, group) if not each.nitro]
    why = f"{', '.join(others)} gets no prefixes, being no Nitro type. " if others else ""
    if wrong:
        state, why = State.BLOCKED, f"{why}{', '.join(wrong)}, which was named for it, is none either"
    elif unknown and (chosen or not others):
        what = ", ".join(unknown)
        state, why = State.BLOCKED, f"{why}The limits of {what} are not known; {_choice(of, group)}"
    elif not chosen:
        state, why = State.BLOCKED, f"{why}The group has no other: {_choice(of, group)}"
    elif _type_is_in_template(of, group) and set(chosen) != set(group.instance_types):
        state, why = State.BLOCKED, f"{why}its launch template names the type: make a version with {chosen[0]} first"
    else:
        state, why = State.DONE, f"{why}The new group takes {', '.join(chosen)}"
    return Step(
        id=f"nitro:{group.name}",
        title=f"Nitro types for {group.name}",
        state=state,
        why=why,
        by_hand=() if state is State.DONE else _look(group),
        check="every type of the new group is Nitro",
    )


def _choice(of: Situation, group: NodeGroup) -> str:
    like = [found for each in group.instance_types if (found := successor(each)) in of.snapshot.instance_types]
    named = ",".join(dict.fromkeys(like)) or "TYPE"
    return f"choose some by --types {group.name}={named}, or leave the group as it is by --keep {group.name}"


def successor(name: str) -> str:
    """The Nitro type that stands in a previous generation's place, of the same size; there may be none of that name."""
    family, _, size = name.partition(".")
    return f"{SUCCESSORS.get(family, family)}.{size}"


def _look(group: NodeGroup) -> tuple[str, ...]:
    if group.origin is Origin.KARPENTER:
        return (f"kubectl edit nodepool {pool_of(group)}", *(f"# {line}" for line in NITRO_ALONE.splitlines()))
    return (LIST_NITRO,)


def _type_is_in_template(of: Situation, group: NodeGroup) -> bool:
    described = of.described.get(group.name)
    return described is not None and "instanceTypes" not in described.request


def _custom_networking(of: Situation) -> Iterator[str]:
    if of.cluster.pod_subnets is None:
        yield (
            "The cluster uses custom networking, and its ENIConfigs were not read: what is said of subnets is said of "
            "the nodes' own, but pods take their prefixes from the ENIConfigs'. Have those read: "
            "docs/self-managed-cni.md."
        )
    else:
        used = ", ".join(sorted(set(of.cluster.pod_subnets.values())))
        yield f"The cluster uses custom networking: pods take prefixes from {used}, on one interface less per node."


def _pod_security_groups(of: Situation) -> str:
    if of.cni.enforcing is Enforcing.STRICT:
        return "Security groups for pods, enforcing mode strict: out of the VPC the pod's groups count, as before."
    whose = "the pod's groups" if of.cni.external_snat else "the node's groups, not the pod's,"
    return f"Security groups for pods, enforcing mode standard: for traffic out of the VPC {whose} count."


def _targets(of: Situation) -> Iterator[str]:
    if any(each.os is Os.LINUX for each in old_groups(of)):
        yield "WARM_IP_TARGET or MINIMUM_IP_TARGET is set and stays: it outdoes WARM_PREFIX_TARGET, in steps of 16."
    if of.cni.minimum_ip_target and not of.cni.warm_ip_target:
        yield (
            f"MINIMUM_IP_TARGET={of.cni.minimum_ip_target} without WARM_IP_TARGET: a node never gets more addresses "
            "than that. Set WARM_IP_TARGET too, or take the minimum away."
        )
