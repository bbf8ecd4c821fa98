"""The small descriptions of services: the same calls as with botocore's own, and all calls that are made."""

import json
import re
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.session import Session

from cli.service_models import OPERATIONS, ServiceModels

ROOT = Path(__file__).parents[2]
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1", "eu-central-2")


def a_client(service, loader, region="us-east-1"):
    session = Session()
    session.set_credentials("test", "test")
    session.register_component("data_loader", loader)
    return session.create_client(service, region_name=region)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("service-models")


@pytest.fixture(scope="module", params=["made now", "made before"])
def small(cache, request):
    assert request.param == "made now" or list(cache.rglob("ec2/service-2.json"))
    return ServiceModels(cache)


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_operation_is_as_botocore_describes_it(service, small):
    ours, theirs = (a_client(service, each).meta.service_model for each in (small, Loader()))
    assert set(ours.operation_names) == set(OPERATIONS[service])
    for name in OPERATIONS[service]:
        assert shape_of(ours.operation_model(name).input_shape) == shape_of(theirs.operation_model(name).input_shape)
        assert shape_of(ours.operation_model(name).output_shape) == shape_of(theirs.operation_model(name).output_shape)


def shape_of(shape, within=()):
    """All that serializing and parsing look at."""
    if shape is None or shape.name in within:
        return shape and shape.name
    within = (*within, shape.name)
    parts = dict(getattr(shape, "members", {}))
    parts |= {part: getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)}
    about = (
        shape.type_name,
        sorted(map(str, shape.serialization.items())),
        sorted(getattr(shape, "required_members", ())),
    )
    return about, {name: shape_of(each, within) for name, each in parts.items()}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", [*OPERATIONS, "dynamodb", "ssm"])
def test_every_endpoint_is_where_botocore_has_it(service, region, small):
    ours, theirs = (a_client(service, each, region).meta.endpoint_url for each in (small, Loader()))
    assert ours == theirs


def test_pages_are_turned_as_botocore_turns_them(small):
    for service, name in (("ec2", "describe_network_interfaces"), ("eks", "list_clusters")):
        ours, theirs = (a_client(service, each).get_paginator(name) for each in (small, Loader()))
        assert ours._pagination_cfg == theirs._pagination_cfg


def test_what_was_made_before_is_all_that_is_looked_for(tmp_path, monkeypatch):
    """botocore looks through the folders of its 400 services for each kind of description that it wants."""

    def used() -> None:
        client = a_client("ec2", ServiceModels(tmp_path))
        assert client.get_paginator("describe_subnets")

    used()
    monkeypatch.setattr(Loader, "list_available_services", lambda *_: pytest.fail("looked through the folders"))
    used()


def test_every_call_of_the_sources_is_among_them():
    sources = [*(ROOT / "cli").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", "\n".join(each.read_text() for each in sources)))
    for service, operations in OPERATIONS.items():
        client = a_client(service, Loader())
        called = {operation for method, operation in client.meta.method_to_api_mapping.items() if method in words}
        assert called <= set(operations), service


def test_what_is_no_json_any_more_is_made_anew(tmp_path):
    a_client("eks", ServiceModels(tmp_path))
    (kept,) = tmp_path.rglob("eks/service-2.json")
    kept.write_text(kept.read_text()[:1000])
    assert a_client("eks", ServiceModels(tmp_path)).describe_cluster
    assert json.loads(kept.read_text())


def test_where_nothing_can_be_kept_all_goes_on(tmp_path):
    (tmp_path / "a file").write_text("")
    assert a_client("ec2", ServiceModels(tmp_path / "a file")).describe_subnets
