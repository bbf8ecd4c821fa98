"""What the reconcile function may do in EC2 and EKS. Its table, topic and queue grant the rest where they stand."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import acknowledge
from infra.read_access import WILDCARDS, any_of, reads

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
        for statement in (*reads(stack), *_writes(stack)):
            self.role.add_to_policy(statement)
        for resource, reason in (WILDCARDS | _WILDCARDS).items():
            acknowledge(self.role, f"IAM5[Resource::{resource}]", reason=reason)


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


_WILDCARDS = {
    any_of("ec2", "subnet/*"): "Subnets opt in by a tag, at any time; the statement's condition demands that tag.",
    any_of("ec2", "subnet-cidr-reservation/*"): "Tags only at creation, when there is no id yet; the statement's "
    "conditions demand that, and our owner tag.",
}
