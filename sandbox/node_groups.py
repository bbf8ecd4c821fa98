"""EKS managed node groups that have an Auto Scaling group with instances, and EKS's calls as CloudTrail events.

ministack keeps clusters, node groups and add-ons; its node groups start nothing and know no UpdateNodegroupConfig.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sandbox import api_calls, gateway
from sandbox.auto_scaling import TYPE_TAG
from sandbox.gateway import Handler, Response

OK = range(200, 300)

# Writes of the EKS API (API reference): method, path, name in CloudTrail. Groups in a path are request parameters.
_NAME = r"[A-Za-z0-9_-]+"
_CALLS: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/clusters", "CreateCluster"),
    ("POST", rf"/clusters/(?P<name>{_NAME})/update-config", "UpdateClusterConfig"),
    ("POST", rf"/clusters/(?P<name>{_NAME})/node-groups", "CreateNodegroup"),
    (
        "POST",
        rf"/clusters/(?P<name>{_NAME})/node-groups/(?P<nodegroupName>{_NAME})/update-config",
        "UpdateNodegroupConfig",
    ),
    (
        "POST",
        rf"/clusters/(?P<name>{_NAME})/node-groups/(?P<nodegroupName>{_NAME})/update-version",
        "UpdateNodegroupVersion",
    ),
    ("DELETE", rf"/clusters/(?P<name>{_NAME})/node-groups/(?P<nodegroupName>{_NAME})", "DeleteNodegroup"),
    ("POST", rf"/clusters/(?P<name>{_NAME})/addons", "CreateAddon"),
    ("POST", rf"/clusters/(?P<name>{_NAME})/addons/(?P<addonName>{_NAME})/update", "UpdateAddon"),
    ("DELETE", rf"/clusters/(?P<name>{_NAME})/addons/(?P<addonName>{_NAME})", "DeleteAddon"),
)


def eks(original: Handler, auto_scaling: Handler) -> Handler:
    """EKS's handler: ministack's, with node groups that scale and calls that are heard of."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
        name, in_path = _call(method, path)
        if not name:
            return await original(method, path, headers, body, query)
        request = json.loads(body or b"{}")
        if name == "UpdateNodegroupConfig":
            response = await _update_config(in_path, request, headers, auto_scaling)
        else:
            response = await original(method, path, headers, body, query)
        if name == "CreateNodegroup" and response[0] in OK:
            await _create_group(json.loads(response[2])["nodegroup"], headers, auto_scaling)
        _tell(name, in_path | request, response, headers)
        return response

    return handle


def _call(method: str, path: str) -> tuple[str, dict[str, str]]:
    for verb, pattern, name in _CALLS:
        if verb == method and (match := re.fullmatch(pattern, path)):
            return name, match.groupdict()
    return "", {}


async def _create_group(nodegroup: dict[str, Any], headers: dict[str, str], auto_scaling: Handler) -> None:
    """The Auto Scaling group that EKS makes for a node group, with the tags that EKS gives it."""
    cluster, scaling = nodegroup["clusterName"], nodegroup["scalingConfig"]
    tags = {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": nodegroup["nodegroupName"],
        f"kubernetes.io/cluster/{cluster}": "owned",
        TYPE_TAG: nodegroup["instanceTypes"][0],
    }
    form = {
        "Action": "CreateAutoScalingGroup",
        "AutoScalingGroupName": nodegroup["resources"]["autoScalingGroups"][0]["name"],
        "MinSize": scaling["minSize"],
        "MaxSize": scaling["maxSize"],
        "DesiredCapacity": scaling["desiredSize"],
        "VPCZoneIdentifier": ",".join(nodegroup["subnets"]),
        **{
            f"Tags.member.{n}.{field}": value
            for n, (key, tag) in enumerate(tags.items(), start=1)
            for field, value in (("Key", key), ("Value", tag), ("PropagateAtLaunch", "true"))
        },
    }
    await _auto_scaling(form, headers, auto_scaling)


async def _update_config(
    in_path: dict[str, str], request: dict[str, Any], headers: dict[str, str], auto_scaling: Handler
) -> Response:
    """UpdateNodegroupConfig: the new sizes, for the node group and for its Auto Scaling group."""
    from ministack.services.eks import _nodegroups  # noqa: PLC0415 - ministack reads the environment on import

    cluster, name = in_path["name"], in_path["nodegroupName"]
    nodegroup = _nodegroups.get(f"{cluster}/{name}")
    if nodegroup is None:
        return _json(404, {"message": f"No node group found for name: {name}."}, "ResourceNotFoundException")
    sizes = nodegroup["scalingConfig"] | request.get("scalingConfig", {})
    if not sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"]:
        message = f"desired capacity {sizes['desiredSize']} must be between {sizes['minSize']} and {sizes['maxSize']}"
        return _json(400, {"message": message}, "InvalidParameterException")
    nodegroup["scalingConfig"] = sizes
    form = {
        "Action": "UpdateAutoScalingGroup",
        "AutoScalingGroupName": nodegroup["resources"]["autoScalingGroups"][0]["name"],
        "MinSize": sizes["minSize"],
        "MaxSize": sizes["maxSize"],
        "DesiredCapacity": sizes["desiredSize"],
    }
    await _auto_scaling(form, headers, auto_scaling)
    return _json(200, {"update": {"id": str(uuid.uuid4()), "status": "Successful", "type": "ConfigUpdate"}})


async def _auto_scaling(form: dict[str, Any], headers: dict[str, str], handler: Handler) -> None:
    status, _, body = await handler("POST", "/", headers, urlencode(form).encode(), {})
    if status not in OK:
        raise gateway.HookError(f"{form['Action']} failed: {body!r}")


def _json(status: int, body: dict[str, Any], error: str = "") -> Response:
    headers = {"Content-Type": "application/json"} | ({"x-amzn-ErrorType": error} if error else {})
    return status, headers, json.dumps(body).encode()


def _tell(name: str, request: dict[str, Any], response: Response, headers: dict[str, str]) -> None:
    """EKS logs the cluster as `name`, and the rest as the API names it."""
    from ministack.core.responses import get_account_id, get_region  # noqa: PLC0415

    status, answered, body = response
    answer = json.loads(body or b"{}")
    call = api_calls.ApiCall(
        source="aws.eks",
        name=name,
        access_key=gateway.caller(headers),
        user_agent=headers.get("user-agent", ""),
        request=request,
        response=answer,
        error_code="" if status in OK else _error_type(answered, answer),
        error_message="" if status in OK else str(answer.get("message", "")),
    )
    api_calls.emit(call, account=get_account_id(), region=get_region())


def _error_type(headers: Iterable[str] | dict[str, str], answer: dict[str, Any]) -> str:
    found = dict(headers).get("x-amzn-ErrorType") if isinstance(headers, dict) else None
    return str(found or answer.get("__type") or "ServerException")
