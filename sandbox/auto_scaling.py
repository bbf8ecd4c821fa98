"""Auto Scaling groups that really launch: a change of capacity runs or ends instances on the embedded EC2.

ministack keeps the groups; it fills them with made-up instances, and this takes that function's place.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from ec2_rules.errors import Ec2Error
from sandbox import api_calls, gateway

Group = dict[str, Any]  # ministack's record of a group


class Ec2(Protocol):
    """EC2 as Auto Scaling calls it."""

    def call(self, action: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result of an API call. Raises Ec2Error."""


@dataclass(frozen=True)
class Launcher:
    """Launches and terminates for all groups. `default_type` is used where a group names no instance type."""

    ec2: Ec2
    default_type: str = "m5.large"

    def reconcile(self, group: Group) -> None:
        """Bring the group's instances to its desired capacity, as far as the subnets let it."""
        missing = group["DesiredCapacity"] - len(group["Instances"])
        for _ in range(missing):
            self._launch(group)
        for _ in range(-missing):
            self._terminate(group)

    def _launch(self, group: Group) -> None:
        subnet = self._emptiest_subnet(group)
        passed_on = {each["Key"]: each["Value"] for each in group["Tags"] if each.get("PropagateAtLaunch")}
        tags = passed_on | _own_tags(group)
        try:
            launched = self.ec2.call("RunInstances", _run_instances(subnet, tags, self.default_type))
        except Ec2Error as error:
            self._tell(group, "Launch Unsuccessful", "", subnet, f"{error.code}: {error.message}. Launching failed.")
            return
        instance = launched["Instances"][0]
        group["Instances"].append(
            {
                "InstanceId": instance["InstanceId"],
                "SubnetId": subnet,  # not of AWS's record: what `_emptiest_subnet` counts
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
                "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
                "LaunchTemplate": group.get("LaunchTemplate") or {},
                "LaunchConfigurationName": "",
            }
        )
        if any(each["Key"] == NODE_GROUP_TAG for each in group["Tags"]):
            _tell_hook(group, instance["InstanceId"])
        self._tell(group, "Launch Successful", instance["InstanceId"], subnet, "")

    def _terminate(self, group: Group) -> None:
        instance = group["Instances"].pop()
        self.ec2.call("TerminateInstances", {"InstanceIds": [instance["InstanceId"]]})
        self._tell(group, "Terminate Successful", instance["InstanceId"], instance["SubnetId"], "")

    def _emptiest_subnet(self, group: Group) -> str:
        """Auto Scaling balances over the zones (user guide, 'auto-scaling-benefits'); ties go by the group's order."""
        subnets: list[str] = [each for each in group["VPCZoneIdentifier"].split(",") if each]
        held = Counter(each["SubnetId"] for each in group["Instances"])
        return min(subnets, key=lambda each: (held[each], subnets.index(each)))

    def _tell(self, group: Group, what: str, instance_id: str, subnet: str, failure: str) -> None:
        """One of the four scaling events (user guide, 'Amazon EC2 Auto Scaling event reference')."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        verb = "Launching a new EC2 instance" if what.startswith("Launch") else "Terminating EC2 instance"
        detail = {
            "StatusCode": "Failed" if failure else "InProgress",
            "Description": f"{verb}: {instance_id}" if instance_id else f"{verb}.  Status Reason: {failure}",
            "AutoScalingGroupName": group["AutoScalingGroupName"],
            "ActivityId": str(uuid.uuid4()),
            "Details": {"Availability Zone": "", "Subnet ID": subnet},
            "RequestId": str(uuid.uuid4()),
            "StatusMessage": failure,
            "StartTime": now,
            "EndTime": now,
            "EC2InstanceId": instance_id,
            "Cause": f"At {now} the desired capacity is {group['DesiredCapacity']}.",
        }
        resources = (group["AutoScalingGroupARN"],)
        gateway.emit("aws.autoscaling", f"EC2 Instance {what}", detail, resources)


def _tell_hook(group: Group, instance_id: str) -> None:
    """EKS's groups have lifecycle hooks: Auto Scaling user guide, 'Lifecycle actions' for the event."""
    detail = {
        "LifecycleActionToken": str(uuid.uuid4()),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "LifecycleHookName": "Launch-LC-Hook",
        "EC2InstanceId": instance_id,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "NotificationMetadata": "",
        "Origin": "EC2",
        "Destination": "AutoScalingGroup",
    }
    gateway.emit("aws.autoscaling", "EC2 Instance-launch Lifecycle Action", detail, (group["AutoScalingGroupARN"],))


def _own_tags(group: Group) -> dict[str, str]:
    """What Auto Scaling and EC2 add: the group's name, and the launch template that the instance came from."""
    template = group.get("LaunchTemplate") or {}
    tags = {"aws:autoscaling:groupName": group["AutoScalingGroupName"]}
    if template.get("LaunchTemplateId"):
        tags |= {
            "aws:ec2launchtemplate:id": template["LaunchTemplateId"],
            "aws:ec2launchtemplate:version": template.get("Version", "1"),
        }
    return tags


def _run_instances(subnet: str, tags: Mapping[str, str], default_type: str) -> dict[str, Any]:
    """A managed node group keeps the type in its launch template; here it travels as a tag that is not passed on."""
    own = {key: value for key, value in tags.items() if key != TYPE_TAG}
    return {
        "ImageId": "ami-0123456789abcdef0",
        "InstanceType": tags.get(TYPE_TAG, default_type),
        "MinCount": 1,
        "MaxCount": 1,
        "SubnetId": subnet,
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in own.items()]}
        ],
    }


TYPE_TAG = "sandbox:instance-type"
NODE_GROUP_TAG = "eks:nodegroup-name"


_HEARD = frozenset({"UpdateAutoScalingGroup", "SetDesiredCapacity"})


def heard(original: gateway.Handler) -> gateway.Handler:
    """Auto Scaling's handler, with changes of a group's sizes told to the event bus."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> gateway.Response:
        response = await original(method, path, headers, body, query)
        form = dict(parse_qsl(body.decode()))
        if form.get("Action") in _HEARD:
            _tell_call(form, response, headers)
        return response

    return handle


def _tell_call(form: Mapping[str, str], response: gateway.Response, headers: Mapping[str, str]) -> None:
    from ministack.core.responses import get_account_id, get_region  # noqa: PLC0415

    request = {_lower_camel(key): value for key, value in form.items() if key not in ("Action", "Version")}
    failed = response[0] >= 400  # noqa: PLR2004
    call = api_calls.ApiCall(
        source="aws.autoscaling",
        name=form["Action"],
        access_key=gateway.caller(headers),
        user_agent=headers.get("user-agent", ""),
        request={key: int(value) if value.isdigit() else value for key, value in request.items()},
        response=None,
        error_code="ValidationException" if failed else "",
        error_message=response[2].decode(errors="replace") if failed else "",
    )
    api_calls.emit(call, account=get_account_id(), region=get_region())


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]
