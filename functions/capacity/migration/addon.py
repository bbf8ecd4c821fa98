"""Prefix mode switched on: in the add-on's configuration, or with kubectl where the CNI is self-managed.

EKS user guide, 'cni-increase-ip-addresses-procedure'; Windows: the ConfigMap amazon-vpc-cni in kube-system.
"""

from __future__ import annotations

from functions.capacity.clusters import Os
from functions.capacity.findings.vpc_cni import kubectl_of
from functions.capacity.migration.configuration import WINDOWS, Merged, merged, wanted_env
from functions.capacity.migration.groups import old_groups
from functions.capacity.migration.situation import Situation
from functions.capacity.migration.steps import Call, State, Step

_CONFIG_MAP = '{"data":{"enable-windows-ipam":"true","enable-windows-prefix-delegation":"true"}}'
_AT_ONCE = (
    "from then on old nodes may take prefixes beside the single addresses that they hold, which is no state to stay in"
)


def prefix_mode(of: Situation) -> Step:
    """The switch itself, for the systems that the cluster's old groups run."""
    systems = [each for each in (Os.LINUX, Os.WINDOWS) if any(group.os is each for group in old_groups(of))]
    off = [each for each in systems if not of.wants_prefixes(each)]
    addon = of.cluster.addon
    if addon and addon.status == "UPDATING":
        return _step(State.WAITING, "EKS is changing the add-on now")
    if off and addon is None:
        return _self_managed(of, off)
    if off:
        return _by_addon(of, off)
    if not systems and not of.cni.prefix_delegation:
        return _step(State.DONE, "no group is to be moved to it")
    return _step(State.DONE, f"prefix mode is on, according to {of.cni.source}")


def _by_addon(of: Situation, off: list[Os]) -> Step:
    try:
        new = _configuration(of, off)
    except ValueError as error:
        return _step(State.BLOCKED, str(error))
    why = f"the configuration is merged, all other settings stay; {_AT_ONCE}"
    if new.comments_lost:
        why += ". The comments in the YAML are lost: keep a copy"
    call = Call(
        service="eks",
        operation="update_addon",
        arguments={
            "clusterName": of.cluster.name,
            "addonName": "vpc-cni",
            "resolveConflicts": "PRESERVE",
            "configurationValues": new.text,
        },
    )
    return _step(State.OPEN, why, calls=(call,), shown=new.text)


def _configuration(of: Situation, off: list[Os]) -> Merged:
    env = wanted_env(of.cni) if Os.LINUX in off else {}
    return merged(of.configuration, env, WINDOWS if Os.WINDOWS in off else {})


def _self_managed(of: Situation, off: list[Os]) -> Step:
    """Nothing of AWS's shows how a DaemonSet is set, unless a deployment reads it (docs/self-managed-cni.md)."""
    commands = [kubectl_of(of.cluster)]
    if Os.LINUX in off:
        changes = " ".join(f"{name}={value}" for name, value in wanted_env(of.cni).items())
        commands.append(f"kubectl set env daemonset/aws-node -n kube-system {changes}")
        commands.append("kubectl rollout status daemonset/aws-node -n kube-system")
    if Os.WINDOWS in off:
        commands.append(f"kubectl patch configmap amazon-vpc-cni -n kube-system --type merge -p '{_CONFIG_MAP}'")
    return _step(State.OPEN, f"the CNI is self-managed; {_AT_ONCE}", by_hand=tuple(commands), visible=False)


def _step(
    state: State,
    why: str,
    *,
    calls: tuple[Call, ...] = (),
    by_hand: tuple[str, ...] = (),
    shown: str = "",
    visible: bool = True,
) -> Step:
    return Step(
        id="prefix-mode",
        title="Prefix mode",
        state=state,
        why=why,
        calls=calls,
        by_hand=by_hand,
        shown=shown,
        check="the add-on is ACTIVE with the setting" if visible else "aws-node has been rolled out with the setting",
        visible=visible,
    )
