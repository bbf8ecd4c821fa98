"""What IAM knows of an organisation and ministack does not: whose an account is, and of which role a session is."""

from __future__ import annotations

from typing import Any

ROLE, RESOURCE_ORGANISATION = "aws:principalarn", "aws:resourceorgid"


def install() -> None:
    """Answer for these condition keys, and leave all others to ministack."""
    from ministack.core import iam_evaluator  # noqa: PLC0415 - reads the environment when it is imported

    original = iam_evaluator._resolve_condition_key  # noqa: SLF001

    def resolve(key: str, context: Any) -> Any:
        if key.lower() == ROLE:
            return role_arn(context.principal_arn)
        if key.lower() == RESOURCE_ORGANISATION:
            return organisation_of(context.resource_arn.split(":")[4])
        return original(key, context)

    iam_evaluator._resolve_condition_key = resolve  # noqa: SLF001


def role_arn(principal: str) -> str:
    """Of a role's session the role (IAM user guide, aws:PrincipalArn); any other principal as it is."""
    if ":assumed-role/" not in principal:
        return principal
    parts = principal.split(":")
    return f"{parts[0]}:{parts[1]}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"


def organisation_of(account: str) -> str | None:
    """The id of the organisation that has the account among its own."""
    from ministack.services import organizations  # noqa: PLC0415

    for management, member in organizations._accounts.to_dict():  # noqa: SLF001
        if member == account:
            found: str = organizations._orgs.get_scoped(management, None, "self")["Id"]  # noqa: SLF001
            return found
    return None
