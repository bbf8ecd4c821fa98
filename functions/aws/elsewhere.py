"""AWS in another account and region: a role is assumed that the account's owner made, and clients read with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.aws import clients
from functions.aws.clients import Keys
from functions.aws.denied import THROTTLED, denied
from functions.capacity.places import Place

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_sts import STSClient

# STS API reference, AssumeRole: the least that a session lasts, and what its name may be.
SECONDS, NAME_LIMIT = 900, 64
_NOT_IN_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)

Make = Callable[[str, str, Keys], Any]  # a client: of which service, in which region, as whom


@dataclass(frozen=True, kw_only=True)
class Member:
    """The role to assume: its ARN with `{account}` in the account's place, and what its trust demands."""

    role: str
    external_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Clients in one place. `run` is what CloudTrail there shows as the session's name."""

    place: Place
    member: Member
    sts: STSClient
    run: str
    make: Make = clients.with_keys

    def ec2(self) -> EC2Client:
        """The client for EC2."""
        client: EC2Client = self.make("ec2", self.place.region, self._keys)
        return client

    def eks(self) -> EKSClient:
        """The client for EKS."""
        client: EKSClient = self.make("eks", self.place.region, self._keys)
        return client

    def autoscaling(self) -> AutoScalingClient:
        """The client for EC2 Auto Scaling."""
        client: AutoScalingClient = self.make("autoscaling", self.place.region, self._keys)
        return client

    @cached_property
    def _keys(self) -> Keys:
        """Of one session for all clients. Raises ClientError where the role's trust, or our own role, refuses."""
        external: dict[str, Any] = {"ExternalId": self.member.external_id} if self.member.external_id else {}
        assumed = self.sts.assume_role(
            RoleArn=self.member.role.format(account=self.place.account),
            RoleSessionName=_NOT_IN_NAME.sub("-", f"headroom-{self.run}")[:NAME_LIMIT],
            DurationSeconds=SECONDS,
            **external,
        )["Credentials"]
        return Keys(
            access_key=assumed["AccessKeyId"], secret_key=assumed["SecretAccessKey"], token=assumed["SessionToken"]
        )


class NotPermittedError(PermissionError):
    """AWS denies something in that account: a person has to allow it, no retry helps. The message is AWS's own."""


class ThrottledError(RuntimeError):
    """AWS has no time now, botocore's retries included: the state machine tries again later."""


@contextmanager
def refusals_named(place: Place) -> Iterator[None]:
    """So that the state machine tells them apart, and the report has AWS's words, with the role that they name.

    Raises NotPermittedError and ThrottledError; any other error of AWS's escapes as it is.
    """
    try:
        yield
    except ClientError as error:
        if refused := denied(error):
            raise NotPermittedError(f"{refused.message} ({error.operation_name}, {place})") from error
        if error.response["Error"].get("Code") in THROTTLED:
            raise ThrottledError(f"{error!s:.500} ({place})") from error
        raise
