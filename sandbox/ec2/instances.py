"""The actions on instances, as far as addresses go: each has a primary interface with one address."""

from collections.abc import Callable

from ec2_rules.errors import Ec2Error
from sandbox.ec2 import described, interfaces, limits
from sandbox.ec2.filters import Values, select
from sandbox.ec2.paging import no_paging_of_ids, page
from sandbox.ec2.region import Region
from sandbox.ec2.resources import Instance, SubnetRecord
from sandbox.ec2.wire import Params

FILTERS: dict[str, Values[Instance]] = {
    "availability-zone": lambda one: [one.subnet.availability_zone],
    "image-id": lambda one: [one.image_id],
    "instance-id": lambda one: [one.instance_id],
    "instance-state-name": lambda one: [one.state],
    "instance-type": lambda one: [one.instance_type],
    "reservation-id": lambda one: [one.reservation_id],
    "subnet-id": lambda one: [one.subnet.subnet_id] if one.devices else [],
    "vpc-id": lambda one: [one.subnet.vpc_id] if one.devices else [],
}


def run_instances(region: Region, params: Params) -> Params:
    """RunInstances: as many as the subnet holds, from MinCount to MaxCount, or none."""
    launch = _with_launch_template(region, params)
    network = _primary_network_interface(launch)
    subnet = region.subnet(_required(network.get("SubnetId") or launch.get("SubnetId"), "subnetId"))
    started: list[Instance] = []
    reservation_id = region.new_id("r")
    try:
        while len(started) < launch["MaxCount"]:
            started.append(_launch(region, subnet, reservation_id, launch, network))
    except Ec2Error as error:
        if len(started) < launch["MinCount"]:
            _undo(region, started)
            raise _launch_error(error, subnet) from error
    region.state_changes += [(one.instance_id, state) for one in started for state in ("pending", "running")]
    shown = [described.instance(region, one) | {"State": described.instance_state("pending")} for one in started]
    return {"ReservationId": reservation_id, "OwnerId": region.account_id, "Groups": [], "Instances": shown}


def _primary_network_interface(launch: Params) -> Params:
    named: list[Params] = launch.get("NetworkInterfaces", [])
    return next((one for one in named if one.get("DeviceIndex", 0) == 0), {})


def _launch(region: Region, subnet: SubnetRecord, reservation_id: str, launch: Params, network: Params) -> Instance:
    type_name = launch.get("InstanceType", "m1.small")  # EC2's default
    groups = network.get("Groups") or launch.get("SecurityGroupIds", [])
    wanted = {"PrivateIpAddress": launch["PrivateIpAddress"]} if "PrivateIpAddress" in launch else network
    instance = Instance(
        instance_id=region.new_id("i"),
        reservation_id=reservation_id,
        image_id=launch.get("ImageId", "ami-00000000000000000"),
        instance_type=type_name,
        subnet=subnet,
        launch_time=region.now(),
    )
    card = limits.default_card(type_name)
    primary = interfaces.new_interface(region, subnet, wanted, groups)
    try:
        limits.check_slots(primary.held, type_name)
    except Ec2Error:
        interfaces.remove_interface(region, primary)
        raise
    keep = network.get("DeleteOnTermination", True)
    interfaces.attach(region, primary, instance, 0, card, delete_on_termination=keep)
    region.instances[instance.instance_id] = instance
    region.tag(instance.instance_id, described.tags_for(launch, "instance"))
    region.tag(primary.interface_id, described.tags_for(launch, "network-interface"))
    return instance


def _undo(region: Region, started: list[Instance]) -> None:
    for instance in started:
        for interface in region.interfaces_of(instance.instance_id):
            interfaces.remove_interface(region, interface)
        region.forget_tags(instance.instance_id)
        del region.instances[instance.instance_id]


def _launch_error(error: Ec2Error, subnet: SubnetRecord) -> Ec2Error:
    """A launch words the lack of addresses its own way: https://github.com/PrairieLearn/PrairieLearn/issues/3271."""
    if error.code != "InsufficientFreeAddressesInSubnet":
        return error
    message = (
        f"There are not enough free addresses in subnet '{subnet.subnet_id}' "
        "to satisfy the requested number of instances."
    )
    return Ec2Error(error.code, message)


def _with_launch_template(region: Region, params: Params) -> Params:
    """The request on top of its launch template's data, which moto keeps. Raises Ec2Error."""
    template: Params = dict(params.get("LaunchTemplate", {}))
    if not template:
        return params
    version = template.pop("Version", "$Default")
    found = region.moto.call("DescribeLaunchTemplateVersions", template | {"Versions": [version]})
    data: Params = found["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    return data | params


def terminate_instances(region: Region, params: Params) -> Params:
    """TerminateInstances: interfaces go or stay as their DeleteOnTermination says."""
    return {"TerminatingInstances": _each(region, params["InstanceIds"], _terminate)}


def _each(region: Region, ids: list[str], change: Callable[[Region, Instance], Params]) -> list[Params]:
    """Change all instances, or none if one does not exist."""
    return [change(region, one) for one in [region.instance(instance_id) for instance_id in ids]]


def _terminate(region: Region, instance: Instance) -> Params:
    before, instance.state = instance.state, "terminated"
    for interface in region.interfaces_of(instance.instance_id):
        if interface.attachment and interface.attachment.delete_on_termination:
            interfaces.remove_interface(region, interface)
        else:
            interface.attachment = None
    instance.devices.clear()
    if before != "terminated":
        region.state_changes += [(instance.instance_id, state) for state in ("shutting-down", "terminated")]
    current = "terminated" if before == "terminated" else "shutting-down"
    return {
        "InstanceId": instance.instance_id,
        "PreviousState": described.instance_state(before),
        "CurrentState": described.instance_state(current),
    }


def describe_instances(region: Region, params: Params) -> Params:
    """DescribeInstances, one reservation for the instances of each launch."""
    no_paging_of_ids(params, "InstanceIds")
    ids = params.get("InstanceIds")
    found = [region.instance(one) for one in ids] if ids else list(region.instances.values())
    passed = select(found, params.get("Filters", []), FILTERS, lambda one: region.tags(one.instance_id))
    shown, token = page(passed, params, lambda one: one.instance_id)
    launches: dict[str, list[Params]] = {}
    for one in shown:
        launches.setdefault(one.reservation_id, []).append(described.instance(region, one))
    reservations = [
        {"ReservationId": reservation_id, "OwnerId": region.account_id, "Groups": [], "Instances": instances}
        for reservation_id, instances in launches.items()
    ]
    return {"Reservations": reservations, "NextToken": token}


def _required(value: str | None, name: str) -> str:
    if not value:
        raise Ec2Error("MissingParameter", f"The request must contain the parameter {name}")
    return value
