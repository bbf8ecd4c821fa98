"""Our resources in the words of the API: the dictionaries that boto3 users see."""

from sandbox.ec2.region import Region
from sandbox.ec2.resources import Attachment, Instance, NetworkInterface, Tags
from sandbox.ec2.wire import Params

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}  # InstanceState.Code


def tag_list(tags: Tags) -> list[Params]:
    """Tags as a TagSet."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tags_for(params: Params, resource_type: str) -> Tags:
    """The tags that a request's TagSpecifications give to resources of a type."""
    return {
        tag["Key"]: tag.get("Value", "")
        for specification in params.get("TagSpecifications", [])
        if specification.get("ResourceType") == resource_type
        for tag in specification.get("Tags", [])
    }


def network_interface(region: Region, interface: NetworkInterface) -> Params:
    """NetworkInterface of Create- and DescribeNetworkInterfaces."""
    shown = {
        **_interface(region, interface),
        "AvailabilityZone": interface.subnet.availability_zone,
        "RequesterManaged": False,
        "TagSet": tag_list(region.tags(interface.interface_id)),
    }
    if interface.attachment:
        shown["Attachment"] = _attachment(interface.attachment) | {
            "InstanceId": interface.attachment.instance_id,
            "InstanceOwnerId": region.account_id,
        }
    return shown


def _interface(region: Region, interface: NetworkInterface) -> Params:
    """What NetworkInterface and InstanceNetworkInterface have in common. Prefixes are left out when there are none."""
    shown: Params = {
        "NetworkInterfaceId": interface.interface_id,
        "SubnetId": interface.subnet.subnet_id,
        "VpcId": interface.subnet.vpc_id,
        "Description": interface.description,
        "OwnerId": region.account_id,
        "Status": interface.status,
        "MacAddress": interface.mac_address,
        "SourceDestCheck": interface.source_dest_check,
        "InterfaceType": interface.interface_type,
        "Groups": interface.groups,
        "PrivateIpAddresses": [
            {"PrivateIpAddress": address, "Primary": place == 0}
            for place, address in enumerate(interface.held.addresses)
        ],
        "Ipv6Addresses": [{"Ipv6Address": address} for address in interface.held.ipv6_addresses],
    }
    if interface.held.addresses:
        shown["PrivateIpAddress"] = interface.held.addresses[0]
    if interface.held.prefixes:
        shown["Ipv4Prefixes"] = [{"Ipv4Prefix": prefix} for prefix in interface.held.prefixes]
    if interface.held.ipv6_prefixes:
        shown["Ipv6Prefixes"] = [{"Ipv6Prefix": prefix} for prefix in interface.held.ipv6_prefixes]
    return shown


def _attachment(attachment: Attachment) -> Params:
    return {
        "AttachmentId": attachment.attachment_id,
        "DeviceIndex": attachment.device_index,
        "NetworkCardIndex": attachment.network_card_index,
        "Status": "attached",
        "AttachTime": attachment.attach_time,
        "DeleteOnTermination": attachment.delete_on_termination,
    }


def instance(region: Region, found: Instance) -> Params:
    """Instance of RunInstances and DescribeInstances; a terminated one has lost its place in the network."""
    shown: Params = {
        "InstanceId": found.instance_id,
        "ImageId": found.image_id,
        "InstanceType": found.instance_type,
        "State": instance_state(found.state),
        "LaunchTime": found.launch_time,
        "Placement": {"AvailabilityZone": found.subnet.availability_zone},
        "Tags": tag_list(region.tags(found.instance_id)),
        "NetworkInterfaces": [],
    }
    interfaces = region.interfaces_of(found.instance_id)
    if interfaces:
        shown |= {
            "SubnetId": found.subnet.subnet_id,
            "VpcId": found.subnet.vpc_id,
            "PrivateIpAddress": interfaces[0].held.addresses[0],
            "SecurityGroups": interfaces[0].groups,
            "NetworkInterfaces": [
                _interface(region, one) | {"Attachment": _attachment(one.attachment)}
                for one in interfaces
                if one.attachment
            ],
        }
    return shown


def instance_state(name: str) -> Params:
    """InstanceState: the name with its code."""
    return {"Code": STATE_CODES[name], "Name": name}
