"""A node's VPC CNI over a real EC2 client: implements ec2_rules.cni.NodeNetwork."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ec2_rules.cni import Interface
from ec2_rules.errors import Ec2Error

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class Ec2NodeNetwork:
    """The calls that ipamd makes, on one client; many nodes may share it."""

    def __init__(self, ec2: "EC2Client") -> None:
        self._ec2 = ec2

    def primary_interface(self, instance_id: str) -> Interface:
        """The interface that RunInstances gave the instance. Raises Ec2Error."""
        with _ec2_errors():
            found = self._ec2.describe_instances(InstanceIds=[instance_id])
        instance = found["Reservations"][0]["Instances"][0]
        first = next(one for one in instance["NetworkInterfaces"] if one["Attachment"]["DeviceIndex"] == 0)
        return Interface(first["NetworkInterfaceId"])

    def assign_prefixes(self, interface_id: str, count: int) -> tuple[str, ...]:
        """AssignPrivateIpAddresses."""
        with _ec2_errors():
            answer = self._ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4PrefixCount=count)
        return tuple(one["Ipv4Prefix"] for one in answer["AssignedIpv4Prefixes"])

    def create_interface(
        self, subnet_id: str, prefix_count: int, *, instance_id: str, description: str, tags: Mapping[str, str]
    ) -> Interface:
        """CreateNetworkInterface and AttachNetworkInterface; an interface that can't be attached is deleted."""
        with _ec2_errors():
            created = self._ec2.create_network_interface(
                SubnetId=subnet_id,
                Description=description,
                Ipv4PrefixCount=prefix_count,
                TagSpecifications=[
                    {
                        "ResourceType": "network-interface",
                        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                    }
                ],
            )["NetworkInterface"]
        interface_id = created["NetworkInterfaceId"]
        with _ec2_errors(undo=lambda: self._ec2.delete_network_interface(NetworkInterfaceId=interface_id)):
            self._attach(interface_id, instance_id)
        return Interface(interface_id, tuple(one["Ipv4Prefix"] for one in created["Ipv4Prefixes"]))

    def unassign_prefixes(self, interface_id: str, prefixes: tuple[str, ...]) -> None:
        """UnassignPrivateIpAddresses."""
        with _ec2_errors():
            self._ec2.unassign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4Prefixes=list(prefixes))

    def delete_interface(self, interface_id: str) -> None:
        """DetachNetworkInterface and DeleteNetworkInterface."""
        with _ec2_errors():
            found = self._ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0]
            if "Attachment" in found:
                self._ec2.detach_network_interface(AttachmentId=found["Attachment"]["AttachmentId"])
            self._ec2.delete_network_interface(NetworkInterfaceId=interface_id)

    def _attach(self, interface_id: str, instance_id: str) -> None:
        """Attach at the next free device index, to go when the instance goes (awsutils.attachENI does both)."""
        taken = {one["Attachment"]["DeviceIndex"] for one in self._interfaces_of(instance_id)}
        device = next(index for index in range(len(taken) + 1) if index not in taken)
        attached = self._ec2.attach_network_interface(
            NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=device
        )
        self._ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface_id,
            Attachment={"AttachmentId": attached["AttachmentId"], "DeleteOnTermination": True},
        )

    def _interfaces_of(self, instance_id: str) -> list[dict[str, dict[str, int]]]:
        found = self._ec2.describe_instances(InstanceIds=[instance_id])
        return found["Reservations"][0]["Instances"][0]["NetworkInterfaces"]  # type: ignore[return-value]


@contextmanager
def _ec2_errors(undo: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Show botocore's ClientError as Ec2Error, after undoing what came before."""
    try:
        yield
    except ClientError as error:
        undo()
        raise Ec2Error(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
