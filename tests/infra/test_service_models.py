"""botocore makes a client out of each description that a bundle has."""

import json
from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import Loader

from infra.layers import ROOT
from infra.service_models import calls_in
from service_models import trimmed

SERVICES = ("autoscaling", "dynamodb", "ec2", "eks", "s3", "sns", "sqs", "ssm", "sts")


@pytest.fixture(scope="module")
def named() -> frozenset[str]:
    return calls_in(ROOT / "functions", SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_can_be_made_of_what_is_left_of_a_description(tmp_path: Path, service, named):
    loader = Loader()
    described = loader.load_service_model(service, "service-2")
    calls = {each for each in described["operations"] if botocore.xform_name(each) in named}
    folder = tmp_path / service / loader.determine_latest_version(service, "service-2")
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(trimmed(described, calls)))
    session = botocore.session.get_session()
    session.get_component("data_loader")._search_paths.insert(0, str(tmp_path))
    client = session.create_client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
    assert {botocore.xform_name(each) for each in calls} <= set(dir(client))
    assert set(client.meta.service_model.operation_names) == calls
    assert all(each.name for each in client.meta.service_model.client_context_parameters)  # asked for with each call
