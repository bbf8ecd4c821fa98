"""`headroom map`: a subnet's blocks as a picture, in the terminal or as SVG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access import Access
from cli.errors import UserError
from cli.options import AccountRole, AsJson, ExternalId, Profile, Region, SnapshotFile

if TYPE_CHECKING:
    from functions.capacity.model import Snapshot

NAMED = 5  # subnets that are in view instead


def command(
    subnet: Annotated[str, typer.Argument(help="The subnet's id.")],
    snapshot: SnapshotFile = None,
    svg: Annotated[Path | None, typer.Option(help="Write the picture into this file.")] = None,
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Draw the blocks of one subnet: a row for each /24, a sign for each /28."""
    from cli import source
    from functions.capacity.analyse import analyse
    from functions.report import text_map
    from functions.report.subnet_map import subnet_map

    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    view = source.snapshot(snapshot, access)
    found = next((each for each in analyse(view) if each.subnet.id == subnet), None)
    if found is None:
        raise UserError(f"{subnet} is not in view; {_known(view)}")
    if svg:
        try:
            svg.write_text(subnet_map(found), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{svg} cannot be written: {error.strerror}") from error
    if as_json:
        typer.echo(
            json.dumps({"subnet": subnet, "cidr": str(found.subnet.cidr), "blocks": text_map.counts(found.blocks)})
        )
    elif not svg:
        typer.echo("\n".join([f"{subnet}  {found.subnet.cidr}", *text_map.rows(found.blocks), "", text_map.legend()]))


def _known(view: Snapshot) -> str:
    ids = [each.id for each in view.subnets]
    if not ids:
        return "no subnet is"
    named = ", ".join(ids[:NAMED])
    return f"{named} is" if len(ids) == 1 else f"these are: {named}{' ...' if ids[NAMED:] else ''}"
