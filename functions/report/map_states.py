"""What each block of the subnet map is: the text map's kinds, told apart further where the picture has room for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from functions.capacity.blocks import BlockMap
from functions.capacity.model import BLOCK
from functions.capacity.owners import Owner
from functions.capacity.pins import RARELY_LEAVE
from functions.report.text_map import Kind, kinds


class State(StrEnum):
    """What a block is, in the order of the legend; the value is its name in counts, as in the text map."""

    FREE = "free"
    PARTLY_USED = "partlyUsed"
    PREFIX = "prefix"
    RESERVED_FREE = "reservedFree"
    RESERVED_DRAINING = "reservedDraining"
    PINNED = "pinned"
    AWS = "aws"
    EXPLICIT = "explicit"

    __hash__ = str.__hash__  # Enum's own is written in Python, and a /16 asks for it thousands of times


MEANINGS: Mapping[State, str] = {
    State.FREE: "free",
    State.PARTLY_USED: "partly used",
    State.PREFIX: "node's prefix",
    State.RESERVED_FREE: "reserved, free",
    State.RESERVED_DRAINING: "reserved, draining",
    State.PINNED: "pinned",
    State.AWS: "AWS's own",
    State.EXPLICIT: "reserved by others",
}

_SAME: Mapping[Kind, State] = {
    Kind.FREE: State.FREE,
    Kind.PARTLY_USED: State.PARTLY_USED,
    Kind.PREFIX: State.PREFIX,
    Kind.RESERVED_FREE: State.RESERVED_FREE,
    Kind.RESERVED_DRAINING: State.RESERVED_DRAINING,
}
_MAY_BE_PINNED = frozenset({Kind.PARTLY_USED, Kind.RESERVED_DRAINING})


@dataclass(frozen=True, kw_only=True)
class Cells:
    """What a grid shows: for each cell its state and how full it is (0 to 16), and which ones lie in reservations."""

    states: Sequence[State]
    levels: Sequence[int]
    reserved: Collection[int]


def cells(blocks: BlockMap) -> Cells:
    """One cell for each block."""
    found = kinds(blocks)
    stuck = pins(blocks, [n for n, kind in enumerate(found) if kind in _MAY_BE_PINNED])
    states = tuple(
        State.PINNED if n in stuck else _SAME.get(kind) or _unusable(blocks, n) for n, kind in enumerate(found)
    )
    return Cells(states=states, levels=_levels(blocks), reserved=blocks.reserved)


def counts(cells_: Cells) -> dict[State, int]:
    """How many cells there are of each state, none left out."""
    found = Counter(cells_.states)
    return {state: found[state] for state in State}


def pins(blocks: BlockMap, of: Collection[int]) -> Mapping[int, frozenset[Owner]]:
    """Those of these blocks that will not empty by themselves, and why: as `pinned` says, without a value an address.

    A large subnet has tens of thousands of them.
    """
    wanted, base = frozenset(of), int(blocks.subnet.cidr.network_address)
    by_owner: defaultdict[Owner, list[Sequence[int]]] = defaultdict(list)
    for each in blocks.subnet.interfaces:
        if each.owner in RARELY_LEAVE:
            by_owner[each.owner].append(each.addresses)
    found: defaultdict[int, set[Owner]] = defaultdict(set)
    for owner, addresses in by_owner.items():
        for n in {(address - base) // BLOCK for address in chain.from_iterable(addresses)} & wanted:
            found[n].add(owner)
    return {n: frozenset(found[n]) for n in sorted(found)}


def _unusable(blocks: BlockMap, n: int) -> State:
    return State.EXPLICIT if n in blocks.taken_by_others else State.AWS


def _levels(blocks: BlockMap) -> tuple[int, ...]:
    return tuple(BLOCK if n in blocks.held else min(BLOCK, count) for n, count in enumerate(blocks.singles))
