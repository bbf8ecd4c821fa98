"""The subnets: do they hold old and new nodes together, and blocks reserved before anything else takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.migration.groups import as_after, waiting_groups
from functions.capacity.migration.situation import Situation
from functions.capacity.migration.steps import Call, State, Step
from functions.capacity.model import DECISION_TAG, MODE_TAG, OWNER, OWNER_TAG, Mode, Policy, Reservation, Snapshot
from functions.capacity.plan import CreateReservation, Plan
from functions.capacity.planning import planned
from functions.capacity.wording import count

DECISION = "migrate"  # what the reservations made here name as the run that made them
AT_ONCE = Policy(max_creates_per_run=255)


def room(of: Situation) -> Step:
    """Old and new nodes together fit into the subnets, in every order that was tried."""
    found = of.room
    step = Step(
        id="room",
        title="Room for old and new nodes together",
        state=State.DONE,
        why="every old group has its new one already",
        check="headroom simulate --prefix-mode on",
    )
    if not waiting_groups(of):
        return step
    if found is None:
        return replace(step, state=State.BLOCKED, why="it was not tried out whether the subnets hold them")
    why = _room_in_words(found.asked, found.fit, found.fit_with_reservations)
    if max(found.fit, found.fit_with_reservations) >= found.asked:
        return replace(step, why=why)
    why = f"{why}; {found.first_failure}" if found.first_failure else why
    if of.choices.anyway:
        return replace(step, why=f"{why}; going on anyway, as asked")
    end = "; make room by one of these, migrate fewer groups at a time (--keep), or go on by --anyway"
    return replace(step, state=State.BLOCKED, why=f"{why}{end}", by_hand=found.advice)


def reserving(of: Situation) -> Iterator[Step]:
    """The subnets are given to Headroom, and the blocks that the new nodes will ask for are reserved."""
    found = [each for each in analyse(_tagged(of)) if each.subnet.id in _used(of)]
    if not waiting_groups(of) or not found:
        return
    yield _tagging(of, found)
    for each in found:
        yield _reservations(each, planned(each, AT_ONCE, (), created_today=0, released_today=0))


def with_reservations(of: Situation) -> Snapshot:
    """The view with the reservations that are planned here standing already."""
    tagged = _tagged(of)
    plans = {each.subnet.id: planned(each, AT_ONCE, (), created_today=0, released_today=0) for each in analyse(tagged)}
    subnets = (
        replace(each, reservations=(*each.reservations, *map(_standing, plans[each.id].actions)))
        if each.id in _used(of)
        else each
        for each in of.snapshot.subnets
    )
    return replace(of.snapshot, subnets=tuple(subnets))


def _standing(action: CreateReservation) -> Reservation:
    cidr = action.cidr
    assert isinstance(cidr, IPv4Network)  # noqa: S101 - no IPv6 cluster is migrated
    return Reservation(
        id=f"scr-planned-{cidr}", subnet_id=action.subnet_id, cidr=cidr, reserves_prefixes=True, ours=True
    )


def _room_in_words(asked: int, fit: int, with_reservations: int) -> str:
    nodes = f"{count(asked, 'new node')} beside the old ones"
    if fit >= asked:
        return f"{nodes}: all get their addresses, in every order that was tried"
    if with_reservations >= asked:
        return f"{nodes}: only {fit} may fit as it is, all with the reservations below"
    return f"{nodes}: only {fit} may fit, {with_reservations} with reservations"


def _used(of: Situation) -> frozenset[str]:
    """The subnets that the new nodes and their pods will be in."""
    nodes = {id_ for group in waiting_groups(of) for id_ in group.subnet_ids}
    pods = (of.cluster.pod_subnets or {}).values() if of.cni.custom_networking else ()
    return frozenset(nodes) | frozenset(pods)


def _tagged(of: Situation) -> Snapshot:
    """The view after, with every subnet in the mode that reserves what groups can ask for.

    What is steered would be reserved nearly whole; the blocks that the new nodes need come first, and the rest is left
    to Headroom itself.
    """
    after = as_after(of)
    subnets = (replace(each, tags={**each.tags, MODE_TAG: Mode.AHEAD.value}) for each in after.subnets)
    return replace(after, subnets=tuple(subnets))


def _tagging(of: Situation, found: Iterable[Analysis]) -> Step:
    modes = {each.id: each.mode for each in of.snapshot.subnets}
    untagged = [each.subnet.id for each in found if modes[each.subnet.id] is Mode.OBSERVE]
    tags = [{"Key": MODE_TAG, "Value": of.choices.mode.value}]
    call = Call(service="ec2", operation="create_tags", arguments={"Resources": untagged, "Tags": tags})
    return Step(
        id="tag-subnets",
        title="Subnets that Headroom may reserve in",
        state=State.OPEN if untagged else State.DONE,
        why=f"without the tag {MODE_TAG} Headroom only watches, and single addresses spoil the free blocks",
        calls=(call,) if untagged else (),
        check=f"every subnet of the new nodes has the tag {MODE_TAG}",
    )


def _reservations(analysis: Analysis, plan: Plan) -> Step:
    if analysis.partial:
        state, why = State.BLOCKED, f"nothing is reserved on a view that is not whole: {analysis.partial}"
    elif plan.actions:
        state, why = State.OPEN, plan.actions[0].reason
    elif plan.reason.startswith("only watching: the subnet's tag headroom"):
        state, why = State.BLOCKED, plan.reason
    else:
        state, why = State.DONE, _enough(analysis, plan)
    return Step(
        id=f"reserve:{analysis.subnet.id}",
        title=f"Blocks reserved in {analysis.subnet.id}",
        state=state,
        why=why,
        calls=tuple(map(_create, plan.actions)),
        check="a new look at the subnet plans no further reservation",
    )


def _enough(analysis: Analysis, plan: Plan) -> str:
    reserved = len(analysis.blocks.free_reserved)
    need = f"{count(reserved, 'free block')} reserved, for {count(analysis.demand.prefixes, 'prefix')} of demand"
    return "; ".join((need, *sorted(each.value for each in plan.limits)))


def _create(action: CreateReservation) -> Call:
    """As one of Headroom's own, so that it keeps it and gives it back."""
    tags = [{"Key": OWNER_TAG, "Value": OWNER}, {"Key": DECISION_TAG, "Value": DECISION}]
    return Call(
        service="ec2",
        operation="create_subnet_cidr_reservation",
        arguments={
            "SubnetId": action.subnet_id,
            "Cidr": str(action.cidr),
            "ReservationType": "prefix",
            "Description": action.reason,
            "TagSpecifications": [{"ResourceType": "subnet-cidr-reservation", "Tags": tags}],
        },
    )
