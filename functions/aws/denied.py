"""Errors that say that the role may not do something: no retry helps, a person has to."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

from functions.capacity.findings.own import Denied

# EC2's, the other services', a region that is not enabled, and a key that is disabled or out of reach.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
DENIED = frozenset(
    {
        "UnauthorizedOperation",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "OptInRequired",
        "AuthFailure",
    }
)
# No retry of botocore's helped; later ones may. EC2's, STS's, EKS's and S3's words for it.
THROTTLED = frozenset(
    {
        *("RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"),
        *("TooManyRequestsException", "SlowDown"),
    }
)
_ACTION = re.compile(r"perform:? (?P<action>[a-z0-9-]+:[A-Za-z]+)")
_RESOURCE = re.compile(r"on resource:? (?P<resource>\S+)")


def denied(error: Exception) -> Denied | None:
    """What was denied, by the names in AWS's own words where it gives them; None for any other error."""
    said = error.response["Error"] if isinstance(error, ClientError) else {}
    if not isinstance(error, ClientError) or said.get("Code") not in DENIED:
        return None
    message = said.get("Message", "")
    action, resource = _ACTION.search(message), _RESOURCE.search(message)
    return Denied(
        action=action["action"] if action else error.operation_name,
        resource=resource["resource"] if resource else "",
        message=f"{said['Code']}: {message}",
    )
