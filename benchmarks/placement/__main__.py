"""`python -m benchmarks.placement [length ...] [--seeds n] [--first n]`: the table for other sizes and more seeds."""

from __future__ import annotations

import argparse

from benchmarks.placement import traces
from benchmarks.placement.table import SCENARIOS, STRATEGIES, lines, rows
from ec2_rules.allocation import Order


def main() -> None:
    """Print row by row, since the large ones take their time."""
    draws = SCENARIOS | traces.lives()
    parser = argparse.ArgumentParser(description="Placement strategies, simulated.")
    parser.add_argument("lengths", nargs="*", type=int, default=[20], help="prefix lengths of the subnets")
    parser.add_argument("--seeds", type=int, default=5, help="how many lives of each kind")
    parser.add_argument("--first", type=int, default=1, help="the first seed; 201: lives that nothing was chosen on")
    parser.add_argument("--orders", nargs="*", type=Order, default=[Order.RANDOM], help="how EC2 hands out singles")
    parser.add_argument("--lives", nargs="*", choices=list(draws), default=list(SCENARIOS))
    parser.add_argument("--strategies", nargs="*", default=[each.name for each in STRATEGIES])
    asked = parser.parse_args()
    if why := traces.absent():
        print(why)
    which = [each for each in STRATEGIES if each.name in asked.strategies]
    for name in asked.lives:
        for length in asked.lengths:
            seeds = range(asked.first, asked.first + asked.seeds)
            found = rows(lengths=[length], seeds=seeds, orders=asked.orders, draws=draws, names=[name], which=which)
            print("\n".join(lines(found)), flush=True)


if __name__ == "__main__":
    main()
