"""Who we are, in the form that an EKS cluster takes.

The form: https://github.com/kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go (GetWithSTS makes one, Verify
says what is asked of it).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from botocore.exceptions import NoCredentialsError
from botocore.signers import RequestSigner

if TYPE_CHECKING:
    import boto3

PREFIX, CLUSTER_HEADER = "k8s-aws-v1.", "x-k8s-aws-id"
SECONDS = 60  # what authenticators of every version take; EKS itself counts 15 minutes from the request's date


def eks_token(session: boto3.Session, cluster: str) -> str:
    """A bearer token of the session's role, good for this cluster alone. Makes no call.

    It is a presigned GetCallerIdentity request to the region's STS, with the cluster's name in a signed header.
    Raises botocore's NoCredentialsError.
    """
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    sts = session.client("sts").meta
    signer = RequestSigner(sts.service_model.service_id, sts.region_name, "sts", "v4", credentials, session.events)
    request = {
        "method": "GET",
        "url": f"{sts.endpoint_url}/?Action=GetCallerIdentity&Version={sts.service_model.api_version}",
        "headers": {CLUSTER_HEADER: cluster},
        "body": {},
        "context": {},
    }
    url = signer.generate_presigned_url(
        request, operation_name="GetCallerIdentity", region_name=sts.region_name, expires_in=SECONDS
    )
    return f"{PREFIX}{base64.urlsafe_b64encode(url.encode()).decode().rstrip('=')}"
