"""`headroom explain`: the decisions behind a subnet's reservations: when, why, by which numbers, what ends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.access import Access, asking_aws
from cli.deployment import deployment
from cli.ends import ends
from cli.errors import UserError
from cli.options import AccountRole, AsJson, ExternalId, Profile, Region, SnapshotFile, StackName

if TYPE_CHECKING:
    from functions.capacity.journal import Entry

    Facts = tuple[Mapping[str, str], list[Mapping[str, Any]], tuple[Entry, ...]]  # tags, reservations, journal


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A reservation and where it comes from. `reason` is what EC2 keeps with it, `entry` what the journal says."""

    id: str
    cidr: str
    kind: str
    owner: str
    reason: str
    decision: str
    entry: Entry | None

    @property
    def made(self) -> str:
        """When, where that is known."""
        return f"{self.entry.at:%Y-%m-%d %H:%M:%S} UTC" if self.entry else ""


def command(
    subnet: Annotated[str, typer.Argument(help="The subnet's id.")],
    snapshot: SnapshotFile = None,
    stack: StackName = "Headroom",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Lead every reservation of a subnet back to its decision, and list what was done there lately."""
    from functions.capacity.model import MODE_TAG

    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    tags, reservations, entries = _from_file(snapshot, subnet) if snapshot else _from_aws(access, subnet, stack)
    explained = [_explained(each, entries) for each in reservations]
    mode = tags.get(MODE_TAG, "")
    typer.echo(_as_json(explained, entries, mode) if as_json else _text(subnet, explained, entries, mode))


def _from_file(file: Path, subnet: str) -> Facts:
    """No journal: that stays in the account."""
    from cli import source
    from functions.aws import answers

    saved = source.from_file(file)
    found = next((each for each in saved["subnets"] if each.get("SubnetId") == subnet), None)
    if found is None:
        raise UserError(f"{file} has no subnet {subnet}")
    return answers.tags(found), _both(saved.get("subnetCidrReservations", {}).get(subnet, {})), ()


def _from_aws(access: Access, subnet: str, stack: str) -> Facts:
    from functions.aws import answers
    from functions.aws.journal import KEPT
    from functions.aws.subnets import SubnetReader

    with asking_aws():
        reader = SubnetReader(ec2=access.ec2())
        found = next(iter(reader.subnets([subnet])), None)
        if found is None:
            raise UserError(f"there is no subnet {subnet} here")
        stands = deployment(access, stack)
        entries = stands.journal("explain").since(subnet, datetime.now(UTC) - KEPT) if stands else ()
        return answers.tags(found), _both(reader.reservations(subnet)), entries


def _both(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*answer.get("SubnetIpv4CidrReservations", ()), *answer.get("SubnetIpv6CidrReservations", ())]


def _explained(reservation: Mapping[str, Any], entries: tuple[Entry, ...]) -> Explained:
    from functions.aws import answers
    from functions.capacity.model import DECISION_TAG, OWNER

    made, tags = answers.created(reservation), answers.tags(reservation)
    entry = next((each for each in entries if each.id == made.intent or each.reservation_id == made.id), None)
    return Explained(
        id=made.id,
        cidr=str(made.cidr),
        kind=reservation["ReservationType"],
        owner=OWNER if made.ours else "somebody else",
        reason=reservation.get("Description", ""),
        decision=tags.get(DECISION_TAG, ""),
        entry=entry,
    )


def _text(subnet: str, explained: list[Explained], entries: tuple[Entry, ...], mode: str) -> str:
    lines = [f"{subnet}  mode {mode or 'observe (no tag)'}"]
    for each in explained:
        lines += ["", f"{each.cidr}  {each.id}  {each.kind}, made by {each.owner}"]
        if each.owner == "somebody else":
            lines.append("  counted, and never touched")
            continue
        lines += [f"  made     {each.made or 'before the journal began, or the journal is not here'}"]
        lines += [f"  because  {each.reason}", f"  run      {each.decision}"] if each.reason else []
        lines += [f"  ends     {ends(mode)}"]
    if not explained:
        lines += ["", "nothing is reserved here"]
    if entries:
        lines += ["", "what was done here, the latest last:"]
        lines += [
            f"  {each.at:%Y-%m-%d %H:%M} {each.kind:7} {each.cidr!s:18} {each.outcome:9} {each.reason}"
            for each in entries
        ]
    return "\n".join(lines)


def _as_json(explained: list[Explained], entries: tuple[Entry, ...], mode: str) -> str:
    found = {
        "mode": mode or "observe",
        "reservations": [
            {
                "reservationId": each.id,
                "cidr": each.cidr,
                "type": each.kind,
                "owner": each.owner,
                "reason": each.reason,
                "decision": each.decision,
                "madeAt": each.entry.at.isoformat() if each.entry else None,
                "ends": "" if each.owner == "somebody else" else ends(mode),
            }
            for each in explained
        ],
        "journal": [
            {
                "at": each.at.isoformat(),
                "kind": each.kind,
                "cidr": str(each.cidr),
                "outcome": each.outcome,
                "reservationId": each.reservation_id,
                "reason": each.reason,
                "decision": each.decision,
            }
            for each in entries
        ],
    }
    return json.dumps(found, indent=1)
