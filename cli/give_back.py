"""`headroom give-back`: every reservation of ours is deleted, for whoever takes Headroom out. First it shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli.access import Access, asking_aws
from cli.deployment import Deployment, deployment
from cli.errors import UserError
from cli.options import AccountRole, AsJson, ExternalId, Profile, Region, StackName
from cli.progress import progress

if TYPE_CHECKING:
    from functions.capacity.model import Ipv6Reservation, Reservation

    Ours = Reservation | Ipv6Reservation

EVERY_DAY = 10**6  # the day's cap is for automata; here a person has said what is to happen


def command(
    apply: Annotated[bool, typer.Option("--apply", help="Delete them; else they are only shown.")] = False,
    subnet: Annotated[list[str] | None, typer.Option(help="Only in this subnet; may be given more than once.")] = None,
    stack: StackName = "Headroom",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Delete every subnet CIDR reservation that carries Headroom's tag, in this account and region.

    What others made is left alone. Prefixes that nodes hold stay theirs. Exits 2 where it showed some without deleting.
    """
    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    with asking_aws():
        stands = deployment(access, stack)
        if apply:
            _demand_switched_off(stands)
        with progress("looking for reservations"):
            found = list(_ours(access, subnet))
        gone = [each for each in found if _given_back(each, access, stands)] if apply else []
    _say(found, gone, apply=apply, as_json=as_json)
    if found and not apply:
        raise typer.Exit(2)


def _demand_switched_off(stands: Deployment | None) -> None:
    """Else the next run would reserve again what is given back."""
    if stands and not stands.switch().keeps_from_acting:
        raise UserError(
            "Headroom still acts here and would reserve them again; switch it off first: "
            f"aws ssm put-parameter --name {stands.switch_parameter} --value observe --overwrite"
        )


def _ours(access: Access, only: list[str] | None) -> Iterator[Ours]:
    """In every subnet of the account, tagged or not: a tag may have been taken away since."""
    from functions.aws.subnets import SubnetReader

    reader = SubnetReader(ec2=access.ec2())
    known = {each["SubnetId"] for each in (reader.subnets(only) if only else reader.all_subnets())}
    if missing := sorted(set(only or ()) - known):
        raise UserError(f"there is no subnet {', '.join(missing)} here")
    for subnet_id in sorted(known):
        yield from _in_subnet(reader, subnet_id)


def _in_subnet(reader: object, subnet_id: str) -> Iterator[Ours]:
    from functions.aws import answers

    found = reader.reservations(subnet_id)  # type: ignore[attr-defined]
    for each in (*found["SubnetIpv4CidrReservations"], *found["SubnetIpv6CidrReservations"]):
        made = answers.created(each)
        if made.ours:
            yield made


def _given_back(each: Ours, access: Access, stands: Deployment | None) -> bool:
    """Looked at once more right before; journalled where there is a table, so that nobody takes it for a loss."""
    from functions.aws.release import Releaser
    from functions.aws.subnets import SubnetReader
    from functions.capacity.journal import Outcome
    from functions.capacity.release import ReleaseRequest

    if each not in set(_in_subnet(SubnetReader(ec2=access.ec2()), each.subnet_id)):
        return False
    now, run = datetime.now(UTC), f"give-back-{uuid4().hex[:12]}"
    request = ReleaseRequest(
        subnet_id=each.subnet_id,
        reservation_id=each.id,
        cidr=each.cidr,
        reason="a person gives all of Headroom's reservations back",
        decision=run,
        at=now,
    )
    journal = stands.journal(run) if stands else None
    entry = journal.intend_release(request, now, at_most=EVERY_DAY) if journal else None
    gone = Releaser(ec2=access.ec2()).delete(each.id)
    if journal and entry:
        journal.settle(entry, Outcome.DONE)
    return gone


def _say(found: list[Ours], gone: list[Ours], *, apply: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"found": list(map(_object, found)), "deleted": [each.id for each in gone]}, indent=1))
        return
    for each in found:
        typer.echo(f"{each.subnet_id}  {each.cidr}  {each.id}{'  deleted' if each in gone else ''}")
    if not found:
        typer.echo("there is no reservation of Headroom's here")
    elif apply:
        typer.echo(f"{len(gone)} of {len(found)} deleted")
    else:
        typer.echo(f"{len(found)} would be deleted; --apply deletes them")


def _object(each: Ours) -> dict[str, str]:
    return {"subnetId": each.subnet_id, "cidr": str(each.cidr), "reservationId": each.id}
