"""What the kill switch says, and what it means: only one word lets Headroom change anything."""

from __future__ import annotations

from dataclasses import dataclass

ACT = "act"
OBSERVE = "observe"


@dataclass(frozen=True, kw_only=True)
class SwitchState:
    """Why nothing may be changed (empty: it may), and why the switch cannot be understood (empty: it can)."""

    keeps_from_acting: str = ""
    unreadable: str = ""
    parameter: str = ""  # where it stands


def state_of(parameter: str, value: str | None, why: str = "") -> SwitchState:
    """The state at this value; with no value, `why` says what went wrong. A switch that cannot be read is off."""
    if value is None:
        return _off(parameter, f"the switch {parameter} cannot be read: {why}")
    if value.strip() == ACT:
        return SwitchState(parameter=parameter)
    if value.strip() == OBSERVE:
        return SwitchState(keeps_from_acting=f"the switch {parameter} says {OBSERVE}", parameter=parameter)
    return _off(parameter, f"the switch {parameter} says {value!r:.40}, which is neither {ACT} nor {OBSERVE}")


def _off(parameter: str, why: str) -> SwitchState:
    return SwitchState(keeps_from_acting=why, unreadable=why, parameter=parameter)
