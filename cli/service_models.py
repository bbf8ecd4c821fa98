"""botocore's descriptions of the services that the command line asks, cut down to the operations that it calls.

botocore reads 4.3 MB of JSON before the first call to EC2, of which we need a fortieth: that takes longer than all
the rest of a small audit. So the first command writes what is needed into `build/`, for the botocore that is
installed, and later ones read that; where it cannot be written, botocore's own descriptions serve as always.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

from service_models import Description, paginators, trimmed

CACHE = Path(__file__).resolve().parent.parent / "build" / "service-models"

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "autoscaling": ("DescribeAutoScalingGroups",),
    "cloudformation": ("DescribeStacks",),
    "ec2": (
        "CreateLaunchTemplateVersion",
        "CreateSubnetCidrReservation",
        "CreateTags",
        "DeleteSubnetCidrReservation",
        "DescribeInstances",
        "DescribeInstanceTypes",
        "DescribeLaunchTemplateVersions",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DescribeVpcs",
        "GetSubnetCidrReservations",
    ),
    "eks": (
        "CreateNodegroup",
        "DeleteNodegroup",
        "DescribeAddon",
        "DescribeAddonVersions",
        "DescribeCluster",
        "DescribeNodegroup",
        "DescribeUpdate",
        "ListClusters",
        "ListNodegroups",
        "ListUpdates",
        "UpdateAddon",
        "UpdateNodegroupConfig",
    ),
    "sts": ("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"),  # botocore's credentials too
}

# Of where services are, what is needed of these: ours, those that credentials come from, and those of other commands.
_ENDPOINTS = {*OPERATIONS, "portal.sso", "oidc", "signin", "dynamodb", "ssm"}


class ServiceModels(Loader):
    """botocore's loader of its data. `cache` is the folder with what was cut down before."""

    def __init__(self, cache: Path = CACHE) -> None:
        super().__init__()
        self._small = cache / f"botocore-{botocore.__version__}"

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Description:
        """The small description of a service that we know, botocore's of any other."""
        if service_name not in OPERATIONS or type_name not in _CUT:
            return dict(super().load_service_model(service_name, type_name, api_version))
        path = self._small / service_name / f"{'.'.join(filter(None, (type_name, api_version)))}.json"
        with suppress(OSError, ValueError):
            return dict(json.loads(path.read_bytes()))
        whole = super().load_service_model(service_name, type_name, api_version)
        model = _CUT[type_name](whole, OPERATIONS[service_name])
        _keep(model, path)
        return model

    def load_data_with_path(self, name: str) -> tuple[Description, str]:
        """The small list of endpoints, said to be where botocore keeps its own: it asks whether it is that one."""
        if name != "endpoints":
            return super().load_data_with_path(name)
        path = self._small / "endpoints.json"
        with suppress(OSError, ValueError):
            return dict(json.loads(path.read_bytes())), str(Path(self.BUILTIN_DATA_PATH) / "endpoints")
        model, theirs = super().load_data_with_path(name)
        _keep(_endpoints(model), path)
        return model, theirs


def _keep(model: Description, path: Path) -> None:
    """Written aside first, so that nobody ever reads half of it."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(model))
        aside.replace(path)


def _endpoints(model: Mapping[str, Any]) -> Description:
    return {**model, "partitions": [_partition(each) for each in model["partitions"]]}


def _partition(model: Mapping[str, Any]) -> Description:
    return {**model, "services": {name: each for name, each in model["services"].items() if name in _ENDPOINTS}}


def _whole(model: Mapping[str, Any], _: Collection[str]) -> Description:
    return dict(model)


_CUT = {"service-2": trimmed, "paginators-1": paginators, "endpoint-rule-set-1": _whole}
