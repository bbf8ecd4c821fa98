"""A subnet's own settings: the deployment's by its size, or those of its tags: another floor, and lower caps.

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


SMALL = 64  # times the floor: a smaller subnet leaves less open, but never less than
LEAST_FLOOR = 8  # free addresses that a load balancer wants (Elastic Load Balancing user guide, 'subnets')
ORDINARY = 4096  # addresses: a larger subnet has a larger floor and may have more of all that is capped, up to
MOST_TIMES = 4  # times as much, in proportion
MOST_RESERVATIONS = 255  # that the deployment's own configuration can ask for


class SettingError(ValueError):
    """A tag that is no setting; nothing is changed in its subnet until somebody mends it."""


def policy_of(subnet: Subnet, defaults: Policy) -> Policy:
    """What is allowed in this subnet. Raises SettingError, which names the tag, for a value that it may not have."""
    defaults = by_size(defaults, subnet.cidr.num_addresses)
    chosen = {
        setting: _value(tag, subnet.tags[tag], allowed)
        for tag, (setting, allowed) in TAGS.items()
        if tag in subnet.tags
    }
    caps = {setting: min(value, getattr(defaults, setting)) for setting, value in chosen.items() if setting != FLOOR}
    return replace(defaults, **chosen | caps)


def by_size(defaults: Policy, addresses: int) -> Policy:
    """What the deployment allows in a subnet of so many addresses."""
    floor, most, times = defaults.single_address_floor, defaults.max_reservations_per_subnet, times_ordinary(addresses)
    return replace(
        defaults,
        single_address_floor=min(floor, max(LEAST_FLOOR, addresses // SMALL)) * times,
        max_reservations_per_subnet=max(most, min(MOST_RESERVATIONS, most * times)),
        max_creates_per_subnet_per_day=defaults.max_creates_per_subnet_per_day * times,
        max_releases_per_subnet_per_day=defaults.max_releases_per_subnet_per_day * times,
    )


def times_ordinary(addresses: int) -> int:
    """By how much a subnet is larger than an ordinary one: 1 up to a /20, at most 4."""
    return max(1, min(MOST_TIMES, addresses // ORDINARY))


def _value(tag: str, text: str, allowed: range) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) in allowed):  # noqa: PLR2004
        what = f"a whole number from {allowed.start} to {allowed.stop - 1}"
        raise SettingError(f"the subnet's tag {tag} is {text!r:.40}, not {what}")
    return int(text)
