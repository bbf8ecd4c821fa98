"""moto's EC2 in the same process: VPCs, security groups, launch templates, instance types, zones and the rest."""

import os
from collections.abc import Mapping
from functools import cache

from flask import Flask
from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.test import Client

from ec2_rules.errors import Ec2Error
from sandbox.ec2 import wire
from sandbox.ec2.wire import Params, Response

# moto would make 1,300 images with a snapshot each for every account and region (moto/ec2/models/amis.py), which takes
# longer than most tests; instances are ours, and of what image they are does not matter.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


class MotoEc2:
    """moto's EC2 of one account and region, begun afresh.

    moto keeps its resources and its random numbers per process, so of one account and region only the newest of these
    is usable. Without a seed the random numbers go on, for an account beside others.
    """

    def __init__(self, account_id: str, region_name: str, seed: int | None) -> None:
        self._account_id = account_id
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=moto/20200101/{region_name}/ec2/aws4_request, SignedHeaders=host, Signature=0"
        )
        if seed is not None:
            mock_random.seed(seed)
        ec2_backends[account_id][region_name].reset()

    def forward(self, body: bytes) -> Response:
        """Moto's answer to a request, errors included; what moto breaks on is a 500."""
        answer = Client(_application()).post("/", data=body, headers=self._headers())
        if answer.status_code >= 500 and b"<Code>" not in answer.data:  # noqa: PLR2004 HTTP's server errors
            return wire.render_error(Ec2Error("InternalError", "moto cannot answer this request"), "moto")
        return Response(answer.status_code, {"Content-Type": "text/xml;charset=UTF-8"}, answer.data)

    def call(self, action: str, params: Params) -> Params:
        """Moto's result. Raises Ec2Error if moto refuses."""
        return wire.read(action, self.forward(wire.encode(action, params)))

    def _headers(self) -> Mapping[str, str]:
        return {
            "Authorization": self._authorization,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Moto-Account-Id": self._account_id,
        }


def instance_type(name: str) -> Params:
    """The type as DescribeInstanceTypes shows it. Raises Ec2Error when there is none of that name."""
    if name not in INSTANCE_TYPES:
        raise Ec2Error("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")
    found: Params = INSTANCE_TYPES[name]
    return found


@cache
def _application() -> Flask:
    application: Flask = create_backend_app("ec2")
    application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = False  # an exception inside moto is logged and becomes a 500
    return application
