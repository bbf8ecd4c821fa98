"""`headroom snapshot`: AWS's answers as one JSON object, to be looked at anywhere."""

from __future__ import annotations

import json
from datetime import datetime

import typer

from cli.access import Access
from cli.options import AccountRole, AsJson, ClusterName, ExternalId, Profile, Region


def command(
    cluster: ClusterName = "",
    as_json: AsJson = False,  # noqa: ARG001 - it is JSON in any case; whoever says so everywhere is right here too
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Read AWS, changing nothing, and print a snapshot that every other command takes with --snapshot."""
    from cli.source import from_aws

    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    typer.echo(json.dumps(from_aws(access, cluster), default=_plain, indent=1))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that boto3 answers with")
