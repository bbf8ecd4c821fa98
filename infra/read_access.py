"""What a role needs to see clusters, nodes and subnets whole: one list for all who look."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam


def reads(stack: Stack, *, regions: Sequence[str] = ()) -> list[iam.PolicyStatement]:
    """All that a whole look takes, and nothing that changes anything.

    `regions`: in these and in no other, for a role that looks beyond the stack's own; roles are global.
    """
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
            conditions={"StringEquals": {"aws:RequestedRegion": [*regions]}} if regions else None,
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
                stack.format_arn(service="eks", region=region, resource=resource, resource_name=name)
                for region in regions or [stack.region]
                for resource, name in (("cluster", "*"), ("nodegroup", "*/*/*"), ("addon", "*/*/*"))
            ],
        ),
    ]


def any_of(service: str, resource: str) -> str:
    """A wildcard ARN of this account and region, as cdk-nag spells it."""
    return f"arn:<AWS::Partition>:{service}:<AWS::Region>:<AWS::AccountId>:{resource}"


# Why cdk-nag's finding on each wildcard of these statements is accepted.
WILDCARDS = {
    "*": "EC2's and Auto Scaling's Describe and Get calls and eks:ListClusters have no resource level; all of them "
    "only read.",
    any_of("eks", "cluster/*"): "Which clusters use a subnet is what is asked; they come and go. Only reads.",
    any_of("eks", "nodegroup/*/*/*"): "The node groups of those clusters. Only reads.",
    any_of("eks", "addon/*/*/*"): "The vpc-cni add-on of those clusters. Only reads.",
}
