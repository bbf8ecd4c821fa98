"""The bundle holds everything that a handler imports, for the machine that Lambda runs, and little else."""

from __future__ import annotations

import base64
import filecmp
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from infra import layers
from tests.infra.synthesis import Assembly
from tests.integration.kubernetes_api import Authority

MEGABYTE = 1_000_000
# Lambda takes 250 MB unzipped, code and layers together, and 50 MB zipped.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# Measured: 13 MB and 3.7 MB with the code (half of it CEL's machine code), and 14.0 MB and 4.6 MB for the Kubernetes
# client, so these see a package, a service description or its other half that slips in.
MOST_UNZIPPED, MOST_ZIPPED = 15 * MEGABYTE, 4 * MEGABYTE
MOST_UNZIPPED_KUBERNETES, MOST_ZIPPED_KUBERNETES = 17 * MEGABYTE, 6 * MEGABYTE

IMPORTER = """
import importlib, json, sys
sys.path += json.loads(sys.argv[1])
for module in json.loads(sys.argv[2]):
    importlib.import_module(module)
"""
CLIENT_MAKER = """
import json, sys
sys.path += json.loads(sys.argv[1])
from functions.aws import clients
made = [getattr(clients, name)() for name in vars(clients.Clients) if not name.startswith('_')]
print(json.dumps(sorted(client.meta.service_model.service_name for client in made)))
"""
EVALUATOR = """
import json, sys
sys.path += json.loads(sys.argv[1])
from functions.capacity.user_data.expression import pods_from
print(pods_from("default_enis * ips_per_eni - 2", interfaces=3, addresses_per_interface=20))
"""
KUBERNETES_READER = """
import base64, json, ssl, sys
sys.path += json.loads(sys.argv[1])
import boto3
from functions.aws.kubernetes import KubernetesReader
from functions.aws.kubernetes_errors import KubernetesError
session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")
authority = {"data": base64.b64encode(json.loads(sys.argv[2]).encode()).decode()}
try:
    KubernetesReader(session=session).read(
        {"name": "shop", "endpoint": "https://127.0.0.1:1", "certificateAuthority": authority}
    )
except KubernetesError as error:
    print(error)
"""


@pytest.fixture(scope="session")
def own_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer, built for the machine that runs the tests."""
    return layers.build_dependencies(into=tmp_path_factory.mktemp("layer"), platform=None)


@pytest.fixture(scope="session")
def own_kubernetes_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second layer, built for the machine that runs the tests."""
    into = tmp_path_factory.mktemp("kubernetes-layer")
    return layers.build_dependencies(into=into, platform=None, requirements=layers.KUBERNETES_REQUIREMENTS)


@pytest.fixture(scope="session")
def lambda_layer() -> Path:
    """The layer that is deployed."""
    return layers.cached_dependencies() / "python"


@pytest.fixture(
    scope="session", params=[layers.REQUIREMENTS, layers.KUBERNETES_REQUIREMENTS], ids=lambda path: path.stem
)
def each_lock(request: pytest.FixtureRequest) -> Path:
    """The lock files, each of which makes a layer."""
    lock: Path = request.param
    return lock


@pytest.fixture(scope="session")
def each_layer(each_lock) -> Path:
    """What is deployed always, and what is deployed where somebody opts in."""
    return layers.cached_dependencies(each_lock) / "python"


@pytest.fixture(scope="session")
def code(shipped: Assembly) -> Path:
    """The code asset that is deployed."""
    return shipped.asset_with("functions")


def handlers(code: Path) -> list[str]:
    found = [f"functions.handlers.{each.stem}" for each in (code / "functions" / "handlers").glob("[!_]*.py")]
    assert found
    return sorted(found)


def in_lambda(script: str, *folders: Path, more: Iterable[object] = ()) -> subprocess.CompletedProcess[str]:
    """Runs a script with these folders and the standard library in reach, and nothing of the environment."""
    arguments = [json.dumps(each) for each in ([str(folder) for folder in folders], *more)]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, *arguments],
        env={"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_handler_can_be_imported_from_the_bundle_alone(own_layer, code):
    done = in_lambda(IMPORTER, code, own_layer, more=[handlers(code)])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["aws_lambda_powertools", "botocore", "jmespath"])
def test_the_import_fails_when_a_dependency_is_missing(own_layer, code, package, tmp_path):
    for each in own_layer.iterdir():
        if each.name != package:
            (tmp_path / each.name).symlink_to(each)
    done = in_lambda(IMPORTER, code, tmp_path, more=[handlers(code)])
    assert done.returncode == 1
    assert f"No module named '{package}'" in done.stderr


def test_every_client_can_be_made_from_the_service_descriptions_that_are_left(own_layer, code):
    done = in_lambda(CLIENT_MAKER, code, own_layer)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made
    assert set(made) <= set(layers.AWS_SERVICES)


@pytest.mark.parametrize("of", ["Reconcile", "Release"])
def test_the_deployed_function_is_one_of_the_handlers(code, shipped: Assembly, of):
    function = shipped.the("AWS::Lambda::Function", of=of)
    module, _, name = function["Handler"].rpartition(".")
    assert module in handlers(code)
    assert f"\ndef {name}(" in (code / f"{module.replace('.', '/')}.py").read_text()
    assert (function["Runtime"], function["Architectures"]) == (f"python{layers.PYTHON_VERSION}", ["arm64"])


def test_the_code_is_the_functions_package_and_nothing_else(code):
    assert [each.name for each in code.iterdir()] == ["functions"]
    assert {each.suffix for each in code.rglob("*") if each.is_file()} == {".py"}
    sources = {each.relative_to(layers.ROOT) for each in (layers.ROOT / "functions").rglob("*.py")}
    assert {each.relative_to(code) for each in code.rglob("*.py")} == sources


def test_the_deployed_layer_is_the_cached_one(lambda_layer, shipped: Assembly):
    assert differences(lambda_layer, shipped.asset_with("python") / "python") == []


def test_the_layer_holds_exactly_the_pinned_packages(each_lock, each_layer):
    pinned = pins(each_lock)
    found = {"==".join(info.name.removesuffix(".dist-info").rsplit("-", 1)) for info in each_layer.glob("*.dist-info")}
    assert {each.replace("_", "-") for each in found} == pinned
    assert pinned


def test_both_layers_agree_on_the_packages_that_they_share():
    first, second = pins(layers.REQUIREMENTS), pins(layers.KUBERNETES_REQUIREMENTS)
    names = {each.split("==")[0] for each in first} & {each.split("==")[0] for each in second}
    assert "urllib3" in names
    assert {each for each in first ^ second if each.split("==")[0] in names} == set()


def test_every_package_keeps_its_version_and_licence_and_nothing_about_the_building_machine(each_layer):
    licence = re.compile(r"(LICEN[SC]E|NOTICE|COPYING)", re.IGNORECASE)
    for info in each_layer.glob("*.dist-info"):
        names = set(files(info))
        assert "METADATA" in names, info
        assert any(licence.match(name) for name in names), info
        assert {name for name in names - {"METADATA"} if not licence.match(name)} == set(), info


def test_the_layer_describes_just_the_services_that_are_called_once_each(lambda_layer):
    described = [each for each in (lambda_layer / "botocore" / "data").iterdir() if each.is_dir()]
    assert {each.name for each in described} == set(layers.AWS_SERVICES)
    assert all(len(list(each.iterdir())) == 1 for each in described)


@pytest.mark.parametrize("service", layers.AWS_SERVICES)
def test_of_the_calls_that_are_left_every_word_that_is_not_for_people_is_as_botocore_describes_it(
    lambda_layer, service
):
    data = [str(lambda_layer / "botocore" / "data")]
    left = Loader(data, include_default_search_paths=False).load_service_model(service, "service-2")
    whole = Loader().load_service_model(service, "service-2")
    assert left["metadata"] == whole["metadata"]
    for call, described in left["operations"].items():
        assert described.items() <= whole["operations"][call].items()
        assert whole["operations"][call].keys() - described.keys() <= {"documentation", "documentationUrl"}
    kept, every = ServiceModel(left, service), ServiceModel(whole, service)
    for call in left["operations"]:
        assert shape(kept.operation_model(call).input_shape) == shape(every.operation_model(call).input_shape)
        assert shape(kept.operation_model(call).output_shape) == shape(every.operation_model(call).output_shape)


def shape(of: Any, above: tuple[str, ...] = ()) -> Any:
    """All that serializers and parsers go by, down to where it repeats itself."""
    if of is None or of.name in above:
        return None
    below = {**getattr(of, "members", {}), **{name: getattr(of, name, None) for name in ("member", "key", "value")}}
    told = (of.name, of.type_name, of.serialization, of.metadata, getattr(of, "required_members", []))
    return (*told, {name: shape(each, (*above, of.name)) for name, each in below.items() if hasattr(each, "name")})


def test_the_calls_of_every_role_are_described(lambda_layer, shipped: Assembly):
    """Of what the functions may call, in the services that they have clients for."""
    described = {
        f"{service}:{call}".lower()
        for service in layers.AWS_SERVICES
        for path in (lambda_layer / "botocore" / "data" / service).glob("*/service-2.json")
        for call in json.loads(path.read_text())["operations"]
    }
    allowed = re.findall(
        r'"((?:ec2|eks|autoscaling|sns|sqs|ssm):[A-Z]\w+)"',
        json.dumps(shipped.template).replace("ec2:CreateAction", ""),
    )
    asked = {each.lower() for each in allowed if each.split(":")[0] in layers.AWS_SERVICES}
    pollers = {"sqs:receivemessage", "sqs:deletemessage", "sqs:changemessagevisibility"}
    pollers |= {"sqs:getqueueattributes", "sqs:getqueueurl"}
    assert asked - pollers - described == set()
    assert "ec2:deletesubnetcidrreservation" in asked & described


def test_an_expression_is_evaluated_without_its_packages_command_line(own_layer, code):
    done = in_lambda(EVALUATOR, code, own_layer)
    assert (done.returncode, done.stdout.strip()) == (0, "58"), done.stderr


def test_compiled_code_in_the_layer_is_for_arm64(each_layer):
    assert foreign_objects(each_layer) == []


def test_the_check_for_compiled_code_sees_another_machine(tmp_path):
    (tmp_path / "own.so").write_bytes(b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + AARCH64 + b"\0" * 44)
    (tmp_path / "other.so").write_bytes(b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + b"\x3e\0" + b"\0" * 44)
    assert foreign_objects(tmp_path) == ["other.so"]


def test_nothing_is_in_the_layer_that_only_costs_space(each_layer):
    wasted = re.compile(
        r"__pycache__|/tests?/|_test\.py$|\.pyc$|/examples/|^bin/|^aiohttp|^kubernetes/(aio|client/api)/"
    )
    assert [each for each in files(each_layer) if wasted.search(each)] == []


def test_the_bundle_is_far_below_lambdas_limits(lambda_layer, code):
    assert size(lambda_layer) + size(code) <= MOST_UNZIPPED
    assert zipped_size(lambda_layer) + zipped_size(code) <= MOST_ZIPPED


def test_the_layer_for_self_managed_cnis_is_small_too():
    layer = layers.cached_dependencies(layers.KUBERNETES_REQUIREMENTS) / "python"
    assert size(layer) <= MOST_UNZIPPED_KUBERNETES
    assert zipped_size(layer) <= MOST_ZIPPED_KUBERNETES


def test_what_is_left_of_the_kubernetes_client_goes_all_the_way_to_an_endpoint(own_layer, own_kubernetes_layer, code):
    authority = base64.b64decode(Authority().data()).decode()
    done = in_lambda(KUBERNETES_READER, code, own_layer, own_kubernetes_layer, more=[authority])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("GET /apis/apps/v1/namespaces/kube-system/daemonsets/aws-node got no answer: no con")


def test_the_kubernetes_client_is_only_there_where_somebody_opts_in(own_layer, code):
    done = in_lambda(KUBERNETES_READER, code, own_layer, more=[base64.b64decode(Authority().data()).decode()])
    assert "No module named 'kubernetes'" in done.stderr


def test_two_builds_are_identical(each_lock, each_layer, tmp_path):
    assert differences(each_layer, layers.build_dependencies(into=tmp_path, requirements=each_lock)) == []


def test_a_second_synthesis_does_not_build_again(monkeypatch):
    first = layers.cached_dependencies()
    monkeypatch.setattr(layers, "build_dependencies", lambda **_: pytest.fail("built again"))
    assert layers.cached_dependencies() == first


def test_a_build_that_fails_says_why_and_leaves_nothing_behind(tmp_path):
    unpinned = tmp_path / "requirements.txt"
    unpinned.write_text("six\n")
    with pytest.raises(layers.LayerError, match=r"(?s)for aarch64-manylinux2014:.*--require-hashes"):
        layers.cached_dependencies(unpinned, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_losing_a_race_to_build_is_no_error(tmp_path):
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "built-by").write_text(name)
    layers._publish(tmp_path / "mine", tmp_path / "theirs")
    assert (tmp_path / "theirs" / "built-by").read_text() == "theirs"


# --- looking at folders -----------------------------------------------------------------------------------------------

AARCH64 = b"\xb7\x00"  # EM_AARCH64, 183, at byte 18 of an ELF header


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def foreign_objects(folder: Path) -> list[str]:
    """The ELF files that were built for another machine than arm64."""
    headers = {each: (folder / each).read_bytes()[:20] for each in files(folder)}
    return [each for each, header in headers.items() if header.startswith(b"\x7fELF") and header[18:20] != AARCH64]


def differences(left: Path, right: Path) -> list[str]:
    """The files that only one folder has, or whose bytes differ."""
    only_one = set(files(left)) ^ set(files(right))
    _, different, unreadable = filecmp.cmpfiles(left, right, set(files(left)) - only_one, shallow=False)
    return sorted([*only_one, *different, *unreadable])


def pins(lock: Path) -> set[str]:
    """`name==version` of what belongs into a layer: nothing for Windows, nor what only the parts left out use."""
    unused = {*layers.KUBERNETES_ASYNC, *(layers.CEL_EXTRAS if lock == layers.REQUIREMENTS else ())}
    pinned = re.findall(r"^([\w.-]+)==([\w.]+) \\$", lock.read_text(), re.MULTILINE)
    return {f"{name}=={version}" for name, version in pinned if name.replace("-", "_") not in unused}


def size(folder: Path) -> int:
    return sum((folder / each).stat().st_size for each in files(folder))


def zipped_size(folder: Path) -> int:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for each in files(folder):
            zipped.write(folder / each, each)
    return len(archive.getvalue())
