"""What the state machine of an organisation's audit may do. CDK would grant it more: all objects of the bucket, say."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Fn, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.findings import acknowledge

FOLDER = "organisation"  # of the reports' bucket; functions/handlers/organisation_places.py
MAP_RUNS = f"{FOLDER}/map-runs"
LABEL = "Places"  # of the map


class OrganisationRole(Construct):
    """The role, and `for_machine`, which CDK must not add to."""

    def __init__(
        self, scope: Construct, id_: str, *, bucket: s3.IBucket, functions: Sequence[lambda_.IFunction]
    ) -> None:
        super().__init__(scope, id_)
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description="Headroom's audit of an organisation: calls its functions",
        )
        for statement in (_invokes(functions), *_objects(bucket), _logs()):
            self._role.add_to_policy(statement)
        self.for_machine = self._role.without_policy_updates()
        self._accept(bucket)

    def let_run_children(self, machine: sfn.StateMachine) -> None:
        """In a policy of its own: the machine waits for the other one, and this one for the machine.

        https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        """
        children = Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{Fn.select(6, Fn.split(':', machine.state_machine_arn))}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        policy = iam.Policy(
            self,
            "Children",
            statements=[
                iam.PolicyStatement(
                    sid="StartChildren", actions=["states:StartExecution"], resources=[machine.state_machine_arn]
                ),
                iam.PolicyStatement(
                    sid="FollowAndStopChildren",
                    actions=["states:DescribeExecution", "states:StopExecution"],
                    resources=[children],
                ),
            ],
        )
        policy.attach_to_role(self._role)
        acknowledge(
            policy,
            f"IAM5[Resource::{_as_nag_spells(machine)}:*]",
            reason="Executions of this machine's own children, whose names Step Functions makes up.",
        )
        for executions in (":*", f"/{LABEL}:*"):
            acknowledge(
                machine,
                f"IAM5[Resource::{_as_nag_spells(machine)}{executions}]",
                reason="CDK's own policy for them: no role has it, so it is not in the template.",
            )

    def _accept(self, bucket: s3.IBucket) -> None:
        stack, made = Stack.of(self), bucket.node.default_child
        id_ = stack.get_logical_id(made)  # type: ignore[arg-type]
        for folder in (FOLDER, MAP_RUNS):
            acknowledge(
                self._role,
                f"IAM5[Resource::<{id_}.Arn>/{folder}/*]",
                reason="What is to be read, why something was not, and the map run's results are objects of their own.",
            )
        acknowledge(
            self._role,
            "IAM5[Resource::*]",
            reason="The actions on log deliveries have no resource level, and Step Functions demands them to log.",
        )


def _invokes(functions: Sequence[lambda_.IFunction]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="CallItsFunctions",
        actions=["lambda:InvokeFunction"],
        resources=[each.function_arn for each in functions],
    )


def _objects(bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """What is to be read, in; why something was not, out; and the map run's results.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    return [
        iam.PolicyStatement(
            sid="ReadItemsAndWriteFailures",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[bucket.arn_for_objects(f"{FOLDER}/*")],
        ),
        iam.PolicyStatement(
            sid="WriteResultsInPieces",
            actions=["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            resources=[bucket.arn_for_objects(f"{MAP_RUNS}/*")],
        ),
    ]


def _logs() -> iam.PolicyStatement:
    """None of these has a resource level, and Step Functions asks for all of them before it logs.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
    """
    return iam.PolicyStatement(
        sid="DeliverLogs",
        actions=[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        resources=["*"],
    )


def _as_nag_spells(machine: sfn.StateMachine) -> str:
    """The beginning of the ARNs of its executions."""
    id_ = Stack.of(machine).get_logical_id(machine.node.default_child)  # type: ignore[arg-type]
    name = f'{{"Fn::Select":[6,{{"Fn::Split":[":",{{"Ref":"{id_}"}}]}}]}}'
    return f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:{name}"
