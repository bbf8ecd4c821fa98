"""API calls as EventBridge delivers them from CloudTrail.

Record contents: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox import gateway

DETAIL_TYPE = "AWS API Call via CloudTrail"


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """One write call: what was asked, what came of it."""

    source: str  # aws.eks
    name: str
    access_key: str
    user_agent: str
    request: Mapping[str, Any] | None
    response: Mapping[str, Any] | None
    error_code: str = ""
    error_message: str = ""


def emit(call: ApiCall, *, account: str, region: str) -> None:
    """Deliver the call, as the default bus does in an account that has a trail."""
    gateway.emit(call.source, DETAIL_TYPE, record(call, account=account, region=region))


def record(call: ApiCall, *, account: str, region: str) -> dict[str, Any]:
    """CloudTrail's record of the call. A failed one has an errorCode and null responseElements."""
    failed = {"errorCode": call.error_code, "errorMessage": call.error_message} if call.error_code else {}
    return {
        "eventVersion": "1.11",
        "userIdentity": _identity(call.access_key, account),
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": call.source.replace("aws.", "") + ".amazonaws.com",
        "eventName": call.name,
        "awsRegion": region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": call.user_agent,
        **failed,
        "requestParameters": call.request,
        "responseElements": None if call.error_code else call.response,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def _identity(access_key: str, account: str) -> dict[str, Any]:
    """A role session names its role in sessionContext.sessionIssuer; a lasting key is an IAM user's."""
    session = gateway.session(access_key)
    if session is None:
        user = f"arn:aws:iam::{account}:user/{access_key}"
        return {"type": "IAMUser", "arn": user, "accountId": account, "accessKeyId": access_key, "userName": access_key}
    role = session["Arn"].split("/")[1]
    issuer = {
        "type": "Role",
        "principalId": session["UserId"].split(":")[0],
        "arn": f"arn:aws:iam::{account}:role/{role}",
        "accountId": account,
        "userName": role,
    }
    return {
        "type": "AssumedRole",
        "principalId": session["UserId"],
        "arn": session["Arn"],
        "accountId": account,
        "accessKeyId": access_key,
        "sessionContext": {"sessionIssuer": issuer},
    }
