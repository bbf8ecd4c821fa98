"""The one table of the events that Headroom listens to.

The EventBridge rules (`infra/event_rules.py`) and the dispatch (`scope.py`) both come from it, so neither can know an
event that the other does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

API_CALL = "AWS API Call via CloudTrail"
OWN_SOURCE = "headroom"
SWEEP = "Sweep"  # the schedule: look everywhere
CONTINUE = "Continue"  # a run of ours: its caps left something undone in these subnets
WAKE = "Wake"  # a rule: something happened after a quiet time
URGENT = "Urgent"  # a rule: somebody was refused addresses, or is about to be


class Where(StrEnum):
    """How an event says where it happened; `scope.py` reads it."""

    EVERYWHERE = auto()
    INSTANCE = auto()
    AUTO_SCALING_GROUP = auto()
    CLUSTER_IF_NAMED = auto()
    CLUSTER_OF_CALL = auto()
    AUTO_SCALING_GROUP_OF_CALL = auto()
    NETWORK_OF_CALL = auto()
    SUBNETS_OF_CALL = auto()
    LISTED_SUBNETS = auto()


class Urgent(StrEnum):
    """When an event goes the fast way too, however soon after another one."""

    NEVER = auto()
    ALWAYS = auto()
    WHEN_FAILED = auto()


@dataclass(frozen=True, kw_only=True)
class Route:
    """One kind of event. `call` is CloudTrail's eventName where `detail_type` is API_CALL."""

    source: str
    detail_type: str
    where: Where
    call: str = ""
    urgent: Urgent = Urgent.NEVER
    failed_only: bool = False  # successes of this call are too many to listen to
    subnets_only: bool = False  # the call touches every kind of resource; only those on subnets are of interest

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the kind: source, detail-type, API call."""
        return (self.source, self.detail_type, self.call)


def _direct(source: str, where: Where, *detail_types: str, urgent: Urgent = Urgent.NEVER) -> tuple[Route, ...]:
    return tuple(Route(source=source, detail_type=each, where=where, urgent=urgent) for each in detail_types)


def _calls(
    source: str,
    where: Where,
    *calls: str,
    urgent: Urgent = Urgent.NEVER,
    failed_only: bool = False,
    subnets_only: bool = False,
) -> tuple[Route, ...]:
    return tuple(
        Route(
            source=source,
            detail_type=API_CALL,
            call=each,
            where=where,
            urgent=urgent,
            failed_only=failed_only,
            subnets_only=subnets_only,
        )
        for each in calls
    )


# What is not in it, and why. Of node groups, EKS sends no direct event: the calls below, and what Auto Scaling and EC2
# say of their instances, stand for it. Their health (DescribeNodegroup.health, DescribeCluster.health) comes with no
# event: every look reads it. `kubectl set env` on aws-node makes none either: the sweep sees what AWS shows of it.
# Successful address assignments are as many as pods; what they take is seen by the look that their node's launch asks
# for, and by the sweep.
ROUTES: tuple[Route, ...] = (
    # Karpenter's nodes have only this one.
    *_direct("aws.ec2", Where.INSTANCE, "EC2 Instance State-change Notification"),
    *_direct(
        "aws.autoscaling",
        Where.AUTO_SCALING_GROUP,
        "EC2 Instance Launch Unsuccessful",  # for lack of addresses, or of anything else: its words are not documented
        urgent=Urgent.ALWAYS,
    ),
    *_direct(
        "aws.autoscaling",
        Where.AUTO_SCALING_GROUP,
        "EC2 Instance Launch Successful",
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
        Where.CLUSTER_IF_NAMED,
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
    # A call is a request and not its completion: a downgrade of the vpc-cni add-on can still be stopped.
    *_calls("aws.eks", Where.CLUSTER_OF_CALL, "UpdateAddon", urgent=Urgent.ALWAYS),
    *_calls(
        "aws.eks",
        Where.CLUSTER_OF_CALL,
        "CreateCluster",
        "UpdateClusterConfig",
        "CreateNodegroup",
        "UpdateNodegroupConfig",
        "UpdateNodegroupVersion",
        "DeleteNodegroup",
        "CreateAddon",
        "DeleteAddon",
    ),
    *_calls("aws.autoscaling", Where.AUTO_SCALING_GROUP_OF_CALL, "UpdateAutoScalingGroup", "SetDesiredCapacity"),
    *_calls(
        "aws.ec2",
        Where.NETWORK_OF_CALL,
        "CreateNetworkInterface",
        "AssignPrivateIpAddresses",
        "AssignIpv6Addresses",
        failed_only=True,
        urgent=Urgent.ALWAYS,
    ),
    # CreateFleet can succeed with launches that failed in it (responseElements.CreateFleetResponse.errorSet). What
    # that looks like is not documented, so no rule asks for it; the ordinary way takes it.
    *_calls("aws.ec2", Where.NETWORK_OF_CALL, "RunInstances", "CreateFleet", urgent=Urgent.WHEN_FAILED),
    *_calls(
        "aws.ec2",
        Where.NETWORK_OF_CALL,
        "CreateSubnet",
        "DeleteSubnet",
        "CreateSubnetCidrReservation",
        "DeleteSubnetCidrReservation",
    ),
    *_calls("aws.ec2", Where.EVERYWHERE, "CreateLaunchTemplateVersion"),
    *_calls("aws.ec2", Where.SUBNETS_OF_CALL, "CreateTags", "DeleteTags", subnets_only=True),
    *_direct(OWN_SOURCE, Where.EVERYWHERE, SWEEP, WAKE, URGENT),
    *_direct(OWN_SOURCE, Where.LISTED_SUBNETS, CONTINUE),
)
