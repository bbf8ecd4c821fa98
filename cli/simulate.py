"""`headroom simulate`: will it survive? Nodes are launched over EC2's rules, in many random orders, before they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.access import Access
from cli.errors import UserError
from cli.options import AccountRole, AsJson, ClusterName, ExternalId, Profile, Region, SnapshotFile
from cli.progress import progress

if TYPE_CHECKING:
    from cli.simulating.runs import Failure, Survival
    from cli.simulating.steps import Story
    from functions.capacity.model import InstanceType, Snapshot

ORDERS = 30  # in which EC2 may hand out addresses
COMPARED = 5  # of them, to say what Headroom would change


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the options ask for; just one of them."""

    add: str = ""
    nodegroup: str = ""
    to: int | None = None
    upgrade: str = ""
    lose_zone: str = ""
    prefix_mode: str = ""

    @property
    def count(self) -> int:
        """How many stories these options tell."""
        return sum(map(bool, (self.add, self.nodegroup, self.upgrade, self.lose_zone, self.prefix_mode)))


def command(
    snapshot: SnapshotFile = None,
    add: Annotated[str, typer.Option(help="So many nodes of a type, as 200xm5.large.")] = "",
    nodegroup: Annotated[str, typer.Option(help="A node group grows: with --to.")] = "",
    to: Annotated[int | None, typer.Option(min=0, help="The size that the group grows to.")] = None,
    upgrade: Annotated[str, typer.Option(help="A node group is updated: new nodes before the old ones go.")] = "",
    lose_zone: Annotated[str, typer.Option(help="A zone is lost, as us-east-1a: its nodes come again elsewhere.")] = "",
    prefix_mode: Annotated[str, typer.Option(help="`on`: new groups in prefix mode replace the old ones.")] = "",
    with_headroom: Annotated[
        bool, typer.Option("--with-headroom/--without", help="With Headroom's plans carried out, or without.")
    ] = False,
    subnet: Annotated[
        list[str] | None, typer.Option(help="With --add: in this subnet; more than once for more.")
    ] = None,
    orders: Annotated[int, typer.Option(min=1, max=10_000, help="Random orders that are tried.")] = ORDERS,
    cluster: ClusterName = "",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Say how many of the nodes will get all the addresses they need, and what breaks first.

    Exits 2 if not all do, where nodes of a lost zone have nowhere to come again, and where a subnet was not seen whole:
    fewer may fit there than is said.
    """
    from cli import source
    from cli.simulating.runs import survive
    from functions.capacity.wording import count

    asked = Asked(add=add, nodegroup=nodegroup, to=to, upgrade=upgrade, lose_zone=lose_zone, prefix_mode=prefix_mode)
    if asked.count != 1:
        raise UserError("name one of --add, --nodegroup with --to, --upgrade, --lose-zone, --prefix-mode")
    if subnet and not add:
        raise UserError("--subnet goes with --add")
    if to is not None and not nodegroup:
        raise UserError("--to goes with --nodegroup")
    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    view = source.snapshot(snapshot, access, cluster)
    story = _story(view, asked, cluster, subnet or [], access if snapshot is None else None)
    with progress(f"launching {count(story.nodes, 'node')} in {count(orders, 'order')}"):
        found = survive(view, story, runs=orders, headroom=with_headroom)
        other = None if found.fits else survive(view, story, runs=min(orders, COMPARED), headroom=not with_headroom)
    say, unfit = _as_json if as_json else _text, (*story.unfit, *_unseen(view, story))
    typer.echo(say(found, other, story, unfit, with_headroom=with_headroom))
    if unfit or not found.fits:
        raise typer.Exit(2)


def _story(view: Snapshot, asked: Asked, cluster: str, subnets: list[str], access: Access | None) -> Story:
    from cli.simulating import steps

    if asked.add:
        count, name = steps.parse_add(asked.add)
        return steps.added(view, count, _limits(view, name, access), cluster, subnets)
    if asked.nodegroup:
        if asked.to is None:
            raise UserError("--nodegroup wants --to, the size that it grows to")
        return steps.grown(view, steps.group_named(view, asked.nodegroup), asked.to)
    if asked.upgrade:
        return steps.upgraded(view, steps.group_named(view, asked.upgrade))
    if asked.lose_zone:
        return steps.without_zone(view, asked.lose_zone)
    if asked.prefix_mode != "on":
        raise UserError("--prefix-mode takes `on`")
    return steps.to_prefix_mode(view)


def _limits(view: Snapshot, name: str, access: Access | None) -> InstanceType:
    """Of the view, else of EC2, else as they were known when this version was made."""
    from cli.instance_limits import known

    if name in view.instance_types:
        return view.instance_types[name]
    if access:
        from cli.access import asking_aws
        from functions.aws.subnets import instance_types

        with asking_aws():
            found = instance_types(access.ec2(), [name])
        if name in found:
            return found[name]
    limits = known(name)
    if limits is None:
        raise UserError(f"the limits of {name} are neither in the snapshot nor known: is that an instance type?")
    return limits


def _unseen(view: Snapshot, story: Story) -> tuple[str, ...]:
    """The subnets that nodes may come to and in which more may be in use than is in view, each with the reason.

    Where EC2 counts more free than we do, what is simulated is the worse case, and nothing is said.
    """
    from cli.simulating.steps import Launch
    from functions.capacity.analyse import analyse
    from functions.capacity.blocks import expected_available

    places = {id_ for each in story.steps if isinstance(each, Launch) for id_ in each.places}
    found = (
        each
        for each in analyse(view)
        if each.subnet.id in places
        and (each.subnet.unread or max(each.subnet.available) < expected_available(each.blocks).start)
    )
    return tuple(f"fewer may fit in {each.subnet.id}: {each.partial}" for each in found)


def _as_json(
    found: Survival, other: Survival | None, story: Story, unfit: tuple[str, ...], *, with_headroom: bool
) -> str:
    return json.dumps(
        {
            "fits": found.fits and not unfit,
            "nodesAsked": found.asked,
            "nodesThatFit": found.middle,
            "nodesThatFitAtLeast": found.least,
            "nodesThatFitAtMost": found.most,
            "orders": len(found.runs),
            "firstFailure": _failure(found.first_failure),
            "withHeadroom": with_headroom,
            "otherwise": other
            and {
                "withHeadroom": not with_headroom,
                "nodesThatFit": other.middle,
                "nodesThatFitAtLeast": other.least,
                "nodesThatFitAtMost": other.most,
            },
            "assumed": list(story.assumed),
            "unfit": list(unfit),
        },
        indent=1,
    )


def _failure(first: Failure | None) -> dict[str, Any] | None:
    if first is None:
        return None
    return {
        "node": first.node,
        "group": first.group,
        "subnetId": first.refusal.subnet_id,
        "what": first.refusal.what,
        "code": first.refusal.code,
        "message": first.refusal.message,
    }


def _text(found: Survival, other: Survival | None, story: Story, unfit: tuple[str, ...], *, with_headroom: bool) -> str:
    from functions.capacity.wording import count

    told = "with Headroom" if with_headroom else "without Headroom"
    lines = [f"{told}: {_fit(found)}, in {count(len(found.runs), 'random order')}"]
    if first := found.first_failure:
        where = f"{'an' if first.refusal.what == 'address' else 'a'} {first.refusal.what} in {first.refusal.subnet_id}"
        lines.append(f"first failure: node {first.node} ({first.group}) is refused {where}: {first.refusal.code}")
    if other:
        better = "with Headroom's reservations" if not with_headroom else "without Headroom"
        lines.append(f"{better}: {_range(other)}")
        if first and first.refusal.code == "InsufficientCidrBlocks" and other.least < other.asked:
            lines.append("to fix: fewer single addresses in the blocks (headroom audit names them), or another subnet")
        elif other.least == other.asked:
            lines.append("to fix: tag the subnets headroom:mode=steer (or ahead) before the nodes come")
        else:
            lines.append("to fix: more addresses: a further subnet, or a secondary CIDR of the VPC")
    lines += [f"assumed: {each}" for each in story.assumed]
    lines += [f"but: {each}" for each in unfit]
    return "\n".join(lines)


def _fit(found: Survival) -> str:
    """`1 of 2 nodes gets all it needs`."""
    gets = "gets all it needs" if _range(found) == "1" else "get all they need"
    return f"{_range(found)} of {found.asked} node{'' if found.asked == 1 else 's'} {gets}"


def _range(found: Survival) -> str:
    return str(found.least) if found.least == found.most else f"{found.middle} ({found.least} to {found.most})"
