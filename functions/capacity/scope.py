"""Which part of the account an event asks to look at.

An event never says what is true, only where to look: the answer comes from reading AWS. Which events there are stands
in `routes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.capacity.routes import API_CALL, ROUTES, Where

Detail = Mapping[str, Any]


class MalformedEventError(ValueError):
    """A message that claims to be an event we know but cannot be read as one; it belongs in the DLQ."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where to look. `everything` is the whole account and region and absorbs the rest."""

    everything: bool = False
    subnets: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    auto_scaling_groups: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()
    network_interfaces: frozenset[str] = frozenset()

    def __or__(self, other: Scope) -> Scope:
        """Both places; a batch of events becomes one scope and one read of AWS."""
        return Scope(
            everything=self.everything or other.everything,
            subnets=self.subnets | other.subnets,
            clusters=self.clusters | other.clusters,
            auto_scaling_groups=self.auto_scaling_groups | other.auto_scaling_groups,
            instances=self.instances | other.instances,
            network_interfaces=self.network_interfaces | other.network_interfaces,
        )

    def __bool__(self) -> bool:
        """False for the empty scope: nothing to look at."""
        return self != NOWHERE


NOWHERE = Scope()
EVERYWHERE = Scope(everything=True)


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """An event that asks for nothing, and why; counted, then dropped."""

    reason: str


_BY_KEY = {route.key: route for route in ROUTES}
_KINDS = frozenset((route.source, route.detail_type) for route in ROUTES)


def scope_of(event: object) -> Scope | Ignored:
    """The scope of one EventBridge event. Raises MalformedEventError for a known kind that cannot be read."""
    if not isinstance(event, Mapping):
        raise MalformedEventError(f"an event is a JSON object, this is {type(event).__name__}")
    source, detail_type, detail = event.get("source"), event.get("detail-type"), event.get("detail")
    if not isinstance(source, str) or not isinstance(detail_type, str):
        raise MalformedEventError("an event has a text `source` and a text `detail-type`; this has not")
    if (source, detail_type) not in _KINDS:
        return Ignored(reason="unknown kind of event")
    if not isinstance(detail, Mapping):
        raise MalformedEventError(f"{source} / {detail_type}: `detail` is {type(detail).__name__}, not an object")
    return _scope_of_known(source, detail_type, detail)


def _scope_of_known(source: str, detail_type: str, detail: Detail) -> Scope | Ignored:
    call = ""
    if detail_type == API_CALL:
        call = _text(detail, "eventName", of=f"{source} / {detail_type}")
    route = _BY_KEY.get((source, detail_type, call))
    if route is None:
        return Ignored(reason="unknown API call")
    if route.failed_only and not detail.get("errorCode"):
        return Ignored(reason="the call succeeded")
    return _READ[route.where](detail) or Ignored(reason="touches no subnet")


# --- where each kind of event says that something happened ---------------------------------------------------------


def _everywhere(_: Detail) -> Scope:
    return EVERYWHERE


def _instance(detail: Detail) -> Scope:
    """`aws.ec2` state changes name only the instance (EventBridge reference, 'Amazon EC2 events').

    EC2 is asked for it by this id. What is none would be an error there, and the whole batch's with it.
    """
    id_ = _text(detail, "instance-id", of="EC2 Instance State-change Notification")
    if not _ID.fullmatch(id_):
        raise MalformedEventError(
            f"EC2 Instance State-change Notification: `detail.instance-id` is {id_!r:.60}, not an id"
        )
    return Scope(instances=frozenset({id_}))


def _auto_scaling(detail: Detail) -> Scope:
    """Group, and the subnet where the event carries it ('Amazon EC2 Auto Scaling event reference')."""
    group = _text(detail, "AutoScalingGroupName", of="Auto Scaling event")
    details = detail.get("Details")
    subnet = details.get("Subnet ID") if isinstance(details, Mapping) else None
    return Scope(
        auto_scaling_groups=frozenset({group}),
        subnets=frozenset({subnet}) if isinstance(subnet, str) and subnet else frozenset(),
    )


def _cluster_if_named(detail: Detail) -> Scope:
    """EKS documents no `detail` for its add-on events: the cluster if one is named, else all of them."""
    for key in ("clusterName", "cluster-name", "cluster_name", "cluster"):
        name = detail.get(key)
        if isinstance(name, str) and name:
            return Scope(clusters=frozenset({name}))
    return EVERYWHERE


def _cluster_of_call(detail: Detail) -> Scope:
    """The cluster of an EKS call: `name`, or `clusterName` where the call is about a part of it."""
    for parameters in _sections(detail):
        for key in ("clusterName", "name"):
            name = parameters.get(key)
            if isinstance(name, str) and name:
                return Scope(clusters=frozenset({name}))
    return EVERYWHERE


def _auto_scaling_of_call(detail: Detail) -> Scope:
    for parameters in _sections(detail):
        name = parameters.get("autoScalingGroupName")
        if isinstance(name, str) and name:
            return Scope(auto_scaling_groups=frozenset({name}))
    return EVERYWHERE


def _network_of_call(detail: Detail) -> Scope:
    """The subnets that the call names anywhere in request or response, else the interfaces, else all.

    EC2's newer calls nest their parameters under `<Name>Request` (unproven which); ids are recognised wherever
    they stand, so the nesting does not matter.
    """
    named = _named(detail)
    if named.subnets:
        return Scope(subnets=named.subnets)
    return named or EVERYWHERE


def _subnets_of_call(detail: Detail) -> Scope:
    return Scope(subnets=_named(detail).subnets)


def _continue(detail: Detail) -> Scope:
    """Our own message: the last run's caps left something to do in these subnets."""
    subnets = detail.get("subnetIds")
    if not isinstance(subnets, list) or not all(isinstance(each, str) for each in subnets):
        raise MalformedEventError("Continue: `detail.subnetIds` is not a list of texts")
    return Scope(subnets=frozenset(subnets))


_READ: dict[Where, Callable[[Detail], Scope]] = {
    Where.EVERYWHERE: _everywhere,
    Where.INSTANCE: _instance,
    Where.AUTO_SCALING_GROUP: _auto_scaling,
    Where.CLUSTER_IF_NAMED: _cluster_if_named,
    Where.CLUSTER_OF_CALL: _cluster_of_call,
    Where.AUTO_SCALING_GROUP_OF_CALL: _auto_scaling_of_call,
    Where.NETWORK_OF_CALL: _network_of_call,
    Where.SUBNETS_OF_CALL: _subnets_of_call,
    Where.LISTED_SUBNETS: _continue,
}


# --- reading `detail` ----------------------------------------------------------------------------------------------


def _text(detail: Detail, key: str, *, of: str) -> str:
    value = detail.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedEventError(f"{of}: `detail.{key}` is {value!r:.60}, not a text")
    return value


def _sections(detail: Detail) -> Iterator[Detail]:
    for key in ("requestParameters", "responseElements"):
        section = detail.get(key)
        if isinstance(section, Mapping):
            yield section


_ID = re.compile(r"(subnet|eni|i)-[0-9a-f]{8,17}")


def _named(detail: Detail) -> Scope:
    """Every resource id in the request and the response of an API call."""
    found: dict[str, set[str]] = {"subnet": set(), "eni": set(), "i": set()}
    for text in (text for section in _sections(detail) for text in _texts(section)):
        if match := _ID.fullmatch(text):
            found[match[1]].add(text)
    return Scope(
        subnets=frozenset(found["subnet"]),
        network_interfaces=frozenset(found["eni"]),
        instances=frozenset(found["i"]),
    )


def _texts(value: object) -> Iterator[str]:
    """All texts below a JSON value, without recursion: an event may be nested as deep as its sender likes."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
