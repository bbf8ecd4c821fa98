"""`headroom audit`: all findings and all subnets, in the form that one wants."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access import Access
from cli.options import AccountRole, AsJson, ClusterName, ExternalId, Profile, Region, SnapshotFile

if TYPE_CHECKING:
    from functions.report.audit import Audit


class Form(StrEnum):
    """What the report is written in."""

    JSON = "json"
    MARKDOWN = "md"
    HTML = "html"
    CSV = "csv"


def command(
    snapshot: SnapshotFile = None,
    form: Annotated[Form, typer.Option("--format", help="What the report is written in.")] = Form.MARKDOWN,
    cluster: ClusterName = "",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Report on clusters and subnets, changing nothing. Exits 2 where something is wrong or could not be judged.

    Live it needs only to read: ec2:Describe*, ec2:GetSubnetCidrReservations, eks:List* and eks:Describe*,
    autoscaling:DescribeAutoScalingGroups.
    """
    from cli import source
    from functions.capacity.model import Policy
    from functions.report.audit import audit

    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    found = audit(source.snapshot(snapshot, access, cluster), policy=Policy())
    typer.echo(_writer(Form.JSON if as_json else form)(found), nl=False)
    if found.calls_for_action:
        raise typer.Exit(2)


def _writer(form: Form) -> Callable[[Audit], str]:
    from functions.report import forms

    return {
        Form.JSON: forms.as_json,
        Form.MARKDOWN: forms.as_markdown,
        Form.HTML: forms.as_html,
        Form.CSV: forms.as_csv,
    }[form]
