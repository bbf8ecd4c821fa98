"""`headroom audit`: all findings and all subnets, in the form that one wants."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import beside
from cli.access import Access, asking_aws
from cli.deployment import deployment
from cli.options import AccountRole, AsJson, ClusterName, ExternalId, Profile, Region, SnapshotFile, StackName

if TYPE_CHECKING:
    from functions.capacity.analyse import Analysis
    from functions.capacity.model import Snapshot
    from functions.capacity.vpc_space import VpcSpace
    from functions.report.audit import Audit

    Seen = tuple[Snapshot, tuple[Analysis, ...] | None, Mapping[str, VpcSpace], str, beside.Told]


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
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="An earlier snapshot of the same subnets, for trends; more than once for more."),
    ] = None,
    cluster: ClusterName = "",
    stack: StackName = "Headroom",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Report on clusters and subnets, changing nothing. Exits 2 where something is wrong or could not be judged.

    Live it needs only to read: ec2:Describe*, ec2:GetSubnetCidrReservations, eks:List* and eks:Describe*,
    autoscaling:DescribeAutoScalingGroups. Settings and trends come from a deployed Headroom
    (cloudformation:DescribeStacks, and dynamodb:Query on its table), trends from earlier snapshots too; without either
    the settings are the defaults, and trends unknown.
    """
    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    view, analyses, space, where, told = _saved(snapshot, cluster) if snapshot else _live(access, cluster, stack)
    past = beside.looked(earlier, view) if earlier else told.histories
    from functions.report.audit import audit

    where = ", ".join(filter(None, (where, told.settings)))
    found = audit(view, analyses, policy=told.policy, histories=past, space=space, where=where)
    _write(found, Form.JSON if as_json else form or _usual())
    if found.calls_for_action:
        raise typer.Exit(2)


def _saved(file: Path, cluster: str) -> Seen:
    from cli import source

    saved = source.from_file(file)
    view = source.of_file(saved, str(file), cluster)
    where = _where(saved.get("accountId"), saved.get("region"), cluster)
    return view, None, beside.saved_spaces(saved, file), where, beside.of_no_stack()


def _live(access: Access, cluster: str, stack: str) -> Seen:
    """While the view is read, what needs none is asked, and what makes a report of it is loaded.

    Each answer takes its way to AWS and back.
    """
    from cli import source
    from functions.aws.at_once import threads

    with threads() as pool:
        account, stands = pool.submit(access.account_id), pool.submit(deployment, access, stack)
        pool.submit(import_module, "functions.report.audit")
        view, analyses = source.analysed(access, cluster)
        with asking_aws():
            where = _where(account.result(), access.ec2().meta.region_name, cluster)
        return view, analyses, beside.live_spaces(access, view), where, beside.told(stands.result, view)


def _where(account: object, region: object, cluster: str) -> str:
    parts = {"account ": account, "": region, "cluster ": cluster}
    return ", ".join(f"{what}{name}" for what, name in parts.items() if name)


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
    """Each form's own module alone: the picture of a subnet takes as long to load as all of Markdown."""
    if form is Form.JSON:
        from functions.report.forms.json_text import as_json as writer
    elif form is Form.HTML:
        from functions.report.forms.html_page import as_html as writer
    elif form is Form.CSV:
        from functions.report.forms.csv_tables import as_csv as writer
    else:
        from functions.report.forms.markdown import as_markdown as writer
    return writer
