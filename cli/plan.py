"""`headroom plan`: what Headroom would change, and why, before anybody does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.access import Access
from cli.deployment import deployment
from cli.ends import ends
from cli.options import AccountRole, AsJson, ClusterName, ExternalId, Profile, Region, SnapshotFile, StackName

if TYPE_CHECKING:
    from cli.beside import Told
    from functions.capacity.analyse import Analysis
    from functions.capacity.model import Snapshot
    from functions.capacity.plan import Plan


class Mode(StrEnum):
    """The modes that change something."""

    STEER = "steer"
    AHEAD = "ahead"


NONE = "no subnet is in view: none is a cluster's, and none has the tag headroom:mode"
AT_ONCE = 255  # reservations: a run makes five and goes on; a person wants to see them all


def command(
    snapshot: SnapshotFile = None,
    mode: Annotated[
        Mode | None, typer.Option(help="As if every subnet were tagged for it; else what its tag says.")
    ] = None,
    cluster: ClusterName = "",
    stack: StackName = "Headroom",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Show the plan of each subnet with its reason. Exits 2 where something would be changed.

    Live it keeps to the settings of a deployed Headroom, and knows what that remembers of the subnets, which `steer`
    learns from (cloudformation:DescribeStacks, dynamodb:Query on its table); else the settings are the defaults.
    """
    from cli import beside, source

    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    view = source.snapshot(snapshot, access, cluster)
    told = beside.of_no_stack() if snapshot else beside.told(partial(deployment, access, stack), view)
    planned = plans(view, mode, told)
    found = {"actions": actions(planned), "settings": told.settings}
    typer.echo(json.dumps(found, indent=1) if as_json else f"{text(planned)}\n\nplanned with {told.settings}")
    if any(plan.actions or plan.releases for _, plan in planned):
        raise typer.Exit(2)


def plans(view: Snapshot, mode: Mode | None, told: Told) -> list[tuple[Analysis, Plan]]:
    """The plan of each subnet of a snapshot, in the order of their ids."""
    from functions.capacity.analyse import analyse
    from functions.capacity.model import MODE_TAG
    from functions.capacity.planning import planned

    if mode:
        subnets = (replace(each, tags={**each.tags, MODE_TAG: mode.value}) for each in view.subnets)
        view = replace(view, subnets=tuple(subnets))
    policy, past = replace(told.policy, max_creates_per_run=AT_ONCE), told.histories
    return [
        (each, planned(each, policy, past.get(each.subnet.id, ()), created_today=0, released_today=0))
        for each in analyse(view)
    ]


def actions(planned: Iterable[tuple[Analysis, Plan]]) -> list[dict[str, Any]]:
    """Each change as an object, in the order in which it would be made."""
    found = list[dict[str, Any]]()
    for analysis, plan in planned:
        found += [
            {
                "kind": "create",
                "subnetId": each.subnet_id,
                "cidr": str(each.cidr),
                "free": each.free,
                "draining": each.draining,
                "reason": each.reason,
                "ends": ends(analysis.subnet.mode),
            }
            for each in plan.actions
        ]
        found += [
            {
                "kind": "release",
                "subnetId": each.subnet_id,
                "cidr": str(each.cidr),
                "reservationId": each.reservation_id,
                "reason": each.reason,
            }
            for each in plan.releases
        ]
    return found


def text(planned: Sequence[tuple[Analysis, Plan]]) -> str:
    """For people: a paragraph for each subnet."""
    return "\n\n".join(_paragraph(analysis, plan) for analysis, plan in planned) or NONE


def _paragraph(analysis: Analysis, plan: Plan) -> str:
    from functions.capacity.findings.subnet_numbers import others

    subnet = analysis.subnet
    lines = [f"{subnet.id}  {subnet.cidr}  {subnet.zone}  mode {subnet.mode}", f"  {plan.reason}"]
    lines += [f"  + reserve {each.cidr}  {each.free} free, {each.draining} draining" for each in plan.actions]
    lines += [f"  ends: {ends(subnet.mode)}"] if plan.actions else []
    lines += [f"  - release {each.cidr}  ({each.reservation_id})  {each.reason}" for each in plan.releases]
    lines += [f"  = leave {each}" for each in others(analysis)]
    lines += [f"  bounded: {each}" for each in sorted(plan.limits)]
    lines += ["  and more in later runs"] if plan.deferred else []
    if not (plan.actions or plan.releases):
        lines.append("  nothing to do")
    return "\n".join(lines)
