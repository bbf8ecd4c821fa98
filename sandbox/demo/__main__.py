"""`make demo`: the story without and with Headroom, and the evidence of what was seen."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from functions.capacity.analyse import Analysis
from functions.capacity.demand import SubnetDemand
from functions.report import text_map
from functions.report.subnet_map import subnet_map
from sandbox.demo.listener import NotSeenError
from sandbox.demo.play import Play, play_with, play_without
from sandbox.demo.scenario import Scenario
from sandbox.deployment import DeploymentError
from sandbox.process import ROOT, StartError

EVIDENCE = ROOT / "build" / "demo" / "evidence.json"


def main() -> int:
    """Play both, print the story as it happens, write the evidence. 0 only if everything was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=Scenario.seed)
    scenario = replace(Scenario(), seed=parser.parse_args().seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="headroom-demo-") as folder:
        try:
            _introduce(scenario)
            _heading("Without Headroom")
            without = play_without(scenario, Path(folder) / "without", _say)
            _close(without)
            _heading("With Headroom")
            with_it = play_with(scenario, Path(folder) / "with", _say)
            _close(with_it)
        except (NotSeenError, DeploymentError, StartError) as error:
            print(f"\nThe demo failed: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\ninterrupted", file=sys.stderr)
            return 130
    _compare(without, with_it)
    seconds = round(time.monotonic() - began, 1)
    _write(scenario, without, with_it, seconds)
    pictures = " and ".join(str(each.relative_to(ROOT)) for each in _draw(with_it))
    print(f"\n{seconds} s; evidence in {EVIDENCE.relative_to(ROOT)}, the subnet in {pictures}")
    return 0


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def _introduce(scenario: Scenario) -> None:
    others, before, after = scenario.other_workloads, scenario.nodes_before, scenario.nodes_after
    print(
        f"A subnet {scenario.cidr} on an embedded AWS, seed {scenario.seed}. About {others} addresses in it belong to"
    )
    print(f"workloads that come and go. An EKS node group of {before} {scenario.instance_type} in prefix mode is told")
    print(f"that it may have {after}, and half an hour later it grows. Time is compressed: a step of")
    print(f"{scenario.tick_seconds} s waits only for work that is under way.")


def _close(play: Play) -> None:
    print(f"\n  {'before':>25} {'after':>20}")
    for before, after in zip(text_map.rows(play.before), text_map.rows(play.after), strict=True):
        print(f"  {before}    {after.split()[1]}")
    print(f"  {text_map.legend()}")
    if play.alerts:
        print("\n  Each message that arrived obeys the schema of its form (docs/schemas).")
    for alert in play.alerts:
        _show("as the subscriber of the mails received it", alert)
    for name, messages in (("in the chat", play.chat), ("as the pager received it", play.pages)):
        for each in messages[-1:]:
            _show(f"{name} (the last of {len(messages)})", json.dumps(json.loads(each), indent=2, ensure_ascii=False))


def _show(how: str, text: str) -> None:
    print(f"\n  {how}:")
    print("\n".join(f"  | {line}" for line in text.splitlines()))


def _compare(without: Play, with_it: Play) -> None:
    _heading("What came of it")
    print(f"  {'':40}{'without':>10}{'with':>10}")
    for name, label in (
        ("nodes", "nodes"),
        ("nodes_hit", "nodes refused a prefix at least once"),
        ("calls_refused", "calls refused for want of a free /28"),
        ("pods_waiting", "pods without an address at the end"),
        ("pod_minutes_waiting", "minutes that pods waited for one, summed"),
        ("singles_refused", "single addresses refused to others"),
    ):
        print(f"  {label:40}{getattr(without.tally, name):>10}{getattr(with_it.tally, name):>10}")


def _write(scenario: Scenario, without: Play, with_it: Play, seconds: float) -> None:
    evidence = {
        "deployedStacks": with_it.stacks,
        "events": with_it.events,
        "reservations": with_it.reservations,
        "alerts": with_it.alerts,
        "chat": [json.loads(each) for each in with_it.chat],
        "pages": [json.loads(each) for each in with_it.pages],
        "subnets": {
            with_it.before.subnet.id: {
                "before": text_map.counts(with_it.before),
                "after": text_map.counts(with_it.after),
            }
        },
        "seconds": seconds,
        "seed": scenario.seed,
        "outcome": {"without": asdict(without.tally), "with": asdict(with_it.tally)},
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(evidence, indent=2) + "\n")


def _draw(with_it: Play) -> list[Path]:
    """The subnet map before and after, for a browser."""
    drawn = {"before.svg": with_it.before, "after.svg": with_it.after}
    for name, blocks in drawn.items():
        analysis = Analysis(subnet=blocks.subnet, blocks=blocks, demand=SubnetDemand())
        (EVIDENCE.parent / name).write_text(subnet_map(analysis))
    return [EVIDENCE.parent / name for name in drawn]


if __name__ == "__main__":
    sys.exit(main())
