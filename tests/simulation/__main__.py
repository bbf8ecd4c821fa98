"""`python -m tests.simulation`: the long runs, with their counts in build/soak/*.json, and the replay of one case."""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tests.simulation.goals import CONTROL_GOALS, GOALS, SEEDS, Counted, Goal, by_name, counted, quiet

FOLDER = Path("build/soak")
CONTROL_SEEDS = 1000


def main() -> None:
    """All goals, or those named; exit 1 where anything broke."""
    quiet()
    asked = _arguments()
    if asked.replay:
        sys.exit(_replay(by_name(asked.goal[0] if asked.goal else "R1"), asked.replay))
    chosen = [by_name(name) for name in asked.goal] if asked.goal else [*GOALS, *CONTROL_GOALS]
    failed = [_run(goal, asked.seeds, asked.processes) for goal in chosen]
    sys.exit(any(failed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"schedules of R1 (default {SEEDS})")
    parser.add_argument("--goal", action="append", help="R1, R2, R3, R4, R6, R8, control-1 to -3; more than once")
    parser.add_argument("--replay", metavar="CASE", help="one case of the first --goal, step by step")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _run(goal: Goal, seeds: int, processes: int) -> bool:
    """Run it, print a line, write the counts; whether it failed. A control that breaks nothing has failed."""
    is_control = goal in CONTROL_GOALS
    seeds = min(seeds, CONTROL_SEEDS) if is_control else seeds
    start, cpu = time.perf_counter(), _cpu()
    found = counted(goal, seeds, processes)
    seconds, cpu = time.perf_counter() - start, _cpu() - cpu
    _write(goal, found, seconds=seconds, cpu=cpu, processes=processes)
    per_1000 = 1000 * len(found.broken) / max(1, found.cases)
    breaks = ", ".join(f"{name} {count}" for name, count in sorted(found.by_invariant.items())) or "no break"
    print(f"{goal.name:<10}{found.cases:>7} {goal.what:<44}{seconds:>7.0f} s  {per_1000:>6.1f} per 1,000: {breaks}")
    if not is_control:
        for invariant, (case, what) in sorted(found.first.items()):
            print(f"    {invariant}: {what}")
            print(f"    replay: python -m tests.simulation --goal {goal.name} --replay {case}")
    return not found.broken if is_control else bool(found.broken)


def _cpu() -> float:
    """Of this process and its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _write(goal: Goal, found: Counted, *, seconds: float, cpu: float, processes: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {
        "goal": goal.name,
        "what": goal.what,
        "cases": found.cases,
        "eventsPerCase": goal.events,
        "broken": len(found.broken),
        "brokenCases": found.broken,
        "breaks": found.by_invariant,
        "first": {name: {"case": case, "what": what} for name, (case, what) in found.first.items()},
        "seconds": round(seconds, 1),
        "cpuSeconds": round(cpu, 1),
        "processes": processes,
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
    }
    (FOLDER / f"{goal.name}.json").write_text(json.dumps(report, indent=2) + "\n")


def _replay(goal: Goal, text: str) -> int:
    """Print every step, every fault that struck and every break."""
    case = text if goal.name == "R2" else int(text)
    named = (next(iter(goal.cases(1)))[0], case) if goal.events else case
    breaks = goal.one(named, print)
    print(f"{len(breaks)} breaks" + "".join(f"\n  {each.invariant}: {each.what}" for each in breaks))
    return int(bool(breaks))


if __name__ == "__main__":
    main()
