"""The table of events against what AWS says that it sends."""

import pytest

from functions.capacity.routes import API_CALL, OWN_SOURCE, ROUTES, Urgent, Where
from functions.capacity.scope import _READ

# Every event that matters to addresses: the EventBridge references of EC2, Auto Scaling and EKS, and the write calls
# of the API references of the three. Calls marked `failed` are too many when they succeed.
AWS_SENDS = """
aws.ec2           EC2 Instance State-change Notification
aws.autoscaling   EC2 Instance Launch Successful
aws.autoscaling   EC2 Instance Launch Unsuccessful                   urgent
aws.autoscaling   EC2 Instance Terminate Successful
aws.autoscaling   EC2 Instance Terminate Unsuccessful
aws.autoscaling   EC2 Instance-launch Lifecycle Action
aws.autoscaling   EC2 Instance-terminate Lifecycle Action
aws.autoscaling   EC2 Auto Scaling Instance Refresh Started
aws.autoscaling   EC2 Auto Scaling Instance Refresh Succeeded
aws.autoscaling   EC2 Auto Scaling Instance Refresh Failed
aws.eks           EKS Addon Creation Succeeded
aws.eks           EKS Addon Creation Failed
aws.eks           EKS Addon Update Succeeded
aws.eks           EKS Addon Update Failed
aws.eks           EKS Addon Deletion Succeeded
aws.eks           EKS Addon Deletion Failed
aws.eks           EKS Addon Health Degraded
aws.eks           EKS Addon Health Restored
aws.eks           EKS Fargate Pod Scheduled Termination
aws.eks           call CreateCluster
aws.eks           call UpdateClusterConfig
aws.eks           call CreateNodegroup
aws.eks           call UpdateNodegroupConfig
aws.eks           call UpdateNodegroupVersion
aws.eks           call DeleteNodegroup
aws.eks           call CreateAddon
aws.eks           call UpdateAddon                                   urgent
aws.eks           call DeleteAddon
aws.autoscaling   call UpdateAutoScalingGroup
aws.autoscaling   call SetDesiredCapacity
aws.ec2           call CreateNetworkInterface                        failed urgent
aws.ec2           call AssignPrivateIpAddresses                      failed urgent
aws.ec2           call AssignIpv6Addresses                           failed urgent
aws.ec2           call RunInstances                                  urgent-when-failed
aws.ec2           call CreateFleet                                   urgent-when-failed
aws.ec2           call CreateSubnet
aws.ec2           call DeleteSubnet
aws.ec2           call CreateSubnetCidrReservation
aws.ec2           call DeleteSubnetCidrReservation
aws.ec2           call CreateLaunchTemplateVersion
aws.ec2           call CreateTags                                    subnets
aws.ec2           call DeleteTags                                    subnets
"""


def table() -> set[tuple[str, str, str]]:
    """Source, kind, and what is particular about it."""
    lines = [line for line in AWS_SENDS.splitlines() if line]
    return {(line[:18].strip(), line[18:69].strip(), line[69:].strip()) for line in lines}


def particulars(route) -> str:
    marks = {
        "failed": route.failed_only,
        "subnets": route.subnets_only,
        "urgent": route.urgent is Urgent.ALWAYS,
        "urgent-when-failed": route.urgent is Urgent.WHEN_FAILED,
    }
    return " ".join(mark for mark, there in marks.items() if there)


def test_the_table_holds_just_what_aws_sends():
    kinds = {
        (each.source, f"call {each.call}" if each.detail_type == API_CALL else each.detail_type, particulars(each))
        for each in ROUTES
        if each.source != OWN_SOURCE
    }
    assert kinds == table()


def test_our_own_messages_are_these_four_and_none_wakes_another():
    own = [each for each in ROUTES if each.source == OWN_SOURCE]
    assert {each.detail_type for each in own} == {"Sweep", "Continue", "Wake", "Urgent"}
    assert {each.urgent for each in own} == {Urgent.NEVER}


def test_no_two_routes_are_of_the_same_kind():
    assert len({route.key for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("where", Where)
def test_every_way_of_saying_where_is_used_and_can_be_read(where):
    assert where in {each.where for each in ROUTES}
    assert where in _READ
