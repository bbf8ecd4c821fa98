"""Clients of AWS, made when first asked for: nothing is created or read at import.

botocore's session makes the same clients as boto3's, and its import takes a fifth less of a cold start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.session import Session, get_session

from functions.aws.at_once import AT_ONCE
from functions.aws.deadline import Deadline

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

# 'standard' gives up after three attempts within seconds; 'legacy' sleeps 14 s a call when everything is throttled.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=5,
    read_timeout=20,
    max_pool_connections=AT_ONCE,
)
# boto3 still signs links to S3 the old way in regions that once took that, which buckets made since 2020 do not; and
# names no region in them, which S3 answers with a redirect that the signature does not cover.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html
_LINKS = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})


deadline = Deadline()


@cache
def _session() -> Session:
    session = get_session()
    deadline.watch(session.get_component("event_emitter"))
    return session


def _client(service: str, config: Config = _CONFIG) -> Any:
    return _session().create_client(service, config=config)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Credentials of a role that was assumed. What they are is printed nowhere."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


class Clients(Protocol):
    """What can be asked for a client; this module is one."""

    def ec2(self) -> EC2Client: ...  # noqa: D102
    def eks(self) -> EKSClient: ...  # noqa: D102
    def autoscaling(self) -> AutoScalingClient: ...  # noqa: D102
    def dynamodb(self) -> DynamoDBClient: ...  # noqa: D102
    def sns(self) -> SNSClient: ...  # noqa: D102
    def sqs(self) -> SQSClient: ...  # noqa: D102
    def ssm(self) -> SSMClient: ...  # noqa: D102
    def s3(self) -> S3Client: ...  # noqa: D102


class OrganisationClients(Protocol):
    """What an audit of many accounts asks for beside them, in its own; this module is one."""

    def s3(self) -> S3Client: ...  # noqa: D102
    def sts(self) -> STSClient: ...  # noqa: D102
    def organizations(self) -> Any: ...  # noqa: D102


@cache
def ec2() -> EC2Client:
    """The client for EC2."""
    client: EC2Client = _client("ec2")
    return client


@cache
def eks() -> EKSClient:
    """The client for EKS."""
    client: EKSClient = _client("eks")
    return client


@cache
def autoscaling() -> AutoScalingClient:
    """The client for EC2 Auto Scaling."""
    client: AutoScalingClient = _client("autoscaling")
    return client


@cache
def dynamodb() -> DynamoDBClient:
    """The client for DynamoDB."""
    client: DynamoDBClient = _client("dynamodb")
    return client


@cache
def sns() -> SNSClient:
    """The client for SNS."""
    client: SNSClient = _client("sns")
    return client


@cache
def sqs() -> SQSClient:
    """The client for SQS."""
    client: SQSClient = _client("sqs")
    return client


@cache
def ssm() -> SSMClient:
    """The client for Systems Manager."""
    client: SSMClient = _client("ssm")
    return client


@cache
def s3() -> S3Client:
    """The client for S3."""
    client: S3Client = _client("s3", _CONFIG.merge(_LINKS))
    return client


@cache
def sts() -> STSClient:
    """The client for STS, of this region: its tokens hold in every region, opt-in ones too."""
    client: STSClient = _client("sts")
    return client


@cache
def organizations() -> Any:
    """The client for Organizations."""
    return _client("organizations")


def with_keys(service: str, region: str, keys: Keys) -> Any:
    """A client that acts as a role that was assumed, in any region."""
    return _session().create_client(
        service,
        region_name=region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=_CONFIG,
    )
