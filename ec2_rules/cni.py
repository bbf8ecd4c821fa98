"""The VPC CNI's daemon (ipamd) on one node in prefix mode: how many /28 it holds, when it asks, when it waits.

Source of the rules: https://github.com/aws/amazon-vpc-cni-k8s pkg/ipamd/ipamd.go (increaseDatastorePool,
tryAssignPrefixes, datastoreTargetState) and docs/prefix-and-ip-target.md. Linux and IPv4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ec2_rules.allocation import ADDRESSES_PER_BLOCK
from ec2_rules.errors import Ec2Error

BACK_OFF_SECONDS = 120.0  # insufficientCidrErrorCooldown
BACK_OFF_CODES = frozenset({"InsufficientCidrBlocks", "InsufficientFreeAddressesInSubnet"})


@dataclass(frozen=True)
class InstanceLimits:
    """What the instance type allows: DescribeInstanceTypes, NetworkInfo of the default network card."""

    interfaces: int  # MaximumNetworkInterfaces
    addresses_per_interface: int  # Ipv4AddressesPerInterface; the primary address takes one of these slots


@dataclass(frozen=True)
class CniSettings:
    """The add-on's environment. A target of None (or 0, as in ipamd) is not set."""

    warm_prefix_target: int = 1  # WARM_PREFIX_TARGET
    warm_ip_target: int | None = None  # WARM_IP_TARGET
    minimum_ip_target: int | None = None  # MINIMUM_IP_TARGET
    max_pods: int = 110  # the kubelet's
    max_eni: int | None = None  # MAX_ENI

    def __post_init__(self) -> None:
        if self.warm_prefix_target < 1 and not (self.warm_ip_target or self.minimum_ip_target):
            raise ValueError("WARM_PREFIX_TARGET=0 is not supported by the VPC CNI")


@dataclass(frozen=True)
class Interface:
    """An interface of the node and the prefixes it holds."""

    interface_id: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A refused call: the error's code, and when (seconds)."""

    code: str
    at: float


@dataclass(frozen=True)
class NodeOutcome:
    """What a tick left behind."""

    held: int  # prefixes
    wanted: int  # prefixes
    failures: tuple[Failure, ...] = ()


class NodeNetwork(Protocol):
    """What a node asks of EC2. Every method may raise Ec2Error, and has then changed nothing."""

    def assign_prefixes(self, interface_id: str, count: int) -> tuple[str, ...]:
        """AssignPrivateIpAddresses(Ipv4PrefixCount=count): the new prefixes."""

    def create_interface(
        self, subnet_id: str, prefix_count: int, *, instance_id: str, description: str, tags: Mapping[str, str]
    ) -> Interface:
        """CreateNetworkInterface(Ipv4PrefixCount=...) and AttachNetworkInterface."""

    def unassign_prefixes(self, interface_id: str, prefixes: tuple[str, ...]) -> None:
        """UnassignPrivateIpAddresses(Ipv4Prefixes=...)."""

    def delete_interface(self, interface_id: str) -> None:
        """DetachNetworkInterface and DeleteNetworkInterface."""


def prefixes_wanted(pods: int, settings: CniSettings) -> int:
    """How many /28 ipamd wants for `pods` pods with an address of their own, before the node's slots cap it.

    Targets of addresses override the target of prefixes; nothing grows once 16 K >= maxPods.
    """
    warm, minimum = settings.warm_ip_target or 0, settings.minimum_ip_target or 0
    if not warm and not minimum:
        wanted = settings.warm_prefix_target + _blocks_for(pods)
    elif not warm:
        # A known trap: without WARM_IP_TARGET the pool is never short once it has reached MINIMUM_IP_TARGET.
        wanted = _blocks_for(minimum)
    else:
        wanted = max(_blocks_for(pods + warm), _blocks_for(minimum))
    return min(wanted, _blocks_for(settings.max_pods))


def prefix_slots(limits: InstanceLimits, settings: CniSettings) -> int:
    """How many prefixes fit the node: usable interfaces * (addresses per interface - 1)."""
    return _usable_interfaces(limits, settings) * (limits.addresses_per_interface - 1)


def _usable_interfaces(limits: InstanceLimits, settings: CniSettings) -> int:
    return min(settings.max_eni, limits.interfaces) if settings.max_eni else limits.interfaces


def _blocks_for(addresses: int) -> int:
    return -(-addresses // ADDRESSES_PER_BLOCK)


@dataclass
class Node:
    """A node that has joined with its primary interface (RunInstances made it).

    Pods count as packed, so that a prefix is given back as soon as fewer are wanted; a real node must wait until one
    of its prefixes has no pod left. One tick stands for as many rounds of ipamd's 5-second loop as it takes.
    """

    instance_id: str
    subnet_id: str
    primary: Interface
    network: NodeNetwork
    limits: InstanceLimits
    settings: CniSettings = field(default_factory=CniSettings)
    cluster: str = "cluster"

    def __post_init__(self) -> None:
        self._interfaces = [self.primary]
        self._waits_until = float("-inf")

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Its interfaces, the primary first."""
        return tuple(self._interfaces)

    @property
    def held(self) -> int:
        """How many prefixes it holds."""
        return sum(len(interface.prefixes) for interface in self._interfaces)

    def tick(self, now: float, pods: int) -> NodeOutcome:
        """Bring the prefixes to what `pods` pods want, as far as EC2 allows. `now` in seconds, never decreasing."""
        wanted = min(prefixes_wanted(pods, self.settings), prefix_slots(self.limits, self.settings))
        failures: list[Failure] = []
        if self.held > wanted:
            self._give_back(self.held - wanted)
        elif now >= self._waits_until:
            self._grow(wanted, now, failures)
        return NodeOutcome(self.held, wanted, tuple(failures))

    def leave(self) -> None:
        """Give everything back but the primary interface, which goes with its instance."""
        for interface in self._interfaces[1:]:
            self.network.delete_interface(interface.interface_id)
        first = self._interfaces[0]
        if first.prefixes:
            self.network.unassign_prefixes(first.interface_id, first.prefixes)
        self._interfaces = [Interface(first.interface_id)]

    def _grow(self, wanted: int, now: float, failures: list[Failure]) -> None:
        while self.held < wanted and self._step(wanted - self.held, now, failures):
            pass

    def _step(self, short: int, now: float, failures: list[Failure]) -> bool:
        """One round: fill an interface that has slots, else add one. False when EC2 refuses."""
        for place, interface in enumerate(self._interfaces):
            room = self._slots() - len(interface.prefixes)
            if room > 0:
                return self._assign(place, min(room, short), now, failures)
        return self._add_interface(min(self._slots(), short), now, failures)

    def _assign(self, place: int, count: int, now: float, failures: list[Failure]) -> bool:
        """Ask for all that is missing and, if refused, for one (tryAssignPrefixes)."""
        interface = self._interfaces[place]
        for attempt in (count, 1):
            try:
                prefixes = self.network.assign_prefixes(interface.interface_id, attempt)
            except Ec2Error as error:
                failures.append(Failure(error.code, now))
            else:
                self._interfaces[place] = Interface(interface.interface_id, interface.prefixes + prefixes)
                return True
        self._back_off(failures[-1], now)
        return False

    def _add_interface(self, count: int, now: float, failures: list[Failure]) -> bool:
        try:
            interface = self.network.create_interface(
                self.subnet_id,
                count,
                instance_id=self.instance_id,
                description=f"aws-K8S-{self.instance_id}",
                tags={
                    "node.k8s.amazonaws.com/instance_id": self.instance_id,
                    "cluster.k8s.amazonaws.com/name": self.cluster,
                },
            )
        except Ec2Error as error:
            failures.append(Failure(error.code, now))
            self._back_off(failures[-1], now)
            return False
        self._interfaces.append(interface)
        return True

    def _back_off(self, failure: Failure, now: float) -> None:
        """Wait only where ipamd does: the InvalidParameterValue of an exhausted subnet is tried again at once."""
        if failure.code in BACK_OFF_CODES:
            self._waits_until = now + BACK_OFF_SECONDS

    def _give_back(self, surplus: int) -> None:
        """Free prefixes from the interface added last, and the interface itself once it holds none."""
        while surplus:
            last = self._interfaces[-1]
            going = last.prefixes[len(last.prefixes) - min(surplus, len(last.prefixes)) :]
            surplus -= len(going)
            if len(going) == len(last.prefixes) and len(self._interfaces) > 1:
                self.network.delete_interface(last.interface_id)
                self._interfaces.pop()
                continue
            self.network.unassign_prefixes(last.interface_id, going)
            self._interfaces[-1] = Interface(last.interface_id, last.prefixes[: len(last.prefixes) - len(going)])

    def _slots(self) -> int:
        return self.limits.addresses_per_interface - 1
