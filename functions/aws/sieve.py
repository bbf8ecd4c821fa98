"""Answers that are not as AWS documents them: each is named and left out, and the rest goes on.

That is for what is known *about* nodes. Subnets, interfaces and reservations are not sieved: a subnet with a part left
out would look emptier than it is, so an odd answer about one is an error of the whole read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.aws import answers, eks_answers, node_answers
from functions.aws.shape import misfit
from functions.capacity.clusters import Addon, Cluster
from functions.capacity.model import InstanceType

if TYPE_CHECKING:
    from functions.aws.saved import Saved

_ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


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


def sieve(saved: Saved) -> tuple[Saved, tuple[str, ...]]:
    """What can be read of these answers, and what could not, in words."""
    kept: Any = dict(saved)
    odd: list[str] = []
    for key in _KINDS.keys() & saved.keys():
        kept[key], unreadable = _parted(_KINDS[key], kept[key])
        odd += unreadable
    return kept, tuple(sorted(odd))


def _parted(kind: Kind, items: object) -> tuple[list[Any], list[str]]:
    if not isinstance(items, list):
        return [], [f"{kind.name}s: not a list"]
    judged = [(each, _why_odd(kind, each)) for each in items]
    odd = [f"{kind.name} {_name(kind, each)}: its answer cannot be read ({why})" for each, why in judged if why]
    return [each for each, why in judged if not why], odd


def _why_odd(kind: Kind, answer: Any) -> str:
    try:
        "/".join(answer[field] for field in kind.fields)
        wrong = misfit(kind.read(answer), kind.result)
    except _ODD as error:
        return f"{type(error).__name__}: {error!s:.80}"
    return f"{wrong.removeprefix('.')} is of another type" if wrong else ""


def _name(kind: Kind, answer: object) -> str:
    if not isinstance(answer, Mapping):
        return f"{answer!r:.60}"
    return "/".join(_texts(kind, answer)) or "without a name"


def _texts(kind: Kind, answer: Mapping[str, Any]) -> Iterator[str]:
    values = (answer.get(field) for field in kind.fields)
    yield from (f"{each:.120}" for each in values if isinstance(each, str))
