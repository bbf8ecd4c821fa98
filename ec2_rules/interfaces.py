"""Network interfaces straight over the address-space model: a NodeNetwork with no API in between, for simulations."""

from collections.abc import Iterator, Mapping
from itertools import count

from ec2_rules.cni import Interface
from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet, release_all


class SubnetInterfaces:
    """The interfaces in some subnets, each with one primary address. Implements cni.NodeNetwork."""

    def __init__(self, subnets: Mapping[str, Subnet]) -> None:
        self._subnets = subnets
        self._held: dict[str, tuple[Subnet, str, set[str]]] = {}  # subnet, primary address, prefixes
        self._ids: Iterator[int] = count()

    def launch(self, subnet_id: str) -> Interface:
        """A primary interface as RunInstances makes it: one address, no prefix."""
        return self._create(self._subnets[subnet_id], 0)

    def assign_prefixes(self, interface_id: str, count: int) -> tuple[str, ...]:
        """AssignPrivateIpAddresses(Ipv4PrefixCount=count)."""
        subnet, _, prefixes = self._find(interface_id)
        taken = subnet.ipv4.take_prefixes(count)
        prefixes.update(taken)
        return taken

    def create_interface(
        self, subnet_id: str, prefix_count: int, *, instance_id: str, description: str, tags: Mapping[str, str]
    ) -> Interface:
        """CreateNetworkInterface(Ipv4PrefixCount=prefix_count); names and tags are not kept here."""
        del instance_id, description, tags
        return self._create(self._subnets[subnet_id], prefix_count)

    def unassign_prefixes(self, interface_id: str, prefixes: tuple[str, ...]) -> None:
        """UnassignPrivateIpAddresses(Ipv4Prefixes=prefixes)."""
        subnet, _, held = self._find(interface_id)
        release_all(subnet, (), prefixes)
        held.difference_update(prefixes)

    def delete_interface(self, interface_id: str) -> None:
        """DeleteNetworkInterface: its address and prefixes are free again."""
        subnet, address, prefixes = self._find(interface_id)
        release_all(subnet, (address,), prefixes)
        del self._held[interface_id]

    def _create(self, subnet: Subnet, prefix_count: int) -> Interface:
        address = subnet.ipv4.take_address()
        try:
            prefixes = subnet.ipv4.take_prefixes(prefix_count)
        except Ec2Error:
            subnet.ipv4.release_address(address)
            raise
        interface = Interface(f"eni-{next(self._ids):017x}", prefixes)
        self._held[interface.interface_id] = (subnet, address, set(prefixes))
        return interface

    def _find(self, interface_id: str) -> tuple[Subnet, str, set[str]]:
        if interface_id not in self._held:
            message = f"The networkInterface ID '{interface_id}' does not exist"
            raise Ec2Error("InvalidNetworkInterfaceID.NotFound", message)
        return self._held[interface_id]
