"""What stands in each account that an organisation's audit reads: one role that can read, and nothing else.

The template does not name the account that it is for, so it serves account by account or as a StackSet
(docs/organisation.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import acknowledge
from infra.organisation_keys import AUDIT_ROLE, OrganisationConfig
from infra.read_access import WILDCARDS, reads


class HeadroomMemberStack(Stack):
    """The role that the audit assumes. IAM is global: one region of each account is enough for all."""

    def __init__(self, scope: Construct, id_: str, *, organisation: OrganisationConfig) -> None:
        super().__init__(
            scope,
            id_,
            description="Headroom: lets the organisation's audit read this account",
            # This one sends a small template with the call itself: no account has to be bootstrapped for it.
            synthesizer=LegacyStackSynthesizer(),
        )
        role = iam.Role(
            self,
            "Role",
            role_name=organisation.role_name,  # the audit has to know it
            description="Read by Headroom's audit of the organisation",
            assumed_by=iam.PrincipalWithConditions(
                iam.AccountPrincipal(organisation.audit_account), _trusted(organisation)
            ),
        )
        for statement in reads(self, regions=organisation.regions):
            role.add_to_policy(statement)
        for region in organisation.regions:
            for resource, reason in WILDCARDS.items():
                acknowledge(role, f"IAM5[Resource::{resource.replace('<AWS::Region>', region)}]", reason=reason)
        CfnOutput(self, "RoleArn", value=role.role_arn)


def _trusted(organisation: OrganisationConfig) -> Mapping[str, Mapping[str, Any]]:
    """Of the audit's account one role alone.

    It is named by a condition, since a role as principal is remembered by an id of its own: were the audit's stack
    deployed anew, or the members' before it, each member's trust would be void.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
    """
    audit = f"arn:{Aws.PARTITION}:iam::{organisation.audit_account}:role/{AUDIT_ROLE}"
    demanded = {
        "aws:PrincipalOrgID": organisation.organisation_id,
        "sts:ExternalId": organisation.external_id,
    }
    return {
        "ArnEquals": {"aws:PrincipalArn": audit},
        "StringEquals": {key: value for key, value in demanded.items() if value},
    }
