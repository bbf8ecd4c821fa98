"""What exists in the account's region: our own resources, beside moto's."""

from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random

from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet
from sandbox.ec2.moto_ec2 import MotoEc2
from sandbox.ec2.resources import Instance, NetworkInterface, SubnetRecord, Tags
from sandbox.ec2.wire import Params

OWN_RESOURCES = {"eni": "network-interface", "i": "instance", "scr": "subnet-cidr-reservation"}  # by id prefix


class Region:
    """The resources of one account in one region. Not thread-safe: Ec2Api locks around it."""

    def __init__(
        self, *, account_id: str, name: str, seed: int, order: Order, clock: Callable[[], datetime], first: bool = True
    ) -> None:
        self.account_id = account_id
        self.name = name
        self.now = clock
        self.moto = MotoEc2(account_id, name, seed if first else None)
        self.interfaces: dict[str, NetworkInterface] = {}
        self.instances: dict[str, Instance] = {}
        self.state_changes: list[tuple[str, str]] = []  # (instance id, state) of the call that is under way
        self._tags: dict[str, Tags] = {}
        self._order = order
        self._rng = Random(seed)
        self._subnets: dict[str, SubnetRecord] = {}
        self._subnet_of_reservation: dict[str, SubnetRecord] = {}
        self._groups: dict[str, list[dict[str, str]]] = {}

    def new_id(self, prefix: str) -> str:
        """An id such as eni-0a1b...: 17 hexadecimal digits."""
        return f"{prefix}-0{self._rng.getrandbits(64):016x}"

    def new_mac_address(self) -> str:
        """A locally administered MAC address, as EC2's are."""
        tail = self._rng.getrandbits(40).to_bytes(5, "big")
        return ":".join(f"{byte:02x}" for byte in (0x02, *tail))

    def subnet(self, subnet_id: str) -> SubnetRecord:
        """The subnet, its space opened when it is first used. Raises Ec2Error."""
        if subnet_id not in self._subnets:
            found = self.moto.call("DescribeSubnets", {"SubnetIds": [subnet_id]})["Subnets"]
            self._subnets[subnet_id] = self._record(found[0])
        return self._subnets[subnet_id]

    def forget_subnet(self, subnet_id: str) -> None:
        """A subnet is gone, and its reservations with it."""
        record = self._subnets.pop(subnet_id, None)
        if record:
            for reservation in record.space.reservations:
                self.forget_reservation(reservation.reservation_id)

    def subnet_of_reservation(self, reservation_id: str) -> SubnetRecord | None:
        """The subnet that a reservation lies in."""
        return self._subnet_of_reservation.get(reservation_id)

    def remember_reservation(self, reservation_id: str, subnet: SubnetRecord) -> None:
        """A reservation was created."""
        self._subnet_of_reservation[reservation_id] = subnet

    def forget_reservation(self, reservation_id: str) -> None:
        """A reservation was deleted."""
        self._subnet_of_reservation.pop(reservation_id, None)
        self.forget_tags(reservation_id)

    def interface(self, interface_id: str) -> NetworkInterface:
        """The interface. Raises Ec2Error."""
        if interface_id not in self.interfaces:
            message = f"The networkInterface ID '{interface_id}' does not exist"
            raise Ec2Error("InvalidNetworkInterfaceID.NotFound", message)
        return self.interfaces[interface_id]

    def instance(self, instance_id: str) -> Instance:
        """The instance. Raises Ec2Error."""
        if instance_id not in self.instances:
            raise Ec2Error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
        return self.instances[instance_id]

    def interfaces_of(self, instance_id: str) -> list[NetworkInterface]:
        """The interfaces attached to an instance, by device index."""
        return [
            self.interfaces[interface_id] for _, interface_id in sorted(self.instances[instance_id].devices.items())
        ]

    def security_groups(self, vpc_id: str, group_ids: Iterable[str]) -> list[dict[str, str]]:
        """Id and name of the groups, the VPC's default group when none is named. Raises Ec2Error."""
        ids = list(group_ids)
        key = ",".join(ids) or vpc_id
        if key not in self._groups:
            default = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
            found = self.moto.call("DescribeSecurityGroups", {"GroupIds": ids} if ids else {"Filters": default})
            self._groups[key] = [
                {"GroupId": group["GroupId"], "GroupName": group["GroupName"]} for group in found["SecurityGroups"]
            ]
        return self._groups[key]

    def owns(self, resource_id: str) -> bool:
        """Whether a resource is of a kind that is kept here and not in moto."""
        return resource_id.partition("-")[0] in OWN_RESOURCES

    def tags(self, resource_id: str) -> Tags:
        """The tags of a resource of ours."""
        return self._tags.get(resource_id, {})

    def tagged(self) -> dict[str, Tags]:
        """All tags of our resources, by resource id."""
        return self._tags

    def tag(self, resource_id: str, tags: Tags) -> None:
        """Add tags or overwrite them."""
        if tags:
            self._tags.setdefault(resource_id, {}).update(tags)

    def forget_tags(self, resource_id: str) -> None:
        """The resource is gone."""
        self._tags.pop(resource_id, None)

    def subnet_tags(self, subnet_id: str) -> Tags:
        """The tags of a subnet, which moto keeps. Raises Ec2Error."""
        found = self.moto.call("DescribeSubnets", {"SubnetIds": [subnet_id]})["Subnets"]
        return {tag["Key"]: tag["Value"] for tag in found[0].get("Tags", [])}

    def _record(self, described: Params) -> SubnetRecord:
        ipv6 = next((one["Ipv6CidrBlock"] for one in described.get("Ipv6CidrBlockAssociationSet", [])), None)
        space = Subnet(described.get("CidrBlock"), ipv6, order=self._order, rng=self._rng)
        return SubnetRecord(described["SubnetId"], described["VpcId"], described["AvailabilityZone"], space)
