"""botocore's descriptions of the services that the command line asks, cut down to the operations that it calls.

botocore reads 4.3 MB of JSON before the first call to EC2, of which we need a fortieth: that takes longer than all
the rest of a small audit. So the first command writes what is needed into `build/`, for the botocore that is
installed, and later ones read that; where it cannot be written, botocore's own descriptions serve as always.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

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
_WORDS = {"documentation", "documentationUrl"}  # for people

# Of where services are, what is needed of these: ours, those that credentials come from, and those of other commands.
_ENDPOINTS = {*OPERATIONS, "portal.sso", "oidc", "signin", "dynamodb", "ssm"}

Model = dict[str, Any]


class ServiceModels(Loader):
    """botocore's loader of its data. `cache` is the folder with what was cut down before."""

    def __init__(self, cache: Path = CACHE) -> None:
        super().__init__()
        self._small = cache / f"botocore-{botocore.__version__}"

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Model:
        """The small description of a service that we know, botocore's of any other."""
        if service_name not in OPERATIONS or api_version is not None or type_name not in _CUT:
            return dict(super().load_service_model(service_name, type_name, api_version))
        path = self._small / service_name / f"{type_name}.json"
        with suppress(OSError, ValueError):
            return dict(json.loads(path.read_bytes()))
        model = _CUT[type_name](super().load_service_model(service_name, type_name), OPERATIONS[service_name])
        _keep(model, path)
        return model

    def load_data_with_path(self, name: str) -> tuple[Model, str]:
        """The small list of endpoints, said to be where botocore keeps its own: it asks whether it is that one."""
        if name != "endpoints":
            return super().load_data_with_path(name)
        path = self._small / "endpoints.json"
        with suppress(OSError, ValueError):
            return dict(json.loads(path.read_bytes())), str(Path(self.BUILTIN_DATA_PATH) / "endpoints")
        model, theirs = super().load_data_with_path(name)
        _keep(_endpoints(model), path)
        return model, theirs


def _keep(model: Model, path: Path) -> None:
    """Written aside first, so that nobody ever reads half of it."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(model))
        aside.replace(path)


def _service(model: Mapping[str, Any], operations: Iterable[str]) -> Model:
    kept = {name: each for name, each in model["operations"].items() if name in set(operations)}
    shapes: dict[str, Any] = {}
    waiting = list(_named(kept))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _named(shapes[name])
    small = {**model, "operations": kept, "shapes": shapes}
    return {key: _without_words(each) for key, each in small.items() if key not in _WORDS}


def _endpoints(model: Mapping[str, Any]) -> Model:
    return {**model, "partitions": [_partition(each) for each in model["partitions"]]}


def _partition(model: Mapping[str, Any]) -> Model:
    return {**model, "services": {name: each for name, each in model["services"].items() if name in _ENDPOINTS}}


def _named(part: object) -> Iterator[str]:
    """The shapes that this part of a model refers to."""
    if isinstance(part, Mapping):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)


def _without_words(part: Any) -> Any:
    """Without the texts for people. A member of an answer may be called `documentation` too: that one is an object."""
    if isinstance(part, Mapping):
        return {k: _without_words(v) for k, v in part.items() if k not in _WORDS or not isinstance(v, str)}
    return [_without_words(each) for each in part] if isinstance(part, list) else part


def _paginators(model: Mapping[str, Any], operations: Iterable[str]) -> Model:
    return {"pagination": {name: each for name, each in model["pagination"].items() if name in set(operations)}}


def _whole(model: Mapping[str, Any], _: Iterable[str]) -> Model:
    return dict(model)


_CUT = {"service-2": _service, "paginators-1": _paginators, "endpoint-rule-set-1": _whole}
