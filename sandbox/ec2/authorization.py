"""The resources that an action touches, for whoever evaluates IAM policies against a call.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html. Whether EC2 really checks
CreateSubnetCidrReservation on the subnet is [unproven]: that page says so, older copies of it say it has no resource.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.ec2.region import OWN_RESOURCES
from sandbox.ec2.resources import Tags
from sandbox.ec2.wire import Params

KINDS = {
    **OWN_RESOURCES,
    "subnet": "subnet",
    "vpc": "vpc",
    "sg": "security-group",
    "lt": "launch-template",
    "vol": "volume",
    "ami": "image",
    "rtb": "route-table",
    "igw": "internet-gateway",
}  # the type in an ARN, by id prefix


@dataclass(frozen=True)
class ResourceUse:
    """A resource of a call: the end of its ARN, as in `subnet/subnet-1`, and its tags (aws:ResourceTag)."""

    arn_suffix: str
    tags: Tags


def resources_of(action: str, params: Params, tags_of: Callable[[str], Tags]) -> list[ResourceUse]:
    """What the policy must allow. An action without resource-level permission uses `*`."""
    if action == "CreateSubnetCidrReservation":
        subnet_id = params["SubnetId"]
        return [ResourceUse(f"subnet/{subnet_id}", tags_of(subnet_id))]
    if action in {"CreateTags", "DeleteTags"}:
        return [ResourceUse(_suffix(one), tags_of(one)) for one in params["Resources"]]
    return [ResourceUse("*", {})]


def _suffix(resource_id: str) -> str:
    return f"{KINDS.get(resource_id.rpartition('-')[0], '*')}/{resource_id}"
