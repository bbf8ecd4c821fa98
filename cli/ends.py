"""What ends a reservation of ours, in the words that `plan` says before it is made and `explain` after."""

from __future__ import annotations

_ENDS = {
    "steer": "it is given back when fewer addresses are open to single requests than they need, and it is the one that "
    "costs the fewest free blocks an address",
    "ahead": "nothing gives it back in this mode; `headroom give-back --subnet` does, by hand",
}
_ENDS_ELSE = "nothing gives it back while the subnet is only observed"


def ends(mode: str) -> str:
    """In a subnet of this mode."""
    return _ENDS.get(mode, _ENDS_ELSE)
