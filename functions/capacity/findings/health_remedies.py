"""What to do about the health issues that have to do with addresses and subnets; of others EKS's own words say it.

Codes: EKS API reference, Issue, ClusterIssue and AddonIssue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from functions.capacity.analyse import Analysis
from functions.capacity.model import MODE_TAG, Mode

ADDON = "add-on vpc-cni"  # leads the codes that mean something else there than on a cluster
BY_EKS = (
    "Do what EKS's message says; the codes stand in "
    "https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html"
)

Ids = Sequence[str]
Subnets = Sequence[Analysis]


def remedy_of(code: str, ids: Ids, subnets: Subnets) -> tuple[str, ...]:
    """The steps for one code, none where only EKS's message says them.

    `ids` are the subnets that it may be about, `subnets` those of them that are in the view.
    """
    special = _SPECIAL.get(code)
    return tuple(special(ids, subnets)) if special else ()


def _addresses(ids: Ids, subnets: Subnets) -> Iterator[str]:
    """Nodes and the control plane need single addresses, which `prefix` reservations keep from them."""
    yield (
        "Compare EC2's count with what is really open: it goes down by what reservations hold unused.\n"
        f"aws ec2 describe-subnets{_subnet_ids(ids)} "
        "--query 'Subnets[].[SubnetId,AvailableIpAddressCount]' --output text"
    )
    for each in subnets:
        if any(one.ours for one in each.subnet.reservations):
            yield _release(each)
    yield f"See what holds addresses, and move what can go elsewhere:\n{_interfaces(ids)}"
    yield "A new node group in a subnet with room takes the rest."


def _release(analysis: Analysis) -> str:
    """Where our own reservations leave too few single addresses, the smallest goes first."""
    subnet = analysis.subnet
    first = min((one for one in subnet.reservations if one.ours), key=lambda one: (-one.cidr.prefixlen, one.cidr))
    return (
        f"If the {analysis.blocks.open_addresses} open addresses of {subnet.id} are too few, keep Headroom from "
        "reserving there and give a reservation back, the smallest first:\n"
        f"aws ec2 create-tags --resources {subnet.id} --tags Key={MODE_TAG},Value={Mode.OBSERVE}\n"
        f"aws ec2 delete-subnet-cidr-reservation --subnet-cidr-reservation-id {first.id}  # {first.cidr}"
    )


def _launches(ids: Ids, _: Subnets) -> Iterator[str]:
    yield (
        "Look for 'free addresses' in the Auto Scaling group's own words, and for other causes beside it:\n"
        "aws autoscaling describe-scaling-activities --max-items 20 "
        "--query \"Activities[?StatusCode=='Failed'].[StartTime,AutoScalingGroupName,StatusMessage]\" --output text"
    )
    yield f"If addresses are missing, see what holds them:\n{_interfaces(ids)}"


def _public(ids: Ids, _: Subnets) -> Iterator[str]:
    if ids:
        yield (
            "If the nodes are to have public addresses, let these subnets give them; else see that they have a NAT "
            "gateway:\n" + _each(ids, "aws ec2 modify-subnet-attribute --subnet-id {} --map-public-ip-on-launch")
        )


def _ipv6(ids: Ids, _: Subnets) -> Iterator[str]:
    if ids:
        yield "Let new interfaces have an IPv6 address:\n" + _each(
            ids, "aws ec2 modify-subnet-attribute --subnet-id {} --assign-ipv6-address-on-creation"
        )


def _gone(ids: Ids, _: Subnets) -> Iterator[str]:
    if ids:
        yield (
            "See which of the subnets are still there:\n"
            f"aws ec2 describe-subnets --filters Name=subnet-id,Values={','.join(ids)} "
            "--query 'Subnets[].[SubnetId,CidrBlock,AvailabilityZone]' --output text"
        )
    yield (
        "Make a new node group in subnets that exist, and delete the old one: its subnets cannot be changed. A "
        "cluster's own can be, by aws eks update-cluster-config --resources-vpc-config."
    )


def _conflict(_: Ids, __: Subnets) -> Iterator[str]:
    yield (
        "What aws-node really runs with is not what EKS was told. Compare, and decide which is meant:\n"
        "kubectl set env daemonset/aws-node -n kube-system --list"
    )
    yield (
        "Repeat the add-on's update with --resolve-conflicts OVERWRITE for EKS's settings, PRESERVE for the cluster's."
    )


def _replicas(_: Ids, __: Subnets) -> Iterator[str]:
    yield (
        "See on which nodes aws-node does not run, and what it says:\n"
        "kubectl get pods -n kube-system -l k8s-app=aws-node -o wide\n"
        "kubectl logs -n kube-system -l k8s-app=aws-node -c aws-node --tail 50"
    )


_SPECIAL: Mapping[str, Callable[[Ids, Subnets], Iterator[str]]] = {
    "InsufficientFreeAddresses": _addresses,
    "AsgInstanceLaunchFailures": _launches,
    "Ec2SubnetInvalidConfiguration": _public,
    "Ec2SubnetMissingIpv6Assignment": _ipv6,
    "Ec2SubnetNotFound": _gone,
    f"{ADDON} ConfigurationConflict": _conflict,
    f"{ADDON} InsufficientNumberOfReplicas": _replicas,
}


def _subnet_ids(ids: Ids) -> str:
    return f" --subnet-ids {' '.join(ids)}" if ids else ""


def _interfaces(ids: Ids) -> str:
    only = f" --filters Name=subnet-id,Values={','.join(ids)}" if ids else ""
    return (
        f"aws ec2 describe-network-interfaces{only} "
        "--query 'NetworkInterfaces[].[SubnetId,PrivateIpAddress,InterfaceType,Description]' --output text"
    )


def _each(ids: Ids, command: str) -> str:
    """The command once for each subnet."""
    return "\n".join(command.format(each) for each in ids)
