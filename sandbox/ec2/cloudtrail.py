"""API calls in CloudTrail's shape.

Old EC2 actions: lowerCamel names, lists as `{"items": [...]}`; seen in real records for RunInstances
(https://github.com/GorillaStack/auto-tag sample_ec2_runinstances_event.js) and CreateNetworkInterface (the EFS user
guide's "Logging EFS API calls"). Newer ones keep the API's own names under `<Action>Request`, as CreateFleet does;
that the reservations are among them is [unproven], and so is how prefixes look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ec2_rules.errors import Ec2Error
from sandbox.ec2 import wire
from sandbox.ec2.wire import Params

NESTED = frozenset(
    {
        "CreateFleet",
        "CreateLaunchTemplate",
        "CreateLaunchTemplateVersion",
        "CreateSubnetCidrReservation",
        "DeleteSubnetCidrReservation",
    }
)
SET_NAMES = {
    "Groups": "groupSet",
    "InstanceIds": "instancesSet",
    "NetworkInterfaces": "networkInterfaceSet",
    "PrivateIpAddresses": "privateIpAddressesSet",
    "Resources": "resourcesSet",
    "SecurityGroupIds": "groupSet",
    "TagSpecifications": "tagSpecificationSet",
    "Tags": "tagSet",
}  # where the name of a list is not its own name followed by Set
ITEM_NAMES = {
    "Groups": "groupId",
    "InstanceIds": "instanceId",
    "PrivateIpAddresses": "privateIpAddress",
    "Resources": "resourceId",
    "SecurityGroupIds": "groupId",
    "Ipv4Prefixes": "ipv4Prefix",
    "Ipv6Prefixes": "ipv6Prefix",
    "Ipv6Addresses": "ipv6Address",
}  # the field that holds a bare text of such a list


@dataclass(frozen=True)
class ApiCall:
    """One write call, granted or refused."""

    event_name: str
    request_parameters: Params
    response_elements: Params | None  # None when it was refused
    error_code: str | None  # with CloudTrail's prefix: Client.InsufficientCidrBlocks
    error_message: str | None
    user_agent: str
    access_key: str


@dataclass(frozen=True)
class StateChange:
    """An instance has come to a state: pending, running, shutting-down, terminated."""

    instance_id: str
    state: str


def api_call(
    action: str, params: Params, outcome: Params | Ec2Error, headers: Mapping[str, str], request_id: str
) -> ApiCall:
    """The record of a call whose outcome is its result or its refusal."""
    error = outcome if isinstance(outcome, Ec2Error) else None
    return ApiCall(
        event_name=action,
        request_parameters=request_parameters(action, params),
        response_elements=None if isinstance(outcome, Ec2Error) else response_elements(action, outcome, request_id),
        error_code=_prefixed(error.code) if error else None,
        error_message=error.message if error else None,
        user_agent=wire.header(headers, "User-Agent"),
        access_key=access_key(headers),
    )


def access_key(headers: Mapping[str, str]) -> str:
    """The access key that signed a request, from its Authorization header."""
    return wire.header(headers, "Authorization").partition("Credential=")[2].partition("/")[0]


def request_parameters(action: str, params: Params) -> Params:
    """A request's parameters as CloudTrail shows them."""
    if action in NESTED:
        return {f"{action}Request": params}
    shown = {_set_name(name, value): _shown(name, value) for name, value in params.items()}
    if action == "RunInstances":
        counted = {key: shown.pop(key) for key in ("imageId", "minCount", "maxCount") if key in shown}
        shown["instancesSet"] = {"items": [counted]}
    return shown


def response_elements(action: str, result: Params, request_id: str) -> Params:
    """A result as CloudTrail shows it: the names on the wire, `item` as `items`."""
    shape = wire.output_shape(action)
    elements = _elements(shape, result) if shape is not None and shape.members else {"_return": True}
    answer = {"requestId": request_id, **elements}
    return {f"{action}Response": answer} if action in NESTED else answer


def _prefixed(code: str) -> str:
    return f"Server.{code}" if wire.STATUS.get(code) == 500 else f"Client.{code}"  # noqa: PLR2004 HTTP's server error


def _set_name(name: str, value: Any) -> str:
    if isinstance(value, list):
        return SET_NAMES.get(name, f"{_camel(name)}Set")
    return _camel(name)


def _shown(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return _camel_keys(value)
    bare = ITEM_NAMES.get(name, _camel(name))
    return {"items": [_camel_keys(item) if isinstance(item, dict) else {bare: item} for item in value]}


def _camel_keys(value: Any) -> Any:
    """Below the top level, lists are plain: `"tags": [{"key": ..., "value": ...}]`."""
    if isinstance(value, dict):
        return {_camel(key): _camel_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_camel_keys(item) for item in value]
    return value


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _elements(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        return {
            member.serialization.get("name", name): _elements(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list":
        return {"items": [_elements(shape.member, item) for item in value]} if value else {}
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return value
