"""What maximum of pods the kubelet of a group's nodes really advertises, as far as AWS's side tells.

Precedence: EKS user guide, 'choosing-instance-type' (max-pods-precedence).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from functions.capacity.clusters import Family, LaunchTemplate, NodeGroup, Origin, Os
from functions.capacity.cni import CniSettings
from functions.capacity.model import BLOCK, InstanceType
from functions.capacity.nodes import HOST_NETWORK_PODS, group_max_pods
from functions.capacity.user_data import KubeletSettings, Unreadable, pods_from, read

KUBELET_DEFAULT = 110  # KubeletConfiguration v1beta1, maxPods
AUTO_MODE_MOST = 110  # EKS user guide, 'choosing-instance-type', considerations for EKS Auto Mode

# Source: karpenter-provider-aws, pkg/providers/instancetype/types.go, functions pods and ENILimitedPods
KARPENTERS_RULE = (
    "Karpenter's own rule is (interfaces - RESERVED_ENIS) x (addresses per interface - 1) + 2, without prefixes and "
    "without a cap, 110 on Windows, unless its EC2NodeClass sets spec.kubelet.maxPods"
)


@dataclass(frozen=True, kw_only=True)
class Advertised:
    """The smallest number that any of the group's nodes advertises, and what sets it, in words.

    `per_type` has the numbers by instance type where they differ; `unknown` says why there is no number.
    """

    pods: int | None = None
    source: str = ""
    per_type: Mapping[str, int] = field(default_factory=dict)
    unknown: str = ""


def advertised(group: NodeGroup, types: Sequence[InstanceType], cni: CniSettings | None) -> Advertised:
    """What the group's nodes advertise. `types` are the limits of its instance types, `cni` its cluster's settings.

    Never raises: what AWS's side does not tell is named in `unknown`.
    """
    try:
        return _found(group, types, cni)
    except Unreadable as reason:
        return Advertised(unknown=f"its user data {reason}")


def standard_max_pods(of: InstanceType) -> int:
    """What AL2, AL2023 and Bottlerocket set where nothing else is said: no prefixes, no cap.

    eni-max-pods.txt and nodeadm/internal/kubelet/eni_max_pods.go of awslabs/amazon-eks-ami; bottlerocket#3449.
    What they do with a type that they don't list (110, where they can't ask EC2) is not seen from here.
    """
    return of.interfaces * (of.addresses_per_interface - 1) + HOST_NETWORK_PODS


def setting_for(group: NodeGroup, pods: int) -> str:
    """What to put so that new nodes advertise `pods`: the line or lines, in the form of the group's family."""
    if group.origin == Origin.AUTO_MODE:
        return "EKS Auto Mode sets max pods itself; there is nothing to put"
    if group.origin == Origin.KARPENTER:
        return f"spec:\n  kubelet:\n    maxPods: {pods}  # of the EC2NodeClass"
    if _injected(group):
        return f"EKS sets max pods itself; new nodes get {pods} with the group's next AMI or launch template update"
    family = _family(group, read(group.template.user_data if group.template else ""))
    return _SETTINGS[family](pods) if family else f"the kubelet's maxPods: {pods}, in the form that the AMI takes"


def _found(group: NodeGroup, types: Sequence[InstanceType], cni: CniSettings | None) -> Advertised:
    if group.origin == Origin.AUTO_MODE:
        return _by_type(group, types, _auto_mode_pods, "EKS Auto Mode")
    if _injected(group):
        return _by_eks(group, types, cni)
    if group.template is None:
        return _without_template(group, types)
    if group.template.unknown:
        return Advertised(unknown=group.template.unknown)
    return _by_user_data(group, group.template, types)


def _injected(group: NodeGroup) -> bool:
    """Whether EKS adds max pods to the user data itself: managed, without an own AMI.

    Seen for AL2 (terraform-aws-eks#2297: --max-pods=20 with custom networking), AL2023 (user guide) and Bottlerocket
    (terraform-aws-eks#2748, bottlerocket#3463). For Windows the guide has people put it into the launch template
    ('cni-increase-ip-addresses-procedure'), the default being 110.
    """
    return group.origin == Origin.MANAGED and not group.own_ami and _operating_system(group) != Os.WINDOWS


def _operating_system(group: NodeGroup) -> Os:
    return Os.WINDOWS if group.family == Family.WINDOWS else group.os


def _by_eks(group: NodeGroup, types: Sequence[InstanceType], cni: CniSettings | None) -> Advertised:
    missing = _missing(group, types)
    if missing:
        return Advertised(unknown=missing)
    if cni is None:
        return Advertised(unknown="EKS computes it from the VPC CNI's settings, which are not known")
    return Advertised(pods=group_max_pods(types, cni), source="EKS, which sets it for a managed node group")


def _by_user_data(group: NodeGroup, template: LaunchTemplate, types: Sequence[InstanceType]) -> Advertised:
    said, place = read(template.user_data), f"the user data of {template.id} version {template.version}"
    if said.unknown:
        raise Unreadable(said.unknown)
    if said.family and group.family and said.family != group.family:
        return Advertised(unknown=f"its user data is for {said.family}, its AMI is {group.family}")
    if said.max_pods is not None:
        return Advertised(pods=said.max_pods, source=f"max pods in {place}")
    if said.expression:
        return _by_type(group, types, lambda of: _expressed(said, of), f"maxPodsExpression in {place}")
    return _by_default(group, said, types)


def _by_default(group: NodeGroup, said: KubeletSettings, types: Sequence[InstanceType]) -> Advertised:
    """Nothing was said: what the family does then."""
    family = _family(group, said)
    if family is None:
        return Advertised(unknown="its AMI's family is not known, and its user data does not set max pods")
    if family == Family.WINDOWS or not said.standard:
        return Advertised(pods=KUBELET_DEFAULT, source="the kubelet's default")
    return _by_type(group, types, standard_max_pods, f"the default of {family}")


def _family(group: NodeGroup, said: KubeletSettings) -> Family | None:
    return said.family or group.family or (Family.WINDOWS if group.os == Os.WINDOWS else None)


def _expressed(said: KubeletSettings, of: InstanceType) -> int:
    return pods_from(
        said.expression or "", interfaces=of.interfaces, addresses_per_interface=of.addresses_per_interface
    )


def _by_type(
    group: NodeGroup, types: Sequence[InstanceType], pods: Callable[[InstanceType], int], source: str
) -> Advertised:
    missing = _missing(group, types)
    if missing:
        return Advertised(unknown=missing)
    numbers = {each.name: pods(each) for each in types}
    differs = len(set(numbers.values())) > 1
    return Advertised(pods=min(numbers.values()), source=source, per_type=numbers if differs else {})


def _missing(group: NodeGroup, types: Sequence[InstanceType]) -> str:
    """Why numbers by type can't be given; empty where they can."""
    missing = sorted(set(group.instance_types) - {each.name for each in types})
    if missing:
        return f"the limits of instance type {', '.join(missing)} are not known"
    return "" if types else "its instance types are not known"


def _auto_mode_pods(of: InstanceType) -> int:
    """With prefixes, which Auto Mode's nodes use by default, whatever the cluster's own CNI is set to."""
    return min(AUTO_MODE_MOST, of.interfaces * (of.addresses_per_interface - 1) * BLOCK + HOST_NETWORK_PODS)


def _without_template(group: NodeGroup, types: Sequence[InstanceType]) -> Advertised:
    """A managed group needs none; the others launch from one, so that it only was not read."""
    if group.origin == Origin.MANAGED and not group.own_ami:
        return _by_default(group, KubeletSettings(), types)
    if group.origin == Origin.KARPENTER:
        return Advertised(unknown=f"Karpenter's launch template is not known; {KARPENTERS_RULE}")
    return Advertised(unknown="its launch template is not known")


_SETTINGS: Mapping[Family, Callable[[int], str]] = {
    Family.AL2: lambda pods: f"--use-max-pods false --kubelet-extra-args '--max-pods={pods}'",
    Family.AL2023: lambda pods: (
        f"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config:\n      maxPods: {pods}"
    ),
    Family.BOTTLEROCKET: lambda pods: f"[settings.kubernetes]\nmax-pods = {pods}",
    Family.WINDOWS: lambda pods: f"-KubeletExtraArgs '--max-pods={pods}'",
}
