"""One play of the story on a fresh embedded AWS: without Headroom, or with it deployed and listening."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.aws import answers
from functions.capacity.blocks import BlockMap, block_map
from functions.capacity.model import PREFIX_LENGTH
from functions.capacity.scope import OWN_SOURCE, SWEEP
from sandbox.demo.scenario import (
    Cluster,
    NodeFleet,
    OtherWorkloads,
    Scenario,
    Tally,
    build,
    launch,
    raise_maximum,
)
from sandbox.deployment import Deployment, deploy
from sandbox.process import EmbeddedAws, embedded_aws

SWEEP_SECONDS = 300  # of the story's time, as the deployed schedule has it of real time
# The story runs some hundred times faster than the clock, so what waits by the clock waits not at all in it.
CONFIGURATION = {"batchingWindowSeconds": 0, "continueAfterSeconds": 0, "sweepMinutes": SWEEP_SECONDS // 60}
QUIET_SECONDS = 20.0
NAMED = 4  # ranges in one line
WITNESSED = {
    "$or": [
        {"source": ["aws.eks", "aws.autoscaling"]},
        {"detail-type": ["EC2 Instance State-change Notification"]},
    ]
}

Say = Callable[[str], None]
AfterDeployment = Callable[[EmbeddedAws, Deployment], None]


class NotSeenError(RuntimeError):
    """Something that the product should have done was not seen at the EC2 API or at the subscriber."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """What was seen in one play."""

    tally: Tally
    before: BlockMap
    after: BlockMap
    events: tuple[dict[str, str], ...] = ()
    reservations: tuple[dict[str, str], ...] = ()
    alerts: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()


def play_without(scenario: Scenario, folder: Path, say: Say) -> Play:
    """The story in an account where nobody looks."""
    with embedded_aws(folder, seed=scenario.seed) as aws:
        stage = Stage(aws, scenario, say)
        before = stage.blocks()
        stage.run(each_tick=lambda _: None)
        return Play(tally=stage.tally(), before=before, after=stage.blocks())


def play_with(
    scenario: Scenario,
    folder: Path,
    say: Say,
    *,
    app: str = "",
    after_deployment: AfterDeployment = lambda _, __: None,
) -> Play:
    """The same story with Headroom deployed. Raises NotSeenError when its work cannot be seen from outside.

    `app` is for `deploy`; `after_deployment` may look at, or break, what was deployed.
    """
    with embedded_aws(folder, seed=scenario.seed) as aws:
        began = time.monotonic()
        say("deploying Headroom with the CDK ...")
        deployment = deploy(aws, folder, CONFIGURATION, app=app)
        say(f"deployed stack {deployment.stack} in {time.monotonic() - began:.0f} s")
        after_deployment(aws, deployment)
        listener = Listener(aws, deployment)
        stage = Stage(aws, scenario, say)
        listener.wait_until_quiet()  # with the events of the cluster's making, so that what follows has one cause
        if made := stage.new_reservations():
            say(f"Headroom reserved {_ranges(made)}, for the nodes that there are")
        before = stage.blocks()

        def let_headroom_work(tick: int) -> None:
            if tick and tick * scenario.tick_seconds % SWEEP_SECONDS == 0:
                listener.sweep()
            listener.wait_until_quiet()
            if made := stage.new_reservations():
                stage.say(tick, f"Headroom reserved {_ranges(made)}")
            elif tick == 0:
                raise NotSeenError("no reservation at the EC2 API after the node group was told that it may grow")

        stage.run(each_tick=let_headroom_work)
        return _seen(stage, listener, deployment, before)


def _ranges(cidrs: list[str]) -> str:
    """How many ranges and blocks, and the first few of them."""
    blocks = sum(2 ** (PREFIX_LENGTH - int(each.split("/")[1])) for each in cidrs)
    more = f" and {len(cidrs) - NAMED} more" if len(cidrs) > NAMED else ""
    size = f"{blocks} blocks in {len(cidrs)} ranges: " if len(cidrs) > 1 else ""
    return f"{size}{', '.join(cidrs[:NAMED])}{more}"


def _seen(stage: Stage, listener: Listener, deployment: Deployment, before: BlockMap) -> Play:
    reservations, alerts, events = stage.reservations(), listener.alerts(), listener.events()
    missing = [
        what
        for what, there in (
            ("a reservation of Headroom's at the EC2 API", reservations),
            ("an alert about reserved prefixes at the subscriber", [a for a in alerts if "ahead of demand" in a]),
            ("the event UpdateNodegroupConfig on the bus", [e for e in events if "UpdateNodegroupConfig" in e["what"]]),
        )
        if not there
    ]
    if missing:
        raise NotSeenError(f"not seen: {'; '.join(missing)}. {listener.dead_letters()} messages in the DLQ.")
    return Play(
        tally=stage.tally(),
        before=before,
        after=stage.blocks(),
        events=tuple(events),
        reservations=tuple(reservations),
        alerts=tuple(alerts),
        stacks=(deployment.stack,),
    )


class Stage:
    """The subnet and everybody in it but Headroom."""

    def __init__(self, aws: EmbeddedAws, scenario: Scenario, say: Say) -> None:
        self._scenario, self._say = scenario, say
        self._ec2, self._eks, self._auto_scaling = (aws.client(each) for each in ("ec2", "eks", "autoscaling"))
        self._cluster: Cluster = build(aws, scenario)
        self._others = OtherWorkloads(self._ec2, self._cluster.subnet_id, scenario)
        self._nodes = NodeFleet(self._ec2, self._cluster, scenario)
        self._known: set[str] = set()
        self._others.settle()
        self._nodes.tick(-float(scenario.tick_seconds))

    def run(self, *, each_tick: Callable[[int], None]) -> None:
        """From the announcement of the group's growth to its end."""
        scenario = self._scenario
        self.say(0, f"node group {self._cluster.group} may grow from {scenario.nodes_before} to {scenario.nodes_after}")
        raise_maximum(self._eks, self._cluster, scenario)
        for tick in range(scenario.ticks):
            self._others.tick()
            self._launch_when_due(tick)
            for refusal in self._nodes.tick(float(tick * scenario.tick_seconds)):
                self.say(tick, refusal)
            each_tick(tick)

    def say(self, tick: int, text: str) -> None:
        """One line, led by the story's time."""
        minutes, seconds = divmod(tick * self._scenario.tick_seconds, 60)
        self._say(f"{minutes:3}:{seconds:02}  {text}")

    def _launch_when_due(self, tick: int) -> None:
        scenario = self._scenario
        since = tick - scenario.lead_ticks
        wanted = min(scenario.nodes_after, scenario.nodes_before + since // scenario.ticks_per_node + 1)
        if since >= 0 and since % scenario.ticks_per_node == 0 and wanted > len(self._nodes):
            launch(self._auto_scaling, self._cluster, wanted)
            self.say(tick, f"node {wanted} of {scenario.nodes_after} launches")

    def tally(self) -> Tally:
        """What came of the growth."""
        return self._nodes.tally(self._others.refused)

    def blocks(self) -> BlockMap:
        """The subnet as the EC2 API shows it."""
        filters = [{"Name": "subnet-id", "Values": [self._cluster.subnet_id]}]
        pages = self._ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
        interfaces = tuple(answers.interface(each) for page in pages for each in page["NetworkInterfaces"])
        (subnet,) = self._ec2.describe_subnets(SubnetIds=[self._cluster.subnet_id])["Subnets"]
        reserved = tuple(answers.reservation(each) for each in self._described_reservations())
        return block_map(answers.subnet(subnet, interfaces, reserved))

    def reservations(self) -> list[dict[str, str]]:
        """Headroom's reservations as the EC2 API shows them."""
        return [
            {
                "id": each["SubnetCidrReservationId"],
                "subnetId": each["SubnetId"],
                "cidr": each["Cidr"],
                "type": each["ReservationType"],
                "reason": each.get("Description", ""),
            }
            for each in self._described_reservations()
            if answers.reservation(each).ours
        ]

    def new_reservations(self) -> list[str]:
        """The CIDRs of those that were not there when this was last asked."""
        found = {each["cidr"] for each in self.reservations()}
        new = sorted(found - self._known)
        self._known |= found
        return new

    def _described_reservations(self) -> list[Any]:
        found, token = list[Any](), dict[str, str]()
        while True:
            page = self._ec2.get_subnet_cidr_reservations(SubnetId=self._cluster.subnet_id, **token)
            found += page["SubnetIpv4CidrReservations"]
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}


class Listener:
    """A subscriber of the alerts and a witness of the events, each with a queue of its own."""

    def __init__(self, aws: EmbeddedAws, deployment: Deployment) -> None:
        self._sqs = aws.client("sqs")
        self._work = deployment.outputs["WorkQueueUrl"]
        self._dead = deployment.outputs["DeadLetterQueueUrl"]
        self._alerts, alerts_arn = self._queue("demo-subscriber", "sns.amazonaws.com")
        self._events, events_arn = self._queue("demo-witness", "events.amazonaws.com")
        aws.client("sns").subscribe(
            TopicArn=deployment.outputs["TopicArn"], Protocol="sqs", Endpoint=alerts_arn, ReturnSubscriptionArn=True
        )
        events = aws.client("events")
        events.put_rule(Name="demo-witness", EventPattern=json.dumps(WITNESSED))
        events.put_targets(Rule="demo-witness", Targets=[{"Id": "witness", "Arn": events_arn}])

    def sweep(self) -> None:
        """What the schedule sends: in the story's time it is due."""
        body = json.dumps({"source": OWN_SOURCE, "detail-type": SWEEP, "detail": {}})
        self._sqs.send_message(QueueUrl=self._work, MessageBody=body)

    def wait_until_quiet(self) -> None:
        """Until no work waits or is under way: nodes take minutes to come up, a reconcile takes a second.

        Raises NotSeenError when it does not come to that.
        """
        until = time.monotonic() + QUIET_SECONDS
        while self._pending(self._work):
            if time.monotonic() > until:
                raise NotSeenError(f"the work queue was not empty after {QUIET_SECONDS:.0f} s: a reconcile failed")
            time.sleep(0.02)

    def alerts(self) -> list[str]:
        """The bodies of all alerts, as they came."""
        return [json.loads(each)["Message"] for each in self._drain(self._alerts)]

    def events(self) -> list[dict[str, str]]:
        """What was on the bus."""
        return [
            {
                "source": each["source"],
                "detailType": each["detail-type"],
                "at": each["time"],
                "what": each["detail"].get("eventName", each["detail-type"]),
            }
            for each in map(json.loads, self._drain(self._events))
        ]

    def dead_letters(self) -> int:
        """Messages that were given up."""
        return self._pending(self._dead)

    def _queue(self, name: str, sender: str) -> tuple[str, str]:
        """URL and ARN of a new queue that this AWS service may send to."""
        url: str = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn: str = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": sender}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn

    def _pending(self, url: str) -> int:
        kinds = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=kinds)["Attributes"]
        return sum(int(found[kind]) for kind in kinds)

    def _drain(self, url: str) -> list[str]:
        bodies = list[str]()
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in messages:
                bodies.append(each["Body"])
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return bodies
