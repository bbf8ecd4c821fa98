"""The actions on network interfaces, but for the assignment of addresses."""

from ec2_rules.errors import Ec2Error
from sandbox.ec2 import claims, described, limits
from sandbox.ec2.filters import Values, select
from sandbox.ec2.paging import no_paging_of_ids, page
from sandbox.ec2.region import Region
from sandbox.ec2.resources import Attachment, Instance, NetworkInterface, SubnetRecord
from sandbox.ec2.wire import Params

FILTERS: dict[str, Values[NetworkInterface]] = {
    "addresses.private-ip-address": lambda one: one.held.addresses,
    "attachment.attachment-id": lambda one: [one.attachment.attachment_id] if one.attachment else [],
    "attachment.device-index": lambda one: [str(one.attachment.device_index)] if one.attachment else [],
    "attachment.instance-id": lambda one: [one.attachment.instance_id] if one.attachment else [],
    "attachment.status": lambda one: ["attached"] if one.attachment else [],
    "availability-zone": lambda one: [one.subnet.availability_zone],
    "description": lambda one: [one.description],
    "group-id": lambda one: [group["GroupId"] for group in one.groups],
    "group-name": lambda one: [group["GroupName"] for group in one.groups],
    "interface-type": lambda one: [one.interface_type],
    "ipv6-addresses.ipv6-address": lambda one: one.held.ipv6_addresses,
    "mac-address": lambda one: [one.mac_address],
    "network-interface-id": lambda one: [one.interface_id],
    "private-ip-address": lambda one: one.held.addresses[:1],
    "status": lambda one: [one.status],
    "subnet-id": lambda one: [one.subnet.subnet_id],
    "vpc-id": lambda one: [one.subnet.vpc_id],
}


def create_network_interface(region: Region, params: Params) -> Params:
    """CreateNetworkInterface. All of it or nothing."""
    subnet = region.subnet(params["SubnetId"])
    interface = new_interface(region, subnet, params, params.get("Groups", []))
    region.tag(interface.interface_id, described.tags_for(params, "network-interface"))
    # EC2 answers with `pending`, and shows it as `available` a moment later.
    return {"NetworkInterface": described.network_interface(region, interface) | {"Status": "pending"}}


def new_interface(region: Region, subnet: SubnetRecord, params: Params, groups: list[str]) -> NetworkInterface:
    """An interface with what the request wants; nothing is left behind if it can't be had. Raises Ec2Error."""
    interface = NetworkInterface(
        interface_id=region.new_id("eni"),
        subnet=subnet,
        mac_address=region.new_mac_address(),
        description=params.get("Description", ""),
        interface_type=params.get("InterfaceType", "interface"),
        groups=region.security_groups(subnet.vpc_id, groups),
    )
    primary, secondary = _primary_and_secondary(params)
    with claims.claim(subnet.space) as taken:
        claims.only_one(params, "PrivateIpAddresses", "SecondaryPrivateIpAddressCount")
        claims.take_primary(subnet.space, taken, primary)
        claims.take_ipv4(subnet.space, taken, params | {"PrivateIpAddresses": secondary})
        claims.take_ipv6(subnet.space, taken, params)
    interface.held = taken
    region.interfaces[interface.interface_id] = interface
    return interface


def _primary_and_secondary(params: Params) -> tuple[str | None, list[str]]:
    """PrivateIpAddress, or the one of PrivateIpAddresses that is marked as primary; and the others."""
    named = [one for one in params.get("PrivateIpAddresses", []) if one.get("PrivateIpAddress")]
    marked = [one["PrivateIpAddress"] for one in named if one.get("Primary")]
    primary = params.get("PrivateIpAddress") or next(iter(marked), None)
    return primary, [one["PrivateIpAddress"] for one in named if one["PrivateIpAddress"] != primary]


def delete_network_interface(region: Region, params: Params) -> Params:
    """DeleteNetworkInterface. Message: https://github.com/gruntwork-io/cloud-nuke/pull/1132."""
    interface = region.interface(params["NetworkInterfaceId"])
    if interface.attachment:
        message = f"Network interface '{interface.interface_id}' is currently in use."
        raise Ec2Error("InvalidParameterValue", message)
    remove_interface(region, interface)
    return {}


def remove_interface(region: Region, interface: NetworkInterface) -> None:
    """The interface goes, and all it held is free."""
    interface.held.release(interface.subnet.space)
    del region.interfaces[interface.interface_id]
    region.forget_tags(interface.interface_id)


def describe_network_interfaces(region: Region, params: Params) -> Params:
    """DescribeNetworkInterfaces."""
    no_paging_of_ids(params, "NetworkInterfaceIds")
    ids = params.get("NetworkInterfaceIds")
    found = [region.interface(one) for one in ids] if ids else list(region.interfaces.values())
    passed = select(found, params.get("Filters", []), FILTERS, lambda one: region.tags(one.interface_id))
    shown, token = page(passed, params, lambda one: one.interface_id)
    return {"NetworkInterfaces": [described.network_interface(region, one) for one in shown], "NextToken": token}


def attach_network_interface(region: Region, params: Params) -> Params:
    """AttachNetworkInterface."""
    interface, instance = region.interface(params["NetworkInterfaceId"]), region.instance(params["InstanceId"])
    if interface.attachment:
        raise Ec2Error("InvalidNetworkInterface.InUse", f"Interface: [{interface.interface_id}] in use.")
    if instance.state != "running":
        message = f"Instance '{instance.instance_id}' is not in a valid state for this operation"  # wording [unproven]
        raise Ec2Error("IncorrectState", message)
    device, card = params["DeviceIndex"], params.get("NetworkCardIndex", limits.default_card(instance.instance_type))
    if device in instance.devices:
        message = f"Instance '{instance.instance_id}' already has an interface attached at device index '{device}'."
        raise Ec2Error("InvalidParameterValue", message)
    limits.check_room(region, instance, card)
    limits.check_slots(interface.held, instance.instance_type)
    attachment = attach(region, interface, instance, device, card, delete_on_termination=False)
    return {"AttachmentId": attachment.attachment_id, "NetworkCardIndex": card}


def attach(
    region: Region,
    interface: NetworkInterface,
    instance: Instance,
    device: int,
    card: int,
    *,
    delete_on_termination: bool,
) -> Attachment:
    """Attach without further checks."""
    interface.attachment = Attachment(
        attachment_id=region.new_id("eni-attach"),
        instance_id=instance.instance_id,
        device_index=device,
        network_card_index=card,
        attach_time=region.now(),
        delete_on_termination=delete_on_termination,
    )
    instance.devices[device] = interface.interface_id
    return interface.attachment


def detach_network_interface(region: Region, params: Params) -> Params:
    """DetachNetworkInterface."""
    for interface in region.interfaces.values():
        if interface.attachment and interface.attachment.attachment_id == params["AttachmentId"]:
            if interface.attachment.device_index == 0:
                message = "The network interface at device index 0 cannot be detached."
                raise Ec2Error("OperationNotPermitted", message)
            del region.instance(interface.attachment.instance_id).devices[interface.attachment.device_index]
            interface.attachment = None
            return {}
    message = f"The network interface attachment ID '{params['AttachmentId']}' does not exist"
    raise Ec2Error("InvalidAttachmentID.NotFound", message)


def modify_network_interface_attribute(region: Region, params: Params) -> Params:
    """ModifyNetworkInterfaceAttribute: description, groups, source/dest check, and what happens on termination."""
    interface = region.interface(params["NetworkInterfaceId"])
    if "Description" in params:
        interface.description = params["Description"]["Value"]
    if "SourceDestCheck" in params:
        interface.source_dest_check = params["SourceDestCheck"]["Value"]
    if "Groups" in params:
        interface.groups = region.security_groups(interface.subnet.vpc_id, params["Groups"])
    if "Attachment" in params and interface.attachment:
        interface.attachment.delete_on_termination = params["Attachment"]["DeleteOnTermination"]
    return {}
