"""Fuzzes for as long as it is told, and writes what it saw: `python -m tests.bad_input --seconds 600`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from itertools import count, islice
from pathlib import Path
from typing import Any

from tests.bad_input.fuzz import Target, UncaughtError, attempt
from tests.bad_input.targets import TARGETS

OUT = Path("build/soak/bad_input.json")
MOST_UNCAUGHT = 20  # after so many it is clear enough


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bad_input", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--seed", type=int, help="just this one; with --target")
    parser.add_argument(
        "--first-seed", type=int, default=100_000, help="where to begin: `make test` has the first ones"
    )
    parser.add_argument("--target", help="just this one", choices=[each.name for each in TARGETS])
    chosen = parser.parse_args()
    logging.disable()  # each bad message would be a line
    targets = [each for each in TARGETS if chosen.target in {None, each.name}]
    if chosen.seed is not None:
        for each in targets:
            print(f"{each.name}: {attempt(each, chosen.seed)}")
        return
    found = fuzzed(targets, chosen.seconds, chosen.first_seed)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    print(f"bad input: {found['inputs']} inputs in {found['seconds']} s, {len(found['uncaught'])} uncaught -> {OUT}")
    for each in found["uncaught"]:
        print(each)
    sys.exit(1 if found["uncaught"] else 0)


def fuzzed(targets: list[Target], seconds: float, first_seed: int) -> dict[str, Any]:
    """One input of each target after the other until the time is over, and how they ended."""
    began = time.monotonic()
    ends: dict[str, Counter[str]] = {each.name: Counter() for each in targets}
    uncaught = list[str]()
    for seed in count(first_seed):
        for target in targets:
            try:
                ends[target.name][attempt(target, seed)] += 1
            except UncaughtError as error:
                uncaught.append(f"{target.name}: {error}")
                ends[target.name]["uncaught"] += 1
        if time.monotonic() - began > seconds or len(uncaught) >= MOST_UNCAUGHT:
            break
    return {
        "inputs": sum(each.total() for each in ends.values()),
        "seconds": round(time.monotonic() - began, 1),
        "firstSeed": first_seed,
        "lastSeed": seed,
        "ends": {name: dict(each.most_common()) for name, each in ends.items()},
        "uncaught": list(islice(uncaught, MOST_UNCAUGHT)),
    }


if __name__ == "__main__":
    main()
