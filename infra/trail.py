"""An optional trail, for accounts without one: EventBridge sees API calls only where a trail records them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.findings import acknowledge


class ApiCallTrail(Construct):
    """Records this region's write calls. Its files are a by-product: the events are what is wanted."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        bucket = s3.Bucket(
            self,
            "Files",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=Duration.days(90), noncurrent_version_expiration=Duration.days(7))
            ],
            removal_policy=RemovalPolicy.RETAIN,  # an audit record; a person decides when it goes
        )
        cloudtrail.Trail(
            self,
            "Trail",
            bucket=bucket,
            management_events=cloudtrail.ReadWriteType.WRITE_ONLY,  # EventBridge never sees read-only calls
            is_multi_region_trail=False,
            include_global_service_events=False,
            enable_file_validation=True,
        )
        acknowledge(
            bucket,
            "S1",
            reason="Only CloudTrail writes here and nothing reads; access logs would need a second bucket, itself "
            "without logs.",
        )
