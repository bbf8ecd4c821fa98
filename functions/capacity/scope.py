"""Which part of the account an event asks to look at.

An event never says what is true, only where to look: the answer comes from reading AWS. ROUTES is the one table of
the events that Headroom listens to; the EventBridge rules in `infra/` and the dispatch below both come from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]

API_CALL = "AWS API Call via CloudTrail"
OWN_SOURCE = "headroom"
SWEEP = "Sweep"
CONTINUE = "Continue"


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


@dataclass(frozen=True, kw_only=True)
class Route:
    """One kind of event. `call` is CloudTrail's eventName where `detail_type` is API_CALL."""

    source: str
    detail_type: str
    where: Callable[[Mapping[str, Any]], Scope]
    call: str = ""
    failed_only: bool = False  # successes of this call are too many to listen to
    subnets_only: bool = False  # the call touches every kind of resource; only those on subnets are of interest

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the kind: source, detail-type, API call."""
        return (self.source, self.detail_type, self.call)


def scope_of(event: object) -> Scope | Ignored:
    """The scope of one EventBridge event. Raises MalformedEventError for a known kind that cannot be read."""
    if not isinstance(event, Mapping):
        raise MalformedEventError(f"an event is a JSON object, this is {type(event).__name__}")
    source, detail_type, detail = event.get("source"), event.get("detail-type"), event.get("detail")
    if not isinstance(source, str) or not isinstance(detail_type, str):
        raise MalformedEventError("an event has a text `source` and a text `detail-type`; this has not")
    if not any(route.source == source and route.detail_type == detail_type for route in ROUTES):
        return Ignored(reason="unknown kind of event")
    if not isinstance(detail, Mapping):
        raise MalformedEventError(f"{source} / {detail_type}: `detail` is {type(detail).__name__}, not an object")
    return _scope_of_known(source, detail_type, detail)


def _scope_of_known(source: str, detail_type: str, detail: Mapping[str, Any]) -> Scope | Ignored:
    call = ""
    if detail_type == API_CALL:
        call = _text(detail, "eventName", of=f"{source} / {detail_type}")
    route = _BY_KEY.get((source, detail_type, call))
    if route is None:
        return Ignored(reason="unknown API call")
    if route.failed_only and not detail.get("errorCode"):
        return Ignored(reason="the call succeeded")
    return route.where(detail) or Ignored(reason="touches no subnet")


# --- where each kind of event says that something happened ---------------------------------------------------------


def _everywhere(_: Mapping[str, Any]) -> Scope:
    return EVERYWHERE


def _instance(detail: Mapping[str, Any]) -> Scope:
    """`aws.ec2` state changes name only the instance (EventBridge reference, 'Amazon EC2 events')."""
    return Scope(instances=frozenset({_text(detail, "instance-id", of="EC2 Instance State-change Notification")}))


def _auto_scaling(detail: Mapping[str, Any]) -> Scope:
    """Group, and the subnet where the event carries it ('Amazon EC2 Auto Scaling event reference')."""
    group = _text(detail, "AutoScalingGroupName", of="Auto Scaling event")
    details = detail.get("Details")
    subnet = details.get("Subnet ID") if isinstance(details, Mapping) else None
    return Scope(
        auto_scaling_groups=frozenset({group}),
        subnets=frozenset({subnet}) if isinstance(subnet, str) and subnet else frozenset(),
    )


def _cluster_if_named(detail: Mapping[str, Any]) -> Scope:
    """EKS documents no `detail` for its add-on events: the cluster if one is named, else all of them."""
    for key in ("clusterName", "cluster-name", "cluster_name", "cluster"):
        name = detail.get(key)
        if isinstance(name, str) and name:
            return Scope(clusters=frozenset({name}))
    return EVERYWHERE


def _cluster_of_call(detail: Mapping[str, Any]) -> Scope:
    """The cluster of an EKS call: `name`, or `clusterName` where the call is about a part of it."""
    for parameters in _sections(detail):
        for key in ("clusterName", "name"):
            name = parameters.get(key)
            if isinstance(name, str) and name:
                return Scope(clusters=frozenset({name}))
    return EVERYWHERE


def _auto_scaling_of_call(detail: Mapping[str, Any]) -> Scope:
    for parameters in _sections(detail):
        name = parameters.get("autoScalingGroupName")
        if isinstance(name, str) and name:
            return Scope(auto_scaling_groups=frozenset({name}))
    return EVERYWHERE


def _network_of_call(detail: Mapping[str, Any]) -> Scope:
    """The subnets that the call names anywhere in request or response, else the interfaces, else all.

    EC2's newer calls nest their parameters under `<Name>Request` (unproven which); ids are recognised wherever
    they stand, so the nesting does not matter.
    """
    named = _named(detail)
    if named.subnets:
        return Scope(subnets=named.subnets)
    return named or EVERYWHERE


def _subnets_of_call(detail: Mapping[str, Any]) -> Scope:
    return Scope(subnets=_named(detail).subnets)


def _continue(detail: Mapping[str, Any]) -> Scope:
    """Our own message: the last run's caps left something to do in these subnets."""
    subnets = detail.get("subnetIds")
    if not isinstance(subnets, list) or not all(isinstance(each, str) for each in subnets):
        raise MalformedEventError("Continue: `detail.subnetIds` is not a list of texts")
    return Scope(subnets=frozenset(subnets))


# --- reading `detail` ----------------------------------------------------------------------------------------------


def _text(detail: Mapping[str, Any], key: str, *, of: str) -> str:
    value = detail.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedEventError(f"{of}: `detail.{key}` is {value!r:.60}, not a text")
    return value


def _sections(detail: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("requestParameters", "responseElements"):
        section = detail.get(key)
        if isinstance(section, Mapping):
            yield section


_ID = re.compile(r"(subnet|eni|i)-[0-9a-f]{8,17}")


def _named(detail: Mapping[str, Any]) -> Scope:
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


# --- the table -----------------------------------------------------------------------------------------------------


def _direct(source: str, where: Callable[[Mapping[str, Any]], Scope], *detail_types: str) -> tuple[Route, ...]:
    return tuple(Route(source=source, detail_type=each, where=where) for each in detail_types)


def _calls(
    source: str,
    where: Callable[[Mapping[str, Any]], Scope],
    *calls: str,
    failed_only: bool = False,
    subnets_only: bool = False,
) -> tuple[Route, ...]:
    return tuple(
        Route(
            source=source,
            detail_type=API_CALL,
            call=each,
            where=where,
            failed_only=failed_only,
            subnets_only=subnets_only,
        )
        for each in calls
    )


ROUTES: tuple[Route, ...] = (
    *_direct("aws.ec2", _instance, "EC2 Instance State-change Notification"),
    *_direct(
        "aws.autoscaling",
        _auto_scaling,
        "EC2 Instance Launch Successful",
        "EC2 Instance Launch Unsuccessful",
        "EC2 Instance Terminate Successful",
        "EC2 Instance Terminate Unsuccessful",
        "EC2 Instance-launch Lifecycle Action",
        "EC2 Instance-terminate Lifecycle Action",
        "EC2 Auto Scaling Instance Refresh Started",
        "EC2 Auto Scaling Instance Refresh Succeeded",
        "EC2 Auto Scaling Instance Refresh Failed",
    ),
    *_direct(
        "aws.eks",
        _cluster_if_named,
        "EKS Addon Creation Succeeded",
        "EKS Addon Creation Failed",
        "EKS Addon Update Succeeded",
        "EKS Addon Update Failed",
        "EKS Addon Deletion Succeeded",
        "EKS Addon Deletion Failed",
        "EKS Addon Health Degraded",
        "EKS Addon Health Restored",
        "EKS Fargate Pod Scheduled Termination",
    ),
    *_calls(
        "aws.eks",
        _cluster_of_call,
        "CreateCluster",
        "UpdateClusterConfig",
        "CreateNodegroup",
        "UpdateNodegroupConfig",
        "UpdateNodegroupVersion",
        "DeleteNodegroup",
        "CreateAddon",
        "UpdateAddon",
        "DeleteAddon",
    ),
    *_calls("aws.autoscaling", _auto_scaling_of_call, "UpdateAutoScalingGroup", "SetDesiredCapacity"),
    *_calls(
        "aws.ec2",
        _network_of_call,
        "CreateNetworkInterface",
        "AssignPrivateIpAddresses",
        "AssignIpv6Addresses",
        failed_only=True,
    ),
    *_calls(
        "aws.ec2",
        _network_of_call,
        "RunInstances",
        "CreateFleet",
        "CreateSubnet",
        "DeleteSubnet",
        "CreateSubnetCidrReservation",
        "DeleteSubnetCidrReservation",
    ),
    *_calls("aws.ec2", _everywhere, "CreateLaunchTemplateVersion"),
    *_calls("aws.ec2", _subnets_of_call, "CreateTags", "DeleteTags", subnets_only=True),
    *_direct(OWN_SOURCE, _everywhere, SWEEP),
    *_direct(OWN_SOURCE, _continue, CONTINUE),
)

_BY_KEY: dict[tuple[str, str, str], Route] = {route.key: route for route in ROUTES}
