"""The subnet map for CloudWatch dashboards: a custom widget's function, which may read three things of EC2."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import Config
from infra.findings import acknowledge
from infra.function import LOGS, function

# An overview makes a call for each of its 20 subnets, one after the other, besides a page for every 1,000 interfaces.
_TIMEOUT = Duration.seconds(30)


class SubnetMapWidget(Construct):
    """The function with its role and its log group. Whoever looks at the dashboard calls it with rights of their own.

    No resource policy lets anybody in: CloudWatch invokes it as the person who looks (`lambda:InvokeFunction`).
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
    """

    def __init__(self, scope: Construct, id_: str, *, config: Config, dependencies: lambda_.ILayerVersion) -> None:
        super().__init__(scope, id_)
        role = self._role()
        self.function = function(
            self,
            "widget",
            description="Headroom: the subnet map for CloudWatch dashboards, read-only",
            config=config,
            role=role,
            layers=[dependencies],
            timeout=_TIMEOUT,
            environment=LOGS,
        )

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Headroom's subnet map: reads subnets, and changes nothing",
        )
        role.add_to_policy(_reads())
        acknowledge(
            role, "IAM5[Resource::*]", reason="EC2's Describe and Get calls have no resource level. They only read."
        )
        return role


def _reads() -> iam.PolicyStatement:
    """None of these has a resource level.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    return iam.PolicyStatement(
        sid="ReadSubnets",
        actions=["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:GetSubnetCidrReservations"],
        resources=["*"],
    )
