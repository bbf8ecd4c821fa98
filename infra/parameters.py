"""What people may say while Headroom runs: parameters in SSM, read on every run, so no deployment is needed."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter named /STACK/`name`, with the value that it begins with, and the only values it takes, if any."""

    name: str
    initial: str
    description: str
    choices: tuple[str, ...] = ()

    def made(self, scope: Construct, id_: str) -> ssm.StringParameter:
        """The parameter in the stack of `scope`.

        CloudFormation writes the value when the stack is created; a value that a person set later stays, because
        updates only touch properties that changed in the template.
        """
        return ssm.StringParameter(
            scope,
            id_,
            parameter_name=f"/{Stack.of(scope).stack_name}/{self.name}",
            string_value=self.initial,
            allowed_pattern=f"^({'|'.join(self.choices)})$" if self.choices else None,
            description=self.description,
        )


SWITCH = Parameter(
    name="switch",
    initial="act",
    choices=("act", "observe"),
    description="Headroom reads this on every run. act: make reservations in the subnets tagged for it. "
    "observe: change nothing, only report. Anything else, or unreadable, counts as observe.",
)
MUTES = Parameter(
    name="mutes",
    initial="# finding or finding@resource, one in each line",
    description="Headroom reads this on every run and tells nobody of these findings: one in each line, "
    "finding or finding@resource; `all` for every finding. Unreadable counts as empty.",
)
