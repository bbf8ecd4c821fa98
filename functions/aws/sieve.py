"""Answers that are not as AWS documents them: each is named and left out, and the rest goes on.

That is for what is known *about* nodes. Of subnets, interfaces and reservations nothing is left out: a subnet without a
part would look emptier than it is, so an odd answer about one is an error of the whole read (`demand`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.aws import answers, eks_answers, node_answers
from functions.aws.odd import OddAnswerError, unreadable
from functions.aws.shape import misfit
from functions.capacity.clusters import Addon, Cluster
from functions.capacity.model import InstanceType, Interface, Ipv6Reservation, Reservation, Subnet

if TYPE_CHECKING:
    from functions.aws.saved import Saved


@dataclass(frozen=True)
class Kind:
    """One kind of answer: its name, the fields that name one of it, and what reads one by itself, into what."""

    name: str
    fields: tuple[str, ...]
    read: Callable[[Any], object]
    result: Any


_KINDS: Mapping[str, Kind] = {
    "instanceTypes": Kind("instance type", ("InstanceType",), answers.instance_type, InstanceType),
    "clusters": Kind("cluster", ("name",), lambda each: eks_answers.cluster(each, None, None, None), Cluster),
    "addons": Kind("add-on", ("clusterName", "addonName"), lambda each: eks_answers.addon_of(each, None), Addon),
    "nodegroups": Kind("node group", ("clusterName", "nodegroupName"), node_answers.alone, node_answers.Alone),
    "autoScalingGroups": Kind(
        "Auto Scaling group", ("AutoScalingGroupName",), node_answers.self_managed_alone, node_answers.Alone
    ),
    "instances": Kind("instance", ("InstanceId",), node_answers.node_alone, node_answers.Alone),
    "launchTemplateVersions": Kind(
        "launch template", ("LaunchTemplateId",), node_answers.template_alone, node_answers.Alone
    ),
}


_SUBNET = Kind("subnet", ("SubnetId",), lambda each: answers.subnet(each, (), ()), Subnet)
_INTERFACE = Kind("interface", ("NetworkInterfaceId",), answers.interface, Interface)
_RESERVATIONS: Mapping[str, Kind] = {
    "SubnetIpv4CidrReservations": Kind("reservation", ("SubnetCidrReservationId",), answers.reservation, Reservation),
    "SubnetIpv6CidrReservations": Kind(
        "reservation", ("SubnetCidrReservationId",), answers.ipv6_reservation, Ipv6Reservation
    ),
}
_UPDATE = Kind("update of", (), lambda each: eks_answers.addon_of({}, each), Addon)
_KUBERNETES = Kind("Kubernetes API of", (), lambda each: eks_answers.cluster({"name": ""}, None, None, each), Cluster)


def demand(saved: Saved) -> list[Interface]:
    """The interfaces, read.

    Raises OddAnswerError, which names it, where an answer about the network itself cannot be read.
    """
    interfaces, odd = list[Any](), list[str]()
    for kind, items in _of_the_network(saved):
        read, unreadable = _read(kind, items)
        odd += unreadable
        if kind is _INTERFACE:
            interfaces = [value for _, value in read]
    if odd:
        raise OddAnswerError(f"{odd[0]}{f'; and {len(odd) - 1} more' if odd[1:] else ''}")
    return interfaces


def _of_the_network(saved: Saved) -> Iterator[tuple[Kind, object]]:
    yield _SUBNET, saved.get("subnets", [])
    yield _INTERFACE, saved.get("networkInterfaces", [])
    reserved = saved.get("subnetCidrReservations", {})
    if not isinstance(reserved, dict):
        raise OddAnswerError("subnetCidrReservations: not an object")
    for subnet_id, answer in reserved.items():
        if not isinstance(answer, Mapping):
            raise OddAnswerError(f"subnetCidrReservations of {subnet_id!r:.60}: not an object")
        yield from ((kind, answer.get(key, [])) for key, kind in _RESERVATIONS.items())


def sieve(saved: Saved) -> tuple[Saved, tuple[str, ...]]:
    """What can be read of these answers, and what could not, in words."""
    kept: Any = dict(saved)
    odd: list[str] = []
    for key in _KINDS.keys() & saved.keys():
        read, unreadable = _read(_KINDS[key], kept[key])
        kept[key] = [answer for answer, _ in read]
        odd += unreadable
    for key, kind in (("addonUpdates", _UPDATE), ("kubernetes", _KUBERNETES)):
        if key in saved:
            kept[key], unreadable = _by_cluster(kind, kept[key])
            odd += unreadable
    return kept, tuple(sorted(odd))


def _by_cluster(kind: Kind, answers_: object) -> tuple[dict[str, Any], list[str]]:
    """The same of answers that stand under the names of their clusters."""
    if not isinstance(answers_, dict):
        return {}, [f"{kind.name} the clusters: not an object"]
    why = {name: _one(kind, each)[1] for name, each in answers_.items()}
    odd = [f"{kind.name} {name:.120}: its answer cannot be read ({each})" for name, each in why.items() if each]
    return {name: each for name, each in answers_.items() if not why[name]}, odd


def _read(kind: Kind, items: object) -> tuple[list[tuple[Any, object]], list[str]]:
    """Each answer that can be read, with what it says; and which cannot, in words."""
    if not isinstance(items, list):
        return [], [f"{kind.name}s: not a list"]
    read, odd = list[tuple[Any, object]](), list[str]()
    for each in items:
        value, why = _one(kind, each)
        if why:
            odd.append(f"{kind.name} {_name(kind, each)}: its answer cannot be read ({why})")
        else:
            read.append((each, value))
    return read, odd


def _one(kind: Kind, answer: Any) -> tuple[object, str]:
    """What it says, and why that is nothing to go by, if it is not."""
    try:
        "/".join([answer[field] for field in kind.fields])
        value = kind.read(answer)
        wrong = misfit(value, kind.result)
    except unreadable() as error:
        return None, f"{type(error).__name__}: {error!s:.80}"
    return value, f"{wrong.removeprefix('.')} is of another type" if wrong else ""


def _name(kind: Kind, answer: object) -> str:
    if not isinstance(answer, Mapping):
        return f"{answer!r:.60}"
    return "/".join(_texts(kind, answer)) or "without a name"


def _texts(kind: Kind, answer: Mapping[str, Any]) -> Iterator[str]:
    values = (answer.get(field) for field in kind.fields)
    yield from (f"{each:.120}" for each in values if isinstance(each, str))
