"""What an instance type lets its interfaces hold (DescribeInstanceTypes, NetworkInfo)."""

from ec2_rules.errors import Ec2Error
from sandbox.ec2.moto_ec2 import instance_type
from sandbox.ec2.region import Region
from sandbox.ec2.resources import Holding, Instance


def check_slots(held: Holding, type_name: str) -> None:
    """Refuse what the slots of an interface can't hold, and prefixes where the type is not Nitro. Raises Ec2Error.

    Each address and each prefix takes a slot. Message: https://github.com/cilium/cilium/issues/36428.
    """
    described = instance_type(type_name)
    network = described["NetworkInfo"]
    too_many_ipv4 = len(held.addresses + held.prefixes) > network["Ipv4AddressesPerInterface"]
    too_many_ipv6 = len(held.ipv6_addresses + held.ipv6_prefixes) > network["Ipv6AddressesPerInterface"]
    if too_many_ipv4 or too_many_ipv6:
        raise Ec2Error("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
    if (held.prefixes or held.ipv6_prefixes) and not _is_nitro(described):
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html: Nitro only. Code, wording [unproven].
        raise Ec2Error("InvalidParameterCombination", f"{type_name} does not support prefixes on network interfaces")


def check_room(region: Region, instance: Instance, card: int) -> None:
    """Refuse one interface more than a network card holds. https://github.com/cilium/cilium/issues/15877."""
    cards = instance_type(instance.instance_type)["NetworkInfo"]["NetworkCards"]
    allowed = next((one["MaximumNetworkInterfaces"] for one in cards if one["NetworkCardIndex"] == card), 0)
    attached = [one.attachment for one in region.interfaces_of(instance.instance_id)]
    count = sum(1 for attachment in attached if attachment and attachment.network_card_index == card) + 1
    if count > allowed:
        message = f"Interface count {count} exceeds the limit for {instance.instance_type}"
        raise Ec2Error("AttachmentLimitExceeded", message)


def default_card(type_name: str) -> int:
    """The network card that an attachment gets when it names none."""
    return int(instance_type(type_name)["NetworkInfo"].get("DefaultNetworkCardIndex", 0))


def _is_nitro(described: dict[str, object]) -> bool:
    return described.get("Hypervisor") == "nitro" or bool(described.get("BareMetal"))
