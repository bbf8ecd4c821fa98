"""A storm of node launches against the deployed product, by counting what really happens in the embedded AWS.

    python -m benchmarks.storm --nodes 1000 --speed 1

N nodes over three subnets in seven minutes, as a node group that grows makes them: SetDesiredCapacity, RunInstances,
two state changes, the lifecycle hook's event and the group's for each launch, a part of all that twice; each node takes
a prefix as the VPC CNI does. Everything runs: rules, queues with their windows and intervals, Lambda, the EC2 API.

`--speed 5` lets the story, the batching window, the fast way's delay and SQS's five minutes pass five times faster. The
reads themselves do not get faster by that, so a run at speed 1 is the one that counts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.launching import build, launch
from sandbox import ledger
from sandbox.deployment import Deployment, deploy
from sandbox.process import Conditions, EmbeddedAws, embedded_aws

LATENCY = 0.06  # of an EC2 call, no less at speed: while one is on its way, nodes launch
SAME_SECONDS = 300  # in which SQS takes a message of the same content once
TWICE = 1 / 6  # six events a launch, so seven
WINDOW_SECONDS, WAKE_SECONDS, SETTLE_SECONDS = 53, 5, 5  # as deployed by default
GOALS = {"invocations": 20, "ec2Reads": 40, "oldestViewSeconds": 60.0, "firstLookSeconds": 10.0}
READS = ("Describe", "Get")
INTERFACES = "DescribeNetworkInterfaces"

Note = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One storm. Seconds are of the story's time."""

    nodes: int
    speed: float
    pollers: int
    events: int
    invocations: int
    by_queue: dict[str, int]
    looks: int
    ec2_reads: int
    by_action: dict[str, int]
    first_look_seconds: float  # from the first event after quiet to the read that saw its subnet
    oldest_view_seconds: float  # the longest that any event waited for such a read
    lost_time_seconds: float  # how much longer than seven minutes the storm took on this machine


def main() -> None:
    """Run one storm and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[100])
    parser.add_argument("--speed", type=float, default=5)
    parser.add_argument("--pollers", type=int, default=1, help="of the work queue's event source; AWS begins with five")
    arguments = parser.parse_args()
    show([storm(nodes, speed=arguments.speed, pollers=arguments.pollers) for nodes in arguments.nodes])


def run() -> list[dict[str, Any]]:
    """For `make bench`: small storms at speed; the rest by hand."""
    measured = [storm(nodes, speed=5) for nodes in (100, 1000)]
    show(measured)
    return [asdict(each) for each in measured]


def show(measured: Sequence[Measured]) -> None:
    """A table, and below it which reads they were."""
    goals = f"goal at 1,000: {json.dumps(GOALS)}"
    print(f"\nstorms of node launches over 3 subnets in 7 minutes; {goals}")
    print(f"{'nodes':>6} {'speed':>5} {'pollers':>7} {'events':>7} {'invocations':>11} {'looks':>5} {'EC2 reads':>9} "
          f"{'first look':>10} {'oldest view':>11} {'late':>5}")  # fmt: skip
    for each in measured:
        print(f"{each.nodes:>6} {each.speed:>5g} {each.pollers:>7} {each.events:>7} "
              f"{each.invocations:>11} {each.looks:>5} "
              f"{each.ec2_reads:>9} {each.first_look_seconds:>8.1f} s {each.oldest_view_seconds:>9.1f} s "
              f"{each.lost_time_seconds:>3.0f} s")  # fmt: skip
        print(f"       {each.by_queue} {each.by_action}")


def storm(nodes: int, *, speed: float, pollers: int = 1) -> Measured:
    """A storm on an embedded AWS of its own."""
    conditions = Conditions(time_factor=speed, twice=TWICE, latency=LATENCY, pollers=pollers)
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder), conditions=conditions) as aws:
        return play(aws, deploy(aws, Path(folder), _configuration(speed)), nodes, speed=speed, pollers=pollers)


def play(aws: EmbeddedAws, deployment: Deployment, nodes: int, *, speed: float, pollers: int = 1) -> Measured:
    """Wait until all is quiet, let the nodes come, wait until all is quiet again, count."""
    product = Product(aws, deployment)
    product.gather_for(0)  # the preparations need not wait
    group = build(aws, nodes)
    product.wait_until_quiet(900)  # five reservations a run, a run each eight seconds, longer on a busy machine
    product.gather_for(round(WINDOW_SECONDS / speed))
    _wait_until_forgotten(aws, speed)
    began, late = launch(aws, group, nodes, speed)
    product.wait_until_quiet(400 / speed + 60)
    notes = [each for each in ledger.read(aws.ledger) if each["at"] >= began]
    return measured(notes, nodes=nodes, speed=speed, pollers=pollers, late=late * speed)


def _wait_until_forgotten(aws: EmbeddedAws, speed: float) -> None:
    """Until SQS takes a wake-up again."""
    taken = [each["at"] for each in ledger.read(aws.ledger) if each["what"] == "delivered" and _is_fast(each)]
    time.sleep(max(0.0, max(taken, default=0.0) + SAME_SECONDS / speed - time.time()) + 1)


def _configuration(speed: float) -> dict[str, int]:
    wake = round(WAKE_SECONDS / speed)
    return {
        "batchingWindowSeconds": round(WINDOW_SECONDS / speed),
        "wakeAfterSeconds": wake,
        "settleSeconds": round(SETTLE_SECONDS / speed),
        "sweepMinutes": 60 if speed > 1 else 5,
    }


class Product:
    """The deployed product's queues and event sources."""

    def __init__(self, aws: EmbeddedAws, deployment: Deployment) -> None:
        self._sqs, self._lambda = aws.client("sqs"), aws.client("lambda")
        self._queues = [deployment.outputs[f"{each}QueueUrl"] for each in ("Work", "Fast", "Release")]
        self._function = deployment.outputs["ReconcileFunction"]

    def wait_until_quiet(self, seconds: float) -> None:
        """Until nothing waits or is under way, for two seconds on end."""
        until, quiet = time.monotonic() + seconds, 0
        while quiet < 4:  # noqa: PLR2004 - half seconds
            if time.monotonic() > until:
                raise TimeoutError(f"the queues were not empty after {seconds:.0f} s")
            quiet = 0 if any(map(self._pending, self._queues)) else quiet + 1
            time.sleep(0.5)

    def gather_for(self, seconds: int) -> None:
        """Set the batching window of the work queue's event source."""
        sources = self._lambda.list_event_source_mappings(FunctionName=self._function)["EventSourceMappings"]
        for each in sources:
            if not each["EventSourceArn"].endswith(".fifo"):
                self._lambda.update_event_source_mapping(
                    UUID=each["UUID"], MaximumBatchingWindowInSeconds=seconds, BatchSize=10_000 if seconds else 10
                )

    def _pending(self, url: str) -> int:
        kinds = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=kinds)["Attributes"]
        return sum(int(found[kind]) for kind in kinds)


def measured(notes: Sequence[Note], *, nodes: int, speed: float, pollers: int, late: float) -> Measured:
    """What a ledger says of the storm that it begins with."""
    events = [each["at"] for each in notes if each["what"] == "delivered" and _short(each["queue"]) == "Work"]
    reads = [each for each in notes if each["what"] == "call" and each["action"].startswith(READS)]
    batches = Counter(_short(each["queue"]) for each in notes if each["what"] == "batch")
    views = list(_views(reads))
    waits = [next((view for view in views if view >= at), float("inf")) - at for at in events]
    return Measured(
        nodes=nodes,
        speed=speed,
        pollers=pollers,
        events=len(events),
        invocations=batches.total(),
        by_queue=dict(batches),
        looks=len(views),
        ec2_reads=len(reads),
        by_action=dict(Counter(each["action"] for each in reads).most_common()),
        first_look_seconds=round(waits[0] * speed, 1),
        oldest_view_seconds=round(max(waits) * speed, 1),
        lost_time_seconds=round(late, 1),
    )


def _views(reads: Sequence[Note]) -> Iterator[float]:
    """When each read of interfaces began: runs take turns, so its pages stand together."""
    for before, each in pairwise([{"action": ""}, *reads]):
        if each["action"] == INTERFACES and before["action"] != INTERFACES:
            yield each["at"]


def _is_fast(note: Note) -> bool:
    return _short(note["queue"]) == "Fast"


def _short(queue: str) -> str:
    return next((each for each in ("Fast", "Work", "Release") if each.lower() in queue.lower()), queue)


if __name__ == "__main__":
    main()
