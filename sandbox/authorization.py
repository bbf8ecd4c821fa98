"""IAM for the product's Lambdas: what their roles do not allow is denied, as on AWS.

ministack evaluates policies, but for the CDK's own roles it is stricter than AWS, and of EC2 it knows neither which
resources a call touches nor their tags. So only calls made by a Lambda's role are judged, and EC2's calls are judged
here with the resources, tags and condition keys of the service authorization reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import gateway


def install() -> None:
    """Switch ministack's authorization on for role sessions of Lambdas, and leave EC2 to `ec2_denial`."""
    from ministack import app  # noqa: PLC0415 - reads the environment when it is imported
    from ministack.core import iam_evaluator  # noqa: PLC0415

    original = iam_evaluator.enforce

    def enforce(access_key_id: str, iam_action: str, service: str, region: str, **rest: Any) -> Any:
        if service == "ec2" or not is_lambda(access_key_id):
            return None
        return original(access_key_id, iam_action, service, region, **rest)

    def over_tls(source_ip: str, _secure: bool) -> None:  # noqa: FBT001 - called by position
        iam_evaluator.pin_request_origin(source_ip, secure_transport=True)

    iam_evaluator.enforce = enforce
    app.pin_request_origin = over_tls  # plain HTTP on the loopback stands for the TLS that the policies demand
    app.AUTH = True
    _enforce.append(original)


_enforce: list[Any] = []  # ministack's own, once replaced


def is_lambda(access_key: str) -> bool:
    """Whether a key belongs to a session that ministack opened for a Lambda, or to a role that a Lambda assumed."""
    return bool(lambda_of(access_key))


def lambda_of(access_key: str) -> str:
    """The Lambda that calls, by its own session, which is named after it, or by a role that it assumed, somewhere.

    Empty for anybody else.
    """
    from ministack.services import lambda_svc  # noqa: PLC0415

    session = gateway.session(access_key)
    if session is None:
        return ""
    name: str = session["Arn"].rsplit("/", 1)[-1]
    functions = {key[-1] for key in lambda_svc._functions.to_dict()}  # noqa: SLF001
    return name if name in functions else lambda_of(session.get("SourceAccessKeyId", ""))


@dataclass(frozen=True)
class Check:
    """One question to IAM: may the caller do this to that resource, which has these tags, in this request."""

    action: str  # ec2:CreateTags
    arn: str
    tags: Mapping[str, str]
    context: Mapping[str, Any]  # further condition keys of the request


def ec2_denial(access_key: str, check: Check, region: str) -> gateway.Response | None:
    """AWS's refusal of an EC2 call, None where the caller may make it."""
    from ministack.core.iam_actions import access_denied_response  # noqa: PLC0415

    keys = {f"aws:ResourceTag/{key}": value for key, value in check.tags.items()} | dict(check.context)
    denied = _enforce[0](access_key, check.action, "ec2", region, resource_arn=check.arn, service_context=keys)
    if not denied:
        return None
    principal = getattr(denied, "principal_arn", "")
    response: gateway.Response = access_denied_response(
        "ec2", check.action, principal, str(uuid.uuid4()), resource_arn=check.arn
    )
    return response
