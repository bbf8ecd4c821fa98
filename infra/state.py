"""What outlives a run: the table, and the switch that a person can turn without a deployment."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parameters import SWITCH


class State(Construct):
    """One table (keys `pk` and `sk`, `expiresAt` for expiry) and the switch parameter.

    The table stays when the stack goes, as the reservations do: it holds what people were told of them. Deleting it is
    a person's decision, and deletion protection asks them twice.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expiresAt",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.switch = SWITCH.made(self, "Switch")

    def grant_use(self, role: iam.IRole) -> None:
        """Lets the role keep its items in the table, without scanning it, and read the switch, without turning it."""
        self.table.grant(
            role,
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:ConditionCheckItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        )
        # Not `grant_read`: that one adds the parameter's history and DescribeParameters.
        iam.Grant.add_to_principal(
            grantee=role, actions=["ssm:GetParameter"], resource_arns=[self.switch.parameter_arn]
        )

    def grant_read_of_subnets(self, role: iam.IRole) -> None:
        """Lets the role read what is remembered of subnets, and nothing else of the table."""
        role.add_to_principal_policy(
            iam.PolicyStatement(
                sid="ReadWhatIsRememberedOfSubnets",
                actions=["dynamodb:Query"],
                resources=[self.table.table_arn],
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SUBNET#*", "JOURNAL#*"]}},
            )
        )
