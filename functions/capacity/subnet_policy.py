"""A subnet's own settings, by its tags: another floor than the deployment's, and lower caps, but no higher ones.

Whoever may tag a subnet may ask for caution there; only whoever deploys may allow more.
"""

from __future__ import annotations

from dataclasses import replace

from functions.capacity.model import Policy, Subnet

FLOOR = "single_address_floor"

# Tag, the setting it stands for, and what it may be: the bounds of the deployment's own configuration (cdk.json).
TAGS = {
    "headroom:single-address-floor": (FLOOR, range(8, 16384 + 1)),
    "headroom:max-reservations": ("max_reservations_per_subnet", range(1, 255 + 1)),
    "headroom:max-creates-per-day": ("max_creates_per_subnet_per_day", range(1, 10_000 + 1)),
}


class SettingError(ValueError):
    """A tag that is no setting; nothing is changed in its subnet until somebody mends it."""


def policy_of(subnet: Subnet, defaults: Policy) -> Policy:
    """What is allowed in this subnet. Raises SettingError, which names the tag, for a value that it may not have."""
    chosen = {
        setting: _value(tag, subnet.tags[tag], allowed)
        for tag, (setting, allowed) in TAGS.items()
        if tag in subnet.tags
    }
    caps = {setting: min(value, getattr(defaults, setting)) for setting, value in chosen.items() if setting != FLOOR}
    return replace(defaults, **chosen | caps)


def _value(tag: str, text: str, allowed: range) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) in allowed):  # noqa: PLR2004
        what = f"a whole number from {allowed.start} to {allowed.stop - 1}"
        raise SettingError(f"the subnet's tag {tag} is {text!r:.40}, not {what}")
    return int(text)
