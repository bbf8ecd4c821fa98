"""The actions on subnets: moto keeps them, we keep their addresses."""

from ec2_rules.errors import Ec2Error
from sandbox.ec2.filters import Values, select
from sandbox.ec2.paging import no_paging_of_ids, page
from sandbox.ec2.region import Region
from sandbox.ec2.wire import Params

FILTERS: dict[str, Values[Params]] = {
    "availability-zone": lambda one: [one["AvailabilityZone"]],
    "availability-zone-id": lambda one: [one["AvailabilityZoneId"]],
    "available-ip-address-count": lambda one: [str(one["AvailableIpAddressCount"])],
    "cidr-block": lambda one: [one["CidrBlock"]] if "CidrBlock" in one else [],
    "default-for-az": lambda one: [str(one["DefaultForAz"]).lower()],
    "owner-id": lambda one: [one["OwnerId"]],
    "state": lambda one: [one["State"]],
    "subnet-arn": lambda one: [one["SubnetArn"]],
    "subnet-id": lambda one: [one["SubnetId"]],
    "vpc-id": lambda one: [one["VpcId"]],
}


def create_subnet(region: Region, params: Params) -> Params:
    """CreateSubnet."""
    created = region.moto.call("CreateSubnet", params)
    return {"Subnet": _with_count(region, created["Subnet"])}


def delete_subnet(region: Region, params: Params) -> Params:
    """DeleteSubnet, refused while an interface is in it."""
    subnet_id = params["SubnetId"]
    if any(interface.subnet.subnet_id == subnet_id for interface in region.interfaces.values()):
        message = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
        raise Ec2Error("DependencyViolation", message)
    result = region.moto.call("DeleteSubnet", params)
    region.forget_subnet(subnet_id)
    return result


def describe_subnets(region: Region, params: Params) -> Params:
    """DescribeSubnets."""
    no_paging_of_ids(params, "SubnetIds")
    ids = params.get("SubnetIds")
    found = region.moto.call("DescribeSubnets", {"SubnetIds": ids} if ids else {})["Subnets"]
    counted = [_with_count(region, one) for one in found]
    passed = select(counted, params.get("Filters", []), FILTERS, _tags)
    shown, token = page(passed, params, lambda one: str(one["SubnetId"]))
    return {"Subnets": shown, "NextToken": token}


def associate_subnet_cidr_block(region: Region, params: Params) -> Params:
    """AssociateSubnetCidrBlock: a subnet gets its IPv6 block."""
    subnet = region.subnet(params["SubnetId"])
    result = region.moto.call("AssociateSubnetCidrBlock", params)
    if not subnet.space.has_ipv6:
        subnet.space.associate_ipv6(params["Ipv6CidrBlock"])
    return result


def _with_count(region: Region, described: Params) -> Params:
    space = region.subnet(described["SubnetId"]).space
    for association in described.get("Ipv6CidrBlockAssociationSet", []):
        association["Ipv6CidrBlockState"] = {"State": "associated"}  # moto 5.2.5 writes a Python dict here
    return described | {"AvailableIpAddressCount": space.available_ip_address_count}


def _tags(described: Params) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
