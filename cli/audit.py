"""`headroom audit`: all findings and all subnets, in the form that one wants."""

from __future__ import annotations

import sys
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

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "md"
    HTML = "html"
    CSV = "csv"


def command(
    snapshot: SnapshotFile = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="What it is written in; else a digest on a terminal, Markdown elsewhere."),
    ] = None,
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
    _write(found, Form.JSON if as_json else form or _usual())
    if found.calls_for_action:
        raise typer.Exit(2)


def _usual() -> Form:
    return Form.TERMINAL if sys.stdout.isatty() else Form.MARKDOWN


def _write(found: Audit, form: Form) -> None:
    if form is Form.TERMINAL:
        from rich.console import Console

        from cli.audit_terminal import show

        show(found, Console(highlight=False, emoji=False, markup=False))
    else:
        typer.echo(_writer(form)(found), nl=False)


def _writer(form: Form) -> Callable[[Audit], str]:
    from functions.report import forms

    return {
        Form.JSON: forms.as_json,
        Form.MARKDOWN: forms.as_markdown,
        Form.HTML: forms.as_html,
        Form.CSV: forms.as_csv,
    }[form]
