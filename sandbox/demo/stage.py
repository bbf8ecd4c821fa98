"""The subnet and everybody in it but Headroom, as the story has them act and as the EC2 API shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functions.aws import answers
from functions.capacity.blocks import BlockMap, block_map
from sandbox.demo.scenario import (
    Cluster,
    NodeFleet,
    OtherWorkloads,
    Scenario,
    Tally,
    ask,
    build,
    launch,
    raise_maximum,
)
from sandbox.process import EmbeddedAws

Say = Callable[[str], None]
REPORT_SECONDS = 300  # of the story's time, between two looks at the subnet


class Stage:
    """The subnet and everybody in it but Headroom."""

    def __init__(self, aws: EmbeddedAws, scenario: Scenario, say: Say) -> None:
        self._scenario, self._say = scenario, say
        self._ec2, self._eks, self._auto_scaling = (aws.client(each) for each in ("ec2", "eks", "autoscaling"))
        self._cluster: Cluster = build(aws, scenario)
        self._others = OtherWorkloads(self._ec2, self._cluster.subnet_id, scenario)
        self._nodes = NodeFleet(self._ec2, self._cluster, scenario)
        self._known: set[str] = set()
        self._gone: list[str] = []
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
            if tick * scenario.tick_seconds % REPORT_SECONDS == 0:
                blocks = self.blocks()
                reserved, outside = len(blocks.free_reserved), len(blocks.free_open)
                self.say(tick, f"free blocks: {reserved} reserved, {outside} open to single addresses")

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

    def ask_too_much(self) -> None:
        """An epilogue: the group asks for as many nodes as the subnet has blocks."""
        most = len(self.blocks().singles)
        self._say(f"epilogue: node group {self._cluster.group} asks for {most} nodes, more than the subnet can hold")
        ask(self._eks, self._cluster, most)

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
        new, self._gone = sorted(found - self._known), sorted(self._known - found)
        self._known = found
        return new

    def released(self) -> list[str]:
        """The CIDRs of those that `new_reservations` found gone."""
        return self._gone

    def _described_reservations(self) -> list[Any]:
        found, token = list[Any](), dict[str, str]()
        while True:
            page = self._ec2.get_subnet_cidr_reservations(SubnetId=self._cluster.subnet_id, **token)
            found += page["SubnetIpv4CidrReservations"]
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}
