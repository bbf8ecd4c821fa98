"""Messages on the work queue that nobody should have sent, each with how it has to end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from functions.capacity.routes import API_CALL, ROUTES, Route
from tests.bad_input.texts import LONE_SURROGATE, TEXTS

STATE_CHANGE, LAUNCHED = "EC2 Instance State-change Notification", "EC2 Instance Launch Successful"
SUBNET, INSTANCE, ENI = "subnet-0aa1bb2cc3dd4ee5f", "i-0123456789abcdef0", "eni-0123456789abcdef0"


class End(Enum):
    """What becomes of a message."""

    DEAD_LETTER = auto()  # named as a failure of the batch, and so delivered again and at last to the DLQ
    IGNORED = auto()  # counted and dropped: it is about nothing of ours
    LOOKED_AT = auto()  # it leads to a look, whose answer comes from AWS


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message's body, in words and as it stands on the queue."""

    sentence: str
    body: str
    end: End


def event(source: object, detail_type: object, detail: object, **more: object) -> str:
    return json.dumps({"source": source, "detail-type": detail_type, "detail": detail} | more)


def call(name: object, source: str = "aws.ec2", **detail: object) -> str:
    return event(source, API_CALL, {"eventName": name} | detail)


def _all(end: End, messages: dict[str, str]) -> list[Message]:
    return [Message(sentence=sentence, body=body, end=end) for sentence, body in messages.items()]


_GOOD = event("aws.ec2", STATE_CHANGE, {"instance-id": INSTANCE})

NOT_JSON = _all(
    End.DEAD_LETTER,
    {
        "an empty body": "",
        "spaces": "   ",
        "a word": "hello",
        "half an object": _GOOD[: len(_GOOD) // 2],
        "two objects": _GOOD + _GOOD,
        "an object and a comma": _GOOD + ",",
        "single quotes": _GOOD.replace('"', "'"),
        "a comma too many": _GOOD.replace("}}", ",}}"),
        "a comment": "/* sweep */" + _GOOD,
        "XML": "<event source='aws.ec2'/>",
        "YAML": "source: aws.ec2\ndetail-type: x",
        "base64": "eyJzb3VyY2UiOiAiYXdzLmVjMiJ9",
        "a byte order mark": "\ufeff" + _GOOD,
        "a NUL in front": "\x00" + _GOOD,
        "a line break inside a text": '{"source": "aws\n.ec2"}',
        "an escape that is none": '{"source": "\\x"}',
        "half an escape": '{"source": "\\u12"}',
        "lists nested deeper than anybody reads": "[" * 200_000,
        "objects nested deeper than anybody reads": '{"a":' * 100_000,
        "deep inside a known event": _GOOD.replace(f'"{INSTANCE}"', "[" * 100_000 + "]" * 100_000),
        "a number of five thousand digits": "9" * 5000,
        "such a number inside a known event": _GOOD.replace(f'"{INSTANCE}"', "9" * 5000),
        "the word undefined": "undefined",
        "a function call": "__import__('os').abort()",
    },
)

NO_EVENT = _all(
    End.DEAD_LETTER,
    {
        "null": "null",
        "true": "true",
        "zero": "0",
        "not a number": "NaN",
        "infinity": "-Infinity",
        "a JSON text": '"aws.ec2"',
        "an empty list": "[]",
        "a list of events": f"[{_GOOD}]",
        "an event as a text inside JSON": json.dumps(_GOOD),
        "an empty object": "{}",
        "an SNS notification": json.dumps({"Type": "Notification", "Message": _GOOD}),
        "an SQS batch in an SQS message": json.dumps({"Records": [{"body": _GOOD}]}),
        "an S3 notification": json.dumps({"Records": [{"eventSource": "aws:s3"}]}),
        "an S3 test event": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        "a release request": json.dumps({"subnetId": SUBNET, "reservationId": "scr-1", "cidr": "10.0.0.0/28"}),
        "no detail-type": json.dumps({"source": "aws.ec2", "detail": {}}),
        "no source": json.dumps({"detail-type": STATE_CHANGE, "detail": {}}),
        "keys in capital letters": json.dumps({"Source": "aws.ec2", "DetailType": STATE_CHANGE, "Detail": {}}),
        "detailType in one word": json.dumps({"source": "aws.ec2", "detailType": STATE_CHANGE, "detail": {}}),
        "a source that is null": event(None, STATE_CHANGE, {}),
        "a source that is a number": event(7, STATE_CHANGE, {}),
        "a source that is a list": event(["aws.ec2"], STATE_CHANGE, {}),
        "a source that is an object": event({"prefix": "aws"}, STATE_CHANGE, {}),
        "a detail-type that is true": event("aws.ec2", True, {}),
        "a detail-type in parts": event("aws.ec2", {"name": STATE_CHANGE}, {}),
        "a later key that takes the source away": _GOOD[:-1] + ', "source": null}',
    },
)

OF_NOBODY = _all(
    End.IGNORED,
    {
        "an unknown source": event("aws.ec3", STATE_CHANGE, {"instance-id": INSTANCE}),
        "a source in capital letters": event("AWS.EC2", STATE_CHANGE, {"instance-id": INSTANCE}),
        "a source with a NUL": event("aws.ec2\x00", STATE_CHANGE, {"instance-id": INSTANCE}),
        "a source with a look-alike letter": event("\u0430ws.ec2", STATE_CHANGE, {"instance-id": INSTANCE}),
        "a source that is a lone surrogate": event(LONE_SURROGATE, STATE_CHANGE, {}),
        "an empty source": event("", STATE_CHANGE, {}),
        "an empty detail-type": event("aws.ec2", "", {}),
        "a detail-type with a space behind": event("aws.ec2", STATE_CHANGE + " ", {}),
        "a long detail-type": event("aws.ec2", "x" * 200_000, {}),
        "an unknown kind whose detail is null": event("aws.ec2", "EC2 Fleet Error", None),
        "a call that only reads": call("DescribeSubnets"),
        "a call with a lone surrogate": call(LONE_SURROGATE),
        "a call of another service": call("RunInstances", source="aws.eks"),
        "a call in small letters": call("runinstances"),
        "a failed call whose errorCode is null": call("AssignPrivateIpAddresses", errorCode=None),
        "a failed call whose errorCode is false": call("AssignPrivateIpAddresses", errorCode=False),
        "a failed call whose errorCode is empty": call("CreateNetworkInterface", errorCode=""),
        "tags on nothing": call("CreateTags"),
        "tags on a text": call("CreateTags", requestParameters="subnet-0aa1bb2cc3dd4ee5f"),
        "tags on an id that is too short": call("CreateTags", requestParameters={"id": "subnet-1"}),
        "tags on an id in a sentence": call("CreateTags", requestParameters={"id": f"see {SUBNET}!"}),
        "tags on an id with a line break": call("CreateTags", requestParameters={"id": SUBNET + "\n"}),
        "tags on an id as a key": call("CreateTags", requestParameters={SUBNET: 1}),
        "our own Continue for nothing": event("headroom", "Continue", {"subnetIds": []}),
        "our own kind that does not exist": event("headroom", "Delete", {"subnetIds": [SUBNET]}),
    },
)

OF_A_KNOWN_KIND = _all(
    End.DEAD_LETTER,
    {
        "no instance": event("aws.ec2", STATE_CHANGE, {"state": "running"}),
        "an instance that is null": event("aws.ec2", STATE_CHANGE, {"instance-id": None}),
        "an instance that is a number": event("aws.ec2", STATE_CHANGE, {"instance-id": 17}),
        "an instance that is a list": event("aws.ec2", STATE_CHANGE, {"instance-id": [INSTANCE]}),
        "an instance in parts": event("aws.ec2", STATE_CHANGE, {"instance-id": {"id": INSTANCE}}),
        "an instance under another key": event("aws.ec2", STATE_CHANGE, {"instanceId": INSTANCE}),
        "no Auto Scaling group": event("aws.autoscaling", LAUNCHED, {"EC2InstanceId": INSTANCE}),
        "a group that is null": event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": None}),
        "a group that is empty": event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": ""}),
        "a group that is a list": event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": ["a"]}),
        "an API call without a name": event("aws.ec2", API_CALL, {"errorCode": "x"}),
        "an API call whose name is null": call(None),
        "an API call whose name is empty": call(""),
        "an API call whose name is a number": call(7),
        "an API call whose name is a list": call(["RunInstances"]),
        "an API call whose name is an object": call({"deep": [["RunInstances"]]}),
        "a Continue that names no subnets": event("headroom", "Continue", {}),
        "a Continue with null": event("headroom", "Continue", {"subnetIds": None}),
        "a Continue with a text": event("headroom", "Continue", {"subnetIds": SUBNET}),
        "a Continue with an object": event("headroom", "Continue", {"subnetIds": {SUBNET: 1}}),
        "a Continue with a number in it": event("headroom", "Continue", {"subnetIds": [SUBNET, 2]}),
        "a Continue with null in it": event("headroom", "Continue", {"subnetIds": [None]}),
        "a Continue with lists in it": event("headroom", "Continue", {"subnetIds": [[SUBNET]]}),
    },
)

# EC2 is asked for such an instance by its id: what is no id, it would refuse, and the whole batch with it.
NO_INSTANCE = _all(
    End.DEAD_LETTER,
    {
        f"an instance-id that is {what}": event("aws.ec2", STATE_CHANGE, {"instance-id": text})
        for what, text in TEXTS.items()
    },
)

SAYS_LITTLE = _all(
    End.LOOKED_AT,
    {
        "a sweep with much beside it": event("headroom", "Sweep", {"a": ["b"] * 10_000}),
        "an add-on event without detail": event("aws.eks", "EKS Addon Update Failed", {}),
        "an add-on event whose cluster is a number": event("aws.eks", "EKS Addon Update Failed", {"clusterName": 7}),
        "an add-on event whose cluster is a list": event("aws.eks", "EKS Addon Update Failed", {"clusterName": ["a"]}),
        "a cluster that nobody has": event("aws.eks", "EKS Addon Update Failed", {"clusterName": LONE_SURROGATE}),
        "a call without parameters": call("RunInstances"),
        "a call whose parameters are a text": call("RunInstances", requestParameters="x"),
        "a call whose parameters are a list": call("RunInstances", requestParameters=[SUBNET]),
        "a call nested hundreds deep": call("RunInstances", requestParameters={"a": json.loads("[" * 500 + "]" * 500)}),
        "a failed call whose errorCode is an object": call("CreateNetworkInterface", errorCode={"a": 1}),
        "a failed call whose errorCode is a list": call("AssignIpv6Addresses", errorCode=[1]),
        "an EKS call whose name is a number": call("UpdateNodegroupConfig", "aws.eks", requestParameters={"name": 7}),
        "an EKS call whose name is an object": call("CreateCluster", "aws.eks", requestParameters={"name": {"a": 1}}),
        "a group that nobody has": event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "\x00*"}),
        "a group whose Details are a text": event(
            "aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "g", "Details": "none"}
        ),
        "a group whose subnet is a number": event(
            "aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "g", "Details": {"Subnet ID": 7}}
        ),
        "a group whose subnet is a lone surrogate": event(
            "aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "g", "Details": {"Subnet ID": LONE_SURROGATE}}
        ),
        "a Continue with a lone surrogate": event("headroom", "Continue", {"subnetIds": [LONE_SURROGATE]}),
        "a Continue with an empty text": event("headroom", "Continue", {"subnetIds": [""]}),
        "a Continue with ten thousand subnets": event(
            "headroom", "Continue", {"subnetIds": [f"subnet-{n:017x}" for n in range(10_000)]}
        ),
        "a subnet that does not exist": call("DeleteSubnet", requestParameters={"subnetId": "subnet-ffffffffffffffff"}),
        "an interface that does not exist": call("RunInstances", requestParameters={"a": "eni-ffffffffffffffff"}),
        "an instance that does not exist": event("aws.ec2", STATE_CHANGE, {"instance-id": "i-ffffffffffffffff"}),
        "an event of another account": json.dumps(json.loads(_GOOD) | {"account": "999988887777", "region": "mars"}),
        "an event of the year zero": json.dumps(json.loads(_GOOD) | {"time": "0000-00-00T00:00:00Z"}),
        "a source twice, the last one known": '{"source": "x", ' + _GOOD[1:],
    },
)


def _of_routes() -> list[Message]:
    """Each kind that we know, with something else where its detail should be."""
    odd: dict[str, Any] = {"null": None, "a text": "x", "a number": 7, "a list": [1], "missing": ...}
    return [
        Message(
            sentence=f"{' / '.join(filter(None, route.key))}, its detail {what}",
            body=_with_detail(route, detail),
            end=End.DEAD_LETTER,
        )
        for route in ROUTES
        if not route.call  # of these the detail has the call's name
        for what, detail in odd.items()
    ]


def _with_detail(route: Route, detail: object) -> str:
    whole = {"source": route.source, "detail-type": route.detail_type, "detail": detail}
    return json.dumps({key: value for key, value in whole.items() if value is not ...})


MESSAGES = [*NOT_JSON, *NO_EVENT, *OF_NOBODY, *OF_A_KNOWN_KIND, *NO_INSTANCE, *SAYS_LITTLE, *_of_routes()]
