"""What the release function may do. Its two queues and its log group grant the rest where they stand."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import acknowledge
from infra.state import State


class ReleaseRole(Construct):
    """The only role of the stack that may delete reservations. It can make none, and tag nothing."""

    def __init__(self, scope: Construct, id_: str, *, state: State) -> None:
        super().__init__(scope, id_)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Headroom's release function",
        )
        for statement in (_reads(), _deletes(Stack.of(self)), _counts(state), _journals(state), _reads_switch(state)):
            self.role.add_to_policy(statement)
        acknowledge(
            self.role,
            "IAM5[Resource::*]",
            reason="EC2's Describe and Get calls have no resource level and only read. DeleteSubnetCidrReservation has "
            "none either, and knows no tags: that is why it stands in this role alone, whose function reads the "
            "ownership right before each call.",
        )


def _reads() -> iam.PolicyStatement:
    """Neither has a resource level.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    return iam.PolicyStatement(
        sid="ReadSubnetAndReservations",
        actions=["ec2:DescribeSubnets", "ec2:GetSubnetCidrReservations"],
        resources=["*"],
    )


def _deletes(stack: Stack) -> iam.PolicyStatement:
    """The same reference gives the action no resource type and one condition key of its own, ec2:Region.

    So the owner tag cannot be demanded here (functions/capacity/release.py does). The region can, since roles are
    global: by the key that every request carries, in every service.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
    """
    return iam.PolicyStatement(
        sid="DeleteReservationsOfThisRegion",
        actions=["ec2:DeleteSubnetCidrReservation"],
        resources=["*"],
        conditions={"StringEquals": {"aws:RequestedRegion": stack.region}},
    )


def _counts(state: State) -> iam.PolicyStatement:
    """The day's releases of a subnet, and nothing else of what the table holds on it: not what people were told.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    return iam.PolicyStatement(
        sid="CountReleasesOfSubnets",
        actions=["dynamodb:UpdateItem"],
        resources=[state.table.table_arn],
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SUBNET#*"]},
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "released", "expiresAt"]},
        },
    )


def _journals(state: State) -> iam.PolicyStatement:
    """What it is about to give back, and how that ended. No lease, no knowledge of people's."""
    return iam.PolicyStatement(
        sid="JournalReleases",
        actions=["dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources=[state.table.table_arn],
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["JOURNAL#*"]}},
    )


def _reads_switch(state: State) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="ReadSwitch", actions=["ssm:GetParameter"], resources=[state.switch.parameter_arn])
