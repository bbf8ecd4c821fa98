"""AWS as the person at the terminal reaches it: by a profile, a region, a role to assume.

botocore is imported only when AWS is asked: that takes longer than all the rest. boto3 is not imported at all: its
clients are botocore's, and what it has besides takes time to load.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from cli.errors import UserError

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_ssm import SSMClient

_MAKING = Lock()


@dataclass(frozen=True, kw_only=True)
class Access:
    """Whose account, and where. Empty texts leave the choice to the AWS configuration."""

    profile: str = ""
    region: str = ""
    account_role: str = ""
    external_id: str = ""
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ec2(self) -> EC2Client:
        """The client for EC2."""
        client: EC2Client = self._client("ec2")
        return client

    def eks(self) -> EKSClient:
        """The client for EKS."""
        client: EKSClient = self._client("eks")
        return client

    def autoscaling(self) -> AutoScalingClient:
        """The client for EC2 Auto Scaling."""
        client: AutoScalingClient = self._client("autoscaling")
        return client

    def dynamodb(self) -> DynamoDBClient:
        """The client for DynamoDB."""
        client: DynamoDBClient = self._client("dynamodb")
        return client

    def ssm(self) -> SSMClient:
        """The client for Systems Manager."""
        client: SSMClient = self._client("ssm")
        return client

    def account_id(self) -> str:
        """Of the account that is asked."""
        found: str = self._client("sts").get_caller_identity()["Account"]
        return found

    def outputs(self, stack: str) -> dict[str, str] | None:
        """The outputs of a stack by name; None where there is no such stack."""
        from botocore.exceptions import ClientError

        try:
            stacks = self._client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise
        return {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", ())}

    def _client(self, service: str) -> Any:
        """Calls of clients may overlap; a session makes them for one thread at a time, and each once."""
        with _MAKING:
            if service not in self._clients:
                self._clients[service] = self._made(service)
            return self._clients[service]

    def _made(self, service: str) -> Any:
        from botocore.config import Config

        from functions.aws.at_once import AT_ONCE

        config = Config(
            retries={"mode": "standard", "total_max_attempts": 5},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=AT_ONCE,
        )
        return self._session.create_client(service, config=config)

    @cached_property
    def _session(self) -> Session:
        own = _session(profile=self.profile, region=self.region)
        if not self.account_role:
            return own
        external = {"ExternalId": self.external_id} if self.external_id else {}
        sts: Any = own.create_client("sts")
        answer = sts.assume_role(RoleArn=self.account_role, RoleSessionName="headroom", **external)
        assumed = answer["Credentials"]
        theirs = _session(region=own.get_config_variable("region"))
        theirs.set_credentials(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])
        return theirs


def _session(*, profile: str = "", region: str = "") -> Session:
    from botocore.session import Session

    from cli.service_models import ServiceModels

    session = Session(profile=profile or None)
    if region:
        session.set_config_variable("region", region)
    if not session.get_config_variable("data_path"):  # else somebody has descriptions of their own
        session.register_component("data_loader", ServiceModels())
    return session


@contextmanager
def asking_aws() -> Iterator[None]:
    """What AWS or its SDK refuses becomes one line for the person who can put it right."""
    from botocore import exceptions

    from functions.aws.denied import denied

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise UserError("there are no AWS credentials: name a --profile, or set AWS_PROFILE") from error
    except exceptions.NoRegionError as error:
        raise UserError("there is no region: name a --region, or set AWS_DEFAULT_REGION") from error
    except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError) as error:
        raise UserError(f"AWS cannot be reached (is the region right?): {error}") from error
    except exceptions.ClientError as error:
        what = denied(error)
        raise UserError(f"AWS denies {what.action}: {what.message}" if what else f"AWS says: {error}") from error
    except exceptions.BotoCoreError as error:
        raise UserError(f"AWS could not be asked: {' '.join(str(error).split())}") from error


@contextmanager
def unless_denied(what: str) -> Iterator[None]:
    """What AWS denies in this block is done without, and said: it is not what the command is for."""
    from functions.aws.denied import denied

    try:
        yield
    except Exception as error:
        refused = denied(error)
        if refused is None:
            raise
        print(f"headroom: without {what}: AWS denies {refused.action}", file=sys.stderr)
