"""What becomes of a subnet under each strategy, at EC2's rules; docs/decisions/0011-steer.md has the figures."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.placement.table import SCENARIOS, Draw, Row, as_json, lines, rows
from ec2_rules.allocation import Order

__all__ = ["as_json", "run", "show"]

SEEDS = (1, 2)


def run(draws: Mapping[str, Draw] = SCENARIOS) -> list[Row]:
    """A /20 under random placement in every life, and two lives under the other orders; some three minutes."""
    others = tuple(order for order in Order if order is not Order.RANDOM)
    return rows(seeds=SEEDS, orders=(Order.RANDOM,), draws=draws) + rows(
        seeds=SEEDS[:1], orders=others, names=("P7 80 %", "P8 25 %")
    )


def show(found: list[Row]) -> None:
    """Print them."""
    print("\n".join(lines(found)))
