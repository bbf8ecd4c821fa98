"""Tags of our resources; those of all others are moto's. One call may name both."""

from typing import NamedTuple

from ec2_rules.errors import Ec2Error
from sandbox.ec2.filters import Values, select
from sandbox.ec2.region import OWN_RESOURCES, Region
from sandbox.ec2.resources import Tags
from sandbox.ec2.wire import Params


class _Tag(NamedTuple):
    resource_id: str
    resource_type: str
    key: str
    value: str


FILTERS: dict[str, Values[_Tag]] = {
    "key": lambda one: [one.key],
    "resource-id": lambda one: [one.resource_id],
    "resource-type": lambda one: [one.resource_type],
    "value": lambda one: [one.value],
}


def create_tags(region: Region, params: Params) -> Params:
    """CreateTags."""
    ours, others = _split(region, params["Resources"])
    for resource_id in ours:
        _check_exists(region, resource_id)
    if others:
        region.moto.call("CreateTags", params | {"Resources": others})
    for resource_id in ours:
        region.tag(resource_id, {tag["Key"]: tag.get("Value", "") for tag in params["Tags"]})
    return {}


def delete_tags(region: Region, params: Params) -> Params:
    """DeleteTags: those named, with this value if one is given; all when none is named."""
    ours, others = _split(region, params["Resources"])
    if others:
        region.moto.call("DeleteTags", params | {"Resources": others})
    for resource_id in ours:
        tags = region.tags(resource_id)
        for tag in params.get("Tags") or [{"Key": key} for key in list(tags)]:
            if tag.get("Value", tags.get(tag["Key"])) == tags.get(tag["Key"]):
                tags.pop(tag["Key"], None)
    return {}


def describe_tags(region: Region, params: Params) -> Params:
    """DescribeTags, ours and moto's in one list."""
    moto = region.moto.call("DescribeTags", {}).get("Tags", [])
    all_tags = [_Tag(one["ResourceId"], one["ResourceType"], one["Key"], one["Value"]) for one in moto]
    for resource_id, tags in region.tagged().items():
        kind = OWN_RESOURCES[resource_id.partition("-")[0]]
        all_tags += [_Tag(resource_id, kind, key, value) for key, value in tags.items()]
    passed = select(all_tags, params.get("Filters", []), FILTERS, lambda one: {one.key: one.value})
    return {
        "Tags": [
            {"ResourceId": one.resource_id, "ResourceType": one.resource_type, "Key": one.key, "Value": one.value}
            for one in passed
        ]
    }


def tags_of(region: Region, resource_id: str) -> Tags:
    """The tags of any resource, ours or moto's."""
    if region.owns(resource_id):
        return region.tags(resource_id)
    found = region.moto.call("DescribeTags", {"Filters": [{"Name": "resource-id", "Values": [resource_id]}]})
    return {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}


def _split(region: Region, resources: list[str]) -> tuple[list[str], list[str]]:
    ours = [one for one in resources if region.owns(one)]
    return ours, [one for one in resources if one not in ours]


def _check_exists(region: Region, resource_id: str) -> None:
    if resource_id.startswith("eni-"):
        region.interface(resource_id)
    elif resource_id.startswith("i-"):
        region.instance(resource_id)
    elif region.subnet_of_reservation(resource_id) is None:
        raise Ec2Error("InvalidSubnetCidrReservationID.NotFound", f"The ID '{resource_id}' does not exist")
