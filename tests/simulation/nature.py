"""What nodes, other tenants and people do to the account, and the events that tell of it: late, twice or never."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from random import Random
from typing import Any

from ec2_rules.errors import Ec2Error
from tests.simulation.eks import CLUSTER
from tests.simulation.lambdas import SWITCH
from tests.simulation.network import Answer, Network, tag_list, tags_of
from tests.simulation.world import World

MODES = ("ahead", "steer", "observe", "")
LOST, TWICE, LATE = 0.1, 0.15, 0.3  # shares of the events
LATEST = 120.0  # seconds
MOST_PREFIXES = 7  # that a node of these takes: 110 pods and one warm prefix
MALFORMED = (
    "not JSON",
    "[]",
    '{"source": 1}',
    '{"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": []}',
    '{"source": "headroom", "detail-type": "Continue", "detail": {"subnetIds": [7]}}',
)
SWITCHES = ("act", "act", "observe", "on, please", None)

Event = dict[str, Any]


@dataclass
class Nature:
    """Everything that happens by itself."""

    world: World
    rng: Random

    # --- nodes ---

    def launch(self) -> None:
        """A node comes up in a subnet whose group wants more, with its first prefix."""
        network, group = self._group()
        if len(self._nodes(network)) >= self.world.cluster.groups[group]["scalingConfig"]["maxSize"]:
            return
        instance = self.world.region.new_id("i")
        try:
            self.world.region.add_interface(network, prefixes=1, instance=instance)
        except Ec2Error as error:
            self._call("aws.ec2", "RunInstances", {"subnetId": network.id}, error.code)
            return
        self.world.region.instances[instance] = {
            "InstanceId": instance,
            "InstanceType": "t3.small",
            "SubnetId": network.id,
            "State": {"Name": "running"},
            "Tags": tag_list({"eks:cluster-name": CLUSTER, "eks:nodegroup-name": group}),
        }
        self._state(instance, "running")

    def grow(self) -> None:
        """Pods come: a node takes one more prefix, or fails to."""
        found = [each for each in self._nodes(self._network()) if len(each["Ipv4Prefixes"]) < MOST_PREFIXES]
        if not found:
            return
        interface = self.rng.choice(found)
        try:
            self.world.region.assign_prefix(interface)
        except Ec2Error as error:
            parameters = {"networkInterfaceId": interface["NetworkInterfaceId"]}
            self._call("aws.ec2", "AssignPrivateIpAddresses", parameters, error.code)

    def terminate(self) -> None:
        """A node goes."""
        if not (found := self._nodes(self._network())):
            return
        interface = self.rng.choice(found)
        self.world.region.remove_interface(interface)
        instance = interface["Attachment"]["InstanceId"]
        del self.world.region.instances[instance]
        self._state(instance, "terminated")

    def scale(self) -> None:
        """A group gets another maximum size."""
        _, group = self._group()
        self.world.cluster.scale(group, self.rng.randrange(4))
        self._call("aws.eks", "UpdateNodegroupConfig", {"name": CLUSTER, "nodegroupName": group})

    # --- other tenants ---

    def single_comes(self) -> None:
        """Somebody takes a few single addresses; nobody tells us."""
        network = self._network()
        for _ in range(self.rng.randrange(1, 6)):
            try:
                self.world.region.add_interface(network, Description="ELB net/web/1")
            except Ec2Error:
                return

    def single_goes(self) -> None:
        """And gives them back."""
        network = self._network()
        others = [each for each in network.interfaces.values() if "Attachment" not in each]
        for each in self.rng.sample(others, min(len(others), self.rng.randrange(1, 6))):
            self.world.region.remove_interface(each)

    def hide(self) -> None:
        """An interface of another account, which EC2 counts and does not show."""
        try:
            self.world.region.add_interface(self._network(), prefixes=self.rng.randrange(2), hidden=True)
        except Ec2Error:
            return

    def unhide(self) -> None:
        """It goes again."""
        for network in self.world.region.networks.values():
            for id_ in sorted(network.hidden):
                self.world.region.remove_interface(network.interfaces[id_])

    # --- people ---

    def retag(self) -> None:
        """The subnet's owner changes their mind."""
        network = self._network()
        mode = self.rng.choice(MODES)
        network.tags = {"headroom:mode": mode} if mode else {}
        network.changed()
        self._call("aws.ec2", "CreateTags", {"resourcesSet": {"items": [{"resourceId": network.id}]}})

    def reserve(self) -> None:
        """Somebody reserves a range for themselves."""
        network = self._network()
        ranges = list(IPv4Network(network.cidr).subnets(new_prefix=self.rng.choice((28, 28, 27))))
        cidr, kind = str(self.rng.choice(ranges)), self.rng.choice(("prefix", "explicit"))
        try:
            made = self.world.region.reserve(network, cidr, kind, {"team": "other"})
        except Ec2Error:
            return
        self._call("aws.ec2", "CreateSubnetCidrReservation", {"subnetId": network.id, "id": made["Cidr"]})

    def unreserve(self) -> None:
        """Somebody deletes a reservation, theirs or ours."""
        network = self._network()
        if network.reservations:
            self.world.region.unreserve(network, self.rng.choice(sorted(network.reservations)))
            self._call("aws.ec2", "DeleteSubnetCidrReservation", {"subnetId": network.id})

    def untag(self) -> None:
        """Somebody takes our tag from a reservation: it is not ours any more."""
        network = self._network()
        ours = [id_ for id_, each in network.reservations.items() if "headroom:owner" in tags_of(each)]
        if ours:
            id_ = self.rng.choice(ours)
            network.reservations[id_] = network.reservations[id_] | {"Tags": tag_list({"team": "other"})}
            network.changed()

    def ask_release(self) -> None:
        """A request that no plan is behind: replayed, or forged. Whose reservation it names is anybody's guess."""
        network = self._network()
        if not network.reservations:
            return
        id_, found = self.rng.choice(sorted(network.reservations.items()))
        request = {
            "subnetId": network.id,
            "reservationId": id_,
            "cidr": found["Cidr"],
            "reason": "somebody asks",
            "decision": "nobody's",
            "at": self.world.clock.utc().isoformat(),
        }
        self.world.releases.send(json.dumps(request))

    def turn_switch(self) -> None:
        """Somebody turns the kill switch, mistypes it or deletes it."""
        value = self.rng.choice(SWITCHES)
        if value is None:
            self.world.parameters.pop(SWITCH, None)
        else:
            self.world.parameters[SWITCH] = value

    # --- messages ---

    def malformed(self) -> None:
        """A message that nobody can read comes to a queue."""
        queue = self.rng.choice((self.world.work, self.world.work, self.world.releases))
        queue.send(self.rng.choice(MALFORMED), poison=True)

    def foreign(self) -> None:
        """An event that is none of our business."""
        self.deliver({"source": "aws.s3", "detail-type": "Object Created", "detail": {}})

    def deliver(self, event: Event) -> None:
        """EventBridge does its best."""
        for late in self._deliveries():
            self.world.work.send(json.dumps(event), late)

    def _deliveries(self) -> Iterator[float]:
        if self.rng.random() < LOST:
            return
        for _ in range(2 if self.rng.random() < TWICE else 1):
            yield self.rng.uniform(0, LATEST) if self.rng.random() < LATE else 0.0

    def _state(self, instance: str, state: str) -> None:
        detail = {"instance-id": instance, "state": state}
        self.deliver({"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": detail})

    def _call(self, source: str, name: str, parameters: Event, error: str = "") -> None:
        detail = {"eventName": name, "requestParameters": parameters, "responseElements": None}
        refused = {"errorCode": f"Client.{error}"} if error else {}
        event = {"source": source, "detail-type": "AWS API Call via CloudTrail", "detail": detail | refused}
        self.deliver(event)

    def _network(self) -> Network:
        return self.rng.choice(list(self.world.region.networks.values()))

    def _group(self) -> tuple[Network, str]:
        name = self.rng.choice(list(self.world.cluster.groups))
        (subnet,) = self.world.cluster.groups[name]["subnets"]
        return self.world.region.networks[subnet], name

    def _nodes(self, network: Network) -> list[Answer]:
        return [each for each in network.interfaces.values() if "Attachment" in each]
