"""What the reconcile function may do in EC2 and EKS. Its table, topic and queue grant the rest where they stand."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import acknowledge

MODE_TAG = "headroom:mode"
OWNER_TAG = "headroom:owner"


class ReconcileRole(Construct):
    """A role that reads, and that creates reservations in subnets tagged for it. It can delete none."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Headroom's reconcile function",
        )
        for statement in (*_reads(stack), *_writes(stack)):
            self.role.add_to_policy(statement)
        for resource, reason in _WILDCARDS.items():
            acknowledge(self.role, f"IAM5[Resource::{resource}]", reason=reason)


def _reads(stack: Stack) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="ReadNetworkAndNames",
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "ec2:GetSubnetCidrReservations",
                "eks:ListClusters",
            ],
            # None of these has a resource level.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="ReadClusters",
            actions=[
                "eks:DescribeAddon",
                "eks:DescribeCluster",
                "eks:DescribeNodegroup",
                "eks:DescribeUpdate",
                "eks:ListNodegroups",
                "eks:ListUpdates",
            ],
            # Every cluster of this account and region: which of them use a subnet is what the function finds out.
            resources=[
                stack.format_arn(service="eks", resource="cluster", resource_name="*"),
                stack.format_arn(service="eks", resource="nodegroup", resource_name="*/*/*"),
                stack.format_arn(service="eks", resource="addon", resource_name="*/*/*"),
            ],
        ),
    ]


def _writes(stack: Stack) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="ReserveInTaggedSubnets",
            actions=["ec2:CreateSubnetCidrReservation"],
            # The service authorization reference gives this action one resource type, the subnet, and no
            # subnet-cidr-reservation (older copies list none at all; unproven on a live account). The tag is the
            # subnet owner's consent: without it IAM itself refuses.
            resources=[stack.format_arn(service="ec2", resource="subnet", resource_name="*")],
            conditions={"StringEquals": {f"aws:ResourceTag/{MODE_TAG}": ["ahead", "steer"]}},
        ),
        iam.PolicyStatement(
            sid="TagOwnReservationsAtCreation",
            actions=["ec2:CreateTags"],
            # The id is not known before the call. Only while creating one, and only as our own: reservations of
            # others cannot be tagged, and so never come to look like ours.
            resources=[stack.format_arn(service="ec2", resource="subnet-cidr-reservation", resource_name="*")],
            conditions={
                "StringEquals": {
                    "ec2:CreateAction": "CreateSubnetCidrReservation",
                    f"aws:RequestTag/{OWNER_TAG}": "headroom",
                }
            },
        ),
    ]


def _any(service: str, resource: str) -> str:
    """A wildcard ARN of this account and region, as cdk-nag spells it."""
    return f"arn:<AWS::Partition>:{service}:<AWS::Region>:<AWS::AccountId>:{resource}"


_WILDCARDS = {
    "*": "EC2's and Auto Scaling's Describe and Get calls and eks:ListClusters have no resource level; all of them "
    "only read.",
    _any("eks", "cluster/*"): "Which clusters use a subnet is what is asked; they come and go. Only reads.",
    _any("eks", "nodegroup/*/*/*"): "The node groups of those clusters. Only reads.",
    _any("eks", "addon/*/*/*"): "The vpc-cni add-on of those clusters. Only reads.",
    _any("ec2", "subnet/*"): "Subnets opt in by a tag, at any time; the statement's condition demands that tag.",
    _any("ec2", "subnet-cidr-reservation/*"): "Tags only at creation, when there is no id yet; the statement's "
    "conditions demand that, and our owner tag.",
}
